//! Shell scripts to the commands that they run, each with the environment and working directory that it really has.
//!
//! The grammar is read by `brush-parser`, and only here.
//! A script is not executed but walked: what a command does is asked of a [`Host`], and where a branch hangs on
//! something that nobody can tell, the commands in it are told so ([`Command::only_if`]).

use std::sync::Arc;

use crate::fact::Condition;
use crate::source::{Excerpt, Location};
use crate::word::{Environment, Word};

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
    /// `set -e` is on.
    pub stops_at_errors: bool,
}

/// A simple command, about to be run.
#[derive(Clone, Debug)]
pub struct Command<'s> {
    /// After expansion, wrappers that change nothing that matters here (`time`, `nice`, `sudo`, `env A=b`, `exec`,
    /// `command`, `nohup`) taken off.
    pub words: Vec<Word>,
    /// The words as they stand in the script, each where it stands; wrappers included.
    pub at: Location,
    /// Where the first of `words` stands: the place for an assignment before it (`CGO_ENABLED=0 go build`).
    pub program_at: Location,
    /// With the command's own assignments.
    pub environment: &'s Environment,
    pub directory: Option<&'s str>,
    pub redirections: Vec<Redirection>,
    /// The command replaces the shell (`exec`).
    pub replaces_shell: bool,
    /// It reads from, or writes to, a pipe.
    pub piped: bool,
    /// It runs in the background.
    pub background: bool,
    /// The conditions under which it is reached at all, outermost first; empty when it surely is, as far as the
    /// commands before it succeed.
    pub only_if: Vec<Arc<Condition>>,
}

/// A redirection to or from a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Redirection {
    pub kind: RedirectionKind,
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

    /// Tests a file: `-f`, `-d`, `-x`, `-e` …; `None` when nobody can tell.
    fn test(&mut self, operator: char, path: &str) -> Option<bool> {
        let _ = (operator, path);
        None
    }

    /// The text of a file that is sourced or run by name as a script; `None` when it is not at hand.
    fn script(&mut self, path: &str) -> Option<Excerpt> {
        let _ = path;
        None
    }
}
