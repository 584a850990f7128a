//! A stage while it grows: its files, and what later instructions may ask about how they came there.

use std::sync::Arc;

use super::Unnamed;
use super::written::Written;
use crate::fact::{Knowledge, Need, Provenance};
use crate::image::Image;
use crate::lists::{Collect, Map};
use crate::needs::{Needs, ScriptNeeds};
use crate::project::{self, pattern};
use crate::text;
use crate::toolchain::Folder;
use crate::tree::{Content, Entry, Gap, Lookup, Node, Tree, normalize};

/// A stage while it grows.
#[derive(Clone)]
pub(super) struct Work {
    pub(super) image: Image,
    pub(super) base: Arc<Image>,
    pub(super) copies: Vec<project::Copy>,
    /// Defaults that commands stored (`go env -w`).
    pub(super) stored: Map<Knowledge<String>>,
    pub(super) unnamed: Vec<Unnamed>,
    /// What build tools write in a project.
    pub(super) written: Vec<Arc<Written>>,
    /// Folders whose name the sources tell, with where each is made.
    pub(super) folders: Vec<(Folder, Entry)>,
    /// Downloads, by where they were saved.
    pub(super) downloads: Map<String>,
    /// Directories that `--prefix` named for later installs.
    pub(super) prefixes: Vec<String>,
    /// What was installed under a name of its own (`apk add --virtual`).
    pub(super) virtual_packages: Map<Vec<String>>,
    /// Packages that apt removed without what only they needed.
    pub(super) removed: Vec<String>,
    /// Something may have given files to another user, or opened directories to everybody.
    pub(super) owners_are_open: bool,
    /// A COPY gave what it copied to a user.
    pub(super) gives_copies: bool,
}

impl Work {
    pub(super) fn new(base: Arc<Image>) -> Self {
        Self {
            image: (*base).clone(),
            base,
            copies: Vec::new(),
            stored: Map::new(),
            unnamed: Vec::new(),
            written: Vec::new(),
            folders: Vec::new(),
            downloads: Map::new(),
            prefixes: Vec::new(),
            virtual_packages: Map::new(),
            removed: Vec::new(),
            owners_are_open: false,
            gives_copies: false,
        }
    }

    /// Gives the name that is asked for to a program whose name is not known: what is taken out of the directory of such a
    /// program by name is most likely it.
    pub(super) fn name(&mut self, path: &str) {
        self.name_folder(path);
        let (directory, name) = path.rsplit_once('/').unwrap_or_default();
        if !matches!(self.image.tree.lookup(path), Lookup::Unknown(_)) || !looks_like_program(name) {
            return;
        }
        let unnamed = self.unnamed.iter().rfind(|unnamed| unnamed.directory == directory);
        if let Some(entry) = unnamed.map(|unnamed| named(unnamed, name)) {
            self.image.tree.put(path, entry);
        }
    }

    /// The same for a folder that such a path leads into.
    fn name_folder(&mut self, path: &str) {
        let path = normalize("/", path);
        let named = self.folders.iter().rev().find_map(|(folder, like)| {
            let rest = path.strip_prefix(&format!("{}/", folder.parent))?;
            let name = rest.split('/').next().filter(|name| !pattern::is_pattern(name))?;
            let place = format!("{}/{name}", folder.parent);
            matches!(self.image.tree.lookup(&place), Lookup::Unknown(_)).then(|| (folder.clone(), place, like.clone()))
        });
        if let Some((folder, place, like)) = named {
            self.lay(&folder, &place, &like);
        }
    }

    /// Puts a folder's files in place; `like` tells who made them, and where.
    pub(super) fn lay(&mut self, folder: &Folder, place: &str, like: &Entry) {
        let name = place.rsplit('/').next().unwrap_or_default();
        for (path, needs, mode) in &folder.files {
            let entry = Entry { node: Node::File(content(needs)), mode: Some(*mode), ..like.clone() };
            self.image.tree.put(&format!("{place}/{}", path.replace("{name}", name)), entry);
        }
        if let Some((directory, needs)) = &folder.programs {
            let entry = Entry { node: Node::File(content(needs)), mode: Some(0o755), ..like.clone() };
            let directory = format!("{place}/{directory}");
            self.unnamed.push(Unnamed { directory, entry, settled_by: folder.settled_by.clone() });
        }
    }

    /// Notes where a path of the build context lies.
    pub(super) fn remember(&mut self, stage: String, context: String) {
        /// So many are told apart; of a build with more, the rest is found by its directory at best.
        const MAXIMUM: usize = 500;
        self.copies.retain(|copy| copy.stage != stage);
        if self.copies.len() < MAXIMUM {
            self.copies.push(project::Copy { stage, context });
        }
    }

    /// Doubts a directory; the root as a working directory says nothing about the system's own directories.
    pub(super) fn doubt_here(&mut self, path: &str, need: Arc<Need>) {
        self.around_system(path, |tree| tree.doubt(path, need));
    }

    /// The same for the build context, which lies there without having been seen.
    pub(super) fn doubt_context_here(&mut self, path: &str, context: &str, need: Arc<Need>) {
        self.around_system(path, |tree| tree.doubt_context(path, context, need));
    }

    fn around_system(&mut self, path: &str, doubt: impl FnOnce(&mut Tree)) {
        const SYSTEM: [&str; 12] =
            ["/bin", "/dev", "/etc", "/lib", "/lib64", "/proc", "/run", "/sbin", "/sys", "/usr", "/var", "/boot"];
        let tree = &mut self.image.tree;
        let is_closed = |path: &&&str| matches!(tree.lookup(&format!("{path}/?")), Lookup::Missing { .. });
        let closed: Vec<_> = if path == "/" { SYSTEM.iter().filter(is_closed).collect_vec() } else { Vec::new() };
        // What was doubted below them stays so.
        let below = |gap: &&Gap| closed.iter().any(|path| gap.below.starts_with(&format!("{path}/")));
        let kept: Vec<Gap> = tree.gaps().filter(below).cloned().collect_vec();
        doubt(tree);
        for path in closed {
            tree.close(path);
        }
        kept.into_iter().for_each(|gap| tree.doubt_again(gap, None));
    }

    /// As `mkdir -p`: what is there stays.
    pub(super) fn make_directory(&mut self, path: &str, owner: Option<Arc<str>>, from: Provenance) {
        let mode = match self.image.tree.lookup(path) {
            Lookup::Found { .. } => return,
            Lookup::Missing { .. } => Some(0o755),
            // It may be there, with a mode of its own.
            Lookup::Unknown(_) => None,
        };
        self.image.tree.put(path, Entry { node: Node::Directory, mode, owner, from });
    }
}

/// What is in a file that a toolchain makes.
pub(super) fn content(needs: &Needs) -> Content {
    match needs {
        Needs::Unknown(need) => Content::Unknown(Arc::clone(need)),
        Needs::Script(ScriptNeeds { text: Some(text), .. }) => Content::Bytes(Arc::from(text.as_bytes())),
        needs => Content::Program(Arc::new(needs.clone())),
    }
}

/// Whether a name may be a compiled program's.
pub(crate) fn looks_like_program(name: &str) -> bool {
    !name.is_empty() && !name.contains(['.', '*', '?', '[']) && !super::context::looks_like_directory(name)
}

/// A program of unknown name as the one that is asked for, which is a condition.
pub(crate) fn named(unnamed: &Unnamed, name: &str) -> Entry {
    let condition = text! {
        en: "the program built in `{directory}` is `{name}`",
        ja: "`{directory}` でビルドされるプログラムが `{name}` である",
        directory: &unnamed.directory,
        name: name,
    };
    let assumed = Provenance::assumed(condition.clone(), unnamed.settled_by.clone());
    let made = text! { en: "the program is built here", ja: "プログラムはここでビルドされます" };
    let premises = vec![
        crate::fact::Step { claim: condition, from: assumed },
        crate::fact::Step { claim: made, from: unnamed.entry.from.clone() },
    ];
    Entry { from: Provenance::derived(premises), ..unnamed.entry.clone() }
}
