//! A Go file's package clause, imports and `#cgo` lines.
//!
//! Imports stand before every other declaration (Go specification, "Source file organization"), so reading stops at
//! the first token that is neither.

use crate::source::Span;

/// The top of a Go file.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Header {
    pub package: String,
    pub imports: Vec<Import>,
    /// The `#cgo` lines of the comment before `import "C"`, without `#cgo`.
    pub cgo_lines: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Import {
    pub path: String,
    pub span: Span,
}

/// Reads the top of a file; what is no Go file has an empty package name.
#[must_use]
pub(super) fn read(text: &str) -> Header {
    let mut header = Header::default();
    let mut tokens = Tokens { text, at: 0, comment: "" };
    if tokens.next().map(|token| token.text) != Some("package") {
        return header;
    }
    let Some(name) = tokens.next() else { return header };
    header.package = name.text.to_owned();
    loop {
        let mut preamble = "";
        let Some(token) = tokens.next_with(&mut preamble) else { return header };
        match token.text {
            ";" => {}
            "import" => {
                let mut inner = preamble;
                let Some(first) = tokens.next_with(&mut inner) else { return header };
                if first.text == "(" {
                    loop {
                        let mut preamble = "";
                        match tokens.next_with(&mut preamble) {
                            None => return header,
                            Some(token) if token.text == ")" => break,
                            Some(token) => header.take(token, preamble),
                        }
                    }
                } else {
                    header.take(first, preamble);
                    // `import name "path"`: the path follows the name.
                    if !is_string(first.text) {
                        if let Some(path) = tokens.next() {
                            header.take(path, preamble);
                        }
                    }
                }
            }
            _ => return header,
        }
    }
}

impl Header {
    fn take(&mut self, token: Token<'_>, preamble: &str) {
        if !is_string(token.text) {
            return;
        }
        let path = token.text[1..token.text.len() - 1].to_owned();
        if path == "C" {
            let lines = preamble.lines().map(|line| line.trim().trim_start_matches("//").trim_start());
            self.cgo_lines
                .extend(lines.filter_map(|line| line.strip_prefix("#cgo ")).map(|line| line.trim().to_owned()));
        }
        self.imports.push(Import { path, span: token.span });
    }
}

fn is_string(token: &str) -> bool {
    token.len() >= 2 && token.starts_with(['"', '`']) && token.ends_with(['"', '`'])
}

#[derive(Clone, Copy)]
struct Token<'t> {
    text: &'t str,
    span: Span,
}

struct Tokens<'t> {
    text: &'t str,
    at: usize,
    /// The comments that were passed before the last token.
    comment: &'t str,
}

impl<'t> Tokens<'t> {
    fn next(&mut self) -> Option<Token<'t>> {
        self.skip();
        let rest = &self.text[self.at..];
        let first = rest.chars().next()?;
        let length = match first {
            '"' | '`' => {
                let close = rest[1..].find(|c| c == first || (c == '\n' && first == '"'))?;
                close + 2
            }
            c if c.is_alphanumeric() || c == '_' => {
                rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len())
            }
            c => c.len_utf8(),
        };
        let span = Span::new(self.at, self.at + length);
        self.at += length;
        Some(Token { text: &rest[..length], span })
    }

    /// The next token, and the comments right before it.
    fn next_with(&mut self, comment: &mut &'t str) -> Option<Token<'t>> {
        let token = self.next();
        *comment = self.comment;
        token
    }

    fn skip(&mut self) {
        let start = self.at;
        loop {
            let rest = &self.text[self.at..];
            let blank = rest.len() - rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}').len();
            let rest = &rest[blank..];
            let comment = if rest.starts_with("//") {
                rest.find('\n').unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                rest.find("*/").map_or(rest.len(), |end| end + 2)
            } else {
                0
            };
            self.at += blank + comment;
            if comment == 0 {
                break;
            }
        }
        self.comment = &self.text[start..self.at];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, package: &str, imports: &[&str]) {
        let header = read(text);
        assert_eq!(header.package, package);
        assert_eq!(header.imports.iter().map(|import| import.path.as_str()).collect::<Vec<_>>(), imports);
        for import in &header.imports {
            assert_eq!(&text[import.span.start as usize + 1..import.span.end as usize - 1], import.path);
        }
    }

    #[test]
    fn imports_are_read_and_nothing_else() {
        check("package main\nimport \"fmt\"\nvar s = `import \"net\"`", "main", &["fmt"]);
        check(
            "// c\npackage a; import (\n _ \"x/y\"\n . `z`; w \"q\" // no\n)\nimport n \"net\"",
            "a",
            &["x/y", "z", "q", "net"],
        );
        check("/* package no */package main\n/*\nimport \"no\"\n*/\nimport \"C\"\nfunc main() {}", "main", &["C"]);
        check("\u{feff}package main\r\nimport \"os\"\r\n", "main", &["os"]);
        for (text, package) in
            [("", ""), ("package", ""), ("func", ""), ("package a\nimport (\"x", "a"), ("package a /*", "a")]
        {
            check(text, package, &[]);
        }
    }

    #[test]
    fn cgo_lines_come_from_the_comment_before_the_import() {
        let text = "package db\n\n// not this\n\n/*\n#cgo LDFLAGS: -lm\n#include <x.h>\n*/\nimport \"C\"\n";
        assert_eq!(read(text).cgo_lines, ["LDFLAGS: -lm"]);
        let text = "package db\n// #cgo pkg-config: zlib\n// #cgo linux LDFLAGS: -ldl\nimport \"C\"\n";
        assert_eq!(read(text).cgo_lines, ["pkg-config: zlib", "linux LDFLAGS: -ldl"]);
    }
}
