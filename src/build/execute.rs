//! Runs the operations of a build on file trees.

use crate::lists::{self, Collect, Map, Set, is_one_of};
use std::sync::Arc;

use super::context::Context;
use super::convert::{self, Sink, State};
use super::graph::Base;
use super::operation::Operation;
use super::work::Work;
use super::{Build, Event, EventKind, Request, Stage, Substitute, copy, run};
use crate::archive::Archive;
use crate::dockerfile::expand::is_own_limit;
use crate::dockerfile::{Dockerfile, Instruction, Kind};
use crate::fact::{Knowledge, Need, Provenance};
use crate::image::{self, Config, Distribution, Image, packages};
use crate::platform::Platform;
use crate::project::Project;
use crate::project::compose;
use crate::source::{Location, Span};
use crate::text;
use crate::word::Environment;

/// What is in an image, stage by stage, while the build goes on.
pub(super) struct Executor<'e> {
    pub(super) dockerfile: &'e Dockerfile,
    pub(super) context: Context,
    pub(super) works: Vec<Option<Work>>,
    pub(super) events: Vec<Event>,
    /// How many more tree entries may be copied, and commands be run: a hostile file must not take for ever.
    pub(super) budget: Budget,
    /// By platform and name.
    images: Map<Arc<Image>>,
    /// Whether a package of a distribution brings a command, by both: a long file asks for few of them, often.
    packaged: Map<bool>,
    pub(super) archives: &'e [Archive],
}

pub(super) struct Budget {
    /// Entries that are copied between trees.
    pub(super) entries: usize,
    /// Searches through a whole tree for names that resemble a missing one.
    pub(super) searches: usize,
}

pub(super) fn build(
    dockerfile: Arc<Dockerfile>,
    project: Arc<Project>,
    request: &Request,
    substitutes: Vec<Substitute>,
    archives: &[Archive],
) -> Build {
    let count = dockerfile.instructions.len() + 1;
    let mut executor = Executor {
        dockerfile: &dockerfile,
        context: Context::new(Arc::clone(&project), &dockerfile.path),
        works: (0..count).map(|_| None).collect_vec(),
        events: Vec::new(),
        budget: Budget { entries: 500_000, searches: 50 },
        images: Map::new(),
        packaged: Map::new(),
        archives,
    };
    let converted = convert::convert(&dockerfile, request, &mut executor);
    let mut stages = Vec::with_capacity(converted.stages.len());
    for (index, stage) in converted.stages.into_iter().enumerate() {
        let parent = match stage.base {
            Base::Stage(parent) => Some(parent),
            _ => None,
        };
        let (mut image, base_image, copies, unnamed, written) = match executor.works[index].take() {
            Some(work) => (work.image, work.base, work.copies, work.unnamed, work.written),
            None => {
                let image = Image::scratch(&stage.platform);
                (image.clone(), Arc::new(image), Vec::new(), Vec::new(), Vec::new())
            }
        };
        if let Some(need) = completed_later(&dockerfile, stage.span) {
            image.tree.doubt("/", need);
        }
        let environment = stage.state.as_ref().map(|state| environment(state, &base_image)).unwrap_or_default();
        stages.push(Stage {
            index,
            name: stage.named.then_some(stage.name),
            span: stage.span,
            base: stage.written,
            parent,
            platform: stage.platform,
            used: stage.used,
            image,
            base_image,
            environment,
            set_by: stage.state.map(|state| state.set_by).unwrap_or_default(),
            copies,
            unnamed,
            written,
        });
    }
    let mut events = executor.events;
    let missing = missing_arguments(&dockerfile, request);
    for refusal in converted.refused {
        let at = Location::new(&dockerfile.path, refusal.at.unwrap_or_default());
        let stage = refusal.stage.unwrap_or_default();
        let instruction = at.span.of(&dockerfile.text);
        let named =
            |name: &&&str| instruction.contains(&format!("${name}")) || instruction.contains(&format!("${{{name}"));
        // FROM sees only what is declared before the first of them; another ARG of the name leaves it empty.
        let is_base = refusal.at.is_some_and(|at| is_from(&dockerfile, at));
        let seen = |name: &&&str| !is_base || is_global(&dockerfile, name);
        let kind = match missing.iter().filter(seen).find(named) {
            // Who builds it gives a value on the command line, so the refusal is ours alone.
            Some(name) => EventKind::Unknown(Arc::new(Need {
                text: text! {
                    en: "`{name}` has no default, and no `--build-arg {name}=…` was given",
                    ja: "`{name}` には既定値がなく、`--build-arg {name}=…` も指定されていません",
                    name: *name,
                },
                settled_by: Vec::new(),
                at: Some(at.clone()),
            })),
            None if is_own_limit(&refusal.message) => {
                let need = Need { text: refusal.message, settled_by: Vec::new(), at: Some(at.clone()) };
                EventKind::Unfollowed(Arc::new(need))
            }
            None => EventKind::Refused(refusal.message),
        };
        events.push(Event { stage, at, only_if: Vec::new(), kind });
    }
    lists::sort_by_key(&mut events, |event| event.stage);
    let services = compose::services(&project, &dockerfile.path);
    let request = request.clone();
    Build { dockerfile, project, request, stages, target: converted.target, events, substitutes, services }
}

/// A stage with triggers that bring files is made to be built upon, and what starts then is not all there yet.
fn completed_later(dockerfile: &Arc<Dockerfile>, stage: Span) -> Option<Arc<Need>> {
    let brings = |trigger: &Instruction| matches!(trigger.kind, Kind::Copy(_) | Kind::Add(_) | Kind::Run(_));
    let mut following = dockerfile.instructions.iter().skip_while(|one| one.span.start <= stage.start);
    let trigger = following
        .by_ref()
        .take_while(|one| !matches!(one.kind, Kind::From(_)))
        .find(|one| matches!(&one.kind, Kind::OnBuild { trigger, .. } if brings(trigger)))?;
    let text = text! {
        en: "an image that is built on this one gets its files by ONBUILD",
        ja: "このイメージを基にビルドされるイメージが、ONBUILD によってファイルを受け取ります",
    };
    let at = Some(Location::new(&dockerfile.path, trigger.span));
    Some(Arc::new(Need { text, settled_by: Vec::new(), at }))
}

fn is_from(dockerfile: &Dockerfile, at: Span) -> bool {
    dockerfile.instructions.iter().any(|one| one.span == at && matches!(one.kind, Kind::From(_)))
}

/// Whether an ARG of this name stands before the first FROM.
fn is_global(dockerfile: &Dockerfile, name: &str) -> bool {
    let mut before = dockerfile.instructions.iter().take_while(|one| !matches!(one.kind, Kind::From(_)));
    before.any(|one| matches!(&one.kind, Kind::Arg(variables) if variables.iter().any(|one| one.name.value == name)))
}

/// The ARGs without a default that nobody gave a value; the builder itself gives those of the platforms.
fn missing_arguments<'d>(dockerfile: &'d Dockerfile, request: &Request) -> Vec<&'d str> {
    /// So many are told apart.
    const MAXIMUM: usize = 100;
    let declared = dockerfile.instructions.iter().filter_map(|instruction| match &instruction.kind {
        Kind::Arg(variables) => Some(variables),
        _ => None,
    });
    let variables: Vec<_> = declared.flatten().collect_vec();
    let with_default: Set =
        variables.iter().filter(|one| one.value.is_some()).map(|one| one.name.value.as_str()).collect_set();
    let is_missing = |name: &&str| {
        let platform = name.strip_prefix("TARGET").or_else(|| name.strip_prefix("BUILD"));
        let by_builder = platform.is_some_and(|rest| is_one_of(rest, "PLATFORM OS ARCH VARIANT STAGE"));
        !by_builder && !with_default.contains_key(name) && request.build_args.iter().all(|(given, _)| given != name)
    };
    variables.iter().map(|one| one.name.value.as_str()).filter(is_missing).take(MAXIMUM).collect_vec()
}

/// What the image's processes find in their environment.
fn environment(state: &State, base: &Image) -> Environment {
    let variables = state.config().env.iter().map(|(name, value)| {
        let from = state.variables.get(name).map_or(Provenance::Always, |known| known.from.clone());
        (name.clone(), Knowledge::Known(crate::fact::Fact::new(value.clone(), from)))
    });
    let open = match &base.record {
        Knowledge::Known(_) => None,
        Knowledge::Unknown(need) => Some(Arc::clone(need)),
    };
    Environment { variables: variables.collect_map(), open, ..Environment::default() }
}

impl Executor<'_> {
    pub(super) fn location(&self, span: Span) -> Location {
        Location::new(&self.dockerfile.path, span)
    }

    pub(super) fn event(&mut self, stage: usize, span: Span, kind: EventKind) {
        let at = self.location(span);
        self.events.push(Event { stage, at, only_if: Vec::new(), kind });
    }

    /// The stage as a person calls it: its name, else its index.
    pub(super) fn stage_name(&self, stage: usize) -> String {
        let name = self.from(stage).and_then(|(_, from)| from.name.as_ref());
        name.map_or_else(|| stage.to_string(), |name| name.value.clone())
    }

    /// The instruction that begins a stage.
    fn from(&self, stage: usize) -> Option<(Span, &crate::dockerfile::From)> {
        let mut froms = self.dockerfile.instructions.iter().filter_map(|instruction| match &instruction.kind {
            crate::dockerfile::Kind::From(from) => Some((instruction.span, from)),
            _ => None,
        });
        froms.nth(stage)
    }

    /// Whether the catalog knows a package of the distribution that brings a command.
    pub(super) fn is_packaged(&mut self, distribution: &Distribution, command: &str) -> bool {
        let key = format!("{} {command}", distribution.name);
        if let Some(known) = self.packaged.get(&key) {
            return *known;
        }
        let places = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"].map(|directory| format!("{directory}/{command}"));
        let found = places.iter().any(|place| packages::providing(distribution, place).is_some());
        self.packaged.insert(key, found);
        found
    }

    /// What a reference stands for: an image that was dropped under that name, else what the catalog has.
    pub(super) fn resolve(&mut self, name: &str, platform: &Platform) -> Arc<Image> {
        let mut dropped = self.archives.iter().flat_map(Archive::images);
        if let Some(image) = dropped.find(|image| image.platform == *platform && image.is_named(name)) {
            return Arc::clone(image.image());
        }
        let key = format!("{platform} {name}");
        if let Some(image) = self.images.get(&key) {
            return Arc::clone(image);
        }
        let image = Arc::new(image::resolve(name, platform));
        self.images.insert(key, Arc::clone(&image));
        image
    }
}

impl Sink for Executor<'_> {
    fn image(&mut self, name: &str, platform: &Platform) -> (Config, Provenance) {
        let image = self.resolve(name, platform);
        let from = match &image.record {
            Knowledge::Known(record) => record.from.clone(),
            Knowledge::Unknown(_) => Provenance::Always,
        };
        (image.config.clone(), from)
    }

    fn begin(&mut self, stage: usize, base: &Base, state: &State) {
        let work = match base {
            Base::Stage(parent) => self.works[*parent].clone(),
            Base::Scratch => Some(Work::new(Arc::new(Image::scratch(&state.platform)))),
            Base::Image(Some(name)) => Some(Work::new(self.resolve(name, &state.platform))),
            Base::Image(None) => None,
        };
        let unknown = || {
            let (at, name) = match self.from(stage) {
                Some((span, from)) => (Some(self.location(span)), from.image.value.as_str()),
                None => (None, ""),
            };
            Work::new(Arc::new(unknown_image(name, at, &state.platform)))
        };
        self.works[stage] = Some(work.unwrap_or_else(unknown));
    }

    fn operate(&mut self, stage: usize, operation: &Operation, state: &State) {
        match operation {
            Operation::MakeDirectory { path, span } => {
                let at = self.location(*span);
                let Some(work) = &mut self.works[stage] else { return };
                work.make_directory(path, run::owner(&state.config().user), Provenance::Read(at));
            }
            Operation::Copy(operation) => copy::copy(self, stage, operation),
            Operation::Run(operation) => run::run(self, stage, operation, state),
        }
    }

    fn unfollowed(&mut self, stage: usize, need: Arc<Need>) {
        if let Some(work) = &mut self.works[stage] {
            work.image.tree.doubt("/", need);
        }
    }

    fn end(&mut self, stage: usize, state: &State) {
        if let Some(work) = &mut self.works[stage] {
            work.image.config = state.config().clone();
        }
    }
}

/// An image that only a build argument names.
fn unknown_image(name: &str, at: Option<Location>, platform: &Platform) -> Image {
    let text = text! {
        en: "`{name}` names the base image, and the argument in it has no value here (`--build-arg`)",
        ja: "ベースイメージは `{name}` ですが、その引数の値がここでは分かりません（`--build-arg`）",
        name: name,
    };
    let need = Arc::new(Need { text, settled_by: Vec::new(), at });
    let mut image = Image::scratch(platform);
    image.reference = name.to_owned();
    image.record = Knowledge::Unknown(Arc::clone(&need));
    image.libc = Knowledge::Unknown(Arc::clone(&need));
    image.c_compiler = Knowledge::Unknown(Arc::clone(&need));
    image.tree.doubt("/", need);
    image
}
