//! The build context: what a dropped file becomes in an image, and what one that was not dropped may be.

use std::sync::Arc;

use super::{Build, Stage};
use crate::binary;
use crate::fact::{Need, Provenance, Settler, Step};
use crate::project::ignore::Ignore;
use crate::project::{self, Project};
use crate::source::Location;
use crate::text;
use crate::tree::{Entry, Node};

/// The context, as the builder gets it.
pub(super) struct Context {
    pub(super) project: Arc<Project>,
    pub(super) ignore: Ignore,
}

impl Build {
    /// What the ignore file keeps out of the build context.
    pub fn ignores(&self) -> impl Fn(&str) -> bool + use<> {
        let ignore = Ignore::of(&self.project, &self.dockerfile.path);
        move |path| ignore.ignores(path).is_some()
    }

    /// The path in the build context of a dropped file or directory that lies at an absolute path of a stage.
    #[must_use]
    pub fn dropped(&self, stage: &Stage, path: &str) -> Option<String> {
        project::Sources { project: &self.project, copies: stage.copies.clone() }.context_path(path)
    }

    /// Whether a directory of the build context would land at an absolute path of a stage, if there is one: a copy of what
    /// is around it leads there, and no line of the ignore file leaves it out.
    #[must_use]
    pub fn would_bring(&self, stage: &Stage, path: &str) -> bool {
        let ignore = Ignore::of(&self.project, &self.dockerfile.path);
        stage.copies.iter().any(|copy| {
            let rest = path.strip_prefix(copy.stage.trim_end_matches('/')).unwrap_or_default();
            rest.starts_with('/') && ignore.ignores(&project::clean(&format!("{}{rest}", copy.context))).is_none()
        })
    }
}

impl Context {
    pub(super) fn new(project: Arc<Project>, dockerfile: &str) -> Self {
        let ignore = Ignore::of(&project, dockerfile);
        Self { project, ignore }
    }

    /// A dropped file as it lies in an image.
    pub(super) fn entry(&self, path: &str, copied_at: &Location) -> Option<Entry> {
        let input = self.project.file(path)?;
        let claim = text! { en: "`{path}` is a file of the build context", ja: "`{path}` はビルドコンテキストのファイルです", path: path };
        let read = Step { claim, from: Provenance::Read(Location::file(&input.path)) };
        let claim = text! { en: "it is copied from the build context", ja: "ビルドコンテキストからコピーされます" };
        let copied = Step { claim, from: Provenance::Read(copied_at.clone()) };
        Some(Entry {
            node: Node::File(binary::content(input, input.name())),
            mode: input.mode,
            owner: None,
            from: Provenance::derived(vec![read, copied]),
        })
    }

    /// Why nothing is known of what lies in a file of the context.
    pub(super) fn need(path: &str, at: &Location) -> Arc<Need> {
        let (text, settler) = if path.is_empty() {
            (
                text! { en: "the build context was not given", ja: "ビルドコンテキストが渡されていません" },
                Settler::ProjectFolder,
            )
        } else {
            (
                text! { en: "`{path}` of the build context was not given", ja: "ビルドコンテキストの `{path}` が渡されていません", path: path },
                Settler::File(path.to_owned()),
            )
        };
        let mut settled_by = vec![settler];
        if !path.is_empty() {
            settled_by.push(Settler::ProjectFolder);
        }
        Arc::new(Need { text, settled_by, at: Some(at.clone()) })
    }
}

/// Whether a path that was not dropped is most likely a file: it has an extension, or a name that only files have.
pub(super) fn looks_like_file(path: &str) -> bool {
    const FILES: [&str; 16] = [
        "Makefile",
        "Dockerfile",
        "LICENSE",
        "Gemfile",
        "Rakefile",
        "Procfile",
        "Caddyfile",
        "Pipfile",
        "Justfile",
        "gradlew",
        "mvnw",
        "configure",
        "artisan",
        "go.mod",
        "WORKSPACE",
        "BUILD",
    ];
    let name = path.rsplit('/').next().unwrap_or_default();
    if FILES.contains(&name) {
        return true;
    }
    if path.ends_with('/') {
        return false;
    }
    name.rsplit_once('.').is_some_and(|(stem, extension)| {
        let plausible = (1..=10).contains(&extension.len()) && extension.bytes().all(|b| b.is_ascii_alphanumeric());
        let number = extension.bytes().all(|b| b.is_ascii_digit());
        // `conf.d`, `init.d` and their kin are directories.
        !stem.is_empty() && plausible && !number && !matches!(extension, "d" | "git" | "github")
    })
}

/// Whether a path has a name that directories usually have.
pub(super) fn looks_like_directory(path: &str) -> bool {
    const DIRECTORIES: [&str; 51] = [
        "bin",
        "sbin",
        "lib",
        "lib64",
        "libs",
        "src",
        "out",
        "output",
        "dist",
        "build",
        "target",
        "release",
        "debug",
        "publish",
        "public",
        "static",
        "assets",
        "cmd",
        "pkg",
        "internal",
        "vendor",
        "node_modules",
        "config",
        "conf",
        "etc",
        "scripts",
        "templates",
        "views",
        "docs",
        "test",
        "tests",
        "data",
        "resources",
        "migrations",
        "rootfs",
        "artifacts",
        "deps",
        "layers",
        "dest",
        "export",
        "fs",
        "staging",
        "sysroot",
        "runtime",
        "overlay",
        "install",
        "opt",
        "usr",
        "root",
        "home",
        "www",
    ];
    let trimmed = path.trim_end_matches('/');
    let name = trimmed.rsplit('/').next().unwrap_or_default();
    trimmed.is_empty() || path.ends_with('/') || name == "." || DIRECTORIES.contains(&name)
}
