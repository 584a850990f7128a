//! A command's words by their role, for compilers whose flags follow the usual forms.

use super::{Invocation, Place, UNKNOWN, Word};
use crate::tree::normalize;
use crate::word::Part;

/// The place that a word names, or where it is somewhere below when only the start of its path is known.
pub(super) fn place(invocation: &Invocation<'_>, word: &Word) -> Option<Place> {
    if let Some(path) = absolute(invocation, word) {
        return Some(Place::File(path));
    }
    let pattern = word.pattern();
    let known = pattern.split(UNKNOWN).next().unwrap_or_default();
    let directory = known.rsplit_once('/').map_or("", |(directory, _)| directory);
    let directory =
        if known.starts_with('/') { normalize("/", directory) } else { normalize(invocation.directory?, directory) };
    Some(Place::Below { directory, likely: None })
}

/// Somewhere below a directory, which is relative to the working directory.
pub(super) fn below(invocation: &Invocation<'_>, directory: &str, likely: Option<String>) -> Option<Place> {
    Some(Place::Below { directory: normalize(invocation.directory?, directory), likely })
}

/// The home directory of whoever runs the command: root's, which a build's commands are run by, where HOME is not set.
pub(super) fn home(invocation: &Invocation<'_>) -> String {
    let set = invocation.environment.get("HOME").and_then(|home| home.value().cloned());
    set.unwrap_or_else(|| "/root".into())
}

/// The words after the command's own name.
pub(super) struct Arguments<'w> {
    words: &'w [Word],
}

/// A command's name without its directory; empty when it is not known.
pub(super) fn program(words: &[Word]) -> String {
    let name = words.first().and_then(Word::known).unwrap_or_default();
    name.rsplit('/').next().unwrap_or_default().to_owned()
}

/// An absolute path from a word; `None` when a part of it, or the directory that it is relative to, is not known.
pub(super) fn absolute(invocation: &Invocation<'_>, word: &Word) -> Option<String> {
    let path = word.known()?;
    if path.starts_with('/') { Some(normalize("/", &path)) } else { Some(normalize(invocation.directory?, &path)) }
}

impl<'w> Arguments<'w> {
    pub(super) fn of(words: &'w [Word]) -> Self {
        Self { words: words.get(1..).unwrap_or_default() }
    }

    /// The first word that is no flag, and what follows it: the subcommand.
    pub(super) fn subcommand(&self) -> Option<(String, Self)> {
        let at = self.words.iter().position(|word| !word.pattern().starts_with('-'))?;
        Some((self.words[at].pattern(), Self { words: &self.words[at + 1..] }))
    }

    /// Whether a flag is there, by any of its names.
    pub(super) fn has(&self, names: &[&str]) -> bool {
        self.words.iter().any(|word| names.contains(&word.pattern().as_str()))
    }

    /// Whether any word holds a text.
    pub(super) fn mentions(&self, text: &str) -> bool {
        self.words.iter().any(|word| word.pattern().contains(text))
    }

    /// The last value of a flag, in any of the forms `-o x`, `-ox` (one dash and one letter), `--output=x`, `-o:x`.
    pub(super) fn value(&self, names: &[&str]) -> Option<Word> {
        let mut found = None;
        for (at, word) in self.words.iter().enumerate() {
            let text = word.pattern();
            for name in names {
                let Some(rest) = text.strip_prefix(name) else { continue };
                if rest.is_empty() {
                    found = self.words.get(at + 1).cloned();
                } else if rest.starts_with(['=', ':']) {
                    found = Some(after(word, name.len() + 1));
                } else if name.len() == 2 && !name.starts_with("--") {
                    found = Some(after(word, name.len()));
                }
            }
        }
        found
    }

    /// The words that are no flags and no values of `with_value` flags.
    pub(super) fn operands(&self, with_value: &[&str]) -> Vec<&'w Word> {
        let mut operands = Vec::new();
        let mut words = self.words.iter();
        while let Some(word) = words.next() {
            let text = word.pattern();
            if with_value.contains(&text.as_str()) {
                words.next();
            } else if !text.starts_with('-') {
                operands.push(word);
            }
        }
        operands
    }

    /// Every word, as text with its unknown parts marked.
    pub(super) fn patterns(&self) -> impl Iterator<Item = String> {
        self.words.iter().map(Word::pattern)
    }
}

/// A word without its first `length` bytes, which are known text.
fn after(word: &Word, length: usize) -> Word {
    let mut rest = word.clone();
    if let Some(Part::Text(text)) = rest.parts.first_mut() {
        *text = text.get(length..).unwrap_or_default().to_owned();
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_in_every_form() {
        let words: Vec<Word> = ["cc", "-oa", "main.c", "--out=b", "-d:release", "-I", "inc"].map(Word::new).into();
        let arguments = Arguments::of(&words);
        let value = |names: &[&str]| arguments.value(names).map(|word| word.pattern());
        assert_eq!(value(&["-o"]).as_deref(), Some("a"));
        assert_eq!(value(&["--out"]).as_deref(), Some("b"));
        assert_eq!(value(&["-d"]).as_deref(), Some("release"));
        assert_eq!(value(&["--output"]), None);
        let operands: Vec<String> = arguments.operands(&["-I"]).into_iter().map(Word::pattern).collect();
        assert_eq!(operands, ["main.c"]);
    }
}
