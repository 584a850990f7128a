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
//! ```
//!
//! These are the words of a missing loader or interpreter, and the file that they name is there.
//!
//! ## Why
//!
//! The kernel takes everything up to the line feed for the path: `/bin/sh` and a carriage return, which nobody sees.
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

use crate::diagnostic::RuntimeMessage;
use crate::fix::{Edit, Fix};
use crate::launch::Launch;
use crate::lists::Collect;
use crate::needs::{ScriptNeeds, Shebang};
use crate::rules::terminal::{self, Failing};
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, start};
use crate::source::{Location, Span};
use crate::text;
use crate::text::Template;
use crate::tree::Lookup;

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
        Symptom { pattern: "use -[v]S to pass options in shebang lines", speaker: "env" },
    ],
    check: Check::Launch(check),
};

fn check(launch: &Launch<'_>) -> Outcome {
    let Some((script, needs)) = start::script(launch) else { return Outcome::Inapplicable };
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
    found.fixes.extend(line_feeds(launch, needs));
    Outcome::Fail(Box::new(found))
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
fn line_feeds(launch: &Launch<'_>, needs: &ScriptNeeds) -> Option<Fix> {
    /// A longer script is better converted by a tool.
    const MAXIMUM: usize = 2000;
    let text = needs.text.as_deref()?;
    let places: Vec<usize> = text.match_indices("\r\n").map(|(place, _)| place).take(MAXIMUM + 1).collect_vec();
    let edit = |at: &Location, place: usize| {
        let start = at.span.start as usize + place;
        Edit { path: at.path.clone(), span: Span::new(start, start + 1), new_text: String::new() }
    };
    let edits = match start::script_place(launch, needs) {
        Some(at) if places.len() <= MAXIMUM => places.iter().map(|place| edit(&at, *place)).collect_vec(),
        _ => Vec::new(),
    };
    Some(Fix {
        title: text! { en: "use line feeds alone (`eol=lf`)", ja: "改行コードを LF にする（`eol=lf`）" },
        tradeoff: text! {
            en: "none; `*.sh text eol=lf` in `.gitattributes` keeps it so",
            ja: "欠点はありません。`.gitattributes` に `*.sh text eol=lf` と書けば維持されます",
        },
        edits,
    })
}
