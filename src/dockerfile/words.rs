//! How BuildKit cuts the text of an instruction into words: `split_command.go` and `line_parsers.go` of
//! `frontend/dockerfile/parser`.
//!
//! Everything is a range of the logical line, so that its place in the file is known.

use std::ops::Range;

/// The blanks between the words of most instructions: `[\t\v\f\r ]`, no others of Unicode.
pub(super) fn is_separator(c: char) -> bool {
    matches!(c, '\t' | '\x0b' | '\x0c' | '\r' | ' ')
}

/// The character boundary at an offset, or the nearest one before or after it.
pub(super) fn boundary(text: &str, mut at: usize, after: bool) -> usize {
    while !text.is_char_boundary(at) {
        at = if after { at + 1 } else { at - 1 };
    }
    at
}

/// The range of `range` without the blanks around it (any that Unicode knows).
pub(super) fn trim(text: &str, range: Range<usize>) -> Range<usize> {
    let inner = &text[range.clone()];
    let start = range.start + (inner.len() - inner.trim_start().len());
    start..start + inner.trim().len()
}

/// The keyword and the rest.
pub(super) fn keyword(text: &str) -> (Range<usize>, Option<usize>) {
    let all = trim(text, 0..text.len());
    let body = &text[all.clone()];
    match body.find(is_separator) {
        Some(end) => {
            let rest = body[end..].trim_start_matches(is_separator);
            (all.start..all.start + end, Some(all.end - rest.len()))
        }
        None => (all, None),
    }
}

/// The words between blanks.
pub(super) fn separated(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = range.start;
    for piece in text[range].split(is_separator) {
        if !piece.is_empty() {
            found.push(start..start + piece.len());
        }
        start += piece.len() + 1;
    }
    found
}

/// The words of ENV, LABEL and ARG: quotes and the escape character keep blanks in a word, and stay in it.
pub(super) fn quoted(text: &str, range: Range<usize>, escape: char) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut word: Option<usize> = None;
    let mut quote: Option<char> = None;
    let mut end = range.end;
    let mut chars = text[range.clone()].char_indices().map(|(at, c)| (range.start + at, c));
    while let Some((at, c)) = chars.next() {
        if word.is_none() {
            if c.is_whitespace() {
                continue;
            }
            word = Some(at);
        } else if quote.is_none() && c.is_whitespace() {
            found.extend(word.take().map(|start| start..at));
            continue;
        }
        match quote {
            None if c == '\'' || c == '"' => quote = Some(c),
            Some(open) if c == open => quote = None,
            _ if c == escape && quote != Some('\'') && chars.next().is_none() => {
                // An escape character at the very end is dropped.
                end = at;
            }
            _ => {}
        }
    }
    found.extend(word.map(|start| start..end).filter(|word| !word.is_empty()));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let words = quoted(text, 0..text.len(), '\\');
        assert_eq!(words.into_iter().map(|word| &text[word]).collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn quotes_and_escapes_keep_blanks() {
        check("a b", &["a", "b"]);
        check("  a\u{a0}b ", &["a", "b"]);
        check("A=\"x y\" B='x \"y' C=x\\ y", &["A=\"x y\"", "B='x \"y'", "C=x\\ y"]);
        check("A=\"x\\\" y\" B", &["A=\"x\\\" y\"", "B"]);
        check("A='x\\' B", &["A='x\\'", "B"]);
        check("A=\"x B", &["A=\"x B"]);
        check("A=x\\\\\\", &["A=x\\\\"]);
        check("\\", &[]);
        check("a \\", &["a"]);
        check("\"\" b", &["\"\"", "b"]);
        check("\"a\\", &["\"a"]);
    }

    #[test]
    fn the_keyword_ends_at_a_blank_of_ascii() {
        assert_eq!(keyword("  RUN \t a "), (2..5, Some(8)));
        assert_eq!(keyword("RUN"), (0..3, None));
        assert_eq!(keyword("RUN\u{a0}a"), (0..6, None));
        assert_eq!(keyword(""), (0..0, None));
    }
}
