//! A Dockerfile as a program over stage states.
//!
//! Each instruction is a transfer function on the state of its stage: base, platform, environment, working directory,
//! user, shell, entrypoint, command, and a file tree whose entries remember where they came from.

pub mod convert;
pub mod graph;
pub mod left_out;
pub mod operation;
pub mod reference;
pub mod variables;
pub(crate) mod work;

mod context;
mod copy;
mod effects;
mod execute;
mod expand;
mod mode;
mod mounted;
pub(crate) mod near;
mod paths;
mod ports;
mod refusal;
pub(crate) mod run;
pub(crate) mod scripts;
pub mod written;

use std::sync::Arc;

use crate::archive::Archive;
use crate::dockerfile::Dockerfile;
use crate::fact::{Condition, Need, Provenance};
use crate::image::Image;
use crate::platform::Platform;
use crate::project::Project;
use crate::project::compose::Service;
use crate::source::{Location, Span};
use crate::text::Text;
pub use crate::toolchain::{Failure, FailureKind};
use crate::word::Environment;

/// What to build, as `docker build` is told.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `--platform`
    pub platform: Platform,
    /// The builder's own platform; linux/amd64, what most build machines are, when `None`.
    pub build_platform: Option<Platform>,
    /// `--target`: a stage by name or index; the last one when `None`.
    pub target: Option<String>,
    /// `--build-arg`
    pub build_args: Vec<(String, String)>,
}

/// A build that has been run in our head.
#[derive(Clone, Debug)]
pub struct Build {
    pub dockerfile: Arc<Dockerfile>,
    /// The build context, as far as it was dropped.
    pub project: Arc<Project>,
    pub request: Request,
    /// In the file's order.
    pub stages: Vec<Stage>,
    /// The index of the target stage; `None` when there is none.
    pub target: Option<usize>,
    /// What the build does wrong or what stops it, in the order in which it happens.
    pub events: Vec<Event>,
    /// Programs that were dropped beside the Dockerfile.
    pub substitutes: Vec<Substitute>,
    /// The services of compose files that are built from the Dockerfile.
    pub services: Vec<Service>,
}

/// One FROM and what follows it.
#[derive(Clone, Debug)]
pub struct Stage {
    pub index: usize,
    pub name: Option<String>,
    /// The FROM instruction.
    pub span: Span,
    /// The reference after FROM, expanded.
    pub base: String,
    /// The earlier stage that it is based on.
    pub parent: Option<usize>,
    pub platform: Platform,
    /// Whether the target needs it.
    pub used: bool,
    /// Its image after the last instruction: files, configuration, tools.
    pub image: Image,
    /// The image that it, or the stage that it is based on, started from.
    pub base_image: Arc<Image>,
    /// The environment that the image's processes get.
    pub environment: Environment,
    /// What each part of the configuration was set by.
    pub set_by: SetBy,
    /// What was copied from the build context, and where it lies by now.
    pub copies: Vec<crate::project::Copy>,
    /// Programs that a command makes in a directory under a name that is not known.
    pub unnamed: Vec<Unnamed>,
    /// What build tools write in a project.
    pub written: Vec<Arc<written::Written>>,
}

/// A program of which only the directory is known.
#[derive(Clone, Debug)]
pub struct Unnamed {
    pub directory: String,
    pub entry: crate::tree::Entry,
    /// What tells the name.
    pub settled_by: Vec<crate::fact::Settler>,
}

/// The instruction that set a part of the configuration; `None` when the base image did, or nothing.
#[derive(Clone, Debug, Default)]
pub struct SetBy {
    pub entrypoint: Option<Location>,
    pub cmd: Option<Location>,
    pub workdir: Option<Location>,
    pub user: Option<Location>,
    pub shell: Option<Location>,
    pub healthcheck: Option<Location>,
    pub path: Option<Location>,
}

/// Something that the build does wrong, or that stops it.
#[derive(Clone, Debug)]
pub struct Event {
    pub stage: usize,
    pub at: Location,
    /// Conditions under which it happens at all.
    pub only_if: Vec<Arc<Condition>>,
    pub kind: EventKind,
}

#[derive(Clone, Debug)]
pub enum EventKind {
    /// A copied path that its source does not have.
    CopySourceMissing {
        path: String,
        source: CopySource,
        near: Vec<String>,
        from: Provenance,
        /// What the source makes in its place, where that is known.
        instead: Option<written::Instead>,
    },
    /// A shell-form RUN where the shell is not there.
    NoShell { shell: String, from: Provenance },
    /// A command of a RUN that is not there.
    CommandNotFound { name: String, from: Provenance },
    /// A command that stops the build.
    Failure(Failure),
    /// The builder refuses the file for this instruction.
    Refused(Text),
    /// Something that could not be told and may decide.
    Unknown(Arc<Need>),
    /// An instruction that is beyond what can be followed: anything may come of it.
    Unfollowed(Arc<Need>),
}

/// Where a copy takes its files from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopySource {
    /// `ignored` is the line of .dockerignore that leaves it out.
    Context {
        ignored: Option<Location>,
    },
    Stage(usize),
    Image(String),
}

/// Runs a Dockerfile in our head, as far as the target needs it.
///
/// Dropped programs that stand for what the build makes are taken in their place.
#[must_use]
pub fn run(dockerfile: Arc<Dockerfile>, project: Arc<Project>, request: &Request) -> Build {
    run_with(dockerfile, project, request, Vec::new(), &[])
}

/// As [`run`], with programs and archives that were dropped beside the Dockerfile: an image in one of these takes the place
/// of the catalog's record of that name.
#[must_use]
pub fn run_with(
    dockerfile: Arc<Dockerfile>,
    project: Arc<Project>,
    request: &Request,
    substitutes: Vec<Substitute>,
    archives: &[Archive],
) -> Build {
    execute::build(dockerfile, project, request, substitutes, archives)
}

/// A dropped program that stands for one that the build makes.
#[derive(Clone, Debug)]
pub struct Substitute {
    /// As it was dropped.
    pub path: Arc<str>,
    pub needs: Arc<crate::needs::Needs>,
}

/// Everything that is known of the user that a process runs as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub name: String,
    /// `None` when the name's number is not known.
    pub uid: Option<u32>,
}
