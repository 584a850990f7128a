//! # The exec form is not JSON
//!
//! The brackets look like an exec form, but what is in them is not JSON, so the builder takes the whole line for a shell command.
//!
//! ## What happens
//!
//! ```text
//! /bin/sh: [/app]: not found
//! /bin/sh: 1: [/app,: not found
//! /bin/sh: [: missing ]
//! ```
//!
//! ## Why
//!
//! The exec form is a JSON array: words in double quotes, with commas between them.
//! Single quotes, typographic quotes (“ ”), a comma too many or too few make it something else, and the builder does not complain: it runs `/bin/sh -c "['/app']"`, and the shell looks for a program of the name `[/app]`.
//!
//! ## Example
//!
//! ```dockerfile,fails
//! FROM alpine:3.20
//! COPY app /app
//! CMD ['/app']
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
//! Write double quotes, one comma between words, none after the last. It costs nothing.
//! A backslash must be doubled: `["C:\\app.exe"]`.
//!
//! ## When this is wrong
//!
//! A line that starts with the shell's own test, `[ -f /x ] && …`, is meant for the shell; execlens leaves it alone.
//!
//! ## References
//!
//! - Dockerfile reference: "the exec form is parsed as a JSON array"
//! - `docker build --check`: JSONArgsRecommended, InvalidJSON

use crate::diagnostic::{Diagnostic, Effect, RuntimeMessage};
use crate::dockerfile::Command;
use crate::fact::Step;
use crate::fix::Fix;
use crate::launch::{Launch, Program};
use crate::rules::terminal::{self, Failing};
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, lookup, mend, place};
use crate::text;
use crate::text::Template;

pub(super) static RULE: Rule = Rule {
    name: "malformed-exec-form",
    moment: Moment::Engine,
    summary: Template {
        en: "an exec form that is not JSON, and so a shell form",
        ja: "JSON になっていない exec 形式で、シェル形式として扱われます",
    },
    symptoms: &[
        Symptom { pattern: "sh: [{}: not found", speaker: "busybox" },
        Symptom { pattern: "sh: 1: [{}: not found", speaker: "dash" },
        Symptom { pattern: "sh: [: missing ]", speaker: "the shell" },
        Symptom { pattern: "sh: line {}: [{}: No such file or directory", speaker: "bash" },
        Symptom { pattern: "sh: line {}: [{}: command not found", speaker: "bash" },
    ],
    check: Check::Launch(check),
};

fn check(launch: &Launch<'_>) -> Outcome {
    let Some((dockerfile, _, Command::Shell(script))) = place::command(launch) else { return Outcome::Inapplicable };
    let text = script.text.trim();
    // The launch of the shell itself, not of what the shell starts.
    if place::shell_text(launch).is_none() || !is_malformed(text) {
        return Outcome::Inapplicable;
    }
    let message = text! {
        en: "`{text}` is not a JSON array, so a shell runs it as a command",
        ja: "`{text}` は JSON の配列ではないため、シェルのコマンドとして実行されます",
        text: text,
    };
    let mut found = Diagnostic::new(RULE.name, place::of(launch), Effect::StartFails, message);
    found.evidence.push(lookup::executes(launch));
    let claim = text! {
        en: "an exec form needs double quotes and one comma between words; anything else is a shell form",
        ja: "exec 形式には二重引用符と、語の間に 1 つずつのカンマが必要です。それ以外はシェル形式になります",
    };
    found.evidence.push(Step { claim, from: crate::fact::Provenance::Always });
    found.runtime_messages = match &launch.program {
        Program::Missing { .. } => terminal::messages(launch, Failing::NotFound),
        _ => vec![RuntimeMessage {
            engine: "the shell (busybox)",
            text: format!("/bin/sh: {}: not found", first_word(text)),
            exit_code: Some(127),
        }],
    };
    if let Some(words) = meant(text) {
        found.fixes.push(Fix {
            title: text! { en: "write it as JSON", ja: "JSON として書く" },
            tradeoff: text! { en: "none", ja: "欠点はありません" },
            edits: vec![mend::replace(dockerfile, script.span(0, script.text.len()), mend::exec_form(&words))],
        });
    }
    Outcome::Fail(Box::new(found))
}

/// Double quotes as word processors write them, and single ones.
const QUOTES: [char; 7] = ['\'', '"', '“', '”', '‘', '’', '„'];

/// Whether a shell form was meant as an exec form: it opens a bracket right before a quote or closes one at the end, and
/// is no test of the shell's.
fn is_malformed(text: &str) -> bool {
    let Some(inner) = text.strip_prefix('[') else { return false };
    let quoted = inner.trim_start().starts_with(QUOTES);
    // `[ "$X" = y ] && …` tests; `["$X", …` does not.
    let tests = inner.starts_with([' ', '['])
        && ["] &&", "] ||", "];", "] ;", " = ", " == ", " -eq "].iter().any(|sign| text.contains(sign));
    (quoted || (text.ends_with(']') && text.contains(','))) && !tests
}

/// The first word that the shell sees, its quotes taken off.
fn first_word(text: &str) -> String {
    let word = text.split_whitespace().next().unwrap_or_default();
    word.chars().filter(|c| !matches!(c, '\'' | '"')).collect()
}

/// The words that were meant; `None` when that is a guess.
fn meant(text: &str) -> Option<Vec<String>> {
    let inner = text.strip_prefix('[')?.trim_end();
    let inner = inner.strip_suffix(']').unwrap_or(inner);
    let mut words = Vec::new();
    let mut rest = inner.trim();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(QUOTES) {
            let end = after.find(QUOTES)?;
            words.push(after[..end].replace("\\\\", "\\"));
            rest = after[end..].trim_start_matches(QUOTES);
        } else {
            let end = rest.find(',').unwrap_or(rest.len());
            let word = rest[..end].trim();
            // A bare word with blanks in it may be one argument or several.
            if word.is_empty() || word.contains(char::is_whitespace) {
                return None;
            }
            words.push(word.to_owned());
            rest = &rest[end..];
        }
        rest = rest.trim_start().trim_start_matches(',').trim_start();
    }
    (!words.is_empty()).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_told_from_the_shells_own_tests() {
        for (text, words) in [
            ("['/app']", Some(vec!["/app"])),
            ("[ 'npm', 'start' ]", Some(vec!["npm", "start"])),
            ("[\"a\" \"b\"]", Some(vec!["a", "b"])),
            ("[\"a\", \"b\",]", Some(vec!["a", "b"])),
            ("[“/app”]", Some(vec!["/app"])),
            ("[\"a\", \"b\"", Some(vec!["a", "b"])),
            ("[/app, -v]", Some(vec!["/app", "-v"])),
        ] {
            assert!(is_malformed(text), "{text}");
            assert_eq!(meant(text), words.map(|words| words.into_iter().map(str::to_owned).collect()), "{text}");
        }
        for text in ["[ -f /x ] && /app", "[ \"$A\" = b ] && c", "[[ -n \"$A\" ]]; /app", "/app [x]", "[ -x /app ]"] {
            assert!(!is_malformed(text), "{text}");
        }
    }
}
