//! What instructions come down to: the steps that change files.
//!
//! Everything is expanded and absolute here, as in BuildKit's own intermediate form; instructions that only change the
//! configuration leave no step.

use crate::dockerfile::Spanned;
pub use crate::dockerfile::mount::MountKind;
use crate::platform::Platform;
use crate::source::{Excerpt, Span};

/// One step of a stage.
#[derive(Clone, Debug)]
pub enum Operation {
    Run(Run),
    Copy(Copy),
    /// WORKDIR makes the directory where it is not there.
    MakeDirectory {
        path: String,
        span: Span,
    },
}

/// What files are taken from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Scratch,
    Context,
    Stage(usize),
    Image {
        name: String,
        platform: Platform,
    },
    /// A here-document.
    Inline(Excerpt),
    Url(String),
    /// A repository: address, `#` and reference, `:` and folder.
    Git(String),
}

/// RUN.
#[derive(Clone, Debug)]
pub struct Run {
    /// What is executed, the shell included.
    pub arguments: Vec<String>,
    pub form: Form,
    /// The working directory, as the process gets it: not cleaned.
    pub directory: String,
    pub user: String,
    pub mounts: Vec<Mount>,
    /// A here-document that begins with `#!` becomes a program, which the shell starts.
    pub program: Option<Program>,
    /// The instruction.
    pub span: Span,
}

/// How the command was written.
#[derive(Clone, Debug)]
pub enum Form {
    /// A script for the shell that stands in front of it in [`Run::arguments`].
    Shell(Excerpt),
    Exec(Vec<Spanned<String>>),
}

#[derive(Clone, Debug)]
pub struct Program {
    pub path: String,
    pub content: Excerpt,
}

/// `RUN --mount`, sorted by target.
#[derive(Clone, Debug)]
pub struct Mount {
    pub kind: MountKind,
    pub target: String,
    /// `None` for an empty cache, a tmpfs, a secret.
    pub origin: Option<Origin>,
    /// Absolute in the origin.
    pub source: String,
    pub read_only: bool,
    pub mode: Option<u32>,
}

/// COPY and ADD.
#[derive(Clone, Debug)]
pub struct Copy {
    pub sources: Vec<Source>,
    /// Absolute; a slash at the end stays.
    pub to: String,
    pub owner: Option<Owner>,
    /// Octal digits or symbols.
    pub mode: Option<String>,
    pub exclude: Vec<String>,
    /// The whole instruction, and its destination.
    pub span: Span,
    pub to_span: Span,
}

#[derive(Clone, Debug)]
pub struct Source {
    pub origin: Origin,
    /// Absolute in the origin; may hold wildcards.
    pub path: String,
    /// With `--parents`: the pattern below `path` whose directories are kept.
    pub parents: Option<String>,
    /// Archives are taken apart.
    pub unpack: bool,
    /// An argument in the path that has no default and that nobody gave: whoever builds it gives a value.
    pub open: Option<String>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    pub user: Id,
    pub group: Option<Id>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Id {
    Number(u32),
    Name(String),
}
