//! What the rules about the build make of its events.

use crate::build::{Build, Event};
use crate::diagnostic::{Diagnostic, Effect};
use crate::fact::{Condition, Provenance, Step};
use crate::lists::Collect;
use crate::rules::Outcome;
use crate::text;
use crate::text::Text;
use std::sync::Arc;

/// One outcome for each event that `diagnose` has something to say about.
pub fn each(build: &Build, diagnose: impl Fn(&Event) -> Option<Diagnostic>) -> Vec<Outcome> {
    let fail = |event: &Event| {
        let mut found = diagnose(event)?;
        found.evidence.splice(0..0, event.only_if.iter().map(happens_if));
        Some(Outcome::Fail(Box::new(found)))
    };
    build.events.iter().filter_map(fail).collect_vec()
}

/// A finding that stops the build.
#[must_use]
pub fn stops(rule: &'static str, event: &Event, message: Text) -> Diagnostic {
    Diagnostic::new(rule, event.at.clone(), Effect::BuildStops, message)
}

fn happens_if(condition: &Arc<Condition>) -> Step {
    let claim = text! { en: "this is reached if {condition}", ja: "{condition}場合にここに達します", condition: &condition.text };
    Step { claim, from: Provenance::Assumed(Arc::clone(condition)) }
}

/// The instruction itself, as the first step of an argument.
#[must_use]
pub fn instruction(event: &Event, claim: Text) -> Step {
    Step { claim, from: Provenance::Read(event.at.clone()) }
}
