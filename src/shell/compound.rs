//! Groups, branches and loops.

use crate::lists::Collect;
use std::rc::Rc;
use std::sync::Arc;

use brush_parser::ast;
use brush_parser::ast::SourceLocation;

use crate::fact::{Condition, Knowledge, Settler};
use crate::word::{Part, Word};

use super::State;
use super::case::{refine, restore};
use super::expand::Raw;
use super::sentences::{self, Ends, excerpt};
use super::walk::{Failing, Flow, Outcome, Walker};

/// How often a loop is run whose words or condition are known; then its values become unknown.
const MAX_TURNS: usize = 1000;

impl Walker<'_> {
    pub(super) fn compound(&mut self, compound: &ast::CompoundCommand, state: &mut State, failing: Failing) -> Outcome {
        let outcome = self.deeper(|walker| walker.compound_inside(compound, state, failing));
        outcome.unwrap_or_else(|| self.too_deep(compound, state))
    }

    fn too_deep(&mut self, compound: &ast::CompoundCommand, state: &mut State) -> Outcome {
        let (start, end) = compound.location().map_or((0, 0), |span| (span.start.index, span.end.index));
        let at = self.location(start, end.max(start));
        let piece = excerpt(self.source.excerpt.text.get(start..end).unwrap_or_default());
        let need = sentences::unread(super::lexer::Trouble::TooDeep, &piece, at.clone());
        self.opaque(need, at, state)
    }

    fn compound_inside(&mut self, compound: &ast::CompoundCommand, state: &mut State, failing: Failing) -> Outcome {
        use ast::CompoundCommand as Compound;
        match compound {
            Compound::BraceGroup(group) => self.list(&group.list, state, failing),
            Compound::Subshell(group) => {
                let mut own = self.copy(state);
                self.isolated(|walker| walker.list(&group.list, &mut own, failing))
            }
            Compound::IfClause(clause) => self.if_clause(clause, state, failing),
            Compound::CaseClause(clause) => self.case_clause(clause, state, failing),
            Compound::ForClause(clause) => self.for_clause(clause, state),
            Compound::WhileClause(clause) => self.while_clause(clause, true, state),
            Compound::UntilClause(clause) => self.while_clause(clause, false, state),
            Compound::Arithmetic(command) => {
                let (start, end) = (command.loc.start.index, command.loc.end.index);
                let value = self.calculated(Raw::new(&command.expr.value, start + 2), state);
                let answer = value.map(|value| value != 0).ok_or_else(Vec::new);
                Outcome::next(self.answered(answer, start, end))
            }
            Compound::ArithmeticForClause(clause) => self.arithmetic_for(clause, state),
            Compound::Coprocess(clause) => {
                let mut own = state.clone();
                let around = std::mem::replace(&mut self.background, true);
                if let ast::Command::Compound(inner, _) = &*clause.body {
                    self.isolated(|walker| walker.compound(inner, &mut own, Failing::Passes));
                }
                self.background = around;
                Outcome::success()
            }
        }
    }

    fn if_clause(&mut self, clause: &ast::IfClauseCommand, state: &mut State, failing: Failing) -> Outcome {
        let elses = clause.elses.as_deref().unwrap_or_default();
        self.branches((&clause.condition, &clause.then), elses, state, failing)
    }

    fn branches(
        &mut self,
        (condition, then): (&ast::CompoundList, &ast::CompoundList),
        elses: &[ast::ElseClause],
        state: &mut State,
        failing: Failing,
    ) -> Outcome {
        let test = self.sparing(|walker| walker.list(condition, state, Failing::Decides));
        if test.flow != Flow::Next {
            return test;
        }
        match test.ends {
            Ends::Success => self.list(then, state, failing),
            Ends::Failure => self.otherwise(elses, state, failing),
            Ends::Unknown(reason) => {
                let (holds, fails) = (reason.holds(), reason.fails());
                let mut other = self.copy(state);
                refine(condition, &holds, state);
                let depth = self.conditions.len();
                self.conditions.push(Arc::clone(&holds));
                let yes = self.list(then, state, failing);
                restore(&other, state, &holds);
                self.conditions.truncate(depth);
                self.conditions.push(Arc::clone(&fails));
                let no = self.otherwise(elses, &mut other, failing);
                self.conditions.truncate(depth);
                self.joined_branches((yes, holds), (no, other, fails), state)
            }
        }
    }

    fn otherwise(&mut self, elses: &[ast::ElseClause], state: &mut State, failing: Failing) -> Outcome {
        let Some((first, rest)) = elses.split_first() else { return Outcome::success() };
        match &first.condition {
            Some(condition) => self
                .deeper(|walker| walker.branches((condition, &first.body), rest, state, failing))
                .unwrap_or_else(|| {
                    let at = self.location(0, 0);
                    self.opaque(sentences::too_much(at.clone()), at, state)
                }),
            None => self.list(&first.body, state, failing),
        }
    }

    /// Two branches of which one was taken: `state` is the first one's, and becomes what holds after both.
    fn joined_branches(
        &mut self,
        (yes, holds): (Outcome, Arc<Condition>),
        (no, other, fails): (Outcome, State, Arc<Condition>),
        state: &mut State,
    ) -> Outcome {
        match (yes.flow == Flow::Next, no.flow == Flow::Next) {
            (true, true) => {
                state.join(other, &holds);
                Outcome::next(either(yes.ends, no.ends))
            }
            // One branch leaves: what comes after is reached through the other one.
            (true, false) => {
                if !leaves_failing(&no) {
                    self.survive(holds);
                }
                yes
            }
            (false, true) => {
                *state = other;
                if !leaves_failing(&yes) {
                    self.survive(fails);
                }
                no
            }
            (false, false) => {
                state.join(other, &holds);
                let flow = if leaves_failing(&yes) { no.flow } else { yes.flow };
                let ends = if leaves_failing(&yes) {
                    no.ends
                } else if leaves_failing(&no) {
                    yes.ends
                } else {
                    either(yes.ends, no.ends)
                };
                Outcome { ends, flow }
            }
        }
    }

    fn for_clause(&mut self, clause: &ast::ForClauseCommand, state: &mut State) -> Outcome {
        let words = match &clause.values {
            Some(values) => values.iter().flat_map(|word| self.fields(raw_word(word), state)).collect_vec(),
            None => match &state.arguments {
                Some(arguments) => arguments.iter().skip(1).cloned().collect_vec(),
                None => vec![Word { parts: vec![Part::Unknown(self.arguments_unknown())] }],
            },
        };
        self.forget_premises();
        let shown = excerpt(&clause.values.iter().flatten().map(|word| word.value.as_str()).collect_vec().join(" "));
        let mut outcome = Outcome::success();
        let depth = self.conditions.len();
        for (n, word) in words.iter().enumerate() {
            let at = self.location(clause.loc.start.index, clause.loc.end.index);
            if n >= MAX_TURNS {
                let need = sentences::too_much(at.clone());
                outcome = self.opaque(need, at, state);
                break;
            }
            let certain = word.known().is_some();
            let knowledge = match word.glob() {
                Some(pattern) => Knowledge::Unknown(sentences::not_worked_out(&pattern, at)),
                None => self.knowledge(&clause.variable_name, word, at),
            };
            outcome = if certain {
                state.assign(&clause.variable_name, knowledge);
                self.list(&clause.body.list, state, Failing::Passes)
            } else {
                let settled_by = word.unknown().map(|need| need.settled_by.clone()).unwrap_or_default();
                let runs = sentences::loop_runs(&shown, settled_by);
                self.branch(&runs, &runs, state, |walker, state| {
                    state.assign(&clause.variable_name, knowledge);
                    walker.list(&clause.body.list, state, Failing::Passes)
                })
            };
            match self.turned(&mut outcome) {
                Turn::On => {}
                Turn::Out => break,
            }
        }
        if outcome.flow == Flow::Next {
            self.conditions.truncate(depth);
        }
        outcome
    }

    /// What a turn of a loop left behind: whether the next one is run.
    fn turned(&mut self, outcome: &mut Outcome) -> Turn {
        match outcome.flow {
            Flow::Next => Turn::On,
            Flow::Continue(1) => {
                outcome.flow = Flow::Next;
                Turn::On
            }
            Flow::Break(1) => {
                outcome.flow = Flow::Next;
                Turn::Out
            }
            Flow::Continue(n) => {
                outcome.flow = Flow::Continue(n - 1);
                Turn::Out
            }
            Flow::Break(n) => {
                outcome.flow = Flow::Break(n - 1);
                Turn::Out
            }
            Flow::Return | Flow::Exit => Turn::Out,
        }
    }

    fn while_clause(
        &mut self,
        ast::WhileOrUntilClauseCommand(condition, body, _): &ast::WhileOrUntilClauseCommand,
        goes_on: bool,
        state: &mut State,
    ) -> Outcome {
        let depth = self.conditions.len();
        let mut outcome = Outcome::success();
        for turn in 0.. {
            let test = self.sparing(|walker| walker.list(condition, state, Failing::Decides));
            if test.flow != Flow::Next {
                return test;
            }
            let runs = match &test.ends {
                Ends::Success => Some(goes_on),
                Ends::Failure => Some(!goes_on),
                Ends::Unknown(_) => None,
            };
            match (runs, test.ends) {
                (Some(true), _) if turn < MAX_TURNS && !(turn > 0 && always(condition)) => {
                    outcome = self.list(&body.list, state, Failing::Passes);
                    if matches!(self.turned(&mut outcome), Turn::Out) {
                        break;
                    }
                }
                (Some(false), _) => break,
                (_, Ends::Unknown(reason)) => {
                    let (mut runs, mut ends) = (reason.holds(), reason.fails());
                    if !goes_on {
                        std::mem::swap(&mut runs, &mut ends);
                    }
                    let before = state.clone();
                    outcome = self.branch(&runs, &ends, state, |walker, state| {
                        let mut outcome = walker.list(&body.list, state, Failing::Passes);
                        walker.turned(&mut outcome);
                        outcome
                    });
                    // More turns may have come to other values.
                    forget_changes(&before, state, &runs);
                    break;
                }
                // Nothing that is seen here ends it; one turn stands for all.
                _ => break,
            }
        }
        if outcome.flow == Flow::Next {
            self.conditions.truncate(depth);
        }
        outcome
    }

    fn arithmetic_for(&mut self, clause: &ast::ArithmeticForClauseCommand, state: &mut State) -> Outcome {
        let at = clause.loc.start.index;
        if let Some(first) = &clause.initializer {
            self.calculated(Raw::new(&first.value, at), state);
        }
        let mut outcome = Outcome::success();
        for turn in 0.. {
            let runs = match &clause.condition {
                Some(condition) => self.calculated(Raw::new(&condition.value, at), state).map(|value| value != 0),
                None => Some(turn == 0),
            };
            if runs == Some(false) || turn >= MAX_TURNS {
                break;
            }
            let before = state.clone();
            let shown = clause.condition.as_ref().map_or("", |condition| condition.value.as_str());
            outcome = if runs.is_some() {
                self.list(&clause.body.list, state, Failing::Passes)
            } else {
                let runs = sentences::loop_runs(shown, Vec::new());
                self.branch(&runs, &runs, state, |walker, state| walker.list(&clause.body.list, state, Failing::Passes))
            };
            if matches!(self.turned(&mut outcome), Turn::Out) {
                break;
            }
            if let Some(step) = &clause.updater {
                self.calculated(Raw::new(&step.value, at), state);
            }
            if runs.is_none() {
                forget_changes(&before, state, &sentences::loop_runs(shown, Vec::new()));
                break;
            }
        }
        outcome
    }

    pub(super) fn arguments_unknown(&self) -> Arc<crate::fact::Need> {
        sentences::not_worked_out("$@", self.location(0, 0))
    }

    /// How a question ends: answered, or what would answer it.
    pub(super) fn answered(&self, answer: Result<bool, Vec<Settler>>, start: usize, end: usize) -> Ends {
        match answer {
            Ok(true) => Ends::Success,
            Ok(false) => Ends::Failure,
            Err(settled_by) => Ends::Unknown(Rc::new(sentences::Reason {
                command: excerpt(self.source.excerpt.text.get(start..end).unwrap_or_default()),
                is_test: true,
                inverted: false,
                settled_by,
            })),
        }
    }
}

enum Turn {
    On,
    Out,
}

pub(super) fn raw_word(word: &ast::Word) -> Raw<'_> {
    Raw::new(&word.value, word.loc.as_ref().map_or(0, |span| span.start.index))
}

pub(super) fn leaves_failing(outcome: &Outcome) -> bool {
    matches!((outcome.flow, &outcome.ends), (Flow::Exit | Flow::Return, Ends::Failure))
}

pub(super) fn either(a: Ends, b: Ends) -> Ends {
    match (a, b) {
        (Ends::Success, Ends::Success) => Ends::Success,
        (Ends::Failure, Ends::Failure) => Ends::Failure,
        (Ends::Unknown(reason), _) | (_, Ends::Unknown(reason)) => Ends::Unknown(reason),
        // A branch that fails is not the one a build went through.
        _ => Ends::Success,
    }
}

/// `while true`, `while :`
fn always(condition: &ast::CompoundList) -> bool {
    let [ast::CompoundListItem(list, _)] = condition.0.as_slice() else { return false };
    let [ast::Command::Simple(simple)] = list.first.seq.as_slice() else { return false };
    simple.word_or_name.as_ref().is_some_and(|word| matches!(word.value.as_str(), "true" | ":"))
}

fn forget_changes(before: &State, state: &mut State, condition: &Condition) {
    let pairs = [(&before.variables, &mut state.variables), (&before.environment, &mut state.environment)];
    for (before, now) in pairs {
        for (name, value) in &now.variables.clone() {
            if before.variables.get(name) != Some(value) {
                let depends = super::state::depends(name, condition);
                now.variables.insert(Arc::clone(name), Knowledge::Unknown(depends));
            }
        }
    }
}
