//! A launch: one program about to be executed, in one image, on one platform.
//!
//! A container's start is a chain of them: the engine executes the entrypoint, that script executes the program, and a
//! wrapper on the way executes what it is given.
//! Rules look at each, in order; the first that fails is what the user sees.

use std::sync::Arc;

use crate::build::Build;
use crate::fact::{Condition, Need, Provenance};
use crate::image::{Config, Image};
use crate::needs::Needs;
use crate::platform::Platform;
use crate::source::Location;
use crate::text::Text;
use crate::tree::Entry;
use crate::word::{Environment, Word};

/// One program about to be executed.
#[derive(Clone, Debug)]
pub struct Launch<'a> {
    /// The program and its arguments, as they are passed on.
    pub argv: Vec<Word>,
    pub caller: Caller,
    pub purpose: Purpose,
    /// How it came about, for the report: "the entrypoint", "`exec \"$@\"` in `/entry.sh`, line 3".
    pub reason: Text,
    /// The instruction or the line of a script that executes it; `None` when the base image's configuration does, or when
    /// a dropped program is judged by itself.
    pub at: Option<Location>,
    /// Conditions under which it is reached at all.
    pub only_if: Vec<Arc<Condition>>,
    pub program: Program,
    /// The image that it starts in: files, configuration, libc.
    pub image: &'a Image,
    pub config: &'a Config,
    pub platform: &'a Platform,
    pub environment: &'a Environment,
    /// Absolute.
    pub working_directory: String,
    /// The build that made the image, where there is one.
    pub build: Option<&'a Build>,
    /// The index of the stage that starts it.
    pub stage: Option<usize>,
}

/// Who calls `execve`, which decides the look-up, the messages, and what happens on `ENOEXEC`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    Engine,
    /// A shell, by its path: it looks in PATH, and runs what the kernel does not know as a script of its own.
    Shell(String),
    /// A program that executes its arguments: `tini`, `env`, `gosu`.
    Wrapper(String),
    /// The kernel, for the interpreter of a script.
    Kernel {
        script: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The container's start.
    Start,
    /// HEALTHCHECK: the container starts, and is then called unhealthy.
    Healthcheck,
}

/// What lies at the program's place.
#[derive(Clone, Debug)]
pub enum Program {
    Found(Box<Found>),
    /// It is certainly not there.
    Missing {
        /// As it was asked for: `./server`, `bash`.
        name: String,
        /// The absolute paths that were looked at.
        searched: Vec<String>,
        /// What is missing in the end: another path when a link points nowhere.
        absent: String,
        /// Files of a similar path or name, best first.
        near: Vec<String>,
    },
    /// Nobody can say.
    Unknown {
        name: String,
        need: Arc<Need>,
    },
}

#[derive(Clone, Debug)]
pub struct Found {
    /// As it was asked for.
    pub name: String,
    /// The absolute path that is executed, links not followed.
    pub path: String,
    /// Where it really lies.
    pub real_path: Arc<str>,
    pub entry: Entry,
    pub needs: Needs,
    /// Whether it came through PATH.
    pub through_path: bool,
}

impl Launch<'_> {
    #[must_use]
    pub fn found(&self) -> Option<&Found> {
        match &self.program {
            Program::Found(found) => Some(found),
            _ => None,
        }
    }

    /// The program, as a person calls it.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.program {
            Program::Found(found) => &found.path,
            Program::Missing { name, .. } | Program::Unknown { name, .. } => name,
        }
    }

    /// Where the program came from.
    #[must_use]
    pub fn origin(&self) -> Option<&Provenance> {
        self.found().map(|found| &found.entry.from)
    }
}
