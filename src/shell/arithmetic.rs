//! Arithmetic on whole numbers that are known.

use super::State;
use super::expand::{Quoting, Raw};
use super::nesting::MAX_NESTING;
use super::sentences::{excerpt, not_worked_out};
use super::state::Value;
use super::walk::Walker;
use crate::fact::{Knowledge, Need};
use std::sync::Arc;

impl Walker<'_> {
    /// `$((…))`
    pub(super) fn arithmetic_piece(&mut self, inner: Raw<'_>, state: &mut State) -> Result<String, Arc<Need>> {
        let at = self.location(inner.at, inner.at + inner.text.len());
        self.calculated(inner, state)
            .map(|number| number.to_string())
            .ok_or_else(|| not_worked_out(&format!("$(({}))", excerpt(inner.text)), at))
    }

    /// The value of an expression, its assignments done; `None` when it is not known.
    pub(super) fn calculated(&mut self, raw: Raw<'_>, state: &mut State) -> Option<i64> {
        let text = self.joined(raw, Quoting::Document, state).known().map(std::borrow::Cow::into_owned);
        let text = text.unwrap_or_default();
        let (name, expression) = assignment(&text);
        let current = |name: &str, state: &State| number(name, state);
        let value = match (name, expression) {
            (Some(name), Change::Set(expression)) => evaluate(expression, state).map(|value| (name, value, value)),
            (Some(name), Change::By(operator, expression)) => {
                let by = evaluate(expression, state);
                current(name, state)
                    .zip(by)
                    .and_then(|(now, by)| apply(operator, now, by))
                    .map(|value| (name, value, value))
            }
            (Some(name), Change::Step { by, first }) => current(name, state).and_then(|now| {
                let after = now.checked_add(by)?;
                Some((name, after, if first { after } else { now }))
            }),
            (None, Change::Set(expression) | Change::By(_, expression)) => return evaluate(expression, state),
            (None, Change::Step { .. }) => return None,
        };
        let at = self.location(raw.at, raw.at + raw.text.len());
        if let (None, Some(name)) = (value, name) {
            state.assign(name, Knowledge::Unknown(not_worked_out(&excerpt(raw.text), at)));
            return None;
        }
        let (name, after, result) = value?;
        let fact = self.fact(name, after.to_string(), at);
        state.assign(name, Knowledge::Known(fact));
        Some(result)
    }
}

enum Change<'e> {
    Set(&'e str),
    By(&'e str, &'e str),
    Step { by: i64, first: bool },
}

/// `x = …`, `x += …`, `x++`, `--x`: the name and what becomes of it; no name for a mere expression.
fn assignment(text: &str) -> (Option<&str>, Change<'_>) {
    let text = text.trim();
    for (mark, by) in [("++", 1), ("--", -1)] {
        if let Some(name) = text.strip_prefix(mark).map(str::trim).filter(|name| super::parameter::is_name(name)) {
            return (Some(name), Change::Step { by, first: true });
        }
        if let Some(name) = text.strip_suffix(mark).map(str::trim).filter(|name| super::parameter::is_name(name)) {
            return (Some(name), Change::Step { by, first: false });
        }
    }
    if let Some((left, right)) = text.split_once('=') {
        let (name, operator) = match left.trim_end().strip_suffix(['+', '-', '*', '/', '%']) {
            Some(name) => (name.trim(), &left.trim_end()[left.trim_end().len() - 1..]),
            None => (left.trim(), ""),
        };
        if super::parameter::is_name(name) && !right.starts_with('=') {
            return match operator {
                "" => (Some(name), Change::Set(right)),
                operator => (Some(name), Change::By(operator, right)),
            };
        }
    }
    (None, Change::Set(text))
}

/// A variable as a number: unset and empty are zero.
fn number(name: &str, state: &State) -> Option<i64> {
    match state.look_up(name) {
        Value::Unset => Some(0),
        Value::Unknown(_) => None,
        Value::Known(fact) if fact.value.trim().is_empty() => Some(0),
        // A value that is itself an expression is not followed: each could name the next one twice.
        Value::Known(fact) => fact.value.trim().parse().ok(),
    }
}

fn evaluate(text: &str, state: &State) -> Option<i64> {
    let mut parser = Parser { rest: text, state };
    let value = parser.binary(0, 0)?;
    parser.rest.trim_start().is_empty().then_some(value)
}

struct Parser<'e> {
    rest: &'e str,
    state: &'e State,
}

/// From the loosest to the tightest; operators that begin alike stand longest first.
const LEVELS: [&[&str]; 10] = [
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<=", ">=", "<<", ">>", "<", ">"],
    &["+", "-"],
    &["*", "/", "%"],
    &["**"],
];

impl Parser<'_> {
    fn binary(&mut self, level: usize, depth: usize) -> Option<i64> {
        if depth > MAX_NESTING {
            return None;
        }
        let Some(operators) = LEVELS.get(level) else { return self.unary(depth) };
        let mut value = self.binary(level + 1, depth)?;
        while let Some(operator) = self.take(operators) {
            let right = self.binary(level + 1, depth)?;
            value = apply(operator, value, right)?;
        }
        Some(value)
    }

    fn take(&mut self, operators: &[&'static str]) -> Option<&'static str> {
        let rest = self.rest.trim_start();
        let operator = operators.iter().find(|operator| rest.starts_with(**operator))?;
        let after = &rest[operator.len()..];
        // `&` is not half of `&&`, and `*` not half of `**`.
        if operator.len() == 1 && after.starts_with(*operator) {
            return None;
        }
        self.rest = after;
        Some(operator)
    }

    fn unary(&mut self, depth: usize) -> Option<i64> {
        if depth > MAX_NESTING {
            return None;
        }
        self.rest = self.rest.trim_start();
        let mut characters = self.rest.chars();
        match characters.next()? {
            '-' => self.after(characters.as_str(), depth)?.checked_neg(),
            '+' => self.after(characters.as_str(), depth),
            '!' => self.after(characters.as_str(), depth).map(|value| i64::from(value == 0)),
            '~' => self.after(characters.as_str(), depth).map(|value| !value),
            '(' => {
                self.rest = characters.as_str();
                let value = self.binary(0, depth + 1)?;
                self.rest = self.rest.trim_start().strip_prefix(')')?;
                Some(value)
            }
            _ => self.operand(),
        }
    }

    fn after(&mut self, rest: &str, depth: usize) -> Option<i64> {
        self.rest = &self.rest[self.rest.len() - rest.len()..];
        self.unary(depth + 1)
    }

    fn operand(&mut self) -> Option<i64> {
        let end = self.rest.find(|c: char| !(c == '_' || c.is_ascii_alphanumeric())).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            return match word.strip_prefix("0x").or(word.strip_prefix("0X")) {
                Some(digits) => i64::from_str_radix(digits, 16).ok(),
                None if word.len() > 1 && word.starts_with('0') => i64::from_str_radix(word, 8).ok(),
                None => word.parse().ok(),
            };
        }
        (!word.is_empty()).then(|| number(word, self.state))?
    }
}

fn apply(operator: &str, a: i64, b: i64) -> Option<i64> {
    match operator {
        "||" => Some(i64::from(a != 0 || b != 0)),
        "&&" => Some(i64::from(a != 0 && b != 0)),
        "|" => Some(a | b),
        "^" => Some(a ^ b),
        "&" => Some(a & b),
        "==" => Some(i64::from(a == b)),
        "!=" => Some(i64::from(a != b)),
        "<=" => Some(i64::from(a <= b)),
        ">=" => Some(i64::from(a >= b)),
        "<" => Some(i64::from(a < b)),
        ">" => Some(i64::from(a > b)),
        "<<" => a.checked_shl(u32::try_from(b).ok()?),
        ">>" => a.checked_shr(u32::try_from(b).ok()?),
        "+" => a.checked_add(b),
        "-" => a.checked_sub(b),
        "**" => a.checked_pow(u32::try_from(b).ok()?),
        "*" => a.checked_mul(b),
        "/" => a.checked_div(b),
        "%" => a.checked_rem(b),
        _ => None,
    }
}
