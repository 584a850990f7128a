//! What shells execute: the text after `-c`, a file, a script that the kernel starts.

use crate::lists::Collect;
use std::sync::Arc;

use super::chain::{Chain, Step, launch};
use super::script::{Collector, Executed};
use super::{Caller, Program};
use crate::build::scripts::script_of;
use crate::fact::{Fact, Knowledge, Need, Provenance, Settler};
use crate::shell::{self, Dialect, EndingKind};
use crate::source::{Excerpt, Location, Span};
use crate::text;
use crate::tree::{Content, Entry, Node, normalize};
use crate::word::{Environment, Word};

impl Chain<'_> {
    /// A shell reads the text after `-c`, or a file.
    pub(super) fn shell(&mut self, step: &Step, shell: &str, dialect: Dialect) {
        let words: Vec<String> = step.argv.iter().map(Word::pattern).collect_vec();
        let mut at = 1;
        let mut text_follows = false;
        while let Some(word) = words.get(at).filter(|word| word.starts_with(['-', '+']) && word.len() > 1) {
            at += 1;
            if word == "--" {
                break;
            }
            if word.starts_with("--") {
                continue;
            }
            text_follows |= word.contains('c');
            if word.contains('o') {
                at += 1;
            }
        }
        let Some(operand) = step.argv.get(at) else { return };
        let rest = step.argv[at + 1..].to_vec();
        let Some(known) = operand.known().map(std::borrow::Cow::into_owned) else { return };
        if text_follows {
            let (script, path) = match &step.script {
                Some((script, path)) if script.text == known => (script.clone(), Arc::clone(path)),
                _ => {
                    let at = step.at.clone().unwrap_or_else(|| Location::new(&Arc::from(""), Span::default()));
                    (Excerpt { text: known, pieces: vec![(0, at.span.start)] }, at.path)
                }
            };
            let arguments = if rest.is_empty() { vec![Word::new(shell)] } else { rest };
            return self.walk(step, &script, &path, shell, dialect, arguments);
        }
        // The kernel has looked at the script already; anybody else may name one that is not there.
        let program = self
            .place
            .program(&if known.contains('/') { known.clone() } else { format!("./{known}") }, &step.directory);
        let mut arguments = vec![operand.clone()];
        arguments.extend(rest);
        match program {
            Program::Found(found) => self.walk_file(step, &found.entry, shell.to_owned(), Some(dialect), arguments),
            program if !matches!(step.caller, Caller::Kernel { .. }) => {
                let reason =
                    text! { en: "the script that `{shell}` reads", ja: "`{shell}` が読むスクリプト", shell: shell };
                let caller = Caller::Shell(shell.to_owned());
                let step = Step { argv: arguments, caller, reason, ..step.clone() };
                self.launches.push(launch(&self.place, &step, program));
            }
            _ => {}
        }
    }

    pub(super) fn walk_file(
        &mut self,
        step: &Step,
        entry: &Entry,
        shell: String,
        dialect: Option<Dialect>,
        arguments: Vec<Word>,
    ) {
        let Some(dialect) = dialect else { return };
        let (text, path) = match self.place.build {
            Some(build) => (build.dockerfile.text.as_ref(), Arc::clone(&build.dockerfile.path)),
            None => ("", Arc::from("")),
        };
        let from = arguments.first().map(Word::pattern).unwrap_or_default();
        match script_of(entry, text, &path) {
            // A carriage return at each line's end is a failure of its own.
            Some(script) if script.text.text.contains("\r\n") => {}
            Some(script) => {
                let by = normalize(&step.directory, &from);
                self.walk_with(step, &script.text, &script.path, &shell, dialect, arguments, &by);
            }
            None => {
                if let Node::File(Content::Unknown(need)) = &entry.node {
                    self.open(step, &from, need);
                }
            }
        }
    }

    /// A script that was not seen: what it executes, nobody can say.
    pub(super) fn open(&mut self, step: &Step, script: &str, need: &Arc<Need>) {
        let reason = text! { en: "what `{script}` executes", ja: "`{script}` が実行するもの", script: script };
        let caller = Caller::Shell(script.to_owned());
        let step = Step { caller, reason, ..step.clone() };
        let program = Program::Unknown { name: script.to_owned(), need: Arc::clone(need) };
        self.launches.push(launch(&self.place, &step, program));
    }

    pub(super) fn walk(
        &mut self,
        step: &Step,
        script: &Excerpt,
        path: &Arc<str>,
        shell: &str,
        dialect: Dialect,
        arguments: Vec<Word>,
    ) {
        self.walk_with(step, script, path, shell, dialect, arguments, shell);
    }

    #[allow(clippy::too_many_arguments)]
    pub(super) fn walk_with(
        &mut self,
        step: &Step,
        script: &Excerpt,
        path: &Arc<str>,
        shell: &str,
        dialect: Dialect,
        arguments: Vec<Word>,
        by: &str,
    ) {
        let mut state = shell::State {
            environment: self.environment(step),
            directory: Some(step.directory.clone()),
            arguments: Some(arguments),
            ..shell::State::default()
        };
        let mut collector = Collector::new(self.place.image, step.after.clone());
        let ending = shell::walk(script, path, dialect, &mut state, &mut collector);
        let executed = collector.executed;
        let replaced = matches!(ending.kind, EndingKind::Replaced(_));
        let last = executed.len().saturating_sub(1);
        let stops = state.stops_at_errors || !script.text.contains([';', '\n']) || script.text.contains("set -e");
        let _ = shell;
        for (index, command) in executed.into_iter().enumerate() {
            let decides = command.replaces_shell || index == last && !replaced;
            if !decides && (command.prepares || command.caught || !stops) {
                continue;
            }
            if command.prepares && !command.replaces_shell && command.words.len() < 2 {
                continue;
            }
            self.executed(step, command, by);
        }
    }

    pub(super) fn executed(&mut self, step: &Step, command: Executed, by: &str) {
        let written: Vec<String> =
            command.words.iter().map(|word| word.pattern().replace(crate::word::UNKNOWN, "…")).collect_vec();
        let reason = text! {
            en: "`{command}` in `{script}`",
            ja: "`{script}` の `{command}`",
            command: written.join(" "),
            script: by,
        };
        let mut only_if = step.only_if.clone();
        only_if.extend(command.only_if);
        self.execute(Step {
            argv: command.words,
            caller: Caller::Shell(by.to_owned()),
            purpose: step.purpose,
            reason,
            // A script of the image's own has no place in what was dropped.
            at: if command.at.path.is_empty() { step.at.clone() } else { Some(command.at) },
            only_if,
            directory: command.directory.unwrap_or_else(|| step.directory.clone()),
            depth: step.depth + 1,
            script: None,
            after: command.after,
            environment: Some(command.environment),
            only_certain: step.only_certain,
        });
    }

    /// The environment of a container: the image's, and what the engine sets.
    pub(super) fn environment(&self, step: &Step) -> Environment {
        let mut environment = self.place.within(step).environment.clone();
        let home = match self.place.image.config.user.split(':').next().unwrap_or_default() {
            "" | "root" | "0" => "/root".to_owned(),
            user => format!("/home/{user}"),
        };
        environment.variables.insert_new("HOME", Fact::new(home, Provenance::Always).into());
        let text = text! { en: "the engine chooses the host name", ja: "ホスト名はエンジンが決めます" };
        let need = Need { text, settled_by: Vec::<Settler>::new(), at: None };
        environment.variables.insert_new("HOSTNAME", Knowledge::Unknown(Arc::new(need)));
        environment
    }
}
