//! The two patterns of `dockerfile-parser`, written out behind the interface of an engine.

use std::ops::Range;

/// A pattern that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Regex {
    /// `[0-9a-fA-F]+`
    Hexadecimal,
    /// `\$(?:([A-Za-z0-9_]+)|\{([A-Za-z0-9_]+)\})`
    Variable,
}

/// The pattern is not one of those that are written out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error;

/// The place of a match or of a group in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match<'t> {
    text: &'t str,
    start: usize,
    end: usize,
}

/// A match and its groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Captures<'t>([Option<Match<'t>>; 3]);

impl Regex {
    /// # Errors
    /// For any other pattern.
    pub fn new(pattern: &str) -> Result<Self, Error> {
        match pattern {
            r"[0-9a-fA-F]+" => Ok(Self::Hexadecimal),
            r"\$(?:([A-Za-z0-9_]+)|\{([A-Za-z0-9_]+)\})" => Ok(Self::Variable),
            _ => Err(Error),
        }
    }

    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.captures_iter(text).next().is_some()
    }

    /// The matches from left to right, none of which overlap.
    pub fn captures_iter<'t>(&self, text: &'t str) -> impl Iterator<Item = Captures<'t>> + use<'t> {
        let pattern = *self;
        let mut at = 0;
        std::iter::from_fn(move || {
            let found = (at..text.len()).find_map(|start| pattern.at(text, start))?;
            at = found.0[0]?.end;
            Some(found)
        })
    }

    /// The match that begins at a byte.
    fn at(self, text: &str, start: usize) -> Option<Captures<'_>> {
        let part = |start, end| Some(Match { text, start, end });
        let bytes = text.as_bytes();
        match self {
            Self::Hexadecimal => {
                let end = end_of(bytes, start, |byte| byte.is_ascii_hexdigit());
                (end > start).then(|| Captures([part(start, end), None, None]))
            }
            Self::Variable => {
                let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
                let dollar = bytes[start] == b'$';
                let braced = dollar && bytes.get(start + 1) == Some(&b'{');
                let name = start + if braced { 2 } else { 1 };
                let end = end_of(bytes, name, is_word);
                match braced {
                    _ if !dollar || end == name => None,
                    true if bytes.get(end) != Some(&b'}') => None,
                    true => Some(Captures([part(start, end + 1), None, part(name, end)])),
                    false => Some(Captures([part(start, end), part(name, end), None])),
                }
            }
        }
    }
}

/// The end of the bytes that a class holds, from `start` on.
fn end_of(bytes: &[u8], start: usize, class: impl Fn(u8) -> bool) -> usize {
    start + bytes.iter().skip(start).take_while(|byte| class(**byte)).count()
}

impl<'t> Captures<'t> {
    /// The whole match, or a group by its number.
    #[must_use]
    pub fn get(&self, group: usize) -> Option<Match<'t>> {
        *self.0.get(group)?
    }
}

impl<'t> Match<'t> {
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    #[must_use]
    pub fn as_str(&self) -> &'t str {
        &self.text[self.start..self.end]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATTERNS: [&str; 2] = [r"[0-9a-fA-F]+", r"\$(?:([A-Za-z0-9_]+)|\{([A-Za-z0-9_]+)\})"];

    #[track_caller]
    fn check(text: &str) {
        for pattern in PATTERNS {
            let (ours, theirs) = (Regex::new(pattern).unwrap(), regex_lite::Regex::new(pattern).unwrap());
            let ours: Vec<_> = ours
                .captures_iter(text)
                .map(|found| [0, 1, 2].map(|n| found.get(n).map(|part| (part.range(), part.as_str()))))
                .collect();
            let theirs: Vec<_> = theirs
                .captures_iter(text)
                .map(|found| [0, 1, 2].map(|n| found.get(n).map(|part| (part.range(), part.as_str()))))
                .collect();
            assert_eq!(ours, theirs, "{pattern} in {text:?}");
        }
    }

    /// Every text of up to five of the characters that make a difference.
    #[test]
    fn matches_are_those_of_an_engine() {
        let mut texts = vec![String::new()];
        for _ in 0..5 {
            let longer: Vec<_> = texts
                .iter()
                .flat_map(|text| ["$", "{", "}", "a", "_", "é", "g"].map(|c| format!("{text}{c}")))
                .collect();
            longer.iter().for_each(|text| check(text));
            texts = longer;
        }
        assert_eq!(texts.len(), 16_807);
    }

    #[test]
    fn longer_texts() {
        for text in
            ["alpine:$TAG", "${REGISTRY}/a@sha256:0123abcDEF", "$a$b${c}${d", "$${a}", "${a-b}$c", "日本$語${x}日"]
        {
            check(text);
        }
    }

    #[test]
    fn other_patterns_are_errors() {
        assert_eq!(Regex::new("[0-9]+"), Err(Error));
    }
}
