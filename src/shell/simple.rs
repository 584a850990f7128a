//! Simple commands: assignments, words, redirections, and who runs them.

use crate::lists::Collect;
use std::rc::Rc;
use std::sync::Arc;

use brush_parser::ast;
use brush_parser::ast::{CommandPrefixOrSuffixItem as Item, IoFileRedirectTarget, IoRedirect};

use crate::fact::{Knowledge, Need};
use crate::word::{Environment, Part, Word};

use super::compound::raw_word;
use super::expand::Raw;
use super::sentences::{self, Ends, Reason, excerpt};
use super::test::settlers;
use super::walk::{Failing, Flow, Outcome, Output, Walker};
use super::wrappers::{self, Placed};
use super::{Redirection, RedirectionKind, State};

/// A simple command after expansion, its wrappers taken off.
#[derive(Clone)]
pub(super) struct Prepared {
    pub(super) words: Vec<Placed>,
    /// The words as they stand, wrappers included.
    pub(super) range: (usize, usize),
    /// With the command's own assignments; `None` where it has none.
    pub(super) environment: Option<Environment>,
    pub(super) directory: Option<String>,
    pub(super) redirections: Vec<Redirection>,
    pub(super) replaces_shell: bool,
    /// The words from the first program on that runs the command.
    pub(super) through: Option<Vec<Word>>,
}

impl Prepared {
    pub(super) fn name(&self) -> Option<std::borrow::Cow<'_, str>> {
        self.words.first().and_then(|(word, _)| word.known())
    }

    pub(super) fn environment<'e>(&'e self, state: &'e State) -> &'e Environment {
        self.environment.as_ref().unwrap_or(&state.environment)
    }

    pub(super) fn arguments(&self) -> Vec<Word> {
        self.words.iter().skip(1).map(|(word, _)| word.clone()).collect_vec()
    }
}

/// Builtins whose `NAME=value` words are assignments, and not split.
const DECLARATIONS: [&str; 6] = ["export", "readonly", "local", "declare", "typeset", "alias"];

impl Walker<'_> {
    pub(super) fn simple(&mut self, command: &ast::SimpleCommand, state: &mut State, failing: Failing) -> Outcome {
        self.forget_premises();
        let prefix = command.prefix.iter().flat_map(|prefix| &prefix.0);
        let suffix = command.suffix.iter().flat_map(|suffix| &suffix.0);
        let Some(name) = &command.word_or_name else {
            return self.assignments_alone(prefix, state);
        };
        let mut environment: Option<Environment> = None;
        let mut redirections = Vec::new();
        let mut range = word_range(name);
        for item in prefix {
            match item {
                Item::AssignmentWord(assignment, word) => {
                    range.0 = range.0.min(word_range(word).0);
                    if let Some((name, value)) = self.assigned(assignment, word, state) {
                        let own = environment.get_or_insert_with(|| state.environment.clone());
                        own.variables.insert(name, value);
                    }
                }
                item => self.redirection_of(item, state, &mut redirections),
            }
        }
        let mut words: Vec<Placed> = Vec::new();
        self.add_words(name, false, state, &mut words);
        let declares = DECLARATIONS.contains(&name.value.as_str());
        for item in suffix {
            match item {
                Item::Word(word) => {
                    range.1 = range.1.max(word_range(word).1);
                    self.add_words(word, false, state, &mut words);
                }
                Item::AssignmentWord(
                    ast::Assignment { value: ast::AssignmentValue::Array(elements), name, .. },
                    word,
                ) if declares => {
                    range.1 = range.1.max(word_range(word).1);
                    self.assign_array(name, elements, word_range(word), false, state);
                }
                Item::AssignmentWord(_, word) => {
                    range.1 = range.1.max(word_range(word).1);
                    self.add_words(word, declares, state, &mut words);
                }
                item => {
                    if let Item::ProcessSubstitution(_, group) = item {
                        range.1 = range.1.max(group.loc.end.index);
                        words.push((Word { parts: vec![Part::Unknown(self.substituted(group))] }, range));
                    }
                    self.redirection_of(item, state, &mut redirections);
                }
            }
        }
        if words.is_empty() {
            // `$X` where X is empty: nothing is run.
            return Outcome::success();
        }
        let mut directory = state.directory.clone();
        let source = Rc::clone(&self.source);
        let locate = |(start, end)| crate::source::Location::new(&source.path, source.excerpt.span(start, end));
        let wrapped = wrappers::take_off(&mut words, (&mut environment, &state.environment), &mut directory, &locate);
        redirections.extend(self.outer.iter().cloned());
        for outer in &mut self.outer {
            // The file was made by the first command in the group; the next ones add to it.
            if outer.kind == RedirectionKind::Write {
                outer.kind = RedirectionKind::Append;
            }
        }
        let prepared = Prepared {
            words,
            range,
            environment,
            directory,
            redirections,
            replaces_shell: wrapped.replaces_shell,
            through: wrapped.through,
        };
        self.run_prepared(prepared, wrapped.external, state, failing)
    }

    fn run_prepared(&mut self, prepared: Prepared, external: bool, state: &mut State, failing: Failing) -> Outcome {
        let name = prepared.name().map(std::borrow::Cow::into_owned);
        self.spend(prepared.words.iter().map(|(word, _)| word.parts.len() * 16).sum());
        let Some(name) = name else { return Outcome::next(self.run_by_host(prepared, state)) };
        if !external && let Some(function) = self.functions.get(&name).cloned() {
            return self.call(function, prepared, state, failing);
        }
        if let Some(outcome) = self.builtin(&name, &prepared, state) {
            return outcome;
        }
        let replaces_shell = prepared.replaces_shell;
        let words: Vec<Word> = prepared.words.iter().map(|(word, _)| word.clone()).collect_vec();
        let outcome = match self.nested_script(&name, &prepared, state, failing) {
            Some(outcome) => outcome,
            None => {
                self.caught = failing != Failing::Ends;
                let ends = self.run_by_host(prepared, state);
                self.caught = false;
                Outcome::next(ends)
            }
        };
        if replaces_shell {
            self.replaced = Some(words);
            return Outcome { flow: Flow::Exit, ..outcome };
        }
        outcome
    }

    fn add_words(&mut self, word: &ast::Word, whole: bool, state: &mut State, words: &mut Vec<Placed>) {
        let range = word_range(word);
        if whole {
            let value = self.declared(raw_word(word), state);
            words.push((value, range));
        } else {
            words.extend(self.fields(raw_word(word), state).into_iter().map(|word| (word, range)));
        }
    }

    /// `NAME=value` as one word, a `~` at the value's start expanded.
    fn declared(&mut self, raw: Raw<'_>, state: &mut State) -> Word {
        let at = raw.text.find('=').map_or(0, |at| at + 1);
        let value = self.single(raw.sub(at, raw.text.len()), state);
        let mut parts = vec![Part::Text(raw.text[..at].to_owned())];
        parts.extend(value.parts);
        let mut whole = Word { parts: Vec::new() };
        for part in parts {
            match part {
                Part::Text(text) | Part::Glob(text) => super::expand::push_text(&mut whole, &text),
                unknown @ Part::Unknown(_) => whole.parts.push(unknown),
            }
        }
        whole
    }

    /// A command that is only assignments and redirections: `X=1`, `> file`.
    fn assignments_alone<'a>(&mut self, items: impl Iterator<Item = &'a Item>, state: &mut State) -> Outcome {
        let mut redirections = Vec::new();
        let mut range: Option<(usize, usize)> = None;
        self.last = Ends::Success;
        for item in items {
            match item {
                Item::AssignmentWord(assignment, word) => match &assignment.value {
                    ast::AssignmentValue::Array(elements) => {
                        self.assign_array(&assignment.name, elements, word_range(word), assignment.append, state);
                    }
                    ast::AssignmentValue::Scalar(_) => {
                        if let Some((name, value)) = self.assigned(assignment, word, state) {
                            state.assign(&name, value);
                        }
                    }
                },
                item => {
                    if let Item::IoRedirect(IoRedirect::File(_, _, IoFileRedirectTarget::Filename(word))) = item {
                        range.get_or_insert(word_range(word));
                    }
                    self.redirection_of(item, state, &mut redirections);
                }
            }
        }
        let Some(range) = range else { return Outcome::next(self.last.clone()) };
        // It makes the file and does nothing; inside `$(…)`, `<file` is `cat`.
        let name = if self.output.is_some() { "cat" } else { ":" };
        let prepared = Prepared {
            words: vec![(Word::new(name), range)],
            range,
            environment: None,
            directory: state.directory.clone(),
            redirections,
            replaces_shell: false,
            through: None,
        };
        Outcome::next(self.run_by_host(prepared, state))
    }

    /// `NAME=value` or `NAME+=value`.
    fn assigned(
        &mut self,
        assignment: &ast::Assignment,
        word: &ast::Word,
        state: &mut State,
    ) -> Option<(String, Knowledge<String>)> {
        let raw = raw_word(word);
        let ast::AssignmentName::VariableName(name) = &assignment.name else {
            if let ast::AssignmentName::ArrayElementName(name, _) = &assignment.name {
                let need = sentences::not_worked_out(&format!("${{{name}[@]}}"), self.location(raw.at, raw.at));
                state.arrays.insert(name.clone(), vec![Word { parts: vec![Part::Unknown(need)] }]);
            }
            return None;
        };
        let at = raw.text.find('=')? + 1;
        let mut value = self.single(raw.sub(at, raw.text.len()), state);
        if assignment.append {
            let mut before = match state.look_up(name) {
                super::state::Value::Known(fact) => Word::new(fact.value),
                super::state::Value::Unknown(need) => Word { parts: vec![Part::Unknown(need)] },
                super::state::Value::Unset => Word { parts: Vec::new() },
            };
            before.parts.append(&mut value.parts);
            value = before;
        }
        let location = self.location(raw.at, raw.at + raw.text.len());
        let value = self.knowledge(name, &value, location);
        self.spend(value.value().map_or(0, String::len));
        Some((name.clone(), value))
    }

    fn assign_array(
        &mut self,
        name: &ast::AssignmentName,
        elements: &[(Option<ast::Word>, ast::Word)],
        (start, _): (usize, usize),
        appends: bool,
        state: &mut State,
    ) {
        let ast::AssignmentName::VariableName(name) = name else { return };
        let mut words = if appends { state.arrays.get(name).cloned().unwrap_or_default() } else { Vec::new() };
        for (key, element) in elements {
            if key.is_some() {
                let need = sentences::not_worked_out(&format!("${{{name}[@]}}"), self.location(start, start));
                words = vec![Word { parts: vec![Part::Unknown(need)] }];
                break;
            }
            words.extend(self.fields(Raw::new(&element.value, start), state));
        }
        state.unset(name);
        state.arrays.insert(name.clone(), words);
    }

    fn substituted(&self, group: &ast::SubshellCommand) -> Arc<Need> {
        let (start, end) = (group.loc.start.index, group.loc.end.index);
        let shown = excerpt(self.source.excerpt.text.get(start..end).unwrap_or_default());
        sentences::output_unknown(&shown, Vec::new(), self.location(start, end))
    }

    /// Gives a command to the host.
    pub(super) fn run_by_host(&mut self, prepared: Prepared, state: &State) -> Ends {
        let shown = excerpt(self.source.excerpt.text.get(prepared.range.0..prepared.range.1).unwrap_or_default());
        let at = self.location(prepared.range.0, prepared.range.1);
        let program_at = prepared.words.first().map_or((0, 0), |(_, range)| *range);
        let program_at = self.location(program_at.0, program_at.1);
        let words: Vec<Word> = prepared.words.into_iter().map(|(word, _)| word).collect_vec();
        let settled_by = settlers(&words);
        let is_test = is_question(&words);
        let is_elsewhere =
            prepared.redirections.iter().any(|to| to.kind != RedirectionKind::Read && to.descriptor == 1);
        if self.output.is_some()
            && !is_elsewhere
            && let Some(text) = super::output::known(&words, &prepared.redirections, self.input.as_deref())
        {
            self.print(&text);
            return Ends::Success;
        }
        let mut command = self.command(
            words,
            (at.clone(), program_at),
            prepared.environment.as_ref().unwrap_or(&state.environment),
            prepared.directory.as_deref(),
            prepared.redirections,
        );
        command.replaces_shell = prepared.replaces_shell;
        command.through = prepared.through;
        if self.output.is_some() && !is_elsewhere {
            if let Some(text) = self.host.output(&command) {
                self.print(&text);
                return Ends::Success;
            }
        }
        let status = self.host.run(&command);
        if !is_elsewhere && let Some(output) = &mut self.output {
            output.unknown.get_or_insert_with(|| sentences::output_unknown(&shown, settled_by.clone(), at));
        }
        match status {
            super::Status::Success => Ends::Success,
            super::Status::Failure => Ends::Failure,
            super::Status::Unknown => {
                Ends::Unknown(Rc::new(Reason { command: shown, is_test, inverted: false, settled_by }))
            }
        }
    }

    /// Adds to what `$(…)` collects.
    pub(super) fn print(&mut self, text: &str) {
        self.spend(text.len());
        if let Some(Output { text: whole, .. }) = &mut self.output {
            whole.push_str(text);
            if !text.is_empty() && !text.ends_with('\n') {
                whole.push('\n');
            }
        }
    }
}

/// Commands that are run for their answer, and whose failure is no accident.
fn is_question(words: &[Word]) -> bool {
    let word = |n: usize| words.get(n).and_then(Word::known).unwrap_or_default();
    let name = word(0);
    match name.rsplit('/').next().unwrap_or_default() {
        "grep" | "egrep" | "fgrep" | "zgrep" | "which" | "cmp" | "diff" | "id" | "getent" | "pgrep" | "expr"
        | "hash" => true,
        "command" | "type" => true,
        "dpkg" => matches!(&*word(1), "-s" | "--compare-versions"),
        "git" => words.iter().any(|word| word.known().as_deref() == Some("--quiet")),
        _ => false,
    }
}

pub(super) fn word_range(word: &ast::Word) -> (usize, usize) {
    word.loc.as_ref().map_or((0, 0), |span| (span.start.index, span.end.index))
}
