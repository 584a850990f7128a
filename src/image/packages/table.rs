//! The tables of packages, seen from one release of a distribution.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::Manager;
use crate::fact::Provenance;
use crate::image::Distribution;
use crate::image::bases::Base;
use crate::image::catalog::{Table, source};
use crate::image::tags::{DEBIAN, numbers};

static ALPINE: Packages = Packages::new(include_str!("../catalog/packages-alpine.tsv"));
static DEBIAN_PACKAGES: Packages = Packages::new(include_str!("../catalog/packages-debian.tsv"));
static REDHAT: Packages = Packages::new(include_str!("../catalog/packages-redhat.tsv"));

/// A table, and its rows by the package's name.
#[derive(Debug)]
struct Packages {
    table: Table,
    index: OnceLock<BTreeMap<&'static str, Vec<Row>>>,
}

type Row = [&'static str; 6];

impl Packages {
    const fn new(text: &'static str) -> Self {
        Self { table: Table(text), index: OnceLock::new() }
    }

    fn index(&self) -> &BTreeMap<&'static str, Vec<Row>> {
        self.index.get_or_init(|| {
            let mut index: BTreeMap<_, Vec<Row>> = BTreeMap::new();
            for row in self.table.rows() {
                index.entry(row[0]).or_default().push(row);
            }
            index
        })
    }
}

/// The packages of the base systems that debootstrap makes of Debian 11 to 13.
const BASE_OF_DEBIAN: &str = "adduser apt base-files base-passwd bash bsdutils coreutils dash debconf debian-archive-keyring debianutils diffutils dpkg e2fsprogs findutils gawk gcc-10-base gcc-12-base gcc-14-base gcc-9-base gpgv grep gzip hostname init-system-helpers libacl1 libapt-pkg6.0 libapt-pkg7.0 libattr1 libaudit-common libaudit1 libblkid1 libbsd0 libbz2-1.0 libc-bin libc6 libcap-ng0 libcap2 libcom-err2 libcrypt1 libdb5.3 libdb5.3t64 libdebconfclient0 libext2fs2 libffi7 libffi8 libfile-find-rule-perl libgcc-s1 libgcrypt20 libgdbm-compat4 libgdbm6 libgmp10 libgnutls30 libgpg-error0 libgssapi-krb5-2 libhogweed6 libhogweed6t64 libidn2-0 libk5crypto3 libkeyutils1 libkrb5-3 libkrb5support0 liblastlog2-2 liblz4-1 liblzma5 libmd0 libmount1 libmpfr6 libnettle8 libnettle8t64 libnsl2 libnumber-compare-perl libp11-kit0 libpam-modules libpam-modules-bin libpam-runtime libpam0g libpcre2-8-0 libpcre3 libperl5.36 libreadline8 libreadline8t64 libseccomp2 libselinux1 libsemanage-common libsemanage1 libsemanage2 libsepol1 libsepol2 libsigsegv2 libsmartcols1 libsqlite3-0 libss2 libssl1.1 libssl3t64 libstdc++6 libsystemd0 libtasn1-6 libtext-glob-perl libtinfo6 libtirpc-common libtirpc3 libudev1 libunistring2 libuuid1 libxxhash0 libzstd1 login login.defs logsave lsb-base mawk mount ncurses-base ncurses-bin openssl-provider-legacy passwd perl perl-base perl-modules-5.36 readline-common sed sqv sysvinit-utils tar tzdata usrmerge util-linux util-linux-extra zlib1g";

/// A row, seen from a release.
#[derive(Clone, Copy, Debug)]
pub(super) struct Package {
    pub name: &'static str,
    pub content: &'static str,
    pub needs: &'static str,
    pub recommends: &'static str,
    pub tool: &'static str,
    table: &'static Packages,
}

impl PartialEq for Package {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// The packages of one release.
pub(super) struct Family {
    pub manager: Manager,
    pub distribution: Distribution,
    /// The base whose libraries these are.
    pub base: Option<Base>,
    /// Whether the rows were made for this very release; else they are those of its nearest relative.
    pub exact: bool,
    table: &'static Packages,
    release: Vec<u32>,
}

impl Family {
    pub(super) fn of(distribution: &Distribution) -> Option<Self> {
        let version = numbers(&distribution.version);
        let (manager, table, release, exact, base) = match distribution.id.as_str() {
            "alpine" => {
                let (release, exact) = if version.is_empty() { (vec![3, 999], true) } else { (version, true) };
                let base = if distribution.version.is_empty() { "edge" } else { &distribution.version };
                (Manager::Apk, &ALPINE, release, exact, format!("alpine:{base}"))
            }
            "debian" => {
                let number = version.first().copied().unwrap_or(99);
                let codename =
                    DEBIAN.iter().find(|(_, of)| *of == distribution.version).map_or("sid", |(name, _)| name);
                (
                    Manager::Apt,
                    &DEBIAN_PACKAGES,
                    vec![number.clamp(11, 13)],
                    (11..=13).contains(&number),
                    format!("debian:{codename}"),
                )
            }
            "ubuntu" => {
                // The Debian release that the Ubuntu release was taken from a year or less before or after.
                let relative = match version[..] {
                    [..=20, _] => 11,
                    [..=22, _] | [23, 4] => 12,
                    _ => 13,
                };
                (Manager::Apt, &DEBIAN_PACKAGES, vec![relative], false, format!("ubuntu:{}", distribution.version))
            }
            "rhel" | "centos" | "rocky" | "almalinux" | "ol" | "fedora" | "amzn" | "photon" | "azurelinux"
            | "cbl-mariner" | "mageia" => (Manager::Dnf, &REDHAT, version, false, String::new()),
            _ => return None,
        };
        Some(Self { manager, distribution: distribution.clone(), base: Base::find(&base), exact, table, release })
    }

    pub(super) fn packages(&self) -> impl Iterator<Item = Package> {
        let of_release = |releases: &str| includes(releases, &self.release);
        self.table.table.rows().filter(move |row: &Row| of_release(row[1])).map(|row| {
            let [name, _, content, needs, recommends, tool] = row;
            Package { name, content, needs, recommends, tool, table: self.table }
        })
    }

    pub(super) fn package(&self, name: &str) -> Option<Package> {
        let rows = self.table.index().get(name)?;
        let [name, _, content, needs, recommends, tool] = *rows.iter().find(|row| includes(row[1], &self.release))?;
        Some(Package { name, content, needs, recommends, tool, table: self.table })
    }

    /// Whether a package is part of every base image, and so brings nothing.
    pub(super) fn is_base(&self, name: &str) -> bool {
        let part = match self.manager {
            Manager::Apt => BASE_OF_DEBIAN.split(' ').any(|part| part == name),
            Manager::Apk => ["musl", "busybox", "alpine-baselayout", "apk-tools", "musl-utils", "zlib"].contains(&name),
            Manager::Dnf | Manager::Zypper | Manager::Pacman => ["glibc", "bash", "coreutils"].contains(&name),
        };
        // Where it has a row, the row says more.
        part && self.package(name).is_none()
    }
}

impl Package {
    pub(super) fn source(&self) -> Provenance {
        source(self.name, self.table.table.note("source"), self.table.table.note("observed"))
    }

    /// Whether it surely brings a library, a command, or the file at a path.
    pub(super) fn brings(&self, wanted: &str) -> bool {
        let name = wanted.rsplit('/').next().unwrap_or(wanted);
        let mut words = self.content.split(' ').filter(|word| !word.is_empty() && !word.ends_with([':', '?']));
        words.any(|word| {
            let end = word.find(['>', '#', '!', '%', '=', '~']).unwrap_or(word.len());
            let file = &word[..end];
            !file.is_empty() && (file == wanted || !file.starts_with('/') && file == name)
        })
    }
}

/// Whether `11..13`, `3.17..`, `..3.16` or `12` holds a release; empty holds all.
fn includes(releases: &str, release: &[u32]) -> bool {
    if releases.is_empty() {
        return true;
    }
    let (from, to) = releases.split_once("..").unwrap_or((releases, releases));
    numbers(from).as_slice() <= release && (to.is_empty() || release <= numbers(to).as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_and_need_only_what_they_may() {
        for table in [&ALPINE.table, &DEBIAN_PACKAGES.table, &REDHAT.table] {
            let rows: Vec<[&str; 6]> = table.rows().collect();
            assert!(
                rows.is_sorted_by(|a, b| (a[0], numbers(a[1])) <= (b[0], numbers(b[1]))),
                "sorted by name and release"
            );
            assert!(!table.note("source").is_empty() && !table.note("observed").is_empty());
            for [name, releases, ..] in &rows {
                assert!(
                    rows.iter().filter(|row| row[0] == *name && row[1] == *releases).count() == 1,
                    "{name} {releases}"
                );
            }
        }
    }

    #[test]
    fn releases_are_ranges() {
        for (releases, release, expected) in [
            ("", "3.20", true),
            ("3.17..", "3.20", true),
            ("3.17..", "3.9", false),
            ("..3.16", "3.9", true),
            ("11..12", "13", false),
            ("12", "12", true),
        ] {
            assert_eq!(includes(releases, &numbers(release)), expected, "{releases} {release}");
        }
    }
}
