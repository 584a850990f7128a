//! A stage between two instructions.

use crate::lists::{Collect, Map};
use std::sync::Arc;

use crate::build::SetBy;
use crate::build::variables::Variables;
use crate::dockerfile::{Command, Instruction};
use crate::fact::Provenance;
use crate::image::Config;
use crate::platform::Platform;

/// A stage between two instructions.
#[derive(Clone, Debug)]
pub struct State {
    pub platform: Platform,
    pub variables: Variables,
    /// As far as it is set; [`State::config`] completes it.
    pub(super) config: Config,
    /// Where each variable stands in `config.env`.
    pub(super) positions: Map<usize>,
    pub set_by: SetBy,
    /// A CMD stands in this stage, so that an ENTRYPOINT leaves the command alone.
    pub(super) has_command: bool,
    /// Triggers for the stages based on this one, and where they stand.
    pub(super) triggers: Vec<Arc<Instruction>>,
}

impl State {
    /// The image's configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    pub(super) fn set_variable(&mut self, name: &str, value: String, from: Provenance) {
        match self.positions.get(name) {
            Some(position) => self.config.env[*position].1.clone_from(&value),
            None => {
                self.positions.insert(name, self.config.env.len());
                self.config.env.push((name.to_owned(), value.clone()));
            }
        }
        self.variables.set(name, value, from);
    }

    /// The shell that wraps shell forms.
    #[must_use]
    pub fn shell(&self) -> Vec<String> {
        let default: &[&str] = if self.platform.is_windows() { &["cmd", "/S", "/C"] } else { &["/bin/sh", "-c"] };
        if self.config.shell.is_empty() {
            default.iter().map(|word| (*word).to_owned()).collect_vec()
        } else {
            self.config.shell.clone()
        }
    }

    pub(super) fn through_shell(&self, script: &str) -> Vec<String> {
        let mut words = self.shell();
        words.push(script.to_owned());
        words
    }

    pub(super) fn wrapped(&self, command: &Command) -> Vec<String> {
        match command {
            Command::Shell(script) => self.through_shell(&script.text),
            Command::Exec { words, .. } => words.iter().map(|word| word.value.clone()).collect_vec(),
        }
    }
}
