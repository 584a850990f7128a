//! Where a module's files lie in a stage, and which packages a command names.

use crate::lists::{Collect, Map};

use super::constraint::Target;
use super::manifest::{self, Manifest};
use super::source;
use crate::project::{Sources, clean, join};

/// The Go files, manifests and vendored packages of a project, by their absolute paths in the stage.
pub struct Layout<'a> {
    pub(super) sources: &'a Sources<'a>,
    /// Directory in the stage, then file name, to path in the context.
    directories: Map<Map<String>>,
}

/// A package that a command builds into a program of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// The name of the program when no `-o` names it; `None` when only the module's name would tell.
    pub name: Option<String>,
    /// The package's directory in the stage; `None` for a package that is downloaded.
    pub directory: Option<String>,
    /// The import path, as far as it is known.
    pub import_path: Option<String>,
    /// The files, when the command names files instead of a package.
    pub files: Vec<String>,
    /// Whether it is a `main` package; `None` when its files were not dropped.
    pub is_main: Option<bool>,
}

/// The packages that a command names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roots {
    pub roots: Vec<Root>,
    /// Whether these are all: a pattern (`./...`) over sources that were not dropped is open.
    pub complete: bool,
}

/// A module: where it lies and what its `go.mod` says.
pub struct Module {
    /// Its directory in the stage.
    pub directory: String,
    /// The context path of its `go.mod`.
    pub path: String,
    pub manifest: Manifest,
}

impl<'a> Layout<'a> {
    #[must_use]
    pub fn new(sources: &'a Sources<'a>) -> Self {
        let mut directories: Map<Map<String>> = Map::new();
        for copy in &sources.copies {
            let context = clean(&copy.context);
            for path in sources.project.paths_at(&context) {
                let name = path.rsplit('/').next().unwrap_or_default();
                let matters = name.ends_with(".go") || matches!(name, "go.mod" | "go.work" | "go.sum" | "modules.txt");
                if !matters {
                    continue;
                }
                let rest = path[context.len()..].trim_start_matches('/');
                let at = join(&copy.stage, rest);
                let (directory, name) = at.rsplit_once('/').unwrap_or(("", &at));
                let directory = if directory.is_empty() { "/" } else { directory };
                directories.get_or_default(directory).insert(name, path.to_owned());
            }
        }
        Self { sources, directories }
    }

    /// The context path of a file in the stage.
    #[must_use]
    pub fn file(&self, directory: &str, name: &str) -> Option<&str> {
        self.directories.get(directory)?.get(name).map(String::as_str)
    }

    /// The Go files that lie directly in a directory: name and context path.
    pub fn go_files(&self, directory: &str) -> impl Iterator<Item = (&str, &str)> {
        let files = self.directories.get(directory).into_iter().flatten();
        files.filter(|(name, _)| name.ends_with(".go")).map(|(name, path)| (&**name, path.as_str()))
    }

    #[must_use]
    pub fn has_go_files(&self, directory: &str) -> bool {
        self.go_files(directory).next().is_some()
    }

    /// The module that a directory belongs to: the nearest `go.mod` at or above it.
    #[must_use]
    pub fn module(&self, directory: &str) -> Option<Module> {
        let mut at = directory;
        loop {
            let at_or_root = if at.is_empty() { "/" } else { at };
            if let Some(path) = self.file(at_or_root, "go.mod") {
                let text = self.sources.project.text(path)?;
                return Some(Module {
                    directory: at_or_root.to_owned(),
                    path: path.to_owned(),
                    manifest: manifest::read(&text),
                });
            }
            at = at.rsplit_once('/')?.0;
        }
    }

    /// The packages that the words of a command name, seen from a directory; none means the directory itself.
    #[must_use]
    pub fn roots(&self, directory: &str, words: &[String]) -> Roots {
        let mut found = Roots { roots: Vec::new(), complete: true };
        if words.first().is_some_and(|word| word.ends_with(".go")) {
            found.roots.push(self.file_root(directory, words));
            return found;
        }
        let here = [".".to_owned()];
        for word in if words.is_empty() { &here } else { words } {
            let local = word == "."
                || word == ".."
                || word.starts_with("./")
                || word.starts_with("../")
                || word.starts_with('/');
            match word.strip_suffix("...") {
                Some(prefix) if local => self.pattern(&join(directory, prefix), &mut found),
                Some(_) => found.complete = false,
                None if local => found.roots.push(self.subdirectory_root(directory, word)),
                None => found.roots.push(self.path_root(directory, word)),
            }
        }
        found
    }

    fn file_root(&self, directory: &str, files: &[String]) -> Root {
        let name = files[0].rsplit('/').next().unwrap_or_default().trim_end_matches(".go");
        let at = join(directory, files[0].rsplit_once('/').map_or("", |(directory, _)| directory));
        Root {
            name: Some(name.to_owned()),
            directory: Some(at),
            import_path: None,
            files: files.iter().map(|file| file.rsplit('/').next().unwrap_or_default().to_owned()).collect_vec(),
            is_main: Some(true),
        }
    }

    /// A package by its directory; below the working directory, its name needs no `go.mod`, since a package of another
    /// module could not be named so.
    fn subdirectory_root(&self, directory: &str, word: &str) -> Root {
        let mut root = self.directory_root(&join(directory, word));
        let below =
            root.directory.as_deref().and_then(|path| path.strip_prefix(directory)).map(|rest| rest.trim_matches('/'));
        if let Some(below) = below.filter(|below| !below.is_empty() && directory != "/") {
            root.name.get_or_insert_with(|| program_name(below));
        }
        root
    }

    fn directory_root(&self, directory: &str) -> Root {
        let import_path = self.import_path(directory);
        Root {
            name: import_path.as_deref().map(program_name),
            directory: Some(directory.to_owned()),
            import_path,
            files: Vec::new(),
            is_main: self.is_main(directory),
        }
    }

    /// A package by its import path: one of this module, or one that is downloaded.
    fn path_root(&self, directory: &str, word: &str) -> Root {
        let path = word.split('@').next().unwrap_or_default();
        let own = self.module(directory).and_then(|module| {
            let name = module.manifest.module?.value;
            let rest = path.strip_prefix(name.as_str())?;
            (rest.is_empty() || rest.starts_with('/')).then(|| join(&module.directory, rest.trim_start_matches('/')))
        });
        match own.filter(|_| !word.contains('@')) {
            Some(own) => self.directory_root(&own),
            None => Root {
                name: Some(program_name(path)),
                directory: None,
                import_path: Some(path.to_owned()),
                files: Vec::new(),
                is_main: None,
            },
        }
    }

    fn pattern(&self, below: &str, found: &mut Roots) {
        let prefix = format!("{}/", below.trim_end_matches('/'));
        let mut seen = false;
        for (directory, files) in &self.directories {
            let inside = **directory == *below || directory.starts_with(&prefix);
            // Go leaves these out of a pattern: vendored packages, test data, and what starts with `_` or `.`.
            let ignored = directory
                .get(prefix.len()..)
                .unwrap_or_default()
                .split('/')
                .any(|part| part == "vendor" || part == "testdata" || part.starts_with(['_', '.']));
            if !inside || ignored || !files.keys().any(|name| name.ends_with(".go")) {
                continue;
            }
            seen = true;
            let root = self.directory_root(directory);
            if root.is_main == Some(true) {
                found.roots.push(root);
            }
        }
        found.complete &= seen && self.sources.project.whole;
    }

    /// The import path of a directory, from its module's name.
    fn import_path(&self, directory: &str) -> Option<String> {
        let module = self.module(directory)?;
        let name = module.manifest.module?.value;
        let rest = directory.strip_prefix(module.directory.trim_end_matches('/'))?.trim_matches('/');
        Some(if rest.is_empty() { name } else { format!("{name}/{rest}") })
    }

    fn is_main(&self, directory: &str) -> Option<bool> {
        // Enough to leave out tests and what only `go run` takes (`//go:build ignore`).
        let target =
            Target { system: "linux".into(), architecture: "amd64".into(), cgo: true, tags: vec![], minor: u32::MAX };
        let package = |(name, path): (&str, &str)| {
            let text = self.sources.project.text(path)?;
            target.takes(name, &text).then(|| source::read(&text).package)
        };
        self.go_files(directory)
            .filter_map(package)
            .find(|package| !package.is_empty())
            .map(|package| package == "main")
    }
}

/// The name that `go build` and `go install` give a program: the import path's last element, a major version skipped
/// (`DefaultExecName` in Go's cmd/go/internal/load).
#[must_use]
pub(super) fn program_name(import_path: &str) -> String {
    let mut elements = import_path.rsplit('/');
    let last = elements.next().unwrap_or_default();
    match elements.next() {
        Some(before) if super::is_major_version(last) => before.to_owned(),
        _ => last.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Input;
    use crate::project::{Copy, Project};

    fn project() -> Project {
        let files = [
            ("go.mod", "module example.org/shop/v2\n"),
            ("main.go", "package main\n"),
            ("cmd/api/main.go", "package main\n"),
            ("cmd/api/testdata/x.go", "package main\n"),
            ("store/store.go", "package store\n"),
            ("vendor/x.org/y/y.go", "package y\n"),
        ];
        Project::new(&files.map(|(path, text)| Input::new(path, text)), "", true)
    }

    #[track_caller]
    fn check(directory: &str, words: &[&str], expected: &[(Option<&str>, Option<bool>)]) {
        let project = project();
        let sources =
            Sources { project: &project, copies: vec![Copy { stage: "/src".into(), context: String::new() }] };
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let roots = Layout::new(&sources).roots(directory, &words);
        let found: Vec<_> = roots.roots.iter().map(|root| (root.name.as_deref(), root.is_main)).collect();
        assert_eq!(found, expected, "{directory} {words:?}");
    }

    #[test]
    fn packages_are_named_after_their_import_path() {
        check("/src", &[], &[(Some("shop"), Some(true))]);
        check("/src", &["./cmd/api"], &[(Some("api"), Some(true))]);
        check("/src/cmd", &["./api/"], &[(Some("api"), Some(true))]);
        check("/src", &["example.org/shop/v2/cmd/api"], &[(Some("api"), Some(true))]);
        check("/src", &["main.go", "x.go"], &[(Some("main"), Some(true))]);
        check("/src", &["./cmd/api/main.go"], &[(Some("main"), Some(true))]);
        check("/src", &["./..."], &[(Some("shop"), Some(true)), (Some("api"), Some(true))]);
        check("/src", &["./store"], &[(Some("store"), Some(false))]);
        check("/elsewhere", &["."], &[(None, None)]);
        check("/src", &["x.org/tool/v3@latest"], &[(Some("tool"), None)]);
    }
}
