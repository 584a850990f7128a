//! The little patterns of the catalog, for repositories and tags.
//!
//! `*` stands for anything, `#` for a version (`3`, `3.19`, `2023`), `{a,b,}` for one of several words; everything else for
//! itself.
//! What `*`, `#` and `{…}` stood for is captured in order.

use crate::lists::Collect;
/// What the pattern's parts stood for, when the whole text matches.
///
/// The patterns are the catalog's own, so their number of `*` is small and the search short.
pub(super) fn matches<'t>(pattern: &str, text: &'t str) -> Option<Vec<&'t str>> {
    let mut captures = Vec::new();
    run(pattern, text, &mut captures).then_some(captures)
}

fn run<'t>(pattern: &str, text: &'t str, captures: &mut Vec<&'t str>) -> bool {
    let Some(first) = pattern.chars().next() else { return text.is_empty() };
    let rest = &pattern[first.len_utf8()..];
    let depth = captures.len();
    let mut attempt = |taken: usize, rest: &str| {
        captures.push(&text[..taken]);
        let matched = run(rest, &text[taken..], captures);
        if !matched {
            captures.truncate(depth);
        }
        matched
    };
    match first {
        '*' => (0..=text.len()).filter(|at| text.is_char_boundary(*at)).any(|at| attempt(at, rest)),
        '#' => {
            let digits = text.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
            let version = |taken: &usize| {
                let word = &text[..*taken];
                word.starts_with(|c: char| c.is_ascii_digit()) && word.ends_with(|c: char| c.is_ascii_digit())
            };
            (1..=digits).rev().filter(version).any(|taken| attempt(taken, rest))
        }
        '{' => {
            let (words, rest) = rest.split_once('}').unwrap_or((rest, ""));
            words.split(',').any(|word| text.starts_with(word) && attempt(word.len(), rest))
        }
        _ => text.strip_prefix(first).is_some_and(|text| run(rest, text, captures)),
    }
}

/// `$1`, `$2`, … replaced by the captures; `$1_2` takes the first two numbers of a version.
pub(super) fn fill(template: &str, captures: &[&str]) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match rest.chars().next().and_then(|digit| digit.to_digit(10)) {
            Some(number) => {
                let capture = (number as usize).checked_sub(1).and_then(|at| captures.get(at)).copied().unwrap_or("");
                rest = &rest[1..];
                let numbers =
                    rest.strip_prefix('_').and_then(|rest| rest.chars().next()).and_then(|digit| digit.to_digit(10));
                if let Some(numbers) = numbers {
                    rest = &rest[2..];
                    let parts: Vec<_> = capture.split('.').take(numbers as usize).collect_vec();
                    out.push_str(&parts.join("."));
                } else {
                    out.push_str(capture);
                }
            }
            None => out.push('$'),
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_texts() {
        for (pattern, text, captures) in [
            ("#", "3.19", Some(vec!["3.19"])),
            ("#", "3.", None),
            ("#.*", "3.19.1", Some(vec!["3.19", "1"])),
            ("*alpine#", "1.22-alpine3.19", Some(vec!["1.22-", "3.19"])),
            ("{bookworm,bookworm-slim}", "bookworm-slim", Some(vec!["bookworm-slim"])),
            ("{latest,debug}{,-arm64}", "debug", Some(vec!["debug", ""])),
            ("a*", "", None),
            ("", "", Some(vec![])),
            ("*-slim", "日本-slim", Some(vec!["日本"])),
        ] {
            assert_eq!(matches(pattern, text), captures, "{pattern} against {text}");
        }
    }

    #[test]
    fn templates_take_captures() {
        assert_eq!(fill("alpine:$2", &["1.22-", "3.19"]), "alpine:3.19");
        assert_eq!(fill("alpine:$1_2-x", &["3.19.1"]), "alpine:3.19-x");
        assert_eq!(fill("$HOME $3", &["x"]), "$HOME ");
    }
}
