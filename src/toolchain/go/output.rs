//! Where `go` writes a program.
//!
//! The rules are those of `go help build`, `go help install` and cmd/go/internal/work (`build.go`).

use super::flags::Flags;
use super::settings::{Settings, is_unknown, setting};
use crate::fact::{Provenance, Step};
use crate::lists::Collect;
use crate::project::go::{Root, Roots};
use crate::text;
use crate::toolchain::{Failure, FailureKind, Invocation, Place, UNKNOWN};
use crate::tree::{Lookup, Node, normalize};

/// What decides where programs land.
pub(super) struct Targets<'a> {
    pub(super) invocation: &'a Invocation<'a>,
    pub(super) flags: &'a Flags,
    /// The working directory, `-C` applied.
    pub(super) directory: Option<&'a str>,
    pub(super) settings: Option<&'a Settings>,
}

impl Targets<'_> {
    /// The programs that a command builds, each with its place; without one it is built and not kept.
    pub(super) fn of<'r>(&self, command: &str, roots: &'r Roots) -> Vec<(Option<Place>, &'r Root)> {
        let mains = || roots.roots.iter().filter(|root| root.is_main != Some(false));
        match command {
            "run" => mains().take(1).map(|root| (None, root)).collect_vec(),
            "install" | "get" => mains().map(|root| (self.installed(root), root)).collect_vec(),
            "test" => roots.roots.iter().map(|root| (self.tested(root), root)).collect_vec(),
            _ => match &self.flags.output {
                Some(output) => self.named(output, mains().collect_vec(), roots.complete),
                None => self.unnamed(roots),
            },
        }
    }

    /// `go build -o`: a file, or a directory that exists or is written with a slash.
    fn named<'r>(&self, output: &str, mains: Vec<&'r Root>, complete: bool) -> Vec<(Option<Place>, &'r Root)> {
        if output == "/dev/null" {
            return mains.into_iter().map(|root| (None, root)).collect_vec();
        }
        let Some(path) = self.absolute(output) else {
            return mains.into_iter().map(|root| (None, root)).collect_vec();
        };
        if let Some((known, _)) = path.split_once(UNKNOWN) {
            let directory = known.rsplit_once('/').map_or("/", |(directory, _)| directory);
            let directory = if directory.is_empty() { "/" } else { directory };
            return mains.into_iter().map(|root| (Some(below(directory, None)), root)).collect_vec();
        }
        let many = mains.len() > 1 || !complete && mains.is_empty();
        if output.ends_with('/') || self.is_directory(&path) || many {
            mains.into_iter().map(|root| (Some(self.inside(&path, root)), root)).collect_vec()
        } else {
            mains.into_iter().map(|root| (Some(Place::File(path.clone())), root)).collect_vec()
        }
    }

    /// `go build` without `-o`: one package is written to the working directory, several are only compiled.
    fn unnamed<'r>(&self, roots: &'r Roots) -> Vec<(Option<Place>, &'r Root)> {
        match roots.roots.as_slice() {
            [root] if roots.complete && root.is_main != Some(false) => {
                vec![(self.directory.map(|directory| self.inside(directory, root)), root)]
            }
            several => several.iter().filter(|root| root.is_main == Some(true)).map(|root| (None, root)).collect_vec(),
        }
    }

    /// `go install`: GOBIN, else `bin` of the first GOPATH, with a directory of its own for another platform.
    fn installed(&self, root: &Root) -> Option<Place> {
        let known = |name| setting(self.invocation, name).and_then(|value| value.value().cloned());
        let directory = if let Some(bin) = known("GOBIN") {
            bin
        } else {
            let home = || known("HOME").map_or("/root/go".to_owned(), |home| format!("{home}/go"));
            let path = known("GOPATH").unwrap_or_else(home);
            let bin = format!("{}/bin", path.split(':').next().unwrap_or_default());
            match self.settings.filter(|settings| settings.cross) {
                Some(settings) => format!("{bin}/{}_{}", settings.system.value, settings.architecture.value),
                None => bin,
            }
        };
        let directory = self.absolute(&directory)?;
        Some(match &root.name {
            Some(_) => self.inside(&directory, root),
            None => below(&directory, self.customary(root)),
        })
    }

    /// `go test -c` writes `package.test`.
    fn tested(&self, root: &Root) -> Option<Place> {
        let output =
            self.flags.output.as_deref().and_then(|output| self.absolute(output)).filter(|path| !is_unknown(path));
        match (output, &root.name) {
            (Some(path), _) if !self.is_directory(&path) => Some(Place::File(path)),
            (Some(directory), Some(name)) => Some(Place::File(normalize(&directory, &format!("{name}.test")))),
            (None, Some(name)) => Some(Place::File(normalize(self.directory?, &format!("{name}.test")))),
            (Some(directory), None) => Some(below(&directory, None)),
            (None, None) => Some(below(self.directory?, None)),
        }
    }

    /// Another platform's program cannot go to GOBIN.
    pub(super) fn failure(&self, command: &str) -> Option<Failure> {
        let settings = self.settings.filter(|settings| settings.cross && command == "install")?;
        setting(self.invocation, "GOBIN")?;
        let claim = text! {
            en: "`go install` does not put a program for {system}/{architecture} into GOBIN",
            ja: "`go install` は {system}/{architecture} 向けのプログラムを GOBIN に置きません",
            system: &settings.system.value,
            architecture: &settings.architecture.value,
        };
        let step = Step { claim: claim.clone(), from: settings.architecture.from.clone() };
        Some(Failure {
            kind: FailureKind::Unsupported,
            message: "go: cannot install cross-compiled binaries when GOBIN is set".into(),
            claim,
            from: Provenance::derived(vec![step]),
            fixes: Vec::new(),
        })
    }

    fn absolute(&self, path: &str) -> Option<String> {
        if path.starts_with('/') {
            Some(normalize("/", path))
        } else {
            self.directory.map(|directory| normalize(directory, path))
        }
    }

    fn is_directory(&self, path: &str) -> bool {
        // The working directory and what is above it exist.
        let above = self.directory.is_some_and(|directory| {
            directory == path || path == "/" || directory.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'))
        });
        let found = matches!(self.invocation.builder.tree.lookup(path), Lookup::Found { entry, .. } if entry.node == Node::Directory);
        above || found
    }

    /// A program under its own name in a directory.
    fn inside(&self, directory: &str, root: &Root) -> Place {
        let ending =
            match (self.settings.map(|settings| settings.system.value.as_str()), self.flags.build_mode.as_str()) {
                (_, "c-shared" | "plugin") => ".so",
                (_, "c-archive") => ".a",
                (Some("windows"), _) => ".exe",
                _ => "",
            };
        match &root.name {
            Some(name) => Place::File(normalize(directory, &format!("{name}{ending}"))),
            None => below(directory, self.customary(root)),
        }
    }

    /// The name that a program has when its module is named after its directory.
    fn customary(&self, root: &Root) -> Option<String> {
        let directory = root.directory.as_deref()?;
        directory.rsplit('/').next().filter(|name| !name.is_empty()).map(str::to_owned)
    }
}

fn below(directory: &str, likely: Option<String>) -> Place {
    Place::Below { directory: directory.to_owned(), likely }
}
