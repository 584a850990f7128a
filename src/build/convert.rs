//! Instructions to operations and configuration, as BuildKit converts them
//! (frontend/dockerfile/dockerfile2llb/convert.go).
//!
//! The stages that the target needs are converted in the file's order; each operation goes to a [`Sink`] at once, with
//! the state of its stage.

use std::collections::HashMap;
use std::sync::Arc;

use super::expand::Expander;
use super::graph::{Base, FromName, Graph, Node, Refusal};
use super::operation::{Copy, Form, Id, Mount, MountKind, Operation, Origin, Owner, Program, Run, Source};
use super::refusal::refused;
use super::variables::Variables;
use super::{Request, SetBy, paths, ports, reference};
use crate::dockerfile::{self, Command, Dockerfile, Instruction, Kind, Script, Spanned};
use crate::fact::Provenance;
use crate::image::{Config, Healthcheck};
use crate::platform::Platform;
use crate::source::{Excerpt, Location, Span};
use crate::text::Text;

/// Where the operations go, and where base images come from.
pub trait Sink {
    /// A base image's configuration and where that is known from.
    fn image(&mut self, name: &str, platform: &Platform) -> (Config, Provenance);

    /// A stage begins.
    fn begin(&mut self, stage: usize, base: &Base, state: &State);

    fn operate(&mut self, stage: usize, operation: &Operation, state: &State);

    /// A stage ends: nothing changes it any more.
    fn end(&mut self, stage: usize, state: &State);
}

/// A stage between two instructions.
#[derive(Clone, Debug)]
pub struct State {
    pub platform: Platform,
    pub variables: Variables,
    /// As far as it is set; [`State::config`] completes it.
    config: Config,
    /// Where each variable stands in `config.env`.
    positions: HashMap<String, usize>,
    pub set_by: SetBy,
    /// A CMD stands in this stage, so that an ENTRYPOINT leaves the command alone.
    has_command: bool,
    /// Triggers for the stages based on this one, and where they stand.
    triggers: Vec<Arc<Instruction>>,
}

/// What came of a conversion.
#[derive(Clone, Debug)]
pub struct Converted {
    pub stages: Vec<ConvertedStage>,
    pub target: Option<usize>,
    /// What the builder refuses, the first in BuildKit's order first.
    pub refused: Vec<Refusal>,
}

/// A stage, as far as the file tells.
#[derive(Clone, Debug)]
pub struct ConvertedStage {
    /// `stage-N` without a name of its own.
    pub name: String,
    pub named: bool,
    pub span: Span,
    /// What stands after FROM, expanded.
    pub written: String,
    pub base: Base,
    pub platform: Platform,
    pub used: bool,
    /// `None` for a stage that the target does not need.
    pub state: Option<State>,
}

/// `PATH` where the base image sets none (util/system/path.go).
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Converts what the target needs.
pub fn convert(dockerfile: &Dockerfile, request: &Request, sink: &mut dyn Sink) -> Converted {
    let mut refused = Vec::new();
    let graph = Graph::new(dockerfile, request, &mut refused);
    let states = graph.stages.iter().map(|_| None).collect();
    let mut converter = Converter { dockerfile, request, graph, states, refused, sink };
    converter.run();
    let Converter { graph, states, refused, .. } = converter;
    let stages = graph
        .stages
        .iter()
        .zip(states)
        .map(|(node, state)| ConvertedStage {
            name: node.name.clone(),
            named: node.from.name.is_some(),
            span: node.instruction.span,
            written: node.written.clone(),
            base: node.base.clone(),
            platform: platform_of(&graph, node, request),
            used: node.used,
            state,
        })
        .collect();
    Converted { stages, target: graph.target, refused }
}

/// The platform that a stage's files are for: its own or that of the stage it is based on.
fn platform_of(graph: &Graph<'_>, node: &Node<'_>, request: &Request) -> Platform {
    let mut node = node;
    while let Base::Stage(parent) = node.base {
        node = &graph.stages[parent];
    }
    node.platform.clone().unwrap_or_else(|| request.platform.clone())
}

struct Converter<'c> {
    dockerfile: &'c Dockerfile,
    request: &'c Request,
    graph: Graph<'c>,
    states: Vec<Option<State>>,
    refused: Vec<Refusal>,
    sink: &'c mut dyn Sink,
}

impl Converter<'_> {
    fn run(&mut self) {
        self.resolve_triggers();
        for index in 0..self.graph.stages.len() {
            if self.graph.stages[index].used {
                self.stage(index);
            }
        }
    }

    /// Reads the triggers of every base that is used: they may need stages that nothing else does.
    fn resolve_triggers(&mut self) {
        let used = |(index, node): (usize, &Node<'_>)| node.used.then_some(index);
        let mut open: Vec<usize> = self.graph.stages.iter().enumerate().filter_map(used).collect();
        while let Some(index) = open.pop() {
            let node = &self.graph.stages[index];
            let triggers: Vec<Arc<Instruction>> = match &node.base {
                Base::Scratch => Vec::new(),
                Base::Image(name) => {
                    let platform = platform_of(&self.graph, node, self.request);
                    let (config, _) = self.sink.image(name.as_deref().unwrap_or(&node.written), &platform);
                    self.triggers(&config.on_build)
                }
                Base::Stage(parent) => {
                    let instructions = self.graph.stages[*parent].instructions.iter();
                    let triggers = instructions.filter_map(|instruction| match &instruction.kind {
                        Kind::OnBuild { trigger, .. } => Some(Arc::from(trigger.clone())),
                        _ => None,
                    });
                    triggers.collect()
                }
            };
            open.extend(self.graph.add_uses(index, triggers.iter().map(AsRef::as_ref)));
        }
    }

    fn stage(&mut self, index: usize) {
        let (mut state, triggers) = self.begin(index);
        self.sink.begin(index, &self.graph.stages[index].base, &state);
        let at = self.graph.stages[index].instruction.span;
        for trigger in &triggers {
            self.instruction(index, &mut state, trigger, at);
        }
        for instruction in self.graph.stages[index].instructions {
            self.instruction(index, &mut state, instruction, instruction.span);
        }
        self.sink.end(index, &state);
        self.states[index] = Some(state);
    }

    /// The state before the first instruction, and the triggers that run first.
    fn begin(&mut self, index: usize) -> (State, Vec<Arc<Instruction>>) {
        let node = &self.graph.stages[index];
        let at = Location::new(&self.dockerfile.path, node.instruction.span);
        if let Base::Stage(parent) = node.base {
            if let Some(parent) = &self.states[parent] {
                let mut state = parent.clone();
                // What ARG hid for the parent's commands, the image's environment shows again.
                for (name, value) in &parent.config.env {
                    if parent.variables.get(name).is_none_or(|known| known.value != *value) {
                        state.variables.set(name, value.clone(), Provenance::Read(at.clone()));
                    }
                }
                state.has_command = false;
                state.config.on_build.clear();
                let triggers = std::mem::take(&mut state.triggers);
                return (state, triggers);
            }
        }
        let platform = platform_of(&self.graph, node, self.request);
        let (config, from) = match &node.base {
            Base::Scratch | Base::Stage(_) => {
                (Config { working_dir: "/".into(), ..Config::default() }, Provenance::Always)
            }
            Base::Image(name) => self.sink.image(name.as_deref().unwrap_or(&node.written), &platform),
        };
        let mut state = State {
            platform,
            variables: Variables::default(),
            config,
            positions: HashMap::new(),
            set_by: SetBy::default(),
            has_command: false,
            triggers: Vec::new(),
        };
        for (position, (name, value)) in state.config.env.iter().enumerate() {
            state.positions.insert(name.clone(), position);
            state.variables.set(name, value.clone(), from.clone());
        }
        if state.config.variable("PATH").is_none() && !state.platform.is_windows() {
            state.set_variable("PATH", DEFAULT_PATH.into(), Provenance::Always);
        }
        if !state.config.working_dir.is_empty() {
            let directory = paths::work_directory("", &state.config.working_dir, state.platform.is_windows());
            state.config.working_dir = directory;
        }
        let triggers = self.triggers(&std::mem::take(&mut state.config.on_build));
        (state, triggers)
    }

    /// The triggers that a base image stores as text.
    fn triggers(&self, texts: &[String]) -> Vec<Arc<Instruction>> {
        let text = texts.join("\n");
        if text.is_empty() {
            return Vec::new();
        }
        let read = dockerfile::read(&self.dockerfile.path, format!("FROM scratch\n{text}\n").as_bytes());
        read.instructions.into_iter().skip(1).map(Arc::new).collect()
    }

    fn refuse(&mut self, stage: usize, at: Span, message: Text) {
        self.refused.push(Refusal { stage: Some(stage), at: Some(at), message });
    }

    fn instruction(&mut self, stage: usize, state: &mut State, instruction: &Instruction, at: Span) {
        if let Err(message) = self.dispatch(stage, state, instruction, at) {
            self.refuse(stage, at, message);
        }
    }

    fn dispatch(&mut self, stage: usize, state: &mut State, instruction: &Instruction, at: Span) -> Result<(), Text> {
        let location = Location::new(&self.dockerfile.path, at);
        let windows = state.platform.is_windows();
        let variables = state.variables.clone();
        let lookup = |name: &str| variables.get(name).map(|value| value.value.clone());
        let expander = Expander::new(self.dockerfile.escape, &lookup);
        match &instruction.kind {
            Kind::Arg(arguments) => return self.arguments(state, arguments, &location),
            Kind::Env(pairs) => {
                for pair in pairs {
                    let name = expander.word(&pair.name.value)?;
                    let value = pair.value.as_ref().map_or(Ok(String::new()), |value| expander.word(&value.value))?;
                    if name == "PATH" {
                        state.set_by.path = Some(location.clone());
                    }
                    let place = if at == instruction.span { pair.name.span } else { at };
                    let end = pair.value.as_ref().filter(|_| at == instruction.span).map_or(place, |value| value.span);
                    let place = Location::new(&self.dockerfile.path, place.cover(end));
                    state.set_variable(&name, value, Provenance::Read(place));
                }
            }
            Kind::Label(pairs) => {
                for pair in pairs {
                    let name = expander.word(&pair.name.value)?;
                    let value = pair.value.as_ref().map_or(Ok(String::new()), |value| expander.word(&value.value))?;
                    state.config.labels.insert(name, value);
                }
            }
            Kind::Workdir(path) => {
                let path = expander.word(&path.value)?;
                state.config.working_dir = paths::work_directory(&state.config.working_dir, &path, windows);
                state.set_by.workdir = Some(location);
                let path = paths::cleaned(&state.config.working_dir, windows);
                if path != "/" {
                    self.sink.operate(stage, &Operation::MakeDirectory { path, span: at }, state);
                }
            }
            Kind::User(user) => {
                state.config.user = expander.word(&user.value)?;
                state.set_by.user = Some(location);
            }
            Kind::Shell(words) => {
                state.config.shell = words.iter().map(|word| word.value.clone()).collect();
                state.set_by.shell = Some(location);
            }
            Kind::Entrypoint(command) => {
                state.config.entrypoint = state.wrapped(command);
                state.set_by.entrypoint = Some(location);
                if !state.has_command {
                    state.config.cmd.clear();
                    state.set_by.cmd = None;
                }
            }
            Kind::Cmd(command) => {
                state.config.cmd = state.wrapped(command);
                state.has_command = true;
                state.set_by.cmd = Some(location);
            }
            Kind::Healthcheck(check) => {
                state.config.healthcheck = Some(healthcheck(check));
                state.set_by.healthcheck = check.command.is_some().then_some(location);
            }
            Kind::Expose(written) => {
                for word in written {
                    for port in expander.words(&word.value)? {
                        for port in ports::exposed(&port).map_err(refused)? {
                            if !state.config.exposed_ports.contains(&port) {
                                state.config.exposed_ports.push(port);
                            }
                        }
                    }
                }
            }
            Kind::Volume(written) => {
                for word in written {
                    let volume = expander.word(&word.value)?;
                    if volume.is_empty() {
                        return Err(refused("VOLUME specified can not be an empty string".into()));
                    }
                    if !state.config.volumes.contains(&volume) {
                        state.config.volumes.push(volume);
                    }
                }
            }
            Kind::StopSignal(signal) => {
                let signal = expander.word(&signal.value)?;
                if !ports::is_signal(&signal) {
                    return Err(refused(format!("invalid signal: {signal}")));
                }
                state.config.stop_signal = signal;
            }
            Kind::OnBuild { trigger, expression } => {
                state.config.on_build.push(expression.text.clone());
                state.triggers.push(Arc::from(trigger.clone()));
            }
            Kind::Run(run) => {
                let run = self.run_operation(stage, state, instruction, run, at, &expander)?;
                self.sink.operate(stage, &Operation::Run(run), state);
            }
            Kind::Copy(copy) => {
                let copy = self.copy(stage, state, instruction, copy, at, &expander, false)?;
                self.sink.operate(stage, &Operation::Copy(copy), state);
            }
            Kind::Add(copy) => {
                let copy = self.copy(stage, state, instruction, copy, at, &expander, true)?;
                self.sink.operate(stage, &Operation::Copy(copy), state);
            }
            Kind::From(_) | Kind::Maintainer(_) | Kind::Unreadable => {}
        }
        Ok(())
    }

    /// ARG: what `--build-arg` gives, else the default, else the ARG of that name before the first FROM.
    fn arguments(&self, state: &mut State, arguments: &[dockerfile::Variable], at: &Location) -> Result<(), Text> {
        // The words are expanded with the environment before the instruction, each default with what came before it.
        for argument in arguments {
            let variables = state.variables.clone();
            let lookup = |name: &str| variables.get(name).map(|value| value.value.clone());
            let expander = Expander::new(self.dockerfile.escape, &lookup);
            let name = expander.word(&argument.name.value)?;
            let given =
                self.request.build_args.iter().rev().find(|(key, _)| *key == name).map(|(_, value)| value.clone());
            let value = match (given, &argument.value) {
                (Some(value), _) => Some(value),
                (None, Some(default)) => Some(expander.word(&default.value)?),
                (None, None) => {
                    let mut global = self.graph.arguments.iter().rev();
                    global.find(|(key, _)| *key == name).map(|(_, value)| value.clone())
                }
            };
            let from = Provenance::Read(at.clone());
            match value {
                Some(value) => state.variables.set(&name, value, from),
                None => state.variables.declare(&name, from),
            }
        }
        Ok(())
    }

    fn run_operation(
        &self,
        stage: usize,
        state: &State,
        instruction: &Instruction,
        run: &dockerfile::Run,
        at: Span,
        expander: &Expander<'_>,
    ) -> Result<Run, Text> {
        let mut mounts = Vec::new();
        for mount in &run.mounts {
            mounts.push(self.mount(stage, state, mount, expander)?);
        }
        mounts.sort_by(|a, b| a.target.cmp(&b.target));
        let (arguments, form, program) = match (instruction.script(), &run.command) {
            (Some(Script::Program { name, content }), _) => {
                let path = format!("/dev/pipes/{name}");
                let script = Excerpt { text: path.clone(), pieces: content.pieces.iter().take(1).copied().collect() };
                (state.through_shell(&path), Form::Shell(script), Some(Program { path, content }))
            }
            (Some(Script::Shell(script)), _) => (state.through_shell(&script.text), Form::Shell(script), None),
            (_, Command::Exec { words, .. }) => {
                (words.iter().map(|word| word.value.clone()).collect(), Form::Exec(words.clone()), None)
            }
            (_, Command::Shell(script)) => (state.through_shell(&script.text), Form::Shell(script.clone()), None),
        };
        let directory = paths::plain(&state.config.working_dir, state.platform.is_windows());
        let directory = if directory.is_empty() { "/".into() } else { directory };
        Ok(Run { arguments, form, directory, user: state.config.user.clone(), mounts, program, span: at })
    }

    fn mount(
        &self,
        stage: usize,
        state: &State,
        mount: &dockerfile::Mount,
        expander: &Expander<'_>,
    ) -> Result<Mount, Text> {
        let options = mount.meaning(|value| expander.word(value))?;
        let mut target = options.target.unwrap_or_default();
        let mut source = options.source.unwrap_or_default();
        let mut origin = None;
        match options.kind {
            MountKind::Secret | MountKind::Ssh => {
                if target.is_empty() {
                    let name = options.id.unwrap_or_else(|| source.rsplit('/').next().unwrap_or_default().to_owned());
                    target = match options.kind {
                        MountKind::Secret => format!("/run/secrets/{name}"),
                        _ => "/run/buildkit/ssh_agent.0".into(),
                    };
                }
                source.clear();
            }
            MountKind::Tmpfs => source.clear(),
            MountKind::Bind | MountKind::Cache => {
                origin = match &options.from {
                    Some(name) => {
                        let origin = self.origin(name, false);
                        if let Origin::Stage(used) = origin {
                            if used >= stage {
                                let message = format!(
                                    "cannot mount from stage \"{name}\" to \"{target}\", stage needs to be defined before current command"
                                );
                                return Err(refused(message));
                            }
                        }
                        Some(origin)
                    }
                    None => (options.kind == MountKind::Bind).then_some(Origin::Context),
                };
            }
        }
        let target = paths::cleaned(&paths::destination(&state.config.working_dir, &target, false), false);
        if target == "/" {
            return Err(refused("invalid mount target \"/\"".into()));
        }
        let source = crate::tree::normalize("/", &source);
        Ok(Mount { kind: options.kind, target, origin, source, read_only: options.readonly, mode: options.mode })
    }

    /// What a `--from` names. An image is pulled for the target platform, whatever the stage's.
    fn origin(&self, name: &str, numbers: bool) -> Origin {
        match self.graph.meaning_of(name, numbers) {
            FromName::Stage(stage) => Origin::Stage(stage),
            FromName::NoSuchIndex => Origin::Scratch,
            FromName::Image(name) if name == "scratch" => Origin::Scratch,
            FromName::Image(name) => {
                let name = reference::complete(&name).unwrap_or(name);
                Origin::Image { name, platform: self.request.platform.clone() }
            }
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn copy(
        &self,
        stage: usize,
        state: &State,
        instruction: &Instruction,
        copy: &dockerfile::Copy,
        at: Span,
        expander: &Expander<'_>,
        is_add: bool,
    ) -> Result<Copy, Text> {
        let refuse = |message: String| Err(refused(message));
        let windows = state.platform.is_windows();
        let from = match copy.from.as_ref().map(|from| from.value.as_str()).filter(|from| !from.is_empty()) {
            None => Origin::Context,
            Some(name) => {
                let origin = self.origin(name, true);
                if let Origin::Stage(used) = origin {
                    if self.states[used].is_none() {
                        let current = &self.graph.stages[stage].name;
                        return refuse(format!(
                            "cannot copy from stage \"{name}\", it needs to be defined before current stage \"{current}\""
                        ));
                    }
                }
                origin
            }
        };
        let expanded = |value: &Option<Spanned<String>>| {
            value
                .as_ref()
                .map(|value| expander.word(&value.value))
                .transpose()
                .map(|value| value.filter(|v| !v.is_empty()))
        };
        let owner = expanded(&copy.chown)?.map(|owner| self::owner(&owner));
        let mode = expanded(&copy.chmod)?.map(|mode| self::mode(&mode)).transpose().map_err(refused)?;
        let mut sources = Vec::new();
        let (heredocs, files) = copy.contents(instruction);
        for written in files {
            let path = expander.word(&written.value)?;
            let span = if at == instruction.span { written.span } else { at };
            let open = state.variables.open_in(&written.value);
            let source =
                |origin, path, unpack| Source { origin, path, parents: None, unpack, open: open.clone(), span };
            if is_url(&path) && !is_repository(&path) {
                if !is_add {
                    return refuse("source can't be a URL for COPY".into());
                }
                let name = format!("/{}", url_name(&path));
                sources.push(source(Origin::Url(path), name, copy.unpack == Some(true)));
            } else if is_repository(&path) {
                if !is_add {
                    return refuse("source can't be a git ref for COPY".into());
                }
                sources.push(source(Origin::Git(repository(&path)), "/".into(), false));
            } else {
                let unpack = copy.unpack.unwrap_or(is_add);
                let (path, parents) = match copy.parents {
                    false => (path, None),
                    true => match path.split_once("/./") {
                        Some((pivot, pattern)) => (pivot.to_owned(), Some(paths::cleaned(pattern, windows))),
                        None => ("/".to_owned(), Some(paths::cleaned(&path, windows))),
                    },
                };
                let path = paths::cleaned(&path, windows);
                sources.push(Source { parents, ..source(from.clone(), path, unpack) });
            }
        }
        if copy.checksum.is_some() && !sources.iter().all(|s| matches!(s.origin, Origin::Url(_) | Origin::Git(_))) {
            return refuse("checksum requires HTTP(S) or Git sources".into());
        }
        for heredoc in heredocs {
            let mut body = heredoc.body();
            if heredoc.expand {
                body = expander.heredoc(&body)?;
            }
            let span = if at == instruction.span { heredoc.span } else { at };
            let excerpt = Excerpt { text: body, pieces: vec![(0, span.start)] };
            let origin = Origin::Inline(excerpt);
            sources.push(Source {
                origin,
                path: format!("/{}", heredoc.name),
                parents: None,
                unpack: false,
                open: None,
                span,
            });
        }
        let to = expander.word(&copy.destination.value)?;
        let to = paths::destination(&paths::plain(&state.config.working_dir, windows), &to, windows);
        let exclude = copy.exclude.iter().map(|pattern| pattern.value.clone()).collect();
        let to_span = if at == instruction.span { copy.destination.span } else { at };
        Ok(Copy { sources, to, owner, mode, exclude, span: at, to_span })
    }
}

impl State {
    /// The image's configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    fn set_variable(&mut self, name: &str, value: String, from: Provenance) {
        match self.positions.get(name) {
            Some(position) => self.config.env[*position].1.clone_from(&value),
            None => {
                self.positions.insert(name.to_owned(), self.config.env.len());
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
            default.iter().map(|word| (*word).to_owned()).collect()
        } else {
            self.config.shell.clone()
        }
    }

    fn through_shell(&self, script: &str) -> Vec<String> {
        let mut words = self.shell();
        words.push(script.to_owned());
        words
    }

    fn wrapped(&self, command: &Command) -> Vec<String> {
        match command {
            Command::Shell(script) => self.through_shell(&script.text),
            Command::Exec { words, .. } => words.iter().map(|word| word.value.clone()).collect(),
        }
    }
}

fn healthcheck(check: &dockerfile::Healthcheck) -> Healthcheck {
    let test = match &check.command {
        None => vec!["NONE".to_owned()],
        Some(Command::Shell(script)) => vec!["CMD-SHELL".to_owned(), script.text.clone()],
        Some(Command::Exec { words, .. }) => {
            std::iter::once("CMD".to_owned()).chain(words.iter().map(|word| word.value.clone())).collect()
        }
    };
    Healthcheck {
        test,
        interval: check.interval,
        timeout: check.timeout,
        start_period: check.start_period,
        start_interval: check.start_interval,
        retries: check.retries,
    }
}

/// `--chown`: a user, and a group after a colon.
fn owner(written: &str) -> Owner {
    let id = |text: &str| text.parse().map_or_else(|_| Id::Name(text.to_owned()), Id::Number);
    match written.split_once(':') {
        Some((user, group)) => Owner { user: id(user), group: (!group.is_empty()).then(|| id(group)) },
        None => Owner { user: id(written), group: None },
    }
}

/// `--chmod`: octal digits, or symbols (tonistiigi/go-rosetta's `mode`, as `chmod` reads them).
fn mode(written: &str) -> Result<String, String> {
    if written.bytes().all(|b| b.is_ascii_digit()) {
        return match u32::from_str_radix(written, 8) {
            Ok(mode) if mode <= 0o7777 => Ok(format!("{mode:o}")),
            _ => {
                Err(format!("invalid chmod parameter: '{written}'. it should be octal string and between 0 and 07777"))
            }
        };
    }
    let is_symbolic = |part: &str| {
        let rest = part.trim_start_matches(['u', 'g', 'o', 'a']);
        let Some(rest) = rest.strip_prefix(['+', '-', '=']) else { return false };
        rest.chars().all(|c| "rwxXstugo+-=".contains(c))
    };
    if written.split(',').all(is_symbolic) { Ok(written.to_owned()) } else { Err("invalid syntax".to_owned()) }
}

fn is_url(path: &str) -> bool {
    path.starts_with("http://") || path.starts_with("https://")
}

/// `https://host/x.git`, `git@host:x`, `git://…`, with a reference after `#`.
fn is_repository(path: &str) -> bool {
    let address = path.split('#').next().unwrap_or_default();
    let by_name = is_url(path) && address.ends_with(".git");
    let by_ssh = address.split_once('@').is_some_and(|(user, rest)| {
        !user.is_empty()
            && !user.contains(['/', '$'])
            && rest.split_once(':').is_some_and(|(host, _)| host.contains('.'))
    });
    by_name || by_ssh || ["git://", "ssh://"].iter().any(|scheme| address.starts_with(scheme))
}

/// A repository without its scheme or user, as BuildKit writes its source.
fn repository(path: &str) -> String {
    if let Some((_, rest)) = path.split_once("://") {
        return rest.to_owned();
    }
    path.split_once('@').map_or_else(|| path.to_owned(), |(_, rest)| rest.replacen(':', "/", 1))
}

/// The name that a download gets: the last part of the path.
pub(super) fn url_name(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    let path = path.split_once('/').map_or("", |(_, path)| path).trim_end_matches('/');
    path.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("__unnamed__")
}
