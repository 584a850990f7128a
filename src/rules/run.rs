//! Asks the rules about a build and its launches, in the order in which the world acts.

use std::sync::Arc;

use super::{Check, Moment, Outcome, Rule};
use crate::build::{Build, EventKind};
use crate::diagnostic::{Diagnostic, Effect};
use crate::fact::{Condition, Need, Provenance, Settler, Step};
use crate::launch::{Launch, Purpose};
use crate::needs::Needs;
use crate::text;
use crate::verdict::Verdict;

/// What the rules say of one thing: a build, or a launch.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// In the order in which they are met.
    pub diagnostics: Vec<Diagnostic>,
    /// What decides and could not be seen.
    pub unknowns: Vec<Arc<Need>>,
}

impl Findings {
    /// The first failure in order is what the user sees: certain, it fails; under conditions, it is conditional.
    /// Without a failure, something that could not be seen leaves it open.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let failures = || self.diagnostics.iter().filter(|found| found.effect.stops_start());
        if failures().any(Diagnostic::is_certain) {
            Verdict::Fails
        } else if failures().next().is_some() {
            Verdict::Conditional
        } else if self.unknowns.is_empty() {
            Verdict::Starts
        } else {
            Verdict::Unknown
        }
    }

    /// The failure that the verdict is about.
    #[must_use]
    pub fn decisive(&self) -> Option<&Diagnostic> {
        let failures = || self.diagnostics.iter().filter(|found| found.effect.stops_start());
        failures().find(|found| found.is_certain()).or_else(|| failures().next())
    }

    pub fn extend(&mut self, others: Self) {
        for found in others.diagnostics {
            // Each program on the way to a start may meet the same.
            let is_told =
                |told: &Diagnostic| (told.rule, &told.at, &told.message) == (found.rule, &found.at, &found.message);
            if !self.diagnostics.iter().any(is_told) {
                self.diagnostics.push(found);
            }
        }
        for need in others.unknowns {
            self.note(need);
        }
    }

    fn note(&mut self, need: Arc<Need>) {
        if !self.unknowns.contains(&need) {
            self.unknowns.push(need);
        }
    }

    /// Adds a failure unless an earlier one already comes whenever this one would.
    fn add(&mut self, found: Diagnostic) {
        let conditions = found.conditions();
        let shadows = |earlier: &Diagnostic| {
            earlier.effect.stops_start() && earlier.conditions().iter().all(|condition| conditions.contains(condition))
        };
        let shadowed = found.effect.stops_start() && self.diagnostics.iter().any(shadows);
        if !shadowed {
            self.diagnostics.push(found);
        }
    }
}

/// What the build does wrong.
#[must_use]
pub fn build(build: &Build) -> Findings {
    let mut findings = Findings::default();
    for event in &build.events {
        if let EventKind::Unfollowed(need) = &event.kind {
            findings.note(Arc::clone(need));
        }
    }
    for rule in super::all() {
        let Check::Build(check) = rule.check else { continue };
        for outcome in check(build) {
            match outcome {
                Outcome::Fail(found) => findings.diagnostics.push(*found),
                Outcome::Unknown(need) => findings.note(need),
                Outcome::Pass(_) | Outcome::Inapplicable => {}
            }
        }
    }
    findings
}

/// What becomes of one launch.
#[must_use]
pub fn launch(launch: &Launch<'_>) -> Findings {
    let mut findings = Findings::default();
    let mut starts = true;
    for rule in super::all() {
        let Check::Launch(check) = rule.check else { continue };
        // What a program does later does not matter when it surely never starts.
        if !starts {
            break;
        }
        match check(launch) {
            Outcome::Fail(found) => {
                let found = reached(*found, launch);
                starts &= !(found.effect.stops_start() && found.is_certain());
                findings.add(found);
            }
            Outcome::Unknown(need) if decides(rule, launch) => findings.note(need),
            Outcome::Unknown(_) | Outcome::Pass(_) | Outcome::Inapplicable => {}
        }
    }
    if launch.purpose == Purpose::Healthcheck {
        // The container starts, and is then called unhealthy.
        for found in findings.diagnostics.iter_mut().filter(|found| found.effect.stops_start()) {
            found.effect = Effect::FailsLater;
        }
    }
    // A program that is there, and that nobody has looked into, may ask for anything.
    if let (Some(Needs::Unknown(need)), Purpose::Start) = (launch.found().map(|found| &found.needs), launch.purpose) {
        let stops = findings.diagnostics.iter().any(|found| found.effect.stops_start() && found.is_certain());
        if !stops {
            findings.note(Arc::clone(need));
        }
    }
    if launch.purpose == Purpose::Start && !findings.diagnostics.iter().any(|found| found.effect.stops_start()) {
        if let Some(need) = known_by_name(launch) {
            findings.note(need);
        }
    }
    findings
}

/// A program that is known by its file's name alone: a name is enough to doubt a start, and too little to promise one.
fn known_by_name(launch: &Launch<'_>) -> Option<Arc<Need>> {
    let found = launch.found()?;
    let Needs::Elf(elf) = &found.needs else { return None };
    // What else is assumed of a machine, an image or a project file settles.
    let by_program = |condition: &Arc<Condition>| matches!(condition.settled_by.as_slice(), [Settler::Program(_)]);
    let condition = elf.machine.from.conditions().into_iter().find(by_program)?;
    let text = text! {
        en: "of `{program}` no more is known than its file's name",
        ja: "`{program}` について分かるのはファイルの名前だけです",
        program: &found.path,
    };
    Some(Arc::new(Need { text, settled_by: condition.settled_by.clone(), at: launch.at.clone() }))
}

/// What fails after the start does not decide about the start, nor does a health check.
fn decides(rule: &Rule, launch: &Launch<'_>) -> bool {
    rule.moment < Moment::Runtime && launch.purpose == Purpose::Start
}

/// A finding about a launch that is perhaps never reached.
fn reached(mut found: Diagnostic, launch: &Launch<'_>) -> Diagnostic {
    found.evidence.splice(0..0, launch.only_if.iter().map(reached_if));
    found
}

fn reached_if(condition: &Arc<Condition>) -> Step {
    let claim = text! { en: "this is reached if {condition}", ja: "{condition}場合にここに達します", condition: &condition.text };
    Step { claim, from: Provenance::Assumed(Arc::clone(condition)) }
}
