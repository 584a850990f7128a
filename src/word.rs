//! Words of which parts may be unknown, and the environment that they are expanded in.
//!
//! The Dockerfile's own expansion, the shell and the toolchains share these: a value that nobody can tell travels as
//! such from `--build-arg` to the linker's flags, with the reason why it is not known.

use crate::lists::Map;
use std::borrow::Cow;
use std::sync::Arc;

use crate::fact::{Knowledge, Need};

/// A word of a command, of which parts may be unknown: `-X main.version=$(git describe)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    pub parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    Text(String),
    /// Unquoted `*`, `?` or `[…]`, which the shell replaces by the files that match, where it stands for any: it is
    /// text only where none does.
    Glob(String),
    Unknown(Arc<Need>),
}

/// The environment of a command: what is set by then, with where it was set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Environment {
    /// The variables that are set: by the image, ENV, ARG, `export` or the command's own prefix.
    pub variables: Map<Knowledge<String>>,
    /// What earlier commands stored as the user's defaults (`go env -w`), which variables override.
    pub stored: Map<Knowledge<String>>,
    /// Something that may have set any other variable: a sourced file that was not dropped.
    pub open: Option<Arc<Need>>,
}

impl Word {
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { parts: vec![Part::Text(text.into())] }
    }

    /// The whole word, when all of it is known.
    #[must_use]
    pub fn known(&self) -> Option<Cow<'_, str>> {
        match self.parts.as_slice() {
            [] => Some(Cow::Borrowed("")),
            [Part::Text(text)] => Some(Cow::Borrowed(text)),
            parts => parts
                .iter()
                .try_fold(String::new(), |whole, part| match part {
                    Part::Text(text) => Some(whole + text),
                    Part::Glob(_) | Part::Unknown(_) => None,
                })
                .map(Cow::Owned),
        }
    }

    /// The word as a pattern for file names, when it is one and otherwise known.
    #[must_use]
    pub fn glob(&self) -> Option<String> {
        let is_glob = self.parts.iter().any(|part| matches!(part, Part::Glob(_)));
        let text = self.parts.iter().try_fold(String::new(), |whole, part| match part {
            Part::Text(text) | Part::Glob(text) => Some(whole + text),
            Part::Unknown(_) => None,
        })?;
        is_glob.then_some(text)
    }

    /// Why a part of it is not known.
    #[must_use]
    pub fn unknown(&self) -> Option<&Arc<Need>> {
        self.parts.iter().find_map(|part| match part {
            Part::Unknown(need) => Some(need),
            Part::Text(_) | Part::Glob(_) => None,
        })
    }

    /// The word with [`UNKNOWN`] in place of each part that is not known.
    #[must_use]
    pub fn pattern(&self) -> String {
        self.parts.iter().fold(String::new(), |whole, part| match part {
            Part::Text(text) => whole + text,
            Part::Glob(_) | Part::Unknown(_) => whole + UNKNOWN,
        })
    }
}

/// Stands for an unknown part in [`Word::pattern`]: a character of Unicode's private use that no command holds.
pub const UNKNOWN: &str = "\u{f8ff}";

impl Environment {
    /// A variable's value: set in the environment, else stored; `None` when it is certainly not set.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Knowledge<String>> {
        let set = self.variables.get(name).or_else(|| self.stored.get(name)).cloned();
        set.or_else(|| self.open.as_ref().map(|need| Knowledge::Unknown(Arc::clone(need))))
    }
}
