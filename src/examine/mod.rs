//! The whole way from the files to what is found.

mod archives;
mod context;
mod summary;
mod suppress;
mod verify;

use crate::lists::{self, Collect};
use std::rc::Rc;
use std::sync::Arc;

use crate::analysis::{Analysis, Chain, ChainStep, Judged, Origin, Recognised};
use crate::archive::{self, Archive};
use crate::binary::{self, Binary};
use crate::build::{self, Build, Substitute};
use crate::dockerfile::{self, Dockerfile};
use crate::fact::{Knowledge, Provenance};
use crate::image::Image;
use crate::input::Input;
use crate::judge;
use crate::launch::{self, Launch, Purpose};
use crate::message;
use crate::needs::Needs;
use crate::options::Options;
use crate::recognise::{Kind, recognise};
use crate::rules::run::{self, Findings};
use crate::source::Location;
use crate::text;
use crate::tree::Lookup;
use crate::tree::normalize;
use crate::verdict::Verdict;

/// Finds everything: what the Dockerfiles come to, where dropped programs start, and what mends what fails.
#[must_use]
pub fn examine(files: &[Input], options: &Options) -> Analysis {
    let dropped = Dropped::new(files);
    let mut analysis = dockerfiles(&dropped, options);
    verify::verify(&mut analysis, &dropped, options);
    if analysis.builds.is_empty() && dropped.programs.is_empty() {
        let parts = archives::starts(&dropped, options, &mut analysis);
        summary::conclude(&mut analysis, parts);
    }
    programs(&mut analysis, &dropped, options);
    archives::notes(&mut analysis, &dropped, options);
    messages(&mut analysis, &dropped);
    analysis
}

/// A folder of many projects has as many Dockerfiles; this many are looked at.
const MOST_DOCKERFILES: usize = 32;

/// Programs are read where they may be started or replace one that is; a folder of thousands is none of these.
const MOST_PROGRAMS: usize = 64;

/// What was dropped, each file recognised and each program read once.
#[derive(Clone)]
struct Dropped<'f> {
    files: &'f [Input],
    inputs: Arc<[Recognised]>,
    programs: Rc<[Program]>,
    archives: Rc<[Archive]>,
}

/// A program that was dropped.
struct Program {
    input: Input,
    binary: Binary,
}

impl<'f> Dropped<'f> {
    fn new(files: &'f [Input]) -> Self {
        let (mut programs, mut archives) = (Vec::new(), Vec::new());
        let inputs = files.iter().map(|file| recognised(file, &mut programs, &mut archives)).collect();
        Self { files, inputs, programs: programs.into(), archives: archives.into() }
    }

    /// The same after a change of texts, which programs do not notice.
    fn with<'g>(&self, files: &'g [Input]) -> Dropped<'g> {
        Dropped { files, ..self.clone() }
    }

    /// The same where a change makes the build write its programs anew.
    fn without_programs(self) -> Self {
        Self { programs: Rc::new([]), ..self }
    }

    fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &'f Input> + use<'_, 'f> {
        let of_kind = move |(_, input): &(&'f Input, &Recognised)| input.kind == Some(kind);
        self.files.iter().zip(self.inputs.iter()).filter(of_kind).map(|(file, _)| file)
    }

    /// The Dockerfiles, the ones nearest to the top and of the plainest name first.
    fn dockerfiles(&self) -> Vec<&'f Input> {
        let mut found: Vec<_> = self.of_kind(Kind::Dockerfile).collect_vec();
        lists::sort_by_key(&mut found, |file| {
            (file.path.matches('/').count(), file.name() != "Dockerfile", Arc::clone(&file.path))
        });
        found.truncate(MOST_DOCKERFILES);
        found
    }
}

fn recognised(file: &Input, programs: &mut Vec<Program>, archives: &mut Vec<Archive>) -> Recognised {
    let mut kind = recognise(file, message::is_message);
    let mut problem =
        kind.is_none().then(|| text! { en: "the file could not be read", ja: "ファイルを読めませんでした" });
    if kind == Some(Kind::Archive) && archives.len() < archives::MOST_ARCHIVES {
        // What a folder has packed is for ADD and tar; whether it holds an image would cost its unpacking each time.
        let in_folder = file.path.contains('/') && archive::is_packed(file);
        let archive = if in_folder { archive::of_files(file) } else { archive::open(file) };
        if archive.images().next().is_some() {
            kind = Some(Kind::Image);
        }
        archives.push(archive);
    }
    if kind.is_some_and(Kind::is_program) && programs.len() < MOST_PROGRAMS {
        let binary = binary::read(file);
        problem = problem.or_else(|| binary.problem.clone());
        programs.push(Program { input: file.clone(), binary });
    }
    Recognised { path: Arc::clone(&file.path), kind, problem }
}

/// What the Dockerfiles come to, without trying the fixes.
fn dockerfiles(dropped: &Dropped<'_>, options: &Options) -> Analysis {
    let mut analysis = Analysis {
        verdict: Verdict::NoProgram,
        summary: summary::nothing(&dropped.inputs),
        inputs: dropped.inputs.to_vec(),
        diagnostics: Vec::new(),
        suppressed: Vec::new(),
        unknowns: Vec::new(),
        programs: Vec::new(),
        builds: Vec::new(),
        launch: None,
        messages: Vec::new(),
    };
    let examined =
        dropped.dockerfiles().into_iter().map(|file| examine_dockerfile(file, dropped, options, &mut analysis));
    let parts = examined.collect_vec();
    summary::conclude(&mut analysis, parts);
    analysis
}

/// More programs than these make no table that anybody reads.
const MOST_TABLES: usize = 16;

/// Where dropped programs start; that is the answer when no Dockerfile was dropped.
fn programs(analysis: &mut Analysis, dropped: &Dropped<'_>, options: &Options) {
    let alone = analysis.builds.is_empty();
    // A script beside a Dockerfile is a part of that image; a program is worth its table in any case.
    let worth = |program: &&Program| alone || program.binary.elf().is_some();
    let judged = dropped.programs.iter().filter(worth).take(MOST_TABLES);
    let beside = if alone { archives::beside(&dropped.archives, options) } else { Vec::new() };
    let judged: Vec<Judged> =
        judged.map(|program| judge::judge(&program.input, program.binary.clone(), options, &beside)).collect_vec();
    if let Some(first) = judged.first().filter(|_| alone) {
        summary::of_program(analysis, first);
    }
    analysis.programs.extend(judged);
}

/// The answer about one Dockerfile.
struct Part {
    /// As it was dropped.
    path: Arc<str>,
    verdict: Verdict,
    findings: Findings,
}

fn examine_dockerfile(file: &Input, dropped: &Dropped<'_>, options: &Options, analysis: &mut Analysis) -> Part {
    let path = &file.path;
    let bytes = file.head(MAXIMUM_DOCKERFILE).unwrap_or_default();
    let dockerfile: Arc<Dockerfile> = Arc::new(dockerfile::read(path, &bytes));
    let project = Arc::new(context::of(&dockerfile, dropped.files));
    let substitutes: Vec<Substitute> = dropped.programs.iter().filter_map(Program::as_substitute).collect_vec();
    let build = build::run_with(dockerfile, project, &options.request, substitutes, &dropped.archives);
    let launches = launch::launches(&build);

    let (mut findings, steps) = launched(&launches, run::build(&build));
    let base = build.target.and_then(|target| build.stages.get(target)).map(|stage| &stage.base_image);
    if let (true, Some(base)) = (steps.is_empty(), base) {
        // An image that nobody knows, or knows in part, may well have a command.
        match (&base.record, base.tree.lookup("/entrypoint")) {
            (Knowledge::Unknown(need), _) => findings.unknowns.push(Arc::clone(need)),
            (_, Lookup::Unknown(need)) => findings.unknowns.push(need),
            _ => {}
        }
    }
    let silenced = suppress::take(&build, &mut findings.diagnostics);
    analysis.suppressed.extend(silenced);
    let verdict = verdict(&build, &findings, !steps.is_empty());
    if let Some(stage) = build.target.and_then(|target| build.stages.get(target)) {
        shown(analysis, &stage.image, &launches, steps);
    }
    analysis.builds.push(build);
    Part { path: Arc::clone(path), verdict, findings }
}

/// What the rules say of the launches, one after the other, as far as they are reached.
fn launched(launches: &[Launch<'_>], mut findings: Findings) -> (Findings, Vec<ChainStep>) {
    let mut steps = Vec::new();
    let mut reached = !stops(&findings);
    for launch in launches.iter().filter(|launch| launch.purpose == Purpose::Start) {
        let found = if reached { run::launch(launch) } else { Findings::default() };
        let verdict = if reached { found.verdict() } else { Verdict::Unknown };
        steps.push(step(launch, verdict));
        reached &= !stops(&found);
        findings.extend(found);
    }
    for launch in launches.iter().filter(|launch| launch.purpose == Purpose::Healthcheck) {
        if reached {
            findings.extend(run::launch(launch));
        }
    }
    (findings, steps)
}

/// Shows how an image starts, and with which programs.
fn shown(analysis: &mut Analysis, image: &Image, launches: &[Launch<'_>], steps: Vec<ChainStep>) {
    if analysis.launch.is_none() && !steps.is_empty() {
        analysis.launch = chain(image, launches, steps);
    }
    analysis.programs.extend(launches.iter().filter(|launch| launch.purpose == Purpose::Start).filter_map(started));
}

/// A Dockerfile of a megabyte is a generated one, and a builder refuses lines of 64 kB already.
const MAXIMUM_DOCKERFILE: usize = 4 << 20;

fn stops(findings: &Findings) -> bool {
    findings.diagnostics.iter().any(|found| found.effect.stops_start() && found.is_certain())
}

/// An image for another system is neither accused nor praised; an image without a command starts nothing.
fn verdict(build: &Build, findings: &Findings, starts_something: bool) -> Verdict {
    let found = findings.verdict();
    let windows =
        build.target.and_then(|target| build.stages.get(target)).is_some_and(|stage| stage.platform.is_windows());
    match found {
        Verdict::Fails | Verdict::Conditional => found,
        _ if windows => Verdict::Unknown,
        _ if !starts_something && findings.unknowns.is_empty() => Verdict::NoProgram,
        _ => found,
    }
}

fn step(launch: &Launch<'_>, verdict: Verdict) -> ChainStep {
    let maker = launch.found().zip(launch.build).and_then(|(found, build)| {
        let at = made_at(&found.entry.from, &build.dockerfile.path)?;
        build.stages.iter().rev().find(|stage| stage.span.start <= at.span.start).map(|stage| stage.index)
    });
    ChainStep {
        path: launch.name().to_owned(),
        reason: launch.reason.clone(),
        stage: maker,
        location: launch.at.clone(),
        verdict,
    }
}

/// The line of the Dockerfile that makes a file; a copy comes later in its argument.
fn made_at<'a>(from: &'a Provenance, dockerfile: &str) -> Option<&'a Location> {
    let inside = |at: &&Location| *at.path == *dockerfile;
    match from {
        Provenance::Derived(inference) => {
            inference.premises.iter().find_map(|step| step.from.location().filter(inside))
        }
        _ => from.location().filter(inside),
    }
}

fn chain(image: &Image, launches: &[Launch<'_>], steps: Vec<ChainStep>) -> Option<Chain> {
    let first = launches.iter().find(|launch| launch.purpose == Purpose::Start)?;
    let config = &image.config;
    let user = if config.user.is_empty() { "root" } else { &config.user };
    Some(Chain {
        argv: first.argv.iter().map(|word| word.pattern().replace(crate::word::UNKNOWN, "…")).collect_vec(),
        working_directory: normalize("/", &config.working_dir),
        user: user.to_owned(),
        steps,
    })
}

/// A program that the image starts, for the list.
fn started(launch: &Launch<'_>) -> Option<Judged> {
    let found = launch.found()?;
    let origin = if found.entry.from.is_of_image() { Origin::Image } else { Origin::Predicted };
    Some(Judged {
        path: found.path.clone(),
        origin,
        needs: Arc::new(found.needs.clone()),
        from: found.entry.from.clone(),
        images: Vec::new(),
        remarks: Vec::new(),
    })
}

impl Program {
    /// Only a program that Linux could start stands for one that the build makes.
    fn as_substitute(&self) -> Option<Substitute> {
        let needs = self.binary.elf()?;
        Some(Substitute { path: Arc::clone(&self.input.path), needs: Arc::new(Needs::Elf(Box::new(needs.clone()))) })
    }
}

/// What was pasted from a terminal, held against what was found.
fn messages(analysis: &mut Analysis, dropped: &Dropped<'_>) {
    for file in dropped.of_kind(Kind::Message) {
        let text = file.head(MAXIMUM_DOCKERFILE).unwrap_or_default();
        analysis.messages.extend(message::decode(&String::from_utf8_lossy(&text)));
    }
    if analysis.builds.is_empty() && analysis.launch.is_none() {
        return;
    }
    for meaning in &mut analysis.messages {
        let found = analysis.diagnostics.iter().any(|found| meaning.rules.contains(&found.rule));
        meaning.confirmed = match (found, analysis.verdict) {
            (true, _) => Some(true),
            (false, Verdict::Starts | Verdict::Fails) => Some(false),
            (false, _) => None,
        };
    }
}
