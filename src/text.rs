//! Sentences in two languages, with named parts.
//!
//! Every sentence that a person reads is written once per language, side by side:
//!
//! ```
//! use execlens::text;
//! let loader = "/lib64/ld-linux-x86-64.so.2";
//! let sentence = text! {
//!     en: "`{program}` asks for the loader `{loader}`",
//!     ja: "`{program}` はローダー `{loader}` を必要とします",
//!     program: "/app",
//!     loader: loader,
//! };
//! assert_eq!(sentence.in_english(), "`/app` asks for the loader `/lib64/ld-linux-x86-64.so.2`");
//! ```
//!
//! A translation that is missing, or that forgets a part, does not compile.

use std::fmt;

/// The languages that the report speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Locale {
    #[default]
    English,
    Japanese,
}

impl Locale {
    /// Reads a BCP 47 tag (`ja`, `ja-JP`); everything that is not Japanese is answered in English.
    #[must_use]
    pub fn from_tag(tag: &str) -> Self {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("ja") { Self::Japanese } else { Self::English }
    }
}

/// One sentence without parts in every language.
#[derive(Debug, PartialEq, Eq)]
pub struct Template {
    pub en: &'static str,
    pub ja: &'static str,
}

/// A sentence: its words in each language, and what fills its named parts.
#[derive(Clone, PartialEq, Eq)]
pub struct Text {
    /// The English words, the Japanese ones and the names of the parts, each name with a blank behind it; one string,
    /// with `SEPARATOR` between, since there are many sentences and every address of a string weighs in the wasm.
    sentence: &'static str,
    arguments: Box<[Argument]>,
}

/// What no sentence has in it.
const SEPARATOR: char = '\0';

/// What stands for a named part: a word that is the same in every language, or another sentence.
#[derive(Clone, PartialEq, Eq)]
pub enum Argument {
    Word(String),
    Text(Text),
}

impl Text {
    /// What [`text!`](crate::text!) makes: an argument for each part, in the same order.
    #[doc(hidden)]
    #[must_use]
    #[inline(never)]
    pub fn new<const N: usize>(sentence: &'static str, arguments: [Argument; N]) -> Self {
        Self { sentence, arguments: Box::new(arguments) }
    }

    /// A sentence without parts.
    #[must_use]
    pub fn plain(template: &'static Template) -> Self {
        Self::new("{en}\0{ja}\0en ja ", [template.en.into(), template.ja.into()])
    }

    #[must_use]
    pub fn render(&self, locale: Locale) -> String {
        let mut sentence = self.sentence.split(SEPARATOR);
        let mut next = || sentence.next().unwrap_or_default();
        let (english, japanese, parts) = (next(), next(), next());
        let template = match locale {
            Locale::English => english,
            Locale::Japanese => japanese,
        };
        let mut out = String::with_capacity(template.len() + 32);
        let mut rest = template;
        while let Some(open) = rest.find('{') {
            let (before, after) = rest.split_at(open);
            out.push_str(before);
            let Some(close) = after.find('}') else { break };
            let name = &after[1..close];
            match parts.split(' ').position(|part| part == name).and_then(|at| self.arguments.get(at)) {
                Some(Argument::Word(word)) => out.push_str(word),
                Some(Argument::Text(text)) => out.push_str(&text.render(locale)),
                // `text!` makes sure that each part is given; this keeps a hand-made Text readable.
                None => out.push_str(&after[..=close]),
            }
            rest = &after[close + 1..];
        }
        out.push_str(rest);
        out
    }

    #[must_use]
    pub fn in_english(&self) -> String {
        self.render(Locale::English)
    }
}

/// English, for tests and logs.
impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.in_english())
    }
}

impl From<&str> for Argument {
    fn from(word: &str) -> Self {
        Self::Word(word.to_owned())
    }
}

impl From<String> for Argument {
    fn from(word: String) -> Self {
        Self::Word(word)
    }
}

impl From<&String> for Argument {
    fn from(word: &String) -> Self {
        Self::Word(word.clone())
    }
}

impl From<std::sync::Arc<str>> for Argument {
    fn from(word: std::sync::Arc<str>) -> Self {
        Self::Word(word.to_string())
    }
}

impl From<&std::sync::Arc<str>> for Argument {
    fn from(word: &std::sync::Arc<str>) -> Self {
        Self::Word(word.to_string())
    }
}

impl From<u32> for Argument {
    fn from(number: u32) -> Self {
        Self::Word(number.to_string())
    }
}

impl From<usize> for Argument {
    fn from(number: usize) -> Self {
        Self::Word(number.to_string())
    }
}

impl From<Text> for Argument {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

impl From<&Text> for Argument {
    fn from(text: &Text) -> Self {
        Self::Text(text.clone())
    }
}

/// Makes a [`Text`]; see the [module](self) for an example.
#[macro_export]
macro_rules! text {
    (en: $en:literal, ja: $ja:literal $(, $name:ident : $value:expr)* $(,)?) => {{
        const _: () = $crate::text::assert_same_parts($en, $ja, &[$(stringify!($name)),*]);
        $crate::text::Text::new(
            concat!($en, "\0", $ja, "\0", $(stringify!($name), " "),*),
            [$($crate::text::Argument::from($value)),*],
        )
    }};
}

/// Fails the build unless both languages use exactly the parts that are given.
#[doc(hidden)]
pub const fn assert_same_parts(en: &str, ja: &str, names: &[&str]) {
    assert!(parts_are_named(en.as_bytes(), names), "the English text has a part that is not given");
    assert!(parts_are_named(ja.as_bytes(), names), "the Japanese text has a part that is not given");
    let mut n = 0;
    while n < names.len() {
        assert!(has_part(en.as_bytes(), names[n].as_bytes()), "the English text lacks a part");
        assert!(has_part(ja.as_bytes(), names[n].as_bytes()), "the Japanese text lacks a part");
        n += 1;
    }
}

const fn parts_are_named(text: &[u8], names: &[&str]) -> bool {
    let mut at = 0;
    while at < text.len() {
        if text[at] == b'{' {
            let mut known = false;
            let mut n = 0;
            while n < names.len() {
                known |= part_at(text, at, names[n].as_bytes());
                n += 1;
            }
            if !known {
                return false;
            }
        }
        at += 1;
    }
    true
}

const fn has_part(text: &[u8], name: &[u8]) -> bool {
    let mut at = 0;
    while at < text.len() {
        if text[at] == b'{' && part_at(text, at, name) {
            return true;
        }
        at += 1;
    }
    false
}

/// Whether `{name}` stands at `at`.
const fn part_at(text: &[u8], at: usize, name: &[u8]) -> bool {
    if at + name.len() + 1 >= text.len() || text[at + name.len() + 1] != b'}' {
        return false;
    }
    let mut n = 0;
    while n < name.len() {
        if text[at + 1 + n] != name[n] {
            return false;
        }
        n += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_nest_and_follow_the_locale() {
        let inner = text! { en: "a package uses cgo", ja: "いずれかのパッケージが cgo を使う" };
        let outer = text! { en: "fails if {condition}", ja: "{condition}場合に失敗します", condition: inner };
        assert_eq!(outer.render(Locale::English), "fails if a package uses cgo");
        assert_eq!(outer.render(Locale::Japanese), "いずれかのパッケージが cgo を使う場合に失敗します");
    }

    #[test]
    fn locale_is_read_from_a_language_tag() {
        assert_eq!(Locale::from_tag("ja-JP"), Locale::Japanese);
        assert_eq!(Locale::from_tag("jam"), Locale::English);
        assert_eq!(Locale::from_tag(""), Locale::English);
    }
}
