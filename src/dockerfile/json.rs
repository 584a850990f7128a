//! JSON as far as a Dockerfile needs it, read as Go's `encoding/json` reads it: an array of strings, and one member of
//! an object.
//!
//! What else may stand there (numbers, nested arrays) is only checked, without recursion.

use std::ops::Range;

use crate::json::{blanks, eat, literal, string};

/// The nesting at which Go's decoder gives up.
const DEEPEST: usize = 10_000;

/// What an instruction's text is, taken for an array of strings.
#[derive(Debug, PartialEq)]
pub(super) enum Array {
    /// The strings, each with its range, quotes included; and the range of the array.
    Strings(Vec<(String, Range<usize>)>, Range<usize>),
    /// An array with something else in it, which the builder refuses.
    Mixed,
    /// No JSON array: it is read as something else.
    No,
}

/// Reads a text that may be an array of strings.
pub(super) fn array(text: &str) -> Array {
    let start = text.len() - text.trim_start().len();
    read_array(text, start).unwrap_or(Array::No)
}

fn read_array(text: &str, start: usize) -> Option<Array> {
    let mut strings = Vec::new();
    let mut mixed = false;
    let mut at = blanks(text, eat(text, start, b'[')?);
    if let Some(end) = eat(text, at, b']') {
        return end_of(text, end).then_some(Array::Strings(strings, start..end));
    }
    loop {
        let (end, string) = value(text, at)?;
        match string {
            Some(string) => strings.push((string, at..end)),
            None => mixed = true,
        }
        at = blanks(text, end);
        if let Some(next) = eat(text, at, b',') {
            at = blanks(text, next);
            continue;
        }
        let end = eat(text, at, b']')?;
        if !end_of(text, end) {
            return None;
        }
        return Some(if mixed { Array::Mixed } else { Array::Strings(strings, start..end) });
    }
}

/// A member of the object that the whole text is, when it is a string.
pub(super) fn member(text: &str, name: &str) -> Option<String> {
    let mut found = None;
    let mut at = blanks(text, eat(text, blanks(text, 0), b'{')?);
    if let Some(end) = eat(text, at, b'}') {
        return if end_of(text, end) { found } else { None };
    }
    loop {
        let (end, key) = string(text, at)?;
        let colon = eat(text, blanks(text, end), b':')?;
        let (end, value) = value(text, blanks(text, colon))?;
        if key == name {
            found = value;
        }
        at = blanks(text, end);
        if let Some(next) = eat(text, at, b',') {
            at = blanks(text, next);
            continue;
        }
        let end = eat(text, at, b'}')?;
        return if end_of(text, end) { found } else { None };
    }
}

fn end_of(text: &str, at: usize) -> bool {
    blanks(text, at) == text.len()
}

/// The end of the value at `at`, and the value when it is a string.
fn value(text: &str, at: usize) -> Option<(usize, Option<String>)> {
    if text.as_bytes().get(at) == Some(&b'"') {
        return string(text, at).map(|(end, string)| (end, Some(string)));
    }
    skip(text, at).map(|end| (end, None))
}

/// The end of a value of any kind.
fn skip(text: &str, start: usize) -> Option<usize> {
    // The closing bracket of each array and object that is open.
    let mut open: Vec<u8> = Vec::new();
    let mut at = start;
    loop {
        at = blanks(text, at);
        // A value begins here.
        match text.as_bytes().get(at)? {
            byte @ (b'[' | b'{') => {
                let close = if *byte == b'[' { b']' } else { b'}' };
                at = blanks(text, at + 1);
                match eat(text, at, close) {
                    Some(end) => at = end,
                    None => {
                        open.push(close);
                        if open.len() >= DEEPEST {
                            return None;
                        }
                        if close == b'}' {
                            at = member_name(text, at)?;
                        }
                        continue;
                    }
                }
            }
            b'"' => at = string(text, at)?.0,
            _ => at = literal(text, at)?,
        }
        // A value has ended: close what it closes, then go on to the next.
        loop {
            let Some(close) = open.last().copied() else { return Some(at) };
            at = blanks(text, at);
            if let Some(next) = eat(text, at, b',') {
                at = blanks(text, next);
                if close == b'}' {
                    at = member_name(text, at)?;
                }
                break;
            }
            at = eat(text, at, close)?;
            open.pop();
        }
    }
}

/// The start of the value behind a member's name.
fn member_name(text: &str, at: usize) -> Option<usize> {
    let (end, _) = string(text, at)?;
    eat(text, blanks(text, end), b':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        match array(text) {
            Array::Strings(strings, _) => {
                assert_eq!(strings.iter().map(|(said, _)| said.as_str()).collect::<Vec<_>>(), expected, "{text}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn arrays_of_strings() {
        check("[]", &[]);
        check("  [ ] ", &[]);
        check(r#"["a", "b c"]"#, &["a", "b c"]);
        check(r#"["a","b"]"#, &["a", "b"]);
        check(r#"["\"\\\/\b\f\n\r\tA"]"#, &["\"\\/\u{8}\u{c}\n\r\tA"]);
        check(
            r#"["\ud83d\udc33", "\ud83d", "\udc33", "\ud83dx", "\ud83dA"]"#,
            &["🐳", "\u{fffd}", "\u{fffd}", "\u{fffd}x", "\u{fffd}A"],
        );
    }

    #[test]
    fn arrays_of_other_things_are_told_from_what_is_no_array() {
        for mixed in ["[1]", "[null, \"a\"]", "[[]]", r#"["a", ["b", {"c": [1.5e-3, true, {}]}]]"#, "[-0.0]"] {
            assert_eq!(array(mixed), Array::Mixed, "{mixed}");
        }
        for no in [
            "",
            "a",
            "['a']",
            "[\"a\",]",
            "[\"a\"] x",
            "[\"a\"",
            "[\"a",
            "[,]",
            "[01]",
            "[1.]",
            "[1e]",
            "[1e999]",
            "[+1]",
            "[\"\\x\"]",
            "[\"\\'\"]",
            "[\"a\tb\"]",
            "[nul]",
            "[{]",
            "[{1:2}]",
            "[{\"a\"}]",
            "[\"\\u12\"]",
            "[\u{a0}]",
        ] {
            assert_eq!(array(no), Array::No, "{no}");
        }
    }

    #[test]
    fn depth_is_limited_and_costs_no_stack() {
        let nested = |depth: usize| format!("[{}{}]", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(array(&nested(DEEPEST - 1)), Array::Mixed);
        assert_eq!(array(&nested(1_000_000)), Array::No);
    }
}
