//! Parser directives, and the frontend that a file asks for
//! (`frontend/dockerfile/parser/directives.go` in BuildKit).

use super::Directive;
use super::json;
use crate::lists::Set;
use crate::source::Span;

/// The longest line that the reader's line scanner takes, its line end included: `bufio.MaxScanTokenSize` in Go.
pub(super) const LONGEST_LINE: usize = 64 * 1024;

/// The names that are directives; any other ends them.
const NAMES: &[&str] = &["syntax", "escape", "check"];

/// A comment that has the form of a directive: its name in lower case and the range of its value in `line`.
pub(super) fn of_line(line: &str, comment: &str) -> Option<(String, std::ops::Range<usize>)> {
    let body = line.strip_prefix(comment)?.trim_start();
    let name = &body[..body.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(body.len())];
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let after = body[name.len()..].trim_start_matches(is_blank).strip_prefix('=')?;
    let value = after.trim_matches(is_blank);
    let start = if value.is_empty() {
        // The value needs one character, and takes the last blank when there is nothing else.
        line.len() - after.chars().next_back()?.len_utf8()
    } else {
        line.len() - after.trim_start_matches(is_blank).len()
    };
    let end = start + if value.is_empty() { line.len() - start } else { value.len() };
    let name = name.to_ascii_lowercase();
    NAMES.contains(&name.as_str()).then_some((name, start..end))
}

/// `\s` in Go's regular expressions.
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\x0c' | '\r')
}

/// The directives at the top of the file, up to a name that is given twice.
pub(super) fn all(text: &str, comment: &str) -> Vec<Directive> {
    let mut found: Vec<Directive> = Vec::new();
    let mut seen = Set::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let body = line.strip_suffix('\n').unwrap_or(line);
        let body = body.strip_suffix('\r').unwrap_or(body);
        let span = Span::new(start, start + body.len());
        start += line.len();
        let Some((name, value)) = of_line(body, comment).filter(|_| line.len() <= LONGEST_LINE) else { break };
        if !seen.add(&name) {
            break;
        }
        found.push(Directive { name, value: body[value].to_owned(), span });
    }
    found
}

/// The frontend that the file asks for: the first word of `# syntax=`, of `// syntax=`, or of `"syntax"` in JSON.
pub(super) fn syntax(text: &str) -> Option<String> {
    let text = match text.split_once('\n') {
        Some((first, rest)) if first.starts_with("#!") => rest,
        None if text.starts_with("#!") => "",
        _ => text,
    };
    let of = |comment| all(text, comment).into_iter().find(|directive| directive.name == "syntax");
    if let Some(directive) = of("#").or_else(|| of("//")) {
        return directive.value.split(' ').next().map(str::to_owned);
    }
    json::member(text, "syntax")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Option<(&str, &str)>) {
        let found = of_line(line, "#").map(|(name, value)| (name, line[value].to_owned()));
        assert_eq!(found, expected.map(|(name, value)| (name.to_owned(), value.to_owned())), "{line:?}");
    }

    #[test]
    fn a_directive_is_a_comment_of_one_form() {
        check("# escape=`", Some(("escape", "`")));
        check("#\tEsCaPe \t=\t ` \t", Some(("escape", "`")));
        check("# syntax=a b", Some(("syntax", "a b")));
        check("# escape=", None);
        check("# escape=  ", Some(("escape", " ")));
        check("# es-cape=`", None);
        check("# 1syntax=a", None);
        check("# flavour=vanilla", None);
        check(" # escape=`", None);
        check("## escape=`", None);
    }

    #[test]
    fn the_syntax_stands_in_several_forms() {
        let cases: &[(&str, Option<&str>)] = &[
            ("# syntax=docker/dockerfile:1 x\n", Some("docker/dockerfile:1")),
            ("#!/usr/bin/env x\n# syntax=a\n", Some("a")),
            ("// syntax=a\n", Some("a")),
            ("{\"a\": [1, {}], \"syntax\": \"a b\"}", Some("a b")),
            ("{\"syntax\": 1}", None),
            ("FROM a\n# syntax=a\n", None),
        ];
        for (text, expected) in cases {
            assert_eq!(syntax(text).as_deref(), *expected, "{text:?}");
        }
    }
}
