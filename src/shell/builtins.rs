//! What the shell does itself: directories, variables, options, and ways out.

use crate::lists::Collect;
use std::borrow::Cow;
use std::rc::Rc;

use crate::fact::{Fact, Knowledge};
use crate::source::Location;
use crate::word::{Part, Word};

use super::State;
use super::sentences::{self, Ends, Reason, excerpt};
use super::simple::Prepared;
use super::state::{Value, absolute};
use super::test::settlers;
use super::walk::{Flow, Outcome, Walker};
use super::wrappers::split_assignment;

/// What the `activate` script of a virtual environment of Python does (`venv`, `virtualenv`, `conda-pack`): it puts the
/// environment's programs before all others.
fn activate(environment: &str, state: &mut State, at: Location) {
    let variables = [
        ("VIRTUAL_ENV", Some(environment.to_owned())),
        (
            "PATH",
            match state.look_up("PATH") {
                Value::Known(path) => Some(format!("{environment}/bin:{}", path.value)),
                _ => None,
            },
        ),
    ];
    for (name, value) in variables {
        if let Some(value) = value {
            state.assign(name, Fact::read(value, at.clone()).into());
            state.export(name);
        }
    }
}

/// A variable as it was before `local`.
#[derive(Clone, Debug, Default)]
pub(super) struct Saved {
    pub(super) variable: Option<Knowledge<String>>,
    pub(super) exported: Option<Knowledge<String>>,
}

impl Walker<'_> {
    /// Runs a builtin; `None` when the command is none that the shell's own state hangs on.
    pub(super) fn builtin(&mut self, name: &str, command: &Prepared, state: &mut State) -> Option<Outcome> {
        let arguments = command.arguments();
        let has_files = command.redirections.iter().any(|redirection| redirection.file.is_some());
        let (start, end) = command.range;
        Some(match name {
            ":" | "true" if !has_files => Outcome::success(),
            "false" if !has_files => Outcome::failure(),
            "cd" | "chdir" => self.change_directory(&arguments, state),
            "pushd" => {
                let before = state.directory.clone();
                let outcome = self.change_directory(&arguments, state);
                if matches!(outcome.ends, Ends::Success) && state.stack.len() < 100 {
                    state.stack.push(before);
                }
                outcome
            }
            "popd" => {
                let back = state.stack.pop().flatten();
                state.enter(back.as_deref());
                Outcome::success()
            }
            "export" | "readonly" | "local" | "declare" | "typeset" => self.declare(name, &arguments, command, state),
            "unset" => {
                for word in &arguments {
                    match word.known() {
                        Some(option) if option.starts_with('-') => {}
                        Some(name) => {
                            state.unset(&name);
                            if self.functions.contains_key(&name) {
                                self.functions.remove(&name);
                            }
                        }
                        None => {}
                    }
                }
                Outcome::success()
            }
            "set" => {
                set(&arguments, state);
                Outcome::success()
            }
            "shift" => {
                let count =
                    arguments.first().and_then(Word::known).map_or(Some(1), |count| count.parse::<usize>().ok());
                match (count, &mut state.arguments) {
                    (Some(count), Some(all)) => {
                        all.drain(1.min(all.len())..(count + 1).min(all.len()));
                    }
                    (None, all) => *all = None,
                    (_, None) => {}
                }
                Outcome::success()
            }
            "exit" | "return" => {
                let flow = if name == "exit" { Flow::Exit } else { Flow::Return };
                Outcome { ends: self.exit_status(&arguments, (start, end)), flow }
            }
            "break" | "continue" => {
                let levels = arguments.first().and_then(Word::known).and_then(|levels| levels.parse().ok());
                let levels = levels.unwrap_or(1).max(1);
                let flow = if name == "break" { Flow::Break(levels) } else { Flow::Continue(levels) };
                Outcome { ends: Ends::Success, flow }
            }
            "test" => {
                let answer = self.test(&arguments, state);
                Outcome::next(self.answered(answer, start, end))
            }
            "[" => {
                let (last, inner) = arguments.split_last()?;
                if last.known().as_deref() != Some("]") {
                    return Some(Outcome::failure());
                }
                let answer = self.test(inner, state);
                Outcome::next(self.answered(answer, start, end))
            }
            "." | "source" => self.source_file(&arguments, command, state),
            "eval" => self.evaluate(&arguments, command, state),
            "exec" => Outcome::success(),
            "command" | "type" | "hash" | "which" => return self.ask_for_command(name, &arguments, command),
            "read" | "getopts" | "mapfile" | "readarray" => {
                for word in arguments.iter().filter_map(Word::known).filter(|word| super::parameter::is_name(word)) {
                    let need = sentences::not_worked_out(&format!("${word}"), self.location(start, end));
                    state.assign(&word, Knowledge::Unknown(need));
                }
                Outcome::next(self.answered(Err(Vec::new()), start, end))
            }
            "let" => {
                let mut last = None;
                for word in arguments.iter().filter_map(Word::known) {
                    last = self.calculated(super::expand::Raw::new(&word, start), state);
                }
                Outcome::next(self.answered(last.map(|value| value != 0).ok_or_else(Vec::new), start, end))
            }
            "alias" | "unalias" | "bind" | "disown" | "enable" | "jobs" | "shopt" | "times" | "trap" | "ulimit"
            | "umask" | "wait" => Outcome::success(),
            _ => return None,
        })
    }

    fn change_directory(&mut self, arguments: &[Word], state: &mut State) -> Outcome {
        let mut target =
            arguments.iter().filter(|word| !matches!(word.known().as_deref(), Some("-P" | "-L" | "-e" | "--")));
        let path = match target.next() {
            None => match state.look_up("HOME") {
                Value::Known(fact) => Some(fact.value),
                _ => None,
            },
            Some(word) if word.known().as_deref() == Some("-") => state.previous.clone(),
            Some(word) => word.known().map(Cow::into_owned),
        };
        let path = path.and_then(|path| absolute(state.directory.as_deref(), &path));
        let exists = path.as_deref().map_or(Some(true), |path| self.host.test('d', path));
        if exists == Some(false) {
            return Outcome::failure();
        }
        state.enter(path.as_deref());
        // A build goes on only where the directory was there.
        Outcome::success()
    }

    fn declare(&mut self, name: &str, arguments: &[Word], command: &Prepared, state: &mut State) -> Outcome {
        let options: String = arguments
            .iter()
            .filter_map(Word::known)
            .filter(|word| word.starts_with('-') || word.starts_with('+'))
            .map(Cow::into_owned)
            .collect();
        let is_local = name == "local" || (matches!(name, "declare" | "typeset") && !options.contains('g'));
        let exports = name == "export" || (options.contains('x') && !options.contains("+x"));
        for word in arguments {
            let (variable, value) = match split_assignment(word) {
                Some((variable, value)) => (variable, Some(value)),
                None => match word.known() {
                    Some(variable) if super::parameter::is_name(&variable) => (variable.into_owned(), None),
                    _ => continue,
                },
            };
            if is_local && let Some(locals) = self.locals.last_mut() {
                let saved = Saved {
                    variable: state.variables.variables.get(&variable).cloned(),
                    exported: state.environment.variables.get(&variable).cloned(),
                };
                locals.insert_new(&variable, saved);
            }
            if let Some(value) = value {
                let (start, end) = command.range;
                let placed = command.words.iter().find(|(other, _)| other == word);
                let (start, end) = placed.map_or((start, end), |(_, range)| *range);
                let at = self.location(start, end);
                let value = self.knowledge(&variable, &value, at);
                state.assign(&variable, value);
            }
            match (exports, options.contains('n') && name == "export") {
                (true, true) => {
                    if let Some(value) = state.environment.variables.take(&variable) {
                        state.variables.variables.insert(variable, value);
                    }
                }
                (true, false) => state.export(&variable),
                _ => {}
            }
        }
        Outcome::success()
    }

    fn exit_status(&mut self, arguments: &[Word], (start, end): (usize, usize)) -> Ends {
        let Some(word) = arguments.first() else { return self.last.clone() };
        match word.known().and_then(|status| status.parse::<i64>().ok()) {
            Some(0) => Ends::Success,
            Some(_) => Ends::Failure,
            None => Ends::Unknown(Rc::new(Reason {
                command: excerpt(self.source.excerpt.text.get(start..end).unwrap_or_default()),
                is_test: false,
                inverted: false,
                settled_by: settlers(arguments),
            })),
        }
    }

    /// `command -v x`, `type x`, `hash x`, `which x`; `None` when the command is run after all.
    fn ask_for_command(&mut self, name: &str, arguments: &[Word], command: &Prepared) -> Option<Outcome> {
        let mut names = arguments.iter().filter(|word| !word.known().is_some_and(|option| option.starts_with('-')));
        let asked = names.next()?.known()?;
        let mut options = arguments.iter().filter_map(Word::known);
        if name == "command" && !options.any(|option| matches!(&*option, "-v" | "-V")) {
            return None;
        }
        if self.output.is_some() {
            return None;
        }
        let builtins = ["cd", "echo", "printf", "test", "source", "exit", "export", "set", "true", "false"];
        let answer = if self.functions.contains_key(&asked) || builtins.contains(&&*asked) {
            Some(true)
        } else {
            self.host.test('c', &asked)
        };
        let (start, end) = command.range;
        Some(Outcome::next(self.answered(answer.ok_or_else(|| settlers(arguments)), start, end)))
    }

    /// `. file`
    fn source_file(&mut self, arguments: &[Word], command: &Prepared, state: &mut State) -> Outcome {
        let (start, end) = command.range;
        let at = self.location(start, end);
        let Some(file) = arguments.first() else { return Outcome::failure() };
        let path = file.known().and_then(|path| absolute(state.directory.as_deref(), &path));
        if let Some(script) = path.as_deref().and_then(|path| self.host.script(path)) {
            let source = self.source_of(script);
            let own = arguments.get(1..).filter(|rest| !rest.is_empty());
            let before = own.map(|rest| {
                let mut arguments = vec![file.clone()];
                arguments.extend(rest.iter().cloned());
                state.arguments.replace(arguments)
            });
            let outcome = self.deeper(|walker| walker.script(source, state, super::walk::Failing::Passes));
            if let Some(before) = before {
                state.arguments = before;
            }
            if let Some(outcome) = outcome {
                return match outcome.flow {
                    Flow::Return => Outcome::next(outcome.ends),
                    _ => outcome,
                };
            }
        }
        let need = sentences::not_sourced(&file.known().unwrap_or(Cow::Borrowed("…")), at.clone());
        let outcome = Outcome::next(self.run_by_host(command.clone(), state));
        match path.as_deref().and_then(|path| path.strip_suffix("/bin/activate")) {
            Some(environment) => activate(environment, state, at),
            None => state.open(&need),
        }
        outcome
    }

    /// `eval` of text that is known; else it may do anything to the variables.
    fn evaluate(&mut self, arguments: &[Word], command: &Prepared, state: &mut State) -> Outcome {
        let (start, end) = command.range;
        let at = self.location(start, end);
        let known: Option<Vec<_>> = arguments.iter().map(Word::known).collect();
        if let Some(words) = known {
            let text = words.join(" ");
            let range = command.words.get(1).map_or(start, |(_, range)| range.0);
            let source = self.source_text(text, range);
            if let Some(outcome) = self.deeper(|walker| walker.script(source, state, super::walk::Failing::Passes)) {
                return outcome;
            }
        }
        let need =
            sentences::not_worked_out(&excerpt(self.source.excerpt.text.get(start..end).unwrap_or_default()), at);
        let outcome = Outcome::next(self.run_by_host(command.clone(), state));
        state.open(&need);
        outcome
    }

    /// Puts the `local` variables of a function back.
    pub(super) fn leave_function(&mut self, state: &mut State) {
        for (name, saved) in &self.locals.pop().unwrap_or_default() {
            state.variables.variables.set(name, saved.variable.clone());
            state.environment.variables.set(name, saved.exported.clone());
        }
    }
}

/// `set -eux -o pipefail`, `set -- a b`
fn set(arguments: &[Word], state: &mut State) {
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let Some(text) = word.known() else {
            state.arguments = None;
            return;
        };
        let on = text.starts_with('-');
        match &*text {
            "--" | "-" => return replace_arguments(words.cloned().collect_vec(), state),
            "-o" | "+o" => {
                if let Some(option) = words.next().and_then(Word::known) {
                    set_option(&option, on, state);
                }
            }
            flags if flags.starts_with(['-', '+']) => {
                for flag in flags[1..].chars() {
                    match flag {
                        'e' => state.stops_at_errors = on,
                        'a' => state.exports_all = on,
                        'o' => {
                            if let Some(option) = words.next().and_then(Word::known) {
                                set_option(&option, on, state);
                            }
                        }
                        _ => {}
                    }
                }
            }
            _ => {
                let rest = std::iter::once(word.clone()).chain(words.cloned()).collect_vec();
                return replace_arguments(rest, state);
            }
        }
    }
}

pub(super) fn set_option(option: &str, on: bool, state: &mut State) {
    match option {
        "errexit" => state.stops_at_errors = on,
        "pipefail" => state.pipes_fail = on,
        "allexport" => state.exports_all = on,
        _ => {}
    }
}

/// The new `$1` …; unknown when an unknown word may be several.
fn replace_arguments(words: Vec<Word>, state: &mut State) {
    let first = match &mut state.arguments {
        Some(all) if !all.is_empty() => all.swap_remove(0),
        _ => Word { parts: vec![Part::Text("sh".to_owned())] },
    };
    state.arguments = Some(std::iter::once(first).chain(words).collect_vec());
}
