//! JSON as Go's `encoding/json` reads it, since that is what Docker and its kin read theirs with.

use crate::lists::Map;
use std::ops::Index;

/// Values in values; deeper ones are no one's.
const DEEPEST: usize = 128;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    /// `None` for what is no whole number of 64 bits: nobody asks for those.
    Number(Option<u64>),
    String(String),
    List(Vec<Value>),
    Object(Map<Value>),
}

impl Value {
    /// The value that the whole text is.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (end, value) = read(text, blanks(text, 0), DEEPEST)?;
        (blanks(text, end) == text.len()).then_some(value)
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_number(&self) -> Option<u64> {
        match self {
            Self::Number(number) => *number,
            _ => None,
        }
    }

    pub(crate) fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    pub(crate) fn as_object(&self) -> Option<&Map<Self>> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }
}

/// A member of an object; null where there is none.
impl Index<&str> for Value {
    type Output = Self;

    fn index(&self, name: &str) -> &Self {
        self.as_object().and_then(|members| members.get(name)).unwrap_or(&Self::Null)
    }
}

/// The end of the value at `at`, and the value.
fn read(text: &str, at: usize, depth: usize) -> Option<(usize, Value)> {
    let depth = depth.checked_sub(1)?;
    match text.as_bytes().get(at)? {
        b'"' => string(text, at).map(|(end, said)| (end, Value::String(said))),
        b'[' => {
            let mut items = Vec::new();
            let end = inside(text, at + 1, b']', &mut |at| {
                let (end, item) = read(text, at, depth)?;
                items.push(item);
                Some(end)
            })?;
            Some((end, Value::List(items)))
        }
        b'{' => {
            let mut members = Map::new();
            let end = inside(text, at + 1, b'}', &mut |at| {
                let (end, name) = string(text, at)?;
                let colon = eat(text, blanks(text, end), b':')?;
                let (end, value) = read(text, blanks(text, colon), depth)?;
                members.insert(name, value);
                Some(end)
            })?;
            Some((end, Value::Object(members)))
        }
        _ => {
            let end = literal(text, at)?;
            let value = match &text[at..end] {
                "null" => Value::Null,
                word @ ("true" | "false") => Value::Bool(word == "true"),
                number => Value::Number(number.parse().ok()),
            };
            Some((end, value))
        }
    }
}

/// The end of what stands between brackets; `item` finds the end of one item.
fn inside(text: &str, start: usize, close: u8, item: &mut dyn FnMut(usize) -> Option<usize>) -> Option<usize> {
    let mut at = blanks(text, start);
    if let Some(end) = eat(text, at, close) {
        return Some(end);
    }
    loop {
        at = blanks(text, item(at)?);
        match eat(text, at, b',') {
            Some(next) => at = blanks(text, next),
            None => return eat(text, at, close),
        }
    }
}

pub(crate) fn blanks(text: &str, at: usize) -> usize {
    let rest = &text.as_bytes()[at..];
    at + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count()
}

pub(crate) fn eat(text: &str, at: usize, byte: u8) -> Option<usize> {
    (text.as_bytes().get(at) == Some(&byte)).then_some(at + 1)
}

/// The end of `true`, `false`, `null` or a number.
pub(crate) fn literal(text: &str, at: usize) -> Option<usize> {
    let rest = &text[at..];
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.'))).unwrap_or(rest.len());
    let word = &rest[..end];
    (matches!(word, "true" | "false" | "null") || is_number(word)).then_some(at + end)
}

/// A number that JSON allows and that a 64-bit float can hold: others are an error to Go.
fn is_number(word: &str) -> bool {
    let digits = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let number = word.strip_prefix('-').unwrap_or(word);
    let (whole, rest) = number.split_at(digits(number));
    if whole.is_empty() || (whole.len() > 1 && whole.starts_with('0')) {
        return false;
    }
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(digits(rest)),
        None => ("0", rest),
    };
    let Some(written) = rest.strip_prefix(['e', 'E']) else {
        return rest.is_empty() && !fraction.is_empty() && !overflows(whole, fraction, 0);
    };
    let exponent = written.strip_prefix(['+', '-']).unwrap_or(written);
    if fraction.is_empty() || exponent.is_empty() || digits(exponent) < exponent.len() {
        return false;
    }
    // An exponent that is too long to count is larger than all others.
    let exponent = exponent.parse().unwrap_or(i64::MAX / 2);
    !overflows(whole, fraction, if written.starts_with('-') { -exponent } else { exponent })
}

/// Whether a number is too large for a 64-bit float.
fn overflows(whole: &str, fraction: &str, exponent: i64) -> bool {
    /// What is no longer rounded to the largest float, 2^1024 - 2^970, begins with these digits and has 309 of them.
    const LIMIT: &str = "179769313486231580793";
    let digits = [whole, fraction].concat();
    let significant = digits.trim_start_matches('0');
    let leading_zeros = digits.len() - significant.len();
    let length = (whole.len() as i64 - leading_zeros as i64).saturating_add(exponent);
    !significant.is_empty() && (length > 309 || (length == 309 && significant >= LIMIT))
}

/// The end of the string at `at`, and what it says.
pub(crate) fn string(text: &str, at: usize) -> Option<(usize, String)> {
    let body = text.get(eat(text, at, b'"')?..)?;
    let mut said = String::new();
    let mut chars = body.char_indices();
    while let Some((offset, c)) = chars.next() {
        match c {
            '"' => return Some((at + 1 + offset + 1, said)),
            '\\' => match chars.next()?.1 {
                c @ ('"' | '\\' | '/') => said.push(c),
                'b' => said.push('\u{8}'),
                'f' => said.push('\u{c}'),
                'n' => said.push('\n'),
                'r' => said.push('\r'),
                't' => said.push('\t'),
                'u' => {
                    let unit = hex(&mut chars)?;
                    said.push(match unit {
                        0xd800..0xdc00 => low_surrogate(unit, &mut chars),
                        _ => char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER),
                    });
                }
                _ => return None,
            },
            '\0'..='\u{1f}' => return None,
            _ => said.push(c),
        }
    }
    None
}

/// The character of a pair of surrogates; a lone one is replaced.
fn low_surrogate(high: u32, chars: &mut std::str::CharIndices<'_>) -> char {
    let mut ahead = chars.clone();
    if let (Some((_, '\\')), Some((_, 'u'))) = (ahead.next(), ahead.next())
        && let Some(low @ 0xdc00..0xe000) = hex(&mut ahead)
    {
        *chars = ahead;
        return char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))
            .unwrap_or(char::REPLACEMENT_CHARACTER);
    }
    char::REPLACEMENT_CHARACTER
}

fn hex(chars: &mut std::str::CharIndices<'_>) -> Option<u32> {
    (0..4).try_fold(0, |unit, _| Some(unit * 16 + chars.next()?.1.to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_they_are_written() {
        let value = Value::read(
            r#" {"a": [1, -1, 1.5, true, null, "x"], "b": {"c": "d", "c": "e"}, "n": 18446744073709551615} "#,
        );
        let value = value.unwrap();
        let number = |number| Value::Number(number);
        let text = Value::String("x".into());
        let list = [number(Some(1)), number(None), number(None), Value::Bool(true), Value::Null, text];
        assert_eq!(value["a"].as_list(), Some(&list[..]));
        assert_eq!(value["b"]["c"].as_str(), Some("e"));
        assert_eq!(value["n"].as_number(), Some(u64::MAX));
        assert_eq!(value["a"]["b"]["c"], Value::Null);
    }

    #[test]
    fn what_is_no_value_is_refused() {
        for wrong in ["", "{", "[1,]", "{\"a\"}", "{\"a\":1,}", "[] []", "[1 2]", "\"", "{a: 1}", "[01]"] {
            assert_eq!(Value::read(wrong), None, "{wrong}");
        }
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(Value::read(&nested(DEEPEST)).is_some());
        assert_eq!(Value::read(&nested(DEEPEST + 1)), None);
        assert_eq!(Value::read(&"[".repeat(1_000_000)), None);
    }

    #[test]
    fn numbers_are_as_large_as_floats() {
        let zeros = "0".repeat(400);
        let numbers = [
            "0",
            "-0.0",
            "1e308",
            "1e309",
            "1.7976931348623157e308",
            "1.7976931348623158e+308",
            "1.7976931348623159e308",
            "17976931348623158e292",
            "0.00017976931348623158e312",
            "0.00017976931348623159e312",
            "9e307",
            "10e307",
            "100e307",
            "0e999999999999999999999",
            "1e999999999999999999999",
            "1e-999999999999999999999",
            "-1e400",
            "1E400",
            &format!("0.{zeros}1e401"),
            &format!("0.{zeros}1e709"),
            &format!("0.{zeros}1e710"),
            &format!("1{zeros}"),
            &format!("1{zeros}e-100"),
            &format!("1{zeros}e-90"),
        ];
        for number in numbers {
            assert_eq!(is_number(number), number.parse::<f64>().unwrap().is_finite(), "{number}");
        }
    }
}
