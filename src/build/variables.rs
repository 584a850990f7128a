//! The variables of a stage: ENV, and ARG while in scope, which is an environment variable of each RUN.

use imbl::OrdMap;

use crate::fact::{Fact, Provenance};

/// What is set, with where.
#[derive(Clone, Debug, Default)]
pub struct Variables {
    set: OrdMap<String, Fact<String>>,
    /// ARGs without a default to which no value was given, with where they are declared.
    open: OrdMap<String, Provenance>,
}

impl Variables {
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Fact<String>> {
        self.set.get(name)
    }

    pub(super) fn set(&mut self, name: &str, value: String, from: Provenance) {
        self.open.remove(name);
        self.set.insert(name.to_owned(), Fact::new(value, from));
    }

    pub(super) fn declare(&mut self, name: &str, from: Provenance) {
        if !self.set.contains_key(name) {
            self.open.insert(name.to_owned(), from);
        }
    }

    /// Every variable that is set, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Fact<String>)> {
        self.set.iter()
    }

    /// The first of these that a word names.
    pub(super) fn open_in(&self, word: &str) -> Option<String> {
        let named = |name: &&String| word.contains(&format!("${name}")) || word.contains(&format!("${{{name}"));
        self.open.keys().filter(|_| word.contains('$')).find(named).cloned()
    }

    /// The ARGs that a build usually gets from outside.
    pub fn open(&self) -> impl Iterator<Item = (&String, &Provenance)> {
        self.open.iter()
    }
}
