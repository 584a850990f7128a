//! Variables, quotes and escapes in the words of a Dockerfile, as `frontend/dockerfile/shell/lex.go` of BuildKit
//! processes them, with parts that nobody can tell.
//!
//! Who expands what (`frontend/dockerfile/instructions/commands.go` and `frontend/dockerfile2llb/convert.go`):
//!
//! | instruction | expanded by [`expand`] |
//! |---|---|
//! | FROM | image and `--platform`, with the ARGs before the first FROM and the platform arguments only |
//! | ARG | name and default |
//! | ENV, LABEL | names and values, all with the environment as it was before the instruction |
//! | COPY, ADD | sources, destination, `--chown`, `--chmod`, `--checksum`; not `--from`, not `--exclude` |
//! | WORKDIR, USER, VOLUME, STOPSIGNAL | the words |
//! | RUN | the options of `--mount`, except that `from` may hold no variable; neither the command nor its heredocs |
//! | EXPOSE | each word by [`words`]: one may become several ports |
//! | CMD, ENTRYPOINT, SHELL, HEALTHCHECK, MAINTAINER, ONBUILD | nothing |
//!
//! The body of a heredoc of COPY or ADD is expanded by [`heredoc`], unless its name was quoted.

use crate::lists::Collect;
use std::sync::Arc;

use super::lex::{self, Lexer, Mode};
use crate::fact::Need;
use crate::text::Text;
use crate::word::Word;

/// What is known of a variable.
#[derive(Clone, Debug, PartialEq)]
pub enum Variable {
    Set(Word),
    Unset,
    /// Nobody can tell whether it is set, or to what.
    Unknown(Arc<Need>),
}

/// An expanded word.
#[derive(Clone, Debug, PartialEq)]
pub struct Expanded {
    pub word: Word,
    /// The names that were looked up and not found, sorted.
    pub unset: Vec<String>,
}

/// A word that cannot be expanded, for which the build stops.
#[derive(Clone, Debug, PartialEq)]
pub struct Error {
    pub message: Text,
    pub unset: Vec<String>,
}

/// Looks a variable up.
pub type Lookup<'l> = &'l mut dyn FnMut(&str) -> Variable;

/// Expands a word into one word.
///
/// # Errors
/// What BuildKit refuses: an open quote or brace, an operator that it does not know, `${A:?}` of an unset variable.
pub fn expand(raw: &str, escape: char, lookup: Lookup<'_>) -> Result<Expanded, Error> {
    let mut lexer = Lexer::new(raw, Mode { escape, ..Mode::default() }, lookup);
    let word = lexer.run().map(|(word, _)| word);
    lexer.finish(word).map(|(word, unset)| Expanded { word, unset })
}

/// Expands a word and splits the result at its blanks, as EXPOSE does.
///
/// # Errors
/// As for [`expand`].
pub fn words(raw: &str, escape: char, lookup: Lookup<'_>) -> Result<Vec<Word>, Error> {
    let mut lexer = Lexer::new(raw, Mode { escape, split: true, ..Mode::default() }, lookup);
    let words = lexer.run().map(|(_, words)| words);
    lexer.finish(words).map(|(words, _)| words)
}

/// Expands the body of a heredoc: quotes are text, and the escape character is a backslash whatever the file says.
///
/// # Errors
/// As for [`expand`].
pub fn heredoc(body: &str, lookup: Lookup<'_>) -> Result<Expanded, Error> {
    let mut lexer = Lexer::new(body, Mode { quotes_are_text: true, ..Mode::default() }, lookup);
    let word = lexer.run().map(|(word, _)| word);
    lexer.finish(word).map(|(word, unset)| Expanded { word, unset })
}

/// Whether a message is about a limit of ours, and not what BuildKit refuses.
#[must_use]
pub fn is_own_limit(message: &Text) -> bool {
    *message == lex::too_much()
}

/// The words of a line in which nothing is set, quotes and escapes as they are wished; `None` when it is no sound text.
pub(super) fn plain_words(raw: &str, raw_quotes: bool, raw_escapes: bool) -> Option<Vec<String>> {
    let mut unset = |_: &str| Variable::Unset;
    let mode = Mode { raw_quotes, raw_escapes, keep_unset: true, split: true, ..Mode::default() };
    let (_, words) = Lexer::new(raw, mode, &mut unset).run().ok()?;
    Some(words.iter().map(Word::pattern).collect_vec())
}
