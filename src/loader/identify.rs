//! Which loader a path really is: glibc's, musl's, or a stub under glibc's name.

use crate::lists::Collect;
use std::sync::Arc;

use crate::fact::Provenance;
use crate::tree::{Content, Entry, Library, Lookup, Node, Tree};

/// The loader that a program names, as it lies in the tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Loader {
    /// As the program names it.
    pub asked: String,
    /// Where it really lies.
    pub path: Arc<str>,
    pub kind: LoaderKind,
    /// `musl 1.2.5`, where it is known.
    pub release: Option<String>,
    pub from: Provenance,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LoaderKind {
    Glibc,
    /// musl's, also when a link gives it glibc's name (the popular `/lib64/ld-linux-x86-64.so.2`, Alpine's former
    /// libc6-compat).
    Musl,
    /// gcompat's stub: it starts musl's loader with `libgcompat.so.0` before everything else.
    Gcompat,
    /// Another libc's: uClibc, bionic.
    Other,
}

/// Tells the loader at `path`, where the lookup of `asked` ended.
#[must_use]
pub fn identify(tree: &Tree, asked: &str, path: &Arc<str>, entry: &Entry) -> Loader {
    let library = match &entry.node {
        Node::File(Content::Library(library)) => Some(&**library),
        _ => None,
    };
    let release = library.and_then(|library| library.release.clone());
    let named = release.as_deref().and_then(by_release).or_else(|| library.and_then(by_versions));
    let kind = named.unwrap_or_else(|| by_name(tree, path));
    Loader { asked: asked.to_owned(), path: Arc::clone(path), kind, release, from: entry.from.clone() }
}

fn by_release(release: &str) -> Option<LoaderKind> {
    Some(match release.split(' ').next()? {
        "glibc" => LoaderKind::Glibc,
        "musl" => LoaderKind::Musl,
        "gcompat" => LoaderKind::Gcompat,
        _ => return None,
    })
}

/// Only glibc's loader defines versions.
fn by_versions(library: &Library) -> Option<LoaderKind> {
    let versions = library.versions.value()?;
    versions.iter().any(|version| version.starts_with("GLIBC_")).then_some(LoaderKind::Glibc)
}

fn by_name(tree: &Tree, path: &str) -> LoaderKind {
    let name = path.rsplit('/').next().unwrap_or_default();
    let musl = name.starts_with("ld-musl") || name.starts_with("libc.musl") || path.contains("-musl/libc.so");
    let glibc = ["ld-linux", "ld-2.", "ld.so", "ld64.so"].iter().any(|prefix| name.starts_with(prefix));
    if musl {
        LoaderKind::Musl
    } else if glibc && has_gcompat(tree) {
        LoaderKind::Gcompat
    } else if glibc {
        LoaderKind::Glibc
    } else {
        LoaderKind::Other
    }
}

/// The library that gcompat's stub preloads (`GCOMPAT_DEFAULT_LIBRARY`, its Makefile).
pub(super) const GCOMPAT: &str = "libgcompat.so.0";

fn has_gcompat(tree: &Tree) -> bool {
    let found = |path: &str| matches!(tree.lookup(path), Lookup::Found { .. });
    found("/lib/libgcompat.so.0") || found("/usr/lib/libgcompat.so.0")
}

impl Loader {
    /// What a person calls it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self.kind {
            LoaderKind::Glibc => "glibc",
            LoaderKind::Musl => "musl",
            LoaderKind::Gcompat => "gcompat",
            LoaderKind::Other => "the loader",
        }
    }
}

/// A version as numbers, for comparing; what follows a number, as in `1.2.4_git20230717`, ends it.
pub(super) fn numbers(version: &str) -> Vec<u32> {
    let digits = |part: &str| part[..part.bytes().take_while(u8::is_ascii_digit).count()].parse().ok();
    version.split('.').map_while(digits).collect_vec()
}
