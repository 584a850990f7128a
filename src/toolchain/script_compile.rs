//! Programs that carry a JavaScript runtime: `deno compile`, `bun build --compile`, `pkg` and `nexe`.
//!
//! The runtime was published for one libc, which the program then asks for, whatever image it was made in.

use super::arguments::{Arguments, place, program};
use super::native::Program;
use super::{Invocation, Outcome, Toolchain, Word};
use crate::fact::{Provenance, Step};
use crate::image::LibcFamily;
use crate::needs::{Foreign, Language, Linkage, Needs};
use crate::text;

pub(super) static DENO: Toolchain = Toolchain { language: Language::Deno, recognise: recognise_deno, run };
pub(super) static BUN: Toolchain = Toolchain { language: Language::Bun, recognise: recognise_bun, run };

fn recognise_deno(words: &[Word]) -> bool {
    program(words) == "deno" && Arguments::of(words).subcommand().is_some_and(|(name, _)| name == "compile")
}

fn recognise_bun(words: &[Word]) -> bool {
    program(words) == "bun" && Arguments::of(words).has(&["--compile"])
}

pub(super) static NODE: Toolchain = Toolchain { language: Language::Node, recognise: recognise_node, run: run_node };

fn recognise_node(words: &[Word]) -> bool {
    node_tool(words).is_some()
}

/// `pkg` or `nexe` and the words from its name on, which npx may be given.
fn node_tool(words: &[Word]) -> Option<&[Word]> {
    let is_runner = program(words) == "npx" || program(words) == "yarn";
    let at = if is_runner { 1 + words[1..].iter().position(|word| !word.pattern().starts_with('-'))? } else { 0 };
    let words = words.get(at..)?;
    let name = program(words);
    let name = name.split('@').next().unwrap_or_default();
    matches!(name, "pkg" | "nexe").then_some(words)
}

/// `pkg . --targets node18-linux-x64 --output server`, `nexe app.js -t linux-x64-14.15.3 -o app`: the target names the
/// runtime that was published for it (yao-pkg/pkg-fetch, nexe/nexe, releases); without one it is the host's.
fn run_node(invocation: &Invocation<'_>) -> Outcome {
    let Some(words) = node_tool(invocation.words) else { return Outcome::default() };
    let arguments = Arguments::of(words);
    let output = arguments.value(&["-o", "--output"]);
    let Some(place) = output.and_then(|output| place(invocation, &output)) else { return Outcome::default() };
    let targets = arguments.value(&["-t", "--target", "--targets"]).map(|word| word.pattern()).unwrap_or_default();
    // Several targets are written under several names.
    if targets.contains(',') || targets.contains(super::UNKNOWN) {
        return Outcome::default();
    }
    let has = |word: &str| targets.split('-').any(|part| part == word);
    let on_musl = invocation.builder.libc.value().and_then(Option::as_ref).map(|libc| libc.family);
    if has("win") || has("windows") || has("macos") || has("mac") {
        return Outcome::default();
    }
    let is_static = has("linuxstatic");
    let musl = has("alpine") || (!has("linux") && !is_static && on_musl == Some(LibcFamily::Musl));
    let family = if musl { LibcFamily::Musl } else { LibcFamily::Glibc };
    let claim = text! { en: "the program carries a Node.js that was published", ja: "プログラムには公開済みの Node.js が含まれます" };
    let because = vec![Step { claim, from: Provenance::Read(invocation.at.clone()) }];
    let linkage = if is_static { Linkage::Static } else { Linkage::Dynamic };
    let Some(program) = Program::native(invocation, Language::Node, linkage, because) else {
        return Outcome::default();
    };
    let mut program = program.prebuilt(family, invocation);
    if has("arm64") {
        program.machine.value = crate::needs::Machine::AARCH64;
    }
    program.at(Some(place), invocation)
}

fn run(invocation: &Invocation<'_>) -> Outcome {
    let arguments = Arguments::of(invocation.words);
    let deno = program(invocation.words) == "deno";
    let output = if deno { arguments.value(&["--output", "-o"]) } else { arguments.value(&["--outfile"]) };
    let Some(place) = output.and_then(|output| place(invocation, &output)) else { return Outcome::default() };
    let target = arguments.value(&["--target"]).map(|word| word.pattern()).unwrap_or_default();
    if target.contains("windows") {
        let needs = Needs::Foreign(crate::fact::Fact::new(Foreign::Pe, Provenance::Read(invocation.at.clone())));
        return Outcome { products: vec![super::Product { place, needs, mode: 0o755 }], ..Outcome::default() };
    }
    let on_musl = invocation.builder.libc.value().and_then(Option::as_ref).map(|libc| libc.family);
    // Bun takes the runtime that is running unless a target is named; Deno's is published for glibc alone.
    let musl = target.contains("musl") || (!deno && target.is_empty() && on_musl == Some(LibcFamily::Musl));
    let family = if musl { LibcFamily::Musl } else { LibcFamily::Glibc };
    let (name, language, reference) = if deno {
        ("Deno", Language::Deno, "denoland/deno, releases")
    } else {
        ("Bun", Language::Bun, "oven-sh/bun, docs/bundler/executables")
    };
    let claim = text! {
        en: "the program carries {name}'s runtime",
        ja: "プログラムには {name} のランタイムが含まれます",
        name: name,
    };
    let because = vec![Step { claim, from: Provenance::recorded(name, reference, "") }];
    let Some(program) = Program::native(invocation, language, Linkage::Dynamic, because) else {
        return Outcome::default();
    };
    let mut program = program.prebuilt(family, invocation);
    program.libraries = match (family, deno) {
        (LibcFamily::Musl, _) => vec!["libstdc++.so.6".into(), "libgcc_s.so.1".into()],
        (_, true) => vec!["libgcc_s.so.1".into(), "libm.so.6".into()],
        _ => vec!["libm.so.6".into()],
    };
    if target.contains("arm64") || target.contains("aarch64") {
        program.machine.value = crate::needs::Machine::AARCH64;
    }
    program.at(Some(place), invocation)
}
