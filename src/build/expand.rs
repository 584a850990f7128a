//! The words of a Dockerfile in the environment of a stage.

use crate::dockerfile::expand::{self, Variable};
use crate::lists::Collect;
use crate::text::Text;
use crate::word::Word;

/// Expands words, given where variables are looked up.
pub(super) struct Expander<'e> {
    escape: char,
    lookup: &'e dyn Fn(&str) -> Option<String>,
}

impl<'e> Expander<'e> {
    pub(super) fn new(escape: char, lookup: &'e dyn Fn(&str) -> Option<String>) -> Self {
        Self { escape, lookup }
    }

    pub(super) fn word(&self, raw: &str) -> Result<String, Text> {
        let expanded = expand::expand(raw, self.escape, &mut |name| self.variable(name));
        expanded.map(|expanded| expanded.word.pattern()).map_err(|error| error.message)
    }

    /// One word that may become several.
    pub(super) fn words(&self, raw: &str) -> Result<Vec<String>, Text> {
        let words = expand::words(raw, self.escape, &mut |name| self.variable(name));
        words.map(|words| words.iter().map(Word::pattern).collect_vec()).map_err(|error| error.message)
    }

    /// The body of a here-document.
    pub(super) fn heredoc(&self, body: &str) -> Result<String, Text> {
        let expanded = expand::heredoc(body, &mut |name| self.variable(name));
        expanded.map(|expanded| expanded.word.pattern()).map_err(|error| error.message)
    }

    fn variable(&self, name: &str) -> Variable {
        (self.lookup)(name).map_or(Variable::Unset, |value| Variable::Set(Word::new(value)))
    }
}
