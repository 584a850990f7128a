//! The tables of packages, seen from one release of a distribution.

use crate::lists::Collect;
use std::borrow::Cow;
use std::sync::OnceLock;

use super::Manager;
use crate::fact::Provenance;
use crate::image::Distribution;
use crate::image::bases::Base;
use crate::image::catalog::{Index, Table, source};
use crate::image::contents;
use crate::image::tags::{DEBIAN, numbers};

static ALPINE: Packages = Packages::new(include_str!("../catalog/packages-alpine.tsv"));
static DEBIAN_PACKAGES: Packages = Packages::new(include_str!("../catalog/packages-debian.tsv"));
static REDHAT: Packages = Packages::new(include_str!("../catalog/packages-redhat.tsv"));

/// A table, and its rows by the package's name.
#[derive(Debug)]
struct Packages {
    table: Table,
    index: OnceLock<Index<6>>,
}

type Row = [&'static str; 6];

impl Packages {
    const fn new(text: &'static str) -> Self {
        Self { table: Table(text), index: OnceLock::new() }
    }

    fn index(&self) -> &Index<6> {
        self.index.get_or_init(|| Index::of(&self.table))
    }
}

/// The packages of the base systems that debootstrap makes of Debian 11 to 13.
const BASE_OF_DEBIAN: &str = "adduser apt base-files base-passwd bash bsdutils coreutils dash debconf debian-archive-keyring debianutils diffutils dpkg e2fsprogs findutils gawk gcc-10-base gcc-12-base gcc-14-base gcc-9-base gpgv grep gzip hostname init-system-helpers libacl1 libapt-pkg6.0 libapt-pkg7.0 libattr1 libaudit-common libaudit1 libblkid1 libbsd0 libbz2-1.0 libc-bin libc6 libcap-ng0 libcap2 libcom-err2 libcrypt1 libdb5.3 libdb5.3t64 libdebconfclient0 libext2fs2 libffi7 libffi8 libfile-find-rule-perl libgcc-s1 libgcrypt20 libgdbm-compat4 libgdbm6 libgmp10 libgnutls30 libgpg-error0 libgssapi-krb5-2 libhogweed6 libhogweed6t64 libidn2-0 libk5crypto3 libkeyutils1 libkrb5-3 libkrb5support0 liblastlog2-2 liblz4-1 liblzma5 libmd0 libmount1 libmpfr6 libnettle8 libnettle8t64 libnsl2 libnumber-compare-perl libp11-kit0 libpam-modules libpam-modules-bin libpam-runtime libpam0g libpcre2-8-0 libpcre3 libperl5.36 libreadline8 libreadline8t64 libseccomp2 libselinux1 libsemanage-common libsemanage1 libsemanage2 libsepol1 libsepol2 libsigsegv2 libsmartcols1 libsqlite3-0 libss2 libssl1.1 libssl3t64 libstdc++6 libsystemd0 libtasn1-6 libtext-glob-perl libtinfo6 libtirpc-common libtirpc3 libudev1 libunistring2 libuuid1 libxxhash0 libzstd1 login login.defs logsave lsb-base mawk mount ncurses-base ncurses-bin openssl-provider-legacy passwd perl perl-base perl-modules-5.36 readline-common sed sqv sysvinit-utils tar tzdata usrmerge util-linux util-linux-extra zlib1g";

/// A package, seen from a release.
#[derive(Clone, Debug)]
pub(super) struct Package {
    pub name: &'static str,
    pub content: Cow<'static, str>,
    pub needs: Cow<'static, str>,
    pub recommends: Cow<'static, str>,
    pub tool: Cow<'static, str>,
    /// Whether the release has the package under this name; what only one relative has, it may lack.
    sure: bool,
    /// The name of the table's note that says what it rests on.
    source: &'static str,
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
    /// Whether the rows were made for this very release; else they are those of its nearest relatives.
    pub exact: bool,
    table: &'static Packages,
    release: Vec<u32>,
    /// What stands before the releases that are meant: `u` for Ubuntu's.
    mark: &'static str,
    /// The releases of the table between which this one lies, where it has few rows of its own.
    relatives: &'static [u32],
}

impl Family {
    pub(super) fn of(distribution: &Distribution) -> Option<Self> {
        let version = numbers(&distribution.version);
        let id = distribution.id.as_str();
        let family = |manager, table, release, exact, base: String| Self {
            manager,
            distribution: distribution.clone(),
            base: Base::find(&base),
            exact,
            table,
            release,
            mark: "",
            relatives: &[],
        };
        Some(match id {
            "alpine" => {
                let release = if version.is_empty() { vec![3, 999] } else { version };
                let base = if distribution.version.is_empty() { "edge" } else { &distribution.version };
                family(Manager::Apk, &ALPINE, release, true, format!("alpine:{base}"))
            }
            "debian" => {
                let number = version.first().copied().unwrap_or(99);
                let codename =
                    DEBIAN.iter().find(|(_, of)| *of == distribution.version).map_or("sid", |(name, _)| name);
                let exact = (11..=13).contains(&number);
                let relatives: &[u32] = match number {
                    ..=10 => &[11],
                    11..=13 => &[],
                    _ => &[13],
                };
                let base = format!("debian:{codename}");
                Self { relatives, ..family(Manager::Apt, &DEBIAN_PACKAGES, vec![number], exact, base) }
            }
            "ubuntu" => {
                // The Debian releases that were made before and after the Ubuntu release was taken from Debian.
                let relatives: &[u32] = match version[..] {
                    [..=20, _] => &[11],
                    [..=22, _] | [23, 4] => &[11, 12],
                    [..=23, _] | [24, 4] => &[12, 13],
                    _ => &[13],
                };
                let base = format!("ubuntu:{}", distribution.version);
                Self { mark: "u", relatives, ..family(Manager::Apt, &DEBIAN_PACKAGES, version, false, base) }
            }
            "rhel" | "centos" | "rocky" | "almalinux" | "ol" | "fedora" | "amzn" | "photon" | "azurelinux"
            | "cbl-mariner" | "mageia" => family(Manager::Dnf, &REDHAT, version, false, base_of_redhat(distribution)),
            "opensuse-leap" | "opensuse-tumbleweed" => {
                let version = if distribution.version.is_empty() { "latest" } else { &distribution.version };
                let base = format!("{}:{version}", id.replacen('-', "/", 1));
                Self { mark: "s", ..family(Manager::Zypper, &REDHAT, numbers(version), false, base) }
            }
            "arch" => {
                Self { mark: "a", ..family(Manager::Pacman, &REDHAT, Vec::new(), false, "archlinux:latest".to_owned()) }
            }
            _ => return None,
        })
    }

    pub(super) fn packages(&self) -> impl Iterator<Item = Package> {
        self.table.index().all().filter_map(|rows| self.seen(rows)).filter(|package| package.sure)
    }

    pub(super) fn package(&self, name: &str) -> Option<Package> {
        self.seen(self.table.index().get(name))
    }

    /// The package that these rows tell of.
    fn seen(&self, rows: &[Row]) -> Option<Package> {
        let name = rows.first()?[0];
        if let Some(row) = rows.iter().find(|row| includes(row[1], self.mark, &self.release)) {
            return Some(self.read(name, row));
        }
        let of_relative = |release: &u32| rows.iter().find(|row| includes(row[1], "", &[*release]));
        let found: Vec<Package> =
            self.relatives.iter().filter_map(of_relative).map(|row| self.read(name, row)).collect_vec();
        let all = found.len() == self.relatives.len();
        let package = found.into_iter().reduce(|one, other| Package {
            content: contents::common(&one.content, &other.content).into(),
            needs: common(&one.needs, &other.needs).into(),
            recommends: common(&one.recommends, &other.recommends).into(),
            tool: common(&one.tool, &other.tool).into(),
            ..one
        })?;
        Some(if all && self.relatives.len() > 1 { package } else { package.without_versions(all) })
    }

    fn read(&self, name: &'static str, row: &Row) -> Package {
        let [_, _, content, needs, recommends, tool] = *row;
        Package {
            name,
            content: content.into(),
            needs: needs.into(),
            recommends: recommends.into(),
            tool: tool.into(),
            sure: true,
            source: if self.exact || self.relatives.is_empty() { "source" } else { "source of other releases" },
            table: self.table,
        }
    }

    /// Whether a package is part of every base image, and so brings nothing.
    pub(super) fn is_base(&self, name: &str) -> bool {
        let part = match self.manager {
            // What has a version in its name may be part of some releases only.
            Manager::Apt => {
                let plain = self.exact || !name.contains(|c: char| c.is_ascii_digit());
                plain && BASE_OF_DEBIAN.split(' ').any(|part| part == name)
            }
            Manager::Apk => ["musl", "busybox", "alpine-baselayout", "apk-tools", "musl-utils", "zlib"].contains(&name),
            Manager::Dnf | Manager::Zypper | Manager::Pacman => ["glibc", "bash", "coreutils"].contains(&name),
        };
        // Where it has a row, the row says more.
        part && self.package(name).is_none()
    }
}

impl Package {
    /// What of a relative's package is likely to hold for another release: what has no version, or the name's own.
    fn without_versions(mut self, sure: bool) -> Self {
        let name = self.name;
        let keeps = |word: &&str| {
            let version: Vec<u32> = word.rsplit_once(".so.").map_or_else(|| numbers(word), |(_, rest)| numbers(rest));
            let own = numbers(name);
            version.is_empty() || word.starts_with("libc6") || version.iter().all(|number| own.contains(number))
        };
        let plain = |words: &str| words.split(' ').filter(keeps).collect_vec().join(" ");
        self.content = plain(&self.content).into();
        self.needs = plain(&self.needs).into();
        self.recommends = plain(&self.recommends).into();
        let tools = self.tool.split(' ').map(|tool| tool.split('=').next().unwrap_or(tool));
        self.tool = tools.collect_vec().join(" ").into();
        self.sure = sure;
        self
    }

    pub(super) fn source(&self) -> Provenance {
        source(self.name, self.table.table.note(self.source), self.table.table.note("observed"))
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

/// The words that both lists have.
fn common(one: &str, other: &str) -> String {
    one.split(' ').filter(|word| other.split(' ').any(|same| same == *word)).collect_vec().join(" ")
}

/// The base whose libraries the packages of a Red Hat-like release are: those of a container's usual image.
fn base_of_redhat(distribution: &Distribution) -> String {
    let version = &distribution.version;
    match distribution.id.as_str() {
        "rhel" => format!("ubi{version}"),
        "centos" if version.parse::<u32>().is_ok_and(|version| version >= 9) => format!("centos:stream{version}"),
        "rocky" => format!("rockylinux:{version}"),
        "ol" => format!("oraclelinux:{version}"),
        "amzn" => format!("amazonlinux:{version}"),
        other => format!("{other}:{version}"),
    }
}

/// Whether `11..13`, `3.17..`, `..3.16`, `12` or several of these (`9..10,u18.04..20.04`) hold a release; empty holds all.
///
/// Releases of other distributions in the same table stand behind a mark.
fn includes(releases: &str, mark: &str, release: &[u32]) -> bool {
    if releases.is_empty() {
        return mark.is_empty();
    }
    let ranges = releases.split(',').filter_map(|range| {
        let range = range.strip_prefix(mark)?;
        (range.is_empty() || range.starts_with(|c: char| c.is_ascii_digit() || c == '.')).then_some(range)
    });
    ranges.into_iter().any(|range| {
        let (from, to) = range.split_once("..").unwrap_or((range, range));
        numbers(from).as_slice() <= release && (to.is_empty() || release <= numbers(to).as_slice())
    })
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
            ("9..10,u18.04..20.04", "10", true),
            ("9..10,u18.04..20.04", "18.04", false),
        ] {
            assert_eq!(includes(releases, "", &numbers(release)), expected, "{releases} {release}");
        }
    }
}
