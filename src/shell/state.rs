//! Reading and changing a script's state, and joining the states of two branches.

use crate::lists::Map;
use std::sync::Arc;

use crate::fact::{Condition, Fact, Knowledge, Need, Provenance};
use crate::text;
use crate::word::{Environment, Part, Word};

use super::State;

/// What a variable holds.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Unset,
    Known(Fact<String>),
    Unknown(Arc<Need>),
}

impl State {
    pub(super) fn look_up(&self, name: &str) -> Value {
        let set = self.variables.variables.get(name).or_else(|| self.environment.variables.get(name));
        match set {
            Some(Knowledge::Known(fact)) => Value::Known(fact.clone()),
            Some(Knowledge::Unknown(need)) => Value::Unknown(Arc::clone(need)),
            None => self.look_up_unset(name),
        }
    }

    fn look_up_unset(&self, name: &str) -> Value {
        if name == "PWD" {
            return match &self.directory {
                Some(directory) => Value::Known(Fact::new(directory.clone(), Provenance::Always)),
                None => Value::Unknown(set_by_the_shell(name)),
            };
        }
        if let Some(need) = self.variables.open.as_ref().or(self.environment.open.as_ref()) {
            return Value::Unknown(Arc::clone(need));
        }
        if SET_BY_THE_SHELL.contains(&name) { Value::Unknown(set_by_the_shell(name)) } else { Value::Unset }
    }

    /// Gives a variable a value; it stays exported, or not.
    pub(super) fn assign(&mut self, name: &str, value: Knowledge<String>) {
        self.arrays.remove(name);
        if self.exports_all || self.environment.variables.contains_key(name) {
            self.variables.variables.remove(name);
            self.environment.variables.insert(name, value);
        } else {
            self.variables.variables.insert(name, value);
        }
    }

    pub(super) fn export(&mut self, name: &str) {
        if let Some(value) = self.variables.variables.take(name) {
            self.environment.variables.insert(name, value);
        }
    }

    pub(super) fn unset(&mut self, name: &str) {
        self.arrays.remove(name);
        self.variables.variables.remove(name);
        self.environment.variables.remove(name);
    }

    /// Something may have set any variable and changed the directory.
    pub(super) fn open(&mut self, need: &Arc<Need>) {
        self.environment.open.get_or_insert_with(|| Arc::clone(need));
        // What is sourced mostly extends this one.
        self.environment.variables.remove("PATH");
    }

    /// Enters a directory, given as one changes into it; `None` when it is not known.
    pub(super) fn enter(&mut self, directory: Option<&str>) {
        let next = directory.and_then(|directory| absolute(self.directory.as_deref(), directory));
        self.previous = std::mem::replace(&mut self.directory, next);
        // Set by `cd`, whatever it was: the working directory answers for it from here on.
        self.variables.variables.remove("PWD");
        self.environment.variables.remove("PWD");
    }

    /// Joins the state of a branch that is taken only under `condition` into this one, of when it is not.
    pub(super) fn join(&mut self, branch: Self, condition: &Condition) {
        if *self == branch {
            return;
        }
        join_environment(&mut self.environment, branch.environment, condition);
        join_environment(&mut self.variables, branch.variables, condition);
        if self.directory != branch.directory {
            self.directory = None;
        }
        if self.arguments != branch.arguments {
            self.arguments = None;
        }
        for (name, elements) in &branch.arrays {
            let here = self.arrays.get_or_default(name);
            if here != elements {
                *here = vec![Word { parts: vec![Part::Unknown(depends(name, condition))] }];
            }
        }
        if self.previous != branch.previous {
            self.previous = None;
        }
        if self.stack != branch.stack {
            self.stack.clear();
        }
        self.stops_at_errors &= branch.stops_at_errors;
        self.pipes_fail &= branch.pipes_fail;
        self.exports_all |= branch.exports_all;
    }
}

fn join_environment(into: &mut Environment, branch: Environment, condition: &Condition) {
    if *into == branch {
        return;
    }
    into.open = into.open.take().or(branch.open);
    join_variables(&mut into.variables, branch.variables, condition);
    join_variables(&mut into.stored, branch.stored, condition);
}

type Variables = Map<Knowledge<String>>;

fn join_variables(into: &mut Variables, mut branch: Variables, condition: &Condition) {
    for (name, value) in &into.clone() {
        let same = match (branch.take(name), value) {
            (Some(other), value) if other == *value => true,
            (Some(Knowledge::Known(other)), Knowledge::Known(fact)) => other.value == fact.value,
            (Some(Knowledge::Unknown(_)), Knowledge::Unknown(_)) => true,
            _ => false,
        };
        if !same {
            into.insert(Arc::clone(name), Knowledge::Unknown(depends(name, condition)));
        }
    }
    for name in branch.keys() {
        into.insert(Arc::clone(name), Knowledge::Unknown(depends(name, condition)));
    }
}

pub(super) fn depends(name: &str, condition: &Condition) -> Arc<Need> {
    Arc::new(Need {
        text: text! {
            en: "`{name}` depends on whether {condition}",
            ja: "`{name}` の値は、{condition}かどうかで変わります",
            name: name,
            condition: &condition.text,
        },
        settled_by: condition.settled_by.clone(),
        at: None,
    })
}

fn set_by_the_shell(name: &str) -> Arc<Need> {
    Arc::new(Need {
        text: text! {
            en: "`{name}` is set where the script runs",
            ja: "`{name}` はスクリプトの実行時に決まります",
            name: name,
        },
        settled_by: Vec::new(),
        at: None,
    })
}

/// Variables that a shell or the engine sets by itself: unset is not what they are.
const SET_BY_THE_SHELL: [&str; 24] = [
    "HOME",
    "HOSTNAME",
    "IFS",
    "LINENO",
    "OLDPWD",
    "OPTIND",
    "PATH",
    "PPID",
    "RANDOM",
    "SECONDS",
    "SHELL",
    "SHLVL",
    "UID",
    "EUID",
    "USER",
    "BASH",
    "BASHPID",
    "BASH_SOURCE",
    "BASH_VERSION",
    "BASH_VERSINFO",
    "OSTYPE",
    "HOSTTYPE",
    "MACHTYPE",
    "PIPESTATUS",
];

/// An absolute path without `.` and `..`; `None` when it is relative to a directory that is not known.
pub(super) fn absolute(directory: Option<&str>, path: &str) -> Option<String> {
    let mut names: Vec<&str> = Vec::new();
    let base = if path.starts_with('/') { "" } else { directory? };
    for name in base.split('/').chain(path.split('/')) {
        match name {
            "" | "." => {}
            ".." => {
                names.pop();
            }
            name => names.push(name),
        }
    }
    Some(format!("/{}", names.join("/")))
}
