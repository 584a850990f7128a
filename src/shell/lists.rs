//! Lists and pipelines: what runs after what, and under which condition.

use crate::lists::Collect;
use std::rc::Rc;
use std::sync::Arc;

use brush_parser::ast;
use brush_parser::ast::SourceLocation;

use crate::fact::Condition;

use super::State;
use super::sentences::{self, Ends, Reason, excerpt};
use super::walk::{COMMAND_WORK, Failing, Flow, Outcome, Output, Walker, passing};

impl Walker<'_> {
    pub(super) fn list(&mut self, list: &ast::CompoundList, state: &mut State, failing: Failing) -> Outcome {
        let mut outcome = Outcome::success();
        for (n, ast::CompoundListItem(and_or, separator)) in list.0.iter().enumerate() {
            self.spend(COMMAND_WORK);
            if self.exhausted() {
                return self.give_up(and_or.location(), state);
            }
            let is_last = n + 1 == list.0.len();
            if matches!(separator, ast::SeparatorOperator::Async) {
                let mut branch = self.copy(state);
                let around = std::mem::replace(&mut self.background, true);
                self.isolated(|walker| walker.and_or(and_or, &mut branch, Failing::Passes));
                self.background = around;
                outcome = Outcome::success();
                continue;
            }
            outcome = self.and_or(and_or, state, if is_last { failing } else { passing(failing) });
            self.last = outcome.ends.clone();
            if outcome.flow != Flow::Next {
                return outcome;
            }
            let stops = state.stops_at_errors && !self.spared && and_or.additional.is_empty();
            if stops && matches!(outcome.ends, Ends::Failure) && !and_or.first.bang {
                return Outcome { flow: Flow::Exit, ..outcome };
            }
        }
        outcome
    }

    fn give_up(&mut self, at: Option<brush_parser::SourceSpan>, state: &mut State) -> Outcome {
        let (start, end) = at.map_or((0, 0), |span| (span.start.index, span.end.index));
        let at = self.location(start, end.max(start));
        let need = sentences::too_much(at.clone());
        let already = self.unread.iter().any(|known| known.text == need.text);
        let outcome = if already { Outcome::next(self.last.clone()) } else { self.opaque(need, at, state) };
        Outcome { flow: Flow::Exit, ..outcome }
    }

    fn and_or(&mut self, list: &ast::AndOrList, state: &mut State, failing: Failing) -> Outcome {
        // With `set -e` a single pipeline that fails ends the script.
        let alone = list.additional.is_empty();
        let failing = match failing {
            Failing::Passes if alone && state.stops_at_errors => Failing::Ends,
            failing => failing,
        };
        // The last `|| …` tells what the failure of all before it means.
        let rescue = list.additional.iter().rposition(|item| matches!(item, ast::AndOr::Or(_)));
        let before_rescue = match rescue.and_then(|n| list.additional.get(n)) {
            Some(ast::AndOr::Or(pipeline)) if surely_fails(pipeline) && failing != Failing::Decides => Failing::Ends,
            Some(_) => Failing::Decides,
            None => failing,
        };
        let failing_at = |n: usize| if rescue.is_some_and(|rescue| n <= rescue) { before_rescue } else { failing };
        let start = list.first.location().map_or(0, |span| span.start.index);
        let mut outcome = if alone {
            self.pipeline(&list.first, state, failing)
        } else {
            self.sparing(|walker| walker.pipeline(&list.first, state, failing_at(0)))
        };
        for (n, item) in list.additional.iter().enumerate() {
            if outcome.flow != Flow::Next {
                return outcome;
            }
            self.spend(COMMAND_WORK);
            self.last = outcome.ends.clone();
            let here = failing_at(n + 1);
            outcome = match item {
                ast::AndOr::And(pipeline) => self.and(pipeline, outcome, failing_at(n), here, state),
                ast::AndOr::Or(pipeline) => self.or(pipeline, outcome, here, state),
            };
            if let Ends::Unknown(reason) = &mut outcome.ends {
                // What decides is the list so far, not its last command alone.
                let end = pipeline_of(item).location().map_or(start, |span| span.end.index);
                if let Some(text) = self.source.excerpt.text.get(start..end)
                    && rescue.is_some()
                {
                    let settled_by = reason.settled_by.clone();
                    *reason = Rc::new(Reason {
                        command: excerpt(text),
                        is_test: reason.is_test,
                        inverted: false,
                        settled_by,
                    });
                }
            }
        }
        outcome
    }

    /// Walks where `set -e` does not end the script.
    pub(super) fn sparing<T>(&mut self, inside: impl FnOnce(&mut Self) -> T) -> T {
        let around = std::mem::replace(&mut self.spared, true);
        let result = inside(self);
        self.spared = around;
        result
    }

    /// `left && right`
    fn and(
        &mut self,
        right: &ast::Pipeline,
        left: Outcome,
        failing: Failing,
        after: Failing,
        state: &mut State,
    ) -> Outcome {
        let reason = match &left.ends {
            Ends::Failure => return left,
            Ends::Success => return self.pipeline(right, state, after),
            Ends::Unknown(reason) => Rc::clone(reason),
        };
        // A build goes on only where its commands succeed; a question may well be answered with no.
        let assumed = match failing {
            Failing::Ends => true,
            Failing::Passes => !reason.is_test,
            Failing::Decides => false,
        };
        if assumed {
            return self.pipeline(right, state, after);
        }
        let outcome =
            self.branch(&reason.holds(), &reason.fails(), state, |walker, state| walker.pipeline(right, state, after));
        match outcome.ends {
            Ends::Success => Outcome { ends: left.ends, ..outcome },
            _ => outcome,
        }
    }

    /// `left || right`
    fn or(&mut self, right: &ast::Pipeline, left: Outcome, after: Failing, state: &mut State) -> Outcome {
        let reason = match &left.ends {
            Ends::Success => return left,
            Ends::Failure => return self.pipeline(right, state, after),
            Ends::Unknown(reason) => Rc::clone(reason),
        };
        if surely_fails(right) {
            return left;
        }
        let outcome =
            self.branch(&reason.fails(), &reason.holds(), state, |walker, state| walker.pipeline(right, state, after));
        match outcome.ends {
            Ends::Failure => Outcome { ends: left.ends, ..outcome },
            _ => outcome,
        }
    }

    /// Walks what is run only under a condition, and joins what it does with that it is not run.
    pub(super) fn branch(
        &mut self,
        condition: &Arc<Condition>,
        otherwise: &Arc<Condition>,
        state: &mut State,
        inside: impl FnOnce(&mut Self, &mut State) -> Outcome,
    ) -> Outcome {
        let depth = self.conditions.len();
        self.conditions.push(Arc::clone(condition));
        let mut taken = self.copy(state);
        let outcome = inside(self, &mut taken);
        self.conditions.truncate(depth);
        self.settle(outcome, taken, condition, otherwise, state)
    }

    /// What holds after a branch that may or may not have been taken.
    fn settle(
        &mut self,
        outcome: Outcome,
        taken: State,
        condition: &Arc<Condition>,
        otherwise: &Arc<Condition>,
        state: &mut State,
    ) -> Outcome {
        if outcome.flow == Flow::Next {
            state.join(taken, condition);
            return outcome;
        }
        // What comes after a failing `exit` is only reached when the branch was not taken, and then the build goes on;
        // after any other way out, whatever follows hangs on it.
        if !outcome.fails_the_script() {
            self.survive(Arc::clone(otherwise));
        }
        Outcome::next(Ends::Success)
    }

    pub(super) fn pipeline(&mut self, pipeline: &ast::Pipeline, state: &mut State, failing: Failing) -> Outcome {
        if pipeline.bang {
            let outcome = self.sparing(|walker| walker.pipeline_inside(pipeline, state, Failing::Decides));
            return Outcome { ends: inverted(outcome.ends, outcome.flow), ..outcome };
        }
        self.pipeline_inside(pipeline, state, failing)
    }

    fn pipeline_inside(&mut self, pipeline: &ast::Pipeline, state: &mut State, failing: Failing) -> Outcome {
        match pipeline.seq.as_slice() {
            [] => Outcome::success(),
            [command] => self.any_command(command, state, failing),
            commands => self.pipe(commands, state, failing),
        }
    }

    /// `a | b | c`: each in a shell of its own, each output the next one's input.
    fn pipe(&mut self, commands: &[ast::Command], state: &State, failing: Failing) -> Outcome {
        let around = std::mem::replace(&mut self.piped, true);
        let input = self.input.take();
        let captures = self.output.is_some();
        let mut any_fails = None;
        let mut ends = Ends::Success;
        for (n, command) in commands.iter().enumerate() {
            let is_last = n + 1 == commands.len();
            let mut own = self.copy(state);
            let before = if is_last { None } else { Some(self.output.replace(Output::default())) };
            let is_counted = is_last || state.pipes_fail;
            let failing = if is_counted { failing } else { Failing::Passes };
            let outcome = self.isolated(|walker| walker.any_command(command, &mut own, failing));
            if let Some(before) = before {
                let output = std::mem::replace(&mut self.output, before).unwrap_or_default();
                self.input = if output.unknown.is_none() { Some(output.text) } else { None };
            }
            if matches!(outcome.ends, Ends::Failure) {
                any_fails = Some(outcome.ends.clone());
            }
            ends = outcome.ends;
        }
        debug_assert_eq!(captures, self.output.is_some());
        self.input = input;
        self.piped = around;
        Outcome::next(match any_fails {
            Some(failure) if state.pipes_fail => failure,
            _ => ends,
        })
    }

    /// Walks what runs in a shell of its own: it can leave only that one.
    pub(super) fn isolated(&mut self, inside: impl FnOnce(&mut Self) -> Outcome) -> Outcome {
        let depth = self.conditions.len();
        let replaced = self.replaced.take();
        let functions = self.functions.clone();
        let outcome = inside(self);
        self.functions = functions;
        self.replaced = replaced;
        self.conditions.truncate(depth);
        Outcome::next(outcome.ends)
    }
}

/// What `!` makes of a status; a way out is none.
fn inverted(ends: Ends, flow: Flow) -> Ends {
    match ends {
        ends if flow != Flow::Next => ends,
        Ends::Success => Ends::Failure,
        Ends::Failure => Ends::Success,
        Ends::Unknown(reason) => {
            Ends::Unknown(Rc::new(Reason { inverted: !reason.inverted, ..Reason::clone(&reason) }))
        }
    }
}

fn pipeline_of(item: &ast::AndOr) -> &ast::Pipeline {
    match item {
        ast::AndOr::And(pipeline) | ast::AndOr::Or(pipeline) => pipeline,
    }
}

/// Whether a command is there to fail: `exit 1`, `false`, `{ echo …; exit 1; }`, `(echo …; exit 1)`.
fn surely_fails(pipeline: &ast::Pipeline) -> bool {
    let [command] = pipeline.seq.as_slice() else { return false };
    if pipeline.bang {
        return false;
    }
    let last = |list: &ast::CompoundList| {
        list.0.last().is_some_and(|item| item.0.additional.is_empty() && surely_fails(&item.0.first))
    };
    match command {
        ast::Command::Simple(simple) => {
            let arguments: Vec<&str> =
                simple.suffix.iter().flat_map(|suffix| &suffix.0).filter_map(word_text).collect_vec();
            match (simple.word_or_name.as_ref().map(|word| word.value.as_str()), arguments.as_slice()) {
                (Some("false"), _) | (Some("exit" | "return"), []) => true,
                (Some("exit" | "return"), [status, ..]) => status.parse::<u32>().is_ok_and(|status| status != 0),
                _ => false,
            }
        }
        ast::Command::Compound(ast::CompoundCommand::BraceGroup(group), _) => last(&group.list),
        ast::Command::Compound(ast::CompoundCommand::Subshell(group), _) => last(&group.list),
        _ => false,
    }
}

fn word_text(item: &ast::CommandPrefixOrSuffixItem) -> Option<&str> {
    match item {
        ast::CommandPrefixOrSuffixItem::Word(word) => Some(&word.value),
        _ => None,
    }
}
