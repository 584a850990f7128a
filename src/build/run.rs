//! RUN: the shell, its script, and what each command does.

use crate::lists::Collect;
use std::sync::Arc;

use super::convert::State;
use super::effects::{self, Echo};
use super::execute::Executor;
use super::mounted::{mount, unmount};
use super::operation::{Form, Run};
use super::scripts::script_of;
use super::work::Work;
use super::{EventKind, copy};
use crate::fact::{Fact, Knowledge, Need, Provenance, Step};
use crate::image::Image;
use crate::project::{self, pattern};
use crate::shell::{self, Command, Dialect, Host, Script, Status};
use crate::source::{Excerpt, Span};
use crate::text;
use crate::tree::{Content, Entry, Lookup, Node, Tree, normalize};
use crate::word::Environment;

/// One RUN, underway.
pub(super) struct Runner<'r, 'e> {
    pub(super) executor: &'r mut Executor<'e>,
    pub(super) stage: usize,
    user: String,
    /// The shell that runs the script, by its path.
    shell: String,
    /// The instruction.
    pub(super) span: Span,
    /// It is in exec form, where no assignment can stand before a program.
    pub(super) is_exec_form: bool,
    /// How deep scripts and Makefiles run each other.
    pub(super) depth: usize,
    /// What runs the script that is underway goes on when that fails.
    pub(super) caught: bool,
}

pub(super) fn run(executor: &mut Executor<'_>, stage: usize, operation: &Run, state: &State) {
    if state.platform.is_windows() {
        return everything_is_open(executor, stage, operation.span);
    }
    let mounted = mount(executor, stage, &operation.mounts, operation.span);
    let shell = match &operation.form {
        Form::Shell(_) => state.shell().first().cloned().unwrap_or_default(),
        Form::Exec(_) => String::new(),
    };
    if !shell.is_empty() && !has_shell(executor, stage, operation, &shell) {
        return unmount(executor, stage, mounted);
    }
    if let Some(program) = &operation.program {
        let entry = Entry {
            node: Node::File(Content::Bytes(Arc::from(program.content.text.as_bytes()))),
            mode: Some(0o755),
            owner: None,
            from: Provenance::Read(executor.location(operation.span)),
        };
        if let Some(work) = &mut executor.works[stage] {
            work.image.tree.put(&program.path, entry);
        }
    }
    let path = Arc::clone(&executor.dockerfile.path);
    let mut shell_state = shell::State {
        environment: environment(executor, stage, state),
        directory: Some(normalize("/", &operation.directory)),
        ..shell::State::default()
    };
    let mut runner = Runner {
        executor,
        stage,
        user: operation.user.clone(),
        shell,
        span: operation.span,
        is_exec_form: matches!(operation.form, Form::Exec(_)),
        depth: 0,
        caught: false,
    };
    match (&operation.form, &operation.program) {
        (Form::Shell(_), Some(program)) => {
            let dialect = match shell::shebang(&program.content.text) {
                shell::Shebang::Shell(dialect) => Some(dialect),
                _ => None,
            };
            match dialect {
                Some(dialect) => {
                    shell::walk(&program.content, &path, dialect, &mut shell_state, &mut runner);
                }
                None => everything_is_open(runner.executor, stage, operation.span),
            }
        }
        (Form::Shell(script), None) => match runner.dialect() {
            Some(dialect) => {
                prepare(&mut shell_state, state);
                shell::walk(script, &path, dialect, &mut shell_state, &mut runner);
            }
            None => everything_is_open(runner.executor, stage, operation.span),
        },
        (Form::Exec(words), _) => {
            // The exec form is one command: a script of one line in which every word is quoted.
            let script = quoted(words.iter().map(|word| (word.value.as_str(), word.span)), operation.span);
            shell::walk(&script, &path, Dialect::Posix, &mut shell_state, &mut runner);
        }
    }
    unmount(executor, stage, mounted);
}

/// Options of the shell itself, as `SHELL ["/bin/bash", "-eo", "pipefail", "-c"]` sets them.
fn prepare(shell: &mut shell::State, state: &State) {
    let words = state.shell();
    shell.stops_at_errors =
        words.iter().skip(1).any(|word| word.starts_with('-') && !word.starts_with("--") && word.contains('e'));
    shell.pipes_fail = words.iter().any(|word| word == "pipefail");
}

/// A script of one command whose words are all quoted, with where each stands.
pub(crate) fn quoted<'w>(words: impl Iterator<Item = (&'w str, Span)>, whole: Span) -> Excerpt {
    let mut script = Excerpt::default();
    for (word, span) in words {
        let at = span.start as usize;
        if !script.text.is_empty() {
            script.push(" ", at);
        }
        let plain = !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-+=:@%,".contains(&b));
        if plain && !word.contains('=') {
            // Behind the opening quote of the JSON string.
            script.push(word, at + 1);
        } else {
            script.push(&format!("'{}'", word.replace('\'', "'\\''")), at);
        }
    }
    if script.pieces.is_empty() {
        script.pieces.push((0, whole.start));
    }
    script
}

/// The environment of a RUN: ENV, ARG in scope, and what is left to the one who builds.
fn environment(executor: &Executor<'_>, stage: usize, state: &State) -> Environment {
    let mut environment = Environment::default();
    for (name, value) in state.variables.iter() {
        environment.variables.insert(Arc::clone(name), Knowledge::Known(value.clone()));
    }
    for (name, from) in state.variables.open() {
        let text = text! {
            en: "`{name}` has the value that `--build-arg` gives it",
            ja: "`{name}` の値は `--build-arg` で決まります",
            name: name,
        };
        let need = Need { text, settled_by: Vec::new(), at: from.location().cloned() };
        environment.variables.insert(Arc::clone(name), Knowledge::Unknown(Arc::new(need)));
    }
    let home = match state.config().user.split(':').next().unwrap_or_default() {
        "" | "root" | "0" => "/root".to_owned(),
        user => home_of(executor, stage, user).unwrap_or_else(|| format!("/home/{user}")),
    };
    environment.variables.insert_new("HOME", Fact::new(home, Provenance::Always).into());
    if let Some(work) = &executor.works[stage] {
        environment.stored.clone_from(&work.stored);
        if let Knowledge::Unknown(need) = &work.base.record {
            environment.open = Some(Arc::clone(need));
        }
    }
    environment
}

fn home_of(executor: &Executor<'_>, stage: usize, user: &str) -> Option<String> {
    let tree = &executor.works[stage].as_ref()?.image.tree;
    let Lookup::Found { entry: Entry { node: Node::File(Content::Bytes(bytes)), .. }, .. } = tree.lookup("/etc/passwd")
    else {
        return None;
    };
    let text = String::from_utf8_lossy(bytes);
    text.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect_vec();
        (fields.first() == Some(&user) || fields.get(2) == Some(&user))
            .then(|| fields.get(5).map(|home| (*home).to_owned()))?
    })
}

/// Whether the shell of a shell form is there, as far as can be told.
fn has_shell(executor: &mut Executor<'_>, stage: usize, operation: &Run, shell: &str) -> bool {
    let Some(work) = &executor.works[stage] else { return true };
    let missing = if shell.contains('/') {
        matches!(work.image.tree.lookup(shell), Lookup::Missing { .. })
    } else {
        let paths = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
        paths.iter().all(|path| matches!(work.image.tree.lookup(&format!("{path}/{shell}")), Lookup::Missing { .. }))
    };
    if missing {
        let from = match &work.base.record {
            Knowledge::Known(record) => record.from.clone(),
            Knowledge::Unknown(_) => Provenance::Always,
        };
        let from = Provenance::derived(vec![Step {
            claim: text! { en: "`{image}` has no `{shell}`", ja: "`{image}` に `{shell}` はありません", image: &work.base.reference, shell: shell },
            from,
        }]);
        executor.event(stage, operation.span, EventKind::NoShell { shell: shell.to_owned(), from });
    }
    !missing
}

/// The owner of what a user makes; `None` for root.
pub(super) fn owner(user: &str) -> Option<Arc<str>> {
    match user {
        "" | "root" | "0" | "0:0" | "root:root" => None,
        user => Some(Arc::from(user)),
    }
}

/// Something ran of which nothing can be told.
fn everything_is_open(executor: &mut Executor<'_>, stage: usize, span: Span) {
    let text = text! { en: "what this command does is not known", ja: "このコマンドが何をするかは分かりません" };
    let need = Arc::new(Need { text, settled_by: Vec::new(), at: Some(executor.location(span)) });
    if let Some(work) = &mut executor.works[stage] {
        work.owners_are_open = true;
        work.image.tree.doubt("/", need);
    }
}

impl Runner<'_, '_> {
    pub(super) fn work(&self) -> &Work {
        self.executor.works[self.stage].as_ref().expect("a stage that runs has begun")
    }

    pub(super) fn work_mut(&mut self) -> &mut Work {
        self.executor.works[self.stage].as_mut().expect("a stage that runs has begun")
    }

    pub(super) fn tree(&self) -> &Tree {
        &self.work().image.tree
    }

    pub(super) fn tree_mut(&mut self) -> &mut Tree {
        &mut self.work_mut().image.tree
    }

    pub(super) fn distribution(&self) -> Option<&str> {
        self.work().image.distribution.as_ref().map(|distribution| distribution.value.id.as_str())
    }

    /// The owner of new files; `None` for root.
    pub(super) fn owner(&self) -> Option<Arc<str>> {
        owner(&self.user)
    }

    pub(super) fn home(&self) -> String {
        match self.user.split(':').next().unwrap_or_default() {
            "" | "root" | "0" => "/root".into(),
            user => home_of(self.executor, self.stage, user).unwrap_or_else(|| format!("/home/{user}")),
        }
    }

    fn dialect(&self) -> Option<Dialect> {
        dialect_of(&self.work().image, &self.shell)
    }

    /// How the shell's echo treats escapes.
    pub(super) fn echo(&self) -> Echo {
        match (self.shell.rsplit('/').next().unwrap_or_default(), self.distribution()) {
            ("bash" | "ash" | "busybox", _) => Echo::OnDemand,
            ("dash", _) | ("sh", Some("debian" | "ubuntu")) => Echo::Always,
            (
                "sh",
                Some("alpine" | "busybox" | "rhel" | "centos" | "rocky" | "almalinux" | "fedora" | "amzn" | "ol"),
            ) => Echo::OnDemand,
            _ => Echo::Unknown,
        }
    }

    /// The known files that a wildcard stands for.
    pub(super) fn matching(&self, wanted: &str) -> Vec<String> {
        copy::matches_in_tree(self.tree(), wanted)
    }

    /// The path in the build context of what lies at a path of the stage.
    pub(super) fn context_path(&self, path: &str) -> Option<String> {
        self.work().copies.iter().rev().find_map(|copy| {
            let rest = path.strip_prefix(copy.stage.trim_end_matches('/'))?;
            let below = rest.is_empty() || rest.starts_with('/');
            below.then(|| project::clean(&format!("{}{rest}", copy.context)))
        })
    }

    pub(super) fn carry_copies(&mut self, from: &str, to: &str) {
        let inside = from.trim_end_matches('/');
        let copies = self.work().copies.clone();
        for copy in copies {
            let stage = copy.stage.trim_end_matches('/');
            let found = match (stage.strip_prefix(inside), inside.strip_prefix(stage)) {
                (Some(rest), _) if rest.is_empty() || rest.starts_with('/') => {
                    project::Copy { stage: normalize(to, rest.trim_start_matches('/')), context: copy.context.clone() }
                }
                (_, Some(rest)) if rest.starts_with('/') => {
                    project::Copy { stage: to.to_owned(), context: project::clean(&format!("{}{rest}", copy.context)) }
                }
                _ => continue,
            };
            self.work_mut().remember(found.stage, found.context);
        }
    }

    /// The user database cannot be told any more.
    pub(super) fn open_users(&mut self, call: &effects::Call<'_>) {
        let text = text! { en: "which users there are is not known", ja: "どのユーザーがいるかは分かりません" };
        let need = Arc::new(Need { text, settled_by: Vec::new(), at: Some(call.at().clone()) });
        for file in ["/etc/passwd", "/etc/group"] {
            self.write(file, Content::Unknown(Arc::clone(&need)), Some(0o644), call.command);
        }
    }
}

impl Host for Runner<'_, '_> {
    fn run(&mut self, command: &Command<'_>) -> Status {
        effects::run(self, command)
    }

    fn output(&mut self, command: &Command<'_>) -> Option<String> {
        effects::output(self, command)
    }

    fn test(&mut self, operator: char, path: &str) -> Option<bool> {
        if operator == 'c' {
            return None;
        }
        match self.tree().lookup(path) {
            Lookup::Missing { .. } => Some(false),
            Lookup::Unknown(_) => None,
            Lookup::Found { entry, .. } => match (operator, &entry.node) {
                ('e', _) | ('d', Node::Directory) | ('f', Node::File(_)) => Some(true),
                ('d' | 'L' | 'h', Node::File(_)) | ('f', Node::Directory) => Some(false),
                ('s', Node::File(Content::Bytes(bytes))) => Some(!bytes.is_empty()),
                ('x', Node::File(_)) => entry.mode.map(|mode| mode & 0o111 != 0),
                ('r', _) => Some(true),
                _ => None,
            },
        }
    }

    fn script(&mut self, path: &str) -> Option<Script> {
        let Lookup::Found { entry, .. } = self.tree().lookup(path) else { return None };
        script_of(entry, &self.executor.dockerfile.text, &self.executor.dockerfile.path)
    }

    fn files(&mut self, pattern: &str) -> Option<Vec<String>> {
        let fixed = &pattern[..pattern.find(['*', '?', '[']).unwrap_or(pattern.len())];
        let directory = fixed.rsplit_once('/').map_or("/", |(directory, _)| directory);
        let open = self.tree().gaps().any(|gap| {
            let below = gap.below.trim_end_matches('/');
            directory.strip_prefix(below).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        (!open && pattern::is_pattern(pattern)).then(|| self.matching(pattern))
    }
}

/// The language of a shell of an image; `None` for one whose scripts are not read.
pub(crate) fn dialect_of(image: &Image, shell: &str) -> Option<Dialect> {
    let is_sh = shell.rsplit('/').next() == Some("sh");
    match image.distribution.as_ref().map(|distribution| distribution.value.id.as_str()) {
        Some("debian" | "ubuntu") if is_sh => Some(Dialect::Posix),
        Some("rhel" | "centos" | "rocky" | "almalinux" | "fedora" | "amzn" | "ol" | "opensuse" | "sles") if is_sh => {
            Some(Dialect::Bash)
        }
        _ => Dialect::of_interpreter(shell),
    }
}
