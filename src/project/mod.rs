//! The dropped build context: its files, and what manifests and sources would settle.

pub mod cargo;
pub mod compose;
pub mod go;
pub mod ignore;
pub mod jvm;
pub mod make;
pub mod msbuild;
pub mod package;
pub mod pattern;
pub mod plan;
pub mod xml;
pub mod yaml;

use crate::lists::{Collect, Map};
use std::sync::Arc;

use crate::input::Input;

/// The files of a build context, as far as they were dropped.
#[derive(Clone, Debug, Default)]
pub struct Project {
    /// By their path below the context's root: `cmd/server/main.go`.
    files: Map<Input>,
    /// Whether everything there is was dropped (a folder), so that a file that is not here is nowhere.
    pub whole: bool,
}

/// A project and where its parts lie in a stage.
pub struct Sources<'a> {
    pub project: &'a Project,
    /// What was copied or mounted from the context so far, in order; later ones cover earlier ones.
    pub copies: Vec<Copy>,
}

/// A file or directory of the context that lies at a path in a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// Absolute path in the stage: `/src`.
    pub stage: String,
    /// Path below the context's root, empty for the root itself.
    pub context: String,
}

/// The longest manifest or source that is read; the largest hand-written Go file known is far below it, and generated
/// ones beyond it are cut, which loses no import since imports come first.
pub const MAXIMUM_TEXT: usize = 4 << 20;

impl Project {
    /// The files below `root` (empty for all), by their paths relative to it.
    ///
    /// `whole` says that a folder was dropped, so that what is absent is known to be absent.
    #[must_use]
    pub fn new(inputs: &[Input], root: &str, whole: bool) -> Self {
        let root = clean(root);
        let below = |input: &Input| {
            let path = clean(&input.path);
            let relative = if root.is_empty() { path } else { path.strip_prefix(&root)?.strip_prefix('/')?.to_owned() };
            Some((relative, input.clone()))
        };
        Self { files: inputs.iter().filter_map(below).collect_map(), whole }
    }

    #[must_use]
    pub fn file(&self, path: &str) -> Option<&Input> {
        self.files.get(&clean(path))
    }

    /// A file's text, at most [`MAXIMUM_TEXT`] bytes of it; bytes that are not UTF-8 are replaced.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<String> {
        let bytes = self.file(path)?.head(MAXIMUM_TEXT).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The path of a file as it was dropped, which is how diagnostics name it.
    #[must_use]
    pub fn dropped_path(&self, path: &str) -> Option<&Arc<str>> {
        self.file(path).map(|input| &input.path)
    }

    /// The names of the files that lie directly in a directory (empty for the root).
    pub fn files_in<'p>(&'p self, directory: &str) -> impl Iterator<Item = (&'p str, &'p Input)> {
        let prefix = directory_prefix(directory);
        let length = prefix.len();
        self.below(prefix).filter_map(move |(path, input)| {
            let name = &path[length..];
            (!name.contains('/')).then_some((name, input))
        })
    }

    /// Every path below a directory (empty for the root).
    pub fn paths_below<'p>(&'p self, directory: &str) -> impl Iterator<Item = &'p str> {
        self.below(directory_prefix(directory)).map(|(path, _)| &**path)
    }

    /// The path itself when it is a file's, else every path below it.
    pub fn paths_at<'p>(&'p self, path: &str) -> impl Iterator<Item = &'p str> {
        let itself = self.files.get_key_value(&clean(path)).map(|(path, _)| &**path);
        let below = itself.is_none().then(|| self.paths_below(path));
        itself.into_iter().chain(below.into_iter().flatten())
    }

    #[must_use]
    pub fn has_directory(&self, directory: &str) -> bool {
        self.paths_below(directory).next().is_some()
    }

    fn below(&self, prefix: String) -> impl Iterator<Item = (&Arc<str>, &Input)> {
        self.files.after(&prefix).take_while(move |(path, _)| path.starts_with(&prefix))
    }
}

impl Sources<'_> {
    /// The context's path of what lies at an absolute path of the stage, as far as copies tell.
    #[must_use]
    pub fn context_path(&self, stage: &str) -> Option<String> {
        self.copies.iter().rev().find_map(|copy| {
            let rest = if copy.stage == "/" { stage } else { stage.strip_prefix(copy.stage.as_str())? };
            if !(rest.is_empty() || rest.starts_with('/')) {
                return None;
            }
            let path = clean(&format!("{}/{rest}", copy.context));
            let there = self.project.file(&path).is_some() || self.project.has_directory(&path);
            there.then_some(path)
        })
    }
}

fn directory_prefix(directory: &str) -> String {
    let directory = clean(directory);
    if directory.is_empty() { directory } else { directory + "/" }
}

/// An absolute path from a directory and a path in it (or an absolute path), without `.` and `..`.
#[must_use]
pub fn join(directory: &str, path: &str) -> String {
    let whole = if path.starts_with('/') { path.to_owned() } else { format!("{directory}/{path}") };
    format!("/{}", clean(&whole))
}

/// A relative path without `.`, `..`, doubled or outer slashes.
#[must_use]
pub fn clean(path: &str) -> String {
    let mut out: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_below_the_root() {
        let inputs = ["p/go.mod", "p/cmd/a/main.go", "p/cmd/b.go", "other/x"].map(|path| Input::new(path, path));
        let project = Project::new(&inputs, "p/", true);
        assert_eq!(project.text("./cmd//b.go").as_deref(), Some("p/cmd/b.go"));
        assert_eq!(project.files_in("cmd").map(|(name, _)| name).collect::<Vec<_>>(), ["b.go"]);
        assert_eq!(project.paths_below("").count(), 3);
        assert!(project.has_directory("cmd/a") && !project.has_directory("other"));
        assert_eq!(project.dropped_path("go.mod").map(|path| &**path), Some("p/go.mod"));
    }

    #[test]
    fn the_last_copy_that_holds_a_path_tells_where_it_came_from() {
        let inputs = ["go.mod", "api/main.go"].map(|path| Input::new(path, ""));
        let project = Project::new(&inputs, "", true);
        let copy = |stage: &str, context: &str| Copy { stage: stage.into(), context: context.into() };
        let sources = Sources { project: &project, copies: vec![copy("/", ""), copy("/src", ""), copy("/w", "api")] };
        for (stage, context) in
            [("/src/go.mod", Some("go.mod")), ("/w", Some("api")), ("/srcs", None), ("/api", Some("api"))]
        {
            assert_eq!(sources.context_path(stage).as_deref(), context, "{stage}");
        }
    }
}
