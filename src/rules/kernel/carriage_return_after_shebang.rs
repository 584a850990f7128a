//! # A carriage return after `#!`
//!
//! The script has Windows line ends, so the kernel looks for an interpreter whose name ends in a carriage return.
//!
//! ## What happens
//!
//! ```text
//! exec /entrypoint.sh: no such file or directory
//! standard_init_linux.go:228: exec user process caused: no such file or directory
//! env: 'sh\r': No such file or directory
//! env: use -[v]S to pass options in shebang lines
//! /entrypoint.sh: line 2: $'\r': command not found
//! ```
//!
//! These are the words of a missing loader or interpreter, and the file that they name is there.
//!
//! ## Why
//!
//! The kernel takes everything up to the line feed for the path: `/bin/sh` and a carriage return, which nobody sees.
//! A shell that is given the script (`bash /entrypoint.sh`) reads no `#!`, and takes the carriage return for a part of the last word of each line.
//! Git on Windows writes such line ends on checkout when `core.autocrlf` is on.
//!
//! ## Example
//!
//! ```dockerfile,fails
//! FROM alpine:3.19
//! RUN printf '#!/bin/sh\r\nexec sleep 1\r\n' > /entrypoint.sh && chmod +x /entrypoint.sh
//! ENTRYPOINT ["/entrypoint.sh"]
//! ```
//!
//! ```dockerfile,starts
//! FROM alpine:3.19
//! RUN printf '#!/bin/sh\nexec sleep 1\n' > /entrypoint.sh && chmod +x /entrypoint.sh
//! ENTRYPOINT ["/entrypoint.sh"]
//! ```
//!
//! ## What to do
//!
//! 1. Write `*.sh text eol=lf` into `.gitattributes` and check the script out again. It costs nothing.
//! 2. Or strip them in the build: `RUN sed -i 's/\r$//' /entrypoint.sh`.
//!
//! ## When this is wrong
//!
//! When the build context that was dropped is not the one that is built: a checkout on Linux has other line ends.
//!
//! ## References
//!
//! - Linux, `fs/binfmt_script.c`
//! - gitattributes(5), `eol`

use crate::diagnostic::{Diagnostic, Effect, RuntimeMessage};
use crate::fact::Step;
use crate::fix::{Edit, Fix};
use crate::launch::{Caller, Launch};
use crate::lists::Collect;
use crate::needs::Shebang;
use crate::rules::terminal::{self, Failing};
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, lookup, start};
use crate::source::{Location, Span};
use crate::text;
use crate::text::Template;
use crate::tree::{Content, Lookup, Node, normalize};
use crate::word::Word;

pub(super) static RULE: Rule = Rule {
    name: "carriage-return-after-shebang",
    moment: Moment::Kernel,
    summary: Template {
        en: "a script with Windows line ends, whose interpreter's name ends in a carriage return",
        ja: "改行コードが CRLF のスクリプトで、インタープリター名の末尾に CR が付いています",
    },
    symptoms: &[
        Symptom { pattern: "exec {}: no such file or directory", speaker: "runc" },
        Symptom { pattern: "exec user process caused: no such file or directory", speaker: "runc" },
        Symptom {
            pattern: "exec container process (missing dynamic library?) `{}`: No such file or directory",
            speaker: "crun",
        },
        Symptom { pattern: "env: '{}\\r': No such file or directory", speaker: "env" },
        Symptom { pattern: "{}^M: bad interpreter", speaker: "bash" },
        Symptom { pattern: "$'\\r': command not found", speaker: "bash" },
        Symptom { pattern: "use -[v]S to pass options in shebang lines", speaker: "env" },
    ],
    check: Check::Launch(check),
};

fn check(launch: &Launch<'_>) -> Outcome {
    let Some((script, needs)) = start::script(launch) else {
        return given_to_shell(launch).map_or(Outcome::Inapplicable, |found| Outcome::Fail(Box::new(found)));
    };
    let Some(shebang) = &needs.shebang.value else { return Outcome::Inapplicable };
    if !ends_in_return(shebang) {
        return Outcome::Pass(Vec::new());
    }
    // Some people do put a link named `sh\r` there.
    if shebang.interpreter.ends_with('\r')
        && matches!(launch.image.tree.lookup(&shebang.interpreter), Lookup::Found { .. })
    {
        return Outcome::Pass(Vec::new());
    }
    let message = text! {
        en: "`{script}` has Windows line ends, so its `#!` line names `{interpreter}\\r`",
        ja: "`{script}` の改行コードが CRLF のため、`#!` 行が `{interpreter}\\r` を指定しています",
        script: &script.path, interpreter: plain(shebang),
    };
    let mut found = start::finding(&RULE, launch, message);
    let claim = text! {
        en: "the first line of `{script}` ends in a carriage return, which the kernel takes for a part of the name",
        ja: "`{script}` の 1 行目は CR で終わっており、カーネルはそれを名前の一部とみなします",
        script: &script.path,
    };
    found.evidence.push(start::step(claim, &needs.shebang.from));
    found.runtime_messages = messages(launch, shebang);
    let place = start::script_place(launch, needs);
    found.fixes.extend(needs.text.as_deref().map(|text| line_feeds(text, place.as_ref())));
    Outcome::Fail(Box::new(found))
}

/// A script that a shell is given to read: `bash /entrypoint.sh`. Nothing reads its first line, and all others end in a word
/// that has the carriage return in it.
fn given_to_shell(launch: &Launch<'_>) -> Option<Diagnostic> {
    let shell = launch.found()?.path.rsplit('/').next()?.to_owned();
    if !matches!(shell.as_str(), "sh" | "ash" | "bash" | "dash") || matches!(launch.caller, Caller::Kernel { .. }) {
        return None;
    }
    let mut operands = launch.argv.iter().skip(1).map(Word::pattern);
    // Behind `-c` stands the script itself, and behind `-o` an option's name.
    let operand = operands.find(|word| !word.starts_with('-') || word.contains(['c', 'o', 's']))?;
    let Lookup::Found { entry, path } = launch.image.tree.lookup(&normalize(&launch.working_directory, &operand))
    else {
        return None;
    };
    let Node::File(Content::Bytes(bytes)) = &entry.node else { return None };
    let text = std::str::from_utf8(bytes).ok()?;
    let is_command = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let mut commands = text.split_inclusive('\n').filter(|line| line.ends_with("\r\n")).filter(is_command).peekable();
    commands.peek()?;
    // A reserved word that has a carriage return in it is none, and what it opened is never closed.
    let is_reserved = |line: &str| {
        let last = line.trim_end().rsplit([' ', '\t', ';']).next().unwrap_or_default();
        matches!(last, "then" | "do" | "else" | "fi" | "done" | "esac" | "{" | "}" | "in")
    };
    let effect = if commands.any(is_reserved) { Effect::StartFails } else { Effect::FailsLater };
    let message = text! {
        en: "`{script}` has Windows line ends, which `{shell}` takes for a part of the words",
        ja: "`{script}` の改行コードが CRLF で、`{shell}` は CR を語の一部とみなします",
        script: &path, shell: &shell,
    };
    let mut found = Diagnostic::new(RULE.name, start::place(launch), effect, message);
    found.evidence.push(lookup::executes(launch));
    let claim = text! { en: "lines of `{script}` end in a carriage return", ja: "`{script}` の行が CR で終わっています", script: &path };
    found.evidence.push(Step { claim, from: entry.from.clone() });
    let said = match shell.as_str() {
        "bash" => format!("{operand}: line 2: $'\\r': command not found"),
        _ => format!("{operand}: 2: \r: not found"),
    };
    found.runtime_messages.push(RuntimeMessage { engine: "the shell", text: said, exit_code: None });
    let at = start::places(&entry.from)
        .into_iter()
        .find(|at| launch.build.is_none_or(|build| at.path != build.dockerfile.path));
    found.fixes.push(line_feeds(text, at));
    Some(found)
}

/// The last word of the line ends in a carriage return: the path, or the argument that the interpreter gets.
fn ends_in_return(shebang: &Shebang) -> bool {
    shebang.argument.as_ref().unwrap_or(&shebang.interpreter).ends_with('\r')
}

fn plain(shebang: &Shebang) -> &str {
    shebang.argument.as_ref().unwrap_or(&shebang.interpreter).trim_end_matches('\r')
}

fn messages(launch: &Launch<'_>, shebang: &Shebang) -> Vec<RuntimeMessage> {
    let Some(argument) = &shebang.argument else { return terminal::messages(launch, Failing::InterpreterMissing) };
    let argument = argument.trim_end_matches('\r');
    let message = |engine, text, code| RuntimeMessage { engine, text, exit_code: Some(code) };
    if shebang.interpreter.ends_with("/env") {
        return vec![
            message("env (coreutils)", format!("/usr/bin/env: '{argument}\\r': No such file or directory"), 127),
            message("env (busybox)", format!("env: can't execute '{argument}\r': No such file or directory"), 127),
        ];
    }
    vec![message("the interpreter", format!("{}: Illegal option -\\r", shebang.interpreter), 2)]
}

/// Takes every carriage return before a line feed out of the script.
fn line_feeds(text: &str, at: Option<&Location>) -> Fix {
    /// A longer script is better converted by a tool.
    const MAXIMUM: usize = 2000;
    let places: Vec<usize> = text.match_indices("\r\n").map(|(place, _)| place).take(MAXIMUM + 1).collect_vec();
    let edit = |at: &Location, place: usize| {
        let start = at.span.start as usize + place;
        Edit { path: at.path.clone(), span: Span::new(start, start + 1), new_text: String::new() }
    };
    let edits = match at {
        Some(at) if places.len() <= MAXIMUM => places.iter().map(|place| edit(at, *place)).collect_vec(),
        _ => Vec::new(),
    };
    Fix {
        title: text! { en: "use line feeds alone (`eol=lf`)", ja: "改行コードを LF にする（`eol=lf`）" },
        tradeoff: text! {
            en: "none; `*.sh text eol=lf` in `.gitattributes` keeps it so",
            ja: "欠点はありません。`.gitattributes` に `*.sh text eol=lf` と書けば維持されます",
        },
        edits,
    }
}
