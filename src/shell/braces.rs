//! Brace expansion, which bash does before anything else: `{a,b}`, `{1..3}`.

use super::Dialect;
use super::lexer::{backquote_end, dollar_end, double_end, single_end};
use crate::lists::Collect;

/// How many words one word may become; more than any real list, and few enough to hold.
const MAX_WORDS: usize = 4096;

/// How much text they may be together.
const MAX_TEXT: usize = 1 << 20;

/// How many braces that are no list are looked at, each to the end of the word.
const MAX_TRIES: usize = 100;

/// The words that a word becomes, still quoted and unexpanded; itself where there is nothing to expand.
pub(super) fn expand(word: &str) -> Vec<String> {
    let mut words = vec![word.to_owned()];
    let mut done = Vec::new();
    // Each turn takes one pair of braces out of a word, the leftmost first, so the order is bash's.
    while let Some(word) = words.pop() {
        match first_list(&word) {
            Some((start, end, items))
                if done.len() + words.len() + items.len() <= MAX_WORDS
                    && (done.len() + words.len() + items.len()) * word.len() <= MAX_TEXT =>
            {
                let (before, after) = (&word[..start], &word[end..]);
                words.extend(items.iter().rev().map(|item| format!("{before}{item}{after}")));
            }
            _ => done.push(word),
        }
    }
    done
}

/// The leftmost braces that are a list: where they begin and end, and what they hold.
fn first_list(word: &str) -> Option<(usize, usize, Vec<String>)> {
    let (mut at, mut tries) = (0, 0);
    while at < word.len() && tries < MAX_TRIES {
        if word.as_bytes()[at] == b'{' {
            if let Some((end, items)) = list(word, at) {
                return Some((at, end, items));
            }
            at += 1;
            tries += 1;
        } else {
            at = skip(word, at);
        }
    }
    None
}

fn list(word: &str, open: usize) -> Option<(usize, Vec<String>)> {
    let bytes = word.as_bytes();
    let (mut at, mut depth, mut begin) = (open + 1, 0_usize, open + 1);
    let mut items = Vec::new();
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth > 0 => depth -= 1,
            b'}' => {
                let last = &word[begin..at];
                if items.is_empty() {
                    return range(last).map(|items| (at + 1, items));
                }
                items.push(last.to_owned());
                return Some((at + 1, items));
            }
            b',' if depth == 0 => {
                items.push(word[begin..at].to_owned());
                begin = at + 1;
            }
            _ => {}
        }
        at = skip(word, at);
    }
    None
}

/// Past one character, quote or expansion.
fn skip(word: &str, at: usize) -> usize {
    let end = match word.as_bytes()[at] {
        b'\\' => Ok(at + 2),
        b'\'' => single_end(word, at + 1),
        b'"' => double_end(word, at + 1, Dialect::Bash, 0),
        b'`' => backquote_end(word, at + 1),
        b'$' => dollar_end(word, at, false, Dialect::Bash, 0),
        _ => Ok(at + 1),
    };
    end.unwrap_or(at + 1)
}

/// `1..3`, `01..10..2`, `a..e`
fn range(text: &str) -> Option<Vec<String>> {
    let mut ends = text.split("..");
    let (from, to, step) = (ends.next()?, ends.next()?, ends.next());
    if ends.next().is_some() {
        return None;
    }
    let step = step.map_or(Some(1), |step| step.parse::<i64>().ok())?.unsigned_abs().max(1);
    let letter = |text: &str| text.bytes().next().filter(|byte| text.len() == 1 && byte.is_ascii_alphabetic());
    if let (Some(from), Some(to)) = (letter(from), letter(to)) {
        return Some(steps(from.into(), to.into(), step)?.map(|n| char::from(n as u8).to_string()).collect_vec());
    }
    let (first, last) = (from.parse::<i64>().ok()?, to.parse::<i64>().ok()?);
    let padded = [from, to].iter().any(|n| n.trim_start_matches('-').starts_with('0') && n.len() > 1);
    let width = if padded { from.len().max(to.len()) } else { 0 };
    Some(steps(first, last, step)?.map(|n| format!("{n:0width$}")).collect_vec())
}

fn steps(from: i64, to: i64, step: u64) -> Option<impl Iterator<Item = i64>> {
    let count = from.abs_diff(to) / step;
    let step = i64::try_from(step).ok()? * to.saturating_sub(from).signum();
    (count < MAX_WORDS as u64).then(|| (0..=count as i64).map(move |n| from + n * step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_expand_as_in_bash() {
        for (word, expected) in [
            ("a", "a"),
            ("{a,b}", "a b"),
            ("x{a,b}y{1,2}", "xay1 xay2 xby1 xby2"),
            ("{a,b{1,2}}", "a b1 b2"),
            ("{a}", "{a}"),
            ("{}", "{}"),
            ("/x/{bin,}", "/x/bin /x/"),
            ("{1..3}", "1 2 3"),
            ("{3..1}", "3 2 1"),
            ("{01..03}", "01 02 03"),
            ("{a..e..2}", "a c e"),
            ("${x,y}", "${x,y}"),
            ("'{a,b}'", "'{a,b}'"),
            ("\"{a,b}\"", "\"{a,b}\""),
            ("\\{a,b}", "\\{a,b}"),
            ("{a,b", "{a,b"),
            ("{1..99999999}", "{1..99999999}"),
        ] {
            assert_eq!(expand(word).join(" "), expected, "{word}");
        }
        assert!(expand(&"{a,b}".repeat(1000)).len() <= MAX_WORDS);
        assert_eq!(expand(&"{".repeat(10_000)).len(), 1);
    }
}
