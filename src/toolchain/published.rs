//! Programs that a project publishes: what the name of a download tells of what is in it.
//!
//! `tool-1.6.0-x86_64-unknown-linux-gnu.tar.xz` holds a program for glibc, `tool_darwin_arm64` one for macOS.
//! A name is a promise, and so everything here is conditional.

use super::libc;
use crate::fact::{Fact, Provenance, Settler, Step};
use crate::needs::{ElfNeeds, Foreign, Linkage, Machine, Needs};
use crate::platform::Platform;
use crate::source::Location;
use crate::text;

/// What a published program asks for, by the name of its download; `None` when the name does not tell.
#[must_use]
pub fn published(name: &str, platform: &Platform, at: &Location) -> Option<Needs> {
    let lower = name.to_ascii_lowercase();
    let words: Vec<&str> = lower.split(['-', '_', '.', '/']).collect();
    let has = |word: &str| words.contains(&word);
    let from = because(name, at);
    // Archives for every system at once say nothing.
    if has("darwin") || has("macos") || has("osx") {
        return Some(Needs::Foreign(Fact::new(Foreign::MachO, from)));
    }
    if has("windows") || has("win64") || has("win32") {
        return Some(Needs::Foreign(Fact::new(Foreign::Pe, from)));
    }
    let own = Machine::of(platform)?;
    let named = machine(&lower, &words);
    let machine = named.unwrap_or(own);
    let foreign = (machine.number, machine.bits) != (own.number, own.bits);
    let gnu = has("gnu") || has("glibc") || has("gnueabihf");
    if !gnu && !foreign {
        return None;
    }
    let mut needs = ElfNeeds {
        machine: Fact::new(machine, from.clone()),
        interpreter: Fact::new(None, from.clone()),
        libraries: Vec::new(),
        complete: false,
        rpath: Vec::new(),
        runpath: Vec::new(),
        versions: Vec::new(),
        symbols: None,
        packed_relocations: false,
        linkage: Fact::new(Linkage::Static, from.clone()),
        foreign_system: None,
        minimum_kernel: None,
        cpu_level: None,
        made_by: None,
        traits: Vec::new(),
        remedies: Vec::new(),
    };
    if gnu {
        needs.interpreter.value = libc::glibc_loader(machine, false).map(str::to_owned);
        needs.linkage.value = Linkage::Dynamic;
        needs.libraries.push(Fact::new("libc.so.6".into(), from));
    }
    Some(Needs::Elf(Box::new(needs)))
}

fn because(name: &str, at: &Location) -> Provenance {
    let condition = text! {
        en: "the download is what its name says: `{name}`",
        ja: "ダウンロードされるものが、その名前（`{name}`）の示すとおりである",
        name: name,
    };
    let downloaded = text! { en: "it is downloaded here", ja: "ここでダウンロードされます" };
    Provenance::derived(vec![
        Step {
            claim: condition.clone(),
            from: Provenance::assumed(condition, vec![Settler::Program(name.to_owned())]),
        },
        Step { claim: downloaded, from: Provenance::Read(at.clone()) },
    ])
}

/// The machine that a name names; the last one, since a project's own name may hold one.
fn machine(lower: &str, words: &[&str]) -> Option<Machine> {
    if lower.contains("x86_64") || lower.contains("x86-64") {
        return Some(Machine::X86_64);
    }
    words.iter().rev().find_map(|word| {
        Some(match *word {
            "amd64" | "x64" | "linux64" => Machine::X86_64,
            "arm64" | "aarch64" | "armv8" => Machine::AARCH64,
            "armv7" | "armv7l" | "armhf" | "arm" | "armv6" => Machine::ARM,
            "i386" | "i686" | "386" | "x86" => Machine::X86,
            "ppc64le" | "powerpc64le" => Machine::PPC64LE,
            "s390x" => Machine::S390X,
            "riscv64" | "riscv64gc" => Machine::RISCV64,
            _ => return None,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    #[test]
    fn names_tell_systems_and_machines() {
        let at = Location::new(&"Dockerfile".into(), Span::default());
        for (name, expected) in [
            ("digger-1.6.0-x86_64-unknown-linux-gnu-cpu-only.tar.xz", Some("/lib64/ld-linux-x86-64.so.2")),
            ("tool-aarch64-unknown-linux-gnu.tar.gz", Some("/lib/ld-linux-aarch64.so.1")),
            ("tool_linux_arm64", Some("static 183")),
            ("tool-darwin-amd64.tgz", Some("MachO")),
            ("tool_linux_amd64.tar.gz", None),
            ("tool-x86_64-unknown-linux-musl.tar.gz", None),
            ("gnu.tar.gz", Some("/lib64/ld-linux-x86-64.so.2")),
            ("v1.2.3.tar.gz", None),
        ] {
            let found = published(name, &Platform::default(), &at).map(|needs| match needs {
                Needs::Elf(elf) => {
                    elf.interpreter.value.unwrap_or_else(|| format!("static {}", elf.machine.value.number))
                }
                Needs::Foreign(foreign) => format!("{:?}", foreign.value),
                _ => String::new(),
            });
            assert_eq!(found.as_deref(), expected, "{name}");
        }
    }
}
