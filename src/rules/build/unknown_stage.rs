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
//! ```dockerfile,conditional
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

use crate::build::{Build, Stage};
use crate::diagnostic::{Diagnostic, Effect, RuntimeMessage};
use crate::dockerfile::{Instruction, Kind, lower};
use crate::fact::{Provenance, Settler, Step};
use crate::fix::Fix;
use crate::lists::Collect;
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, mend, place};
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
    let found = build.stages.iter().filter(|stage| stage.used).flat_map(|stage| {
        let named = mend::instructions(build, stage).filter_map(|one| Some((one, source(one)?)));
        named.filter_map(|(one, name)| misspelt(build, stage, one, &name))
    });
    found.map(|found| Outcome::Fail(Box::new(found))).collect_vec()
}

/// What an instruction takes its files or its base from, where it is written out.
fn source(instruction: &Instruction) -> Option<String> {
    let name = match &instruction.kind {
        Kind::From(from) => &from.image.value,
        Kind::Copy(copy) | Kind::Add(copy) => &copy.from.as_ref()?.value,
        Kind::Run(run) => run.mounts.iter().find_map(|mount| mount.from.as_ref())?,
        _ => return None,
    };
    // An image of one's own has a registry, a tag or a digest to its name; a bare word is a stage or a well-known image.
    let bare = !name.is_empty() && !name.contains(['/', ':', '@', '$', '.']) && name.parse::<usize>().is_err();
    bare.then(|| name.to_ascii_lowercase())
}

/// What people call stages, and no image of Docker's official ones is called.
const STAGES: [&str; 14] = [
    "build",
    "build-env",
    "build-image",
    "build-stage",
    "builder",
    "compile",
    "compiler",
    "dependencies",
    "deps",
    "frontend",
    "installer",
    "publish",
    "runner",
    "vendor",
];

/// A name that is no earlier stage, no image that is known, and nearly or later a stage.
fn misspelt(build: &Build, stage: &Stage, instruction: &Instruction, name: &str) -> Option<Diagnostic> {
    let earlier = |one: &&Stage| one.index < stage.index;
    let names = |one: &Stage| one.name.clone();
    let is = |one: &&Stage| names(one).is_some_and(|known| known.eq_ignore_ascii_case(name));
    if build.stages.iter().filter(earlier).any(|one| is(&one)) {
        return None;
    }
    let is_base = matches!(instruction.kind, Kind::From(_));
    // `FROM alpine AS alpine` names the image; a stage may not copy from itself.
    let first_later = if is_base { stage.index + 1 } else { stage.index };
    let later = build.stages.iter().filter(|one| one.index >= first_later).any(|one| is(&one));
    let near: Vec<String> =
        build.stages.iter().filter(earlier).filter_map(names).filter(|known| is_near(known, name)).collect_vec();
    if !later && near.is_empty() && (is_base || !STAGES.contains(&name)) {
        return None;
    }
    // An image that the catalog knows is pulled, whatever the stages are called.
    if (is_base || !later) && image_is_known(build, stage, instruction) {
        return None;
    }
    let at = Location::new(&build.dockerfile.path, instruction.span);
    let message = match (near.first(), later) {
        (Some(near), _) => text! {
            en: "there is no stage `{name}`; did you mean `{near}`?",
            ja: "ステージ `{name}` はありません（`{near}` の間違いではありませんか）",
            name: name, near: near,
        },
        (None, false) => text! {
            en: "there is no stage `{name}`",
            ja: "ステージ `{name}` はありません",
            name: name,
        },
        (None, true) => text! {
            en: "the stage `{name}` comes only later",
            ja: "ステージ `{name}` はこれより後にあります",
            name: name,
        },
    };
    let mut found = Diagnostic::new(RULE.name, at.clone(), Effect::BuildStops, message);
    let claim = text! { en: "this names `{name}`", ja: "ここで `{name}` が指定されています", name: name };
    found.evidence.push(Step { claim, from: Provenance::Read(at.clone()) });
    let claim = text! {
        en: "no earlier stage is called so, and so it is taken for an image",
        ja: "これより前にその名前のステージはなく、イメージの名前とみなされます",
    };
    found.evidence.push(Step { claim, from: Provenance::Always });
    let condition = text! {
        en: "no image or named build context is called `{name}`",
        ja: "`{name}` という名前のイメージも、名前付きビルドコンテキストもない",
        name: name,
    };
    let claim =
        text! { en: "nothing else is called `{name}`", ja: "ほかに `{name}` という名前のものはありません", name: name };
    found.evidence.push(Step { claim, from: Provenance::assumed(condition, vec![Settler::Image(name.to_owned())]) });
    found.runtime_messages.push(RuntimeMessage {
        engine: "Docker (BuildKit)",
        text: format!(
            "{name}: failed to resolve source metadata for docker.io/library/{name}:latest: pull access denied, \
             repository does not exist or may require authorization"
        ),
        exit_code: Some(1),
    });
    found.fixes = near.iter().take(2).filter_map(|near| rename(build, &at, name, near)).collect_vec();
    Some(found)
}

fn image_is_known(build: &Build, stage: &Stage, instruction: &Instruction) -> bool {
    let is_base = matches!(instruction.kind, Kind::From(_));
    let known = |stage: &Stage| stage.base_image.record.known().is_some();
    // A base is resolved already; of other sources only those that are somebody's base are known here.
    if is_base {
        return known(stage);
    }
    let name = source(instruction);
    build.stages.iter().any(|one| Some(&one.base) == name.as_ref() && known(one))
}

/// Whether two names differ by a letter or two: one changed, left out, put in, or two swapped.
pub(super) fn is_near(known: &str, name: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (lower(known).chars().collect_vec(), lower(name).chars().collect_vec());
    if a.len().min(b.len()) < 4 || a.len().abs_diff(b.len()) > 2 {
        return false;
    }
    let start = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let end = a[start..].iter().rev().zip(b[start..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (left, right) = (a.len() - start - end, b.len() - start - end);
    left.max(right) <= 2
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_differ_by_a_letter_or_two() {
        for (known, name, near) in [
            ("builder", "biulder", true),
            ("builder", "build", true),
            ("builder", "Builder", true),
            ("build", "buid", true),
            ("node", "base", false),
            ("go", "ga", false),
            ("builder", "runtime", false),
        ] {
            assert_eq!(is_near(known, name), near, "{known} {name}");
        }
    }
}
