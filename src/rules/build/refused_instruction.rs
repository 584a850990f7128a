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

use crate::build::{Build, EventKind};
use crate::diagnostic::{Diagnostic, Effect};
use crate::fact::{Provenance, Step};
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, events};
use crate::source::Location;
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
    let mut outcomes = events::each(build, |event| {
        let EventKind::Refused(reason) = &event.kind else { return None };
        let mut found = events::stops(RULE.name, event, reason.clone());
        found.evidence.push(events::instruction(event, reads()));
        Some(found)
    });
    // What is wrong with the text itself is found before anything is run.
    let dockerfile = &build.dockerfile;
    outcomes.extend(dockerfile.problems.iter().filter(|problem| problem.fatal).map(|problem| {
        let at = Location::new(&dockerfile.path, problem.span);
        let mut found = Diagnostic::new(RULE.name, at.clone(), Effect::BuildStops, problem.message.clone());
        found.evidence.push(Step { claim: reads(), from: Provenance::Read(at) });
        Outcome::Fail(Box::new(found))
    }));
    outcomes
}

fn reads() -> Text {
    text! { en: "the builder reads this instruction", ja: "ビルダーはこの命令を読みます" }
}
