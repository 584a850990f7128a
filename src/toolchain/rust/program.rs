//! What a program that cargo or rustc writes needs: its loader, its C library, and the libraries of its crates.

use std::sync::Arc;

use super::command::{known, setting};
use super::target::{Kind, Target};
use super::workspace;
use crate::fact::{Fact, Knowledge, Need, Provenance, Settler, Step};
use crate::image::{Libc, LibcFamily};
use crate::needs::{Language, Linkage, Maker, Needs};
use crate::project::cargo;
use crate::text;
use crate::toolchain::native::Program;
use crate::toolchain::{Invocation, libraries};
use crate::tree::normalize;

pub(super) fn needs(
    invocation: &Invocation<'_>,
    directory: Option<&str>,
    target: Result<Option<(Target, bool)>, Arc<Need>>,
) -> Needs {
    let target = match target {
        Ok(Some((target, _))) => target,
        Ok(None) => return Needs::Unknown(Arc::new(unknown_host(invocation))),
        Err(need) => return Needs::Unknown(need),
    };
    let here = || Provenance::Read(invocation.at.clone());
    let (machine, family, glibc) = match &target.kind {
        Kind::Linux { machine, family, glibc } => (*machine, *family, glibc.clone()),
        Kind::Foreign(foreign) => return Needs::Foreign(Fact::new(foreign.clone(), here())),
        Kind::Other => return Needs::Unknown(Arc::new(unknown_target(invocation, &target.triple))),
    };
    let runtime = match static_runtime(invocation, directory, &target) {
        Ok(runtime) => runtime,
        Err(need) => return Needs::Unknown(need),
    };
    let libc = libc(invocation, family, glibc);
    let triple = &target.triple;
    let because = vec![
        Step {
            claim: text! { en: "`cargo` builds for `{triple}`", ja: "`cargo` は `{triple}` 向けにビルドします", triple: triple },
            from: here(),
        },
        runtime.step(if runtime.value {
            text! {
                en: "for this target the C runtime is linked statically",
                ja: "このターゲットでは C ランタイムが静的にリンクされます",
            }
        } else {
            text! {
                en: "for this target the C runtime is linked dynamically",
                ja: "このターゲットでは C ランタイムが動的にリンクされます",
            }
        }),
    ];
    let linkage = if runtime.value { Linkage::Static } else { Linkage::Dynamic };
    let tool = invocation.builder.tools.iter().rev().find(|tool| tool.value.language == Language::Rust);
    let maker = Maker {
        language: Language::Rust,
        version: tool.map(|tool| tool.value.version.clone()).unwrap_or_default(),
        settings: vec![("target".into(), target.triple.clone())],
        modules: Vec::new(),
    };
    // The unwinder of the standard library is a shared library wherever the C runtime is one.
    let libraries = if runtime.value { Vec::new() } else { vec!["libgcc_s.so.1".into()] };
    let program = Program {
        machine: Fact::new(machine, here()),
        libc,
        alpine: target.is_alpine() || invocation.builder.distribution.is_some_and(|d| d.value.id == "alpine"),
        linkage,
        because,
        libraries,
        suggested: if runtime.value { Vec::new() } else { suggested(invocation, directory) },
        versions: Vec::new(),
        maker,
        traits: Vec::new(),
        published: false,
    };
    program.needs(invocation)
}

/// The C libraries that crates link: by the lock file where it was dropped, else by what the builder installs.
fn suggested(invocation: &Invocation<'_>, directory: Option<&str>) -> Vec<libraries::Suggested> {
    let lock = directory.and_then(|directory| {
        let sources = invocation.sources?;
        let lock = sources.context_path(&normalize(&workspace(invocation, directory), "Cargo.lock"))?;
        sources.project.text(&lock)
    });
    match lock {
        Some(lock) => libraries::of_crates(invocation, &cargo::locked(&lock)),
        None => libraries::of_packages(invocation),
    }
}

/// Whether the C runtime is linked statically: `RUSTFLAGS` and its kin, else the target's default.
fn static_runtime(
    invocation: &Invocation<'_>,
    directory: Option<&str>,
    target: &Target,
) -> Result<Fact<bool>, Arc<Need>> {
    let per_target = format!("CARGO_TARGET_{}_RUSTFLAGS", target.in_variables());
    let table = format!("target.{}", target.triple);
    // One source of flags is taken, the first that is there (Cargo book, `build.rustflags`).
    let sources = [
        invocation.environment.get("CARGO_ENCODED_RUSTFLAGS"),
        invocation.environment.get("RUSTFLAGS"),
        setting(invocation, directory, &per_target, &table, "rustflags"),
        setting(invocation, directory, "CARGO_BUILD_RUSTFLAGS", "build", "rustflags"),
    ];
    for source in sources {
        let Some(flags) = known(source)? else { continue };
        if flags.value.contains("+crt-static") {
            return Ok(flags.map(|_| true));
        }
        if flags.value.contains("-crt-static") {
            return Ok(flags.map(|_| false));
        }
        if !flags.value.is_empty() {
            break;
        }
    }
    let record = format!("rustc, target {}", target.triple);
    Ok(Fact::new(target.links_statically(), Provenance::recorded(record, "rustc --print cfg (1.95)", "")))
}

/// The C library that a target's programs are linked against.
fn libc(invocation: &Invocation<'_>, family: LibcFamily, glibc: Option<String>) -> Knowledge<Option<Libc>> {
    let builder = invocation.builder.libc;
    if let Some(version) = glibc {
        let libc = Libc { family: LibcFamily::Glibc, version };
        return Fact::new(Some(libc), Provenance::Read(invocation.at.clone())).into();
    }
    match builder {
        Knowledge::Known(fact) if fact.value.as_ref().is_some_and(|libc| libc.family == family) => builder.clone(),
        // The target's own: musl comes with rustup's target, glibc with a cross toolchain of unknown age.
        _ if family == LibcFamily::Musl => {
            let libc = Libc { family, version: String::new() };
            Fact::new(Some(libc), Provenance::Read(invocation.at.clone())).into()
        }
        Knowledge::Unknown(need) => Knowledge::Unknown(Arc::clone(need)),
        Knowledge::Known(_) => Knowledge::Unknown(Arc::new(Need {
            text: text! {
                en: "which glibc the cross toolchain links against is not known",
                ja: "クロスツールチェーンがどの glibc にリンクするかは分かりません",
            },
            settled_by: vec![Settler::Program(String::new())],
            at: Some(invocation.at.clone()),
        })),
    }
}

fn unknown_host(invocation: &Invocation<'_>) -> Need {
    Need {
        text: text! {
            en: "which target `cargo` builds for in `{image}` is not known",
            ja: "`{image}` で `cargo` がどのターゲット向けにビルドするかは分かりません",
            image: invocation.builder.image,
        },
        settled_by: vec![Settler::Program(String::new())],
        at: Some(invocation.at.clone()),
    }
}

fn unknown_target(invocation: &Invocation<'_>, triple: &str) -> Need {
    Need {
        text: text! {
            en: "what a program for `{triple}` needs is not known",
            ja: "`{triple}` 向けのプログラムが何を必要とするかは分かりません",
            triple: triple,
        },
        settled_by: vec![Settler::Program(String::new())],
        at: Some(invocation.at.clone()),
    }
}
