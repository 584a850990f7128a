//! What happens when a program is executed in a file system: kernel, then loader, in the order in which they act.
//!
//! This is a model of the real things, kept apart from what is said about it: it takes what a program needs and what a
//! tree has, and answers that the program starts, where exactly it stops, or what would have to be known.
//! Rules turn the answer into findings, each the one that is its own.

mod cache;
mod glibc;
mod identify;
mod musl;
mod scope;
mod search;

use std::sync::Arc;

pub use cache::ldconfig;
pub use identify::{Loader, LoaderKind, identify};
pub use scope::Object;

use scope::Stop;

use crate::fact::{Fact, Need, Settler};
use crate::needs::{ElfNeeds, Linkage, Trait, VersionNeed};
use crate::platform::Platform;
use crate::tree::{Entry, Lookup, Node, Tree};

/// How an execution ends, as far as kernel and loader are concerned.
#[derive(Clone, Debug, PartialEq)]
pub enum Loading {
    /// The program reaches its own first instruction.
    Starts(Started),
    Fails(Box<Failure>),
    /// What decides cannot be seen in the tree.
    Unknown(Arc<Need>),
}

/// A program that starts, and what it was given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Started {
    /// `None` for a static program.
    pub loader: Option<Loader>,
    /// The program's libraries, in the order in which they are loaded.
    pub objects: Vec<Object>,
}

/// Where an execution stops.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// The kernel does not execute this machine's programs: `ENOEXEC`.
    WrongMachine,
    /// `PT_INTERP` names nothing: `ENOENT`.
    MissingInterpreter {
        interpreter: Fact<String>,
        /// What is absent in the end: another path when the loader is a link that points nowhere.
        absent: Arc<str>,
    },
    /// `PT_INTERP` names something that cannot be a loader: a directory, a file without an execute bit (`EACCES`), a
    /// file for another machine (`ELIBBAD`).
    UnusableInterpreter {
        interpreter: Fact<String>,
        path: Arc<str>,
        why: Unusable,
    },
    /// The program is for another system: Linux executes it, and it dies at its first system call.
    ForeignSystem {
        system: Fact<String>,
    },
    /// A static link that dies before `main`.
    DiesAtOnce,
    MissingLibrary(MissingLibrary),
    /// Versions that a library does not define; those of the program itself first.
    MissingVersions(Vec<MissingVersion>),
    /// Symbols that nothing in the process exports.
    MissingSymbols(MissingSymbols),
    /// Packed relative relocations, which the loader does not know: it skips them, and the program crashes.
    PackedRelocations {
        object: String,
        loader: Loader,
    },
    /// A program packed by UPX cannot be started through gcompat's loader, which starts the file a second time.
    PackedUnderCompat {
        loader: Loader,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    Directory,
    NotExecutable,
    OtherMachine,
}

#[derive(Clone, Debug, PartialEq)]
pub struct MissingLibrary {
    pub library: String,
    /// The fact that names it, where the program itself does.
    pub named: Option<Fact<String>>,
    /// Who needs it: the program's path, or a library's.
    pub needed_by: String,
    /// Where it was looked for, in order.
    pub searched: Vec<String>,
    pub loader: Loader,
}

#[derive(Clone, Debug, PartialEq)]
pub struct MissingVersion {
    pub need: Fact<VersionNeed>,
    /// Who needs it: the program's path, or a library's.
    pub required_by: String,
    /// The library that lacks it, by path.
    pub path: String,
    /// The newest version of the same kind that it has: `GLIBC_2.31`.
    pub newest: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct MissingSymbols {
    pub symbols: Vec<String>,
    pub required_by: String,
    pub loader: Loader,
}

/// A program about to be executed.
pub struct Execution<'a> {
    pub program: &'a ElfNeeds,
    /// Its absolute path.
    pub path: &'a str,
    pub tree: &'a Tree,
    pub platform: &'a Platform,
    /// Looks a variable up.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
}

/// Executes a program in a tree.
#[must_use]
pub fn load(
    program: &ElfNeeds,
    path: &str,
    tree: &Tree,
    platform: &Platform,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Loading {
    Execution { program, path, tree, platform, environment }.run()
}

impl Execution<'_> {
    fn run(&self) -> Loading {
        if !self.program.machine.value.runs_on(self.platform) {
            return Stop::from(Failure::WrongMachine).into();
        }
        let interpreter = &self.program.interpreter;
        let loader = match &interpreter.value {
            None => None,
            Some(path) => match self.interpreter(path, &Fact::new(path.clone(), interpreter.from.clone())) {
                Ok(loader) => Some(loader),
                Err(stop) => return stop.into(),
            },
        };
        if let Some(system) = &self.program.foreign_system {
            return Stop::from(Failure::ForeignSystem { system: system.clone() }).into();
        }
        let packed = self.program.traits.iter().any(|one| one.value == Trait::Packed);
        if packed && !self.program.complete {
            return self.hidden();
        }
        let Some(loader) = loader else {
            let dies = self.program.linkage.value == Linkage::StaticBroken;
            return if dies { Stop::from(Failure::DiesAtOnce).into() } else { Loading::Starts(Started::default()) };
        };
        match loader.kind {
            LoaderKind::Gcompat if packed => Stop::from(Failure::PackedUnderCompat { loader }).into(),
            LoaderKind::Glibc => glibc::run(self, loader),
            LoaderKind::Musl | LoaderKind::Gcompat => musl::run(self, loader),
            // A loader that is not modelled: whether it finds what the program needs is not known.
            LoaderKind::Other => self.other(loader),
        }
    }

    /// What the kernel makes of `PT_INTERP` (`load_elf_binary`, fs/binfmt_elf.c).
    fn interpreter(&self, interpreter: &str, fact: &Fact<String>) -> Result<Loader, Stop> {
        let (path, entry) = match self.tree.lookup(interpreter) {
            Lookup::Found { path, entry } => (path, entry),
            Lookup::Missing { path } => {
                let failure = Failure::MissingInterpreter { interpreter: fact.clone(), absent: path };
                return Err(failure.into());
            }
            Lookup::Unknown(need) => return Err(Stop::Unknown(need)),
        };
        let unusable = |why| {
            let (interpreter, path) = (fact.clone(), Arc::clone(&path));
            Err(Failure::UnusableInterpreter { interpreter, path, why }.into())
        };
        if !matches!(entry.node, Node::File(_)) {
            return unusable(Unusable::Directory);
        }
        if entry.mode.is_some_and(|mode| mode & 0o111 == 0) {
            return unusable(Unusable::NotExecutable);
        }
        if machine_of(entry).is_some_and(|needs| !scope::same_machine(needs, self.program)) {
            return unusable(Unusable::OtherMachine);
        }
        Ok(identify(self.tree, interpreter, &path, entry))
    }

    /// A packed program that could not be looked into may ask for anything.
    fn hidden(&self) -> Loading {
        let text = crate::text! {
            en: "`{program}` is packed by UPX, and what it needs could not be read",
            ja: "`{program}` は UPX で圧縮されており、必要なものを読み取れませんでした",
            program: self.path,
        };
        let settled_by = vec![Settler::Program(self.path.to_owned())];
        Loading::Unknown(Arc::new(Need { text, settled_by, at: None }))
    }

    fn other(&self, loader: Loader) -> Loading {
        if self.program.libraries.is_empty() {
            return Loading::Starts(Started { loader: Some(loader), objects: Vec::new() });
        }
        let text = crate::text! {
            en: "`{loader}` is a loader that execlens does not know",
            ja: "`{loader}` は execlens の知らないローダーです",
            loader: &loader.path,
        };
        Loading::Unknown(Arc::new(Need { text, settled_by: Vec::new(), at: None }))
    }
}

impl From<Stop> for Loading {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Fails(failure) => Self::Fails(failure),
            Stop::Unknown(need) => Self::Unknown(need),
        }
    }
}

impl From<Result<Started, Stop>> for Loading {
    fn from(end: Result<Started, Stop>) -> Self {
        end.map_or_else(Self::from, Self::Starts)
    }
}

/// The machine of a library or program in the tree, by its needs.
fn machine_of(entry: &Entry) -> Option<&ElfNeeds> {
    match &entry.node {
        Node::File(content) => scope::elf_of(content),
        _ => None,
    }
}
