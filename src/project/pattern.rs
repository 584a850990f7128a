//! Path patterns, as .dockerignore (moby/patternmatcher) and the sources of COPY (Go's `path/filepath.Match`) use them.

use crate::lists::Collect;
/// Whether a pattern has wildcards at all.
#[must_use]
pub fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

/// Whether a relative path matches: `*` and `?` stay within one part, `**` stands for any number of parts.
#[must_use]
pub fn matches(pattern: &str, path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect_vec();
    // reached[n]: the pattern so far matches the first n parts.
    let mut reached = vec![false; parts.len() + 1];
    reached[0] = true;
    for wanted in pattern.split('/').filter(|part| !part.is_empty()) {
        if wanted == "**" {
            let first = reached.iter().position(|reached| *reached);
            let Some(first) = first else { return false };
            reached[first..].fill(true);
        } else {
            let mut next = vec![false; parts.len() + 1];
            for (n, part) in parts.iter().enumerate() {
                next[n + 1] = reached[n] && matches_part(wanted, part);
            }
            reached = next;
        }
    }
    reached[parts.len()]
}

/// One part against one part, in at most `pattern × text` steps.
fn matches_part(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect_vec();
    let text: Vec<char> = text.chars().collect_vec();
    let (mut p, mut t) = (0, 0);
    // Where the last star stands, and what it has eaten so far.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if pattern.get(p) == Some(&'*') {
            star = Some((p, t));
            p += 1;
            continue;
        }
        if let Some(length) = matches_one(&pattern[p..], text[t]) {
            p += length;
            t += 1;
            continue;
        }
        let Some((at, eaten)) = star else { return false };
        star = Some((at, eaten + 1));
        p = at + 1;
        t = eaten + 1;
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// How many characters of the pattern match this one.
fn matches_one(pattern: &[char], c: char) -> Option<usize> {
    match pattern {
        [] => None,
        ['?', ..] => Some(1),
        ['\\', escaped, ..] => (*escaped == c).then_some(2),
        ['[', rest @ ..] => {
            let end = rest.iter().skip(1).position(|c| *c == ']').map(|n| n + 1)?;
            let (negated, class) = match &rest[..end] {
                ['^' | '!', class @ ..] => (true, class),
                class => (false, class),
            };
            let mut found = false;
            let mut n = 0;
            while n < class.len() {
                if n + 2 < class.len() && class[n + 1] == '-' {
                    found |= (class[n]..=class[n + 2]).contains(&c);
                    n += 3;
                } else {
                    found |= class[n] == c;
                    n += 1;
                }
            }
            (found != negated).then_some(end + 2)
        }
        [other, ..] => (*other == c).then_some(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_a_build_context() {
        for (pattern, path, expected) in [
            ("*.md", "a.md", true),
            ("*.md", "docs/a.md", false),
            ("**/*.md", "a.md", true),
            ("**/*.md", "x/y/a.md", true),
            ("docs/**", "docs/x/y", true),
            ("a?b", "axb", true),
            ("[ab].c", "b.c", true),
            ("[^ab].c", "b.c", false),
            ("[a-c]*", "banana", true),
            ("a*b*c", "aXbXbXc", true),
            ("a*b*c", "aXbXbX", false),
            ("\\*", "*", true),
            ("\\*", "x", false),
            ("[", "[", false),
        ] {
            assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
        }
    }
}
