//! # A processor level that not every machine has
//!
//! The image or the program is built for newer x86-64 processors, and stops on older ones and in some virtual machines.
//!
//! ## What happens
//!
//! ```text
//! Fatal glibc error: CPU does not support x86-64-v2
//! Fatal glibc error: CPU does not support x86-64-v3
//! This program can only be run on AMD64 processors with v3 microarchitecture support.
//! ```
//!
//! ## Why
//!
//! Red Hat Enterprise Linux 9 and its relatives ask for x86-64-v2 (processors since about 2009), release 10 for v3 (since about 2013).
//! A virtual machine with a plain processor model (`qemu64`, `kvm64`) has neither, whatever the machine below has.
//! Go programs built with `GOAMD64=v3` check for it at their start.
//!
//! ## Example
//!
//! ```dockerfile
//! # Starts on current processors; on a virtual machine without x86-64-v3 it does not.
//! FROM almalinux:10
//! CMD ["/usr/bin/true"]
//! ```
//!
//! ## What to do
//!
//! 1. Give the virtual machine the processor model of its host (`-cpu host`).
//! 2. Use a base that asks for less: Debian, Ubuntu and Alpine ask for x86-64-v1.
//!
//! ## When this is wrong
//!
//! It is a remark: most machines have these processors.
//!
//! ## References
//!
//! - x86-64 psABI, "Microarchitecture levels"
//! - glibc, `sysdeps/x86/isa-level.c`

use crate::diagnostic::{Diagnostic, Effect, RuntimeMessage};
use crate::fact::{Provenance, Step};
use crate::launch::Launch;
use crate::needs::Language;
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, place, start};
use crate::text;
use crate::text::Template;

pub(super) static RULE: Rule = Rule {
    name: "cpu-level-too-new",
    moment: Moment::Loader,
    summary: Template {
        en: "an image or a program that asks for a newer x86-64 processor",
        ja: "新しい x86-64 プロセッサーを要求するイメージまたはプログラム",
    },
    symptoms: &[
        Symptom { pattern: "Fatal glibc error: CPU does not support x86-64-v{}", speaker: "glibc" },
        Symptom { pattern: "can only be run on AMD64 processors with v{} microarchitecture support", speaker: "Go" },
    ],
    check: Check::Launch(check),
};

/// What every amd64 machine of the last ten years has.
const USUAL: u8 = 2;

fn check(launch: &Launch<'_>) -> Outcome {
    if launch.platform.architecture != "amd64" {
        return Outcome::Inapplicable;
    }
    let Some((program, needs)) = start::program(launch) else { return Outcome::Inapplicable };
    let is_go = needs.made_by.as_ref().is_some_and(|maker| maker.value.language == Language::Go);
    let of_program = needs.cpu_level.as_ref().map(|level| {
        let claim = text! {
            en: "`{program}` asks for x86-64-v{level}",
            ja: "`{program}` は x86-64-v{level} を要求します",
            program: &program.path, level: u32::from(level.value),
        };
        (level.value, Step { claim, from: level.from.clone() })
    });
    // Only the image's own loader checks for the image's level.
    let of_image = needs.interpreter.value.as_ref().and_then(|_| image_level(launch));
    let Some((level, step)) = of_program.into_iter().chain(of_image).max_by_key(|(level, _)| *level) else {
        return Outcome::Pass(Vec::new());
    };
    // A platform that names a level, `linux/amd64/v3`, promises it.
    let promised = launch.platform.variant.strip_prefix('v').and_then(|level| level.parse().ok()).unwrap_or(USUAL);
    if level <= promised {
        return Outcome::Pass(vec![step]);
    }
    let message = text! {
        en: "this needs a processor with x86-64-v{level}, which some virtual machines and older processors do not have",
        ja: "x86-64-v{level} に対応したプロセッサーが必要です。一部の仮想マシンや古いプロセッサーは対応していません",
        level: u32::from(level),
    };
    let mut found = Diagnostic::new(RULE.name, place::of(launch), Effect::Note, message);
    found.evidence.push(step);
    let text = match is_go {
        true => format!("This program can only be run on AMD64 processors with v{level} microarchitecture support."),
        false => format!("Fatal glibc error: CPU does not support x86-64-v{level}"),
    };
    let engine = if is_go { "the Go runtime" } else { "glibc" };
    found.runtime_messages.push(RuntimeMessage { engine, text, exit_code: Some(if is_go { 1 } else { 127 }) });
    found.fixes.push(start::advice(
        text! {
            en: "give virtual machines the processor model of their host",
            ja: "仮想マシンにホストのプロセッサーモデルを使わせる",
        },
        text! {
            en: "such a machine can only move to hosts with the same processors",
            ja: "その仮想マシンは、同じプロセッサーのホストにしか移動できなくなります",
        },
    ));
    Outcome::Fail(Box::new(found))
}

/// The level that a distribution's glibc was built for (release notes of RHEL 9 and 10; openSUSE Tumbleweed stays at v1).
fn image_level(launch: &Launch<'_>) -> Option<(u8, Step)> {
    let distribution = launch.image.distribution.as_ref()?;
    let value = &distribution.value;
    let red_hat =
        ["rhel", "centos", "rockylinux", "rocky", "almalinux", "oraclelinux", "ol"].contains(&value.id.as_str());
    let major = value.version.split('.').next()?.parse::<u32>().ok()?;
    let level = match major {
        10.. if red_hat => 3,
        9 if red_hat => 2,
        _ => return None,
    };
    let claim = text! {
        en: "{name} is built for x86-64-v{level}",
        ja: "{name} は x86-64-v{level} 向けにビルドされています",
        name: &value.name, level: u32::from(level),
    };
    let reference = "release notes of Red Hat Enterprise Linux 9 and 10";
    let recorded = Provenance::recorded(value.name.clone(), reference, "");
    let premises = vec![Step { claim: claim.clone(), from: recorded }];
    let from = match &distribution.from {
        from if from.is_of_image() => Provenance::derived(premises),
        other => other.clone(),
    };
    Some((level, Step { claim, from }))
}
