//! # The program is for another machine
//!
//! The image is for one architecture and the program in it for another, and the kernel does not know its format.
//!
//! ## What happens
//!
//! ```text
//! exec /app: exec format error
//! standard_init_linux.go:228: exec user process caused: exec format error
//! exec container process `/app`: Exec format error
//! /app: line 1: syntax error: unexpected "("
//! ```
//!
//! The last one is a shell that reads the program as a script, because the kernel refused it.
//!
//! ## Why
//!
//! A cross build that does not reach the compiler makes a program for the builder's machine, and the image is labelled for the target's.
//! Typical causes are `FROM --platform=$BUILDPLATFORM` without `GOARCH=$TARGETARCH`, an architecture that is written out, and a program that was built outside and copied in.
//!
//! ## Example
//!
//! ```dockerfile,fails
//! FROM golang:1.22
//! WORKDIR /src
//! COPY . .
//! RUN CGO_ENABLED=0 GOARCH=s390x go build -o /app .
//!
//! FROM alpine:3.19
//! COPY --from=0 /app /app
//! CMD ["/app"]
//! ```
//!
//! ```dockerfile,starts
//! FROM golang:1.22
//! WORKDIR /src
//! COPY . .
//! RUN CGO_ENABLED=0 go build -o /app .
//!
//! FROM alpine:3.19
//! COPY --from=0 /app /app
//! CMD ["/app"]
//! ```
//!
//! ## What to do
//!
//! 1. Pass the target on: `ARG TARGETARCH` and `GOARCH=$TARGETARCH` (or the target triple of your compiler). It costs one line.
//! 2. Build on the target's platform, without `--platform=$BUILDPLATFORM`. The build is slower where it is emulated.
//! 3. Build the image for the program's platform: `docker build --platform=linux/arm64`.
//!
//! ## When this is wrong
//!
//! On a host that has an emulator registered for the program's architecture (`binfmt_misc`, as Docker Desktop has), it starts, slowly.
//!
//! ## References
//!
//! - Linux, `fs/binfmt_elf.c` (`elf_check_arch`)
//! - Docker, "Multi-platform builds"

use crate::fact::{Provenance, Step};
use crate::fix::{Aim, Fix};
use crate::launch::Launch;
use crate::needs::Machine;
use crate::rules::terminal::{self, Failing};
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, start};
use crate::text;
use crate::text::Template;

pub(super) static RULE: Rule = Rule {
    name: "wrong-architecture",
    moment: Moment::Kernel,
    summary: Template {
        en: "the program is for another architecture than the image",
        ja: "プログラムのアーキテクチャーがイメージと異なります",
    },
    symptoms: &[
        Symptom { pattern: "exec {}: exec format error", speaker: "runc" },
        Symptom { pattern: "standard_init_linux.go:{}: exec user process caused: exec format error", speaker: "runc" },
        Symptom {
            pattern: "standard_init_linux.go:{}: exec user process caused \"exec format error\"",
            speaker: "runc",
        },
        Symptom { pattern: "exec container process `{}`: Exec format error", speaker: "crun" },
        Symptom { pattern: "cannot execute binary file: Exec format error", speaker: "bash" },
        Symptom { pattern: "{}: line 1: syntax error: unexpected {}", speaker: "busybox" },
        Symptom { pattern: "failed to load {}: exec format error", speaker: "Cloud Run" },
    ],
    check: Check::Launch(check),
};

fn check(launch: &Launch<'_>) -> Outcome {
    let Some((program, needs)) = start::program(launch) else { return Outcome::Inapplicable };
    let machine = needs.machine.value;
    let made_for = describe(machine);
    let claim = text! {
        en: "`{program}` is a program for {machine}",
        ja: "`{program}` は {machine} 用のプログラムです",
        program: &program.path, machine: &made_for,
    };
    let step = start::step(claim, &needs.machine.from);
    if machine.runs_on(launch.platform) {
        return Outcome::Pass(vec![step]);
    }
    let platform = launch.platform.to_string();
    let message = text! {
        en: "`{program}` is a program for {machine}, and the image is for `{platform}`",
        ja: "`{program}` は {machine} 用のプログラムですが、イメージは `{platform}` 用です",
        program: &program.path, machine: &made_for, platform: &platform,
    };
    let mut found = start::finding(&RULE, launch, message);
    found.evidence.push(step);
    let claim =
        text! { en: "the image is for `{platform}`", ja: "イメージは `{platform}` 用です", platform: &platform };
    found.evidence.push(Step { claim, from: Provenance::Always });
    if may_run_32_bit(machine, launch) {
        let condition = text! {
            en: "the machine's processor does not run 32-bit ARM programs",
            ja: "マシンのプロセッサーが 32 ビット ARM のプログラムを実行できない",
        };
        let claim = text! {
            en: "many 64-bit ARM processors run 32-bit programs, and many do not",
            ja: "64 ビット ARM のプロセッサーには、32 ビットのプログラムを実行できるものとできないものがあります",
        };
        found.evidence.push(Step { claim, from: Provenance::assumed(condition, Vec::new()) });
    }
    found.runtime_messages = terminal::messages(launch, Failing::WrongFormat);
    found.fixes = start::remedies(needs, &[Aim::TargetPlatform]);
    found.fixes.extend(other_value(launch, &needs.machine.from));
    if let Some(platform) = platform_of(machine).filter(|_| found.fixes.is_empty()) {
        found.fixes.push(start::advice(
            text! {
                en: "build the image for `{platform}`, or the program for the image's platform",
                ja: "イメージを `{platform}` 向けにビルドするか、プログラムをイメージのプラットフォーム向けにビルドする",
                platform: platform,
            },
            text! {
                en: "the image then runs on machines of that platform only",
                ja: "そのイメージは、そのプラットフォームのマシンでしか動きません",
            },
        ));
    }
    start::applicable_first(&mut found.fixes);
    Outcome::Fail(Box::new(found))
}

/// Writes the image's architecture where the program's is written.
fn other_value(launch: &Launch<'_>, from: &Provenance) -> Option<Fix> {
    let architecture = &launch.platform.architecture;
    let edit = start::reword(launch, from, "GOARCH", architecture)?;
    Some(Fix {
        title: text! {
            en: "build for `{architecture}`, as the image is",
            ja: "イメージと同じ `{architecture}` 向けにビルドする",
            architecture: architecture,
        },
        tradeoff: text! {
            en: "an image for another platform then needs another value: `GOARCH=$TARGETARCH` follows the platform",
            ja: "別のプラットフォーム用のイメージでは別の値が必要になります。`GOARCH=$TARGETARCH` ならプラットフォームに追従します",
        },
        edits: vec![edit],
    })
}

fn may_run_32_bit(machine: Machine, launch: &Launch<'_>) -> bool {
    machine.number == Machine::ARM.number && launch.platform.architecture == "arm64"
}

fn platform_of(machine: Machine) -> Option<String> {
    let architecture = machine.architecture()?;
    Some(match (architecture, machine.arm_version) {
        ("arm", version @ 5..=7) => format!("linux/arm/v{version}"),
        _ => format!("linux/{architecture}"),
    })
}

/// A platform where Docker has one, else the number that the file bears.
fn describe(machine: Machine) -> String {
    match platform_of(machine) {
        Some(platform) => format!("`{platform}`"),
        None => {
            let order = if machine.little_endian { "little" } else { "big" };
            format!("ELF machine {} ({}-bit, {order}-endian)", machine.number, machine.bits)
        }
    }
}
