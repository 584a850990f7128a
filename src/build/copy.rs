//! COPY and ADD: files from the context, a stage, an image or a here-document into a stage's tree.
//!
//! A file lands at the destination, or inside it when that is a directory (a slash at its end, a directory that is
//! there, several sources); a directory's content lands in the destination.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::context::{Context, looks_like_directory, looks_like_file};
use super::execute::Executor;
use super::near;
use super::operation::{Copy, Id, Origin, Source};
use super::{CopySource, EventKind, Unnamed};
use crate::fact::{Need, Provenance, Settler, Step};
use crate::project::{self, clean, pattern};
use crate::source::{Location, Span};
use crate::text;
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

/// What a stage or an image gives.
struct Given {
    tree: Tree,
    copies: Vec<project::Copy>,
    unnamed: Vec<Unnamed>,
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
    let Some(work) = &executor.works[stage] else { return };
    let to = operation.to.strip_suffix("/.").unwrap_or(&operation.to);
    let directory = normalize("/", to);
    let several =
        operation.sources.len() > 1 || operation.sources.iter().any(|source| pattern::is_pattern(&source.path));
    let into_directory = several
        || operation.to.ends_with('/')
        || operation.to.ends_with("/.")
        || is_directory(&work.image.tree, &directory);
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
                self.missing(source, CopySource::Image("scratch".into()), Provenance::Always, Vec::new())
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
                let given =
                    Given { tree: work.image.tree.clone(), copies: work.copies.clone(), unnamed: work.unnamed.clone() };
                self.copy_tree(source, &given, CopySource::Stage(*from));
            }
            Origin::Image { name, platform } => {
                let image = self.executor.resolve(name, platform);
                let given = Given { tree: image.tree.clone(), copies: Vec::new(), unnamed: Vec::new() };
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
        entry.owner = self.operation.owner.as_ref().map(|owner| {
            let id = |id: &Id| match id {
                Id::Number(number) => number.to_string(),
                Id::Name(name) => name.clone(),
            };
            let group = owner.group.as_ref().map(|group| format!(":{}", id(group))).unwrap_or_default();
            Arc::from(format!("{}{group}", id(&owner.user)))
        });
        if let Some(work) = &mut self.executor.works[self.stage] {
            work.image.tree.put(path, entry);
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

    fn missing(&mut self, source: &Source, from: CopySource, because: Provenance, near: Vec<String>) {
        let kind = EventKind::CopySourceMissing { path: source.path.clone(), source: from, near, from: because };
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

    /// ADD gives a download no execute bit (`0600`).
    fn download(&mut self, source: &Source, url: &str) {
        let text = text! { en: "what `{url}` holds is not known", ja: "`{url}` の内容は分かりません", url: url };
        let need = Arc::new(Need { text, settled_by: Vec::new(), at: Some(self.at.clone()) });
        if source.unpack {
            let directory = self.directory.clone();
            return self.doubt(&directory, need);
        }
        let entry = Entry {
            node: Node::File(Content::Unknown(need)),
            mode: Some(0o600),
            owner: None,
            from: Provenance::Read(self.at.clone()),
        };
        self.put(&self.place(&source.path), entry);
    }

    fn copy_context(&mut self, source: &Source) {
        let path = clean(&source.path);
        let root = source.parents.as_deref().map(clean);
        if let Some(pattern) = root {
            // Each match keeps its directories below the destination.
            let directory = self.directory.clone();
            let found = self.matches_in_context(&path, &pattern);
            for file in &found {
                let below = file.strip_prefix(&path).unwrap_or(file).trim_start_matches('/').to_owned();
                self.context_file(file, &normalize(&directory, &below));
            }
            if !self.executor.context.project.whole {
                self.doubt_context(&directory, &path);
            }
            return;
        }
        if pattern::is_pattern(&path) {
            let found = self.matches_in_context("", &path);
            for file in &found {
                let depth = path.split('/').count();
                let top = file.split('/').take(depth).collect::<Vec<_>>().join("/");
                let below = file[top.len()..].trim_start_matches('/');
                let to = if below.is_empty() { self.place(&top) } else { normalize(&self.directory, below) };
                self.context_file(file, &to);
            }
            if !self.executor.context.project.whole {
                let directory = self.directory.clone();
                let (context, _) = path.rsplit_once('/').unwrap_or_default();
                self.doubt_context(&directory, if pattern::is_pattern(context) { "" } else { context });
            }
            return;
        }
        if let Some(line) = self.ignored(&path) {
            let from = Provenance::Read(line.clone());
            return self.missing(source, CopySource::Context { ignored: Some(line) }, from, Vec::new());
        }
        if self.executor.context.project.file(&path).is_some() {
            let to = self.place(&path);
            if source.unpack && is_archive_name(&path) {
                let directory = self.directory.clone();
                return self.doubt_context(&directory, &path);
            }
            return self.context_file(&path, &to);
        }
        if path.is_empty() || self.executor.context.project.has_directory(&path) {
            return self.context_directory(&path);
        }
        if self.executor.context.project.whole {
            let near = near::in_project(&self.executor.context.project, &path);
            let claim = text! {
                en: "the build context has no `{path}`",
                ja: "ビルドコンテキストに `{path}` がありません",
                path: &path,
            };
            let from = match may_be_built_before(&path) {
                true => {
                    let condition = text! {
                        en: "nothing puts `{path}` into the folder before the image is built",
                        ja: "イメージのビルド前に `{path}` がフォルダーに置かれない",
                        path: &path,
                    };
                    Provenance::assumed(condition, vec![Settler::File(path.clone())])
                }
                false => Provenance::Always,
            };
            let from = Provenance::derived(vec![Step { claim, from }]);
            return self.missing(source, CopySource::Context { ignored: None }, from, near);
        }
        self.unseen(source, &path);
    }

    /// A path of the context that nobody dropped: a file or a directory, which the build found.
    fn unseen(&mut self, source: &Source, path: &str) {
        let need = Context::need(path, &self.at);
        if source.unpack && is_archive_name(path) {
            let directory = self.directory.clone();
            return self.doubt(&directory, need);
        }
        if looks_like_file(path) && !source.path.ends_with('/') {
            let entry = Entry {
                node: Node::File(Content::Unknown(need)),
                mode: None,
                owner: None,
                from: Provenance::Read(self.at.clone()),
            };
            let to = self.place(path);
            self.put(&to, entry);
            return self.remember(to, path.to_owned());
        }
        // As a file it lies inside the destination, as a directory its content does.
        let as_file = self.place(path);
        if self.into_directory && (looks_like_directory(path) || !STANDARD.contains(&self.directory.as_str())) {
            let directory = self.directory.clone();
            self.remember(directory.clone(), path.to_owned());
            self.note_context(&directory, path, Arc::clone(&need));
        }
        self.remember(as_file.clone(), path.to_owned());
        self.note_context(&as_file, path, need);
    }

    fn note_context(&mut self, directory: &str, context: &str, need: Arc<Need>) {
        if let Some(work) = &mut self.executor.works[self.stage] {
            work.image.tree.doubt_context(directory, context, need);
        }
    }

    fn doubt_context(&mut self, directory: &str, context: &str) {
        let need = Context::need(context, &self.at);
        let Some(work) = &mut self.executor.works[self.stage] else { return };
        // On a system that is there, the context as a whole is an application; on `scratch` it may be the system.
        if context.is_empty() && work.base.distribution.is_some() {
            work.doubt_context_here(directory, context, need);
        } else {
            work.image.tree.doubt_context(directory, context, need);
        }
    }

    fn matches_in_context(&self, root: &str, pattern: &str) -> Vec<String> {
        let context = &self.executor.context;
        let prefix = if root.is_empty() { String::new() } else { format!("{root}/") };
        let depth = pattern.split('/').filter(|part| !part.is_empty()).count();
        let deep = pattern.contains("**");
        let fits = |path: &str| {
            let Some(rest) = path.strip_prefix(&prefix) else { return false };
            let top: String = rest.split('/').take(depth).collect::<Vec<_>>().join("/");
            pattern::matches(pattern, if deep { rest } else { &top })
        };
        context
            .project
            .paths_below(root)
            .filter(|path| fits(path) && context.ignore.ignores(path).is_none())
            .map(str::to_owned)
            .collect()
    }

    fn ignored(&self, path: &str) -> Option<Location> {
        let ignore = &self.executor.context.ignore;
        let line = ignore.ignores(path).filter(|_| !path.is_empty())?;
        // A directory that is left out as a whole may still have files that are kept.
        let kept = self.executor.context.project.paths_at(path).any(|file| ignore.ignores(file).is_none());
        (!kept && !ignore.may_keep_below(path)).then(|| line.clone())
    }

    fn excluded(&self, path: &str) -> bool {
        self.operation.exclude.iter().any(|exclude| pattern::matches(exclude.trim_start_matches('/'), path))
    }

    fn context_file(&mut self, path: &str, to: &str) {
        let Some(entry) = self.executor.context.entry(path, &self.at) else { return };
        self.put(to, entry);
        self.remember(to.to_owned(), path.to_owned());
    }

    fn context_directory(&mut self, path: &str) {
        let directory = self.directory.clone();
        self.remember(directory.clone(), path.to_owned());
        let context = &self.executor.context;
        let files: Vec<String> = context.project.paths_below(path).map(str::to_owned).collect();
        let whole = context.project.whole;
        for file in files {
            let below = file.strip_prefix(path).unwrap_or(&file).trim_start_matches('/').to_owned();
            if self.executor.context.ignore.ignores(&file).is_some() || self.excluded(&below) {
                continue;
            }
            if let Some(entry) = self.executor.context.entry(&file, &self.at) {
                self.put(&normalize(&directory, &below), entry);
            }
        }
        let entry =
            Entry { node: Node::Directory, mode: Some(0o755), owner: None, from: Provenance::Read(self.at.clone()) };
        if let Some(work) = &mut self.executor.works[self.stage] {
            if !matches!(work.image.tree.lookup(&directory), Lookup::Found { .. }) {
                work.image.tree.put(&directory, entry);
            }
        }
        if !whole {
            self.doubt_context(&directory, path);
        }
    }

    fn copy_tree(&mut self, source: &Source, given: &Given, from: CopySource) {
        let tree = &given.tree;
        if let Some(pattern) = &source.parents {
            let wanted = clean(&format!("{}/{pattern}", source.path));
            for path in matches_in_tree(tree, &format!("/{wanted}")) {
                let below = path.strip_prefix(source.path.trim_end_matches('/')).unwrap_or(&path).to_owned();
                let to = normalize(&self.directory, below.trim_start_matches('/'));
                self.subtree(given, &path, &to);
            }
            let directory = self.directory.clone();
            return self.carry_gaps(tree, &source.path, &directory);
        }
        if pattern::is_pattern(&source.path) {
            for path in matches_in_tree(tree, &source.path) {
                let is_directory =
                    matches!(tree.lookup(&path), Lookup::Found { entry, .. } if entry.node == Node::Directory);
                let to = if is_directory { self.directory.clone() } else { self.place(&path) };
                self.subtree(given, &path, &to);
            }
            let (parent, _) = source.path.split_at(source.path.find(['*', '?', '[']).unwrap_or(0));
            let parent = parent.rsplit_once('/').map_or("/", |(parent, _)| parent);
            let directory = self.directory.clone();
            return self.carry_gaps(tree, if parent.is_empty() { "/" } else { parent }, &directory);
        }
        match tree.lookup(&source.path) {
            Lookup::Found { path, entry } if entry.node == Node::Directory => {
                let directory = self.directory.clone();
                self.subtree(given, &path, &directory);
                self.carry_gaps(tree, &path, &directory);
            }
            Lookup::Found { entry, .. } => {
                let to = self.place(&source.path);
                let entry = self.copied(entry.clone());
                self.put(&to, entry);
                self.carry_copies(given, &source.path, &to);
            }
            Lookup::Missing { path } => {
                let near = match self.executor.budget.searches.checked_sub(1) {
                    Some(rest) => {
                        self.executor.budget.searches = rest;
                        near::in_tree(tree, &source.path)
                    }
                    None => Vec::new(),
                };
                let because = self.absence(&path, &from);
                self.missing(source, from, because, near);
            }
            Lookup::Unknown(need) => {
                // The build found it: a file or a directory.
                let to = self.place(&source.path);
                if self.into_directory
                    && (looks_like_directory(&source.path) || !STANDARD.contains(&self.directory.as_str()))
                    && !looks_like_file(&source.path)
                {
                    let directory = self.directory.clone();
                    self.carry_unknown(given, &source.path, &directory, &need);
                }
                if looks_like_file(&source.path) {
                    let entry = Entry {
                        node: Node::File(Content::Unknown(need)),
                        mode: None,
                        owner: None,
                        from: Provenance::Read(self.at.clone()),
                    };
                    self.put(&to, entry);
                    self.carry_copies(given, &source.path, &to);
                } else {
                    self.carry_unknown(given, &source.path, &to, &need);
                }
            }
        }
    }

    fn absence(&self, path: &str, from: &CopySource) -> Provenance {
        let of = match from {
            CopySource::Stage(stage) => {
                let name = self.executor.stage_name(*stage);
                text! { en: "no command of stage `{stage}` makes `{path}`", ja: "ステージ `{stage}` には `{path}` を作るコマンドがありません", stage: name, path: path }
            }
            CopySource::Image(image) => {
                text! { en: "`{image}` has no `{path}`", ja: "`{image}` に `{path}` はありません", image: image, path: path }
            }
            CopySource::Context { .. } => {
                text! { en: "the build context has no `{path}`", ja: "ビルドコンテキストに `{path}` がありません", path: path }
            }
        };
        Provenance::derived(vec![Step { claim: of, from: Provenance::Always }])
    }

    /// An entry as it is after a copy: it is root's, and a step longer on its way.
    fn copied(&self, mut entry: Entry) -> Entry {
        let claim = text! { en: "it is copied into the image", ja: "イメージへコピーされます" };
        let made = text! { en: "the file is made there", ja: "ファイルはそこで作られます" };
        entry.from = match entry.from {
            Provenance::Derived(inference) => {
                let mut premises = inference.premises.clone();
                // A file that goes through many stages remembers its making and its last way.
                premises.truncate(4);
                premises.push(Step { claim, from: Provenance::Read(self.at.clone()) });
                Provenance::derived(premises)
            }
            from => Provenance::derived(vec![
                Step { claim: made, from },
                Step { claim, from: Provenance::Read(self.at.clone()) },
            ]),
        };
        entry.owner = None;
        entry
    }

    /// Everything at and below a path of a tree.
    fn subtree(&mut self, given: &Given, path: &str, to: &str) {
        let tree = &given.tree;
        if let Some(entry) = tree.entry(path).filter(|entry| entry.node != Node::Directory) {
            // A link that is named itself is followed.
            let entry = match tree.lookup(path) {
                Lookup::Found { entry, .. } => entry.clone(),
                _ => entry.clone(),
            };
            let entry = self.copied(entry);
            return self.put(to, entry);
        }
        let prefix = path.trim_end_matches('/').len();
        let mut count = 0;
        for (at, entry) in tree.below(path) {
            let below = &at[prefix..];
            if self.excluded(below.trim_start_matches('/')) {
                continue;
            }
            count += 1;
            if count > self.executor.budget.entries {
                self.executor.budget.entries = 0;
                return self.doubt(to, not_seen(&self.at));
            }
            let target = normalize(to, below.trim_start_matches('/'));
            let keeps_directory = entry.node == Node::Directory
                && self.executor.works[self.stage].as_ref().is_some_and(|work| is_directory(&work.image.tree, &target));
            if !keeps_directory {
                let entry = self.copied(entry.clone());
                self.put(&target, entry);
            }
        }
        self.executor.budget.entries -= count;
        if let Some(work) = &mut self.executor.works[self.stage] {
            work.make_directory(to, Provenance::Read(self.at.clone()));
        }
        self.carry_copies(given, path, to);
    }

    /// What is not known of the source is not known of the copy.
    fn carry_gaps(&mut self, tree: &Tree, path: &str, to: &str) {
        let path = normalize("/", path);
        let inside = path.trim_end_matches('/');
        let mut seen = BTreeSet::new();
        let gaps: Vec<_> = tree.gaps().cloned().collect();
        for gap in gaps {
            let below = gap.below.trim_end_matches('/');
            let (target, context) = if let Some(rest) =
                below.strip_prefix(inside).filter(|rest| rest.is_empty() || rest.starts_with('/'))
            {
                (normalize(to, rest.trim_start_matches('/')), gap.context.clone())
            } else if let Some(rest) = inside.strip_prefix(below).filter(|rest| rest.starts_with('/')) {
                (to.to_owned(), gap.context.as_ref().map(|context| Arc::from(clean(&format!("{context}{rest}")))))
            } else {
                continue;
            };
            if !seen.insert((target.clone(), context.clone())) {
                continue;
            }
            match context {
                Some(context) => self.note_context(&target, &context, gap.need),
                None => self.doubt(&target, gap.need),
            }
        }
    }

    /// A path of which only is known that it is there.
    fn carry_unknown(&mut self, given: &Given, path: &str, to: &str, need: &Arc<Need>) {
        self.doubt(to, Arc::clone(need));
        self.carry_gaps(&given.tree, path, to);
        self.carry_copies(given, path, to);
    }

    /// Where the context's files, and programs of unknown name, lie after a copy between stages.
    fn carry_copies(&mut self, given: &Given, path: &str, to: &str) {
        let path = normalize("/", path);
        let inside = path.trim_end_matches('/');
        for unnamed in &given.unnamed {
            let directory = unnamed.directory.trim_end_matches('/');
            let below = directory.strip_prefix(inside).filter(|rest| rest.is_empty() || rest.starts_with('/'));
            if let (Some(rest), Some(work)) = (below, &mut self.executor.works[self.stage]) {
                let directory = normalize(to, rest.trim_start_matches('/'));
                work.unnamed.push(Unnamed { directory, ..unnamed.clone() });
            }
        }
        // Modules keep the folder that they were installed in on the way.
        for (at, modules) in given.tree.modules_below(&path) {
            let rest = at.strip_prefix(inside).unwrap_or_default();
            if let Some(work) = &mut self.executor.works[self.stage] {
                work.image.tree.install(&normalize(to, rest.trim_start_matches('/')), Arc::clone(modules));
            }
        }
        for copy in &given.copies {
            let stage = copy.stage.trim_end_matches('/');
            if let Some(rest) = stage.strip_prefix(inside).filter(|rest| rest.is_empty() || rest.starts_with('/')) {
                self.remember(normalize(to, rest.trim_start_matches('/')), copy.context.clone());
            } else if let Some(rest) = inside.strip_prefix(stage).filter(|rest| rest.starts_with('/')) {
                self.remember(to.to_owned(), clean(&format!("{}{rest}", copy.context)));
            }
        }
    }
}

/// The entries that a wildcard matches.
pub(super) fn matches_in_tree(tree: &Tree, wanted: &str) -> Vec<String> {
    let fixed = &wanted[..wanted.find(['*', '?', '[']).unwrap_or(wanted.len())];
    let directory = fixed.rsplit_once('/').map_or("/", |(directory, _)| directory);
    let directory = if directory.is_empty() { "/" } else { directory };
    // Links above the wildcard are followed: `/lib/x*` of an image whose `/lib` is `usr/lib`.
    let real = match tree.lookup(directory) {
        Lookup::Found { path, .. } => path.to_string(),
        _ => directory.to_owned(),
    };
    let rest = wanted.strip_prefix(directory).unwrap_or(wanted).trim_start_matches('/');
    let depth = rest.split('/').count();
    let deep = rest.contains("**");
    let prefix = real.trim_end_matches('/').len() + 1;
    tree.below(&real)
        .filter(|(path, _)| {
            let below = &path[prefix.min(path.len())..];
            (deep || below.split('/').count() == depth) && pattern::matches(rest, below)
        })
        .map(|(path, _)| path.to_string())
        .collect()
}

/// Whether a file of the context is most likely made by a build outside the image: it is no source, script or
/// configuration that someone wrote.
fn may_be_built_before(path: &str) -> bool {
    const WRITTEN: [&str; 30] = [
        "sh",
        "bash",
        "py",
        "js",
        "mjs",
        "cjs",
        "ts",
        "rb",
        "php",
        "pl",
        "lua",
        "json",
        "yml",
        "yaml",
        "toml",
        "ini",
        "conf",
        "cfg",
        "cnf",
        "txt",
        "md",
        "xml",
        "properties",
        "sql",
        "mod",
        "sum",
        "lock",
        "env",
        "tmpl",
        "service",
    ];
    let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    looks_like_directory(directory) && !directory.is_empty() || !extension.is_some_and(|one| WRITTEN.contains(&one))
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
