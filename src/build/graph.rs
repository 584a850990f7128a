//! Which stages there are, what each is based on, and which of them the target needs.
//!
//! As BuildKit does it (frontend/dockerfile/dockerfile2llb/convert.go): names are looked up among all stages of the
//! file for COPY and mounts, and among the earlier ones for FROM.

use crate::lists::{Collect, Map};

use super::expand::Expander;
use super::refusal::refused as words;
use super::{Request, reference};
use crate::dockerfile::{Dockerfile, From, Instruction, Kind, lower};
use crate::platform::Platform;
use crate::source::Span;
use crate::text::Text;

/// The stages of a file.
pub(super) struct Graph<'d> {
    pub(super) stages: Vec<Node<'d>>,
    pub(super) target: Option<usize>,
    /// ARGs before the first FROM, and the platform arguments.
    pub(super) arguments: Vec<(String, String)>,
    names: Map<usize>,
}

/// One stage.
pub(super) struct Node<'d> {
    pub(super) instruction: &'d Instruction,
    pub(super) from: &'d From,
    pub(super) instructions: &'d [Instruction],
    /// `stage-N` without one.
    pub(super) name: String,
    /// What stands after FROM, expanded.
    pub(super) written: String,
    pub(super) base: Base,
    /// `--platform`
    pub(super) platform: Option<Platform>,
    /// The stages that are copied or mounted from, with the instruction.
    pub(super) uses: Vec<(usize, Span)>,
    pub(super) used: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    Scratch,
    Stage(usize),
    /// An image; the reference is completed. `None` where it is no reference at all.
    Image(Option<String>),
}

/// What the builder refuses.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    pub stage: Option<usize>,
    pub at: Option<Span>,
    pub message: Text,
}

/// What a `--from` means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FromName {
    Stage(usize),
    /// No stage has the name.
    Image(String),
    NoSuchIndex,
}

impl<'d> Graph<'d> {
    /// Reads the stages; what is refused comes in BuildKit's order.
    pub(super) fn new(dockerfile: &'d Dockerfile, request: &Request, refused: &mut Vec<Refusal>) -> Self {
        let starts: Vec<usize> = dockerfile
            .instructions
            .iter()
            .enumerate()
            .filter(|(_, i)| matches!(i.kind, Kind::From(_)))
            .map(|(n, _)| n)
            .collect_vec();
        let before = &dockerfile.instructions[..starts.first().copied().unwrap_or(dockerfile.instructions.len())];
        let arguments = global_arguments(dockerfile.escape, before, request, refused);
        let mut graph = Self { stages: Vec::with_capacity(starts.len()), target: None, arguments, names: Map::new() };
        for (index, start) in starts.iter().enumerate() {
            let end = starts.get(index + 1).copied().unwrap_or(dockerfile.instructions.len());
            let instruction = &dockerfile.instructions[*start];
            if let Kind::From(from) = &instruction.kind {
                graph.add(
                    dockerfile.escape,
                    index,
                    instruction,
                    from,
                    &dockerfile.instructions[start + 1..end],
                    refused,
                );
            }
        }
        if graph.stages.is_empty() {
            let message = if dockerfile.instructions.is_empty() {
                "the Dockerfile cannot be empty"
            } else {
                "dockerfile contains no stages to build"
            };
            refused.push(Refusal { stage: None, at: None, message: words(message.into()) });
            return graph;
        }
        graph.target = match request.target.as_deref().filter(|target| !target.is_empty()) {
            None => Some(graph.stages.len() - 1),
            Some(name) => {
                let found = graph.names.get(&lower(name)).copied();
                if found.is_none() {
                    let message = words(format!("target stage \"{name}\" could not be found"));
                    refused.push(Refusal { stage: None, at: None, message });
                }
                found
            }
        };
        graph.connect(refused);
        graph.refuse_circles(refused);
        graph.refuse_references(refused);
        if let Some(target) = graph.target {
            graph.mark_used(target);
        }
        graph
    }

    fn add(
        &mut self,
        escape: char,
        index: usize,
        instruction: &'d Instruction,
        from: &'d From,
        instructions: &'d [Instruction],
        refused: &mut Vec<Refusal>,
    ) {
        let mut refuse = |message: Text| {
            refused.push(Refusal { stage: Some(index), at: Some(instruction.span), message });
        };
        let arguments = &self.arguments;
        let lookup = |name: &str| arguments.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let expander = Expander::new(escape, &lookup);
        let written = expander.word(&from.image.value);
        let is_blank = written.as_ref().is_ok_and(String::is_empty);
        let written = written.unwrap_or_else(|error| {
            refuse(error);
            String::new()
        });
        if is_blank {
            refuse(words(format!("base name ({}) should not be blank", from.image.value)));
        }
        let platform = from.platform.as_ref().and_then(|platform| {
            let text = expander.word(&platform.value).unwrap_or_default();
            if text.is_empty() {
                refuse(words(format!("empty platform value from expression {}", platform.value)));
                return None;
            }
            let parsed = Platform::parse(&text);
            if parsed.is_none() {
                refuse(words(format!("failed to parse platform {text}: cannot parse platform specifier")));
            }
            parsed
        });
        let base = match self.names.get(&written) {
            Some(stage) => Base::Stage(*stage),
            None if written == "scratch" => Base::Scratch,
            None => Base::Image(reference::complete(&written).ok()),
        };
        let name = from.name.as_ref().map(|name| name.value.clone());
        self.stages.push(Node {
            instruction,
            from,
            instructions,
            name: name.clone().unwrap_or_else(|| format!("stage-{index}")),
            written,
            base,
            platform,
            uses: Vec::new(),
            used: false,
        });
        if let Some(name) = name {
            self.names.insert(lower(&name), index);
        }
    }

    /// What `--from` or a mount's `from` means. Numbers are stages only for COPY.
    pub(super) fn meaning_of(&self, name: &str, numbers: bool) -> FromName {
        if numbers {
            if let Ok(index) = name.parse::<i64>() {
                return match usize::try_from(index) {
                    Ok(index) if index < self.stages.len() => FromName::Stage(index),
                    _ => FromName::NoSuchIndex,
                };
            }
        }
        match self.names.get(&lower(name)) {
            Some(stage) => FromName::Stage(*stage),
            None => FromName::Image(name.to_owned()),
        }
    }

    fn connect(&mut self, refused: &mut Vec<Refusal>) {
        for index in 0..self.stages.len() {
            let mut uses = Vec::new();
            for instruction in self.stages[index].instructions {
                for (name, numbers) in from_names(instruction) {
                    match self.meaning_of(name, numbers) {
                        FromName::Stage(stage) => uses.push((stage, instruction.span)),
                        FromName::NoSuchIndex => {
                            let message = words(format!("invalid stage index {name}"));
                            refused.push(Refusal { stage: Some(index), at: Some(instruction.span), message });
                        }
                        FromName::Image(_) => {}
                    }
                }
            }
            self.stages[index].uses = uses;
        }
    }

    /// Adds what the triggers of a base copy from; the stages that the target needs for it.
    pub(super) fn add_uses<'i>(&mut self, index: usize, triggers: impl Iterator<Item = &'i Instruction>) -> Vec<usize> {
        let at = self.stages[index].instruction.span;
        let mut added = Vec::new();
        for (name, numbers) in triggers.flat_map(from_names) {
            if let FromName::Stage(stage) = self.meaning_of(name, numbers) {
                self.stages[index].uses.push((stage, at));
                added.extend(self.mark_used(stage));
            }
        }
        added
    }

    fn refuse_circles(&self, refused: &mut Vec<Refusal>) {
        let mut visited = vec![false; self.stages.len()];
        for start in 0..self.stages.len() {
            // (stage, the next of its uses); the stages on it are the path.
            let mut path: Vec<(usize, usize)> = Vec::new();
            let mut on_path = vec![false; self.stages.len()];
            if !std::mem::replace(&mut visited[start], true) {
                path.push((start, 0));
                on_path[start] = true;
            }
            while let Some((stage, next)) = path.pop() {
                let Some((used, _)) = self.stages[stage].uses.get(next) else {
                    on_path[stage] = false;
                    continue;
                };
                path.push((stage, next + 1));
                if on_path[*used] {
                    let first = self.stages[start].uses.get(path[0].1 - 1).map(|(_, span)| *span);
                    let message = words(format!("circular dependency detected on stage: {}", self.stages[start].name));
                    refused.push(Refusal { stage: Some(start), at: first, message });
                    return;
                }
                if !std::mem::replace(&mut visited[*used], true) {
                    on_path[*used] = true;
                    path.push((*used, 0));
                }
            }
        }
    }

    /// A reference is looked at even where the target does not need it.
    fn refuse_references(&self, refused: &mut Vec<Refusal>) {
        for (index, stage) in self.stages.iter().enumerate() {
            if stage.base != Base::Image(None) || stage.written.is_empty() {
                continue;
            }
            if let Err(error) = reference::complete(&stage.written) {
                let message = words(format!("failed to parse stage name \"{}\": {error}", stage.written));
                refused.push(Refusal { stage: Some(index), at: Some(stage.instruction.span), message });
            }
        }
    }

    /// Marks a stage and all that it needs; those that were not marked before.
    fn mark_used(&mut self, stage: usize) -> Vec<usize> {
        let mut open = vec![stage];
        let mut added = Vec::new();
        while let Some(stage) = open.pop() {
            if std::mem::replace(&mut self.stages[stage].used, true) {
                continue;
            }
            added.push(stage);
            if let Base::Stage(parent) = self.stages[stage].base {
                open.push(parent);
            }
            open.extend(self.stages[stage].uses.iter().map(|(used, _)| *used));
        }
        added
    }
}

/// The names that an instruction takes files from, and whether numbers count.
fn from_names(instruction: &Instruction) -> Vec<(&str, bool)> {
    match &instruction.kind {
        Kind::Copy(copy) | Kind::Add(copy) => {
            let from = copy.from.as_ref().map(|from| from.value.as_str()).filter(|from| !from.is_empty());
            from.into_iter().map(|from| (from, true)).collect_vec()
        }
        Kind::Run(run) => {
            let from = run.mounts.iter().filter_map(|mount| mount.from.as_deref()).filter(|from| !from.is_empty());
            from.map(|from| (from, false)).collect_vec()
        }
        _ => Vec::new(),
    }
}

/// The platform arguments and the ARGs before the first FROM, as FROM sees them.
fn global_arguments(
    escape: char,
    instructions: &[Instruction],
    request: &Request,
    refused: &mut Vec<Refusal>,
) -> Vec<(String, String)> {
    let given =
        |name: &str| request.build_args.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let mut arguments: Vec<(String, String)> = Vec::new();
    let builder = Platform::default();
    let build = request.build_platform.as_ref().unwrap_or(&builder);
    let target = &request.platform;
    let stage = request.target.as_deref().filter(|target| !target.is_empty()).unwrap_or("default");
    for (name, value) in [
        ("BUILDPLATFORM", build.to_string().as_str()),
        ("BUILDOS", &build.os),
        ("BUILDARCH", &build.architecture),
        ("BUILDVARIANT", &build.variant),
        ("TARGETPLATFORM", &target.to_string()),
        ("TARGETOS", &target.os),
        ("TARGETARCH", &target.architecture),
        ("TARGETVARIANT", &target.variant),
        ("TARGETSTAGE", stage),
    ] {
        let value = given(name).unwrap_or_else(|| value.to_owned());
        if !value.is_empty() {
            arguments.push((name.to_owned(), value));
        }
    }
    for instruction in instructions {
        let Kind::Arg(variables) = &instruction.kind else { continue };
        for variable in variables {
            let name = &variable.name.value;
            let value = given(name).or_else(|| {
                let written = variable.value.as_ref()?;
                let lookup =
                    |name: &str| arguments.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.clone());
                match Expander::new(escape, &lookup).word(&written.value) {
                    Ok(value) => Some(value),
                    Err(message) => {
                        refused.push(Refusal { stage: None, at: Some(instruction.span), message });
                        None
                    }
                }
            });
            if let Some(value) = value {
                arguments.push((name.clone(), value));
            }
        }
    }
    arguments
}
