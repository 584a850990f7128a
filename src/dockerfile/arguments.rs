//! The words of an instruction, before it is asked what they mean (`line_parsers.go` in BuildKit).

use super::unicode::lower;
use crate::lists::Collect;
use std::ops::Range;

use super::decode::{REPLACEMENT, Source};
use super::problem::Refusal;
use super::{Arguments, Spanned, Variable, flags, json, words};
use crate::source::{Excerpt, Span};
use crate::text;

/// The instructions of the Dockerfile reference, in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Add,
    Arg,
    Cmd,
    Copy,
    Entrypoint,
    Env,
    Expose,
    From,
    Healthcheck,
    Label,
    Maintainer,
    OnBuild,
    Run,
    Shell,
    StopSignal,
    User,
    Volume,
    Workdir,
}

const NAMES: &[(&str, Name)] = &[
    ("add", Name::Add),
    ("arg", Name::Arg),
    ("cmd", Name::Cmd),
    ("copy", Name::Copy),
    ("entrypoint", Name::Entrypoint),
    ("env", Name::Env),
    ("expose", Name::Expose),
    ("from", Name::From),
    ("healthcheck", Name::Healthcheck),
    ("label", Name::Label),
    ("maintainer", Name::Maintainer),
    ("onbuild", Name::OnBuild),
    ("run", Name::Run),
    ("shell", Name::Shell),
    ("stopsignal", Name::StopSignal),
    ("user", Name::User),
    ("volume", Name::Volume),
    ("workdir", Name::Workdir),
];

impl Name {
    fn of(keyword: &str) -> Option<Self> {
        let lower = lower(keyword);
        NAMES.iter().find(|(name, _)| *name == lower).map(|(_, name)| *name)
    }

    /// In capitals, for messages.
    pub(super) fn word(self) -> String {
        NAMES.iter().find(|(_, name)| *name == self).map_or_else(String::new, |(word, _)| word.to_ascii_uppercase())
    }
}

/// An instruction, cut up.
pub(super) struct Cut {
    pub name: Option<Name>,
    pub keyword: Spanned<String>,
    pub flags: Vec<Spanned<String>>,
    pub arguments: Arguments,
    /// The text of the arguments.
    pub text: Excerpt,
    /// Why the text cannot be cut up.
    pub refusal: Option<Refusal>,
}

/// Cuts a logical line up.
pub(super) fn cut(line: &Excerpt, escape: char, source: &Source) -> Cut {
    let (keyword, rest) = words::keyword(&line.text);
    let (flags, line, rest) = match rest {
        None => (Vec::new(), line.clone(), line.text.len()),
        Some(rest) => {
            let cut = flags::cut(line, rest, source);
            let (line, rest) = whole_characters(line, cut.rest);
            (cut.flags, line, rest)
        }
    };
    let range = words::trim(&line.text, rest..line.text.len());
    let keyword = spanned(&line, keyword);
    let name = Name::of(&keyword.value);
    let (arguments, refusal) = match name.map(|name| read(name, &line, range.clone(), escape)) {
        None => (Arguments::Unknown, None),
        Some(Ok(arguments)) => (arguments, None),
        Some(Err(refusal)) => (Arguments::Unknown, Some(refusal)),
    };
    Cut { name, keyword, flags, arguments, text: line.slice(range.start, range.end), refusal }
}

/// The flags may end inside a character: what is left of it is broken bytes then.
fn whole_characters(line: &Excerpt, rest: usize) -> (Excerpt, usize) {
    let start = words::boundary(&line.text, rest, false);
    if start == rest {
        return (line.clone(), rest);
    }
    let end = words::boundary(&line.text, rest, true);
    let mut mended = line.slice(0, start);
    let place = line.span(start, end).start as usize;
    for offset in rest..end {
        mended.push(REPLACEMENT, place + offset - start);
    }
    let tail = line.slice(end, line.text.len());
    let base = mended.text.len();
    mended.pieces.extend(tail.pieces.iter().map(|(text, file)| (text + Span::at(base).start, *file)));
    mended.text.push_str(&tail.text);
    (mended, start)
}

fn read(name: Name, line: &Excerpt, range: Range<usize>, escape: char) -> Result<Arguments, Refusal> {
    match name {
        Name::Env | Name::Label => pairs(name, line, range, escape),
        Name::Arg => Ok(plain(line, words::quoted(&line.text, range, escape))),
        Name::Expose | Name::From => Ok(plain(line, words::separated(&line.text, range))),
        Name::Add | Name::Copy | Name::Volume => match list(line, range.clone())? {
            Some(list) => Ok(list),
            None => Ok(plain(line, words::separated(&line.text, range))),
        },
        Name::Run | Name::Cmd | Name::Entrypoint | Name::Shell => match list(line, range.clone())? {
            Some(list) => Ok(list),
            None => Ok(one(line, range)),
        },
        Name::Maintainer | Name::StopSignal | Name::User | Name::Workdir | Name::OnBuild => Ok(one(line, range)),
        Name::Healthcheck => healthcheck(line, range),
    }
}

fn spanned(line: &Excerpt, range: Range<usize>) -> Spanned<String> {
    Spanned { value: line.text[range.clone()].to_owned(), span: line.span(range.start, range.end) }
}

fn plain(line: &Excerpt, ranges: Vec<Range<usize>>) -> Arguments {
    Arguments::Words { words: ranges.into_iter().map(|range| spanned(line, range)).collect_vec(), array: None }
}

/// The whole text as one word; none when it is empty.
fn one(line: &Excerpt, range: Range<usize>) -> Arguments {
    let words = if range.is_empty() { Vec::new() } else { vec![spanned(line, range)] };
    Arguments::Words { words, array: None }
}

/// A JSON array of strings, if the text is one.
fn list(line: &Excerpt, range: Range<usize>) -> Result<Option<Arguments>, Refusal> {
    match json::array(&line.text[range.clone()]) {
        json::Array::No => Ok(None),
        json::Array::Mixed => Err(Refusal::whole(text! {
            en: "when using JSON array syntax, arrays must be comprised of strings only",
            ja: "JSON 配列の形で書くときは、要素をすべて文字列にする必要があります",
        })),
        json::Array::Strings(strings, array) => {
            let place = |inner: Range<usize>| line.span(range.start + inner.start, range.start + inner.end);
            let words = strings.into_iter().map(|(value, inner)| Spanned { value, span: place(inner) }).collect_vec();
            Ok(Some(Arguments::Words { words, array: Some(place(array)) }))
        }
    }
}

/// `CMD` or `NONE`, then what a CMD has.
fn healthcheck(line: &Excerpt, range: Range<usize>) -> Result<Arguments, Refusal> {
    // Each byte counts as a character here, as it does for flags.
    let text = &line.text.as_bytes()[range.clone()];
    let end = text.iter().position(|byte| flags::is_blank(*byte)).unwrap_or(text.len());
    let rest = text[end..].iter().position(|byte| !flags::is_blank(*byte)).map_or(text.len(), |blanks| end + blanks);
    // A kind that is cut inside a character is unknown anyhow; its words are kept whole.
    let end = words::boundary(&line.text, range.start + end, false);
    let rest = words::boundary(&line.text, range.start + rest, true);
    if range.is_empty() {
        return Ok(one(line, range));
    }
    let kind = spanned(line, range.start..end);
    let command = match list(line, rest..range.end)? {
        Some(list) => list,
        None => one(line, rest..range.end),
    };
    let Arguments::Words { mut words, array } = command else { return Ok(command) };
    words.insert(0, kind);
    Ok(Arguments::Words { words, array })
}

/// `name=value …`, or the old `name value`.
fn pairs(name: Name, line: &Excerpt, range: Range<usize>, escape: char) -> Result<Arguments, Refusal> {
    let text = &line.text;
    let words = words::quoted(text, range.clone(), escape);
    let Some(first) = words.first() else { return Ok(Arguments::Pairs { pairs: Vec::new(), legacy: false }) };
    if !text[first.clone()].contains('=') {
        let Some(end) = text[range.clone()].find(words::is_separator) else {
            return Err(Refusal::whole(text! {
                en: "{instruction} must have two arguments",
                ja: "{instruction} には引数が 2 つ必要です",
                instruction: name.word(),
            }));
        };
        let end = range.start + end;
        let value = text[end..range.end].trim_start_matches(words::is_separator);
        let value = spanned(line, range.end - value.len()..range.end);
        let pair = Variable { name: spanned(line, range.start..end), value: Some(value) };
        return Ok(Arguments::Pairs { pairs: vec![pair], legacy: true });
    }
    let pairs = words.into_iter().map(|word| {
        let Some(equals) = text[word.clone()].find('=') else {
            return Err(Refusal {
                span: Some(line.span(word.start, word.end)),
                message: text! {
                    en: "syntax error: can't find = in `{word}`, which must be of the form name=value",
                    ja: "構文エラー: `{word}` に = がありません。name=value の形で書く必要があります",
                    word: &line.text[word],
                },
            });
        };
        Ok(variable(line, word.clone(), word.start + equals))
    });
    Ok(Arguments::Pairs { pairs: pairs.collect::<Result<_, _>>()?, legacy: false })
}

fn variable(line: &Excerpt, word: Range<usize>, equals: usize) -> Variable {
    Variable { name: spanned(line, word.start..equals), value: Some(spanned(line, equals + 1..word.end)) }
}

/// `name` or `name=value` of ARG.
pub(super) fn argument(word: &Spanned<String>) -> Variable {
    let Some((name, value)) = word.value.split_once('=') else {
        return Variable { name: word.clone(), value: None };
    };
    // A continuation may cut the word; then both halves stand where the whole does.
    let (start, end) = (word.span.start as usize, word.span.end as usize);
    let in_one_piece = end - start == word.value.len();
    let place = |from: usize, to: usize| if in_one_piece { Span::new(start + from, start + to) } else { word.span };
    Variable {
        name: Spanned { value: name.to_owned(), span: place(0, name.len()) },
        value: Some(Spanned { value: value.to_owned(), span: place(name.len() + 1, word.value.len()) }),
    }
}
