//! A file system as far as it is known: paths, links, where each file came from, and what is not known.
//!
//! A catalog record, an image tar and a Dockerfile's instructions all fill the same tree, so what an image provides
//! is always a question to a tree.
//! The tree is three-valued: a path is there, is not there, or nobody can say ([`Lookup`]).

mod entry;
mod gap;
mod path;

use crate::lists::{Collect, Map};
use std::sync::Arc;

pub use entry::{Content, Entry, Library, Node, Source, Stored};
pub use gap::Gap;
use path::Walk;
pub use path::normalize;

use crate::fact::{Need, Provenance};
use crate::needs::Modules;

/// What is known of a file system.
///
/// A clone shares everything with its original until one of them changes: each stage of a build starts as one.
#[derive(Clone, Debug)]
pub struct Tree {
    root: Entry,
    entries: Map<Entry>,
    /// Regions whose content is not fully known, by their directory; the newest of each last.
    gaps: Map<Vec<Gap>>,
    /// Paths at and below which there is only what the tree lists, with the time: later gaps count again.
    closed: Map<u32>,
    /// Counts gaps and closings.
    now: u32,
    /// Directories that hold the modules of a language, and what those are bound to.
    modules: Map<Arc<Modules>>,
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

/// A path is at most this long (`PATH_MAX`, include/uapi/linux/limits.h); a longer one is never put.
const MAXIMUM_PATH: usize = 4096;

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
        if path.len() > MAXIMUM_PATH {
            return;
        }
        let at = self.real_place(path);
        if at == "/" {
            return;
        }
        for (slash, _) in at.match_indices('/').skip(1) {
            let parent = &at[..slash];
            if !self.entries.contains_key(parent) {
                let directory = Entry { node: Node::Directory, mode: None, owner: None, from: entry.from.clone() };
                self.entries.insert(parent, directory);
            }
        }
        self.entries.insert(at, entry);
    }

    /// Puts an entry as unpacking an archive does: one that is no directory takes the place of a directory that is there,
    /// and of all that lies in it.
    pub fn replace(&mut self, path: &str, entry: Entry) {
        let at = self.real_place(path);
        let is_directory = |entry: &Entry| entry.node == Node::Directory;
        if !is_directory(&entry) && self.entries.get(&at).is_some_and(is_directory) {
            self.remove(&at);
        }
        self.put(path, entry);
    }

    /// Forgets a path and everything below it.
    pub fn remove(&mut self, path: &str) {
        let path = normalize("/", path);
        let below: Vec<Arc<str>> = self.below(&path).map(|(path, _)| Arc::clone(path)).collect_vec();
        for path in below {
            self.entries.remove(&path);
        }
        self.entries.remove(&path);
        let modules: Vec<Arc<str>> = self.modules_below(&path).map(|(at, _)| Arc::clone(at)).collect_vec();
        for at in modules {
            self.modules.remove(&at);
        }
    }

    /// Notes that a directory holds modules; those that were there before are replaced.
    pub fn install(&mut self, directory: &str, modules: Arc<Modules>) {
        let at = self.real_directory(directory);
        self.modules.insert(at, modules);
    }

    /// The directories of modules at and below a directory, in order.
    pub fn modules_below<'t>(
        &'t self,
        directory: &str,
    ) -> impl Iterator<Item = (&'t Arc<str>, &'t Arc<Modules>)> + use<'t> {
        let itself = normalize("/", directory);
        let prefix = format!("{}/", itself.trim_end_matches('/'));
        self.modules.iter().filter(move |(at, _)| ***at == *itself || at.starts_with(&prefix))
    }

    /// Takes a path and everything below it away, as `rm -rf` does: from then on it is certainly not there.
    pub fn delete(&mut self, path: &str) {
        let path = self.real_place(path);
        self.remove(&path);
        self.close(&path);
    }

    /// Every known path below (and without) `directory`, in order; links are not followed.
    ///
    /// What is stored in an archive stays unread: [`Entry::seen`] reads it.
    pub fn below<'t>(&'t self, directory: &str) -> impl Iterator<Item = (&'t Arc<str>, &'t Entry)> + use<'t> {
        let prefix = format!("{}/", normalize("/", directory).trim_end_matches('/'));
        self.entries.after(&prefix).take_while(move |(path, _)| path.starts_with(&prefix))
    }

    /// The entry at exactly this path, links not followed.
    #[must_use]
    pub fn entry(&self, path: &str) -> Option<&Entry> {
        self.entries.get(&normalize("/", path)).map(Entry::seen)
    }

    /// What is at an absolute path, links followed as the kernel does.
    #[must_use]
    pub fn lookup(&self, path: &str) -> Lookup<'_> {
        let mut walk = Walk::new(path);
        while let Some(next) = walk.step() {
            match self.entries.get(&next) {
                Some(Entry { node: Node::Link(target), .. }) => {
                    if !walk.follow(target) {
                        return Lookup::Missing { path: Arc::from(next) };
                    }
                }
                Some(Entry { node: Node::Directory, .. }) => walk.at = next,
                Some(entry) if walk.rest.is_empty() => {
                    return Lookup::Found { path: Arc::from(next), entry: entry.seen() };
                }
                // What nobody has seen inside may as well be a directory: `mv release-* /app`.
                Some(Entry { node: Node::File(Content::Unknown(need)), .. }) => {
                    return Lookup::Unknown(Arc::clone(need));
                }
                // Something that is no directory has nothing below it.
                Some(_) => return Lookup::Missing { path: Arc::from(next) },
                None => {
                    let whole = walk.rest.iter().rev().fold(next, |path, part| path + "/" + part);
                    return self.absent(&normalize("/", &whole));
                }
            }
        }
        match self.entries.get_key_value(&walk.at) {
            Some((path, entry)) => Lookup::Found { path: Arc::clone(path), entry },
            None => Lookup::Found { path: Arc::from("/"), entry: &self.root },
        }
    }

    /// Where a path's own name lies once the links in its parents are followed.
    fn real_place(&self, path: &str) -> String {
        let path = normalize("/", path);
        match path.rsplit_once('/') {
            Some((parent, name)) if !parent.is_empty() => {
                format!("{}/{name}", self.real_directory(parent).trim_end_matches('/'))
            }
            _ => path,
        }
    }

    /// Where a directory really lies, as far as links are known.
    fn real_directory(&self, path: &str) -> String {
        let mut walk = Walk::new(path);
        while let Some(next) = walk.step() {
            match self.entries.get(&next).map(|entry| &entry.node) {
                Some(Node::Link(target)) if walk.follow(target) => {}
                _ => walk.at = next,
            }
        }
        if walk.at.is_empty() { "/".into() } else { walk.at }
    }
}

impl Default for Tree {
    fn default() -> Self {
        let root = Entry { node: Node::Directory, mode: Some(0o755), owner: None, from: Provenance::Always };
        Self { root, entries: Map::new(), gaps: Map::new(), closed: Map::new(), now: 0, modules: Map::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::Settler;
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
    fn a_gap_names_the_file_of_the_context() {
        let text = text! { en: "`COPY . .` was not seen", ja: "`COPY . .` は確認できません" };
        let need = Arc::new(Need { text, settled_by: vec![Settler::ProjectFolder], at: None });
        let mut tree = Tree::empty();
        tree.doubt_context("/app", "server", need);
        let Lookup::Unknown(need) = tree.lookup("/app/bin/run.sh") else { panic!("it may be there") };
        assert_eq!(need.settled_by, [Settler::File("server/bin/run.sh".into()), Settler::ProjectFolder]);
        tree.delete("/app/bin");
        check(&tree, "/app/bin/run.sh", "missing /app/bin/run.sh");
        assert_eq!(tree.gaps().count(), 1);
        tree.delete("/app");
        assert_eq!(tree.gaps().count(), 0);
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
