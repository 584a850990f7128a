//! Facts that remember where they came from.
//!
//! Certainty is never filled in by hand: it follows from the provenance of the facts that a claim cites.
//! A claim is conditional exactly when one of them was assumed.

use std::sync::Arc;

use crate::source::Location;
use crate::text::Text;

/// A value and where it came from.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact<T> {
    pub value: T,
    pub from: Provenance,
}

/// Where a fact came from.
#[derive(Clone, Debug, PartialEq)]
pub enum Provenance {
    /// It stands in a file that was dropped.
    Read(Location),
    /// It lies in an image file that was dropped: the place names that file.
    InImage(Location),
    /// It is a record of the catalog or of a toolchain's rules.
    Recorded(Arc<Source>),
    /// It follows from other facts.
    Derived(Arc<Inference>),
    /// It was not seen; it holds under the condition.
    Assumed(Arc<Condition>),
    /// It is so by definition: `scratch` is empty, every file system has a root.
    Always,
}

/// Who observed a recorded fact, and when.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Source {
    /// The record, as a person would look it up: `alpine:3.19`, `Go 1.18`.
    pub record: String,
    /// What the record rests on: a package list, a file of the kernel's sources, a release note.
    pub reference: String,
    /// The day of the observation (ISO 8601), or empty when the fact does not age.
    pub observed: String,
}

/// A conclusion and the steps that lead to it, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Inference {
    pub premises: Vec<Step>,
}

/// One step of an argument: a sentence and what it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub claim: Text,
    pub from: Provenance,
}

/// Something that could not be seen and decides the matter.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// A clause that completes "if …": `a package in the build uses cgo (net, os/user or C)`.
    pub text: Text,
    /// What to drop to know, best first.
    pub settled_by: Vec<Settler>,
}

/// What would settle a condition or an unknown.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Settler {
    /// A file of the build context, by its path there.
    File(String),
    /// The sources as a whole: the project folder.
    ProjectFolder,
    /// The built program, by its path in the image.
    Program(String),
    /// The image (`docker save`), by its reference.
    Image(String),
}

/// A fact, or why it is not known.
#[derive(Clone, Debug, PartialEq)]
pub enum Knowledge<T> {
    Known(Fact<T>),
    Unknown(Arc<Need>),
}

/// Why something is not known, and what would settle it.
#[derive(Clone, Debug, PartialEq)]
pub struct Need {
    /// A whole sentence: "`make` builds `/app`, and its Makefile was not given".
    pub text: Text,
    pub settled_by: Vec<Settler>,
    /// The instruction that hides it, when there is one.
    pub at: Option<Location>,
}

impl<T> Fact<T> {
    pub fn new(value: T, from: Provenance) -> Self {
        Self { value, from }
    }

    pub fn read(value: T, location: Location) -> Self {
        Self::new(value, Provenance::Read(location))
    }

    /// The same provenance for another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Fact<U> {
        Fact { value: change(self.value), from: self.from }
    }

    /// This fact as a step of an argument.
    pub fn step(&self, claim: Text) -> Step {
        Step { claim, from: self.from.clone() }
    }
}

impl<T> Knowledge<T> {
    #[must_use]
    pub fn known(&self) -> Option<&Fact<T>> {
        match self {
            Self::Known(fact) => Some(fact),
            Self::Unknown(_) => None,
        }
    }

    #[must_use]
    pub fn value(&self) -> Option<&T> {
        self.known().map(|fact| &fact.value)
    }
}

impl<T> From<Fact<T>> for Knowledge<T> {
    fn from(fact: Fact<T>) -> Self {
        Self::Known(fact)
    }
}

impl Provenance {
    #[must_use]
    pub fn recorded(record: impl Into<String>, reference: impl Into<String>, observed: impl Into<String>) -> Self {
        Self::Recorded(Arc::new(Source {
            record: record.into(),
            reference: reference.into(),
            observed: observed.into(),
        }))
    }

    #[must_use]
    pub fn derived(premises: Vec<Step>) -> Self {
        Self::Derived(Arc::new(Inference { premises }))
    }

    #[must_use]
    pub fn assumed(text: Text, settled_by: Vec<Settler>) -> Self {
        Self::Assumed(Arc::new(Condition { text, settled_by }))
    }

    /// Whether an image brings it: one of the catalog, or one that was dropped.
    ///
    /// So does the image that another one stands on, which follows from their records alone.
    #[must_use]
    pub fn is_of_image(&self) -> bool {
        match self {
            Self::Recorded(_) | Self::InImage(_) => true,
            Self::Derived(inference) => {
                let premises = &inference.premises;
                !premises.is_empty() && premises.iter().all(|step| step.from.is_of_image())
            }
            Self::Read(_) | Self::Assumed(_) | Self::Always => false,
        }
    }

    /// Every condition that this rests on, each once, in the order of the argument.
    #[must_use]
    pub fn conditions(&self) -> Vec<Arc<Condition>> {
        let mut found = Vec::new();
        self.collect_conditions(&mut found);
        found
    }

    fn collect_conditions(&self, found: &mut Vec<Arc<Condition>>) {
        match self {
            Self::Assumed(condition) => {
                if !found.contains(condition) {
                    found.push(Arc::clone(condition));
                }
            }
            Self::Derived(inference) => {
                for step in &inference.premises {
                    step.from.collect_conditions(found);
                }
            }
            Self::Read(_) | Self::InImage(_) | Self::Recorded(_) | Self::Always => {}
        }
    }

    /// The nearest place in a dropped file that this rests on, the last premise first.
    #[must_use]
    pub fn location(&self) -> Option<&Location> {
        match self {
            Self::Read(location) | Self::InImage(location) => Some(location),
            Self::Derived(inference) => inference.premises.iter().rev().find_map(|step| step.from.location()),
            Self::Recorded(_) | Self::Assumed(_) | Self::Always => None,
        }
    }
}

/// The argument behind some facts, flattened: each premise before what follows from it, each step once.
#[must_use]
pub fn argument(steps: &[Step]) -> Vec<Step> {
    let mut flat = Vec::new();
    for step in steps {
        flatten(step, &mut flat);
    }
    flat
}

fn flatten(step: &Step, flat: &mut Vec<Step>) {
    if let Provenance::Derived(inference) = &step.from {
        for premise in &inference.premises {
            flatten(premise, flat);
        }
    }
    if !flat.iter().any(|known| known.claim == step.claim) {
        flat.push(step.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text;

    fn assumed(word: &str) -> Provenance {
        Provenance::assumed(text! { en: "{word} holds", ja: "{word} が成り立つ", word: word }, vec![])
    }

    #[test]
    fn conditions_come_through_inferences_once() {
        let step = |from: Provenance| Step { claim: text! { en: "so", ja: "よって" }, from };
        let both = Provenance::derived(vec![step(assumed("a")), step(Provenance::derived(vec![step(assumed("a"))]))]);
        assert_eq!(both.conditions().len(), 1);
    }

    #[test]
    fn an_argument_has_premises_first_and_each_step_once() {
        let premise = Step { claim: text! { en: "premise", ja: "前提" }, from: assumed("a") };
        let end = Step {
            claim: text! { en: "conclusion", ja: "結論" },
            from: Provenance::derived(vec![premise.clone(), premise.clone()]),
        };
        let flat = argument(&[end.clone(), premise]);
        let words: Vec<_> = flat.iter().map(|step| step.claim.in_english()).collect();
        assert_eq!(words, ["premise", "conclusion"]);
    }
}
