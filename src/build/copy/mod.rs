//! COPY and ADD: files from the context, a stage, an image or a here-document into a stage's tree.
//!
//! A file lands at the destination, or inside it when that is a directory (a slash at its end, a directory that is
//! there, several sources); a directory's content lands in the destination.

mod from_context;
mod from_tree;
mod renamed;

use std::sync::Arc;

pub(super) use from_tree::matches_in_tree;

use super::convert::url_name;
use super::execute::Executor;
use super::operation::{Copy, Id, Origin, Source};
use super::written::{Instead, Written};
use super::{CopySource, EventKind, Unnamed};
use crate::fact::{Fact, Need, Provenance};
use crate::image::Tool;
use crate::project::{self, pattern};
use crate::source::{Location, Span};
use crate::text;
use crate::toolchain::{copied, published};
use crate::tree::{Content, Entry, Lookup, Node, Tree, normalize};
use crate::word::UNKNOWN;

/// Directories that every image with a file system of its own has (the Filesystem Hierarchy Standard).
pub(super) const STANDARD: [&str; 26] = [
    "/",
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/home",
    "/lib",
    "/lib64",
    "/media",
    "/mnt",
    "/opt",
    "/proc",
    "/root",
    "/run",
    "/sbin",
    "/srv",
    "/sys",
    "/tmp",
    "/usr",
    "/usr/bin",
    "/usr/lib",
    "/usr/sbin",
    "/usr/share",
    "/usr/local",
    "/usr/local/bin",
    "/var",
];

/// Directories that hold a system: a name without a sign of what it is names a single file there, and rarely a tree.
pub(super) const SYSTEM: [&str; 12] = [
    "/",
    "/bin",
    "/etc",
    "/lib",
    "/lib64",
    "/sbin",
    "/usr",
    "/usr/bin",
    "/usr/lib",
    "/usr/local",
    "/usr/local/bin",
    "/usr/sbin",
];

/// What a stage or an image gives.
struct Given {
    tree: Tree,
    tools: Vec<Fact<Tool>>,
    copies: Vec<project::Copy>,
    unnamed: Vec<Unnamed>,
    written: Vec<Arc<Written>>,
}

/// One copy, underway.
struct Copier<'c, 'e> {
    executor: &'c mut Executor<'e>,
    stage: usize,
    operation: &'c Copy,
    at: Location,
    /// Where archives, directories and several files go.
    directory: String,
    into_directory: bool,
}

pub(super) fn copy(executor: &mut Executor<'_>, stage: usize, operation: &Copy) {
    let at = executor.location(operation.span);
    let Some(work) = &mut executor.works[stage] else { return };
    let to = operation.to.strip_suffix("/.").unwrap_or(&operation.to);
    let directory = normalize("/", to);
    let several =
        operation.sources.len() > 1 || operation.sources.iter().any(|source| pattern::is_pattern(&source.path));
    let into_directory = several
        || operation.to.ends_with('/')
        || operation.to.ends_with("/.")
        || is_directory(&work.image.tree, &directory);
    work.gives_copies |= operation.owner.is_some();
    let mut copier = Copier { executor, stage, operation, at, directory, into_directory };
    for source in &operation.sources {
        copier.source(source);
    }
}

/// Lays what a mount binds over a stage's tree, as a copy would.
pub(super) fn bind(executor: &mut Executor<'_>, stage: usize, origin: &Origin, source: &str, target: &str, span: Span) {
    let source =
        Source { origin: origin.clone(), path: source.to_owned(), parents: None, unpack: false, open: None, span };
    let operation = Copy {
        sources: vec![source],
        to: target.to_owned(),
        owner: None,
        mode: None,
        exclude: Vec::new(),
        span,
        to_span: span,
    };
    copy(executor, stage, &operation);
}

/// Whether a directory is there, or surely is where nobody looked.
fn is_directory(tree: &Tree, path: &str) -> bool {
    match tree.lookup(path) {
        Lookup::Found { entry, .. } => entry.node == Node::Directory,
        Lookup::Unknown(_) => STANDARD.contains(&path),
        Lookup::Missing { .. } => path == "/",
    }
}

impl Copier<'_, '_> {
    fn source(&mut self, source: &Source) {
        if let Some((known, _)) = source.path.split_once(UNKNOWN).or_else(|| self.directory.split_once(UNKNOWN)) {
            let _ = known;
            let directory = self.directory.split(UNKNOWN).next().unwrap_or_default();
            let directory = directory.rsplit_once('/').map_or("/", |(directory, _)| directory).to_owned();
            return self.doubt(&directory, unknown_word(&self.at));
        }
        // An argument that nobody gave is empty, which would mean the whole context; whoever builds it gives a value.
        if source.open.is_some() {
            let directory = self.directory.clone();
            return self.doubt(&directory, unknown_word(&self.at));
        }
        match &source.origin {
            Origin::Scratch => {
                self.missing(source, CopySource::Image("scratch".into()), Provenance::Always, Vec::new(), None)
            }
            Origin::Inline(body) => {
                let location = Location::new(&self.at.path, source.span);
                let entry = Entry {
                    node: Node::File(Content::Bytes(Arc::from(body.text.as_bytes()))),
                    mode: Some(0o644),
                    owner: None,
                    from: Provenance::Read(location),
                };
                self.put(&self.place(&source.path), entry);
            }
            Origin::Url(url) => self.download(source, url),
            Origin::Git(_) => {
                let directory = self.directory.clone();
                self.doubt(&directory, not_seen(&self.at));
            }
            Origin::Context => self.copy_context(source),
            Origin::Stage(from) => {
                let Some(work) = &mut self.executor.works[*from] else { return };
                work.name(&source.path);
                let given = Given {
                    tree: work.image.tree.clone(),
                    tools: work.image.tools.clone(),
                    copies: work.copies.clone(),
                    unnamed: work.unnamed.clone(),
                    written: work.written.clone(),
                };
                self.copy_tree(source, &given, CopySource::Stage(*from));
            }
            Origin::Image { name, platform } => {
                let image = self.executor.resolve(name, platform);
                let given = Given {
                    tree: image.tree.clone(),
                    tools: image.tools.clone(),
                    copies: Vec::new(),
                    unnamed: Vec::new(),
                    written: Vec::new(),
                };
                self.copy_tree(source, &given, CopySource::Image(name.clone()));
            }
        }
    }

    /// Where a file of this path lands.
    fn place(&self, path: &str) -> String {
        let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        if self.into_directory { normalize(&self.directory, name) } else { self.directory.clone() }
    }

    fn put(&mut self, path: &str, mut entry: Entry) {
        let is_file = matches!(entry.node, Node::File(_));
        if let (Some(mode), true) = (&self.operation.mode, is_file || entry.node == Node::Directory) {
            entry.mode = super::mode::change(entry.mode, mode, entry.node == Node::Directory);
        }
        entry.owner = self.owner();
        if let Some(work) = &mut self.executor.works[self.stage] {
            work.image.tree.put(path, entry);
        }
    }

    /// `--chown`
    fn owner(&self) -> Option<Arc<str>> {
        let owner = self.operation.owner.as_ref()?;
        let id = |id: &Id| match id {
            Id::Number(number) => number.to_string(),
            Id::Name(name) => name.clone(),
        };
        let group = owner.group.as_ref().map(|group| format!(":{}", id(group))).unwrap_or_default();
        Some(Arc::from(format!("{}{group}", id(&owner.user))))
    }

    /// A member of an archive: its mode and owner are those of the archive, and a directory that is there stays.
    fn put_unpacked(&mut self, path: &str, mut entry: Entry) {
        entry.owner = self.owner().or(entry.owner);
        let Some(work) = &mut self.executor.works[self.stage] else { return };
        if entry.node != Node::Directory || !is_directory(&work.image.tree, path) {
            work.image.tree.replace(path, entry);
        }
    }

    fn doubt(&mut self, directory: &str, need: Arc<Need>) {
        if let Some(work) = &mut self.executor.works[self.stage] {
            work.image.tree.doubt(directory, need);
        }
    }

    fn remember(&mut self, stage: String, context: String) {
        if let Some(work) = &mut self.executor.works[self.stage] {
            work.remember(stage, context);
        }
    }

    fn missing(
        &mut self,
        source: &Source,
        from: CopySource,
        because: Provenance,
        near: Vec<String>,
        instead: Option<Instead>,
    ) {
        let kind =
            EventKind::CopySourceMissing { path: source.path.clone(), source: from, near, from: because, instead };
        self.executor.event(self.stage, source.span, kind);
        // The build stops here; what would follow from the missing file is not told twice.
        let text = text! {
            en: "`{path}` is not there to be copied",
            ja: "コピー元の `{path}` がありません",
            path: &source.path,
        };
        let need = Need { text, settled_by: Vec::new(), at: Some(self.at.clone()) };
        let directory = self.directory.clone();
        self.doubt(&directory, Arc::new(need));
    }

    /// A file that nobody has seen and whose name tells what it is: `dist/tool_linux_amd64`.
    fn by_its_name(&mut self, source: &Source) -> bool {
        let Some(work) = &self.executor.works[self.stage] else { return false };
        let Some(needs) = copied(&source.path, &work.image.platform, &self.at) else { return false };
        let entry = Entry {
            node: Node::File(Content::Program(Arc::new(needs))),
            mode: None,
            owner: None,
            from: Provenance::Read(self.at.clone()),
        };
        self.put(&self.place(&source.path), entry);
        true
    }

    /// ADD gives a download no execute bit (`0600`).
    fn download(&mut self, source: &Source, url: &str) {
        let text = text! { en: "what `{url}` holds is not known", ja: "`{url}` の内容は分かりません", url: url };
        let need = Arc::new(Need { text, settled_by: Vec::new(), at: Some(self.at.clone()) });
        if source.unpack {
            let directory = self.directory.clone();
            return self.doubt(&directory, need);
        }
        let platform = self.executor.works[self.stage].as_ref().map(|work| work.image.platform.clone());
        let is_archive = is_archive_name(url_name(url)) || url.ends_with(".zip");
        let needs = platform.filter(|_| !is_archive).and_then(|platform| published(url, &platform, &self.at));
        let content = needs.map_or(Content::Unknown(need), |needs| Content::Program(Arc::new(needs)));
        let entry = Entry {
            node: Node::File(content),
            mode: Some(0o600),
            owner: None,
            from: Provenance::Read(self.at.clone()),
        };
        self.put(&self.place(&source.path), entry);
    }
}

/// ADD takes these apart; it goes by content, and a name tells it well enough.
pub(super) fn is_archive_name(path: &str) -> bool {
    const ENDINGS: [&str; 10] =
        [".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2", ".tbz", ".tar.zst", ".tar.lzma"];
    ENDINGS.iter().any(|ending| path.ends_with(ending))
}

fn unknown_word(at: &Location) -> Arc<Need> {
    let text = text! { en: "what is copied here is not known", ja: "ここでコピーされるものが分かりません" };
    Arc::new(Need { text, settled_by: Vec::new(), at: Some(at.clone()) })
}

fn not_seen(at: &Location) -> Arc<Need> {
    let text = text! { en: "what is copied here was not seen", ja: "ここでコピーされるものは確認できません" };
    Arc::new(Need { text, settled_by: Vec::new(), at: Some(at.clone()) })
}
