//! A file system as far as it is known: paths, links, where each file came from, and what is not known.
//!
//! A catalog record, an image tar and a Dockerfile's instructions all fill the same tree, so what an image provides
//! is always a question to a tree.
//! The tree is three-valued: a path is there, is not there, or nobody can say ([`Lookup`]).

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::fact::{Knowledge, Need, Provenance};
use crate::needs::Needs;

/// What is known of a file system.
#[derive(Clone, Debug)]
pub struct Tree {
    root: Entry,
    entries: BTreeMap<Arc<str>, Entry>,
    /// Regions whose content is not fully known, oldest first.
    gaps: Vec<Gap>,
    /// Paths at and below which there is only what the tree lists, with the number of gaps noted before: later ones
    /// count again.
    closed: BTreeMap<Arc<str>, usize>,
}

/// A region in which paths may exist that the tree does not list.
#[derive(Clone, Debug, PartialEq)]
pub struct Gap {
    /// The absolute directory below which things may be; `/` for everywhere.
    pub below: Arc<str>,
    pub need: Arc<Need>,
}

/// One path.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub node: Node,
    /// Permission bits (`0o755`); `None` when nothing tells.
    pub mode: Option<u32>,
    /// User and group, as names or numbers; `None` for root's.
    pub owner: Option<Arc<str>>,
    pub from: Provenance,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    Directory,
    /// A symbolic link and its target as written.
    Link(Arc<str>),
    File(Content),
}

/// What is known of a file's inside.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// The bytes themselves (a script, a configuration file).
    Bytes(Arc<[u8]>),
    /// A program, by what it needs.
    Program(Arc<Needs>),
    /// A shared library, by what it offers and needs itself.
    Library(Arc<Library>),
    /// A file of which only the existence is known.
    Unknown(Arc<Need>),
    /// A file whose inside does not matter to a start (a certificate bundle, zone data).
    Opaque,
}

/// A shared library.
#[derive(Clone, Debug, PartialEq)]
pub struct Library {
    pub soname: String,
    /// Versions it defines (`.gnu.version_d`): `GLIBC_2.36`, `GLIBCXX_3.4.30`.
    pub versions: Knowledge<Vec<String>>,
    /// Symbols it exports, where they are known.
    pub symbols: Knowledge<Vec<String>>,
    /// Its own needs: needed libraries and versions.
    pub needs: Option<Arc<Needs>>,
    /// What a C library or its loader says it is: `musl 1.2.5`, `glibc 2.36`, `gcompat`; `None` for every other library.
    pub release: Option<String>,
}

/// The answer to "what is at this path?".
#[derive(Clone, Debug)]
pub enum Lookup<'t> {
    /// There, after following links; the path is where it really lies.
    Found { path: Arc<str>, entry: &'t Entry },
    /// Certainly not there. `path` is what is missing: another than asked for when a link points nowhere.
    Missing { path: Arc<str> },
    /// It may be there.
    Unknown(Arc<Need>),
}

/// Linux gives up after 40 links (`MAXSYMLINKS`, include/linux/namei.h).
const MAXIMUM_LINKS: usize = 40;

impl Tree {
    /// An empty, fully known file system: `scratch`.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// Puts an entry at an absolute path, making its parent directories.
    ///
    /// Links in the parents are followed, as every program that writes there does: on a merged-/usr image `/bin/x` is put at
    /// `/usr/bin/x`.
    /// An existing file or link there is replaced; a directory stays one when a directory is put.
    pub fn put(&mut self, path: &str, entry: Entry) {
        let mut at = normalize("/", path);
        if let Some((parent, name)) = at.rsplit_once('/') {
            let parent = if parent.is_empty() { "/".to_owned() } else { self.real_directory(parent) };
            let mut prefix = String::new();
            for part in parent.split('/').filter(|part| !part.is_empty()) {
                prefix.push('/');
                prefix.push_str(part);
                self.entries.entry(Arc::from(prefix.as_str())).or_insert_with(|| Entry {
                    node: Node::Directory,
                    mode: None,
                    owner: None,
                    from: entry.from.clone(),
                });
            }
            at = format!("{}/{name}", parent.trim_end_matches('/'));
        }
        self.entries.insert(Arc::from(at.as_str()), entry);
    }

    /// Forgets a path and everything below it.
    pub fn remove(&mut self, path: &str) {
        let path = normalize("/", path);
        let below = format!("{}/", path.trim_end_matches('/'));
        self.entries.retain(|at, _| **at != *path && !at.starts_with(&below));
    }

    /// Notes that things may lie below `below` that the tree does not list.
    pub fn doubt(&mut self, below: &str, need: Arc<Need>) {
        let gap = Gap { below: Arc::from(normalize("/", below)), need };
        // Where something was closed since, the same doubt says more than before.
        if !self.closed.is_empty() || !self.gaps.contains(&gap) {
            self.gaps.push(gap);
        }
    }

    /// Notes that at `path` and below it there is nothing but what the tree lists, whatever was doubted so far: an image
    /// whose `/usr/lib` is known in part has no musl loader all the same.
    pub fn close(&mut self, path: &str) {
        let path = normalize("/", path);
        let path = match path.rsplit_once('/') {
            Some((parent, name)) => format!("{}/{name}", self.real_directory(parent).trim_end_matches('/')),
            None => path,
        };
        self.closed.insert(Arc::from(path), self.gaps.len());
    }

    #[must_use]
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// Every known path below (and without) `directory`, in order; links are not followed.
    pub fn below<'t>(&'t self, directory: &str) -> impl Iterator<Item = (&'t Arc<str>, &'t Entry)> {
        let prefix = format!("{}/", normalize("/", directory).trim_end_matches('/'));
        self.entries
            .range::<str, _>((std::ops::Bound::Excluded(prefix.as_str()), std::ops::Bound::Unbounded))
            .take_while({
                let prefix = prefix.clone();
                move |(path, _)| path.starts_with(&prefix)
            })
    }

    /// The entry at exactly this path, links not followed.
    #[must_use]
    pub fn entry(&self, path: &str) -> Option<&Entry> {
        self.entries.get(normalize("/", path).as_str())
    }

    /// What is at an absolute path, links followed as the kernel does.
    #[must_use]
    pub fn lookup(&self, path: &str) -> Lookup<'_> {
        let mut walk = Walk::new(path);
        while let Some(next) = walk.step() {
            match self.entries.get(next.as_str()) {
                Some(Entry { node: Node::Link(target), .. }) => {
                    if !walk.follow(target) {
                        return Lookup::Missing { path: Arc::from(next) };
                    }
                }
                Some(Entry { node: Node::Directory, .. }) => walk.at = next,
                Some(entry) if walk.rest.is_empty() => return Lookup::Found { path: Arc::from(next), entry },
                // Something that is no directory has nothing below it.
                Some(_) => return Lookup::Missing { path: Arc::from(next) },
                None => {
                    let whole = walk.rest.iter().rev().fold(next, |path, part| path + "/" + part);
                    return self.absent(&normalize("/", &whole));
                }
            }
        }
        match self.entries.get_key_value(walk.at.as_str()) {
            Some((path, entry)) => Lookup::Found { path: Arc::clone(path), entry },
            None => Lookup::Found { path: Arc::from("/"), entry: &self.root },
        }
    }

    fn absent(&self, path: &str) -> Lookup<'_> {
        let within = |directory: &str| {
            directory == "/"
                || path.strip_prefix(directory).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let settled = self.closed.iter().filter(|(closed, _)| within(closed)).map(|(_, gaps)| *gaps).max().unwrap_or(0);
        match self.gaps[settled..].iter().rev().find(|gap| within(&gap.below)) {
            Some(gap) => Lookup::Unknown(Arc::clone(&gap.need)),
            None => Lookup::Missing { path: Arc::from(path) },
        }
    }

    /// Where a directory really lies, as far as links are known.
    fn real_directory(&self, path: &str) -> String {
        let mut walk = Walk::new(path);
        while let Some(next) = walk.step() {
            match self.entries.get(next.as_str()).map(|entry| &entry.node) {
                Some(Node::Link(target)) if walk.follow(target) => {}
                _ => walk.at = next,
            }
        }
        walk.at
    }
}

impl Default for Tree {
    fn default() -> Self {
        let root = Entry { node: Node::Directory, mode: Some(0o755), owner: None, from: Provenance::Always };
        Self { root, entries: BTreeMap::new(), gaps: Vec::new(), closed: BTreeMap::new() }
    }
}

/// A walk along a path, one part at a time.
struct Walk {
    /// The directory reached; empty for the root.
    at: String,
    /// The parts still to go, the next one last.
    rest: Vec<String>,
    links: usize,
}

impl Walk {
    fn new(path: &str) -> Self {
        let mut walk = Self { at: String::new(), rest: Vec::new(), links: 0 };
        walk.push(path);
        walk
    }

    /// The next path to look at; `None` at the end.
    fn step(&mut self) -> Option<String> {
        loop {
            let part = self.rest.pop()?;
            if part != ".." {
                return Some(format!("{}/{part}", self.at));
            }
            self.at.truncate(self.at.rfind('/').unwrap_or(0));
        }
    }

    /// Goes on at a link's target; false after too many links.
    fn follow(&mut self, target: &str) -> bool {
        self.links += 1;
        if target.starts_with('/') {
            self.at.clear();
        }
        self.push(target);
        self.links <= MAXIMUM_LINKS
    }

    /// `..` stays a part, since a link before it changes its meaning.
    fn push(&mut self, path: &str) {
        let parts = path.split('/').filter(|part| !part.is_empty() && *part != ".");
        self.rest.extend(parts.rev().map(str::to_owned));
    }
}

/// `path` made absolute against `base` and cleaned of `.`, `..` and doubled slashes, as Go's `path.Clean` does it.
#[must_use]
pub fn normalize(base: &str, path: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    let base = if path.starts_with('/') { "" } else { base };
    for part in base.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    format!("/{}", out.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text;

    fn file() -> Entry {
        Entry { node: Node::File(Content::Opaque), mode: None, owner: None, from: Provenance::Always }
    }

    fn link(target: &str) -> Entry {
        Entry { node: Node::Link(Arc::from(target)), ..file() }
    }

    #[track_caller]
    fn check(tree: &Tree, path: &str, expected: &str) {
        let found = match tree.lookup(path) {
            Lookup::Found { path, .. } => format!("found {path}"),
            Lookup::Missing { path } => format!("missing {path}"),
            Lookup::Unknown(_) => "unknown".to_owned(),
        };
        assert_eq!(found, expected, "{path}");
    }

    #[test]
    fn links_are_followed_as_the_kernel_does() {
        let mut tree = Tree::empty();
        tree.put("/usr/bin/real", file());
        tree.put("/bin", link("usr/bin"));
        tree.put("/sh", link("/bin/real"));
        tree.put("/usr/up", link("../usr/bin/real"));
        tree.put("/loop", link("loop"));
        tree.put("/dangling", link("/nowhere/x"));
        tree.put("/bin/late", file());
        for (path, expected) in [
            ("/", "found /"),
            ("/usr/bin/", "found /usr/bin"),
            ("/bin/real", "found /usr/bin/real"),
            ("/bin/../lib", "missing /usr/lib"),
            ("/sh", "found /usr/bin/real"),
            ("/usr/up", "found /usr/bin/real"),
            ("/loop", "missing /loop"),
            ("/dangling", "missing /nowhere/x"),
            ("/usr/bin/real/x", "missing /usr/bin/real"),
            ("/usr/bin/late", "found /usr/bin/late"),
            ("/../../sh", "found /usr/bin/real"),
        ] {
            check(&tree, path, expected);
        }
    }

    #[test]
    fn below_a_gap_nothing_is_missing_for_sure() {
        let mut tree = Tree::empty();
        let text = text! { en: "`make` was run", ja: "`make` が実行されました" };
        tree.doubt("/out", Arc::new(Need { text, settled_by: vec![], at: None }));
        check(&tree, "/out/app", "unknown");
        check(&tree, "/outer", "missing /outer");
        tree.put("/out/app", file());
        check(&tree, "/out/app", "found /out/app");
        tree.remove("/out");
        check(&tree, "/out/app", "unknown");
    }

    #[test]
    fn what_is_closed_overrides_earlier_doubts_only() {
        let need = |word: &str| {
            Arc::new(Need { text: text! { en: "{word}", ja: "{word}", word: word }, settled_by: vec![], at: None })
        };
        let mut tree = Tree::empty();
        tree.put("/lib", link("usr/lib"));
        tree.doubt("/usr/lib", need("before"));
        tree.close("/lib/ld-musl-x86_64.so.1");
        check(&tree, "/lib/ld-musl-x86_64.so.1", "missing /usr/lib/ld-musl-x86_64.so.1");
        check(&tree, "/lib/libz.so.1", "unknown");
        tree.doubt("/usr/lib", need("after"));
        check(&tree, "/lib/ld-musl-x86_64.so.1", "unknown");
        tree.close("/");
        check(&tree, "/lib/libz.so.1", "missing /usr/lib/libz.so.1");
    }

    #[test]
    fn paths_are_cleaned() {
        for (base, path, clean) in
            [("/", "", "/"), ("/a", "b/../c/.", "/a/c"), ("/a", "/x//y/", "/x/y"), ("/a", "../../z", "/z")]
        {
            assert_eq!(normalize(base, path), clean);
        }
    }
}
