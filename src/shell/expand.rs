//! Words to what a command receives: quotes, expansions, field splitting, patterns for file names.

use crate::lists::Collect;
use std::sync::Arc;

use crate::fact::Need;
use crate::word::{Part, Word};

use super::braces;
use super::lexer::{arithmetic_expansion_end, backquote_end, dollar_end, double_end, single_end};
use super::parameter::ansi_text;
use super::pattern::Pattern;
use super::state::{Value, absolute};
use super::walk::Walker;
use super::{Dialect, State};

/// A piece of a word, with what may still happen to it.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    /// As written without quotes: patterns count, blanks cannot occur.
    Literal(String),
    /// Quoted: only itself.
    Quoted(String),
    /// Out of an expansion without quotes: split at blanks, patterns count.
    Expanded(String),
    Unknown(Arc<Need>),
    /// Between the elements of `"$@"`.
    Break,
}

/// What surrounds the text that is expanded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Quoting {
    Bare,
    Double,
    /// A here-document: as in double quotes, which themselves are text.
    Document,
}

/// A word as it stands in the script.
#[derive(Clone, Copy)]
pub(super) struct Raw<'r> {
    pub(super) text: &'r str,
    /// Where it stands in the script's text.
    pub(super) at: usize,
}

impl<'r> Raw<'r> {
    pub(super) fn new(text: &'r str, at: usize) -> Self {
        Self { text, at }
    }

    pub(super) fn sub(self, start: usize, end: usize) -> Self {
        Self { text: self.text.get(start..end).unwrap_or_default(), at: self.at + start }
    }
}

impl Walker<'_> {
    /// The words that one word becomes.
    pub(super) fn fields(&mut self, raw: Raw<'_>, state: &mut State) -> Vec<Word> {
        let mut words = Vec::new();
        if self.dialect() == Dialect::Bash && raw.text.contains('{') {
            for text in braces::expand(raw.text) {
                self.fields_of_one(Raw::new(&text, raw.at), state, &mut words);
            }
        } else {
            self.fields_of_one(raw, state, &mut words);
        }
        words
    }

    fn fields_of_one(&mut self, raw: Raw<'_>, state: &mut State, words: &mut Vec<Word>) {
        let mut pieces = Vec::new();
        self.pieces(raw, Quoting::Bare, state, &mut pieces);
        let separators = match state.look_up("IFS") {
            Value::Known(fact) => fact.value,
            _ => " \t\n".to_owned(),
        };
        let mut fields = Fields::default();
        for piece in pieces {
            fields.add(piece, &separators);
        }
        for word in fields.finish() {
            match word.glob().and_then(|pattern| self.files(&pattern, state)) {
                Some(files) => words.extend(files.into_iter().map(Word::new)),
                None => words.push(word),
            }
        }
    }

    /// The files for a pattern, or the pattern itself as text where none matches; `None` when nobody can tell.
    fn files(&mut self, pattern: &str, state: &State) -> Option<Vec<String>> {
        let whole = absolute(state.directory.as_deref(), pattern)?;
        let files = self.host.files(&whole)?;
        if files.is_empty() {
            return Some(vec![pattern.to_owned()]);
        }
        if pattern.starts_with('/') {
            return Some(files);
        }
        // `./*.sh` and `../*.sh` keep what they begin with.
        let kept = pattern.split(['*', '?', '[']).next().unwrap_or_default();
        let kept = &kept[..kept.rfind('/').map_or(0, |at| at + 1)];
        let base = absolute(state.directory.as_deref(), kept)?;
        let relative = |file: String| {
            let rest = file.strip_prefix(&base).unwrap_or(&file).trim_start_matches('/').to_owned();
            format!("{kept}{rest}")
        };
        Some(files.into_iter().map(relative).collect_vec())
    }

    /// A word where no splitting takes place: an assignment's value, a file of a redirection, the word of `case`.
    pub(super) fn single(&mut self, raw: Raw<'_>, state: &mut State) -> Word {
        self.joined(raw, Quoting::Bare, state)
    }

    /// The body of a here-document.
    pub(super) fn document(&mut self, raw: Raw<'_>, state: &mut State) -> Word {
        self.joined(raw, Quoting::Document, state)
    }

    pub(super) fn joined(&mut self, raw: Raw<'_>, quoting: Quoting, state: &mut State) -> Word {
        let mut pieces = Vec::new();
        self.pieces(raw, quoting, state, &mut pieces);
        let mut word = Word { parts: Vec::new() };
        for piece in pieces {
            match piece {
                Piece::Literal(text) | Piece::Quoted(text) | Piece::Expanded(text) => push_text(&mut word, &text),
                Piece::Unknown(need) => word.parts.push(Part::Unknown(need)),
                Piece::Break => push_text(&mut word, " "),
            }
        }
        word
    }

    /// A word as a pattern for text.
    pub(super) fn pattern(&mut self, raw: Raw<'_>, state: &mut State) -> Result<Pattern, Arc<Need>> {
        let mut pieces = Vec::new();
        self.pieces(raw, Quoting::Bare, state, &mut pieces);
        let mut pattern = Pattern::default();
        for piece in pieces {
            match piece {
                Piece::Literal(text) | Piece::Expanded(text) => pattern.push_pattern(&text),
                Piece::Quoted(text) => pattern.push_text(&text),
                Piece::Unknown(need) => return Err(need),
                Piece::Break => pattern.push_text(" "),
            }
        }
        Ok(pattern)
    }

    pub(super) fn pieces(&mut self, raw: Raw<'_>, quoting: Quoting, state: &mut State, out: &mut Vec<Piece>) {
        self.spend(raw.text.len());
        let (text, bare) = (raw.text, quoting == Quoting::Bare);
        let mut at = if bare { self.tilde(text, state, out) } else { 0 };
        let mut plain = at;
        while let Some(byte) = text.as_bytes().get(at) {
            if !matches!(byte, b'\\' | b'\'' | b'"' | b'$' | b'`') || (*byte == b'\'' && !bare) {
                at += 1;
                continue;
            }
            if *byte == b'"' && quoting != Quoting::Bare {
                at += 1;
                continue;
            }
            push_plain(&text[plain..at], bare, out);
            at = match byte {
                b'\\' => escape(text, at, quoting, out),
                b'\'' => {
                    let end = single_end(text, at + 1).unwrap_or(text.len() + 1);
                    out.push(Piece::Quoted(text[at + 1..end - 1].to_owned()));
                    end
                }
                b'"' => {
                    let end = double_end(text, at + 1, self.dialect(), 0).unwrap_or(text.len() + 1);
                    let (inner, before) = (raw.sub(at + 1, end - 1), out.len());
                    self.pieces(inner, Quoting::Double, state, out);
                    // `""` is a word, and `"$@"` without arguments is none.
                    if out.len() > before || !inner.text.contains('@') {
                        out.insert(before, Piece::Quoted(String::new()));
                    }
                    end
                }
                b'`' => {
                    let end = backquote_end(text, at + 1).unwrap_or(text.len() + 1);
                    self.backquoted(raw.sub(at + 1, end - 1), bare, state, out);
                    end
                }
                _ => self.dollar(raw, at, quoting, state, out),
            };
            at = at.min(text.len());
            plain = at;
        }
        push_plain(&text[plain..], bare, out);
    }

    /// The expansion whose `$` stands at `at`; returns where it ends.
    fn dollar(&mut self, raw: Raw<'_>, at: usize, quoting: Quoting, state: &mut State, out: &mut Vec<Piece>) -> usize {
        let (text, bare) = (raw.text, quoting == Quoting::Bare);
        let end = dollar_end(text, at, !bare, self.dialect(), 0).unwrap_or(at + 1);
        match text.as_bytes().get(at + 1) {
            // `$"…"` is `"…"` for translation.
            Some(b'"') if bare && end == at + 1 && self.dialect() == Dialect::Bash => {}
            _ if end == at + 1 => push_plain("$", bare, out),
            Some(b'(') if arithmetic_expansion_end(text, at) == Some(end) => {
                let piece = self.arithmetic_piece(raw.sub(at + 3, end - 2), state);
                out.push(unsplit(piece, bare));
            }
            Some(b'(') => {
                let inner = raw.sub(at + 2, end - 1);
                let script = self.excerpt_of(inner);
                self.substitution(script, bare, state, out);
            }
            Some(b'{') => self.parameter(raw.sub(at + 2, end - 1), quoting, state, out),
            Some(b'\'') => out.push(Piece::Quoted(ansi_text(&text[at + 2..end - 1]))),
            _ => self.plain_parameter(raw.sub(at + 1, end), bare, state, out),
        }
        end
    }

    fn backquoted(&mut self, inner: Raw<'_>, bare: bool, state: &mut State, out: &mut Vec<Piece>) {
        let mut script = self.excerpt_of(inner);
        if inner.text.contains('\\') {
            script.text = inner.text.replace("\\`", "`").replace("\\$", "$").replace("\\\\", "\\");
        }
        self.substitution(script, bare, state, out);
    }

    /// `~` and `~/x` at the start; returns how much of the text it was.
    fn tilde(&mut self, text: &str, state: &State, out: &mut Vec<Piece>) -> usize {
        let Some(rest) = text.strip_prefix('~') else { return 0 };
        let user = rest.split(['/', ':']).next().unwrap_or_default();
        let home = match user {
            "" => state.look_up("HOME"),
            "+" => state.look_up("PWD"),
            "root" => {
                out.push(Piece::Quoted("/root".to_owned()));
                return 1 + user.len();
            }
            _ => return 0,
        };
        match home {
            Value::Known(fact) => {
                self.note(&fact, "HOME");
                out.push(Piece::Quoted(fact.value));
            }
            Value::Unknown(need) => out.push(Piece::Unknown(need)),
            Value::Unset => return 0,
        }
        1 + user.len()
    }
}

/// Reads `\x`; returns where it ends.
fn escape(text: &str, at: usize, quoting: Quoting, out: &mut Vec<Piece>) -> usize {
    let Some(next) = text[at + 1..].chars().next() else {
        out.push(Piece::Quoted("\\".to_owned()));
        return at + 1;
    };
    let escapes = match quoting {
        Quoting::Bare => true,
        Quoting::Double => matches!(next, '$' | '`' | '"' | '\\' | '\n'),
        Quoting::Document => matches!(next, '$' | '`' | '\\' | '\n'),
    };
    match (escapes, next) {
        (true, '\n') => {}
        (true, next) => out.push(Piece::Quoted(next.to_string())),
        (false, _) => {
            out.push(Piece::Quoted("\\".to_owned()));
            return at + 1;
        }
    }
    at + 1 + next.len_utf8()
}

fn push_plain(text: &str, bare: bool, out: &mut Vec<Piece>) {
    if !text.is_empty() {
        out.push(if bare { Piece::Literal(text.to_owned()) } else { Piece::Quoted(text.to_owned()) });
    }
}

/// A value that an expansion gave, by whether it stands in quotes.
pub(super) fn unsplit(value: Result<String, Arc<Need>>, bare: bool) -> Piece {
    match value {
        Ok(text) if bare => Piece::Expanded(text),
        Ok(text) => Piece::Quoted(text),
        Err(need) => Piece::Unknown(need),
    }
}

pub(super) fn push_text(word: &mut Word, text: &str) {
    match word.parts.last_mut() {
        Some(Part::Text(last)) => last.push_str(text),
        _ => word.parts.push(Part::Text(text.to_owned())),
    }
}

fn push_glob(word: &mut Word, text: &str) {
    match word.parts.last_mut() {
        Some(Part::Glob(last)) => last.push_str(text),
        _ => word.parts.push(Part::Glob(text.to_owned())),
    }
}

/// Pieces to words.
#[derive(Default)]
struct Fields {
    done: Vec<Word>,
    /// The word that is being put together; an empty one exists once something quoted was in it.
    current: Option<Word>,
}

impl Fields {
    fn add(&mut self, piece: Piece, separators: &str) {
        match piece {
            Piece::Quoted(text) => {
                let word = self.word();
                if !text.is_empty() {
                    push_text(word, &text);
                }
            }
            Piece::Literal(text) => self.patterned(&text),
            Piece::Expanded(text) => self.split(&text, separators),
            Piece::Unknown(need) => self.word().parts.push(Part::Unknown(need)),
            Piece::Break => self.end(),
        }
    }

    fn word(&mut self) -> &mut Word {
        self.current.get_or_insert_with(|| Word { parts: Vec::new() })
    }

    fn end(&mut self) {
        self.done.extend(self.current.take());
    }

    fn split(&mut self, text: &str, separators: &str) {
        let mut rest = text;
        while let Some(at) = rest.find(|c| separators.contains(c)) {
            let separator = rest[at..].chars().next().unwrap_or(' ');
            if at > 0 {
                self.patterned(&rest[..at]);
            } else if !separator.is_ascii_whitespace() {
                self.word();
            }
            self.end();
            rest = &rest[at + separator.len_utf8()..];
        }
        if !rest.is_empty() {
            self.patterned(rest);
        }
    }

    fn patterned(&mut self, text: &str) {
        let word = self.word();
        let mut rest = text;
        while let Some(at) = rest.find(['*', '?', '[']) {
            if at > 0 {
                push_text(word, &rest[..at]);
            }
            let length = match rest.as_bytes()[at] {
                b'[' => rest[at + 1..].find(']').filter(|n| *n > 0).map(|n| n + 2),
                _ => Some(1),
            };
            match length {
                Some(length) => push_glob(word, &rest[at..at + length]),
                None => push_text(word, "["),
            }
            rest = &rest[at + length.unwrap_or(1)..];
        }
        if !rest.is_empty() {
            push_text(word, rest);
        }
    }

    fn finish(mut self) -> Vec<Word> {
        self.end();
        self.done
    }
}
