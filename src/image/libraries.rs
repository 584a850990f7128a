//! Loaders and C libraries by platform, and what libraries define by release.

use super::catalog::Table;
use super::{Libc, LibcFamily, soname};
use crate::lists::Collect;
use crate::needs::Machine;
use crate::platform::Platform;

/// The symbols that musl's loader exports, by release.
const MUSL: Table = Table(include_str!("catalog/musl.tsv"));
/// The symbols that gcompat's library exports, by the Alpine release.
const GCOMPAT: Table = Table(include_str!("catalog/gcompat.tsv"));

/// The C side of a base on one platform.
#[derive(Clone, Debug)]
pub(super) struct System {
    pub machine: Option<Machine>,
    pub architecture: String,
    pub libc: Option<Libc>,
    /// The path of the loader that programs name; `None` without a libc, or for a platform that has none.
    pub loader: Option<String>,
    /// Where glibc's and musl's loaders would be on this platform, whatever libc this is.
    pub glibc_loader: Option<&'static str>,
    pub musl_loader: Option<String>,
    /// Where libraries lie below `/` and `/usr`: `lib/x86_64-linux-gnu`, `lib64`, `lib`.
    pub libraries: String,
    /// The newest `GLIBCXX_` version of libstdc++: `3.4.30`; empty when not recorded.
    pub glibcxx: &'static str,
    /// The newest `GCC_` version of libgcc_s on x86-64.
    pub gcc: &'static str,
    /// The Debian release that the libraries are from, where it is recorded what they define.
    pub debian: Option<u32>,
}

/// How a distribution calls the directory of its libraries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LibraryDirectory {
    /// `lib/x86_64-linux-gnu` (Debian's multiarch)
    Triplet,
    /// `lib64` (Red Hat's), `lib` on 32-bit machines
    Lib64,
    /// `lib`
    Lib,
}

impl System {
    pub(super) fn new(platform: &Platform, libc: Option<Libc>, directory: LibraryDirectory) -> Self {
        let machine = Machine::of(platform);
        let libraries = match directory {
            LibraryDirectory::Lib => "lib".to_owned(),
            LibraryDirectory::Lib64 => {
                let narrow = machine.is_some_and(|machine| machine.bits == 32);
                if narrow { "lib" } else { "lib64" }.to_owned()
            }
            LibraryDirectory::Triplet => match triplet(platform) {
                Some(triplet) => format!("lib/{triplet}"),
                None => "lib".to_owned(),
            },
        };
        let loader = libc.as_ref().and_then(|libc| match libc.family {
            LibcFamily::Glibc => glibc_loader(platform).map(str::to_owned),
            LibcFamily::Musl => musl_loader(platform),
            LibcFamily::Uclibc | LibcFamily::Bionic => None,
        });
        Self {
            machine,
            architecture: platform.architecture.clone(),
            libc,
            loader,
            glibc_loader: glibc_loader(platform),
            musl_loader: musl_loader(platform),
            libraries,
            glibcxx: "",
            gcc: "",
            debian: None,
        }
    }

    /// What programs of this system need before all: `libc.so.6`, `libc.musl-x86_64.so.1`.
    pub(super) fn libc_soname(&self) -> Option<String> {
        match self.libc.as_ref()?.family {
            LibcFamily::Glibc => Some("libc.so.6".to_owned()),
            LibcFamily::Musl => Some(format!("libc.musl-{}.so.1", musl_suffix(&self.architecture, self.machine)?)),
            LibcFamily::Uclibc | LibcFamily::Bionic => None,
        }
    }
}

/// Debian's multiarch triplet (wiki.debian.org/Multiarch/Tuples).
fn triplet(platform: &Platform) -> Option<&'static str> {
    Some(match (platform.architecture.as_str(), platform.variant.as_str()) {
        ("amd64", _) => "x86_64-linux-gnu",
        ("386", _) => "i386-linux-gnu",
        ("arm64", _) => "aarch64-linux-gnu",
        ("arm", "v5") => "arm-linux-gnueabi",
        ("arm", _) => "arm-linux-gnueabihf",
        ("ppc64le", _) => "powerpc64le-linux-gnu",
        ("s390x", _) => "s390x-linux-gnu",
        ("riscv64", _) => "riscv64-linux-gnu",
        ("loong64", _) => "loongarch64-linux-gnu",
        ("mips64le", _) => "mips64el-linux-gnuabi64",
        _ => return None,
    })
}

/// The path of glibc's loader (glibc, `sysdeps/unix/sysv/linux/*/ldconfig.h` and `shlib-versions`).
pub(super) fn glibc_loader(platform: &Platform) -> Option<&'static str> {
    Some(match (platform.architecture.as_str(), platform.variant.as_str()) {
        ("amd64", _) => "/lib64/ld-linux-x86-64.so.2",
        ("386", _) => "/lib/ld-linux.so.2",
        ("arm64", _) => "/lib/ld-linux-aarch64.so.1",
        ("arm", "v5") => "/lib/ld-linux.so.3",
        ("arm", _) => "/lib/ld-linux-armhf.so.3",
        ("ppc64le", _) => "/lib64/ld64.so.2",
        ("s390x", _) => "/lib/ld64.so.1",
        ("riscv64", _) => "/lib/ld-linux-riscv64-lp64d.so.1",
        ("loong64", _) => "/lib64/ld-linux-loongarch-lp64d.so.1",
        ("mips64le", _) => "/lib64/ld.so.1",
        _ => return None,
    })
}

/// The path of musl's loader (musl, `configure` and `arch/*/reloc.h`).
pub(super) fn musl_loader(platform: &Platform) -> Option<String> {
    let name = match (platform.architecture.as_str(), platform.variant.as_str()) {
        ("amd64", _) => "x86_64",
        ("386", _) => "i386",
        ("arm64", _) => "aarch64",
        ("arm", "v5") => "arm",
        ("arm", _) => "armhf",
        ("ppc64le", _) => "powerpc64le",
        ("s390x", _) => "s390x",
        ("riscv64", _) => "riscv64",
        ("loong64", _) => "loongarch64",
        ("mips64le", _) => "mips64el",
        _ => return None,
    };
    Some(format!("/lib/ld-musl-{name}.so.1"))
}

/// Alpine's name for an architecture, which its libc's soname carries.
fn musl_suffix(architecture: &str, machine: Option<Machine>) -> Option<&'static str> {
    Some(match architecture {
        "amd64" => "x86_64",
        "386" => "x86",
        "arm64" => "aarch64",
        "arm" if machine.is_some_and(|machine| machine.arm_version >= 7) => "armv7",
        "arm" => "armhf",
        "ppc64le" => "ppc64le",
        "s390x" => "s390x",
        "riscv64" => "riscv64",
        "loong64" => "loongarch64",
        _ => return None,
    })
}

/// The names under which glibc's loader may be asked for on this platform, one of another architecture's included where
/// a 64-bit system often runs it.
pub(super) fn glibc_loaders(platform: &Platform) -> Vec<&'static str> {
    let mut paths: Vec<_> = glibc_loader(platform).into_iter().collect_vec();
    if platform.architecture == "amd64" {
        paths.push("/lib/ld-linux-x86-64.so.2");
        paths.push("/lib/ld-linux.so.2");
    }
    if platform.architecture == "arm" {
        paths.push("/lib/ld-linux.so.3");
    }
    paths
}

/// The versions that a library defines, where the release tells.
///
/// A library of glibc is taken to define every version up to its release, though most define a few of them: a program
/// can only ask for those that exist.
pub(super) fn versions(system: &System, soname: &str) -> Option<Vec<String>> {
    let libc = system.libc.as_ref()?;
    if libc.family == LibcFamily::Musl && (soname.starts_with("libc.musl-") || soname.starts_with("ld-musl-")) {
        return Some(Vec::new());
    }
    match soname.split(".so").next().unwrap_or("") {
        "libc" | "libm" | "libdl" | "libpthread" | "librt" | "libresolv" | "libutil" | "libanl" | "libmvec"
        | "libnsl"
            if libc.family == LibcFamily::Glibc && !soname.ends_with(".so.2")
                || soname == "libdl.so.2"
                || soname == "libresolv.so.2" =>
        {
            glibc_versions(&libc.version)
        }
        name if libc.family == LibcFamily::Glibc && name.starts_with("ld-linux") => glibc_versions(&libc.version),
        "libstdc++" if !system.glibcxx.is_empty() => Some(libstdcxx_versions(system.glibcxx)),
        "libgcc_s" if !system.gcc.is_empty() => Some(libgcc_versions(system.gcc)),
        // Alpine builds its libraries without versions as often as with them, and musl does not look.
        _ if libc.family == LibcFamily::Musl => Some(Vec::new()),
        _ => {
            let record = soname::record(soname, system.debian)?;
            Some(record.versions.into_iter().map(str::to_owned).collect_vec())
        }
    }
}

/// `GLIBC_2.0` to the release's own (glibc, `Versions` files); the ABI markers are those of the releases.
fn glibc_versions(release: &str) -> Option<Vec<String>> {
    let minor: u32 = release.strip_prefix("2.")?.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
    let patches: [(u32, &[u32]); 4] = [(1, &[1, 2, 3]), (2, &[1, 2, 3, 4, 5, 6]), (3, &[2, 3, 4]), (0, &[])];
    let mut versions = Vec::new();
    for number in 0..=minor {
        versions.push(format!("GLIBC_2.{number}"));
        let found = patches.iter().find(|(of, _)| *of == number);
        versions.extend(found.iter().flat_map(|(_, patch)| *patch).map(|patch| format!("GLIBC_2.{number}.{patch}")));
    }
    for (since, marker) in [
        (36, "GLIBC_ABI_DT_RELR"),
        (42, "GLIBC_ABI_GNU_TLS"),
        (41, "GLIBC_ABI_GNU2_TLS"),
        (41, "GLIBC_ABI_DT_X86_64_PLT"),
    ] {
        if minor >= since {
            versions.push(marker.to_owned());
        }
    }
    versions.push("GLIBC_PRIVATE".to_owned());
    Some(versions)
}

/// `GLIBCXX_3.4` to `3.4.N`, and the `CXXABI_1.3.x` that came with each (GCC manual, "ABI Policy and Guidelines").
fn libstdcxx_versions(newest: &str) -> Vec<String> {
    let last: u32 = newest.rsplit('.').next().and_then(|patch| patch.parse().ok()).unwrap_or(0);
    let mut versions = vec!["GLIBCXX_3.4".to_owned(), "CXXABI_1.3".to_owned(), "CXXABI_TM_1".to_owned()];
    versions.extend((1..=last).map(|patch| format!("GLIBCXX_3.4.{patch}")));
    versions.push("CXXABI_FLOAT128".to_owned());
    let abi: [(u32, u32); 17] = [
        (9, 1),
        (11, 2),
        (12, 3),
        (14, 4),
        (15, 5),
        (18, 6),
        (19, 7),
        (20, 8),
        (21, 9),
        (22, 10),
        (23, 11),
        (26, 12),
        (29, 13),
        (31, 14),
        (33, 15),
        (34, 16),
        (36, 17),
    ];
    versions.extend(abi.iter().filter(|(since, _)| *since <= last).map(|(_, patch)| format!("CXXABI_1.3.{patch}")));
    versions
}

/// libgcc's versions on every machine together (gcc, `libgcc/libgcc-std.ver.in` and `config/*/libgcc-*.ver`).
fn libgcc_versions(newest: &str) -> Vec<String> {
    let all = [
        "3.0", "3.3", "3.3.1", "3.4", "3.4.2", "3.4.4", "3.5", "4.0.0", "4.1.0", "4.2.0", "4.3.0", "4.4.0", "4.5.0",
        "4.7.0", "4.8.0", "7.0.0", "11.0", "12.0.0", "13.0.0", "14.0.0", "15.0.0", "16.0.0",
    ];
    let newest = super::tags::numbers(newest);
    let here = all.iter().filter(|version| super::tags::numbers(version) <= newest);
    // Some machines keep an old symbol under glibc's name.
    here.map(|version| format!("GCC_{version}")).chain(["GLIBC_2.0".to_owned()]).collect_vec()
}

/// The symbols that a library exports, where they are recorded: musl's whole libc.
pub(super) fn symbols(system: &System, soname: &str) -> Option<Vec<String>> {
    let libc = system.libc.as_ref()?;
    if let Some(version) = musl_beside(libc, soname) {
        return musl_symbols(version);
    }
    let loader = soname.starts_with("ld-musl-") || soname.starts_with("libc.musl-");
    if soname == "libgcompat.so.0" {
        return Some(
            GCOMPAT.rows().flat_map(|[_, names]: [&str; 2]| names.split(' ')).map(str::to_owned).collect_vec(),
        );
    }
    if libc.family != LibcFamily::Musl || !loader {
        return None;
    }
    musl_symbols(&libc.version)
}

/// What musl of this version exports; `None` for a version older than the records.
fn musl_symbols(version: &str) -> Option<Vec<String>> {
    let version = super::tags::numbers(version);
    let oldest = super::tags::numbers(MUSL.note("oldest"));
    if version < oldest {
        return None;
    }
    let mut symbols = Vec::new();
    for [since, until, names] in MUSL.rows() {
        let here = (since.is_empty() || super::tags::numbers(since) <= version)
            && (until.is_empty() || version < super::tags::numbers(until));
        if here {
            symbols.extend(names.split(' ').map(str::to_owned));
        }
    }
    Some(symbols)
}

/// What a library of this system needs itself: the libc, and for recorded ones all else.
pub(super) fn needed(system: &System, soname: &str) -> Vec<String> {
    let libc = system.libc_soname();
    if libc.as_deref() == Some(soname) || soname.starts_with("ld-") {
        return Vec::new();
    }
    let recorded = system.debian.and_then(|release| soname::record(soname, Some(release)));
    let others = recorded.into_iter().flat_map(|record| record.needed).map(str::to_owned);
    others.chain(libc).collect_vec()
}

/// The versions that a recorded library needs: (library, version).
pub(super) fn needed_versions(system: &System, soname: &str) -> Vec<(&'static str, &'static str)> {
    let Some(record) = system.debian.and_then(|release| soname::record(soname, Some(release))) else {
        return Vec::new();
    };
    let glibc = record.glibc.map(|version| ("libc.so.6", version));
    let glibcxx = record.glibcxx.map(|version| ("libstdc++.so.6", version));
    glibc.into_iter().chain(glibcxx).collect_vec()
}

/// What a C library or its loader is: `glibc 2.36`, `musl 1.2.5`.
pub(super) fn release(system: &System, soname: &str) -> Option<String> {
    let libc = system.libc.as_ref()?;
    if let Some(version) = musl_beside(libc, soname) {
        return Some(format!("musl {version}"));
    }
    match libc.family {
        LibcFamily::Glibc if soname == "libc.so.6" || soname.starts_with("ld-linux") || soname.starts_with("ld64") => {
            Some(format!("glibc {}", libc.version))
        }
        LibcFamily::Musl if soname.starts_with("ld-musl-") || soname.starts_with("libc.musl-") => {
            Some(format!("musl {}", libc.version))
        }
        // On musl, what bears glibc's name is gcompat's stub.
        LibcFamily::Musl if soname.starts_with("ld-linux") || soname == "libgcompat.so.0" => Some("gcompat".to_owned()),
        _ => None,
    }
}

/// The version of musl that Debian packages beside its glibc (Debian 11, 12 and 13).
fn musl_beside(libc: &Libc, soname: &str) -> Option<&'static str> {
    if libc.family != LibcFamily::Glibc || !soname.starts_with("ld-musl-") {
        return None;
    }
    match libc.version.as_str() {
        "2.31" => Some("1.2.2"),
        "2.36" => Some("1.2.3"),
        "2.41" => Some("1.2.5"),
        _ => None,
    }
}
