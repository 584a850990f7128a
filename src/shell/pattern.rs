//! Shell patterns: `*`, `?` and `[…]`, matched against known text.

/// A pattern, its quotes already read: `"*"x?` is the text `*x` and one character.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Pattern {
    atoms: Vec<Atom>,
}

#[derive(Clone, Debug, PartialEq)]
enum Atom {
    Exactly(char),
    One,
    Any,
    Among { ranges: Vec<(char, char)>, negated: bool },
}

impl Pattern {
    pub(super) fn push_text(&mut self, text: &str) {
        self.atoms.extend(text.chars().map(Atom::Exactly));
    }

    /// Text in which `*`, `?` and `[…]` stand for what they match.
    pub(super) fn push_pattern(&mut self, text: &str) {
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let taken = match c {
                '*' => {
                    if self.atoms.last() != Some(&Atom::Any) {
                        self.atoms.push(Atom::Any);
                    }
                    1
                }
                '?' => {
                    self.atoms.push(Atom::One);
                    1
                }
                '[' => match bracket(rest) {
                    Some((atom, length)) => {
                        self.atoms.push(atom);
                        length
                    }
                    None => {
                        self.atoms.push(Atom::Exactly(c));
                        1
                    }
                },
                c => {
                    self.atoms.push(Atom::Exactly(c));
                    c.len_utf8()
                }
            };
            rest = &rest[taken..];
        }
    }

    /// The only text that matches, when there is one.
    pub(super) fn literal(&self) -> Option<String> {
        self.atoms
            .iter()
            .map(|atom| match atom {
                Atom::Exactly(c) => Some(*c),
                _ => None,
            })
            .collect()
    }

    /// Whether it matches the whole of `text`.
    ///
    /// Only the latest `*` is ever tried again, which is enough, and keeps the time at text times pattern.
    pub(super) fn matches(&self, text: &str) -> bool {
        let mut remaining = text.chars();
        let mut at = 0;
        let mut retry: Option<(usize, std::str::Chars<'_>)> = None;
        loop {
            let before = remaining.clone();
            match (self.atoms.get(at), remaining.next()) {
                (Some(Atom::Any), _) => {
                    remaining = before;
                    at += 1;
                    retry = Some((at, remaining.clone()));
                    continue;
                }
                (None, None) => return true,
                (Some(atom), Some(c)) if atom.matches(c) => {
                    at += 1;
                    continue;
                }
                _ => {}
            }
            let Some((again, rest)) = &mut retry else { return false };
            if rest.next().is_none() {
                return false;
            }
            at = *again;
            remaining = rest.clone();
        }
    }

    /// The length of the shortest or longest prefix that it matches.
    pub(super) fn prefix(&self, text: &str, longest: bool) -> Option<usize> {
        let mut ends = boundaries(text);
        if longest {
            ends.rfind(|end| self.matches(&text[..*end]))
        } else {
            ends.find(|end| self.matches(&text[..*end]))
        }
    }

    /// Where the shortest or longest suffix that it matches begins.
    pub(super) fn suffix(&self, text: &str, longest: bool) -> Option<usize> {
        let mut starts = boundaries(text);
        let matches = |start: &usize| self.matches(&text[*start..]);
        if longest { starts.find(matches) } else { starts.rfind(matches) }
    }
}

fn boundaries(text: &str) -> impl DoubleEndedIterator<Item = usize> {
    (0..=text.len()).filter(|at| text.is_char_boundary(*at))
}

impl Atom {
    fn matches(&self, c: char) -> bool {
        match self {
            Self::Exactly(exactly) => *exactly == c,
            Self::One | Self::Any => true,
            Self::Among { ranges, negated } => ranges.iter().any(|(from, to)| (*from..=*to).contains(&c)) != *negated,
        }
    }
}

/// Reads `[a-z]`, `[!0-9]`, `[[:digit:]]` at the start of `text`, with its length.
fn bracket(text: &str) -> Option<(Atom, usize)> {
    let body = &text[1..];
    let negated = body.starts_with(['!', '^']);
    let mut rest = if negated { &body[1..] } else { body };
    let mut ranges = Vec::new();
    loop {
        let class = CLASSES.iter().find(|(name, _)| rest.starts_with(name));
        if let Some((name, class)) = class {
            ranges.extend_from_slice(class);
            rest = &rest[name.len()..];
            continue;
        }
        let mut characters = rest.chars();
        match characters.next()? {
            ']' if !ranges.is_empty() => {
                return Some((Atom::Among { ranges, negated }, text.len() - rest.len() + 1));
            }
            from => {
                let after = characters.as_str();
                let to = after.strip_prefix('-').and_then(|end| end.chars().next()).filter(|to| *to != ']');
                ranges.push((from, to.unwrap_or(from)));
                rest = to.map_or(after, |to| &after[1 + to.len_utf8()..]);
            }
        }
    }
}

const CLASSES: [(&str, &[(char, char)]); 6] = [
    ("[:alpha:]", &[('a', 'z'), ('A', 'Z')]),
    ("[:digit:]", &[('0', '9')]),
    ("[:alnum:]", &[('a', 'z'), ('A', 'Z'), ('0', '9')]),
    ("[:upper:]", &[('A', 'Z')]),
    ("[:lower:]", &[('a', 'z')]),
    ("[:space:]", &[(' ', ' '), ('\t', '\r')]),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        let mut pattern = Pattern::default();
        pattern.push_pattern(text);
        pattern
    }

    #[test]
    fn patterns_match_as_in_a_shell() {
        for (text, sample, expected) in [
            ("", "", true),
            ("a", "a", true),
            ("a", "ab", false),
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a*c", "abcb", false),
            ("*.tar.*", "x.tar.gz", true),
            ("**a**", "bab", true),
            ("?", "é", true),
            ("?", "", false),
            ("[ab]x", "bx", true),
            ("[!ab]x", "bx", false),
            ("[a-c]", "b", true),
            ("[]]", "]", true),
            ("[[:digit:].]*", "1.2", true),
            ("[x", "[x", true),
            ("arm64|x", "arm64", false),
        ] {
            assert_eq!(pattern(text).matches(sample), expected, "{text} {sample}");
        }
    }

    #[test]
    fn prefixes_and_suffixes_are_shortest_or_longest() {
        assert_eq!(pattern("*/").prefix("a/b/c", false), Some(2));
        assert_eq!(pattern("*/").prefix("a/b/c", true), Some(4));
        assert_eq!(pattern("/*").suffix("a/b/c", false), Some(3));
        assert_eq!(pattern("/*").suffix("a/b/c", true), Some(1));
        assert_eq!(pattern("x").suffix("a/b/c", true), None);
    }
}
