//! Variables, quotes and escapes in the words of a Dockerfile, as `frontend/dockerfile/shell/lex.go` of BuildKit
//! processes them, with parts that nobody can tell.
//!
//! Who expands what (`frontend/dockerfile/instructions/commands.go` and `frontend/dockerfile2llb/convert.go`):
//!
//! | instruction | expanded by [`expand`] |
//! |---|---|
//! | FROM | image and `--platform`, with the ARGs before the first FROM and the platform arguments only |
//! | ARG | name and default |
//! | ENV, LABEL | names and values, all with the environment as it was before the instruction |
//! | COPY, ADD | sources, destination, `--chown`, `--chmod`, `--checksum`; not `--from`, not `--exclude` |
//! | WORKDIR, USER, VOLUME, STOPSIGNAL | the words |
//! | RUN | the options of `--mount`, except that `from` may hold no variable; neither the command nor its heredocs |
//! | EXPOSE | each word by [`words`]: one may become several ports |
//! | CMD, ENTRYPOINT, SHELL, HEALTHCHECK, MAINTAINER, ONBUILD | nothing |
//!
//! The body of a heredoc of COPY or ADD is expanded by [`heredoc`], unless its name was quoted.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{pattern, unicode};
use crate::fact::Need;
use crate::text;
use crate::text::Text;
use crate::word::{Part, Word};

/// `${A:-${B:-…}}` deeper than this is not followed: each level takes stack, and nobody writes it.
const DEEPEST: usize = 100;

/// Words that grow beyond this many bytes (`ENV A=$A$A`, again and again) are not followed.
const LONGEST: usize = 1 << 20;

/// What is known of a variable.
#[derive(Clone, Debug, PartialEq)]
pub enum Variable {
    Set(Word),
    Unset,
    /// Nobody can tell whether it is set, or to what.
    Unknown(Arc<Need>),
}

/// An expanded word.
#[derive(Clone, Debug, PartialEq)]
pub struct Expanded {
    pub word: Word,
    /// The names that were looked up and not found, sorted.
    pub unset: Vec<String>,
}

/// A word that cannot be expanded, for which the build stops.
#[derive(Clone, Debug, PartialEq)]
pub struct Error {
    pub message: Text,
    pub unset: Vec<String>,
}

/// Looks a variable up.
pub type Lookup<'l> = &'l mut dyn FnMut(&str) -> Variable;

/// Expands a word into one word.
///
/// # Errors
/// What BuildKit refuses: an open quote or brace, an operator that it does not know, `${A:?}` of an unset variable.
pub fn expand(raw: &str, escape: char, lookup: Lookup<'_>) -> Result<Expanded, Error> {
    let mut lexer = Lexer::new(raw, Mode { escape, ..Mode::default() }, lookup);
    let word = lexer.run().map(|(word, _)| word);
    lexer.finish(word).map(|(word, unset)| Expanded { word, unset })
}

/// Expands a word and splits the result at its blanks, as EXPOSE does.
///
/// # Errors
/// As for [`expand`].
pub fn words(raw: &str, escape: char, lookup: Lookup<'_>) -> Result<Vec<Word>, Error> {
    let mut lexer = Lexer::new(raw, Mode { escape, split: true, ..Mode::default() }, lookup);
    let words = lexer.run().map(|(_, words)| words);
    lexer.finish(words).map(|(words, _)| words)
}

/// Expands the body of a heredoc: quotes are text, and the escape character is a backslash whatever the file says.
///
/// # Errors
/// As for [`expand`].
pub fn heredoc(body: &str, lookup: Lookup<'_>) -> Result<Expanded, Error> {
    let mut lexer = Lexer::new(body, Mode { quotes_are_text: true, ..Mode::default() }, lookup);
    let word = lexer.run().map(|(word, _)| word);
    lexer.finish(word).map(|(word, unset)| Expanded { word, unset })
}

/// The words of a line in which nothing is set, quotes and escapes as they are wished; `None` when it is no sound text.
pub(super) fn plain_words(raw: &str, raw_quotes: bool, raw_escapes: bool) -> Option<Vec<String>> {
    let mut unset = |_: &str| Variable::Unset;
    let mode = Mode { raw_quotes, raw_escapes, keep_unset: true, split: true, ..Mode::default() };
    let (_, words) = Lexer::new(raw, mode, &mut unset).run().ok()?;
    Some(words.iter().map(Word::pattern).collect())
}

/// How the text is read.
#[derive(Clone, Copy)]
struct Mode {
    escape: char,
    /// Words are wanted, too.
    split: bool,
    /// Quotes stay in the word.
    raw_quotes: bool,
    /// Escape characters stay in the word.
    raw_escapes: bool,
    /// Quotes are no quotes.
    quotes_are_text: bool,
    /// A variable that is not set stays as it was written.
    keep_unset: bool,
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
type Fault = Text;

struct Lexer<'r, 'l> {
    rest: &'r str,
    mode: Mode,
    lookup: Lookup<'l>,
    unset: BTreeSet<String>,
    /// The word being split off. All levels of nesting share it, and each begins by emptying it: `pre${A:-x}` splits
    /// into `x` alone, as in BuildKit.
    splitting: Builder,
    depth: usize,
}

impl<'r, 'l> Lexer<'r, 'l> {
    fn new(raw: &'r str, mode: Mode, lookup: Lookup<'l>) -> Self {
        // Go's scanner drops a byte order mark at the very start.
        let rest = raw.strip_prefix('\u{feff}').unwrap_or(raw);
        Self { rest, mode, lookup, unset: BTreeSet::new(), splitting: Builder::default(), depth: 0 }
    }

    fn run(&mut self) -> Result<(Word, Vec<Word>), Fault> {
        self.until(None, self.mode.raw_escapes)
    }

    fn finish<T>(self, result: Result<T, Fault>) -> Result<(T, Vec<String>), Error> {
        let unset = self.unset.into_iter().collect();
        match result {
            Ok(value) => Ok((value, unset)),
            Err(message) => Err(Error { message, unset }),
        }
    }

    /// Only values make a word longer than its text.
    fn has_outgrown(&self, result: &Builder) -> bool {
        !self.mode.keep_unset && result.length > LONGEST
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    /// Reads up to `stop`, which is consumed, or to the end of the text.
    fn until(&mut self, stop: Option<char>, raw_escapes: bool) -> Result<(Word, Vec<Word>), Fault> {
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

    fn dollar(&mut self) -> Result<Word, Fault> {
        self.next();
        if self.peek() != Some('{') {
            let name = self.name();
            if name.is_empty() {
                return Ok(Word::new("$"));
            }
            return Ok(match self.variable(name) {
                Variable::Set(value) => value,
                Variable::Unknown(need) => unknown(&need),
                Variable::Unset if self.mode.keep_unset => Word::new(format!("${name}")),
                Variable::Unset => Word::new(""),
            });
        }
        self.next();
        match self.peek() {
            None => return Err(missing_brace()),
            Some('{' | '}' | ':') => {
                return Err(text! { en: "syntax error: bad substitution", ja: "構文エラー: 変数名がありません" });
            }
            Some(_) => {}
        }
        let start = self.rest;
        let name = self.name();
        match self.next() {
            Some('}') => Ok(match self.variable(name) {
                Variable::Set(value) => value,
                Variable::Unknown(need) => unknown(&need),
                Variable::Unset if self.mode.keep_unset => Word::new(format!("${{{name}}}")),
                Variable::Unset => Word::new(""),
            }),
            Some(':') => {
                let operator = self.next();
                self.modified(name, operator, true, &start[name.len()..start.len() - self.rest.len()])
            }
            Some(operator @ ('+' | '-' | '?' | '#' | '%')) => {
                self.modified(name, Some(operator), false, &start[name.len()..start.len() - self.rest.len()])
            }
            Some('/') => self.replaced(name),
            _ => Err(unsupported(&start[name.len()..start.len() - self.rest.len()])),
        }
    }

    /// `${name:-word}` and its like; `written` is the operator as it stands there.
    fn modified(
        &mut self,
        name: &str,
        operator: Option<char>,
        empty_is_unset: bool,
        written: &str,
    ) -> Result<Word, Fault> {
        let raw_escapes = matches!(operator, Some('#' | '%'));
        let word = self.argument('}', raw_escapes, missing_brace)?;
        let variable = self.variable(name);
        if self.mode.keep_unset && variable == Variable::Unset {
            return Ok(Word::new(format!("${{{name}{written}{}}}", word.pattern())));
        }
        let state = state(&variable, empty_is_unset);
        match operator {
            Some('-') => Ok(match state {
                State::Present(value) => value.clone(),
                State::Absent => word,
                State::Unknown(need) => unknown(need),
            }),
            Some('+') => Ok(match state {
                State::Present(_) => word,
                State::Absent => Word::new(""),
                State::Unknown(need) => unknown(need),
            }),
            Some('?') => match state {
                State::Present(value) => Ok(value.clone()),
                State::Unknown(need) => Ok(unknown(need)),
                State::Absent => Err(demanded(name, &word, variable == Variable::Unset)),
            },
            // A colon before a pattern is one of them only where it says so: `${V:#x}` is not understood.
            Some(side @ ('#' | '%')) if !empty_is_unset => {
                let value = match variable {
                    Variable::Set(value) => value,
                    Variable::Unset => Word::new(""),
                    Variable::Unknown(need) => return Ok(unknown(&need)),
                };
                match (value.known(), word.known()) {
                    (Some(value), Some(word)) => {
                        let longest = word.starts_with(side);
                        let pattern = if longest { &word[1..] } else { &word };
                        let end = if side == '%' { pattern::End::Suffix } else { pattern::End::Prefix };
                        pattern::trim(pattern, &value, longest, end).map(Word::new)
                    }
                    _ => Ok(first_unknown(&[&value, &word])),
                }
            }
            _ => Err(unsupported(written)),
        }
    }

    /// `${name/pattern/replacement}` and `${name//pattern/replacement}`
    fn replaced(&mut self, name: &str) -> Result<Word, Fault> {
        let all = self.peek() == Some('/');
        if all {
            self.next();
        }
        let pattern = self.argument('/', true, || {
            text! { en: "syntax error: missing a slash between pattern and replacement", ja: "構文エラー: パターンと置換文字列を区切る `/` がありません" }
        })?;
        let replacement = self.argument('}', true, missing_brace)?;
        let value = match self.variable(name) {
            Variable::Set(value) => value,
            Variable::Unset if self.mode.keep_unset => {
                return Ok(Word::new(format!("${{{name}/{}/{}}}", pattern.pattern(), replacement.pattern())));
            }
            Variable::Unset => Word::new(""),
            Variable::Unknown(need) => return Ok(unknown(&need)),
        };
        match (value.known(), pattern.known(), replacement.known()) {
            (Some(value), Some(pattern), Some(replacement)) => {
                pattern::replace(&pattern, &value, &replacement, all).map(Word::new)
            }
            _ => Ok(first_unknown(&[&value, &pattern, &replacement])),
        }
    }

    /// The word behind an operator; `missing` says what lacks when the text ends.
    fn argument(&mut self, stop: char, raw_escapes: bool, missing: impl Fn() -> Text) -> Result<Word, Fault> {
        match self.until(Some(stop), raw_escapes) {
            Ok((word, _)) => Ok(word),
            Err(_) if self.rest.is_empty() && self.depth <= DEEPEST => Err(missing()),
            Err(fault) => Err(fault),
        }
    }

    /// A name: letters, digits and underscores; or digits alone; or one of the shell's special parameters.
    fn name(&mut self) -> &'r str {
        let start = self.rest;
        let end = match start.chars().next() {
            Some(c) if unicode::is_digit(c) => start.find(|c| !unicode::is_digit(c)),
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => Some(1),
            _ => start.find(|c| !(unicode::is_letter(c) || unicode::is_digit(c) || c == '_')),
        };
        let (name, rest) = start.split_at(end.unwrap_or(start.len()));
        self.rest = rest;
        name
    }

    fn variable(&mut self, name: &str) -> Variable {
        let variable = (self.lookup)(name);
        if variable == Variable::Unset {
            self.unset.insert(name.to_owned());
        }
        variable
    }
}

/// Whether a variable counts as set.
enum State<'v> {
    Present(&'v Word),
    Absent,
    Unknown(&'v Arc<Need>),
}

fn state(variable: &Variable, empty_is_unset: bool) -> State<'_> {
    match variable {
        Variable::Unset => State::Absent,
        Variable::Unknown(need) => State::Unknown(need),
        Variable::Set(value) if !empty_is_unset => State::Present(value),
        Variable::Set(value) => {
            let has_text = value.parts.iter().any(|part| matches!(part, Part::Text(text) if !text.is_empty()));
            match value.unknown() {
                _ if has_text => State::Present(value),
                Some(need) => State::Unknown(need),
                None => State::Absent,
            }
        }
    }
}

fn unknown(need: &Arc<Need>) -> Word {
    Word { parts: vec![Part::Unknown(Arc::clone(need))] }
}

fn first_unknown(words: &[&Word]) -> Word {
    words.iter().find_map(|word| word.unknown()).map_or_else(|| Word::new(""), unknown)
}

fn missing_brace() -> Text {
    text! { en: "syntax error: missing a closing brace", ja: "構文エラー: 閉じ波括弧がありません" }
}

fn unsupported(operator: &str) -> Text {
    text! {
        en: "unsupported modifier `{operator}` in a substitution",
        ja: "変数置換の `{operator}` には対応していません",
        operator: operator,
    }
}

/// `${name:?word}` of a variable that is not set.
fn demanded(name: &str, word: &Word, unset: bool) -> Text {
    let message = word.pattern();
    if !message.is_empty() {
        return text! { en: "`{name}`: {message}", ja: "`{name}`: {message}", name: name, message: message };
    }
    if unset {
        text! { en: "`{name}` is not allowed to be unset", ja: "`{name}` は必ず設定してください", name: name }
    } else {
        text! { en: "`{name}` is not allowed to be empty", ja: "`{name}` は空にできません", name: name }
    }
}

fn too_much() -> Text {
    text! {
        en: "a word nested deeper, or longer, than can be followed",
        ja: "入れ子が深すぎる、または長すぎるため、展開できません",
    }
}
