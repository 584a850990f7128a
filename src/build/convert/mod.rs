//! Instructions to operations and configuration, as BuildKit converts them
//! (frontend/dockerfile/dockerfile2llb/convert.go).
//!
//! The stages that the target needs are converted in the file's order; each operation goes to a [`Sink`] at once, with
//! the state of its stage.

mod copy;
mod run;
mod state;

use crate::lists::{Collect, Map};
use std::sync::Arc;

pub(super) use copy::url_name;
pub use state::State;

use super::expand::Expander;
use super::graph::{Base, FromName, Graph, Node, Refusal};
use super::operation::{Operation, Origin};
use super::refusal::refused;
use super::variables::Variables;
use super::{Request, SetBy, paths, ports, reference};
use crate::dockerfile::expand::is_own_limit;
use crate::dockerfile::{self, Command, Dockerfile, Instruction, Kind};
use crate::fact::{Need, Provenance};
use crate::image::{Config, Healthcheck};
use crate::platform::Platform;
use crate::source::{Location, Span};
use crate::text::Text;

/// Where the operations go, and where base images come from.
pub trait Sink {
    /// A base image's configuration and where that is known from.
    fn image(&mut self, name: &str, platform: &Platform) -> (Config, Provenance);

    /// A stage begins.
    fn begin(&mut self, stage: usize, base: &Base, state: &State);

    fn operate(&mut self, stage: usize, operation: &Operation, state: &State);

    /// An instruction cannot be followed: anything may come of it.
    fn unfollowed(&mut self, _stage: usize, _need: Arc<Need>) {}

    /// A stage ends: nothing changes it any more.
    fn end(&mut self, stage: usize, state: &State);
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
    let states = graph.stages.iter().map(|_| None).collect_vec();
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
        .collect_vec();
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
        let mut open: Vec<usize> = self.graph.stages.iter().enumerate().filter_map(used).collect_vec();
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
                    triggers.collect_vec()
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
            positions: Map::new(),
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
        read.instructions.into_iter().skip(1).map(Arc::new).collect_vec()
    }

    fn refuse(&mut self, stage: usize, at: Span, message: Text) {
        self.refused.push(Refusal { stage: Some(stage), at: Some(at), message });
    }

    fn instruction(&mut self, stage: usize, state: &mut State, instruction: &Instruction, at: Span) {
        if let Err(message) = self.dispatch(stage, state, instruction, at) {
            if is_own_limit(&message) {
                let at = Location::new(&self.dockerfile.path, at);
                let need = Need { text: message.clone(), settled_by: Vec::new(), at: Some(at) };
                self.sink.unfollowed(stage, Arc::new(need));
            }
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
                state.config.shell = words.iter().map(|word| word.value.clone()).collect_vec();
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
}

fn healthcheck(check: &dockerfile::Healthcheck) -> Healthcheck {
    let test = match &check.command {
        None => vec!["NONE".to_owned()],
        Some(Command::Shell(script)) => vec!["CMD-SHELL".to_owned(), script.text.clone()],
        Some(Command::Exec { words, .. }) => {
            std::iter::once("CMD".to_owned()).chain(words.iter().map(|word| word.value.clone())).collect_vec()
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
