//! References to variables and functions.

use super::functions;
use super::{Makefile, UNKNOWN_VARIABLE};
use crate::source::Excerpt;
use crate::word::UNKNOWN;

/// What `$(shell …)` prints, where someone knows it.
pub type Shell<'s> = &'s mut dyn FnMut(&str) -> Option<String>;

/// References within references are followed so far: each level takes stack.
const DEEPEST: usize = 40;

/// A value that grows beyond this many bytes is not followed.
const LONGEST: usize = 1 << 16;

impl Makefile {
    /// The value of a variable, expanded.
    pub(super) fn value(&self, name: &str, shell: Shell<'_>) -> String {
        self.variable(name, shell, 0)
    }

    pub(super) fn expand(&self, text: &str, shell: Shell<'_>) -> String {
        self.expand_at(text, shell, 0)
    }

    /// A line of a recipe, expanded, with where each piece of it stands.
    pub(super) fn excerpt(&self, text: &str, at: usize, shell: Shell<'_>) -> Excerpt {
        let mut excerpt = Excerpt::default();
        let mut rest = 0;
        while let Some(dollar) = text[rest..].find('$').map(|found| rest + found) {
            excerpt.push(&text[rest..dollar], at + rest);
            let (value, length) = self.reference(&text[dollar..], shell, 0);
            let value = value.replace(UNKNOWN, &format!("${{{UNKNOWN_VARIABLE}}}"));
            excerpt.push(&value, at + dollar);
            rest = dollar + length;
        }
        excerpt.push(&text[rest..], at + rest);
        excerpt
    }

    pub(super) fn expand_at(&self, text: &str, shell: Shell<'_>, depth: usize) -> String {
        if depth > DEEPEST {
            return UNKNOWN.to_owned();
        }
        let mut out = String::new();
        let mut rest = text;
        while let Some(dollar) = rest.find('$') {
            out.push_str(&rest[..dollar]);
            let (value, length) = self.reference(&rest[dollar..], shell, depth);
            out.push_str(&value);
            rest = &rest[dollar + length..];
            if out.len() > LONGEST {
                return UNKNOWN.to_owned();
            }
        }
        out.push_str(rest);
        out
    }

    /// The value of the reference that `text` begins with, and its length there.
    fn reference(&self, text: &str, shell: Shell<'_>, depth: usize) -> (String, usize) {
        let Some(next) = text[1..].chars().next() else { return ("$".into(), 1) };
        let Some(left) = self.budget.get().checked_sub(1) else { return (UNKNOWN.to_owned(), 1 + next.len_utf8()) };
        self.budget.set(left);
        match next {
            '$' => ("$".into(), 2),
            '(' | '{' => match closing(&text[1..], next) {
                Some(end) => (self.inner(&text[2..=end], shell, depth + 1), end + 2),
                None => (UNKNOWN.to_owned(), text.len()),
            },
            name => (self.variable(name.encode_utf8(&mut [0; 4]), shell, depth + 1), 1 + name.len_utf8()),
        }
    }

    /// What stands between the parentheses: a function, a substitution, a name.
    fn inner(&self, text: &str, shell: Shell<'_>, depth: usize) -> String {
        if depth > DEEPEST {
            return UNKNOWN.to_owned();
        }
        if let Some((name, arguments)) = text.split_once([' ', '\t']) {
            if let Some(value) = functions::call(self, name, arguments.trim_start(), shell, depth) {
                return value;
            }
        }
        let text = self.expand_at(text, shell, depth + 1);
        // $(SOURCES:.c=.o)
        if let Some((name, (from, to))) =
            text.split_once(':').and_then(|(name, rest)| Some((name, rest.split_once('=')?)))
        {
            let value = self.variable(name, shell, depth + 1);
            let (from, to) = if from.contains('%') {
                (from.to_owned(), to.to_owned())
            } else {
                (format!("%{from}"), format!("%{to}"))
            };
            return functions::patsubst(&from, &to, &value);
        }
        self.variable(&text, shell, depth + 1)
    }

    pub(super) fn variable(&self, name: &str, shell: Shell<'_>, depth: usize) -> String {
        match self.variables.get(name) {
            Some(variable) if variable.recursive => self.expand_at(&variable.value, shell, depth + 1),
            Some(variable) => variable.value.clone(),
            None if name.contains(UNKNOWN) => UNKNOWN.to_owned(),
            None => String::new(),
        }
    }
}

/// Where the parenthesis that opens a text closes.
pub(super) fn closing(text: &str, open: char) -> Option<usize> {
    let close = if open == '(' { ')' } else { '}' };
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}
