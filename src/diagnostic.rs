//! What a rule has found: the sentence, its argument, what the terminal prints, and what mends it.

use std::sync::Arc;

use crate::fact::{Condition, Step, argument};
use crate::fix::Fix;
use crate::source::Location;
use crate::text::Text;

/// One finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// The rule's name: `missing-interpreter`.
    pub rule: &'static str,
    pub at: Location,
    pub effect: Effect,
    pub message: Text,
    /// The argument, in the order in which it is told; [`Diagnostic::conditions`] follows from it.
    pub evidence: Vec<Step>,
    /// Other places that belong to it.
    pub related: Vec<Label>,
    pub runtime_messages: Vec<RuntimeMessage>,
    /// Best first.
    pub fixes: Vec<Fix>,
}

/// What comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// The image is not built.
    BuildStops,
    /// The program does not start.
    StartFails,
    /// It starts, and then fails at what it most likely does.
    FailsLater,
    /// Worth knowing.
    Note,
}

impl Effect {
    /// Whether the program never starts because of it.
    #[must_use]
    pub fn stops_start(self) -> bool {
        matches!(self, Self::BuildStops | Self::StartFails)
    }
}

/// A place and what is there.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    pub at: Location,
    pub text: Text,
}

/// What is printed when it fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuntimeMessage {
    /// Who prints it: `Docker 28`, `Podman (crun)`, `glibc`.
    pub engine: &'static str,
    pub text: String,
    /// The container's exit status, where it is known.
    pub exit_code: Option<i32>,
}

impl Diagnostic {
    #[must_use]
    pub fn new(rule: &'static str, at: Location, effect: Effect, message: Text) -> Self {
        Self {
            rule,
            at,
            effect,
            message,
            evidence: Vec::new(),
            related: Vec::new(),
            runtime_messages: Vec::new(),
            fixes: Vec::new(),
        }
    }

    /// The whole argument: each premise before what follows from it.
    #[must_use]
    pub fn argument(&self) -> Vec<Step> {
        argument(&self.evidence)
    }

    /// What it hangs on; none when it is certain.
    #[must_use]
    pub fn conditions(&self) -> Vec<Arc<Condition>> {
        let mut found: Vec<Arc<Condition>> = Vec::new();
        for condition in self.evidence.iter().flat_map(|step| step.from.conditions()) {
            if !found.contains(&condition) {
                found.push(condition);
            }
        }
        found
    }

    #[must_use]
    pub fn is_certain(&self) -> bool {
        self.conditions().is_empty()
    }
}
