//! Commands that run another one: `env A=b`, `sudo`, `timeout 5m`, and what they change for it.

use crate::lists::{Collect, is_one_of};
use std::sync::Arc;

use crate::fact::{Fact, Knowledge};
use crate::source::Location;
use crate::word::{Environment, Part, Word};

use super::state::absolute;

/// A word of a command and the range of the script's text that it came from.
pub(super) type Placed = (Word, (usize, usize));

/// A command that runs the words after its own options.
struct Wrapper {
    name: &'static str,
    /// The options that take a value as a word of its own.
    valued: &'static [&'static str],
    /// Words between the options and the command: the user of `gosu`, the duration of `timeout`.
    operands: usize,
}

const WRAPPERS: [Wrapper; 21] = [
    Wrapper { name: "busybox", valued: &[], operands: 0 },
    Wrapper { name: "builtin", valued: &[], operands: 0 },
    Wrapper { name: "command", valued: &[], operands: 0 },
    Wrapper { name: "chronic", valued: &[], operands: 0 },
    Wrapper { name: "doas", valued: &["-u", "-C"], operands: 0 },
    Wrapper { name: "dumb-init", valued: &["-r", "--rewrite"], operands: 0 },
    Wrapper { name: "eatmydata", valued: &[], operands: 0 },
    Wrapper { name: "exec", valued: &["-a"], operands: 0 },
    Wrapper { name: "fakeroot", valued: &[], operands: 0 },
    Wrapper { name: "gosu", valued: &[], operands: 1 },
    Wrapper { name: "ionice", valued: &["-c", "-n", "--class", "--classdata"], operands: 0 },
    Wrapper { name: "nice", valued: &["-n", "--adjustment"], operands: 0 },
    Wrapper { name: "nohup", valued: &[], operands: 0 },
    Wrapper { name: "setsid", valued: &[], operands: 0 },
    Wrapper { name: "stdbuf", valued: &["-i", "-o", "-e", "--input", "--output", "--error"], operands: 0 },
    Wrapper { name: "su-exec", valued: &[], operands: 1 },
    Wrapper { name: "sudo", valued: &["-u", "-g", "-h", "-p", "-C", "-r", "-t", "-T", "-D", "-U"], operands: 0 },
    Wrapper { name: "time", valued: &["-f", "-o", "--format", "--output"], operands: 0 },
    Wrapper { name: "timeout", valued: &["-s", "-k", "--signal", "--kill-after"], operands: 1 },
    Wrapper { name: "tini", valued: &["-e", "-p"], operands: 0 },
    Wrapper { name: "unbuffer", valued: &[], operands: 0 },
];

/// What the wrappers around a command change for it.
#[derive(Default)]
pub(super) struct Wrapped {
    pub(super) replaces_shell: bool,
    /// A function or builtin of that name is passed over.
    pub(super) external: bool,
    /// The words from the first wrapper on that is a program of its own.
    pub(super) through: Option<Vec<Word>>,
}

/// Takes the wrappers off the front of a command; what they set goes to its environment and directory.
///
/// Words of which the meaning is not known end it: they may be options, or the command.
pub(super) fn take_off(
    words: &mut Vec<Placed>,
    (own, inherited): (&mut Option<Environment>, &Environment),
    directory: &mut Option<String>,
    locate: &dyn Fn((usize, usize)) -> Location,
) -> Wrapped {
    let mut wrapped = Wrapped::default();
    loop {
        let name = words.first().and_then(|(word, _)| word.known()).unwrap_or_default().into_owned();
        let base = name.rsplit('/').next().unwrap_or_default();
        if !matches!(base, "env") && !WRAPPERS.iter().any(|wrapper| wrapper.name == base) {
            return wrapped;
        }
        let environment = own.get_or_insert_with(|| inherited.clone());
        let taken = match base {
            "env" => env_length(&words[1..], environment, directory, locate).map(|length| length + 1),
            // `command -v x` only asks.
            "command" if asks(words) => None,
            _ => WRAPPERS
                .iter()
                .find(|wrapper| wrapper.name == base)
                .and_then(|wrapper| length(wrapper, &words[1..], environment, locate))
                .map(|length| length + 1),
        };
        // With no command left, the wrapper itself is the command: `env`, `nice`, `exec > log`.
        let Some(taken) = taken.filter(|taken| *taken < words.len()) else { return wrapped };
        // The shell's own, and those that every system has.
        if !is_one_of(base, "builtin busybox command env exec time") && wrapped.through.is_none() {
            wrapped.through = Some(words.iter().map(|(word, _)| word.clone()).collect_vec());
        }
        words.drain(..taken);
        wrapped.replaces_shell |= base == "exec";
        wrapped.external |= base != "time";
    }
}

fn asks(words: &[Placed]) -> bool {
    words.get(1).and_then(|(word, _)| word.known()).is_some_and(|option| matches!(&*option, "-v" | "-V"))
}

fn length(
    wrapper: &Wrapper,
    words: &[Placed],
    environment: &mut Environment,
    locate: &dyn Fn((usize, usize)) -> Location,
) -> Option<usize> {
    let mut at = 0;
    loop {
        let word = words.get(at)?.0.known()?;
        if word == "--" {
            at += 1;
            break;
        }
        if !word.starts_with('-') || word.len() == 1 {
            break;
        }
        at += if wrapper.valued.contains(&&*word) { 2 } else { 1 };
    }
    if wrapper.name == "sudo" {
        while let Some((name, value)) = words.get(at).and_then(|placed| assignment(placed, locate)) {
            environment.variables.insert(name, value);
            at += 1;
        }
    }
    Some(at + wrapper.operands)
}

/// The options and assignments of `env`.
fn env_length(
    words: &[Placed],
    environment: &mut Environment,
    directory: &mut Option<String>,
    locate: &dyn Fn((usize, usize)) -> Location,
) -> Option<usize> {
    let mut at = 0;
    // Nothing is changed before it is sure that a command follows.
    let mut changes: Vec<Change> = Vec::new();
    while let Some(placed) = words.get(at) {
        let word = &placed.0;
        if let Some((name, value)) = assignment(placed, locate) {
            changes.push(Change::Set(name, value));
            at += 1;
            continue;
        }
        let text = word.known()?;
        let value = |at: usize| words.get(at + 1).and_then(|(word, _)| word.known()).map(std::borrow::Cow::into_owned);
        match &*text {
            "-" | "-i" | "--ignore-environment" => changes.push(Change::Clear),
            "-u" | "--unset" => {
                changes.push(Change::Unset(value(at)?));
                at += 1;
            }
            "-C" | "--chdir" => {
                changes.push(Change::Enter(value(at)?));
                at += 1;
            }
            "--" | "-0" | "-v" | "--debug" => {}
            option if option.starts_with("--unset=") => changes.push(Change::Unset(option[8..].to_owned())),
            option if option.starts_with("--chdir=") => changes.push(Change::Enter(option[8..].to_owned())),
            // `-S` and what else there may be.
            option if option.starts_with('-') => return None,
            _ => break,
        }
        at += 1;
    }
    if at >= words.len() {
        return None;
    }
    for change in changes {
        match change {
            Change::Clear => *environment = Environment::default(),
            Change::Unset(name) => {
                environment.variables.remove(&name);
            }
            Change::Set(name, value) => {
                environment.variables.insert(name, value);
            }
            Change::Enter(path) => *directory = absolute(directory.as_deref(), &path),
        }
    }
    Some(at)
}

enum Change {
    Clear,
    Unset(String),
    Set(String, Knowledge<String>),
    Enter(String),
}

/// `NAME=value`, the value as far as it is known.
fn assignment(
    (word, range): &Placed,
    locate: &dyn Fn((usize, usize)) -> Location,
) -> Option<(String, Knowledge<String>)> {
    let (name, rest) = split_assignment(word)?;
    let value = match (rest.known(), rest.unknown()) {
        (Some(text), _) => Knowledge::Known(Fact::read(text.into_owned(), locate(*range))),
        (None, Some(need)) => Knowledge::Unknown(Arc::clone(need)),
        (None, None) => return None,
    };
    Some((name, value))
}

/// Splits `NAME=value`.
pub(super) fn split_assignment(word: &Word) -> Option<(String, Word)> {
    let Some(Part::Text(first)) = word.parts.first() else { return None };
    let (name, value) = first.split_once('=')?;
    if !super::parameter::is_name(name) {
        return None;
    }
    let mut parts = vec![Part::Text(value.to_owned())];
    parts.extend(word.parts[1..].iter().cloned());
    Some((name.to_owned(), Word { parts }))
}
