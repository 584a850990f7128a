//! Patterns of `${name#pattern}`, `${name%pattern}` and `${name/pattern/text}`.
//!
//! BuildKit turns them into regular expressions of Go, and so they follow the rules of those: the leftmost match is
//! taken, each star in turn as long (or as short) as it can be, `?` and `*` match no line feed, and a `$0` in the
//! replacement of `//` is the match.

use super::unicode::{is_digit, is_letter};
use crate::lists::Collect;
use crate::text;
use crate::text::Text;

/// The largest product of a pattern's and a value's length that is followed.
const LARGEST: usize = 1 << 24;

/// Which end of the value is taken off.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum End {
    Prefix,
    Suffix,
}

/// `${name#pattern}` and its like.
pub(super) fn trim(pattern: &str, value: &str, longest: bool, end: End) -> Result<String, Text> {
    if end == End::Prefix {
        let value: Vec<char> = value.chars().collect_vec();
        let end = Matcher::new(pattern, &value, longest)?.match_at(0).unwrap_or(0);
        return Ok(value[end..].iter().collect());
    }
    // The leftmost match is found, so both sides are turned round to find the rightmost.
    let value: Vec<char> = value.chars().rev().collect_vec();
    let end = Matcher::new(&reverse(pattern), &value, longest)?.match_at(0).unwrap_or(0);
    Ok(value[end..].iter().rev().collect())
}

/// `${name/pattern/replacement}`, or `//` for each place.
pub(super) fn replace(pattern: &str, value: &str, replacement: &str, all: bool) -> Result<String, Text> {
    let value: Vec<char> = value.chars().collect_vec();
    let matcher = Matcher::new(pattern, &value, true)?;
    let mut out = String::new();
    // Where what is not yet written begins, and where the last match ended.
    let (mut at, mut last) = (0, None);
    let mut start = 0;
    while start <= value.len() {
        // An empty match right behind another does not count.
        let found = matcher.match_at(start).filter(|end| !(*end == start && last == Some(start)));
        let Some(end) = found else {
            start += 1;
            continue;
        };
        out.extend(&value[at..start]);
        if !all {
            out.push_str(replacement);
            at = end;
            break;
        }
        out.push_str(&template(replacement, &value[start..end]));
        (at, last) = (end, Some(end));
        start = if end > start { end } else { start + 1 };
    }
    out.extend(&value[at..]);
    Ok(out)
}

/// The pattern with its characters turned round, escapes kept before what they escape.
fn reverse(pattern: &str) -> String {
    let mut pieces: Vec<String> = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        let mut piece = String::from(c);
        if c == '\\' {
            piece.extend(chars.next());
        }
        pieces.push(piece);
    }
    pieces.into_iter().rev().collect()
}

#[derive(Clone, Copy)]
enum Token {
    Char(char),
    /// `?`
    Any,
    /// `*`
    Star,
}

fn tokens(pattern: &str) -> Result<Vec<Token>, Text> {
    let mut tokens = Vec::new();
    // Go's scanner drops a byte order mark at the very start.
    let mut chars = pattern.strip_prefix('\u{feff}').unwrap_or(pattern).chars().peekable();
    while let Some(c) = chars.next() {
        tokens.push(match c {
            '*' => Token::Star,
            '?' => Token::Any,
            '\\' => match chars.peek().copied() {
                // These had to be escaped to stand inside `${}`.
                Some('}' | '/') => continue,
                Some(escaped @ ('*' | '?' | '\\')) => {
                    chars.next();
                    Token::Char(escaped)
                }
                escaped => {
                    return Err(text! {
                        en: "invalid pattern `{pattern}` in a substitution: invalid escape `{escape}`",
                        ja: "変数置換のパターン `{pattern}` が不正です: `{escape}` というエスケープはありません",
                        pattern: pattern,
                        escape: escaped.map_or_else(|| "\\".to_owned(), |escaped| format!("\\{escaped}")),
                    });
                }
            },
            c => Token::Char(c),
        });
    }
    Ok(tokens)
}

/// A pattern and a value, with what is known of all places once and for all.
struct Matcher<'v> {
    tokens: Vec<Token>,
    value: &'v [char],
    longest: bool,
    /// For each token and each place, one bit: whether this and the following tokens match from there on.
    matches: Vec<u64>,
}

impl<'v> Matcher<'v> {
    fn new(pattern: &str, value: &'v [char], longest: bool) -> Result<Self, Text> {
        let tokens = tokens(pattern)?;
        let places = value.len() + 1;
        if tokens.len().saturating_mul(places) > LARGEST {
            return Err(text! {
                en: "a pattern and a value longer than can be followed",
                ja: "パターンと値が長すぎるため、置換できません",
            });
        }
        let matches = vec![0; (tokens.len() * places).div_ceil(64)];
        let mut matcher = Self { tokens, value, longest, matches };
        for (token, kind) in matcher.tokens.clone().into_iter().enumerate().rev() {
            for place in (0..places).rev() {
                let c = value.get(place).copied();
                let matches = match kind {
                    Token::Char(wanted) => c == Some(wanted) && matcher.can(token + 1, place + 1),
                    Token::Any => c.is_some_and(|c| c != '\n') && matcher.can(token + 1, place + 1),
                    Token::Star => {
                        matcher.can(token + 1, place) || (c.is_some_and(|c| c != '\n') && matcher.can(token, place + 1))
                    }
                };
                if matches {
                    let bit = token * places + place;
                    matcher.matches[bit / 64] |= 1 << (bit % 64);
                }
            }
        }
        Ok(matcher)
    }

    fn can(&self, token: usize, place: usize) -> bool {
        let bit = token * (self.value.len() + 1) + place;
        token >= self.tokens.len() || self.matches.get(bit / 64).is_some_and(|bits| bits >> (bit % 64) & 1 == 1)
    }

    /// The end of the match that begins at `start`.
    fn match_at(&self, start: usize) -> Option<usize> {
        if !self.can(0, start) {
            return None;
        }
        let mut place = start;
        for (token, kind) in self.tokens.iter().enumerate() {
            if !matches!(kind, Token::Star) {
                place += 1;
                continue;
            }
            let rest = &self.value[place..];
            let line = rest.iter().position(|c| *c == '\n').unwrap_or(rest.len());
            let mut ends = (place..=place + line).filter(|end| self.can(token + 1, *end));
            place = if self.longest { ends.next_back() } else { ends.next() }?;
        }
        Some(place)
    }
}

/// A replacement of Go's `ReplaceAllString`: `$0` and `${0}` are the match, any other name (`00` too) is nothing, `$$` is `$`.
fn template(replacement: &str, found: &[char]) -> String {
    let is_name = |c: char| is_letter(c) || is_digit(c) || c == '_';
    let mut out = String::new();
    let mut rest = replacement;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
            continue;
        }
        let (inner, braced) = rest.strip_prefix('{').map_or((rest, false), |inner| (inner, true));
        let (name, after) = inner.split_at(inner.find(|c| !is_name(c)).unwrap_or(inner.len()));
        let after = if braced { after.strip_prefix('}') } else { Some(after) };
        match after {
            Some(after) if !name.is_empty() => {
                if name == "0" {
                    out.extend(found);
                }
                rest = after;
            }
            _ => out.push('$'),
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_are_as_long_or_as_short_as_the_rest_allows() {
        let cases: &[(&str, &str, bool, End, &str)] = &[
            ("*a*b", "xaybzab!", true, End::Prefix, "!"),
            ("*a*b", "xaybzab!", false, End::Prefix, "zab!"),
            ("*", "a\nb", true, End::Prefix, "\nb"),
            ("*b", "a\nb", true, End::Prefix, "a\nb"),
            ("/*", "/a/b", false, End::Suffix, "/a"),
            ("\\*", "a*", false, End::Suffix, "a"),
            ("", "a", true, End::Prefix, "a"),
        ];
        for (pattern, value, longest, end, expected) in cases {
            assert_eq!(trim(pattern, value, *longest, *end).as_deref(), Ok(*expected), "{pattern} of {value}");
        }
    }

    #[test]
    fn each_place_is_replaced_once() {
        let cases: &[(&str, &str, &str, &str)] = &[
            ("*", "abc", "x", "x"),
            ("", "ab", "x", "xaxbx"),
            ("a", "banana", "[$0]", "b[a]n[a]n[a]"),
            ("a", "ba", "$1${0}$$${x$", "ba$${x$"),
            ("?", "a\nb", ".", ".\n."),
        ];
        for (pattern, value, replacement, expected) in cases {
            assert_eq!(replace(pattern, value, replacement, true).as_deref(), Ok(*expected), "{pattern} in {value}");
        }
    }

    #[test]
    fn what_would_take_too_long_is_refused() {
        assert!(trim(&"*".repeat(10_000), &"a".repeat(10_000), true, End::Prefix).is_err());
    }
}
