//! Scripts within scripts: functions, `sh -c '…'`, script files.

use crate::lists::{Collect, Map};
use std::rc::Rc;

use crate::source::Excerpt;
use crate::word::{Environment, Word};

use super::builtins::set_option;
use super::dialect::{Shebang, shebang};
use super::expand::{Quoting, Raw};
use super::lexer::{backquote_end, dollar_end};
use super::simple::Prepared;
use super::state::absolute;
use super::walk::{Failing, Flow, Function, Outcome, Source, Walker};
use super::{Dialect, Script, State};

/// The state of another shell that a command starts: what is exported, and nothing else.
fn child(options: State, arguments: Vec<Word>, command: &Prepared, state: &State) -> State {
    State {
        environment: command.environment(state).clone(),
        directory: command.directory.clone(),
        arguments: Some(arguments),
        ..options
    }
}

/// Takes back what was assigned before a function's name; what the function exported stays.
fn put_back(before: &Environment, own: &Environment, state: &mut State) {
    for (name, value) in &own.variables {
        if before.variables.get(name) != Some(value) {
            state.environment.variables.set(name, before.variables.get(name).cloned());
        }
    }
}

impl Walker<'_> {
    pub(super) fn call(
        &mut self,
        function: Function,
        command: Prepared,
        state: &mut State,
        failing: Failing,
    ) -> Outcome {
        let zero = state.arguments.as_ref().and_then(|all| all.first().cloned());
        let mut arguments = vec![zero.unwrap_or_else(|| Word::new("sh"))];
        arguments.extend(command.arguments());
        let around = state.arguments.replace(arguments);
        // Assignments before a function's name hold while it runs.
        let around_environment = command.environment.clone().map(|own| std::mem::replace(&mut state.environment, own));
        let source = std::mem::replace(&mut self.source, Rc::clone(&function.source));
        self.locals.push(Map::new());
        let depth = self.outer.len();
        self.outer.extend(command.redirections.iter().skip(depth).cloned());
        let outcome = self.deeper(|walker| {
            walker.redirected(function.body.1.as_ref(), state, |walker, state| {
                walker.compound(&function.body.0, state, failing)
            })
        });
        self.outer.truncate(depth);
        self.leave_function(state);
        self.source = source;
        state.arguments = around;
        if let (Some(before), Some(own)) = (around_environment, &command.environment) {
            put_back(&before, own, state);
        }
        match outcome {
            Some(Outcome { ends, flow: Flow::Return }) => Outcome::next(ends),
            Some(outcome) => outcome,
            None => Outcome::next(self.run_by_host(command, state)),
        }
    }

    /// `sh -c '…'`, `sh file`, `./file`: walked as a script of its own; `None` when its text is not at hand.
    pub(super) fn nested_script(
        &mut self,
        name: &str,
        command: &Prepared,
        state: &mut State,
        failing: Failing,
    ) -> Option<Outcome> {
        let shell = Dialect::of_interpreter(name).filter(|_| name != "busybox");
        let Some(shell) = shell else {
            if !name.contains('/') {
                return None;
            }
            let path = absolute(command.directory.as_deref(), name)?;
            let script = self.host.script(&path)?;
            let dialect = match shebang(&script.text.text) {
                Shebang::Shell(dialect) => dialect,
                Shebang::None => self.dialect(),
                Shebang::Other(_) => return None,
            };
            let arguments = command.words.iter().map(|(word, _)| word.clone()).collect_vec();
            return self.walk_child(
                script,
                dialect,
                command,
                child(State::default(), arguments, command, state),
                failing,
            );
        };
        let mut options = State::default();
        let mut runs_text = false;
        let mut at = 1;
        while let Some(word) = command.words.get(at).and_then(|(word, _)| word.known()) {
            if !word.starts_with(['-', '+']) || word.len() < 2 {
                break;
            }
            at += 1;
            if word == "--" {
                break;
            }
            if word.starts_with("--") {
                continue;
            }
            let on = word.starts_with('-');
            for flag in word[1..].chars() {
                match flag {
                    'c' => runs_text = true,
                    'e' => options.stops_at_errors = on,
                    'o' => {
                        let option = command.words.get(at).and_then(|(word, _)| word.known());
                        set_option(&option.unwrap_or_default(), on, &mut options);
                        at += 1;
                    }
                    _ => {}
                }
            }
        }
        let (word, range) = command.words.get(at)?;
        let rest = command.words[at + 1..].iter().map(|(word, _)| word.clone());
        if runs_text {
            let text = word.known()?.into_owned();
            let script = Script { text: self.text_of(&text, *range, state), path: self.source.path.clone() };
            let mut arguments: Vec<Word> = rest.collect_vec();
            if arguments.is_empty() {
                arguments.push(Word::new(name));
            }
            return self.walk_child(script, shell, command, child(options, arguments, command, state), failing);
        }
        let path = absolute(command.directory.as_deref(), &word.known()?)?;
        let script = self.host.script(&path)?;
        let arguments = std::iter::once(word.clone()).chain(rest).collect_vec();
        self.walk_child(script, shell, command, child(options, arguments, command, state), failing)
    }

    fn walk_child(
        &mut self,
        script: Script,
        dialect: Dialect,
        command: &Prepared,
        mut own: State,
        failing: Failing,
    ) -> Option<Outcome> {
        let source = Rc::new(Source { excerpt: script.text, path: script.path, dialect });
        let functions = std::mem::take(&mut self.functions);
        let locals = std::mem::take(&mut self.locals);
        let outer = std::mem::replace(&mut self.outer, command.redirections.clone());
        self.outer.retain(|redirection| redirection.kind != super::RedirectionKind::Read);
        let spared = std::mem::replace(&mut self.spared, false);
        let outcome = self.deeper(|walker| walker.isolated(|walker| walker.script(source, &mut own, failing)));
        self.spared = spared;
        self.outer = outer;
        self.locals = locals;
        self.functions = functions;
        outcome
    }

    pub(super) fn source_of(&self, script: Script) -> Rc<Source> {
        Rc::new(Source { excerpt: script.text, path: script.path, dialect: self.dialect() })
    }

    /// A text that was put together, as a script whose every place is where it came from.
    pub(super) fn source_text(&self, text: String, at: usize) -> Rc<Source> {
        let place = self.source.excerpt.span(at, at).start as usize;
        Rc::new(Source {
            excerpt: Excerpt::contiguous(text, place),
            path: self.source.path.clone(),
            dialect: self.dialect(),
        })
    }

    /// The text of a word, with the way back through its quotes and escapes.
    fn text_of(&mut self, text: &str, (start, end): (usize, usize), state: &mut State) -> Excerpt {
        let source = Rc::clone(&self.source);
        let raw = Raw::new(source.excerpt.text.get(start..end).unwrap_or_default(), start);
        let mut excerpt = Excerpt::default();
        let mut quote: Option<char> = None;
        let mut at = 0;
        while let Some(c) = raw.text[at..].chars().next() {
            let next = at + c.len_utf8();
            let expands = c == '$' || c == '`';
            at = match (quote, c) {
                (Some(open), c) if c == open => {
                    quote = None;
                    next
                }
                (None, '\'' | '"') => {
                    quote = Some(c);
                    next
                }
                (None | Some('"'), '\\') => {
                    let escaped = raw.text[next..].chars().next().unwrap_or(c);
                    if quote.is_some() && !matches!(escaped, '$' | '`' | '"' | '\\' | '\n') {
                        self.piece(&mut excerpt, raw.at + at, "\\");
                        next
                    } else {
                        if escaped != '\n' {
                            self.piece(&mut excerpt, raw.at + next, escaped.encode_utf8(&mut [0; 4]));
                        }
                        (next + escaped.len_utf8()).min(raw.text.len())
                    }
                }
                (None | Some('"'), _) if expands => {
                    let end = match c {
                        '$' => dollar_end(raw.text, at, quote.is_some(), self.dialect(), 0).unwrap_or(next),
                        _ => backquote_end(raw.text, next).unwrap_or(next),
                    };
                    let value = self.joined(raw.sub(at, end), Quoting::Double, state);
                    self.piece(&mut excerpt, raw.at + at, &value.known().unwrap_or_default());
                    end
                }
                _ => {
                    self.piece(&mut excerpt, raw.at + at, &raw.text[at..next]);
                    next
                }
            };
        }
        // Splitting, `~` and braces make another text of it.
        if excerpt.text == text { excerpt } else { Excerpt::contiguous(text, self.place(start)) }
    }

    fn place(&self, at: usize) -> usize {
        self.source.excerpt.span(at, at).start as usize
    }

    /// Appends text that stands at `at` of the script.
    fn piece(&self, excerpt: &mut Excerpt, at: usize, text: &str) {
        let place = self.place(at);
        let here = u32::try_from(excerpt.text.len()).unwrap_or(u32::MAX);
        let expected = excerpt.pieces.last().map(|(from, to)| *to as usize + (here - from) as usize);
        if expected != Some(place) {
            excerpt.pieces.push((here, u32::try_from(place).unwrap_or(u32::MAX)));
        }
        excerpt.text.push_str(text);
    }
}
