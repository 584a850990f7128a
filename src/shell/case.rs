//! `case`, and what a branch knows of the variable that chose it.

use crate::lists::Collect;
use std::sync::Arc;

use brush_parser::ast;

use crate::fact::{Condition, Fact, Knowledge, Provenance};
use crate::word::{Part, Word};

use super::State;
use super::compound::{either, leaves_failing, raw_word};
use super::pattern::Pattern;
use super::sentences::{self, excerpt};
use super::state::Value;
use super::walk::{Failing, Flow, Outcome, Walker};

impl Walker<'_> {
    pub(super) fn case_clause(
        &mut self,
        clause: &ast::CaseClauseCommand,
        state: &mut State,
        failing: Failing,
    ) -> Outcome {
        let raw = raw_word(&clause.value);
        let subject = self.single(raw, state);
        let shown = excerpt(&clause.value.value);
        let settled_by = subject.unknown().map(|need| need.settled_by.clone()).unwrap_or_default();
        let before = self.copy(state);
        // The states in which the clause may have ended, each with the condition for it.
        let mut ended: Vec<(State, Outcome, Arc<Condition>)> = Vec::new();
        let mut tried: Vec<String> = Vec::new();
        let mut falls_through = false;
        let mut decided = false;
        for item in &clause.cases {
            let patterns = item.patterns.iter().map(|word| word.value.as_str()).collect_vec().join("|");
            let matched = if falls_through { Some(true) } else { self.matched(&subject, &item.patterns, state) };
            if matched == Some(false) {
                tried.push(patterns);
                continue;
            }
            let mut own = self.copy(&before);
            let catches_all = patterns == "*";
            let condition = if catches_all && !tried.is_empty() {
                sentences::matches_none(&shown, &tried.join("|"), settled_by.clone())
            } else {
                sentences::matches(&shown, &patterns, settled_by.clone())
            };
            let is_certain = (matched == Some(true) || catches_all) && ended.is_empty();
            if !is_certain && !catches_all {
                self.refine_to(&clause.value.value, &item.patterns, &condition, &mut own);
            }
            let depth = self.conditions.len();
            if !is_certain {
                self.conditions.push(Arc::clone(&condition));
            }
            let outcome = match &item.cmd {
                Some(list) => self.list(list, &mut own, failing),
                None => Outcome::success(),
            };
            if !is_certain {
                self.conditions.truncate(depth);
            }
            restore(&before, &mut own, &condition);
            falls_through = matches!(item.post_action, ast::CaseItemPostAction::UnconditionallyExecuteNextCaseItem);
            ended.push((own, outcome, condition));
            tried.push(patterns);
            if (matched == Some(true) || catches_all) && !falls_through {
                decided = true;
                break;
            }
        }
        if !decided {
            let none = sentences::matches_none(&shown, &tried.join("|"), settled_by);
            ended.push((before, Outcome::success(), none));
        }
        self.joined_cases(ended, state)
    }

    fn joined_cases(&mut self, ended: Vec<(State, Outcome, Arc<Condition>)>, state: &mut State) -> Outcome {
        let only_one = ended.len() == 1;
        let (stay, leave): (Vec<_>, Vec<_>) = ended.into_iter().partition(|(_, outcome, _)| outcome.flow == Flow::Next);
        let all_leave = stay.is_empty();
        let conditional_exit = leave.iter().any(|(_, outcome, _)| !leaves_failing(outcome));
        if !all_leave && conditional_exit && !only_one {
            if let Some((_, _, condition)) = stay.first() {
                self.survive(Arc::clone(condition));
            }
        }
        let mut whole: Option<(State, Outcome)> = None;
        for (own, outcome, condition) in if all_leave { leave } else { stay } {
            whole = Some(match whole {
                None => (own, outcome),
                Some((mut state, so_far)) if outcome.flow == so_far.flow => {
                    state.join(own, &condition);
                    (state, Outcome { ends: either(so_far.ends, outcome.ends), ..so_far })
                }
                // A branch that fails is not the one a build went through.
                Some((_, so_far)) if leaves_failing(&so_far) => (own, outcome),
                Some(so_far) => so_far,
            });
        }
        let Some((own, outcome)) = whole else { return Outcome::success() };
        *state = own;
        outcome
    }

    /// Whether a word is among a branch's patterns.
    fn matched(&mut self, subject: &Word, patterns: &[ast::Word], state: &mut State) -> Option<bool> {
        let text = subject.known();
        let mut is_unknown = false;
        for pattern in patterns {
            match (self.pattern(raw_word(pattern), state), &text) {
                (Ok(pattern), Some(text)) if pattern.matches(text) => return Some(true),
                (Ok(_), Some(_)) => {}
                (Ok(pattern), None) if !may_match(subject, &pattern) => {}
                _ => is_unknown = true,
            }
        }
        if is_unknown { None } else { Some(false) }
    }

    /// In a branch for one literal, a variable that is not known has that value.
    fn refine_to(&mut self, subject: &str, patterns: &[ast::Word], condition: &Arc<Condition>, state: &mut State) {
        let Some(name) = variable_alone(subject) else { return };
        let [pattern] = patterns else { return };
        let Ok(pattern) = self.pattern(raw_word(pattern), state) else { return };
        if let Some(literal) = pattern.literal() {
            assume(name, literal, condition, state);
        }
    }
}

/// In the branch of `if [ "$x" = y ]`, an `x` that is not known is `y`.
pub(super) fn refine(condition: &ast::CompoundList, holds: &Arc<Condition>, state: &mut State) {
    let [ast::CompoundListItem(list, _)] = condition.0.as_slice() else { return };
    if !list.additional.is_empty() || list.first.bang {
        return;
    }
    let [command] = list.first.seq.as_slice() else { return };
    let (variable, value) = match command {
        ast::Command::ExtendedTest(test, _) => match &test.expr {
            ast::ExtendedTestExpr::BinaryTest(
                ast::BinaryPredicate::StringExactlyMatchesPattern | ast::BinaryPredicate::StringExactlyMatchesString,
                variable,
                value,
            ) => (variable.value.as_str(), value.value.as_str()),
            _ => return,
        },
        ast::Command::Simple(test) => {
            let words: Option<Vec<&str>> = test
                .suffix
                .iter()
                .flat_map(|suffix| &suffix.0)
                .map(|item| match item {
                    ast::CommandPrefixOrSuffixItem::Word(word) => Some(word.value.as_str()),
                    _ => None,
                })
                .collect();
            let name = test.word_or_name.as_ref().map(|word| word.value.as_str());
            match (name, words.as_deref()) {
                (Some("["), Some([variable, "=" | "==", value, "]"]))
                | (Some("test"), Some([variable, "=" | "==", value])) => (*variable, *value),
                _ => return,
            }
        }
        _ => return,
    };
    let value = ["\"", "'"].iter().find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote)).unwrap_or(value);
    if let Some(name) = variable_alone(variable)
        && !value.contains(['$', '`', '\\', '"', '\'', '*', '?', '['])
    {
        assume(name, value.to_owned(), holds, state);
    }
}

/// `$x`, `"$x"`, `${x}`
fn variable_alone(word: &str) -> Option<&str> {
    let bare = word.strip_prefix('"').and_then(|word| word.strip_suffix('"')).unwrap_or(word);
    let name = bare.strip_prefix('$')?;
    let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
    super::parameter::is_name(name).then_some(name)
}

/// Gives a variable that is not known the value that it has under a condition.
fn assume(name: &str, value: String, condition: &Arc<Condition>, state: &mut State) {
    if matches!(state.look_up(name), Value::Unknown(_)) {
        state.assign(name, Knowledge::Known(Fact::new(value, Provenance::Assumed(Arc::clone(condition)))));
    }
}

/// Takes back what was only assumed for the time of a branch.
pub(super) fn restore(before: &State, state: &mut State, condition: &Arc<Condition>) {
    let pairs = [
        (&before.environment.variables, &mut state.environment.variables),
        (&before.variables.variables, &mut state.variables.variables),
    ];
    for (before, now) in pairs {
        for (name, value) in &now.clone() {
            let is_assumed =
                value.known().is_some_and(|fact| matches!(&fact.from, Provenance::Assumed(by) if by == condition));
            if is_assumed {
                now.set(name, before.get(name).cloned());
            }
        }
    }
}

/// Whether a word of which parts are not known may match: it cannot when what it begins with forbids it.
fn may_match(subject: &Word, pattern: &Pattern) -> bool {
    let Some(literal) = pattern.literal() else { return true };
    let starts = match subject.parts.first() {
        Some(Part::Text(text)) => literal.starts_with(text.as_str()),
        _ => true,
    };
    let ends = match subject.parts.last() {
        Some(Part::Text(text)) => literal.ends_with(text.as_str()),
        _ => true,
    };
    starts && ends
}
