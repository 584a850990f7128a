//! The lexer of words (`frontend/dockerfile/shell/lex.go` in BuildKit), with parts that nobody can tell.

use crate::lists::{Collect, Set};
use std::sync::Arc;

use super::expand::{Error, Lookup};
use crate::fact::Need;
use crate::text;
use crate::text::Text;
use crate::word::{Part, Word};

/// `${A:-${B:-…}}` deeper than this is not followed: each level takes stack, and nobody writes it.
pub(super) const DEEPEST: usize = 64;

/// Words that grow beyond this many bytes (`ENV A=$A$A`, again and again) are not followed.
const LONGEST: usize = 1 << 20;

/// How the text is read.
#[derive(Clone, Copy)]
pub(super) struct Mode {
    pub(super) escape: char,
    /// Words are wanted, too.
    pub(super) split: bool,
    /// Quotes stay in the word.
    pub(super) raw_quotes: bool,
    /// Escape characters stay in the word.
    pub(super) raw_escapes: bool,
    /// Quotes are no quotes.
    pub(super) quotes_are_text: bool,
    /// A variable that is not set stays as it was written.
    pub(super) keep_unset: bool,
}

impl Default for Mode {
    fn default() -> Self {
        Self {
            escape: '\\',
            split: false,
            raw_quotes: false,
            raw_escapes: false,
            quotes_are_text: false,
            keep_unset: false,
        }
    }
}

/// A word as it grows.
#[derive(Default)]
struct Builder {
    parts: Vec<Part>,
    text: String,
    length: usize,
}

impl Builder {
    fn push(&mut self, c: char) {
        self.text.push(c);
        self.length += c.len_utf8();
    }

    fn push_str(&mut self, text: &str) {
        self.text.push_str(text);
        self.length += text.len();
    }

    fn push_unknown(&mut self, need: &Arc<Need>) {
        if !self.text.is_empty() {
            self.parts.push(Part::Text(std::mem::take(&mut self.text)));
        }
        self.parts.push(Part::Unknown(Arc::clone(need)));
        self.length += 1;
    }

    fn push_word(&mut self, word: &Word) {
        for part in &word.parts {
            match part {
                Part::Text(text) | Part::Glob(text) => self.push_str(text),
                Part::Unknown(need) => self.push_unknown(need),
            }
        }
    }

    /// The word so far, which begins anew.
    fn take(&mut self) -> Word {
        self.length = 0;
        let text = std::mem::take(&mut self.text);
        let mut parts = std::mem::take(&mut self.parts);
        if !text.is_empty() || parts.is_empty() {
            parts.push(Part::Text(text));
        }
        Word { parts }
    }
}

/// The words of one level of nesting.
#[derive(Default)]
struct Words {
    words: Vec<Word>,
    in_word: bool,
}

/// What went wrong; the caller may put a better message in its place.
pub(super) type Fault = Text;

pub(super) struct Lexer<'r, 'l> {
    pub(super) rest: &'r str,
    pub(super) mode: Mode,
    pub(super) lookup: Lookup<'l>,
    pub(super) unset: Set,
    /// The word being split off. All levels of nesting share it, and each begins by emptying it: `pre${A:-x}` splits
    /// into `x` alone, as in BuildKit.
    splitting: Builder,
    pub(super) depth: usize,
}

impl<'r, 'l> Lexer<'r, 'l> {
    pub(super) fn new(raw: &'r str, mode: Mode, lookup: Lookup<'l>) -> Self {
        // Go's scanner drops a byte order mark at the very start.
        let rest = raw.strip_prefix('\u{feff}').unwrap_or(raw);
        Self { rest, mode, lookup, unset: Set::new(), splitting: Builder::default(), depth: 0 }
    }

    pub(super) fn run(&mut self) -> Result<(Word, Vec<Word>), Fault> {
        self.until(None, self.mode.raw_escapes)
    }

    pub(super) fn finish<T>(self, result: Result<T, Fault>) -> Result<(T, Vec<String>), Error> {
        let unset = self.unset.keys().map(|name| name.to_string()).collect_vec();
        match result {
            Ok(value) => Ok((value, unset)),
            Err(message) => Err(Error { message, unset }),
        }
    }

    /// Only values make a word longer than its text.
    fn has_outgrown(&self, result: &Builder) -> bool {
        !self.mode.keep_unset && result.length > LONGEST
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    /// Reads up to `stop`, which is consumed, or to the end of the text.
    pub(super) fn until(&mut self, stop: Option<char>, raw_escapes: bool) -> Result<(Word, Vec<Word>), Fault> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(too_much());
        }
        let outer = std::mem::replace(&mut self.mode.raw_escapes, raw_escapes);
        let result = self.until_here(stop);
        self.mode.raw_escapes = outer;
        self.depth -= 1;
        result
    }

    fn until_here(&mut self, stop: Option<char>) -> Result<(Word, Vec<Word>), Fault> {
        let mut result = Builder::default();
        let mut words = Words::default();
        self.splitting.take();
        while let Some(c) = self.peek() {
            if stop == Some(c) {
                self.next();
                return Ok((result.take(), self.close(words)));
            }
            if self.has_outgrown(&result) {
                return Err(too_much());
            }
            match c {
                '$' => {
                    let value = self.dollar()?;
                    result.push_word(&value);
                    self.split_word(&mut words, &value);
                }
                '<' => {
                    let operator = self.angle();
                    result.push_str(operator);
                    self.keep(&mut words, &Word::new(operator));
                }
                '\'' | '"' if !self.mode.quotes_are_text => {
                    let text = if c == '"' { self.double_quoted()? } else { self.single_quoted()? };
                    result.push_word(&text);
                    self.keep(&mut words, &text);
                }
                _ => {
                    self.next();
                    if c == self.mode.escape {
                        if self.mode.raw_escapes {
                            result.push(c);
                            self.keep_char(&mut words, c);
                        }
                        // At the end of the text it is dropped.
                        let Some(escaped) = self.next() else { break };
                        result.push(escaped);
                        self.keep_char(&mut words, escaped);
                    } else {
                        result.push(c);
                        self.split_char(&mut words, c);
                    }
                }
            }
        }
        match stop {
            None => Ok((result.take(), self.close(words))),
            Some(stop) => Err(text! {
                en: "unexpected end of statement while looking for the matching `{stop}`",
                ja: "対応する `{stop}` がないまま文が終わっています",
                stop: stop.to_string(),
            }),
        }
    }

    /// Adds a character of the text: a blank ends the word.
    fn split_char(&mut self, words: &mut Words, c: char) {
        if !self.mode.split {
            return;
        }
        if !c.is_whitespace() {
            self.keep_char(words, c);
        } else if words.in_word && self.splitting.length > 0 {
            words.words.push(self.splitting.take());
            words.in_word = false;
        }
    }

    /// Adds a value: its blanks end the word.
    fn split_word(&mut self, words: &mut Words, value: &Word) {
        if !self.mode.split {
            return;
        }
        for part in &value.parts {
            match part {
                Part::Text(text) | Part::Glob(text) => text.chars().for_each(|c| self.split_char(words, c)),
                Part::Unknown(need) => {
                    self.splitting.push_unknown(need);
                    words.in_word = true;
                }
            }
        }
    }

    /// Adds a character whatever it is.
    fn keep_char(&mut self, words: &mut Words, c: char) {
        if self.mode.split {
            self.splitting.push(c);
            words.in_word = true;
        }
    }

    fn keep(&mut self, words: &mut Words, word: &Word) {
        if self.mode.split {
            self.splitting.push_word(word);
            words.in_word = true;
        }
    }

    fn close(&mut self, mut words: Words) -> Vec<Word> {
        if self.splitting.length > 0 {
            words.words.push(self.splitting.take());
        }
        words.words
    }

    /// `<`, or `<<` with the blanks behind it: they belong to the word, so that `<< EOF` is one.
    fn angle(&mut self) -> &'r str {
        let start = self.rest;
        self.next();
        if self.peek() == Some('<') {
            self.next();
            while let Some(' ' | '\t' | '\r') = self.peek() {
                self.next();
            }
        }
        &start[..start.len() - self.rest.len()]
    }

    fn single_quoted(&mut self) -> Result<Word, Fault> {
        self.next();
        let Some(end) = self.rest.find('\'') else {
            self.rest = "";
            return Err(text! {
                en: "unexpected end of statement while looking for the matching single-quote",
                ja: "対応する一重引用符がないまま文が終わっています",
            });
        };
        let said = &self.rest[..end];
        self.rest = &self.rest[end + 1..];
        Ok(Word::new(if self.mode.raw_quotes { format!("'{said}'") } else { said.to_owned() }))
    }

    fn double_quoted(&mut self) -> Result<Word, Fault> {
        let mut result = Builder::default();
        self.next();
        if self.mode.raw_quotes {
            result.push('"');
        }
        while let Some(c) = self.peek() {
            if self.has_outgrown(&result) {
                return Err(too_much());
            }
            match c {
                '"' => {
                    self.next();
                    if self.mode.raw_quotes {
                        result.push('"');
                    }
                    return Ok(result.take());
                }
                '$' => result.push_word(&self.dollar()?),
                _ => {
                    self.next();
                    let mut said = c;
                    if c == self.mode.escape {
                        if self.mode.raw_escapes {
                            result.push(c);
                        }
                        match self.peek() {
                            None => continue,
                            // Only these can be escaped here; elsewhere the escape character stays.
                            Some(escaped) if matches!(escaped, '"' | '$') || escaped == self.mode.escape => {
                                self.next();
                                said = escaped;
                            }
                            Some(_) => {}
                        }
                    }
                    result.push(said);
                }
            }
        }
        Err(text! {
            en: "unexpected end of statement while looking for the matching double-quote",
            ja: "対応する二重引用符がないまま文が終わっています",
        })
    }
}

/// Nothing that BuildKit says: it goes on where this gives up.
pub(super) fn too_much() -> Text {
    text! {
        en: "a word here is nested deeper, or grows longer, than execlens follows",
        ja: "ここの単語は入れ子が深すぎるか長すぎて、execlens では展開できません",
    }
}
