//! Toolchains: one command and the state it runs in, to what it makes.
//!
//! A toolchain predicts what a build command would write, as the same [`Needs`] that reading the program would give.
//! Each toolchain is one sibling file and one entry in [`TOOLCHAINS`]; the build model calls [`run`] and knows none of
//! them by name.

mod arguments;
mod beam;
mod c;
mod crystal;
mod dart;
mod dlang;
mod dotnet;
mod frozen;
mod go;
mod haskell;
mod java;
mod jvm;
mod libc;
mod libraries;
mod modules;
mod native;
mod nim;
mod node;
mod ocaml;
mod php;
mod published;
mod python;
mod requirements;
mod ruby;
mod rust;
mod script_compile;
mod start_scripts;
mod swift;
mod uv;
mod zig;

use std::sync::Arc;

pub use dotnet::published_program;
pub use jvm::{built_outside, named_otherwise};
pub use published::{copied, published};

use crate::fact::{Fact, Knowledge, Need, Provenance, Settler};
use crate::fix::Fix;
use crate::image::{Distribution, Libc, Tool};
use crate::needs::{Language, Modules, Needs};
use crate::platform::Platform;
use crate::project::Sources;
use crate::source::Location;
use crate::text::Text;
use crate::tree::Tree;
pub use crate::word::{Environment, Part, UNKNOWN, Word};

/// One toolchain.
pub struct Toolchain {
    pub language: Language,
    /// Whether this toolchain answers for a command, by its words alone.
    pub recognise: fn(&[Word]) -> bool,
    /// What the command makes.
    pub run: fn(&Invocation<'_>) -> Outcome,
}

/// Every toolchain; the first that recognises a command answers for it.
pub static TOOLCHAINS: &[&Toolchain] = &[
    &go::TOOLCHAIN,
    &rust::TOOLCHAIN,
    &c::TOOLCHAIN,
    &zig::TOOLCHAIN,
    &swift::TOOLCHAIN,
    &haskell::TOOLCHAIN,
    &crystal::TOOLCHAIN,
    &nim::TOOLCHAIN,
    &dart::TOOLCHAIN,
    &dlang::TOOLCHAIN,
    &ocaml::TOOLCHAIN,
    &dotnet::TOOLCHAIN,
    &java::TOOLCHAIN,
    &start_scripts::TOOLCHAIN,
    &jvm::TOOLCHAIN,
    &script_compile::DENO,
    &script_compile::BUN,
    &script_compile::NODE,
    &node::TOOLCHAIN,
    &frozen::TOOLCHAIN,
    &python::TOOLCHAIN,
    &ruby::TOOLCHAIN,
    &php::TOOLCHAIN,
    &beam::TOOLCHAIN,
];

/// What a command makes; `None` when no toolchain knows the command.
#[must_use]
pub fn run(invocation: &Invocation<'_>) -> Option<Outcome> {
    let toolchain = TOOLCHAINS.iter().find(|toolchain| (toolchain.recognise)(invocation.words))?;
    Some((toolchain.run)(invocation))
}

/// What a command prints, for `$(…)`; `None` when no toolchain can tell.
#[must_use]
pub fn prints(invocation: &Invocation<'_>) -> Option<String> {
    let printers: [fn(&Invocation<'_>) -> Option<String>; 2] = [go::prints, swift::prints];
    printers.iter().find_map(|prints| prints(invocation))
}

/// A simple command, about to be run in a stage.
#[derive(Clone, Copy)]
pub struct Invocation<'a> {
    /// The command's words after expansion, its own name first; wrappers (`env`, `time`, `sudo`) already taken off.
    pub words: &'a [Word],
    /// Where the command stands.
    pub at: &'a Location,
    /// Where its own name stands, after wrappers: an assignment for this command alone is put before it.
    pub program_at: &'a Location,
    pub environment: &'a Environment,
    /// The working directory, absolute; `None` when it is not known.
    pub directory: Option<&'a str>,
    pub builder: Builder<'a>,
    /// The dropped build context, if any, and how it lies in the stage.
    pub sources: Option<&'a Sources<'a>>,
}

/// The stage that a command runs in.
#[derive(Clone, Copy)]
pub struct Builder<'a> {
    /// The image it started from, for sentences: `golang:1.18`.
    pub image: &'a str,
    /// The platform it runs on; with `--platform=$BUILDPLATFORM` that is the build platform.
    pub platform: &'a Platform,
    pub distribution: Option<&'a Fact<Distribution>>,
    pub libc: &'a Knowledge<Option<Libc>>,
    /// Whether a C compiler is in `PATH` by now.
    pub c_compiler: &'a Knowledge<bool>,
    pub tools: &'a [Fact<Tool>],
    /// Packages that the stage installed by name: what a build installs, it most likely links.
    pub packages: &'a [Fact<String>],
    pub tree: &'a Tree,
}

/// What a command does to the stage.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Files it writes. All of them hold even when `failure` is conditional.
    pub products: Vec<Product>,
    /// Folders of files under a name of their own.
    pub folders: Vec<Folder>,
    /// Symbolic links it makes: (absolute path, target as written).
    pub links: Vec<(String, String)>,
    /// Directories that it fills with modules, absolute.
    pub modules: Vec<(String, Arc<Modules>)>,
    /// Why the build stops here, if it does; conditional when its provenance is.
    pub failure: Option<Failure>,
    /// Defaults that it stores for later commands, for [`Environment::stored`].
    pub stores: Vec<(String, Knowledge<String>)>,
    /// What could not be told, beyond what the products say themselves.
    pub unknown: Vec<Arc<Need>>,
}

/// A program (or other file) that a command writes.
#[derive(Clone, Debug, PartialEq)]
pub struct Product {
    pub place: Place,
    pub needs: Needs,
    pub mode: u32,
}

/// A folder that a command makes: a release with its runtime.
#[derive(Clone, Debug, PartialEq)]
pub struct Folder {
    /// The absolute directory that it lies in.
    pub parent: String,
    /// `None` where the sources tell the name.
    pub name: Option<String>,
    /// Files by their path inside it, where `{name}` stands for the folder's own name: what each asks for, and its mode.
    pub files: Vec<(String, Needs, u32)>,
    /// A directory inside it with more programs of unknown names, and what those ask for.
    pub programs: Option<(String, Needs)>,
    /// What tells the name.
    pub settled_by: Vec<Settler>,
}

/// Where a product lands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// An absolute path.
    File(String),
    /// Somewhere below an absolute directory, under a name that is not known; `likely` is the one it has by custom.
    Below { directory: String, likely: Option<String> },
}

/// A build that stops.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    pub kind: FailureKind,
    /// What the terminal prints, as far as it is fixed.
    pub message: String,
    /// Why, as a sentence.
    pub claim: Text,
    pub from: Provenance,
    pub fixes: Vec<Fix>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// A package needs the C compiler, and none is there.
    CgoWithoutCompiler,
    /// Build constraints leave no file of a package (cgo is off, and every file needs it).
    NoFilesLeft,
    /// External linking was asked for with cgo off.
    ExternalLinkWithoutCgo,
    /// The linker cannot resolve symbols.
    UndefinedSymbols,
    /// A user, a group, or its number is there already.
    NameTaken,
    /// The user has not the right to.
    NotPermitted,
    /// There is no module to build in.
    NoModule,
    /// There is no package where one is built.
    NothingToBuild,
    /// The module asks for a newer toolchain than the one that may run.
    ToolchainTooOld,
    /// The flags do not go together on this platform.
    Unsupported,
}
