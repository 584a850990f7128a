//! Text to [`Dockerfile`], as BuildKit reads it, with every position kept.
//!
//! Reading never fails as a whole: an instruction that cannot be read is one [`Problem`] at its place, and the rest of
//! the file is still read.

mod arguments;
mod decode;
mod directive;
mod duration;
pub mod edit;
pub mod expand;
mod flags;
mod healthcheck;
mod heredoc;
mod instruction;
mod json;
mod lex;
pub mod mount;
mod pattern;
mod problem;
mod read;
mod scan;
mod substitute;
mod unicode;
mod words;

pub use heredoc::Script;
pub use read::read;
pub use unicode::lower;

use std::sync::Arc;

use crate::source::{Excerpt, Span};
use crate::text::Text;

/// A Dockerfile. Every span is a range of `text`.
#[derive(Clone, Debug)]
pub struct Dockerfile {
    pub path: Arc<str>,
    /// The file as text: without a byte order mark, each byte that is no UTF-8 replaced by one U+FFFD.
    pub text: Arc<str>,
    /// The escape character in force.
    pub escape: char,
    /// The frontend that the `syntax` directive asks for.
    pub syntax: Option<String>,
    pub directives: Vec<Directive>,
    pub instructions: Vec<Instruction>,
    pub problems: Vec<Problem>,
}

/// A parser directive: `# escape=` and a backtick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    pub name: String,
    pub value: String,
    pub span: Span,
}

/// What is wrong at one place.
#[derive(Clone, Debug)]
pub struct Problem {
    pub span: Span,
    pub message: Text,
    /// The builder refuses the file for it; false for what it only warns of.
    pub fatal: bool,
    /// BuildKit finds it while it cuts the text up, before any instruction is looked at.
    pub syntax: bool,
}

/// One instruction.
#[derive(Clone, Debug)]
pub struct Instruction {
    /// From the keyword to the end of the last line, heredoc bodies included.
    pub span: Span,
    /// As written, whatever its case.
    pub keyword: Spanned<String>,
    /// The words that begin with `--` before the first other word, quotes and escapes taken off, unexpanded.
    pub flags: Vec<Spanned<String>>,
    /// The words as they are cut, before it is asked what they mean.
    pub arguments: Arguments,
    pub heredocs: Vec<Heredoc>,
    pub kind: Kind,
    /// The comment lines right above it, directives left out: they may speak to execlens (`# execlens ignore=…`).
    pub comments: Vec<Span>,
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    pub value: T,
    pub span: Span,
}

/// The words of an instruction: nothing is expanded, quotes stay.
#[derive(Clone, Debug)]
pub enum Arguments {
    /// A shell form is one word; a list and what is separated by blanks are several.
    Words {
        words: Vec<Spanned<String>>,
        /// Where the JSON array stands that they come from, brackets included.
        array: Option<Span>,
    },
    /// ENV and LABEL.
    Pairs {
        pairs: Vec<Variable>,
        /// `ENV key value`
        legacy: bool,
    },
    /// ONBUILD: they are in the trigger.
    Trigger,
    /// They are not kept: the instruction is unknown, or cannot be cut up.
    Unknown,
}

/// What an instruction says; words are raw (unexpanded, quoted) where BuildKit expands them later.
#[derive(Clone, Debug)]
pub enum Kind {
    From(From),
    Arg(Vec<Variable>),
    Env(Vec<Variable>),
    Label(Vec<Variable>),
    Run(Run),
    Copy(Copy),
    Add(Copy),
    Workdir(Spanned<String>),
    User(Spanned<String>),
    Shell(Vec<Spanned<String>>),
    Entrypoint(Command),
    Cmd(Command),
    Healthcheck(Healthcheck),
    Expose(Vec<Spanned<String>>),
    Volume(Vec<Spanned<String>>),
    StopSignal(Spanned<String>),
    OnBuild {
        trigger: Box<Instruction>,
        expression: Excerpt,
    },
    Maintainer(Spanned<String>),
    /// It could not be read; a [`Problem`] says why (none for the trigger of an ONBUILD, which only matters once it is
    /// pulled).
    Unreadable,
}

#[derive(Clone, Debug)]
pub struct From {
    pub image: Spanned<String>,
    /// In lower case, as stages are looked up.
    pub name: Option<Spanned<String>>,
    pub platform: Option<Spanned<String>>,
}

/// One `name=value` of ARG, ENV or LABEL.
#[derive(Clone, Debug)]
pub struct Variable {
    pub name: Spanned<String>,
    /// `None` for an ARG without a default.
    pub value: Option<Spanned<String>>,
}

/// A shell or exec form.
#[derive(Clone, Debug)]
pub enum Command {
    Shell(Excerpt),
    Exec {
        words: Vec<Spanned<String>>,
        /// The array, brackets included.
        span: Span,
    },
}

#[derive(Clone, Debug)]
pub struct Run {
    pub command: Command,
    pub mounts: Vec<Mount>,
    /// `default`, `none`, `host`
    pub network: Option<Spanned<String>>,
    /// `sandbox`, `insecure`
    pub security: Option<Spanned<String>>,
}

/// `RUN --mount`; values are raw.
#[derive(Clone, Debug, Default)]
pub struct Mount {
    pub span: Span,
    /// `bind`, `cache`, `tmpfs`, `secret`, `ssh`; empty for the usual one, bind.
    pub kind: String,
    pub target: Option<String>,
    pub from: Option<String>,
    pub source: Option<String>,
    /// The other options, as written: (`id`, `x`), (`readonly`, ``).
    pub options: Vec<(String, String)>,
    /// All fields in their order: `type=cache`, `ro`.
    pub fields: Vec<String>,
}

/// COPY or ADD.
#[derive(Clone, Debug)]
pub struct Copy {
    /// Paths, URLs, and `<<name` for a heredoc that becomes a file of that name.
    pub sources: Vec<Spanned<String>>,
    pub destination: Spanned<String>,
    pub from: Option<Spanned<String>>,
    pub chown: Option<Spanned<String>>,
    pub chmod: Option<Spanned<String>>,
    pub link: bool,
    pub parents: bool,
    pub exclude: Vec<Spanned<String>>,
    pub checksum: Option<Spanned<String>>,
    /// ADD `--keep-git-dir`
    pub keep_git_dir: Option<bool>,
    /// ADD `--unpack`
    pub unpack: Option<bool>,
}

#[derive(Clone, Debug)]
pub struct Healthcheck {
    /// `None` for `HEALTHCHECK NONE`.
    pub command: Option<Command>,
    /// Nanoseconds; zero when not given.
    pub interval: u64,
    pub timeout: u64,
    pub start_period: u64,
    pub start_interval: u64,
    pub retries: u32,
}

/// A here-document of a RUN, COPY or ADD.
#[derive(Clone, Debug)]
pub struct Heredoc {
    pub name: String,
    /// As it stands in the file, tabs included.
    pub content: String,
    /// Where `content` stands.
    pub span: Span,
    /// Where the line behind it says the name; empty when none does.
    pub closing: Span,
    /// Whether variables in it are expanded: the name was not quoted.
    pub expand: bool,
    /// `<<-`: leading tabs are taken off.
    pub strip_tabs: bool,
    pub descriptor: Option<u32>,
}
