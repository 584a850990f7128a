//! The variables of a stage: ENV, and ARG while in scope, which is an environment variable of each RUN.

use std::sync::Arc;

use crate::fact::{Fact, Provenance};
use crate::lists::Map;

/// What is set, with where.
#[derive(Clone, Debug, Default)]
pub struct Variables {
    set: Map<Fact<String>>,
    /// ARGs without a default to which no value was given, with where they are declared.
    open: Map<Provenance>,
}

impl Variables {
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Fact<String>> {
        self.set.get(name)
    }

    pub(super) fn set(&mut self, name: &str, value: String, from: Provenance) {
        self.open.remove(name);
        self.set.insert(name, Fact::new(value, from));
    }

    pub(super) fn declare(&mut self, name: &str, from: Provenance) {
        if !self.set.contains_key(name) {
            self.open.insert(name, from);
        }
    }

    /// Every variable that is set, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Fact<String>)> {
        self.set.iter()
    }

    /// The first of these that a word names.
    pub(super) fn open_in(&self, word: &str) -> Option<String> {
        let named = |name: &&Arc<str>| word.contains(&format!("${name}")) || word.contains(&format!("${{{name}"));
        self.open.iter().map(|(name, _)| name).filter(|_| word.contains('$')).find(named).map(|name| name.to_string())
    }

    /// The ARGs that a build usually gets from outside.
    pub fn open(&self) -> impl Iterator<Item = (&Arc<str>, &Provenance)> {
        self.open.iter()
    }
}
