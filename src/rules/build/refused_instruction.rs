//! # The builder refuses the Dockerfile
//!
//! An instruction is written in a way that the builder does not accept.
//!
//! ## What happens
//!
//! The build stops before anything is run:
//!
//! ```text
//! ERROR: failed to solve: dockerfile parse error on line 3: unknown instruction: COPPY
//! Dockerfile:3
//! failed to process "${A:?}": A: parameter not set
//! ```
//!
//! ## Why
//!
//! The builder reads the whole file first. A misspelt instruction, a flag that it does not know, a value that it cannot take or a here-document without an end stops it there.
//!
//! ## Example
//!
//! ```dockerfile,fails
//! FROM alpine:3.20
//! COPPY app /app
//! CMD ["sh"]
//! ```
//!
//! ```dockerfile,starts
//! FROM alpine:3.20
//! COPY app /app
//! CMD ["sh"]
//! ```
//!
//! ## What to do
//!
//! Correct the instruction. The finding says what the builder does not accept.
//!
//! ## When this is wrong
//!
//! A `# syntax=` line can choose a frontend that knows more than the one that execlens follows.
//!
//! ## References
//!
//! - Dockerfile reference
//! - BuildKit, `frontend/dockerfile`

use super::unknown_stage;
use crate::build::{Build, Event, EventKind};
use crate::diagnostic::{Diagnostic, Effect};
use crate::dockerfile::{Dockerfile, Kind};
use crate::fact::{Provenance, Step};
use crate::fix::Fix;
use crate::lists::{self, Collect};
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, events, mend, place};
use crate::source::{Location, Span};
use crate::text;
use crate::text::{Template, Text};

pub(super) static RULE: Rule = Rule {
    name: "refused-instruction",
    moment: Moment::Build,
    summary: Template {
        en: "an instruction that the builder does not accept", ja: "ビルダーが受け付けない命令です"
    },
    symptoms: &[
        Symptom { pattern: "dockerfile parse error on line {}: {}", speaker: "BuildKit" },
        Symptom { pattern: "dockerfile parse error line {}: {}", speaker: "BuildKit" },
        Symptom { pattern: "unknown instruction: {}", speaker: "docker build" },
    ],
    check: Check::Build(check),
};

fn check(build: &Build) -> Vec<Outcome> {
    // What is wrong with the text itself is found before anything is run.
    let dockerfile = &build.dockerfile;
    let problems = dockerfile.problems.iter().filter(|problem| problem.fatal);
    let mut outcomes: Vec<Outcome> = problems
        .map(|problem| {
            let at = Location::new(&dockerfile.path, problem.span);
            let mut found = Diagnostic::new(RULE.name, at.clone(), Effect::BuildStops, problem.message.clone());
            found.evidence.push(Step { claim: reads(), from: Provenance::Read(at) });
            found.fixes.extend(respelt(dockerfile, problem.span));
            Outcome::Fail(Box::new(found))
        })
        .collect_vec();
    // That there is no stage is news only where every line could be read.
    if outcomes.is_empty() || !build.stages.is_empty() {
        outcomes.extend(events::each(build, |event| {
            let EventKind::Refused(reason) = &event.kind else { return None };
            let mut found = events::stops(RULE.name, event, reason.clone());
            found.evidence.push(events::instruction(event, reads()));
            if let Some((late, fix)) = declared_too_late(build, event) {
                found.evidence.push(late);
                found.fixes.push(fix);
            }
            Some(found)
        }));
    }
    outcomes
}

/// An ARG behind the first FROM belongs to its stage, and no FROM sees it (Dockerfile reference, "Understand how ARG and
/// FROM interact").
fn declared_too_late(build: &Build, event: &Event) -> Option<(Step, Fix)> {
    let dockerfile = &build.dockerfile;
    let Kind::From(from) = &place::instruction(build, &event.at)?.kind else { return None };
    let is_used = |name: &str| {
        let image = &from.image.value;
        image.contains(&format!("${{{name}")) || image.contains(&format!("${name}"))
    };
    let (arg, variable) = dockerfile.instructions.iter().find_map(|one| match &one.kind {
        Kind::Arg(variables) => Some((one, variables.iter().find(|variable| is_used(&variable.name.value))?)),
        _ => None,
    })?;
    let name = &variable.name.value;
    let claim = text! {
        en: "this declares `{name}` for its own stage, and FROM does not see it",
        ja: "この `{name}` の宣言はそのステージだけのもので、FROM からは見えません",
        name: name,
    };
    let step = Step { claim, from: Provenance::Read(Location::new(&dockerfile.path, arg.span)) };
    let first = dockerfile.instructions.iter().find(|one| matches!(one.kind, Kind::From(_)))?;
    let line = arg.span.of(&dockerfile.text).trim();
    let fix = Fix {
        title: text! { en: "declare `{name}` before the first FROM", ja: "最初の FROM より前で `{name}` を宣言する", name: name },
        tradeoff: text! {
            en: "none; without a default it has to be given with every build (`--build-arg`)",
            ja: "欠点はありません。既定値がなければ、ビルドのたびに `--build-arg` で指定する必要があります",
        },
        edits: vec![mend::line_before(dockerfile, first, line)],
    };
    Some((step, fix))
}

const INSTRUCTIONS: [&str; 18] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// The instruction that a misspelt word stands for.
fn respelt(dockerfile: &Dockerfile, span: Span) -> Option<Fix> {
    let word = span.of(&dockerfile.text).to_ascii_uppercase();
    if INSTRUCTIONS.contains(&&*word) {
        return None;
    }
    let meant = INSTRUCTIONS.iter().find(|known| unknown_stage::is_near(known, &word) || is_shuffled(known, &word))?;
    Some(Fix {
        title: text! { en: "write `{meant}`", ja: "`{meant}` と書く", meant: (*meant).to_owned() },
        tradeoff: text! { en: "nothing else changes", ja: "ほかは変わりません" },
        edits: vec![mend::replace(dockerfile, span, *meant)],
    })
}

/// Whether a short word has the same letters in another order.
fn is_shuffled(known: &str, word: &str) -> bool {
    let sorted = |text: &str| {
        let mut letters: Vec<char> = text.chars().collect_vec();
        lists::sort(&mut letters);
        letters
    };
    known.len() == 3 && sorted(known) == sorted(word)
}

fn reads() -> Text {
    text! { en: "the builder reads this instruction", ja: "ビルダーはこの命令を読みます" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_instruction_is_respelt() {
        for (text, meant) in [
            ("FORM alpine\n", Some("FROM")),
            ("FROM alpine\nCOPPY a b\n", Some("COPY")),
            ("FROM alpine\nrnu true\n", Some("RUN")),
            ("FROM alpine\nENTRYPONT true\n", Some("ENTRYPOINT")),
            ("services:\n  web:\n", None),
            ("FROM alpine\nCOPY --nonsense a b\n", None),
        ] {
            let dockerfile = crate::dockerfile::read(&"Dockerfile".into(), text.as_bytes());
            let problem = dockerfile.problems.iter().find(|problem| problem.fatal).expect("it is refused");
            let fix = respelt(&dockerfile, problem.span);
            assert_eq!(fix.map(|fix| fix.edits[0].new_text.clone()).as_deref(), meant, "{text}");
        }
    }
}
