//! # There is no stage of that name
//!
//! `COPY --from` (or `FROM`) names something that is no earlier stage, and hardly an image either.
//!
//! ## What happens
//!
//! ```text
//! ERROR: failed to solve: biulder: failed to resolve source metadata for docker.io/library/biulder:latest: pull access denied, repository does not exist or may require authorization
//! invalid from flag value biulder: pull access denied for biulder, repository does not exist
//! ```
//!
//! ## Why
//!
//! A name that is no earlier stage is taken for an image, so a misspelt stage ends in a pull that is denied: the message speaks of authorization, which has nothing to do with it.
//! A stage can only be copied from after its own `FROM` line.
//!
//! ## Example
//!
//! ```dockerfile,fails
//! FROM alpine:3.20 AS builder
//! RUN touch /app
//! FROM alpine:3.20
//! COPY --from=biulder /app /app
//! CMD ["sh"]
//! ```
//!
//! ```dockerfile,starts
//! FROM alpine:3.20 AS builder
//! RUN touch /app
//! FROM alpine:3.20
//! COPY --from=builder /app /app
//! CMD ["sh"]
//! ```
//!
//! ## What to do
//!
//! Write the stage's name as its `FROM … AS name` line has it (case does not matter), or its number, counted from 0.
//!
//! ## When this is wrong
//!
//! An image of that very name in your own registry or on your machine would be used; then a `FROM name AS …` line makes that clear.
//!
//! ## References
//!
//! - Dockerfile reference: `COPY --from`
//! - BuildKit, `frontend/dockerfile/dockerfile2llb/convert.go`

use crate::build::{Build, EventKind};
use crate::diagnostic::RuntimeMessage;
use crate::dockerfile::Kind;
use crate::fact::{Provenance, Step};
use crate::fix::Fix;
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, events, mend, place};
use crate::source::{Location, Span};
use crate::text;
use crate::text::Template;

pub(super) static RULE: Rule = Rule {
    name: "unknown-stage",
    moment: Moment::Build,
    summary: Template {
        en: "`COPY --from` or `FROM` names what is neither a stage nor plausibly an image",
        ja: "`COPY --from` や `FROM` の名前が、ステージでもイメージでもなさそうです",
    },
    symptoms: &[
        Symptom { pattern: "invalid from flag value {}", speaker: "docker build" },
        Symptom { pattern: "failed to resolve source metadata for {}: pull access denied", speaker: "BuildKit" },
        Symptom { pattern: "pull access denied for {}, repository does not exist", speaker: "docker build" },
        Symptom { pattern: "failed to parse stage name {}: invalid reference format", speaker: "BuildKit" },
    ],
    check: Check::Build(check),
};

fn check(build: &Build) -> Vec<Outcome> {
    events::each(build, |event| {
        let EventKind::UnknownStage { name, near } = &event.kind else { return None };
        let message = match near.first() {
            Some(near) => text! {
                en: "there is no stage `{name}`; did you mean `{near}`?",
                ja: "ステージ `{name}` はありません（`{near}` の間違いではありませんか）",
                name: name, near: near,
            },
            None => text! {
                en: "there is no stage `{name}`, and it is hardly an image",
                ja: "ステージ `{name}` はなく、イメージ名とも考えにくいです",
                name: name,
            },
        };
        let mut found = events::stops(RULE.name, event, message);
        let claim = text! { en: "this names `{name}`", ja: "ここで `{name}` が指定されています", name: name };
        found.evidence.push(events::instruction(event, claim));
        let stages: Vec<_> = build.stages.iter().take(event.stage).filter_map(|stage| stage.name.as_deref()).collect();
        let claim = if stages.is_empty() {
            text! { en: "no earlier stage has a name", ja: "名前の付いたステージは、これより前にありません" }
        } else {
            text! {
                en: "the earlier stages are called `{stages}`",
                ja: "これより前のステージの名前は `{stages}` です",
                stages: stages.join("`, `"),
            }
        };
        found.evidence.push(Step { claim, from: Provenance::Always });
        found.runtime_messages.push(RuntimeMessage {
            engine: "Docker (BuildKit)",
            text: format!("{name}: failed to resolve source metadata for docker.io/library/{name}:latest: pull access denied, repository does not exist or may require authorization"),
            exit_code: Some(1),
        });
        found.fixes = near.iter().take(2).filter_map(|near| rename(build, &event.at, name, near)).collect();
        Some(found)
    })
}

fn rename(build: &Build, at: &Location, name: &str, near: &str) -> Option<Fix> {
    let instruction = place::instruction(build, at)?;
    let span = match &instruction.kind {
        Kind::From(from) => from.image.span,
        Kind::Copy(copy) | Kind::Add(copy) => copy.from.as_ref()?.span,
        // A mount's options have no places of their own: the name stands once in its text.
        Kind::Run(_) => {
            let text = instruction.span.of(&build.dockerfile.text);
            let start = instruction.span.start as usize + text.find(&format!("from={name}"))? + "from=".len();
            Span::new(start, start + name.len())
        }
        _ => return None,
    };
    // The span may cover the flag as a whole; the name is what changes.
    let start = span.start as usize + span.of(&build.dockerfile.text).rfind(name)?;
    Some(Fix {
        title: text! { en: "name the stage `{near}`", ja: "ステージ名を `{near}` にする", near: near },
        tradeoff: text! { en: "none, if that is the stage", ja: "それが目的のステージであれば、欠点はありません" },
        edits: vec![mend::replace(&build.dockerfile, Span::new(start, start + name.len()), near)],
    })
}
