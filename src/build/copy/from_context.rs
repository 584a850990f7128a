//! Files of the build context, those that nobody dropped included.

use crate::lists::Collect;
use std::sync::Arc;

use super::{Copier, SYSTEM, is_archive_name};
use crate::archive;
use crate::build::CopySource;
use crate::build::context::{Context, looks_like_directory, looks_like_file};
use crate::build::near;
use crate::build::operation::Source;
use crate::fact::{Need, Provenance, Settler, Step};
use crate::project::{clean, pattern};
use crate::source::Location;
use crate::text;
use crate::toolchain::{built_outside, named_otherwise, published_program};
use crate::tree::{Content, Entry, Node, normalize};

impl Copier<'_, '_> {
    pub(super) fn copy_context(&mut self, source: &Source) {
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
        self.note_archive(&path);
        if pattern::is_pattern(&path) {
            let found = self.matches_in_context("", &path);
            for file in &found {
                let depth = path.split('/').count();
                let top = file.split('/').take(depth).collect_vec().join("/");
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
            return self.missing(source, CopySource::Context { ignored: Some(line) }, from, Vec::new(), None);
        }
        if self.executor.context.project.file(&path).is_some() {
            let to = self.place(&path);
            if source.unpack && self.unpack(&path) {
                return;
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
            return self.missing(source, CopySource::Context { ignored: None }, from, near, None);
        }
        if let Some(because) = named_otherwise(&self.executor.context.project, &path) {
            return self.missing(source, CopySource::Context { ignored: None }, because, Vec::new(), None);
        }
        self.unseen(source, &path);
    }

    /// What an archive of the context holds, as ADD takes it apart; false for a file that is none.
    fn unpack(&mut self, path: &str) -> bool {
        let Some(input) = self.executor.context.project.file(path) else { return false };
        let claim = text! { en: "`{path}` of the build context holds it", ja: "ビルドコンテキストの `{path}` に含まれています", path: path };
        let read = Step { claim, from: Provenance::Read(Location::file(&input.path)) };
        let claim = text! { en: "the archive is unpacked here", ja: "アーカイブはここで展開されます" };
        let from = Provenance::derived(vec![read, Step { claim, from: Provenance::Read(self.at.clone()) }]);
        let directory = self.directory.clone();
        match archive::members(self.executor.archives, input, &from) {
            Some(members) => {
                for (path, entry) in members.entries {
                    self.put_unpacked(&normalize(&directory, path.trim_start_matches('/')), entry);
                }
                if members.left_out.is_some() {
                    self.doubt_context(&directory, path);
                }
                true
            }
            // It is packed in a way that is not read.
            None if is_archive_name(path) => {
                self.doubt_context(&directory, path);
                true
            }
            None => false,
        }
    }

    /// A path of the context that nobody dropped: a file or a directory, which the build found.
    pub(super) fn unseen(&mut self, source: &Source, path: &str) {
        let need = Context::need(path, &self.at);
        if source.unpack && is_archive_name(path) {
            let directory = self.directory.clone();
            return self.doubt(&directory, need);
        }
        if !source.path.ends_with('/') && self.by_its_name(source) {
            return;
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
        if self.into_directory && (looks_like_directory(path) || !SYSTEM.contains(&self.directory.as_str())) {
            let directory = self.directory.clone();
            self.remember(directory.clone(), path.to_owned());
            self.note_context(&directory, path, Arc::clone(&need));
        }
        self.remember(as_file.clone(), path.to_owned());
        self.note_context(&as_file, path, need);
    }

    pub(super) fn note_context(&mut self, directory: &str, context: &str, need: Arc<Need>) {
        if let Some(work) = &mut self.executor.works[self.stage] {
            work.image.tree.doubt_context(directory, context, need);
        }
    }

    pub(super) fn doubt_context(&mut self, directory: &str, context: &str) {
        let need = Context::need(context, &self.at);
        let Some(work) = &mut self.executor.works[self.stage] else { return };
        // On a system that is there, the context as a whole is an application; on `scratch` it may be the system.
        if context.is_empty() && work.base.distribution.is_some() {
            work.doubt_context_here(directory, context, need);
        } else {
            work.image.tree.doubt_context(directory, context, need);
        }
    }

    pub(super) fn matches_in_context(&self, root: &str, pattern: &str) -> Vec<String> {
        let context = &self.executor.context;
        let prefix = if root.is_empty() { String::new() } else { format!("{root}/") };
        let depth = pattern.split('/').filter(|part| !part.is_empty()).count();
        let deep = pattern.contains("**");
        let fits = |path: &str| {
            let Some(rest) = path.strip_prefix(&prefix) else { return false };
            let top: String = rest.split('/').take(depth).collect_vec().join("/");
            pattern::matches(pattern, if deep { rest } else { &top })
        };
        context
            .project
            .paths_below(root)
            .filter(|path| fits(path) && context.ignore.ignores(path).is_none())
            .map(str::to_owned)
            .collect_vec()
    }

    pub(super) fn ignored(&self, path: &str) -> Option<Location> {
        let ignore = &self.executor.context.ignore;
        let line = ignore.ignores(path).filter(|_| !path.is_empty())?;
        // A directory that is left out as a whole may still have files that are kept.
        let kept = self.executor.context.project.paths_at(path).any(|file| ignore.ignores(file).is_none());
        (!kept && !ignore.may_keep_below(path)).then(|| line.clone())
    }

    pub(super) fn excluded(&self, path: &str) -> bool {
        self.operation.exclude.iter().any(|exclude| pattern::matches(exclude.trim_start_matches('/'), path))
    }

    pub(super) fn context_file(&mut self, path: &str, to: &str) {
        let Some(entry) = self.executor.context.entry(path, &self.at) else { return };
        self.put(to, entry);
        self.note_program(path, to);
        self.remember(to.to_owned(), path.to_owned());
    }

    /// What an archive was compiled for that a build outside of the image makes.
    fn note_archive(&mut self, path: &str) {
        let Some(modules) = built_outside(&self.executor.context.project, path) else { return };
        let is_file = path.ends_with(".jar") && !(self.into_directory && pattern::is_pattern(path));
        let to = if is_file { self.place(path) } else { self.directory.clone() };
        if let Some(work) = &mut self.executor.works[self.stage] {
            work.image.tree.install(&to, Arc::new(modules));
        }
    }

    /// What a published program of .NET says that it asks for.
    fn note_program(&mut self, path: &str, to: &str) {
        if !path.ends_with(".runtimeconfig.json") {
            return;
        }
        let project = &self.executor.context.project;
        let (Some(text), Some(at)) = (project.text(path), project.dropped_path(path)) else { return };
        let Some(mut modules) = published_program(&text, &Location::file(at)) else { return };
        let directory = to.rsplit_once('/').map_or("/", |(parent, _)| parent);
        let Some(work) = &mut self.executor.works[self.stage] else { return };
        // Of several programs in one place each asks for its own.
        if work.image.tree.modules_below(directory).any(|(at, _)| **at == *directory) {
            (modules.runtime, modules.frameworks) = (None, Vec::new());
        }
        work.image.tree.install(directory, Arc::new(modules));
    }

    pub(super) fn context_directory(&mut self, path: &str) {
        let directory = self.directory.clone();
        self.remember(directory.clone(), path.to_owned());
        let context = &self.executor.context;
        let files: Vec<String> = context.project.paths_below(path).map(str::to_owned).collect_vec();
        let whole = context.project.whole;
        for file in files {
            let below = file.strip_prefix(path).unwrap_or(&file).trim_start_matches('/').to_owned();
            if self.executor.context.ignore.ignores(&file).is_some() || self.excluded(&below) {
                continue;
            }
            if let Some(entry) = self.executor.context.entry(&file, &self.at) {
                let to = normalize(&directory, &below);
                self.put(&to, entry);
                self.note_program(&file, &to);
            }
        }
        let owner = self.owner();
        if let Some(work) = &mut self.executor.works[self.stage] {
            work.make_directory(&directory, owner, Provenance::Read(self.at.clone()));
        }
        if !whole {
            self.doubt_context(&directory, path);
        }
    }
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
