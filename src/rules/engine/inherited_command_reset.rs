//! # ENTRYPOINT drops the command of the base image
//!
//! The base image says which command to run; a new ENTRYPOINT drops it, and the wrapper that it names has nothing to run.
//!
//! ## What happens
//!
//! The wrapper starts, finds no program among its arguments, prints how it is used, and ends:
//!
//! ```text
//! Usage: tini [OPTIONS] PROGRAM -- [ARGS] | --version
//! Usage: dumb-init [option] program [args]
//! ```
//!
//! ## Why
//!
//! An ENTRYPOINT written in a Dockerfile resets a CMD that was inherited from the base image: it was meant for another entrypoint.
//! A wrapper such as `tini` or `dumb-init` runs what follows it, and nothing follows.
//!
//! ## Example
//!
//! ```dockerfile,warns
//! FROM node:20-alpine
//! RUN apk add --no-cache tini
//! ENTRYPOINT ["/sbin/tini", "--"]
//! ```
//!
//! ```dockerfile,starts
//! FROM node:20-alpine
//! RUN apk add --no-cache tini
//! ENTRYPOINT ["/sbin/tini", "--"]
//! CMD ["node"]
//! ```
//!
//! ## What to do
//!
//! Write the command again, as CMD after the ENTRYPOINT. It costs nothing.
//!
//! ## When this is wrong
//!
//! If every start of the image names a command, as a Kubernetes manifest often does, or the image is only the base of others that have a CMD, nothing is missing; so this is a warning.
//! A base image whose command is a shell is passed over.
//!
//! ## References
//!
//! - Dockerfile reference: how CMD and ENTRYPOINT interact

use crate::diagnostic::{Diagnostic, Effect, RuntimeMessage};
use crate::fact::{Provenance, Step};
use crate::fix::Fix;
use crate::launch::{Caller, Launch, Purpose};
use crate::lists::Collect;
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, lookup, mend, place};
use crate::text;
use crate::text::Template;

pub(super) static RULE: Rule = Rule {
    name: "inherited-command-reset",
    moment: Moment::Engine,
    summary: Template {
        en: "an ENTRYPOINT that drops the inherited command and has nothing to run",
        ja: "ENTRYPOINT が継承した CMD を破棄し、実行するものがありません",
    },
    symptoms: &[
        Symptom { pattern: "Usage: tini [OPTIONS] PROGRAM -- [ARGS]", speaker: "tini" },
        Symptom { pattern: "Usage: dumb-init [option] program [args]", speaker: "dumb-init" },
    ],
    check: Check::Launch(check),
};

/// Wrappers that end at once without a program, and what they print then.
const WRAPPERS: [(&str, &str); 3] = [
    ("tini", "Usage: tini [OPTIONS] PROGRAM -- [ARGS] | --version"),
    ("tini-static", "Usage: tini-static [OPTIONS] PROGRAM -- [ARGS] | --version"),
    ("dumb-init", "Usage: dumb-init [option] program [args]"),
];

fn check(launch: &Launch<'_>) -> Outcome {
    if launch.caller != Caller::Engine || launch.purpose != Purpose::Start || !launch.config.cmd.is_empty() {
        return Outcome::Inapplicable;
    }
    let name = launch.name().rsplit('/').next().unwrap_or_default();
    let Some((wrapper, prints)) = WRAPPERS.iter().find(|(wrapper, _)| *wrapper == name) else {
        return Outcome::Inapplicable;
    };
    let rest = launch.argv.iter().skip(1);
    if rest.map(|word| word.pattern()).any(|word| !word.starts_with('-')) {
        return Outcome::Inapplicable;
    }
    let Some(stage) = launch.build.zip(launch.stage).and_then(|(build, stage)| build.stages.get(stage)) else {
        return Outcome::Inapplicable;
    };
    let inherited = &stage.base_image.config.cmd;
    // A distribution's shell is nobody's command: who builds on it gives one to the container.
    let is_shell = |word: &String| matches!(word.rsplit('/').next(), Some("sh" | "bash" | "ash" | "dash"));
    if inherited.is_empty()
        || inherited.first().is_some_and(is_shell)
        || stage.set_by.entrypoint.is_none()
        || stage.set_by.cmd.is_some()
    {
        return Outcome::Inapplicable;
    }
    let words: Vec<&str> = inherited.iter().map(String::as_str).collect_vec();
    let command = words.join(" ");
    let image = &stage.base_image.reference;
    let message = text! {
        en: "`{wrapper}` has no program to run: this ENTRYPOINT drops the command `{command}` of `{image}`",
        ja: "`{wrapper}` が実行するプログラムがありません。この ENTRYPOINT により `{image}` のコマンド `{command}` が破棄されます",
        wrapper: *wrapper, command: &command, image: image,
    };
    let mut found = Diagnostic::new(RULE.name, place::of(launch), Effect::FailsLater, message);
    found.evidence.push(lookup::executes(launch));
    let claim = text! {
        en: "an ENTRYPOINT resets a CMD that comes from the base image",
        ja: "ENTRYPOINT を書くと、ベースイメージから継承した CMD は破棄されます",
    };
    found.evidence.push(Step { claim, from: Provenance::recorded("Docker", "Dockerfile reference, ENTRYPOINT", "") });
    let condition = text! {
        en: "no command is given when the container is started",
        ja: "コンテナーの起動時にコマンドを指定しない",
    };
    found.evidence.push(Step { claim: condition.clone(), from: Provenance::assumed(condition, Vec::new()) });
    found.runtime_messages = vec![RuntimeMessage { engine: wrapper, text: (*prints).to_owned(), exit_code: Some(1) }];
    found.fixes.extend(again(launch, &words));
    Outcome::Fail(Box::new(found))
}

/// The inherited command, written out.
fn again(launch: &Launch<'_>, words: &[&str]) -> Option<Fix> {
    let (dockerfile, instruction, _) = place::command(launch)?;
    let line = format!("CMD {}", mend::exec_form(words));
    Some(Fix {
        title: text! { en: "write `{line}` after it", ja: "その後に `{line}` を書く", line: &line },
        tradeoff: text! { en: "none", ja: "欠点はありません" },
        edits: vec![mend::line_after(dockerfile, instruction, &line)],
    })
}
