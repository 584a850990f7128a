//! What package managers bring into an image.
//!
//! A package is a row of `catalog/packages-*.tsv`: what it holds, which others it needs, for which releases.
//! What is not listed there is not guessed: a gap is noted wherever packages put what decides a start, so that nothing
//! an unknown package might bring is called missing.

mod brings;
mod closure;
mod command;
mod gaps;
mod sealed;
mod table;

use crate::lists::{Collect, Set};
use std::sync::Arc;

use super::bases::Base;
use super::contents::Filler;
use super::libraries::{LibraryDirectory, System};
use super::{Distribution, Image, Tool};
use crate::fact::{Fact, Knowledge, Need, Provenance, Step};
use crate::needs::Language;
use crate::source::Location;
use crate::text;
use crate::tree::{Node, Tree};
use closure::{Closure, is_data};
use command::Command;
pub(super) use gaps::open_users;
use gaps::{doubt, need, quoted, unknown};
use sealed::{close_told, seal, sealed};
use table::{Family, Package};

/// A package manager, whatever front end calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Manager {
    Apk,
    /// `apt-get`, `apt`, `aptitude`
    Apt,
    /// `dnf`, `yum`, `microdnf`, `tdnf`
    Dnf,
    Zypper,
    Pacman,
}

impl Manager {
    /// The family that a program installs packages of.
    #[must_use]
    pub fn of_program(name: &str) -> Option<Self> {
        Some(match name {
            "apk" => Self::Apk,
            "apt-get" | "apt" | "aptitude" => Self::Apt,
            "dnf" | "microdnf" | "tdnf" | "yum" => Self::Dnf,
            "zypper" => Self::Zypper,
            "pacman" => Self::Pacman,
            _ => return None,
        })
    }
}

/// A package, by the name under which its manager installs it.
pub type PackageName = &'static str;

/// The package manager that images of a distribution bring; none in distroless and its like.
#[must_use]
pub fn manager(distribution: &Distribution) -> Option<Manager> {
    Some(match distribution.id.as_str() {
        "alpine" | "wolfi" => Manager::Apk,
        "debian" | "ubuntu" => Manager::Apt,
        "rhel" | "centos" | "rocky" | "almalinux" | "ol" | "fedora" | "amzn" | "photon" | "azurelinux"
        | "cbl-mariner" | "mageia" => Manager::Dnf,
        "opensuse-leap" | "opensuse-tumbleweed" => Manager::Zypper,
        "arch" => Manager::Pacman,
        _ => return None,
    })
}

/// Puts into the image what `manager install NAMES` brings; `names` are all words after the verb, options included.
///
/// What an unknown package may bring is noted as a gap wherever packages put things that decide a start.
/// Each package named is added to [`Image::packages`].
pub fn install(image: &mut Image, manager: Manager, names: &[String], at: &Location) {
    let command = Command::read(manager, names);
    for name in command.packages.iter().filter(|name| *name != "?") {
        image.packages.push(Fact::read(name.clone(), at.clone()));
        if let Some(group) = &command.group {
            // `apk add --virtual .build-deps gcc` is undone by `apk del .build-deps`.
            image.packages.push(Fact::read(format!("{group}={name}"), at.clone()));
        }
    }
    let family = image.distribution.as_ref().and_then(|distribution| Family::of(&distribution.value));
    let Some(family) = family.filter(|family| family.manager == manager) else {
        unknown(image, &command.packages, Some(at), false);
        return;
    };
    let set = Closure::of(&family, &command.packages, command.recommends);
    let sealed = sealed(image, &family);
    let here = Step {
        claim: text! {
            en: "{packages} are installed here",
            ja: "ここで {packages} がインストールされます",
            packages: quoted(&command.packages),
        },
        from: Provenance::Read(at.clone()),
    };
    put(image, &family, &set, |package| {
        let claim = text! {
            en: "the package `{package}` of {distribution} brings it",
            ja: "{distribution} のパッケージ `{package}` に含まれています",
            package: package.name,
            distribution: &family.distribution.name,
        };
        Provenance::derived(vec![here.clone(), Step { claim, from: package.source() }])
    });
    let mut open = set.unknown.clone();
    if !family.exact {
        let changes = |name: &&String| !SAME_IN_RELATIVES.contains(&name.as_str()) && !is_data(name);
        open.extend(command.packages.iter().filter(changes).cloned());
    }
    if !open.is_empty() || command.opaque {
        let names = if open.is_empty() { command.packages.clone() } else { open };
        // What was not named comes from the distribution itself.
        let own = !command.opaque && names.iter().all(|name| !command.packages.contains(name));
        unknown(image, &names, Some(at), own);
    }
    if !command.opaque {
        seal(image, &sealed, &command.packages, &set.unknown);
        close_told(image, &family, &sealed, &command.packages);
    }
}

/// Takes from the image what `manager remove NAMES` takes away, as far as it is sure that nothing else needs it.
///
/// `unneeded` are packages that were removed before, when what they alone needed goes too: `apt-get autoremove`; `None`
/// where it stays.
pub fn remove(image: &mut Image, manager: Manager, names: &[String], unneeded: Option<&[String]>, at: &Location) {
    let command = Command::read(manager, names);
    let groups: Vec<String> = command.packages.iter().map(|name| format!("{name}=")).collect_vec();
    let named = |entry: &str| {
        command.packages.iter().any(|name| name == entry)
            || groups.iter().any(|group| entry.starts_with(group.as_str()))
    };
    let gone: Vec<String> =
        image.packages.iter().map(|fact| fact.value.clone()).filter(|entry| named(entry)).collect_vec();
    let mut gone: Set = gone
        .iter()
        .map(|entry| entry.rsplit_once('=').map_or(entry.clone(), |(_, name)| name.to_owned()))
        .collect_set();
    image.packages.retain(|fact| {
        let name = fact.value.rsplit_once('=').map_or(fact.value.as_str(), |(_, name)| name);
        !gone.contains_key(name)
    });
    unneeded.into_iter().flatten().for_each(|name| _ = gone.add(name));
    let family = image.distribution.as_ref().and_then(|distribution| Family::of(&distribution.value));
    let Some(family) = family.filter(|family| family.exact) else { return };
    let kept: Vec<String> = image.packages.iter().map(|fact| fact.value.clone()).collect_vec();
    let remaining = Closure::of(&family, &kept, true);
    let leaving = match unneeded {
        Some(_) => Closure::of(&family, &gone.keys().map(|name| name.to_string()).collect_vec(), true).packages,
        None => gone.keys().filter_map(|name| family.package(name)).collect_vec(),
    };
    // What is not listed may need any library that it is not known to do without.
    let may_need = |library: &str| {
        !remaining.unknown.is_empty() && !kept.iter().all(|name| brings::lacks(family.manager, name, library))
    };
    for package in leaving.iter().filter(|package| !remaining.packages.contains(package)) {
        take(image, &family, package, &may_need, at);
    }
    let compiles = |packages: &[Package]| packages.iter().any(|package| package.tool == "c");
    if compiles(&leaving) && !compiles(&remaining.packages) && remaining.unknown.is_empty() {
        image.c_compiler = Knowledge::Known(Fact::read(false, at.clone()));
    }
}

/// The package that brings a library (`libssl.so.3`), a command (`bash`) or a path (`/bin/bash`) in a distribution.
#[must_use]
pub fn providing(distribution: &Distribution, soname_or_path: &str) -> Option<PackageName> {
    let family = Family::of(distribution)?;
    if soname_or_path.contains("/ld-linux") && family.distribution.id == "alpine" {
        return Some("gcompat");
    }
    let found = family.packages().find(|package| package.brings(soname_or_path));
    found.map(|package| package.name)
}

/// Brings packages that an image of the catalog was made with.
pub(super) fn bring(image: &mut Image, base: &Base, names: &[String], from: &Provenance, need: &Arc<Need>) {
    let family = Family::of(&base.distribution);
    let sealed = family.as_ref().map(|family| sealed(image, family));
    let unknown = match &family {
        Some(family) => {
            let set = Closure::of(family, names, false);
            put(image, family, &set, |_| from.clone());
            !set.unknown.is_empty() || !family.exact
        }
        None => true,
    };
    if unknown {
        doubt(&mut image.tree, need, true);
        base.close_foreign_loaders(&mut image.tree, &image.platform);
        if let Some((family, sealed)) = family.zip(sealed) {
            close_told(image, &family, &sealed, names);
        }
    }
}

fn put(image: &mut Image, family: &Family, set: &Closure, from: impl Fn(&Package) -> Provenance) {
    let system = system(image, family);
    let need = need(&set.packages.iter().map(|package| package.name.to_owned()).collect_vec(), image, None);
    for package in &set.packages {
        let from = from(package);
        let mut filler = Filler::new(&mut image.tree, &system, from.clone(), Arc::clone(&need));
        filler.keep = true;
        filler.fill(&package.content);
        for word in package.tool.split(' ').filter(|word| !word.is_empty()) {
            if word == "c" {
                image.c_compiler = Knowledge::Known(Fact::new(true, from.clone()));
            } else if let Some(tool) = tool(word, image) {
                image.tools.push(Fact::new(tool, from.clone()));
            }
        }
    }
}

/// Takes away what a package brought, and nothing that was there before it.
fn take(image: &mut Image, family: &Family, package: &Package, may_need: &dyn Fn(&str) -> bool, at: &Location) {
    let system = system(image, family);
    let need = need(&[package.name.to_owned()], image, Some(at));
    // The same words fill an empty tree with the paths that are the package's own.
    let mut own = Tree::empty();
    Filler::new(&mut own, &system, Provenance::Always, need).fill(&package.content);
    let paths: Vec<Arc<str>> = own.below("/").map(|(path, _)| Arc::clone(path)).collect_vec();
    for path in paths {
        let ours = image.tree.entry(&path).is_some_and(|entry| matches!(entry.from, Provenance::Derived(_)));
        let file = !matches!(own.entry(&path), Some(entry) if entry.node == Node::Directory);
        let library = path.rsplit('/').next().filter(|name| name.contains(".so."));
        if ours && file && !library.is_some_and(may_need) {
            image.tree.delete(&path);
        }
    }
}

/// The C side of the image, for the versions that its libraries define.
fn system(image: &Image, family: &Family) -> System {
    let base = family.base.as_ref();
    match base {
        Some(base) => base.system(&image.platform),
        None => {
            let libc = image.libc.value().cloned().flatten();
            System::new(&image.platform, libc, LibraryDirectory::Lib64)
        }
    }
}

fn tool(word: &str, image: &Image) -> Option<Tool> {
    let (name, version) = word.split_once('=').unwrap_or((word, ""));
    let (name, _) = name.split_once(':').unwrap_or((name, ""));
    let language = crate::image::tools::language(name).filter(|language| *language != Language::C)?;
    let machine = crate::needs::Machine::of(&image.platform).and_then(crate::needs::Machine::architecture);
    let alpine = image.distribution.as_ref().is_some_and(|distribution| distribution.value.id == "alpine");
    let target = match (language, machine) {
        // Alpine's own rustc names its targets after the distribution, and links dynamically with musl.
        (Language::Rust, Some("amd64")) if alpine => Some("x86_64-alpine-linux-musl".to_owned()),
        (Language::Rust, Some("arm64")) if alpine => Some("aarch64-alpine-linux-musl".to_owned()),
        (Language::Rust, Some("amd64")) => Some("x86_64-unknown-linux-gnu".to_owned()),
        (Language::Rust, Some("arm64")) => Some("aarch64-unknown-linux-gnu".to_owned()),
        _ => None,
    };
    Some(Tool { language, version: version.to_owned(), target })
}

/// Packages of data, whose rows hold for every release of the family and for those made from it.
const SAME_IN_RELATIVES: [&str; 6] =
    ["adduser", "apt-transport-https", "ca-certificates", "locales", "netbase", "tzdata"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::needs::Needs;
    use crate::platform::Platform;
    use crate::tree::{Content, Lookup};

    /// What an image holds must be usable in it, or a gap must say why not: a library's own needs, a link's end.
    fn dangling(image: &Image, added: bool) -> Vec<String> {
        let missing = |path: &str| matches!(image.tree.lookup(path), Lookup::Missing { .. });
        let places = ["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib", "/usr/lib"];
        let mut found = Vec::new();
        for (path, entry) in image.tree.below("/") {
            if added && !matches!(entry.from, Provenance::Derived(_)) {
                continue;
            }
            match &entry.node {
                Node::Link(target) if missing(path) => found.push(format!("{path} leads to {target}")),
                Node::File(Content::Library(library)) => {
                    let Some(Needs::Elf(needs)) = library.needs.as_deref() else { continue };
                    for needed in &needs.libraries {
                        if places.iter().all(|place| missing(&format!("{place}/{}", needed.value))) {
                            found.push(format!("{path} needs {}", needed.value));
                        }
                    }
                }
                _ => {}
            }
        }
        found
    }

    #[test]
    fn every_package_is_whole_with_what_it_needs() {
        let at = Location::file(&Arc::from("Dockerfile"));
        let mut failures = Vec::new();
        for (reference, manager) in [
            ("debian:11", Manager::Apt),
            ("debian:12", Manager::Apt),
            ("debian:13", Manager::Apt),
            ("alpine:3.20", Manager::Apk),
        ] {
            let base = crate::image::resolve(reference, &Platform::default());
            assert_eq!(dangling(&base, false), Vec::<String>::new(), "{reference}");
            let distribution = base.distribution.as_ref().expect("a known image").value.clone();
            let family = Family::of(&distribution).expect("tables for it");
            for package in family.packages() {
                let mut image = base.clone();
                let words = ["--no-install-recommends".to_owned(), package.name.to_owned()];
                install(&mut image, manager, &words, &at);
                let wrong = dangling(&image, true);
                failures.extend(wrong.iter().map(|what| format!("{reference} with {}: {what}", package.name)));
            }
        }
        assert!(
            failures.is_empty(),
            "{} in all, such as\n{}",
            failures.len(),
            failures[..failures.len().min(60)].join("\n")
        );
    }
}
