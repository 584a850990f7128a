//! # Nothing expands variables in an exec form
//!
//! An exec form holds a variable or an operator of the shell, and no shell is there to act on it.
//!
//! ## What happens
//!
//! ```text
//! exec: "$APP": executable file not found in $PATH
//! exec: "${APP_HOME}/run": stat ${APP_HOME}/run: no such file or directory
//! ```
//!
//! A runtime takes the text for the file or the class that it is to run, or a server for its port:
//!
//! ```text
//! Error: Could not find or load main class $JAVA_OPTS
//! Error: '$PORT' is not a valid port number.
//! ```
//!
//! Other programs start, and receive the text `$NAME` in place of the value, or `'value'` with its quotes.
//!
//! ## Why
//!
//! The engine passes the words of an exec form to the program as they are.
//! `$NAME`, `&&`, `|`, `>` and quotes inside a word mean something only to a shell.
//!
//! ## Example
//!
//! ```dockerfile,fails
//! FROM alpine:3.20
//! ENV APP=/app
//! COPY app /app
//! CMD ["$APP"]
//! ```
//!
//! ```dockerfile,starts
//! FROM alpine:3.20
//! COPY app /app
//! CMD ["/app"]
//! ```
//!
//! ## What to do
//!
//! 1. Write the value itself.
//! 2. Or let a shell do it: `CMD ["sh", "-c", "exec \"$APP\""]`. The image needs a shell; with `exec` the program still receives the stop signal.
//!
//! ## When this is wrong
//!
//! Some programs expand such words themselves (nginx, for one, reads `$uri`); where it is not known that the program stops at such an argument, this is a warning.
//!
//! ## References
//!
//! - Dockerfile reference: "the exec form does not invoke a command shell"

use super::program_missing::said_by;
use crate::diagnostic::{Diagnostic, Effect, RuntimeMessage};
use crate::dockerfile::{Command, Spanned};
use crate::fact::{Provenance, Step};
use crate::fix::Fix;
use crate::launch::{Caller, Launch, Program, SERVERS};
use crate::lists::{Collect, is_one_of};
use crate::needs::Needs;
use crate::rules::terminal::{self, Failing};
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, lookup, mend, place};
use crate::text;
use crate::text::Template;

pub(super) static RULE: Rule = Rule {
    name: "unexpanded-exec-form",
    moment: Moment::Engine,
    summary: Template {
        en: "variables or shell operators in an exec form",
        ja: "exec 形式に変数やシェルの演算子があります",
    },
    symptoms: &[
        Symptom { pattern: "exec: \"{}${}\": executable file not found in $PATH", speaker: "runc" },
        Symptom { pattern: "exec: \"{}${}\": stat {}: no such file or directory", speaker: "runc" },
        Symptom { pattern: "executable file `{}${}` not found", speaker: "crun" },
        Symptom { pattern: "Could not find or load main class ${}", speaker: "Java" },
        Symptom { pattern: "'${}' is not a valid port number", speaker: "gunicorn" },
        Symptom { pattern: "'${}' is not a valid integer", speaker: "Python" },
    ],
    check: Check::Launch(check),
};

fn check(launch: &Launch<'_>) -> Outcome {
    let Some((_, _, Command::Exec { words, .. })) = place::command(launch) else { return Outcome::Inapplicable };
    // Entrypoint scripts and wrappers hand words on as they are.
    if let Some(word) = words.iter().find(|word| is_refused(launch, &word.value)) {
        let mut found = passes_on(launch, words, word);
        found.effect = Effect::StartFails;
        found.runtime_messages.extend(refusal(launch, &word.value));
        return Outcome::Fail(Box::new(found));
    }
    if launch.caller != Caller::Engine {
        return Outcome::Inapplicable;
    }
    let Some(program) = words.first() else { return Outcome::Inapplicable };
    // ENTRYPOINT and CMD may both be there; the program is the entrypoint's first word.
    let is_program = launch.argv.first().and_then(|word| word.known()).is_some_and(|word| word == program.value);
    // Nobody names a file after a variable, so what else is in the image does not matter.
    let absent = matches!(launch.program, Program::Missing { .. } | Program::Unknown { .. });
    if is_program && variable_in(&program.value).is_some() && absent {
        return Outcome::Fail(Box::new(names_variable(launch, words, program)));
    }
    let arguments = if is_program { &words[1..] } else { &words[..] };
    if expands_itself(launch) {
        return Outcome::Inapplicable;
    }
    if let Some(word) = arguments.iter().find(|word| is_for_a_shell(launch, &word.value)) {
        return Outcome::Fail(Box::new(passes_on(launch, words, word)));
    }
    match arguments.iter().find_map(|word| Some((word, unquoted(&word.value)?))) {
        Some((word, inner)) => Outcome::Fail(Box::new(keeps_quotes(launch, word, inner))),
        None => Outcome::Inapplicable,
    }
}

/// Options of Java that are numbers, and what it says of a value that is none (HotSpot,
/// `src/hotspot/share/runtime/arguments.cpp`).
const SIZES: [(&str, &str); 6] = [
    ("-Xmx", "Invalid maximum heap size: "),
    ("-Xms", "Invalid initial heap size: "),
    ("-Xmn", "Invalid initial young generation size: "),
    ("-Xss", "Invalid thread stack size: "),
    ("-XX:MaxRAMPercentage=", "Improperly specified VM option "),
    ("-XX:MaxMetaspaceSize=", "Improperly specified VM option "),
];

/// Whether a runtime stops at a variable that nobody expanded: it takes it for the file or the class to run, or for a number.
fn is_refused(launch: &Launch<'_>, word: &str) -> bool {
    let is_file = || launch.operand.as_ref().is_some_and(|operand| operand.name == word);
    let is_size = || program(launch) == "java" && SIZES.iter().any(|(option, _)| word.starts_with(option));
    variable_in(word).is_some() && (is_file() || is_size() || is_port(launch, word))
}

/// Servers of Python that stop at a port that is no number: gunicorn (`gunicorn/util.py`, `parse_address`), and those whose
/// options click or argparse reads.
const LISTENERS: [&str; 7] = ["daphne", "flask", "gunicorn", "hypercorn", "streamlit", "uvicorn", "waitress-serve"];

/// What stands for the port in an address, or in the option that sets it.
fn port(word: &str) -> &str {
    word.rsplit([':', '=']).next().unwrap_or_default()
}

/// Whether a word is the port that such a server is to listen on, or the address with it.
///
/// A host that is a variable is no host: gunicorn looks it up in vain (`gunicorn/sock.py`, `create_sockets`).
fn is_port(launch: &Launch<'_>, word: &str) -> bool {
    const OPTIONS: [&str; 6] = ["-p", "--port", "-b", "--bind", "--listen", "--server.port"];
    if variable_in(port(word)).is_none() && program(launch) != "gunicorn" {
        return false;
    }
    let words: Vec<_> = launch.argv.iter().map(crate::word::Word::pattern).collect_vec();
    let module = words.iter().position(|word| word == "-m").and_then(|at| words.get(at + 1));
    if ![Some(program(launch)), module.map(String::as_str)].into_iter().flatten().any(|name| LISTENERS.contains(&name))
    {
        return false;
    }
    let follows = words.windows(2).any(|pair| OPTIONS.contains(&pair[0].as_str()) && pair[1] == word);
    follows || word.split_once('=').is_some_and(|(option, _)| OPTIONS.contains(&option))
}

/// What a runtime says of it.
fn refusal(launch: &Launch<'_>, word: &str) -> Option<RuntimeMessage> {
    let runtime = program(launch);
    if let Some((_, says)) = SIZES.iter().find(|(option, _)| word.starts_with(option)) {
        return Some(RuntimeMessage { engine: "Java", text: format!("{says}{word}"), exit_code: Some(1) });
    }
    if is_port(launch, word) {
        let port = port(word);
        let host = word.strip_suffix(port).unwrap_or_default().trim_end_matches(':');
        let host = host.rsplit('=').next().unwrap_or_default().to_lowercase();
        let text = match program(launch) {
            "gunicorn" if variable_in(port).is_none() => format!("[ERROR] Can't connect to ('{host}', {port})"),
            "gunicorn" => format!("Error: '{port}' is not a valid port number."),
            _ => format!("Error: Invalid value for '--port': '{port}' is not a valid integer."),
        };
        return Some(RuntimeMessage { engine: "Python", text, exit_code: Some(1) });
    }
    let path = &launch.operand.as_ref()?.path;
    let mut behind = launch.argv.iter().skip_while(|word| word.known().as_deref() != Some("-jar")).skip(1);
    let is_archive = behind.next().and_then(|next| next.known()).is_some_and(|next| next == word);
    if runtime == "java" && !is_archive {
        let text = format!("Error: Could not find or load main class {word}");
        return Some(RuntimeMessage { engine: "Java", text, exit_code: Some(1) });
    }
    Some(said_by(runtime, word, path))
}

/// The name of the program, without its directory.
fn program<'l>(launch: &'l Launch<'_>) -> &'l str {
    launch.name().rsplit('/').next().unwrap_or_default()
}

/// What stands inside quotes that only a shell would take away: `'app:create()'`.
fn unquoted(word: &str) -> Option<&str> {
    let inner = word.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    let inner = inner.or_else(|| word.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')));
    inner.filter(|inner| !inner.is_empty() && !inner.contains(['\'', '"']))
}

fn keeps_quotes(launch: &Launch<'_>, word: &Spanned<String>, inner: &str) -> Diagnostic {
    let argument = &word.value;
    let message = text! {
        en: "the program receives `{argument}` with its quotes: no shell takes them away in an exec form",
        ja: "`{argument}` は引用符が付いたままプログラムに渡されます（exec 形式では取り除かれません）",
        argument: argument,
    };
    // A server of Python imports the module before the colon, whose name then begins with a quote.
    let is_module = SERVERS.contains(&program(launch)) && inner.contains(':');
    let effect = if is_module { Effect::StartFails } else { Effect::FailsLater };
    let mut found = Diagnostic::new(RULE.name, place::of(launch), effect, message);
    found.evidence.push(lookup::executes(launch));
    found.evidence.push(no_shell());
    if is_module {
        found.runtime_messages.push(said_by(program(launch), argument, argument));
    } else {
        let condition =
            text! { en: "the program does not expect quotes there", ja: "プログラムがそこに引用符を期待していない" };
        let claim = text! { en: "the program expects no quotes", ja: "プログラムは引用符を期待していません" };
        found.evidence.push(Step { claim, from: Provenance::assumed(condition, Vec::new()) });
    }
    found.fixes.extend(place::command(launch).map(|(dockerfile, ..)| Fix {
        title: text! { en: "write `{inner}` without the inner quotes", ja: "内側の引用符を除いて `{inner}` と書く", inner: inner },
        tradeoff: text! { en: "none", ja: "欠点はありません" },
        edits: vec![mend::replace(dockerfile, word.span, mend::json_string(inner))],
    }));
    found
}

/// Programs to which such a word means something: shells, and what takes patterns or configuration.
fn expands_itself(launch: &Launch<'_>) -> bool {
    const PROGRAMS: [&str; 16] = [
        "sh", "bash", "ash", "dash", "zsh", "busybox", "env", "nginx", "awk", "sed", "find", "expr", "test",
        "envsubst", "perl", "make",
    ];
    let name = launch.argv.first().and_then(|word| word.known()).unwrap_or_default().into_owned();
    let name = name.rsplit('/').next().unwrap_or_default();
    // A shell's script may do with its arguments what it likes, evaluate them included.
    let script = launch.found().is_some_and(|found| match &found.needs {
        Needs::Script(script) => script.shebang.value.as_ref().is_none_or(|line| is_shell(&line.interpreter)),
        _ => false,
    });
    PROGRAMS.contains(&name) || name.ends_with(".sh") || script
}

/// Whether a script's interpreter is a shell, or may be one (`/usr/bin/env`).
fn is_shell(interpreter: &str) -> bool {
    let name = interpreter.rsplit('/').next().unwrap_or_default();
    name.ends_with("sh") || name == "env" || name == "with-contenv" || name == "execlineb"
}

/// A word that a shell would have replaced: a variable that the image sets, or an operator.
fn is_for_a_shell(launch: &Launch<'_>, word: &str) -> bool {
    let operator = is_one_of(word, "&& || | ; > >> < 2>&1 &");
    let set =
        |name: &str| launch.config.variable(name).is_some() || matches!(name, "PORT" | "HOME" | "HOSTNAME" | "PWD");
    operator || variable_in(word).is_some_and(set)
}

fn names_variable(launch: &Launch<'_>, words: &[Spanned<String>], program: &Spanned<String>) -> Diagnostic {
    let word = &program.value;
    let message = text! {
        en: "the program is named `{word}`, and nothing expands a variable in an exec form",
        ja: "プログラム名が `{word}` ですが、exec 形式の変数は展開されません",
        word: word,
    };
    let mut found = Diagnostic::new(RULE.name, place::of(launch), Effect::StartFails, message);
    found.evidence.push(lookup::executes(launch));
    found.evidence.push(no_shell());
    let failing = if word.contains('/') { Failing::NotFound } else { Failing::NotInPath };
    found.runtime_messages = terminal::messages(launch, failing);
    if let Some(value) = expanded(launch, word) {
        found.fixes.extend(write_value(launch, program, &value));
    }
    found.fixes.extend(through_shell(launch, words));
    found
}

fn passes_on(launch: &Launch<'_>, words: &[Spanned<String>], word: &Spanned<String>) -> Diagnostic {
    let argument = &word.value;
    let message = text! {
        en: "the program receives `{argument}` as it is: nothing expands it in an exec form",
        ja: "`{argument}` はそのままプログラムに渡されます（exec 形式では展開されません）",
        argument: argument,
    };
    let mut found = Diagnostic::new(RULE.name, place::of(launch), Effect::FailsLater, message);
    found.evidence.push(lookup::executes(launch));
    found.evidence.push(no_shell());
    if let Some(value) = expanded(launch, argument) {
        found.fixes.extend(write_value(launch, word, &value));
    }
    found.fixes.extend(through_shell(launch, words));
    found
}

fn no_shell() -> Step {
    let claim = text! {
        en: "an exec form is passed on word by word, without a shell",
        ja: "exec 形式はシェルを通さず、語のまま渡されます",
    };
    Step { claim, from: Provenance::Always }
}

fn write_value(launch: &Launch<'_>, word: &Spanned<String>, value: &str) -> Option<Fix> {
    let (dockerfile, ..) = place::command(launch)?;
    Some(Fix {
        title: text! { en: "write the value, `{value}`", ja: "値 `{value}` を直接書く", value: value },
        tradeoff: text! {
            en: "a variable that is set at run time no longer changes it",
            ja: "実行時に設定した変数では変えられなくなります",
        },
        edits: vec![mend::replace(dockerfile, word.span, mend::json_string(value))],
    })
}

/// `["sh", "-c", "exec …"]`, where the image has a shell.
fn through_shell(launch: &Launch<'_>, words: &[Spanned<String>]) -> Option<Fix> {
    let (dockerfile, _, Command::Exec { span, .. }) = place::command(launch)? else { return None };
    if !matches!(launch.image.tree.lookup("/bin/sh"), crate::tree::Lookup::Found { .. }) {
        return None;
    }
    let operators = words.iter().any(|word| is_one_of(&word.value, "&& || | ; &"));
    let script: Vec<_> = words.iter().map(|word| word.value.as_str()).collect_vec();
    let script = if operators { script.join(" ") } else { format!("exec {}", script.join(" ")) };
    Some(Fix {
        title: text! { en: "let a shell expand it", ja: "シェルに展開させる" },
        tradeoff: text! {
            en: "the image needs a shell, and words are split at blanks in the variable's value",
            ja: "イメージにシェルが必要です。変数の値に空白があると、そこで語が分かれます",
        },
        edits: vec![mend::replace(dockerfile, *span, mend::exec_form(&["sh", "-c", &script]))],
    })
}

/// The variable that a word holds: `$NAME` or `${NAME}`.
fn variable_in(word: &str) -> Option<&str> {
    let (_, after) = word.split_once('$')?;
    let after = after.strip_prefix('{').unwrap_or(after);
    let end = after.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(after.len());
    let name = &after[..end];
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_').then_some(name)
}

/// The word with its variable replaced by the image's own value.
fn expanded(launch: &Launch<'_>, word: &str) -> Option<String> {
    let name = variable_in(word)?;
    let value = launch.config.variable(name)?;
    let plain = word.replace(&format!("${{{name}}}"), value).replace(&format!("${name}"), value);
    (!plain.contains('$')).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_told_from_other_dollars() {
        for (word, name) in [
            ("$APP", Some("APP")),
            ("${A_1}/x", Some("A_1")),
            ("a$", None),
            ("$1", None),
            ("--p=$P", Some("P")),
            ("x", None),
        ] {
            assert_eq!(variable_in(word), name, "{word}");
        }
    }
}
