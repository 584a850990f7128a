//! # A whole command in one string
//!
//! An exec form holds the program and its arguments as one word, so a program of that long name is looked for.
//!
//! ## What happens
//!
//! ```text
//! exec: "/app --port 8080": stat /app --port 8080: no such file or directory
//! exec: "npm start": executable file not found in $PATH
//! ```
//!
//! ## Why
//!
//! Each element of an exec form is one word for the program; blanks inside it are kept.
//! Only a shell cuts a line into words, and the exec form has none.
//!
//! ## Example
//!
//! ```dockerfile,fails
//! FROM alpine:3.20
//! COPY app /app
//! CMD ["/app --port 8080"]
//! ```
//!
//! ```dockerfile,starts
//! FROM alpine:3.20
//! COPY app /app
//! CMD ["/app", "--port", "8080"]
//! ```
//!
//! ## What to do
//!
//! 1. Write each word as an element of its own. It costs nothing.
//! 2. Or write the shell form, `CMD /app --port 8080`, if a shell shall expand variables. The image needs a shell then.
//!
//! ## When this is wrong
//!
//! If a file of that very name, blanks and all, is in the image, it is found, and nothing is reported.
//!
//! ## References
//!
//! - Dockerfile reference: exec form

use crate::diagnostic::{Diagnostic, Effect, RuntimeMessage};
use crate::dockerfile::{Command, Spanned};
use crate::fact::{Provenance, Step};
use crate::fix::Fix;
use crate::launch::{Launch, Program};
use crate::lists::Collect;
use crate::rules::terminal::{self, Failing};
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, lookup, mend, place};
use crate::text;
use crate::text::Template;

pub(super) static RULE: Rule = Rule {
    name: "command-in-one-string",
    moment: Moment::Engine,
    summary: Template {
        en: "a whole command line as one exec element",
        ja: "コマンド全体が exec 形式の 1 つの要素になっています",
    },
    symptoms: &[
        Symptom { pattern: "exec: \"{} {}\": stat {}: no such file or directory", speaker: "runc" },
        Symptom { pattern: "exec: \"{} {}\": executable file not found in $PATH", speaker: "runc" },
        Symptom { pattern: "executable file `{} {}` not found", speaker: "crun" },
    ],
    check: Check::Launch(check),
};

fn check(launch: &Launch<'_>) -> Outcome {
    if let Some((option, said)) = glued_option(launch) {
        return Outcome::Fail(Box::new(takes_whole(launch, option, said)));
    }
    // Nobody names a file after a command line, so what else is in the image does not matter.
    let (Program::Missing { name, .. } | Program::Unknown { name, .. }) = &launch.program else {
        return Outcome::Inapplicable;
    };
    if !name.trim().contains(char::is_whitespace) || name.contains(crate::word::UNKNOWN) {
        return Outcome::Inapplicable;
    }
    let message = text! {
        en: "`{name}` is one word of an exec form, so a program of that whole name is looked for",
        ja: "`{name}` は exec 形式の 1 語なので、この名前全体のプログラムが探されます",
        name: name,
    };
    let mut found = Diagnostic::new(RULE.name, place::of(launch), Effect::StartFails, message);
    found.evidence.push(lookup::executes(launch));
    found.evidence.push(not_split());
    let failing = if name.contains('/') { Failing::NotFound } else { Failing::NotInPath };
    found.runtime_messages = terminal::messages(launch, failing);
    found.fixes.extend(split(launch, name));
    found.fixes.extend(through_shell(launch, name));
    Outcome::Fail(Box::new(found))
}

/// An option and its value in one word, which these runtimes take for an option of that whole name; with what they say.
fn glued_option<'l>(launch: &'l Launch<'_>) -> Option<(&'l Spanned<String>, RuntimeMessage)> {
    let (_, _, Command::Exec { words, .. }) = place::command(launch)? else { return None };
    let name = launch.found()?.path.rsplit('/').next()?.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let is_glued = |word: &str| match name {
        "java" => ["-jar ", "-cp ", "-classpath "].iter().any(|option| word.starts_with(option)),
        "python" => word.starts_with("-m "),
        "node" => word.starts_with("--") && word.split('=').next().is_some_and(|option| option.contains(' ')),
        _ => false,
    };
    // What stands after a script's name is the script's own.
    let at = words.iter().skip(1).take_while(|word| word.value.starts_with('-')).find(|word| is_glued(&word.value))?;
    let word = &at.value;
    let (engine, text, code) = match name {
        "java" => {
            ("Java", format!("Unrecognized option: {word}\nError: Could not create the Java Virtual Machine."), 1)
        }
        "python" => ("Python", format!("No module named '{}'", &word[2..]), 1),
        _ => ("Node.js", format!("node: bad option: {word}"), 9),
    };
    Some((at, RuntimeMessage { engine, text, exit_code: Some(code) }))
}

fn takes_whole(launch: &Launch<'_>, option: &Spanned<String>, said: RuntimeMessage) -> Diagnostic {
    let (program, word) = (launch.name(), &option.value);
    let message = text! {
        en: "`{word}` is one word of an exec form, so `{program}` takes it for one option of that name",
        ja: "`{word}` は exec 形式の 1 語なので、`{program}` はこれを 1 つのオプションとして扱います",
        word: word, program: program,
    };
    let mut found = Diagnostic::new(RULE.name, place::of(launch), Effect::StartFails, message);
    found.evidence.push(lookup::executes(launch));
    found.evidence.push(not_split());
    found.runtime_messages.push(said);
    found.fixes.extend(split(launch, word));
    found
}

fn not_split() -> Step {
    let claim = text! {
        en: "an exec form is not split at blanks",
        ja: "exec 形式は空白で分割されません",
    };
    Step { claim, from: Provenance::Always }
}

/// One element per word.
fn split(launch: &Launch<'_>, name: &str) -> Option<Fix> {
    let (dockerfile, _, Command::Exec { words, .. }) = place::command(launch)? else { return None };
    let word = words.iter().find(|word| word.value == name)?;
    let parts: Vec<_> = mend::plain_words(name)?.iter().map(|word| mend::json_string(word)).collect_vec();
    Some(Fix {
        title: text! { en: "make each word an element", ja: "語ごとに要素を分ける" },
        tradeoff: text! { en: "none", ja: "欠点はありません" },
        edits: vec![mend::replace(dockerfile, word.span, parts.join(", "))],
    })
}

/// A shell to cut the line and to expand what is in it, where the image has one.
fn through_shell(launch: &Launch<'_>, name: &str) -> Option<Fix> {
    let (dockerfile, _, Command::Exec { words, span }) = place::command(launch)? else { return None };
    let has_shell = matches!(launch.image.tree.lookup("/bin/sh"), crate::tree::Lookup::Found { .. });
    if words.len() != 1 || !has_shell {
        return None;
    }
    Some(Fix {
        title: text! { en: "let a shell run the line", ja: "シェルに実行させる" },
        tradeoff: text! {
            en: "the shell is the container's first process; write `exec` before the program so that it receives the stop signal",
            ja: "シェルがコンテナーの最初のプロセスになります。停止シグナルを届けるには、プログラムの前に `exec` を書いてください",
        },
        edits: vec![mend::replace(dockerfile, *span, mend::exec_form(&["sh", "-c", name]))],
    })
}
