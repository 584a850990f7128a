//! The walk: what it carries along, and the ways into scripts, statements and substitutions.

use crate::lists::Map;
use std::rc::Rc;
use std::sync::Arc;

use brush_parser::ast;

use crate::fact::{Condition, Fact, Need, Provenance, Step};
use crate::source::{Excerpt, Location};
use crate::text;
use crate::word::{Environment, Part, Word};

use super::expand::{Piece, Raw, unsplit};
use super::grammar::{Statement, Statements};
use super::sentences::{self, Ends, Reason, excerpt};
use super::{Command, Dialect, Ending, EndingKind, Host, Redirection, State, Status};

/// How deep groups, functions, substitutions and scripts within scripts are followed: each takes stack.
const MAX_LEVELS: usize = 64;

/// How much is done for one script, in commands and bytes of expanded text: loops within loops, and functions that
/// call each other, end here.
const MAX_WORK: u64 = 1 << 26;

/// How much more for each byte of the script, so that a long one without loops is walked to its end.
const WORK_PER_BYTE: u64 = 128;

/// What one command counts for in [`MAX_WORK`], beside its text.
pub(super) const COMMAND_WORK: usize = 256;

/// What a variable counts for that is copied with its state.
const VARIABLE_WORK: usize = 16;

/// How many conditions are kept for a command: whoever reads them has had enough long before.
const MAX_CONDITIONS: usize = 50;

/// What follows from a command's failure.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Failing {
    /// The script fails with it: whatever comes later was only reached because it did not.
    Ends,
    /// Nothing: the script goes on.
    Passes,
    /// It decides what is run next.
    Decides,
}

/// Where the walk goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    Next,
    Break(usize),
    Continue(usize),
    Return,
    Exit,
}

#[derive(Clone, Debug)]
pub(super) struct Outcome {
    pub(super) ends: Ends,
    pub(super) flow: Flow,
}

impl Outcome {
    pub(super) fn next(ends: Ends) -> Self {
        Self { ends, flow: Flow::Next }
    }

    pub(super) fn success() -> Self {
        Self::next(Ends::Success)
    }

    pub(super) fn failure() -> Self {
        Self::next(Ends::Failure)
    }

    /// The script would fail here.
    pub(super) fn fails_the_script(&self) -> bool {
        matches!((self.flow, &self.ends), (Flow::Exit | Flow::Return, Ends::Failure))
    }
}

/// A text and the file that it stands in.
pub(super) struct Source {
    pub(super) excerpt: Excerpt,
    pub(super) path: Arc<str>,
    pub(super) dialect: Dialect,
}

#[derive(Clone)]
pub(super) struct Function {
    pub(super) source: Rc<Source>,
    pub(super) body: Rc<ast::FunctionBody>,
}

/// What is collected of the output inside `$(…)`.
#[derive(Default)]
pub(super) struct Output {
    pub(super) text: String,
    pub(super) unknown: Option<Arc<Need>>,
}

pub(super) struct Walker<'h> {
    pub(super) host: &'h mut dyn Host,
    pub(super) source: Rc<Source>,
    pub(super) functions: Map<Function>,
    /// Under which the current command is reached, outermost first.
    pub(super) conditions: Vec<Arc<Condition>>,
    /// Redirections of the groups around.
    pub(super) outer: Vec<Redirection>,
    pub(super) piped: bool,
    pub(super) background: bool,
    /// The failure of the command that is about to be run does not end the script.
    pub(super) caught: bool,
    pub(super) output: Option<Output>,
    /// `set -e` does not end the script here: the command is a condition, or stands before `&&` or `||`.
    pub(super) spared: bool,
    /// What is known of the standard input.
    pub(super) input: Option<String>,
    pub(super) last: Ends,
    /// `local` variables, to be put back when their function returns.
    pub(super) locals: Vec<Map<super::builtins::Saved>>,
    pub(super) replaced: Option<Vec<Word>>,
    pub(super) unread: Vec<Arc<Need>>,
    /// Why the values that were used in this expansion hold only under a condition.
    premises: Vec<Step>,
    levels: usize,
    work: u64,
    may_work: u64,
}

pub(super) fn walk(
    script: &Excerpt,
    path: &Arc<str>,
    dialect: Dialect,
    state: &mut State,
    host: &mut dyn Host,
) -> Ending {
    let source = Rc::new(Source { excerpt: script.clone(), path: Arc::clone(path), dialect });
    let mut walker = Walker {
        host,
        source: Rc::clone(&source),
        functions: Map::new(),
        conditions: Vec::new(),
        outer: Vec::new(),
        piped: false,
        background: false,
        caught: false,
        output: None,
        spared: false,
        input: None,
        last: Ends::Success,
        locals: Vec::new(),
        replaced: None,
        unread: Vec::new(),
        premises: Vec::new(),
        levels: 0,
        work: 0,
        may_work: MAX_WORK + WORK_PER_BYTE * script.text.len() as u64,
    };
    let outcome = walker.script(source, state, Failing::Ends);
    let kind = match (walker.replaced, outcome.flow) {
        (Some(words), Flow::Exit) => EndingKind::Replaced(words),
        (_, Flow::Exit) => EndingKind::Exited,
        _ => EndingKind::Finished,
    };
    Ending { kind, status: outcome.ends.status(), unread: walker.unread }
}

impl Ends {
    pub(super) fn status(&self) -> Status {
        match self {
            Self::Success => Status::Success,
            Self::Failure => Status::Failure,
            Self::Unknown(_) => Status::Unknown,
        }
    }
}

impl Walker<'_> {
    pub(super) fn dialect(&self) -> Dialect {
        self.source.dialect
    }

    pub(super) fn location(&self, start: usize, end: usize) -> Location {
        Location::new(&self.source.path, self.source.excerpt.span(start, end))
    }

    /// Counts work; what is spent is seen by [`Self::exhausted`].
    pub(super) fn spend(&mut self, bytes: usize) {
        self.work = self.work.saturating_add(bytes as u64);
    }

    pub(super) fn exhausted(&self) -> bool {
        self.work > self.may_work
    }

    /// A state for a branch or a shell of its own.
    pub(super) fn copy(&mut self, state: &State) -> State {
        let variables = state.environment.variables.len() + state.variables.variables.len();
        self.spend(variables * VARIABLE_WORK);
        state.clone()
    }

    /// What comes next is reached only under a condition.
    pub(super) fn survive(&mut self, condition: Arc<Condition>) {
        if self.conditions.len() < MAX_CONDITIONS && !self.conditions.contains(&condition) {
            self.conditions.push(condition);
        }
    }

    /// Walks one level deeper, unless it is too deep already.
    pub(super) fn deeper<T>(&mut self, inside: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.levels >= MAX_LEVELS {
            return None;
        }
        self.levels += 1;
        let result = inside(self);
        self.levels -= 1;
        Some(result)
    }

    /// Remembers that a value which is only assumed was used.
    pub(super) fn note(&mut self, fact: &Fact<String>, name: &str) {
        if !matches!(fact.from, Provenance::Read(_) | Provenance::Always) && !fact.from.conditions().is_empty() {
            let claim =
                text! { en: "`{name}` is `{value}`", ja: "`{name}` は `{value}` です", name: name, value: &fact.value };
            self.premises.push(fact.step(claim));
        }
    }

    /// A variable's new value, which rests on what was noted since the last one.
    pub(super) fn fact(&mut self, name: &str, value: String, at: Location) -> Fact<String> {
        let mut premises = std::mem::take(&mut self.premises);
        let from = Provenance::Read(at);
        if premises.is_empty() {
            return Fact::new(value, from);
        }
        let claim = text! { en: "`{name}` is set here", ja: "ここで `{name}` が設定されます", name: name };
        premises.insert(0, Step { claim, from });
        Fact::new(value, Provenance::derived(premises))
    }

    pub(super) fn forget_premises(&mut self) {
        self.premises.clear();
    }

    /// A piece of the script as a script of its own, with its way back.
    pub(super) fn excerpt_of(&self, raw: Raw<'_>) -> Excerpt {
        let whole = &self.source.excerpt;
        let end = raw.at + raw.text.len();
        if whole.text.get(raw.at..end) == Some(raw.text) {
            whole.slice(raw.at, end)
        } else {
            Excerpt::contiguous(raw.text, whole.span(raw.at, raw.at).start as usize)
        }
    }

    /// Walks a whole script as part of this one.
    pub(super) fn script(&mut self, source: Rc<Source>, state: &mut State, failing: Failing) -> Outcome {
        let before = std::mem::replace(&mut self.source, Rc::clone(&source));
        let mut statements = Statements::new(&source.excerpt.text, source.dialect).peekable();
        let mut outcome = Outcome::success();
        while let Some(statement) = statements.next() {
            let is_last = statements.peek().is_none();
            outcome = self.statement(&statement, state, if is_last { failing } else { passing(failing) });
            if outcome.flow != Flow::Next {
                break;
            }
        }
        self.source = before;
        outcome
    }

    fn statement(&mut self, statement: &Statement, state: &mut State, failing: Failing) -> Outcome {
        let commands = match &statement.commands {
            Ok(commands) => commands,
            Err(trouble) => {
                let piece = excerpt(&self.source.excerpt.text[statement.start..statement.end]);
                let at = self.location(statement.start, statement.end);
                let need = sentences::unread(*trouble, &piece, at.clone());
                return self.opaque(need, at, state);
            }
        };
        let mut outcome = Outcome::success();
        for (n, list) in commands.iter().enumerate() {
            let is_last = n + 1 == commands.len();
            outcome = self.list(list, state, if is_last { failing } else { passing(failing) });
            if outcome.flow != Flow::Next {
                break;
            }
        }
        outcome
    }

    /// What cannot be followed: one command that may do anything.
    pub(super) fn opaque(&mut self, need: Arc<Need>, at: Location, state: &mut State) -> Outcome {
        let words = vec![Word { parts: vec![Part::Unknown(Arc::clone(&need))] }];
        let reason = Reason {
            command: excerpt(&need.text.in_english()),
            is_test: false,
            inverted: false,
            settled_by: need.settled_by.clone(),
        };
        self.unread.push(Arc::clone(&need));
        let environment = state.environment.clone();
        let command = self.command(words, (at.clone(), at), &environment, state.directory.as_deref(), Vec::new());
        self.host.run(&command);
        state.open(&need);
        state.directory = None;
        Outcome::next(Ends::Unknown(Rc::new(reason)))
    }

    pub(super) fn command<'s>(
        &self,
        words: Vec<Word>,
        (at, program_at): (Location, Location),
        environment: &'s Environment,
        directory: Option<&'s str>,
        redirections: Vec<Redirection>,
    ) -> Command<'s> {
        Command {
            words,
            through: None,
            at,
            program_at,
            environment,
            directory,
            redirections,
            input: self.input.clone(),
            replaces_shell: false,
            piped: self.piped,
            background: self.background,
            caught: self.caught,
            only_if: self.conditions.clone(),
        }
    }

    pub(super) fn any_command(&mut self, command: &ast::Command, state: &mut State, failing: Failing) -> Outcome {
        match command {
            ast::Command::Simple(simple) => self.simple(simple, state, failing),
            ast::Command::Compound(compound, redirections) => {
                self.redirected(redirections.as_ref(), state, |walker, state| walker.compound(compound, state, failing))
            }
            ast::Command::Function(definition) => {
                let function = Function { source: Rc::clone(&self.source), body: Rc::new(definition.body.clone()) };
                self.functions.insert(definition.fname.value.as_str(), function);
                Outcome::success()
            }
            ast::Command::ExtendedTest(test, _) => {
                let (start, end) = (test.loc.start.index, test.loc.end.index);
                let answer = self.extended_test(&test.expr, state);
                Outcome::next(self.answered(answer, start, end))
            }
        }
    }

    /// The output of `$(…)`.
    pub(super) fn substitution(&mut self, script: Excerpt, bare: bool, state: &State, out: &mut Vec<Piece>) {
        let at = Location::new(&self.source.path, script.span(0, script.text.len()));
        let shown = excerpt(&script.text);
        let source = Rc::new(Source { excerpt: script, path: Arc::clone(&self.source.path), dialect: self.dialect() });
        let around = self.output.replace(Output::default());
        let outer = std::mem::take(&mut self.outer);
        let premises = std::mem::take(&mut self.premises);
        let mut own = self.copy(state);
        let outcome = self.deeper(|walker| walker.isolated(|walker| walker.script(source, &mut own, Failing::Passes)));
        self.premises.extend(premises);
        self.outer = outer;
        let output = std::mem::replace(&mut self.output, around).unwrap_or_default();
        let value = match (outcome, output.unknown) {
            (Some(outcome), None) => {
                self.last = outcome.ends;
                Ok(output.text.trim_end_matches('\n').to_owned())
            }
            (Some(outcome), Some(need)) => {
                self.last = outcome.ends;
                Err(need)
            }
            (None, _) => Err(sentences::output_unknown(&shown, Vec::new(), at)),
        };
        out.push(unsplit(value, bare));
    }
}

/// What a failure in the middle of a list means.
pub(super) fn passing(failing: Failing) -> Failing {
    if failing == Failing::Decides { Failing::Decides } else { Failing::Passes }
}
