//! `$name` and `${name…}` with every modifier.

use crate::lists::Collect;
use std::sync::Arc;

use crate::fact::{Knowledge, Need};
use crate::word::{Part, Word};

use super::State;
use super::expand::{Piece, Quoting, Raw, push_text, unsplit};
use super::lexer::{backquote_end, dollar_end, double_end, single_end};
use super::sentences::{Ends, not_worked_out};
use super::state::Value;
use super::walk::Walker;

/// Beyond this a value is not followed: doubling a variable forty times would fill any memory.
pub(super) const MAX_VALUE: usize = 1 << 20;

/// Beyond this a pattern is not tried on each of a value's prefixes.
const MAX_TRIMMED: usize = 1 << 14;

/// What a parameter holds.
enum Found {
    Unset,
    Word(Word),
    Unknown(Arc<Need>),
    /// `$@`, `${array[@]}`; whether quotes join them (`*`).
    List(Vec<Word>, bool),
}

impl Found {
    fn text(text: impl Into<String>) -> Self {
        Self::Word(Word::new(text))
    }

    /// Whether it is unset, or (with a colon) empty; an error where nobody can tell.
    fn is_absent(&self, colon: bool) -> Result<bool, Arc<Need>> {
        match self {
            Self::Unset => Ok(true),
            Self::Unknown(need) => Err(Arc::clone(need)),
            Self::List(words, _) => Ok(words.is_empty()),
            Self::Word(_) if !colon => Ok(false),
            Self::Word(word) => match word.known() {
                Some(text) => Ok(text.is_empty()),
                // Some of it is known and not empty.
                None if word.parts.iter().any(|part| matches!(part, Part::Text(text) if !text.is_empty())) => Ok(false),
                None => word.unknown().map_or(Ok(false), |need| Err(Arc::clone(need))),
            },
        }
    }

    fn known(&self) -> Result<String, Arc<Need>> {
        match self {
            Self::Unset => Ok(String::new()),
            Self::Unknown(need) => Err(Arc::clone(need)),
            Self::Word(word) => known(word),
            Self::List(words, _) => Ok(words.iter().map(known).collect::<Result<Vec<_>, _>>()?.join(" ")),
        }
    }
}

fn known(word: &Word) -> Result<String, Arc<Need>> {
    match (word.known(), word.unknown()) {
        (Some(text), _) => Ok(text.into_owned()),
        (None, Some(need)) => Err(Arc::clone(need)),
        (None, None) => Ok(word.glob().unwrap_or_default()),
    }
}

impl Walker<'_> {
    /// `$name`, without the `$`.
    pub(super) fn plain_parameter(&mut self, name: Raw<'_>, bare: bool, state: &State, out: &mut Vec<Piece>) {
        let found = self.find(name, state);
        push_found(found, bare, out);
    }

    /// `${…}`, without the braces.
    pub(super) fn parameter(&mut self, inner: Raw<'_>, quoting: Quoting, state: &mut State, out: &mut Vec<Piece>) {
        let text = inner.text;
        let bare = quoting == Quoting::Bare;
        if let Some(name) = text.strip_prefix('#').filter(|name| !name.is_empty()) {
            if name_length(name) == name.len() {
                let found = self.find(inner.sub(1, text.len()), state);
                out.push(unsplit(length(&found), bare));
                return;
            }
        }
        if let Some(name) = text.strip_prefix('!') {
            let target = self.find(inner.sub(1, text.len()), state).known();
            match target.ok().filter(|target| name_length(name) == name.len() && is_name(target)) {
                Some(target) => push_found(self.find(Raw::new(&target, inner.at), state), bare, out),
                None => out.push(self.not_worked_out(inner)),
            }
            return;
        }
        let end = name_length(text);
        let (found, operator) = (self.find(inner.sub(0, end), state), &text[end..]);
        let after = |skipped: usize| inner.sub(end + skipped, text.len());
        let colon = operator.starts_with(':');
        let test = operator.trim_start_matches(':').chars().next();
        match (operator.bytes().next(), test) {
            (None, _) => push_found(found, bare, out),
            (Some(_), Some(test @ ('-' | '=' | '?' | '+')))
                if usize::from(colon) == operator.find(test).unwrap_or(9) =>
            {
                let word = after(usize::from(colon) + 1);
                self.absent(found, (test, colon), (inner.sub(0, end), word), quoting, state, out);
            }
            (Some(b'#' | b'%'), _) => {
                let longest = operator[1..].starts_with(&operator[..1]);
                let value =
                    self.trimmed(&found, operator.starts_with('#'), longest, after(1 + usize::from(longest)), state);
                out.push(unsplit(value, bare));
            }
            (Some(b'/'), _) => {
                let value = self.replaced(&found, after(1), state);
                out.push(unsplit(value, bare));
            }
            (Some(b'^' | b','), _) => {
                let all = operator[1..].starts_with(&operator[..1]);
                let value = match operator.len() {
                    1 | 2 if operator.len() == 1 + usize::from(all) => {
                        found.known().map(|text| change_case(&text, operator.starts_with('^'), all))
                    }
                    _ => Err(self.why_not(inner)),
                };
                out.push(unsplit(value, bare));
            }
            (Some(b':'), _) => {
                let value = self.substring(&found, after(1), inner, state);
                out.push(unsplit(value, bare));
            }
            _ => out.push(self.not_worked_out(inner)),
        }
    }

    /// `${x:-word}` and its kin.
    fn absent(
        &mut self,
        found: Found,
        (test, colon): (char, bool),
        (name, word): (Raw<'_>, Raw<'_>),
        quoting: Quoting,
        state: &mut State,
        out: &mut Vec<Piece>,
    ) {
        let bare = quoting == Quoting::Bare;
        match (found.is_absent(colon), test) {
            (Err(need), _) => out.push(Piece::Unknown(need)),
            (Ok(true), '-') | (Ok(false), '+') => self.pieces(word, quoting, state, out),
            (Ok(true), '=') => {
                let value = self.joined(word, quoting, state);
                let knowledge = self.knowledge(name.text, &value, self.location(name.at, word.at + word.text.len()));
                state.assign(name.text, knowledge);
                push_found(Found::Word(value), bare, out);
            }
            // The shell stops here; a build that goes on has the variable.
            (Ok(true), '?') => out.push(Piece::Unknown(self.why_not(name))),
            (Ok(true), _) => {}
            (Ok(false), _) => push_found(found, bare, out),
        }
    }

    fn trimmed(
        &mut self,
        found: &Found,
        front: bool,
        longest: bool,
        pattern: Raw<'_>,
        state: &mut State,
    ) -> Result<String, Arc<Need>> {
        let text = found.known()?;
        let trimmed = self.pattern(pattern, state)?;
        if text.len() > MAX_TRIMMED {
            return Err(self.why_not(pattern));
        }
        Ok(if front {
            trimmed.prefix(&text, longest).map_or(text.as_str(), |end| &text[end..]).to_owned()
        } else {
            trimmed.suffix(&text, longest).map_or(text.as_str(), |start| &text[..start]).to_owned()
        })
    }

    /// `${x/pattern/text}`; `rest` begins after the first `/`.
    fn replaced(&mut self, found: &Found, rest: Raw<'_>, state: &mut State) -> Result<String, Arc<Need>> {
        let text = found.known()?;
        let mode = rest.text.chars().next().filter(|c| matches!(c, '/' | '#' | '%'));
        let rest = rest.sub(usize::from(mode.is_some()), rest.text.len());
        let end = unquoted_slash(rest.text);
        let pattern = self.pattern(rest.sub(0, end), state)?;
        let with = known(&self.single(rest.sub((end + 1).min(rest.text.len()), rest.text.len()), state))?;
        if text.len() > MAX_TRIMMED {
            return Err(self.why_not(rest));
        }
        match mode {
            Some('#') => Ok(pattern.prefix(&text, true).map_or(text.clone(), |end| format!("{with}{}", &text[end..]))),
            Some('%') => Ok(pattern.suffix(&text, true).map_or(text.clone(), |at| format!("{}{with}", &text[..at]))),
            _ => {
                let Some(literal) = pattern.literal().filter(|literal| !literal.is_empty()) else {
                    return Err(self.why_not(rest));
                };
                Ok(match mode {
                    Some(_) => text.replace(&literal, &with),
                    None => text.replacen(&literal, &with, 1),
                })
            }
        }
    }

    fn substring(
        &mut self,
        found: &Found,
        rest: Raw<'_>,
        whole: Raw<'_>,
        state: &mut State,
    ) -> Result<String, Arc<Need>> {
        if matches!(found, Found::List(..)) {
            return Err(self.why_not(whole));
        }
        let text: Vec<char> = found.known()?.chars().collect_vec();
        let cut = rest.text.find(':').unwrap_or(rest.text.len());
        let size = i64::try_from(text.len()).unwrap_or(i64::MAX);
        let from = self.calculated(rest.sub(0, cut), state).ok_or_else(|| self.why_not(whole))?;
        let from = if from < 0 { (size + from).max(0) } else { from.min(size) };
        let to = match rest.text.get(cut + 1..) {
            None => size,
            Some(_) => {
                let length = self.calculated(rest.sub(cut + 1, rest.text.len()), state);
                let length = length.ok_or_else(|| self.why_not(whole))?;
                if length < 0 { size + length } else { from.saturating_add(length).min(size) }
            }
        };
        Ok(text.iter().skip(from as usize).take((to - from).max(0) as usize).collect())
    }

    fn find(&mut self, name: Raw<'_>, state: &State) -> Found {
        let arguments = state.arguments.as_deref();
        match name.text {
            "@" | "*" => match arguments {
                Some(all) => Found::List(all.iter().skip(1).cloned().collect_vec(), name.text == "*"),
                None => Found::Unknown(self.why_not(name)),
            },
            "#" => match arguments {
                Some(all) => Found::text(all.len().saturating_sub(1).to_string()),
                None => Found::Unknown(self.why_not(name)),
            },
            "?" => match self.last {
                Ends::Success => Found::text("0"),
                _ => Found::Unknown(self.why_not(name)),
            },
            "$" | "!" | "-" | "" => Found::Unknown(self.why_not(name)),
            digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => match (arguments, digits.parse::<usize>()) {
                (Some(all), Ok(n)) => all.get(n).cloned().map_or(Found::Unset, Found::Word),
                _ => Found::Unknown(self.why_not(name)),
            },
            text => match text.strip_suffix(']').and_then(|text| text.split_once('[')) {
                Some((array, index)) => self.find_element(array, index, name, state),
                None => self.find_variable(text, state),
            },
        }
    }

    fn find_variable(&mut self, name: &str, state: &State) -> Found {
        if let Some(elements) = state.arrays.get(name) {
            return elements.first().cloned().map_or(Found::Unset, Found::Word);
        }
        match state.look_up(name) {
            Value::Unset => Found::Unset,
            Value::Unknown(need) => Found::Unknown(need),
            Value::Known(fact) => {
                self.note(&fact, name);
                self.spend(fact.value.len());
                Found::text(fact.value)
            }
        }
    }

    fn find_element(&mut self, array: &str, index: &str, whole: Raw<'_>, state: &State) -> Found {
        match (state.arrays.get(array), index) {
            (Some(elements), "@" | "*") => Found::List(elements.clone(), index == "*"),
            (None, "@" | "*" | "0") => match self.find_variable(array, state) {
                Found::Word(word) if index != "0" => Found::List(vec![word], index == "*"),
                Found::Unset if index != "0" => Found::List(Vec::new(), index == "*"),
                found => found,
            },
            (Some(elements), index) => match index.parse::<usize>() {
                Ok(n) => elements.get(n).cloned().map_or(Found::Unset, Found::Word),
                Err(_) => Found::Unknown(self.why_not(whole)),
            },
            (None, _) => Found::Unknown(self.why_not(whole)),
        }
    }

    /// What a word tells of the variable that it is assigned to.
    pub(super) fn knowledge(&mut self, name: &str, value: &Word, at: crate::source::Location) -> Knowledge<String> {
        match known(value) {
            Ok(text) if text.len() > MAX_VALUE => Knowledge::Unknown(not_worked_out(&format!("${name}"), at)),
            Ok(text) => Knowledge::Known(self.fact(name, text, at)),
            Err(need) => Knowledge::Unknown(need),
        }
    }

    fn not_worked_out(&self, inner: Raw<'_>) -> Piece {
        Piece::Unknown(self.why_not(inner))
    }

    fn why_not(&self, inner: Raw<'_>) -> Arc<Need> {
        let at = self.location(inner.at, inner.at + inner.text.len());
        not_worked_out(&format!("${{{}}}", super::sentences::excerpt(inner.text)), at)
    }
}

fn push_found(found: Found, bare: bool, out: &mut Vec<Piece>) {
    match found {
        Found::Unset => {}
        Found::Unknown(need) => out.push(Piece::Unknown(need)),
        Found::Word(word) => push_word(&word, bare, out),
        Found::List(words, joins) if joins && !bare => {
            let mut whole = Word { parts: Vec::new() };
            for (n, word) in words.iter().enumerate() {
                if n > 0 {
                    push_text(&mut whole, " ");
                }
                whole.parts.extend(word.parts.iter().cloned());
            }
            push_word(&whole, bare, out);
        }
        Found::List(words, _) => {
            for (n, word) in words.iter().enumerate() {
                if n > 0 {
                    out.push(Piece::Break);
                }
                push_word(word, bare, out);
            }
        }
    }
}

fn push_word(word: &Word, bare: bool, out: &mut Vec<Piece>) {
    if word.parts.is_empty() {
        out.push(unsplit(Ok(String::new()), bare));
    }
    for part in &word.parts {
        match part {
            Part::Text(text) | Part::Glob(text) => out.push(unsplit(Ok(text.clone()), bare)),
            Part::Unknown(need) => out.push(Piece::Unknown(Arc::clone(need))),
        }
    }
}

fn length(found: &Found) -> Result<String, Arc<Need>> {
    match found {
        Found::List(words, _) => Ok(words.len().to_string()),
        found => Ok(found.known()?.chars().count().to_string()),
    }
}

/// How much of the start of `text` is a parameter: a name, a name with an index, a number, a special character.
fn name_length(text: &str) -> usize {
    let end = text.find(|c: char| !(c == '_' || c.is_ascii_alphanumeric())).unwrap_or(text.len());
    match text.bytes().next() {
        None => 0,
        Some(byte) if b"@*#?$!-".contains(&byte) => 1,
        Some(byte) if byte.is_ascii_digit() => text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()),
        Some(_) if text[end..].starts_with('[') => text[end..].find(']').map_or(end, |n| end + n + 1),
        Some(_) => end,
    }
}

pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
}

/// Where the pattern of `${x/pattern/text}` ends.
fn unquoted_slash(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            b'/' => return at,
            b'\\' => Ok(at + 2),
            b'\'' => single_end(text, at + 1),
            b'"' => double_end(text, at + 1, super::Dialect::Bash, 0),
            b'`' => backquote_end(text, at + 1),
            b'$' => dollar_end(text, at, false, super::Dialect::Bash, 0),
            _ => Ok(at + 1),
        };
        at = end.unwrap_or(at + 1);
    }
    text.len()
}

fn change_case(text: &str, upper: bool, all: bool) -> String {
    let change = |c: char| if upper { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    text.chars().enumerate().map(|(n, c)| if all || n == 0 { change(c) } else { c }).collect()
}

/// The text of `$'…'`.
pub(super) fn ansi_text(text: &str) -> String {
    let mut plain = String::new();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        match characters.next() {
            Some('n') => plain.push('\n'),
            Some('t') => plain.push('\t'),
            Some('r') => plain.push('\r'),
            Some('a') => plain.push('\u{7}'),
            Some('b') => plain.push('\u{8}'),
            Some('e' | 'E') => plain.push('\u{1b}'),
            Some('f') => plain.push('\u{c}'),
            Some('v') => plain.push('\u{b}'),
            Some('x') => {
                let digits: String = characters.as_str().chars().take(2).take_while(char::is_ascii_hexdigit).collect();
                plain.extend(u8::from_str_radix(&digits, 16).ok().map(char::from));
                characters = characters.as_str()[digits.len()..].chars();
            }
            Some(c) => plain.push(c),
            None => plain.push('\\'),
        }
    }
    plain
}
