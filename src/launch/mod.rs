//! A launch: one program about to be executed, in one image, on one platform.
//!
//! A container's start is a chain of them: the engine executes the entrypoint, that script executes the program, and a
//! wrapper on the way executes what it is given.
//! Rules look at each, in order; the first that fails is what the user sees.

mod chain;
mod imports;
mod lookup;
mod operand;
mod packages;
mod script;
mod shells;
mod wrappers;

use crate::lists::Collect;
use std::borrow::Cow;
use std::sync::Arc;

use crate::build::Build;
use crate::build::written::Instead;
use crate::fact::{Condition, Fact, Knowledge, Need, Provenance, Step};
use crate::image::{Config, Image};
use crate::needs::{Absence, Needs};
use crate::platform::Platform;
use crate::source::Location;
use crate::text::Text;
use crate::tree::Entry;
use crate::word::{Environment, Word};

pub use imports::import_of;
pub use operand::SERVERS;

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
    /// As it finds it: the image's, and what scripts on the way changed.
    pub environment: Cow<'a, Environment>,
    /// Absolute.
    pub working_directory: String,
    /// The build that made the image, where there is one.
    pub build: Option<&'a Build>,
    /// The index of the stage that starts it.
    pub stage: Option<usize>,
    /// For a runtime, the file that it is given to run, where that is not known to be there.
    pub operand: Option<Operand>,
    /// For a runtime, where it takes its code from: absolute paths, whether anything is there or not.
    pub given: Vec<String>,
}

/// A file that a runtime is given to run: `app.js` of `node app.js`.
#[derive(Clone, Debug, PartialEq)]
pub struct Operand {
    /// As it is written.
    pub name: String,
    /// Absolute.
    pub path: String,
    /// Whether the runtime finds it; `None` where nobody can say.
    pub is_there: Option<bool>,
    /// Whether it is named like a program of its own, which no runtime can read: `node node app.js`.
    pub is_program: bool,
    /// It is no file: a script that the `package.json` at `path` does not have.
    pub is_script: bool,
    /// What the build makes in its place, where that is known.
    pub instead: Option<Instead>,
    /// Where it most likely lies, when its path repeats the working directory's name: `/app/main.py` for `/app/app/main.py`.
    pub undoubled: Option<Undoubled>,
}

/// A path without the folder that it names twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undoubled {
    /// Absolute.
    pub path: String,
    /// What the command line says for it: the path, or `main:app` for `app.main:app`.
    pub word: String,
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
        /// Why it was not installed, where that is known.
        left_out: Option<(Absence, Vec<Step>)>,
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
    /// What the build was predicted to make, where a dropped program stands for it.
    pub predicted: Option<Arc<Needs>>,
    /// Whether it came through PATH.
    pub through_path: bool,
}

/// What the target stage executes when its container starts, in order: the engine's own `execve` first, then what each
/// program on the way executes; the health check last.
#[must_use]
pub fn launches(build: &Build) -> Vec<Launch<'_>> {
    build
        .target
        .and_then(|target| build.stages.get(target))
        .map(|stage| chain::of_stage(build, stage))
        .unwrap_or_default()
}

/// What an image starts by itself: one that was dropped, or that a catalog describes.
#[must_use]
pub fn of_image<'a>(image: &'a Image, environment: &'a Environment) -> Vec<Launch<'a>> {
    chain::of_image(image, environment)
}

/// A dropped program, executed by an engine in an image that it is put into.
#[must_use]
pub fn judge<'a>(path: &str, needs: &Needs, image: &'a Image, environment: &'a Environment) -> Launch<'a> {
    chain::dropped(path, needs, image, environment)
}

/// What an image's processes find in their environment.
#[must_use]
pub fn environment(image: &Image) -> Environment {
    let from = image.record.known().map_or(Provenance::Always, |record| record.from.clone());
    let known = |value: &String| Knowledge::Known(Fact::new(value.clone(), from.clone()));
    let variables = image.config.env.iter().map(|(name, value)| (name.clone(), known(value))).collect_map();
    Environment { variables, ..Environment::default() }
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
