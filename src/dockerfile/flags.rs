//! Flags: how they are cut off an instruction (`extractBuilderFlags` in `split_command.go`) and what they are
//! (`frontend/dockerfile/instructions/bflag.go`).

use super::Spanned;
use super::decode::{REPLACEMENT, Source};
use super::problem::Refusal;
use super::unicode::lower;
use super::words;
use crate::source::{Excerpt, Span};
use crate::text;

/// What stands before the first other word, and where the rest begins.
pub(super) struct Cut {
    pub flags: Vec<Spanned<String>>,
    /// An offset of the line that may lie inside a character: BuildKit takes each byte for a character here.
    pub rest: usize,
}

/// Cuts the flags off. The escape character is always a backslash, and a byte that Latin-1 calls a blank ends a word.
pub(super) fn cut(line: &Excerpt, start: usize, source: &Source) -> Cut {
    let text = line.text.as_bytes();
    // A broken byte is one byte in the file and three in the text.
    let byte_at = |at: usize| -> Option<(u8, usize)> {
        let byte = *text.get(at)?;
        if !source.broken.is_empty() && text[at..].starts_with(REPLACEMENT.as_bytes()) {
            let place = line.span(at, at + 1).start as usize;
            return Some(source.broken_at(place).map_or((byte, 1), |byte| (byte, REPLACEMENT.len())));
        }
        Some((byte, 1))
    };
    let mut flags = Vec::new();
    let mut at = start;
    while let Some((byte, width)) = byte_at(at) {
        if is_blank(byte) {
            at += width;
            continue;
        }
        if !text[at..].starts_with(b"--") {
            return Cut { flags, rest: at };
        }
        let (word, end) = word(at, byte_at);
        if word == "--" {
            return Cut { flags, rest: end };
        }
        flags.push(Spanned { value: word, span: line.span(at, words::boundary(&line.text, end, true)) });
        at = end;
    }
    Cut { flags, rest: text.len() }
}

/// One word: quotes and backslashes are taken off.
fn word(start: usize, byte_at: impl Fn(usize) -> Option<(u8, usize)>) -> (String, usize) {
    let mut value = String::new();
    let mut quote: Option<u8> = None;
    let mut at = start;
    while let Some((byte, width)) = byte_at(at) {
        match (quote, byte) {
            (None, _) if is_blank(byte) => break,
            (None, b'\'' | b'"') => quote = Some(byte),
            (Some(open), _) if byte == open => quote = None,
            (_, b'\\') => {
                // At the very end it is dropped.
                if let Some((escaped, escaped_width)) = byte_at(at + width) {
                    value.push(char::from(escaped));
                    at += escaped_width;
                }
            }
            _ => value.push(char::from(byte)),
        }
        at += width;
    }
    (value, at)
}

/// `unicode.IsSpace` of a byte taken for a character.
pub(super) fn is_blank(byte: u8) -> bool {
    char::from(byte).is_whitespace()
}

/// How often a flag may be given and whether it needs a value.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Form {
    /// `--link`, `--link=false`
    Bool,
    /// `--from=x`
    Text,
    /// `--mount=x --mount=y`
    Texts,
}

/// The flags of one instruction, checked.
pub(super) struct Flags(Vec<(String, Spanned<String>)>);

impl Flags {
    /// Checks the flags against those that the instruction knows.
    pub(super) fn read(flags: &[Spanned<String>], known: &[(&str, Form)]) -> Result<Self, Refusal> {
        let mut read: Vec<(String, Spanned<String>)> = Vec::new();
        for flag in flags {
            let body = flag.value.strip_prefix("--").unwrap_or(&flag.value);
            let (name, value) = body.split_once('=').map_or((body, None), |(name, value)| (name, Some(value)));
            let refuse = |message| Err(Refusal { span: Some(flag.span), message });
            let Some((_, form)) = known.iter().find(|(known, _)| *known == name) else {
                return refuse(text! {
                    en: "unknown flag: `--{name}`",
                    ja: "`--{name}` というフラグはありません",
                    name: name,
                });
            };
            if *form != Form::Texts && read.iter().any(|(read, _)| read == name) {
                return refuse(text! {
                    en: "duplicate flag: `--{name}` is given twice",
                    ja: "フラグ `--{name}` が重複しています",
                    name: name,
                });
            }
            let value = match (form, value) {
                (Form::Bool, None) => "true".to_owned(),
                (Form::Bool, Some("")) => return refuse(missing_value(name)),
                (Form::Bool, Some(value)) => match lower(value) {
                    value if value == "true" || value == "false" => value,
                    _ => {
                        return refuse(text! {
                            en: "`--{name}` takes `true` or `false`, not `{value}`",
                            ja: "`--{name}` の値は `true` か `false` です(`{value}` は使えません)",
                            name: name,
                            value: value,
                        });
                    }
                },
                (_, None) => return refuse(missing_value(name)),
                (_, Some(value)) => value.to_owned(),
            };
            // The value alone, where the flag stands as it reads.
            let as_written = flag.value.is_ascii()
                && flag.value.len() == (flag.span.end - flag.span.start) as usize
                && value.len() < body.len();
            let start = if as_written { flag.span.end as usize - value.len() } else { flag.span.start as usize };
            read.push((name.to_owned(), Spanned { value, span: Span::new(start, flag.span.end as usize) }));
        }
        Ok(Self(read))
    }

    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &Spanned<String>> {
        self.0.iter().filter(move |(read, _)| read == name).map(|(_, value)| value)
    }

    /// The value, unless the flag is absent.
    pub(super) fn given(&self, name: &str) -> Option<&Spanned<String>> {
        self.all(name).next()
    }

    /// The value, unless it is empty or absent: most flags cannot tell the two apart.
    pub(super) fn text(&self, name: &str) -> Option<Spanned<String>> {
        self.given(name).filter(|flag| !flag.value.is_empty()).cloned()
    }

    pub(super) fn bool(&self, name: &str) -> Option<bool> {
        self.given(name).map(|flag| flag.value == "true")
    }
}

fn missing_value(name: &str) -> crate::text::Text {
    text! {
        en: "missing a value: `--{name}` needs `--{name}=…`",
        ja: "値がありません: `--{name}` は `--{name}=…` の形で書きます",
        name: name,
    }
}
