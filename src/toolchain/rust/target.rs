//! Rust's target triples, and how a program for one is linked.

use crate::image::{Libc, LibcFamily};
use crate::needs::{Foreign, Machine};

/// A target triple, in the parts that decide: `x86_64-unknown-linux-musl`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) triple: String,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Linux {
        machine: Machine,
        family: LibcFamily,
        /// The glibc version that `cargo zigbuild` is asked for: `2.17`.
        glibc: Option<String>,
    },
    Foreign(Foreign),
    /// A triple that this table does not know.
    Other,
}

impl Target {
    pub(super) fn read(triple: &str) -> Self {
        // `cargo zigbuild --target x86_64-unknown-linux-gnu.2.17`
        let (triple, glibc) = match triple.split_once('.') {
            Some((triple, version)) if !triple.is_empty() && version != "json" => (triple, Some(version.to_owned())),
            _ => (triple, None),
        };
        let kind = if triple.contains("-windows-") {
            Kind::Foreign(Foreign::Pe)
        } else if triple.contains("-apple-") {
            Kind::Foreign(Foreign::MachO)
        } else if triple.starts_with("wasm32") || triple.starts_with("wasm64") {
            Kind::Foreign(Foreign::WebAssembly)
        } else {
            linux(triple, glibc).unwrap_or(Kind::Other)
        };
        Self { triple: triple.to_owned(), kind }
    }

    /// The triple of the toolchain that runs in a builder; official images and rustup follow the builder's libc.
    pub(super) fn host(machine: Machine, libc: &Libc) -> Option<Self> {
        let architecture = match machine.architecture()? {
            "amd64" => "x86_64",
            "386" => "i686",
            "arm64" => "aarch64",
            "arm" if machine.arm_version == 7 => "armv7",
            "arm" => "arm",
            "ppc64le" => "powerpc64le",
            "s390x" => "s390x",
            "riscv64" => "riscv64gc",
            "loong64" => "loongarch64",
            _ => return None,
        };
        let libc = if libc.family == LibcFamily::Musl { "musl" } else { "gnu" };
        let abi = if machine.architecture() == Some("arm") { "eabihf" } else { "" };
        Some(Self::read(&format!("{architecture}-unknown-linux-{libc}{abi}")))
    }

    /// The C library of a target for Linux.
    pub(super) fn family(&self) -> Option<LibcFamily> {
        match self.kind {
            Kind::Linux { family, .. } => Some(family),
            Kind::Foreign(_) | Kind::Other => None,
        }
    }

    /// Whether the C runtime is linked statically unless `RUSTFLAGS` say otherwise (`rustc --print cfg`, 1.95).
    pub(super) fn links_statically(&self) -> bool {
        // Alpine's own toolchain patches its target to link dynamically.
        if self.is_alpine() {
            return false;
        }
        let Kind::Linux { machine, family: LibcFamily::Musl, .. } = self.kind else { return false };
        matches!(machine.architecture(), Some("amd64" | "386" | "arm64" | "arm" | "ppc64le"))
    }

    /// Alpine's own toolchain: `x86_64-alpine-linux-musl`.
    pub(super) fn is_alpine(&self) -> bool {
        self.triple.contains("-alpine-")
    }

    /// The triple as it stands in variables: `CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_RUSTFLAGS`.
    pub(super) fn in_variables(&self) -> String {
        self.triple.to_ascii_uppercase().replace('-', "_")
    }
}

fn linux(triple: &str, glibc: Option<String>) -> Option<Kind> {
    let mut parts = triple.split('-');
    let architecture = parts.next()?;
    if !parts.any(|part| part == "linux") {
        return None;
    }
    let environment = triple.rsplit('-').next()?;
    let family = if environment.starts_with("musl") {
        LibcFamily::Musl
    } else if environment.starts_with("gnu") {
        LibcFamily::Glibc
    } else {
        return None;
    };
    let arm = |version| Machine { arm_version: version, ..Machine::ARM };
    let machine = match architecture {
        "x86_64" => Machine::X86_64,
        "i386" | "i586" | "i686" => Machine::X86,
        "aarch64" => Machine::AARCH64,
        "armv7" | "thumbv7neon" => arm(7),
        "arm" if environment.ends_with("hf") => arm(6),
        "arm" | "armv5te" | "armv4t" => arm(5),
        "powerpc64le" => Machine::PPC64LE,
        "s390x" => Machine::S390X,
        "riscv64gc" => Machine::RISCV64,
        "loongarch64" => Machine::LOONGARCH64,
        _ => return None,
    };
    Some(Kind::Linux { machine, family, glibc })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn triples_say_what_is_linked() {
        for (triple, statically, linux) in [
            ("x86_64-unknown-linux-musl", true, true),
            ("x86_64-alpine-linux-musl", false, true),
            ("x86_64-unknown-linux-gnu.2.17", false, true),
            ("s390x-unknown-linux-musl", false, true),
            ("armv7-unknown-linux-musleabihf", true, true),
            ("x86_64-pc-windows-gnu", false, false),
            ("thumbv6m-none-eabi", false, false),
        ] {
            let target = Target::read(triple);
            assert_eq!(target.links_statically(), statically, "{triple}");
            assert_eq!(matches!(target.kind, Kind::Linux { .. }), linux, "{triple}");
        }
    }
}
