//! Shared libraries that a build most likely links: what its lock file or the packages that it installs suggest.
//!
//! The library's file name (`libssl.so.3`) hangs on the release, so it is looked up where the linker would find it: in
//! the stage that builds.

use super::Invocation;
use crate::fact::{Fact, Provenance, Settler, Step};
use crate::image::Distribution;
use crate::lists::Collect;
use crate::text;
use crate::text::Text;
use crate::tree::{Content, Node, Tree};

/// A `-l` name and the development packages that bring it, by their names on Debian, Alpine, and the RPM distributions.
const PACKAGES: &[(&str, &[&str])] = &[
    ("asound", &["libasound2-dev", "alsa-lib-dev", "alsa-lib-devel"]),
    ("curl", &["libcurl4-openssl-dev", "libcurl4-gnutls-dev", "curl-dev", "libcurl-devel"]),
    ("dbus-1", &["libdbus-1-dev", "dbus-dev", "dbus-devel"]),
    ("event-2.1", &["libevent-dev", "libevent-devel"]),
    ("gmp", &["libgmp-dev", "gmp-dev", "gmp-devel"]),
    ("git2", &["libgit2-dev", "libgit2-devel"]),
    ("icuuc", &["libicu-dev", "icu-dev", "libicu-devel"]),
    ("jpeg", &["libjpeg-dev", "libjpeg62-turbo-dev", "libjpeg-turbo-dev", "libjpeg-turbo-devel"]),
    ("ldap", &["libldap2-dev", "libldap-dev", "openldap-dev", "openldap-devel"]),
    ("magic", &["libmagic-dev", "file-dev", "file-devel"]),
    ("mariadb", &["libmariadb-dev", "libmariadb-dev-compat", "default-libmysqlclient-dev", "mariadb-connector-c-dev"]),
    ("mysqlclient", &["libmysqlclient-dev", "mysql-devel"]),
    ("pcap", &["libpcap-dev", "libpcap-devel"]),
    ("pcre2-8", &["libpcre2-dev", "pcre2-dev", "pcre2-devel"]),
    ("pq", &["libpq-dev", "postgresql-dev", "postgresql-devel", "libpq-devel"]),
    ("rdkafka", &["librdkafka-dev", "librdkafka-devel"]),
    ("sasl2", &["libsasl2-dev", "cyrus-sasl-dev", "cyrus-sasl-devel"]),
    ("sodium", &["libsodium-dev", "libsodium-devel"]),
    ("sqlite3", &["libsqlite3-dev", "sqlite-dev", "sqlite-devel"]),
    ("ssh2", &["libssh2-1-dev", "libssh2-dev", "libssh2-devel"]),
    ("ssl", &["libssl-dev", "openssl-dev", "openssl-devel", "libressl-dev", "openssl3-dev"]),
    ("udev", &["libudev-dev", "eudev-dev", "systemd-devel"]),
    ("usb-1.0", &["libusb-1.0-0-dev", "libusb-dev", "libusbx-devel", "libusb1-devel"]),
    ("vips", &["libvips-dev", "vips-dev", "vips-devel"]),
    ("xml2", &["libxml2-dev", "libxml2-devel"]),
    ("yaml", &["libyaml-dev", "yaml-dev", "libyaml-devel"]),
    ("zmq", &["libzmq3-dev", "zeromq-dev", "zeromq-devel", "czmq-dev"]),
];

/// Crates that link a C library of the system unless told otherwise, by the `-l` name.
const CRATES: &[(&str, &str)] = &[
    ("alsa-sys", "asound"),
    ("hidapi", "udev"),
    ("libdbus-sys", "dbus-1"),
    ("libudev-sys", "udev"),
    ("mysqlclient-sys", "mysqlclient"),
    ("openssl-sys", "ssl"),
    ("pcap", "pcap"),
    ("pq-sys", "pq"),
];

/// A crate that builds the library of another from its own sources, so that no shared one is linked.
const VENDORED: &[(&str, &str)] =
    &[("openssl-src", "ssl"), ("pq-src", "pq"), ("mysqlclient-src", "mysqlclient"), ("libudev-zero", "udev")];

/// Libraries that always come together.
const COMPANIONS: &[(&str, &str)] = &[("ssl", "crypto")];

/// A shared library that the program asks for, with the reason.
pub(super) type Suggested = Fact<String>;

/// What the crates of a `Cargo.lock` link.
pub(super) fn of_crates(invocation: &Invocation<'_>, locked: &[String]) -> Vec<Suggested> {
    let listed = |name: &str| locked.iter().any(|known| known == name);
    let vendored = |link: &str| VENDORED.iter().any(|(source, for_link)| *for_link == link && listed(source));
    let suggest = |(name, link): &(&str, &str)| {
        let condition = text! {
            en: "the program links the system's `lib{link}` (`Cargo.lock` lists `{name}`)",
            ja: "プログラムがシステムの `lib{link}` をリンクする（`Cargo.lock` に `{name}` があります）",
            link: *link,
            name: *name,
        };
        (listed(name) && !vendored(link)).then(|| named(invocation, link, condition))
    };
    CRATES.iter().filter_map(suggest).flatten().collect_vec()
}

/// What the packages that the stage installs by name suggest.
pub(super) fn of_packages(invocation: &Invocation<'_>) -> Vec<Suggested> {
    let mut found: Vec<Suggested> = Vec::new();
    for package in invocation.builder.packages {
        let Some((link, _)) = PACKAGES.iter().find(|(_, names)| names.contains(&package.value.as_str())) else {
            continue;
        };
        let condition = text! {
            en: "the program links `lib{link}`, for which the builder installs `{package}`",
            ja: "プログラムが `lib{link}` をリンクする（ビルダーはそのために `{package}` をインストールしています）",
            link: *link,
            package: &package.value,
        };
        for library in named(invocation, link, condition) {
            if !found.iter().any(|known| known.value == library.value) {
                let from = Provenance::derived(vec![
                    package.step(text! {
                        en: "the builder installs `{package}`",
                        ja: "ビルダーは `{package}` をインストールします",
                        package: &package.value,
                    }),
                    Step { claim: claim(&library.value), from: library.from },
                ]);
                found.push(Fact::new(library.value, from));
            }
        }
    }
    found
}

fn claim(soname: &str) -> Text {
    text! { en: "the program asks for `{soname}`", ja: "プログラムは `{soname}` を必要とします", soname: soname }
}

/// The files that a `-l` name and its companions end up as in `DT_NEEDED`.
pub(super) fn named(invocation: &Invocation<'_>, link: &str, condition: Text) -> Vec<Suggested> {
    let companions = COMPANIONS.iter().filter(|(first, _)| *first == link).map(|(_, second)| *second);
    let settled_by = vec![Settler::Program(String::new())];
    std::iter::once(link)
        .chain(companions)
        .filter_map(|link| soname(invocation.builder.tree, link).or_else(|| usual(invocation, link)))
        .map(|soname| Fact::new(soname, Provenance::assumed(condition.clone(), settled_by.clone())))
        .collect_vec()
}

/// The file that a package of a language asks for, by the file's own name or by what a linker is given in a stage.
///
/// Of alternatives (`mariadb|mysqlclient`) the stage shows which it is, else the distribution's own is the first; what
/// ends in `?` is linked only where its development package was installed.
pub(super) fn linked(invocation: &Invocation<'_>, links: &str) -> Option<String> {
    let installs = |link: &str| {
        let names = PACKAGES.iter().find(|(name, _)| *name == link).map_or(&[][..], |(_, names)| *names);
        invocation.builder.packages.iter().any(|package| names.contains(&package.value.as_str()))
    };
    if let Some(link) = links.strip_suffix('?') {
        return installs(link).then(|| file(invocation, link)).flatten();
    }
    if links.contains(".so") {
        let mut files = links.split('|');
        return files.next().filter(|_| files.next().is_none()).map(str::to_owned);
    }
    let shown = links.split('|').find(|link| installs(link)).or_else(|| {
        let tree = invocation.builder.tree;
        links.split('|').find(|link| soname(tree, link).is_some())
    });
    file(invocation, shown.or_else(|| links.split('|').next())?)
}

/// The file that a `-l` name stands for in a stage, or on its distribution.
fn file(invocation: &Invocation<'_>, link: &str) -> Option<String> {
    let distribution = &invocation.builder.distribution?.value;
    let installs = |name: &str| invocation.builder.packages.iter().any(|package| package.value == name);
    match link {
        "MagickCore" => return magick(distribution).map(str::to_owned),
        "curl" if installs("libcurl4-gnutls-dev") => return Some("libcurl-gnutls.so.4".into()),
        // Ubuntu's default is MySQL's own library.
        "mariadb" if distribution.id == "ubuntu" && !installs("libmariadb-dev") => {
            return soname(invocation.builder.tree, "mysqlclient");
        }
        _ => {}
    }
    soname(invocation.builder.tree, link).or_else(|| usual(invocation, link))
}

/// ImageMagick's core library, which bears the colour depth that a distribution chose (their package lists).
fn magick(distribution: &Distribution) -> Option<&'static str> {
    let release: u32 = distribution.version.split('.').next()?.parse().ok()?;
    match (distribution.id.as_str(), release) {
        ("debian", 10..=12) => Some("libMagickCore-6.Q16.so.6"),
        ("debian", 13) => Some("libMagickCore-7.Q16.so.10"),
        _ => None,
    }
}

/// The soname of the library that `-lname` finds in a stage; `None` when the stage does not show it.
pub(super) fn soname(tree: &Tree, link: &str) -> Option<String> {
    let prefix = format!("lib{link}.so");
    ["/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib"].into_iter().find_map(|directory| {
        tree.below(directory).find_map(|(path, entry)| {
            let name = path.rsplit('/').next()?;
            let version = name.strip_prefix(&prefix)?;
            if !version.is_empty() && !version.starts_with('.') {
                return None;
            }
            match &entry.seen().node {
                Node::File(Content::Library(library)) if library.soname.starts_with(&prefix) => {
                    Some(library.soname.clone())
                }
                _ => None,
            }
        })
    })
}

/// The soname that a library has on the builder's distribution, where its tree does not list it.
fn usual(invocation: &Invocation<'_>, link: &str) -> Option<String> {
    if matches!(link, "ssl" | "crypto") {
        return Some(format!("lib{link}.so.{}", openssl(&invocation.builder.distribution?.value)?));
    }
    const USUAL: &[(&str, &str)] = &[
        ("asound", "libasound.so.2"),
        ("curl", "libcurl.so.4"),
        ("dbus-1", "libdbus-1.so.3"),
        ("gmp", "libgmp.so.10"),
        ("magic", "libmagic.so.1"),
        ("mariadb", "libmariadb.so.3"),
        ("pq", "libpq.so.5"),
        ("rdkafka", "librdkafka.so.1"),
        ("sasl2", "libsasl2.so.2"),
        ("sodium", "libsodium.so.23"),
        ("sqlite3", "libsqlite3.so.0"),
        ("ssh2", "libssh2.so.1"),
        ("udev", "libudev.so.1"),
        ("usb-1.0", "libusb-1.0.so.0"),
        ("vips", "libvips.so.42"),
        ("yaml", "libyaml-0.so.2"),
        ("zmq", "libzmq.so.5"),
    ];
    USUAL.iter().find(|(name, _)| *name == link).map(|(_, soname)| (*soname).to_owned())
}

/// The part of OpenSSL's soname that each distribution's release ships (their package lists).
fn openssl(distribution: &Distribution) -> Option<&'static str> {
    let mut numbers = distribution.version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let version = (numbers.next()?, numbers.next().unwrap_or(0));
    let (since_1_1, since_3) = match distribution.id.as_str() {
        "debian" => ((9, 0), (12, 0)),
        "ubuntu" => ((18, 4), (22, 4)),
        "alpine" => ((3, 9), (3, 17)),
        "rhel" | "rocky" | "almalinux" | "centos" | "ol" => ((8, 0), (9, 0)),
        "wolfi" | "fedora" => return Some("3"),
        _ => return None,
    };
    match version {
        version if version >= since_3 => Some("3"),
        version if version >= since_1_1 => Some("1.1"),
        _ => None,
    }
}

/// The newest version with a prefix (`GLIBCXX_`) that a library of the stage defines.
pub(super) fn newest_version(tree: &Tree, soname: &str, prefix: &str) -> Option<String> {
    let versions = ["/usr/lib", "/usr/lib64", "/lib", "/lib64"].into_iter().find_map(|directory| {
        // A file is named after its soname, with more numbers at the end.
        let named = |path: &str| path.rsplit('/').next().is_some_and(|name| name.starts_with(soname));
        tree.below(directory).filter(|(path, _)| named(path)).find_map(|(_, entry)| match &entry.seen().node {
            Node::File(Content::Library(library)) if library.soname == soname => library.versions.value().cloned(),
            _ => None,
        })
    })?;
    let number = |version: &str| -> Option<Vec<u32>> {
        version.strip_prefix(prefix)?.split('.').map(|part| part.parse().ok()).collect()
    };
    versions.into_iter().filter(|version| number(version).is_some()).max_by_key(|version| number(version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_package_and_crate_stands_once() {
        let mut names: Vec<&str> = PACKAGES.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        names.extend(CRATES.iter().map(|(name, _)| *name));
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
