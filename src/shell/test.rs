//! `[ … ]`, `test` and `[[ … ]]`: yes, no, or what would tell.

use crate::lists::is_one_of;
use brush_parser::ast::{BinaryPredicate, ExtendedTestExpr, UnaryPredicate};

use crate::fact::Settler;
use crate::word::{Part, Word};

use super::State;
use super::compound::raw_word;
use super::nesting::MAX_NESTING;
use super::state::{Value, absolute};
use super::walk::Walker;

/// An answer, or what to drop to have one.
pub(super) type Answer = Result<bool, Vec<Settler>>;

impl Walker<'_> {
    /// `test` and `[`, without the name and the closing bracket.
    pub(super) fn test(&mut self, words: &[Word], state: &State) -> Answer {
        self.test_at(words, state, 0)
    }

    fn test_at(&mut self, words: &[Word], state: &State, depth: usize) -> Answer {
        if depth > MAX_NESTING {
            return Err(Vec::new());
        }
        let operator = |n: usize| words.get(n).and_then(Word::known).unwrap_or_default();
        match words {
            [] => Ok(false),
            [word] => not_empty(word),
            [_, rest @ ..]
                if rest.len() <= 3 && operator(0) == "!" && !(rest.len() == 2 && is_binary(&operator(1))) =>
            {
                not(self.test_at(rest, state, depth + 1))
            }
            [_, word] => self.unary(&operator(0), word, state),
            [left, _, right] if is_binary(&operator(1)) => binary(left, &operator(1), right),
            [_, inner @ .., _] if operator(0) == "(" && closing(words) == Some(words.len() - 1) => {
                self.test_at(inner, state, depth + 1)
            }
            _ => self.combined(words, state, depth),
        }
    }

    /// Tests joined by `-o` and `-a`, the first of which binds less.
    fn combined(&mut self, words: &[Word], state: &State, depth: usize) -> Answer {
        for (joint, decisive) in [("-o", true), ("-a", false)] {
            let mut level = 0_usize;
            for (n, word) in words.iter().enumerate() {
                match word.known().as_deref() {
                    Some("(") => level += 1,
                    Some(")") => level = level.saturating_sub(1),
                    Some(text) if text == joint && level == 0 && n > 0 => {
                        let left = self.test_at(&words[..n], state, depth + 1);
                        let right = self.test_at(&words[n + 1..], state, depth + 1);
                        return joined(left, right, decisive);
                    }
                    _ => {}
                }
            }
        }
        match words {
            [first, rest @ ..] if first.known().as_deref() == Some("!") => not(self.test_at(rest, state, depth + 1)),
            _ => Err(settlers(words)),
        }
    }

    fn unary(&mut self, operator: &str, word: &Word, state: &State) -> Answer {
        match operator {
            "-n" => not_empty(word),
            "-z" => not(not_empty(word)),
            // A build has no terminal.
            "-t" => Ok(false),
            "-v" => match word.known().map(|name| state.look_up(&name)) {
                Some(Value::Known(_)) => Ok(true),
                Some(Value::Unset) => Ok(false),
                _ => Err(settlers(std::slice::from_ref(word))),
            },
            _ => match operator.as_bytes() {
                [b'-', letter] if b"efdxsrwLhbcpSugkOGN".contains(letter) => {
                    self.file(char::from(*letter), word, state)
                }
                _ => Err(Vec::new()),
            },
        }
    }

    fn file(&mut self, operator: char, word: &Word, state: &State) -> Answer {
        let unknown = || settlers(std::slice::from_ref(word));
        let Some(path) = word.known() else { return Err(unknown()) };
        if path.is_empty() {
            return Ok(false);
        }
        let Some(path) = absolute(state.directory.as_deref(), &path) else { return Err(unknown()) };
        let operator = if operator == 'h' { 'L' } else { operator };
        self.host.test(operator, &path).ok_or_else(unknown)
    }

    /// `[[ … ]]`; the grammar has bounded its depth.
    pub(super) fn extended_test(&mut self, expression: &ExtendedTestExpr, state: &mut State) -> Answer {
        match expression {
            ExtendedTestExpr::Not(inner) => not(self.extended_test(inner, state)),
            ExtendedTestExpr::Parenthesized(inner) => self.extended_test(inner, state),
            ExtendedTestExpr::And(left, right) => {
                let left = self.extended_test(left, state);
                joined(left, self.extended_test(right, state), false)
            }
            ExtendedTestExpr::Or(left, right) => {
                let left = self.extended_test(left, state);
                joined(left, self.extended_test(right, state), true)
            }
            ExtendedTestExpr::UnaryTest(predicate, word) => {
                let operand = self.single(raw_word(word), state);
                match predicate {
                    UnaryPredicate::ShellVariableIsSetAndAssigned => self.unary("-v", &operand, state),
                    predicate => self.unary(&predicate.to_string(), &operand, state),
                }
            }
            ExtendedTestExpr::BinaryTest(predicate, left, right) => {
                let left = self.single(raw_word(left), state);
                let is_equal = |walker: &mut Self, state: &mut State| match walker.pattern(raw_word(right), state) {
                    Ok(pattern) => match left.known() {
                        Some(text) => Ok(pattern.matches(&text)),
                        None => match pattern.literal() {
                            Some(literal) => equal(&left, &Word::new(literal)),
                            None => Err(settlers(std::slice::from_ref(&left))),
                        },
                    },
                    Err(need) => Err(need.settled_by.clone()),
                };
                match predicate {
                    BinaryPredicate::StringExactlyMatchesPattern | BinaryPredicate::StringExactlyMatchesString => {
                        is_equal(self, state)
                    }
                    BinaryPredicate::StringDoesNotExactlyMatchPattern
                    | BinaryPredicate::StringDoesNotExactlyMatchString => not(is_equal(self, state)),
                    BinaryPredicate::StringMatchesRegex | BinaryPredicate::StringContainsSubstring => {
                        Err(settlers(std::slice::from_ref(&left)))
                    }
                    predicate => {
                        let right = self.single(raw_word(right), state);
                        binary(&left, &predicate.to_string(), &right)
                    }
                }
            }
        }
    }
}

/// Where the `)` stands that closes the first word, a `(`.
fn closing(words: &[Word]) -> Option<usize> {
    let mut level = 0_usize;
    words.iter().position(|word| {
        match word.known().as_deref() {
            Some("(") => level += 1,
            Some(")") => level = level.saturating_sub(1),
            _ => {}
        }
        level == 0
    })
}

fn is_binary(operator: &str) -> bool {
    is_one_of(operator, "= == != < > -eq -ne -lt -le -gt -ge -nt -ot -ef")
}

fn binary(left: &Word, operator: &str, right: &Word) -> Answer {
    let texts = || left.known().zip(right.known());
    let unknown = || Err(settlers(&[left.clone(), right.clone()]));
    let numbers = || {
        let (left, right) = texts()?;
        Some((left.trim().parse::<i64>().ok()?, right.trim().parse::<i64>().ok()?))
    };
    match operator {
        "=" | "==" => equal(left, right),
        "!=" => not(equal(left, right)),
        "<" => texts().map_or_else(unknown, |(left, right)| Ok(left < right)),
        ">" => texts().map_or_else(unknown, |(left, right)| Ok(left > right)),
        "-eq" => numbers().map_or_else(unknown, |(left, right)| Ok(left == right)),
        "-ne" => numbers().map_or_else(unknown, |(left, right)| Ok(left != right)),
        "-lt" => numbers().map_or_else(unknown, |(left, right)| Ok(left < right)),
        "-le" => numbers().map_or_else(unknown, |(left, right)| Ok(left <= right)),
        "-gt" => numbers().map_or_else(unknown, |(left, right)| Ok(left > right)),
        "-ge" => numbers().map_or_else(unknown, |(left, right)| Ok(left >= right)),
        _ => unknown(),
    }
}

/// Whether two words are the same text; no also where what is known of them cannot go together.
fn equal(left: &Word, right: &Word) -> Answer {
    match (left.known(), right.known()) {
        (Some(left), Some(right)) => Ok(left == right),
        (Some(whole), None) => may_be(right, &whole),
        (None, Some(whole)) => may_be(left, &whole),
        (None, None) => Err(settlers(&[left.clone(), right.clone()])),
    }
}

fn may_be(partly: &Word, whole: &str) -> Answer {
    let starts = match partly.parts.first() {
        Some(Part::Text(text)) => whole.starts_with(text.as_str()),
        _ => true,
    };
    let ends = match partly.parts.last() {
        Some(Part::Text(text)) => whole.ends_with(text.as_str()),
        _ => true,
    };
    if starts && ends { Err(settlers(std::slice::from_ref(partly))) } else { Ok(false) }
}

fn not_empty(word: &Word) -> Answer {
    match word.known() {
        Some(text) => Ok(!text.is_empty()),
        None if word
            .parts
            .iter()
            .any(|part| matches!(part, Part::Text(text) | Part::Glob(text) if !text.is_empty())) =>
        {
            Ok(true)
        }
        None => Err(settlers(std::slice::from_ref(word))),
    }
}

fn not(answer: Answer) -> Answer {
    answer.map(|yes| !yes)
}

/// `a || b` when `decisive` is yes, `a && b` when it is no: one such answer is enough.
fn joined(left: Answer, right: Answer, decisive: bool) -> Answer {
    match (left, right) {
        (Ok(answer), _) | (_, Ok(answer)) if answer == decisive => Ok(decisive),
        (Ok(_), Ok(_)) => Ok(!decisive),
        (Err(mut settlers), Err(others)) => {
            settlers.extend(others);
            Err(settlers)
        }
        (Err(settlers), _) | (_, Err(settlers)) => Err(settlers),
    }
}

pub(super) fn settlers(words: &[Word]) -> Vec<Settler> {
    let mut all = Vec::new();
    for settler in words.iter().filter_map(Word::unknown).flat_map(|need| &need.settled_by) {
        if !all.contains(settler) {
            all.push(settler.clone());
        }
    }
    all
}
