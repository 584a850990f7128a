//! # The build is for another platform than the image
//!
//! The program is compiled for one platform, and the image that starts it is for another.
//!
//! ## What happens
//!
//! The build succeeds, and the program does not start:
//!
//! ```text
//! exec /app: exec format error
//! standard_init_linux.go:228: exec user process caused: exec format error
//! ```
//!
//! ## Why
//!
//! `FROM --platform=$BUILDPLATFORM` makes a stage run on the builder's own machine, which is fast; the compiler then has to be told the target.
//! It is not told when `GOARCH` (or the like) is left out, when `ARG TARGETARCH` is missing in the stage, or when a default such as `ARG TARGETARCH=amd64` stands before the first `FROM` and takes the place of the automatic value.
//!
//! ## Example
//!
//! For the platform `linux/arm64`, built on `linux/amd64`:
//!
//! ```dockerfile,fails,platform=linux/arm64,build-platform=linux/amd64
//! FROM --platform=$BUILDPLATFORM golang:1.22 AS build
//! RUN CGO_ENABLED=0 go build -o /app example.com/app@latest
//! FROM alpine:3.20
//! COPY --from=build /app /app
//! CMD ["/app"]
//! ```
//!
//! ```dockerfile,starts,platform=linux/arm64,build-platform=linux/amd64
//! FROM --platform=$BUILDPLATFORM golang:1.22 AS build
//! ARG TARGETOS TARGETARCH
//! RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -o /app example.com/app@latest
//! FROM alpine:3.20
//! COPY --from=build /app /app
//! CMD ["/app"]
//! ```
//!
//! ## What to do
//!
//! 1. Declare `ARG TARGETOS TARGETARCH` in the stage and pass them on: `GOOS=$TARGETOS GOARCH=$TARGETARCH go build …`.
//! 2. Or leave `--platform=$BUILDPLATFORM` out. The compiler then runs for the target, emulated and slower, and needs to be told nothing.
//!
//! ## When this is wrong
//!
//! On a machine with binfmt emulation (Docker Desktop has it), foreign programs do run, slowly.
//!
//! ## References
//!
//! - Docker documentation: multi-platform builds
//! - BuildKit: automatic platform arguments

use crate::build::{Build, EventKind};
use crate::diagnostic::{Diagnostic, Effect, RuntimeMessage};
use crate::dockerfile::Kind;
use crate::fact::{Provenance, Step};
use crate::fix::{Aim, Fix};
use crate::launch::{self, Purpose};
use crate::needs::Needs;
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, events, mend, place};
use crate::source::Span;
use crate::text;
use crate::text::Template;

pub(super) static RULE: Rule = Rule {
    name: "cross-build-not-applied",
    moment: Moment::Build,
    summary: Template {
        en: "platform arguments that do not reach the compiler",
        ja: "プラットフォームの指定がコンパイラーに届いていません",
    },
    symptoms: &[Symptom { pattern: "exec {}: exec format error", speaker: "runc" }],
    check: Check::Build(check),
};

fn check(build: &Build) -> Vec<Outcome> {
    let foreign = foreign_program(build);
    events::each(build, |event| {
        let EventKind::WrongPlatform { built, wanted } = &event.kind else { return None };
        // A tool for the builder's own use is rightly built for the builder; what counts is what the image starts.
        let program = foreign.as_ref()?;
        let (built_for, wanted) = (built.value.to_string(), wanted.to_string());
        let message = text! {
            en: "this builds for {built}, and the image is for {wanted}",
            ja: "ここでは {built} 向けにビルドされますが、イメージは {wanted} 向けです",
            built: &built_for, wanted: &wanted,
        };
        let mut found = Diagnostic::new(RULE.name, event.at.clone(), Effect::StartFails, message);
        let claim = text! { en: "the compiler makes a program for {built}", ja: "コンパイラーは {built} のプログラムを作ります", built: &built_for };
        found.evidence.push(Step { claim, from: built.from.clone() });
        let claim = text! { en: "the target platform is {wanted}", ja: "目的のプラットフォームは {wanted} です", wanted: &wanted };
        found.evidence.push(Step { claim, from: Provenance::Always });
        found.runtime_messages.push(RuntimeMessage {
            engine: "Docker 28",
            text: format!("exec {}: exec format error", program.path),
            exit_code: Some(255),
        });
        found.fixes.clone_from(&program.fixes);
        found.fixes.extend(build_natively(build, event.stage));
        Some(found)
    })
}

/// A program that the image starts and that is for another machine.
struct Foreign {
    path: String,
    /// What its toolchain offers.
    fixes: Vec<Fix>,
}

fn foreign_program(build: &Build) -> Option<Foreign> {
    let launches = launch::launches(build);
    launches.iter().filter(|launch| launch.purpose == Purpose::Start).find_map(|launch| {
        let found = launch.found()?;
        let Needs::Elf(elf) = &found.needs else { return None };
        if elf.machine.value.runs_on(launch.platform) {
            return None;
        }
        let aimed = elf.remedies.iter().filter(|remedy| remedy.aim == Aim::TargetPlatform);
        Some(Foreign { path: found.path.clone(), fixes: aimed.map(|remedy| remedy.fix.clone()).collect() })
    })
}

/// The stage on the target's platform: the compiler's own default is right there.
fn build_natively(build: &Build, stage: usize) -> Option<Fix> {
    let stage = build.stages.get(stage)?;
    let from = place::instruction(build, &crate::source::Location::new(&build.dockerfile.path, stage.span))?;
    let Kind::From(source) = &from.kind else { return None };
    let platform = source.platform.as_ref()?;
    let text = &build.dockerfile.text;
    // The flag may be all of the span, or its value only.
    let start = text.get(..platform.span.end as usize)?.rfind("--platform")?;
    let end = platform.span.end as usize;
    let blank = text.get(end..)?.len() - text.get(end..)?.trim_start_matches([' ', '\t']).len();
    Some(Fix {
        title: text! { en: "run this stage on the target's platform", ja: "このステージを目的のプラットフォームで実行する" },
        tradeoff: text! {
            en: "for another platform than the builder's, the stage is emulated, which is several times slower",
            ja: "ビルダーと異なるプラットフォームではエミュレーションになり、数倍遅くなります",
        },
        edits: vec![mend::replace(&build.dockerfile, Span::new(start, end + blank), "")],
    })
}
