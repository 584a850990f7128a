//! Programs that a project publishes: what the name of a download tells of what is in it.
//!
//! `tool-1.6.0-x86_64-unknown-linux-gnu.tar.xz` holds a program for glibc, `tool_darwin_arm64` one for macOS.
//! A name is a promise, and so everything here is conditional.

use super::libc;
use crate::fact::{Fact, Provenance, Settler, Step};
use crate::lists::Collect;
use crate::needs::{ElfNeeds, Foreign, Linkage, Machine, Needs};
use crate::platform::Platform;
use crate::source::Location;
use crate::text;

/// Projects whose programs for Linux ask for glibc, though the names of their downloads do not say so: a part of the
/// address, the beginning of the name, and the machine where the name has none.
const FOR_GLIBC: &[(&str, &str, Option<Machine>)] = &[
    ("/denoland/deno/releases/", "deno_linux_x64", None),
    // A Python program in one file, until it was written anew in Go.
    ("/docker/compose/releases/download/1.", "docker-compose-linux", None),
    ("/gohugoio/hugo/releases/", "hugo_extended_", None),
    ("/krallin/tini/releases/", "tini-amd64", None),
    ("/krallin/tini/releases/", "tini-arm64", None),
    ("/krallin/tini/releases/", "tini-armhf", None),
    ("/krallin/tini/releases/", "tini", Some(Machine::X86_64)),
];

fn is_for_glibc(url: &str, name: &str) -> Option<Option<Machine>> {
    FOR_GLIBC.iter().find_map(|(project, start, machine)| {
        let fits = if machine.is_some() { name == *start } else { name.starts_with(start) };
        (fits && url.contains(project)).then_some(*machine)
    })
}

/// What a published program asks for, by the address that it is downloaded from, or its name alone; `None` when that does
/// not tell.
#[must_use]
pub fn published(url: &str, platform: &Platform, at: &Location) -> Option<Needs> {
    let shown = url.trim_end_matches('/').rsplit('/').next().unwrap_or(url);
    let url = url.to_ascii_lowercase();
    let name = url.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/').rsplit('/').next()?;
    let known = is_for_glibc(&url, name);
    let lower = name;
    let words: Vec<&str> = lower.split(['-', '_', '.', '/']).collect_vec();
    let has = |word: &str| words.contains(&word);
    let from = because(shown, at);
    // Archives for every system at once say nothing.
    if has("darwin") || has("macos") || has("osx") {
        return Some(Needs::Foreign(Fact::new(Foreign::MachO, from)));
    }
    if has("windows") || has("win64") || has("win32") {
        return Some(Needs::Foreign(Fact::new(Foreign::Pe, from)));
    }
    let own = Machine::of(platform)?;
    let named = machine(lower, &words).or(known.flatten()).or_else(|| in_address(&url));
    let machine = named.unwrap_or(own);
    let foreign = (machine.number, machine.bits) != (own.number, own.bits);
    let gnu = has("gnu") || has("glibc") || has("gnueabihf") || known.is_some();
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

/// The same for a file that is copied: only a name that says `linux-amd64` or the like tells of a program.
#[must_use]
pub fn copied(path: &str, platform: &Platform, at: &Location) -> Option<Needs> {
    let name = path.trim_end_matches('/').rsplit('/').next()?.to_ascii_lowercase();
    let words: Vec<&str> = name.split(['-', '_', '.']).collect_vec();
    let names_a_system = words.iter().any(|word| matches!(*word, "linux" | "darwin" | "windows"));
    let is_program = names_a_system && machine(&name, &words).is_some();
    is_program.then(|| published(&name, platform, at)).flatten()
}

fn because(name: &str, at: &Location) -> Provenance {
    let condition = text! {
        en: "the file is what its name says: `{name}`",
        ja: "ファイルが、その名前（`{name}`）の示すとおりである",
        name: name,
    };
    let downloaded = text! { en: "it comes into the image here", ja: "ここでイメージに入ります" };
    Provenance::derived(vec![
        Step {
            claim: condition.clone(),
            from: Provenance::assumed(condition, vec![Settler::Program(name.to_owned())]),
        },
        Step { claim: downloaded, from: Provenance::Read(at.clone()) },
    ])
}

/// The machine of an address that has a folder for each: `/linux/amd64/kubectl`.
fn in_address(url: &str) -> Option<Machine> {
    let folders: Vec<&str> = url.split('/').collect_vec();
    folders.windows(2).rev().skip(1).find(|pair| pair[0] == "linux").and_then(|pair| machine("", &pair[1..]))
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
            ("https://dl.example/release/v1/bin/linux/arm64/kubectl", Some("static 183")),
            ("https://dl.example/release/v1/bin/linux/amd64/kubectl", None),
            ("https://github.com/krallin/tini/releases/download/v0.19.0/tini", Some("/lib64/ld-linux-x86-64.so.2")),
            ("https://github.com/krallin/tini/releases/download/v0.19.0/tini-static", None),
            ("https://github.com/other/tini/releases/download/v0.19.0/tini", None),
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
