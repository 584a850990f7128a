//! What can go wrong at a start: one file per rule, one folder per moment, in the order in which they are reached.

pub mod build;
pub mod engine;
pub mod kernel;
pub mod loader;
pub mod runtime;

pub mod events;
pub mod hidden;
pub mod lookup;
pub mod mend;
pub mod place;
pub mod run;
pub mod start;
pub mod terminal;

use std::sync::Arc;

use crate::build::Build;
use crate::diagnostic::Diagnostic;
use crate::fact::{Need, Step};
use crate::launch::Launch;
use crate::text::Template;

/// Every rule, in the order in which they are asked.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    [build::RULES, engine::RULES, kernel::RULES, loader::RULES, runtime::RULES].into_iter().flatten().copied()
}

/// A rule by its name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.name == name)
}

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// Kebab-case; it states the condition, not the cure.
    pub name: &'static str,
    pub moment: Moment,
    /// One sentence for lists: "the ELF interpreter (loader) is not in the image".
    pub summary: Template,
    /// What the terminal prints, for messages that are pasted in.
    pub symptoms: &'static [Symptom],
    pub check: Check,
}

/// The moments at which a start can fail, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    Build,
    Engine,
    Kernel,
    Loader,
    Runtime,
}

#[derive(Debug)]
pub enum Check {
    /// Looks at the build as a whole.
    Build(fn(&Build) -> Vec<Outcome>),
    /// Looks at each launch.
    Launch(fn(&Launch<'_>) -> Outcome),
    /// Nothing in the files tells: it is known by its message alone.
    Message,
}

/// How a rule ends.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// What it looks for is all right, because of these facts.
    Pass(Vec<Step>),
    Fail(Box<Diagnostic>),
    /// It cannot be told.
    Unknown(Arc<Need>),
    Inapplicable,
}

/// A text that a terminal prints when a rule fails: `{}` stands for anything.
#[derive(Debug)]
pub struct Symptom {
    pub pattern: &'static str,
    /// Who prints it: `runc`, `crun`, `glibc`, `musl`, `dash`, `busybox`.
    pub speaker: &'static str,
}
