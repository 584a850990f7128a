//! What stands for `$name` and `${name…}`, also where a part of it is not known.

use std::sync::Arc;

use super::expand::Variable;
use super::lex::{DEEPEST, Fault, Lexer};
use super::{pattern, unicode};
use crate::fact::Need;
use crate::text;
use crate::text::Text;
use crate::word::{Part, Word};

impl<'r> Lexer<'r, '_> {
    /// `$name`, `${name}` and its like; any other `$` is text.
    pub(super) fn dollar(&mut self) -> Result<Word, Fault> {
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
            self.unset.add(name);
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

#[cfg(test)]
mod tests {
    use super::super::expand::{Error, expand, heredoc, words};
    use super::*;
    use crate::word::UNKNOWN;

    /// `K` is known, `E` empty, `U` unset, `N` not known, `P` known in part.
    fn lookup(name: &str) -> Variable {
        let need =
            Arc::new(Need {
                text: text! { en: "nobody knows", ja: "わかりません" }, settled_by: vec![], at: None
            });
        match name {
            "K" => Variable::Set(Word::new("known")),
            "E" => Variable::Set(Word::new("")),
            "N" => Variable::Unknown(need),
            "P" => Variable::Set(Word { parts: vec![Part::Text("a".into()), Part::Unknown(need)] }),
            _ => Variable::Unset,
        }
    }

    #[track_caller]
    fn check(raw: &str, expected: &str) {
        let expanded = expand(raw, '\\', &mut lookup).map(|expanded| expanded.word.pattern().replace(UNKNOWN, "?"));
        assert_eq!(expanded.map_err(|Error { message, .. }| message).as_deref(), Ok(expected), "{raw}");
    }

    #[test]
    fn what_is_not_known_travels() {
        check("a${N}b$K", "a?bknown");
        check("\"$N\"'$N'", "?$N");
        check("${N:-x}", "?");
        check("${N-x}", "?");
        check("${N:+x}", "?");
        check("${N:?x}", "?");
        check("${N#a}", "?");
        check("${N/a/b}", "?");
        check("${P:-x}", "a?");
        check("${P:+x}", "x");
        check("${P#a}", "?");
        check("${K#$N}", "?");
        check("${K/k/$N}", "?");
        check("${U:-$N}", "?");
        check("${K:-$N}", "known");
        check("${E:+$N}", "");
        check("${U#$N}", "?");
    }

    #[test]
    fn what_is_not_known_is_one_port() {
        let ports =
            words("80 $N a$P", '\\', &mut lookup).map(|words| words.iter().map(Word::pattern).collect::<Vec<_>>());
        assert_eq!(ports, Ok(vec!["80".to_owned(), UNKNOWN.to_owned(), format!("aa{UNKNOWN}")]));
    }

    #[test]
    fn quotes_in_a_heredoc_are_text() {
        let body = heredoc("a='$K' b=\"$K\" c=\\$K d=\\n ${U:-'x'}\n", &mut lookup).map(|body| body.word.pattern());
        assert_eq!(body.as_deref(), Ok("a='known' b=\"known\" c=$K d=n 'x'\n"));
    }
}
