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

use crate::build::{Build, Stage};
use crate::diagnostic::{Diagnostic, Effect};
use crate::dockerfile::Kind;
use crate::fact::{Provenance, Settler, Step};
use crate::fix::{Aim, Fix};
use crate::launch::{self, Launch, Purpose};
use crate::lists::Collect;
use crate::needs::{Machine, Needs};
use crate::rules::terminal::{self, Failing};
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, mend, place};
use crate::source::{Location, Span};
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
    let launches = launch::launches(build);
    let starts = || launches.iter().filter(|launch| launch.purpose == Purpose::Start);
    let pinned = starts().next().and_then(|launch| pinned(build, launch));
    let foreign = || starts().find_map(|launch| foreign(build, launch));
    let found = match pinned {
        Some(pinned) if pinned.effect == Effect::StartFails => vec![pinned],
        other => foreign().into_iter().chain(other).collect_vec(),
    };
    found.into_iter().map(|found| Outcome::Fail(Box::new(found))).collect_vec()
}

/// The final stage stands on the builder's platform: what it starts is for the builder's machine.
///
/// A constant (`--platform=linux/amd64`) is somebody's choice, made with emulation in mind; `$BUILDPLATFORM` never is.
fn pinned(build: &Build, launch: &Launch<'_>) -> Option<Diagnostic> {
    let stage = build.stages.get(launch.stage?)?;
    let at = Location::new(&build.dockerfile.path, stage.span);
    let Kind::From(from) = &place::instruction(build, &at)?.kind else { return None };
    let wanted = &build.request.platform;
    let machine = Machine::of(wanted)?;
    if !from.platform.as_ref()?.value.contains("BUILDPLATFORM") {
        return None;
    }
    // A static program that was built for the target starts wherever it lies.
    let fits = launch.found().is_some_and(|found| match &found.needs {
        Needs::Elf(elf) => elf.machine.value.runs_on(wanted) && elf.interpreter.value.is_none(),
        _ => false,
    });
    if fits {
        return None;
    }
    if machine.runs_on(&stage.platform) {
        return Some(elsewhere(build, stage, at));
    }
    let (built, wanted) = (stage.platform.to_string(), wanted.to_string());
    let message = text! {
        en: "the final image stands on the builder's platform, {built}, and is wanted for {wanted}",
        ja: "最終イメージがビルダーのプラットフォーム {built} になっていますが、{wanted} 向けが求められています",
        built: &built, wanted: &wanted,
    };
    let mut found = Diagnostic::new(RULE.name, at.clone(), Effect::StartFails, message);
    let claim = text! {
        en: "`$BUILDPLATFORM` is {built} here",
        ja: "`$BUILDPLATFORM` はここでは {built} です",
        built: &built,
    };
    found.evidence.push(Step { claim, from: Provenance::Read(at) });
    let claim =
        text! { en: "the target platform is {wanted}", ja: "目的のプラットフォームは {wanted} です", wanted: &wanted };
    found.evidence.push(Step { claim, from: Provenance::Always });
    if launch.found().is_none() {
        let condition = text! {
            en: "`{program}` is for {built}, like the rest of the image",
            ja: "`{program}` がイメージのほかの部分と同じ {built} 用である",
            program: launch.name(), built: &built,
        };
        let claim = text! { en: "its programs are for {built}", ja: "中のプログラムは {built} 用です", built: &built };
        let settled_by = vec![Settler::Program(launch.name().to_owned())];
        found.evidence.push(Step { claim, from: Provenance::assumed(condition, settled_by) });
    }
    found.runtime_messages = terminal::messages(launch, Failing::WrongFormat);
    found.fixes.extend(build_natively(build, stage));
    Some(found)
}

/// On this platform it fits; for every other one that it is built for, the image is the builder's all the same.
fn elsewhere(build: &Build, stage: &Stage, at: Location) -> Diagnostic {
    let built = stage.platform.to_string();
    let message = text! {
        en: "the final image is for the builder's platform, {built}, whatever platform it is built for",
        ja: "最終イメージは、どのプラットフォーム向けにビルドしてもビルダーのプラットフォーム {built} になります",
        built: &built,
    };
    let mut found = Diagnostic::new(RULE.name, at.clone(), Effect::FailsLater, message);
    let claim = text! {
        en: "the final stage is pinned to `$BUILDPLATFORM`",
        ja: "最終ステージは `$BUILDPLATFORM` に固定されています",
    };
    found.evidence.push(Step { claim, from: Provenance::Read(at) });
    let condition = text! {
        en: "it is also built for another platform than the builder's",
        ja: "ビルダーとは別のプラットフォーム向けにもビルドする",
    };
    found.evidence.push(Step { claim: condition.clone(), from: Provenance::assumed(condition, Vec::new()) });
    found.fixes.extend(build_natively(build, stage));
    found
}

/// A program that this very build makes, starts, and makes for another machine.
///
/// A tool for the builder's own use is rightly built for the builder; what counts is what the image starts.
fn foreign(build: &Build, launch: &Launch<'_>) -> Option<Diagnostic> {
    let found = launch.found()?;
    let Needs::Elf(elf) = &found.needs else { return None };
    let architecture = elf.machine.value.architecture()?;
    if elf.machine.value.runs_on(launch.platform) {
        return None;
    }
    // The nearest place that a fact rests on may be the copy of the program; the command that made it is another's.
    let runs = |at: &&Location| place::instruction(build, at).is_some_and(|one| matches!(one.kind, Kind::Run(_)));
    let made = [&elf.linkage.from, &elf.interpreter.from, &elf.machine.from, &found.entry.from];
    let at = made.into_iter().filter_map(|from| from.location()).find(runs)?;
    let command = place::instruction(build, at)?;
    let stage = build.stages.iter().rev().find(|stage| stage.span.start <= command.span.start)?;
    // A machine that the command names itself is another mistake: `wrong-architecture` tells of it.
    if !elf.machine.value.runs_on(&stage.platform) {
        return None;
    }
    let (built, wanted) = (format!("linux/{architecture}"), launch.platform.to_string());
    let message = text! {
        en: "this builds `{program}` for {built}, and the image is for {wanted}",
        ja: "ここで `{program}` は {built} 向けにビルドされますが、イメージは {wanted} 向けです",
        program: &found.path, built: &built, wanted: &wanted,
    };
    let mut diagnostic = Diagnostic::new(RULE.name, at.clone(), Effect::StartFails, message);
    let platform = stage.platform.to_string();
    let claim = text! { en: "this stage runs on {platform}", ja: "このステージは {platform} で実行されます", platform: platform };
    let from = Location::new(&build.dockerfile.path, stage.span);
    diagnostic.evidence.push(Step { claim, from: Provenance::Read(from) });
    let claim = text! { en: "the compiler makes a program for {built}", ja: "コンパイラーは {built} のプログラムを作ります", built: &built };
    diagnostic.evidence.push(elf.machine.step(claim));
    let claim =
        text! { en: "the target platform is {wanted}", ja: "目的のプラットフォームは {wanted} です", wanted: &wanted };
    diagnostic.evidence.push(Step { claim, from: Provenance::Always });
    diagnostic.runtime_messages = terminal::messages(launch, Failing::WrongFormat);
    let aimed = elf.remedies.iter().filter(|remedy| remedy.aim == Aim::TargetPlatform);
    diagnostic.fixes = aimed.map(|remedy| remedy.fix.clone()).collect_vec();
    diagnostic.fixes.extend(build_natively(build, stage));
    Some(diagnostic)
}

/// The stage on the target's platform: the compiler's own default is right there.
fn build_natively(build: &Build, stage: &Stage) -> Option<Fix> {
    let from = place::instruction(build, &Location::new(&build.dockerfile.path, stage.span))?;
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
