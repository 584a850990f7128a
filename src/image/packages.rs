//! What package managers bring into an image.

use std::sync::Arc;

use super::bases::Base;
use super::{Distribution, Image};
use crate::fact::{Need, Provenance, Settler};
use crate::source::Location;
use crate::text;

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

/// A package, by the name under which its manager installs it.
pub type PackageName = &'static str;

/// The package manager that images of a distribution bring; none in distroless and its like.
#[must_use]
pub fn manager(distribution: &Distribution) -> Option<Manager> {
    Some(match distribution.id.as_str() {
        "alpine" | "wolfi" => Manager::Apk,
        "debian" | "ubuntu" => Manager::Apt,
        "rhel" | "centos" | "rockylinux" | "almalinux" | "oraclelinux" | "fedora" | "amazonlinux" | "photon"
        | "azurelinux" | "cbl-mariner" | "mageia" => Manager::Dnf,
        "opensuse-leap" | "opensuse-tumbleweed" => Manager::Zypper,
        "arch" => Manager::Pacman,
        _ => return None,
    })
}

/// Puts into the image what `manager install NAMES` brings; `names` are all words after the verb, options included.
///
/// What an unknown package may bring is noted as a gap wherever packages put things that decide a start.
pub fn install(image: &mut Image, manager: Manager, names: &[String], at: &Location) {
    let _ = manager;
    let packages: Vec<&str> = names.iter().map(String::as_str).filter(|name| !name.starts_with('-')).collect();
    if packages.is_empty() {
        return;
    }
    let need = Arc::new(Need {
        text: text! {
            en: "the packages {packages} may bring it",
            ja: "パッケージ {packages} に含まれている可能性があります",
            packages: packages.join(", "),
        },
        settled_by: vec![Settler::Image(image.reference.clone())],
        at: Some(at.clone()),
    });
    doubt(image, &need);
}

/// Takes from the image what `manager remove NAMES` takes away, as far as it is known.
pub fn remove(image: &mut Image, manager: Manager, names: &[String], at: &Location) {
    let _ = (image, manager, names, at);
}

/// The package that brings a library (`libssl.so.3`) or a path (`/bin/bash`) in a distribution.
#[must_use]
pub fn providing(distribution: &Distribution, soname_or_path: &str) -> Option<PackageName> {
    let _ = (distribution, soname_or_path);
    None
}

/// Brings packages that an image of the catalog was made with.
pub(super) fn bring(image: &mut Image, base: &Base, _names: &[String], _from: &Provenance, need: &Arc<Need>) {
    doubt(image, need);
    base.close_foreign_loaders(&mut image.tree, &image.platform);
}

/// Where packages put what decides a start.
const PLACES: [&str; 12] = [
    "/usr/bin",
    "/usr/sbin",
    "/bin",
    "/sbin",
    "/usr/lib",
    "/lib",
    "/usr/lib64",
    "/lib32",
    "/usr/libexec",
    "/usr/local",
    "/opt",
    "/etc",
];

fn doubt(image: &mut Image, need: &Arc<Need>) {
    for place in PLACES {
        image.tree.doubt(place, Arc::clone(need));
    }
}
