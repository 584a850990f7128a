//! Lines to logical lines: continuations joined, comments and blank lines between them dropped, directives read
//! (`frontend/dockerfile/parser/parser.go` in BuildKit).

use super::decode::Source;
use super::directive::{self, LONGEST_LINE};
use super::heredoc::Announced;
use super::{Heredoc, Problem};
use crate::lists::Set;
use crate::source::{Excerpt, Span};
use crate::text;

/// One physical line: where it starts and where its text ends.
#[derive(Clone, Copy)]
struct Line {
    start: usize,
    end: usize,
}

/// An instruction's text: its lines as one.
pub(super) struct Logical {
    pub text: Excerpt,
    /// From the first character that is no blank to the end of the last line.
    pub span: Span,
    /// The comment lines right above.
    pub comments: Vec<Span>,
}

/// Walks over a file, from instruction to instruction.
pub(super) struct Scanner<'s> {
    source: &'s Source,
    at: usize,
    pub escape: char,
    /// The names of the directives so far, while there may be more.
    directives: Option<Set>,
    pub problems: Vec<Problem>,
    /// A line that is too long: the last thing that is said, after what the instruction before it lacks.
    pub overlong: Option<Problem>,
}

impl<'s> Scanner<'s> {
    pub(super) fn new(source: &'s Source) -> Self {
        Self { source, at: 0, escape: '\\', directives: Some(Set::new()), problems: Vec::new(), overlong: None }
    }

    fn text(&self, line: Line) -> &'s str {
        &self.source.text[line.start..line.end]
    }

    /// The next line; the file ends at one that is too long.
    fn line(&mut self) -> Option<Line> {
        let (text, start) = (&self.source.text, self.at);
        if start >= text.len() {
            return None;
        }
        let (next, ended) = text.as_bytes()[start..]
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or_else(|| (text.len(), false), |length| (start + length + 1, true));
        let mark = if start == 0 && self.source.marked { 3 } else { 0 };
        // A line without a line end must leave room for one.
        let longest = if ended { LONGEST_LINE } else { LONGEST_LINE - 1 };
        if self.source.bytes(start, next) + mark > longest {
            self.at = text.len();
            self.overlong = Some(Problem {
                span: Span::new(start, next - usize::from(ended)),
                message: text! {
                    en: "a line longer than 65535 bytes, which no builder reads",
                    ja: "1 行が 65535 バイトを超えており、ビルダーは読み込めません",
                },
                fatal: true,
                syntax: true,
            });
            return None;
        }
        self.at = next;
        let body = text[start..next].trim_end_matches(['\r', '\n']);
        Some(Line { start, end: start + body.len() })
    }

    /// The next logical line.
    pub(super) fn logical(&mut self) -> Option<Logical> {
        let mut comments: Vec<Span> = Vec::new();
        loop {
            let line = self.line()?;
            let body = self.text(line);
            let start = line.end - body.trim_start().len();
            let body = body.trim_start();
            if self.directive(body, Span::new(start, line.end)) {
                comments.clear();
                continue;
            }
            if body.starts_with('#') {
                comments.push(Span::new(start, line.end));
                continue;
            }
            if body.is_empty() {
                comments.clear();
                continue;
            }
            let mut text = Excerpt::default();
            let end = self.join(start, body, line.end, &mut text);
            return Some(Logical { text, span: Span::new(start, end), comments });
        }
    }

    /// Joins a line with those that continue it; says where the last one ends.
    fn join(&mut self, start: usize, body: &str, mut end: usize, text: &mut Excerpt) -> usize {
        let mut continued = self.continuation(body);
        text.push(continued.unwrap_or(body), start);
        let mut blank: Option<Span> = None;
        while continued.is_some() {
            let Some(line) = self.line() else { break };
            end = line.end;
            let body = self.text(line);
            let inner = body.trim_start();
            if inner.starts_with('#') {
                continue;
            }
            if inner.is_empty() {
                blank = blank.or(Some(Span::new(line.start, line.end)));
                continue;
            }
            continued = self.continuation(body);
            text.push(continued.unwrap_or(body), line.start);
        }
        if let Some(span) = blank {
            self.problems.push(Problem {
                span,
                message: text! {
                    en: "empty continuation line, which will be refused in a future release of the builder",
                    ja: "継続行の途中に空行があります。ビルダーの将来の版ではエラーになります",
                },
                fatal: false,
                syntax: true,
            });
        }
        end
    }

    /// The line without the escape character at its end, if the next line continues it.
    ///
    /// An escape character behind another is text, also where that one is escaped itself.
    fn continuation<'t>(&self, body: &'t str) -> Option<&'t str> {
        let line = body.trim_end_matches([' ', '\t']).strip_suffix(self.escape)?;
        (!line.ends_with(self.escape)).then_some(line)
    }

    /// Reads a line at the top of the file as a directive, if it is one; the first that is none ends them.
    fn directive(&mut self, body: &str, span: Span) -> bool {
        let Some(seen) = &mut self.directives else { return false };
        let Some((name, value)) = directive::of_line(body, "#") else {
            self.directives = None;
            return false;
        };
        let value = &body[value];
        let message = if !seen.add(&name) {
            text! {
                en: "only one `{name}` parser directive can be used",
                ja: "パーサーディレクティブ `{name}` は 1 つしか使えません",
                name: name,
            }
        } else if name != "escape" {
            return true;
        } else if let "`" | "\\" = value {
            self.escape = if value == "`" { '`' } else { '\\' };
            return true;
        } else {
            text! {
                en: "invalid escape token `{value}`: it must be a backslash or a backtick",
                ja: "エスケープ文字 `{value}` は使えません。バックスラッシュかバッククォートを指定してください",
                value: value,
            }
        };
        self.problems.push(Problem { span, message, fatal: true, syntax: true });
        true
    }

    /// Reads the bodies of the here-documents that a line announces. `last` is where the line ends; the other values
    /// say where the last line of the bodies ends, and whether the last body does.
    pub(super) fn heredocs(&mut self, announced: Vec<Announced>, mut last: usize) -> (Vec<Heredoc>, usize, bool) {
        let mut found = Vec::with_capacity(announced.len());
        for heredoc in announced {
            let start = self.at;
            let mut closed = None;
            while let Some(line) = self.line() {
                last = line.end;
                let body = self.text(line);
                let end_mark = if heredoc.strip_tabs { body.trim_start_matches('\t') } else { body };
                // A broken byte is in the file what it is, and a replacement character in the name.
                if end_mark == heredoc.name && !self.source.is_broken(line.start, line.end) {
                    closed = Some((line.start, Span::new(line.end - end_mark.len(), line.end)));
                    break;
                }
            }
            let (end, closing) = closed.unwrap_or((last, Span::at(last)));
            let start = start.min(end);
            found.push(Heredoc {
                name: heredoc.name,
                content: self.source.text[start..end].to_owned(),
                span: Span::new(start, end),
                closing,
                expand: heredoc.expand,
                strip_tabs: heredoc.strip_tabs,
                descriptor: heredoc.descriptor,
            });
            if closed.is_none() {
                return (found, last, false);
            }
        }
        (found, last, true)
    }
}
