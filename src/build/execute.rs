//! Runs the operations of a build on file trees.

use crate::lists::{self, Collect, Map, Set, is_one_of};
use std::sync::Arc;

use super::context::Context;
use super::convert::{self, Sink, State};
use super::graph::Base;
use super::operation::Operation;
use super::written::Written;
use super::{Build, Event, EventKind, Request, Stage, Substitute, Unnamed, copy, run};
use crate::archive::Archive;
use crate::dockerfile::expand::is_own_limit;
use crate::dockerfile::{Dockerfile, Instruction, Kind};
use crate::fact::{Knowledge, Need, Provenance};
use crate::image::{self, Config, Image};
use crate::needs::{Needs, ScriptNeeds};
use crate::platform::Platform;
use crate::project::compose;
use crate::project::{self, Project, pattern};
use crate::source::{Location, Span};
use crate::text;
use crate::toolchain::Folder;
use crate::tree::{Content, Entry, Gap, Lookup, Node, Tree, normalize};
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
    pub(super) archives: &'e [Archive],
}

/// A stage while it grows.
#[derive(Clone)]
pub(super) struct Work {
    pub(super) image: Image,
    pub(super) base: Arc<Image>,
    pub(super) copies: Vec<project::Copy>,
    /// Defaults that commands stored (`go env -w`).
    pub(super) stored: Map<Knowledge<String>>,
    pub(super) unnamed: Vec<Unnamed>,
    /// What build tools write in a project.
    pub(super) written: Vec<Arc<Written>>,
    /// Folders whose name the sources tell, with where each is made.
    pub(super) folders: Vec<(Folder, Entry)>,
    /// Downloads, by where they were saved.
    pub(super) downloads: Map<String>,
    /// Directories that `--prefix` named for later installs.
    pub(super) prefixes: Vec<String>,
    /// What was installed under a name of its own (`apk add --virtual`).
    pub(super) virtual_packages: Map<Vec<String>>,
    /// Packages that apt removed without what only they needed.
    pub(super) removed: Vec<String>,
    /// Something may have given files to another user, or opened directories to everybody.
    pub(super) owners_are_open: bool,
    /// A COPY gave what it copied to a user.
    pub(super) gives_copies: bool,
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

impl Work {
    fn new(base: Arc<Image>) -> Self {
        Self {
            image: (*base).clone(),
            base,
            copies: Vec::new(),
            stored: Map::new(),
            unnamed: Vec::new(),
            written: Vec::new(),
            folders: Vec::new(),
            downloads: Map::new(),
            prefixes: Vec::new(),
            virtual_packages: Map::new(),
            removed: Vec::new(),
            owners_are_open: false,
            gives_copies: false,
        }
    }

    /// Gives the name that is asked for to a program whose name is not known: what is taken out of the directory of such a
    /// program by name is most likely it.
    pub(super) fn name(&mut self, path: &str) {
        self.name_folder(path);
        let (directory, name) = path.rsplit_once('/').unwrap_or_default();
        if !matches!(self.image.tree.lookup(path), Lookup::Unknown(_)) || !looks_like_program(name) {
            return;
        }
        let unnamed = self.unnamed.iter().rfind(|unnamed| unnamed.directory == directory);
        if let Some(entry) = unnamed.map(|unnamed| named(unnamed, name)) {
            self.image.tree.put(path, entry);
        }
    }

    /// The same for a folder that such a path leads into.
    fn name_folder(&mut self, path: &str) {
        let path = normalize("/", path);
        let named = self.folders.iter().rev().find_map(|(folder, like)| {
            let rest = path.strip_prefix(&format!("{}/", folder.parent))?;
            let name = rest.split('/').next().filter(|name| !pattern::is_pattern(name))?;
            let place = format!("{}/{name}", folder.parent);
            matches!(self.image.tree.lookup(&place), Lookup::Unknown(_)).then(|| (folder.clone(), place, like.clone()))
        });
        if let Some((folder, place, like)) = named {
            self.lay(&folder, &place, &like);
        }
    }

    /// Puts a folder's files in place; `like` tells who made them, and where.
    pub(super) fn lay(&mut self, folder: &Folder, place: &str, like: &Entry) {
        let name = place.rsplit('/').next().unwrap_or_default();
        for (path, needs, mode) in &folder.files {
            let entry = Entry { node: Node::File(content(needs)), mode: Some(*mode), ..like.clone() };
            self.image.tree.put(&format!("{place}/{}", path.replace("{name}", name)), entry);
        }
        if let Some((directory, needs)) = &folder.programs {
            let entry = Entry { node: Node::File(content(needs)), mode: Some(0o755), ..like.clone() };
            let directory = format!("{place}/{directory}");
            self.unnamed.push(Unnamed { directory, entry, settled_by: folder.settled_by.clone() });
        }
    }

    /// Notes where a path of the build context lies.
    pub(super) fn remember(&mut self, stage: String, context: String) {
        /// So many are told apart; of a build with more, the rest is found by its directory at best.
        const MAXIMUM: usize = 500;
        self.copies.retain(|copy| copy.stage != stage);
        if self.copies.len() < MAXIMUM {
            self.copies.push(project::Copy { stage, context });
        }
    }

    /// Doubts a directory; the root as a working directory says nothing about the system's own directories.
    pub(super) fn doubt_here(&mut self, path: &str, need: Arc<Need>) {
        self.around_system(path, |tree| tree.doubt(path, need));
    }

    /// The same for the build context, which lies there without having been seen.
    pub(super) fn doubt_context_here(&mut self, path: &str, context: &str, need: Arc<Need>) {
        self.around_system(path, |tree| tree.doubt_context(path, context, need));
    }

    fn around_system(&mut self, path: &str, doubt: impl FnOnce(&mut Tree)) {
        const SYSTEM: [&str; 12] =
            ["/bin", "/dev", "/etc", "/lib", "/lib64", "/proc", "/run", "/sbin", "/sys", "/usr", "/var", "/boot"];
        let tree = &mut self.image.tree;
        let is_closed = |path: &&&str| matches!(tree.lookup(&format!("{path}/?")), Lookup::Missing { .. });
        let closed: Vec<_> = if path == "/" { SYSTEM.iter().filter(is_closed).collect_vec() } else { Vec::new() };
        // What was doubted below them stays so.
        let below = |gap: &&Gap| closed.iter().any(|path| gap.below.starts_with(&format!("{path}/")));
        let kept: Vec<Gap> = tree.gaps().filter(below).cloned().collect_vec();
        doubt(tree);
        for path in closed {
            tree.close(path);
        }
        kept.into_iter().for_each(|gap| tree.doubt_again(gap, None));
    }

    /// As `mkdir -p`: what is there stays.
    pub(super) fn make_directory(&mut self, path: &str, owner: Option<Arc<str>>, from: Provenance) {
        let mode = match self.image.tree.lookup(path) {
            Lookup::Found { .. } => return,
            Lookup::Missing { .. } => Some(0o755),
            // It may be there, with a mode of its own.
            Lookup::Unknown(_) => None,
        };
        self.image.tree.put(path, Entry { node: Node::Directory, mode, owner, from });
    }
}

/// What is in a file that a toolchain makes.
pub(super) fn content(needs: &Needs) -> Content {
    match needs {
        Needs::Unknown(need) => Content::Unknown(Arc::clone(need)),
        Needs::Script(ScriptNeeds { text: Some(text), .. }) => Content::Bytes(Arc::from(text.as_bytes())),
        needs => Content::Program(Arc::new(needs.clone())),
    }
}

/// Whether a name may be a compiled program's.
pub(crate) fn looks_like_program(name: &str) -> bool {
    !name.is_empty() && !name.contains(['.', '*', '?', '[']) && !super::context::looks_like_directory(name)
}

/// A program of unknown name as the one that is asked for, which is a condition.
pub(crate) fn named(unnamed: &Unnamed, name: &str) -> Entry {
    let condition = text! {
        en: "the program built in `{directory}` is `{name}`",
        ja: "`{directory}` でビルドされるプログラムが `{name}` である",
        directory: &unnamed.directory,
        name: name,
    };
    let assumed = Provenance::assumed(condition.clone(), unnamed.settled_by.clone());
    let made = text! { en: "the program is built here", ja: "プログラムはここでビルドされます" };
    let premises = vec![
        crate::fact::Step { claim: condition, from: assumed },
        crate::fact::Step { claim: made, from: unnamed.entry.from.clone() },
    ];
    Entry { from: Provenance::derived(premises), ..unnamed.entry.clone() }
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
