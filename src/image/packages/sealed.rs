//! What stays absent whatever packages are installed, known or not.

use super::brings;
use super::closure::is_data;
use super::system;
use super::table::Family;
use crate::image::bases::Base;
use crate::image::{Image, LibcFamily, libraries};
use crate::lists::Collect;
use crate::tree::{Lookup, Tree};

/// What is surely absent, and what no package of the distribution brings: another libc's loader, another OpenSSL.
pub(super) struct Sealed {
    loaders: Vec<String>,
    libraries: Vec<String>,
    /// What only some packages bring.
    told: Vec<(&'static str, String)>,
}

/// What of that is absent now; where something else was done before that may have brought it, nothing is.
pub(super) fn sealed(image: &Image, family: &Family) -> Sealed {
    let absent = |path: &String| matches!(image.tree.lookup(path), Lookup::Missing { .. });
    let musl = image.libc.value().and_then(Option::as_ref).is_some_and(|libc| libc.family == LibcFamily::Musl);
    let loaders: Vec<String> = if musl {
        libraries::glibc_loaders(&image.platform).into_iter().map(str::to_owned).collect_vec()
    } else {
        libraries::musl_loader(&image.platform).into_iter().collect_vec()
    };
    let directory = system(image, family).libraries;
    let places = ["/lib", "/usr/lib", "/usr/local/lib"].map(str::to_owned);
    let own = ["", "/usr", "/usr/local"].map(|front| format!("{front}/{directory}"));
    let never: Vec<&str> = family.base.iter().flat_map(Base::never).collect_vec();
    let places: Vec<String> = places.into_iter().chain(own).collect_vec();
    let libraries = places.iter().flat_map(|place| never.iter().map(move |name| format!("{place}/{name}")));
    let told: Vec<&str> = brings::libraries().collect_vec();
    let told = places.iter().flat_map(|place| told.iter().map(move |name| (*name, format!("{place}/{name}"))));
    Sealed {
        loaders: loaders.into_iter().filter(absent).collect_vec(),
        libraries: libraries.filter(absent).collect_vec(),
        told: told.filter(|(_, path)| absent(path)).collect_vec(),
    }
}

/// Says it again after what is not known was noted, unless a package is named that may be for just that: `gcompat`,
/// `libssl1.1` of an older release.
pub(super) fn seal(image: &mut Image, sealed: &Sealed, names: &[String], unknown: &[String]) {
    let is_for =
        |names: &[String], words: &[&str]| names.iter().any(|name| words.iter().any(|word| name.contains(word)));
    let loaders = sealed.loaders.iter().filter(|_| !names.iter().any(|name| brings_libc(name)));
    let libraries = sealed.libraries.iter().filter(|_| !is_for(unknown, &["ssl", "crypto", "compat"]));
    for path in loaders.chain(libraries) {
        if !matches!(image.tree.lookup(path), Lookup::Found { .. }) {
            image.tree.close(path);
        }
    }
}

/// Says again what is absent and what none of the packages brings, nor what they need besides.
pub(super) fn close_told(image: &mut Image, family: &Family, sealed: &Sealed, names: &[String]) {
    let is_there = |tree: &Tree, path: &str| matches!(tree.lookup(path), Lookup::Found { .. });
    for (library, path) in &sealed.told {
        let mut names = names.iter().filter(|name| !is_data(name));
        // A package puts it in one place.
        let elsewhere = || sealed.told.iter().any(|(other, at)| other == library && is_there(&image.tree, at));
        if !is_there(&image.tree, path)
            && (names.all(|name| brings::lacks(family.manager, name, library)) || elsewhere())
        {
            image.tree.close(path);
        }
    }
}

fn brings_libc(name: &str) -> bool {
    ["glibc", "musl", "libc6", "compat", "multilib", "i386", "lib32", ".apk", ".deb"]
        .iter()
        .any(|word| name.contains(word))
}
