//! Shell scripts to the commands that they run, each with the environment and working directory that it really has.
//!
//! The grammar is read by `brush-parser`, and only here.
//! A script is not executed but walked: what a command does is asked of a [`Host`], and where a branch hangs on
//! something that nobody can tell, the commands in it are told so ([`Command::only_if`]).

mod dialect;
mod grammar;
mod lexer;
mod nesting;

mod builtins;
mod case;
mod compound;
mod lists;
mod redirection;
mod scripts;
mod simple;
mod walk;
mod wrappers;

mod arithmetic;
mod braces;
mod expand;
mod output;
mod parameter;
mod pattern;
mod sentences;
mod state;
mod test;

use crate::lists::Map;
use std::sync::Arc;

use crate::fact::{Condition, Need};
use crate::source::{Excerpt, Location};
use crate::word::{Environment, Word};

pub use dialect::{Dialect, Shebang, shebang};

/// What a script changes as it runs, and what it starts from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// Exported variables, which commands see.
    pub environment: Environment,
    /// Variables that were assigned and not exported.
    pub variables: Environment,
    /// The working directory, absolute; `None` once it is not known.
    pub directory: Option<String>,
    /// `$0`, `$1` …; `None` when they are not known.
    pub arguments: Option<Vec<Word>>,
    /// Arrays of bash.
    pub arrays: Map<Vec<Word>>,
    /// Where `cd -` goes back to.
    pub previous: Option<String>,
    /// Where `popd` goes back to, the latest last; `None` where that is not known.
    pub stack: Vec<Option<String>>,
    /// `set -e` is on.
    pub stops_at_errors: bool,
    /// `set -o pipefail` is on: a pipe fails when any of its commands does.
    pub pipes_fail: bool,
    /// `set -a` is on: what is assigned is exported.
    pub exports_all: bool,
}

/// A simple command, about to be run.
#[derive(Clone, Debug)]
pub struct Command<'s> {
    /// After expansion, wrappers that change nothing that matters here (`time`, `nice`, `sudo`, `env A=b`, `exec`,
    /// `command`, `nohup`) taken off.
    pub words: Vec<Word>,
    /// The words with the program that runs the command, where one does: `gosu app server`.
    pub through: Option<Vec<Word>>,
    /// The words as they stand in the script, each where it stands; wrappers included.
    pub at: Location,
    /// Where the first of `words` stands: the place for an assignment before it (`CGO_ENABLED=0 go build`).
    pub program_at: Location,
    /// With the command's own assignments.
    pub environment: &'s Environment,
    pub directory: Option<&'s str>,
    /// Of the command itself, then of the groups around it.
    pub redirections: Vec<Redirection>,
    /// What it reads from a pipe, where that is known.
    pub input: Option<String>,
    /// The command replaces the shell (`exec`).
    pub replaces_shell: bool,
    /// It reads from, or writes to, a pipe.
    pub piped: bool,
    /// It runs in the background.
    pub background: bool,
    /// The script goes on when it fails (`|| true`, `;`), or something else decides.
    pub caught: bool,
    /// The conditions under which it is reached at all, outermost first; empty when it surely is, as far as the
    /// commands before it succeed.
    pub only_if: Vec<Arc<Condition>>,
}

/// A redirection to or from a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Redirection {
    pub kind: RedirectionKind,
    /// 0 for input, 1 for output (also where `&>` takes errors along), 2 for errors.
    pub descriptor: u32,
    /// `None` for a here-document.
    pub file: Option<Word>,
    /// A here-document's or here-string's text, after expansion.
    pub text: Option<Word>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectionKind {
    Read,
    Write,
    Append,
}

/// A script of its own file.
#[derive(Clone, Debug, PartialEq)]
pub struct Script {
    pub text: Excerpt,
    /// The dropped file that `text` stands in.
    pub path: Arc<str>,
}

/// How a script ends.
///
/// What could not be read or told on the way was given to the host at its place, as one command of one unknown word.
#[derive(Clone, Debug, PartialEq)]
pub struct Ending {
    pub kind: EndingKind,
    pub status: Status,
    /// Pieces that were not walked, each with its place, in order.
    pub unread: Vec<Arc<Need>>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum EndingKind {
    /// Its last command was run.
    Finished,
    /// `exit`, or an error under `set -e`.
    Exited,
    /// `exec` put this command in the shell's place.
    Replaced(Vec<Word>),
}

/// How a command ends, as far as it can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Success,
    Failure,
    Unknown,
}

/// Where a script runs: what its commands do there.
pub trait Host {
    /// Runs one command and says how it ends.
    fn run(&mut self, command: &Command<'_>) -> Status;

    /// The output of a command substitution, where the host knows it (`$(pwd)`, `$(go env GOPATH)`).
    fn output(&mut self, command: &Command<'_>) -> Option<String> {
        let _ = command;
        None
    }

    /// Tests a file by its absolute path: `f`, `d`, `x`, `e`, `s`, `L` … as `test -f`; `None` when nobody can tell.
    ///
    /// `c` asks whether a command of that name would be found, as `command -v` does.
    fn test(&mut self, operator: char, path: &str) -> Option<bool> {
        let _ = (operator, path);
        None
    }

    /// The text of a file that is sourced or run by name as a script; `None` when it is not at hand.
    fn script(&mut self, path: &str) -> Option<Script> {
        let _ = path;
        None
    }

    /// The files that a pattern (`/src/*.go`, absolute) stands for, sorted, as absolute paths; empty when none does,
    /// `None` when nobody can tell.
    fn files(&mut self, pattern: &str) -> Option<Vec<String>> {
        let _ = pattern;
        None
    }
}

/// Walks a script, which stands in the file `path`, and tells the host of each command.
///
/// The state is what the script starts from, and afterwards what it leaves behind.
pub fn walk(script: &Excerpt, path: &Arc<str>, dialect: Dialect, state: &mut State, host: &mut dyn Host) -> Ending {
    walk::walk(script, path, dialect, state, host)
}
