//! Runners of tasks (`npm run`, `task`, `just`, `goreleaser`): what their file says, where it was dropped.

use crate::lists::Collect;
use std::sync::Arc;

use super::options::Options;
use super::{Call, Runner, manager, opaque};
use crate::build::scripts::{lacking_script, no_such_script, package_script, script_of};
use crate::build::{Failure, FailureKind};
use crate::fact::{Fact, Knowledge, Provenance, Step};
use crate::needs::Language;
use crate::project::plan::{self, Line, Plan};
use crate::project::{go, make, package};
use crate::shell::{self, Dialect, Script, Status};
use crate::source::{Excerpt, Location};
use crate::text;
use crate::tree::{Lookup, normalize};
use crate::word::UNKNOWN;

/// Runners start each other so deep.
const DEEPEST: usize = 6;

/// `None` where the command is no runner's, or its file was not dropped or does not tell.
pub(super) fn run(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Option<Status> {
    let run = match call.name.as_str() {
        "npm" | "yarn" | "pnpm" | "bun" => scripts,
        "task" | "go-task" => task,
        "just" => just,
        "goreleaser" => goreleaser,
        _ => return None,
    };
    if runner.depth >= DEEPEST {
        return None;
    }
    run(runner, call)
}

fn scripts(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Option<Status> {
    let own = call.arguments.iter().position(|word| word == "--").unwrap_or(call.arguments.len());
    let name = package_script(&call.name, &call.arguments[..own])?;
    let directory = call.path(".")?;
    let file = file(runner, &directory, &["package.json"])?;
    let scripts = package::scripts(&file.text.text);
    if !scripts.iter().any(|script| script.name == name) {
        return lacking(runner, call, &file, &directory);
    }
    // npm's own words end at `--`; the others pass on what follows the name.
    let behind = call.arguments[..own].iter().skip_while(|word| *word != name).skip(1);
    let given = behind.filter(|_| call.name != "npm").chain(call.arguments.get(own + 1..).unwrap_or_default());
    let added: String = given.map(|word| format!(" {word}")).collect();
    let mut plan = Plan::default();
    for (name, added) in [(format!("pre{name}"), ""), (name.to_owned(), added.as_str()), (format!("post{name}"), "")] {
        plan.lines.extend(scripts.iter().find(|script| script.name == name).map(|script| line(script, added)));
    }
    Some(walk(runner, call, &file, &directory, plan))
}

/// A script that the manifest does not have stops the build.
fn lacking(runner: &mut Runner<'_, '_>, call: &Call<'_>, file: &Script, directory: &str) -> Option<Status> {
    let is_server_missing = runner.is_missing(&normalize(directory, "server.js"));
    let name = lacking_script(&call.name, &call.arguments, &file.text.text, is_server_missing)?;
    let claim = text! {
        en: "`package.json` has no script `{script}`",
        ja: "`package.json` に `{script}` スクリプトはありません",
        script: &name,
    };
    let runs =
        text! { en: "`{command}` runs a script", ja: "`{command}` はスクリプトを実行します", command: call.title() };
    let from = Provenance::derived(vec![
        Step { claim: runs, from: call.read() },
        Step { claim: claim.clone(), from: Provenance::Read(Location::file(&file.path)) },
    ]);
    let message = no_such_script(&call.name, &name);
    manager::fails(runner, call, Failure { kind: FailureKind::Unsupported, message, claim, from, fixes: Vec::new() });
    Some(Status::Failure)
}

fn line(script: &package::Script, added: &str) -> Line {
    Line { script: format!("{}{added}", script.command), at: Some(script.at), ..Line::default() }
}

/// The manifest of what is installed, and its directory; `None` where it was not dropped.
pub(super) fn manifest(runner: &Runner<'_, '_>, call: &Call<'_>) -> Option<(Script, String)> {
    let options = Options::read(&call.arguments, "C", &["prefix", "cwd", "dir"]);
    let directory = call.path(options.value(&["prefix", "cwd", "dir", "C"]).unwrap_or("."))?;
    let file = file(runner, &directory, &["package.json"]).filter(|_| runner.depth < DEEPEST)?;
    Some((file, directory))
}

/// The scripts that an installation runs by itself, where its manifest was dropped.
pub(super) fn installation(runner: &mut Runner<'_, '_>, call: &Call<'_>) {
    let Some((file, directory)) = manifest(runner, call) else { return };
    let options = Options::read(&call.arguments, "C", &["prefix", "cwd", "dir"]);
    if options.has(&["ignore-scripts"]) || call.arguments.first().is_some_and(|word| word == "prune") {
        return;
    }
    let scripts = package::scripts(&file.text.text);
    let mut run = vec!["preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"];
    // Without what is for development only npm 7 prepares the project (npm, `lib/commands/install.js`; Yarn 1,
    // `cli/commands/install.js`), as far as is known.
    let leaves_out = runner.tree().modules_below(&directory).any(|(_, modules)| !modules.left_out.is_empty());
    let node = runner.work().image.tools.iter().rev().find(|tool| tool.value.language == Language::Node);
    let major = node.and_then(|node| node.value.version.split('.').next()?.parse::<u32>().ok());
    let prepares = call.name == "npm" && major.is_some_and(|major| major >= 15);
    let mut open = false;
    if leaves_out && !prepares {
        run.truncate(3);
        open = scripts.iter().any(|script| script.name.ends_with("prepare"));
    }
    let lines = run.iter().filter_map(|name| scripts.iter().find(|script| script.name == *name));
    let plan = Plan { lines: lines.map(|script| line(script, "")).collect_vec(), open };
    walk(runner, call, &file, &directory, plan);
}

fn task(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Option<Status> {
    let options = Options::read(&call.arguments, "dtoC", &["dir", "taskfile", "output", "concurrency"]);
    let directory = call.path(options.value(&["d", "dir"]).unwrap_or("."))?;
    let names = ["Taskfile.yml", "taskfile.yml", "Taskfile.yaml", "taskfile.yaml", "Taskfile.dist.yml"];
    let named = options.value(&["t", "taskfile"]).map(|name| vec![name]);
    let file = file(runner, &directory, &named.unwrap_or(names.to_vec()))?;
    let (set, names) = settings(&options.operands)?;
    let plan = plan::task::plan(&file.text.text, &names, &set)?;
    Some(walk(runner, call, &file, &directory, plan))
}

fn just(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Option<Status> {
    let options = Options::read(&call.arguments, "fd", &["justfile", "working-directory", "shell", "dotenv-path"]);
    let directory = call.path(options.value(&["d", "working-directory"]).unwrap_or("."))?;
    let named = options.value(&["f", "justfile"]).map(|name| vec![name]);
    let file = file(runner, &directory, &named.unwrap_or(vec!["justfile", "Justfile", ".justfile"]))?;
    let (set, words) = settings(&options.operands)?;
    let plan = plan::just::plan(&file.text.text, &words, &set)?;
    Some(walk(runner, call, &file, &directory, plan))
}

fn goreleaser(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Option<Status> {
    let options = Options::read(&call.arguments, "fop", &["config", "output", "id", "parallelism", "timeout"]);
    if !matches!(options.operands.as_slice(), ["build" | "release", ..]) {
        return None;
    }
    let directory = call.path(".")?;
    let names = [".goreleaser.yml", ".goreleaser.yaml", "goreleaser.yml", "goreleaser.yaml"];
    let named = options.value(&["f", "config"]).map(|name| vec![name]);
    let file = file(runner, &directory, &named.unwrap_or(names.to_vec()))?;
    let set = |name: &str| call.command.environment.get(name).and_then(|value| value.value().cloned());
    let platform = runner.work().image.platform.clone();
    let os = set("GOOS").unwrap_or(platform.os);
    let architecture = set("GOARCH").unwrap_or(platform.architecture);
    // Without a name of its own, a project is called like its module.
    let module =
        self::file(runner, &directory, &["go.mod"]).and_then(|file| go::manifest::read(&file.text.text).module);
    let project = module.as_ref().and_then(|module| module.value.rsplit('/').next());
    let output = options.value(&["o", "output"]);
    let plan = plan::goreleaser::plan(&file.text.text, project, &os, &architecture, output)?;
    Some(walk(runner, call, &file, &directory, plan))
}

/// Names with their values.
type Settings = Vec<(String, String)>;

/// The `NAME=value` words, and the others; `None` where one is not known.
fn settings(words: &[&str]) -> Option<(Settings, Vec<String>)> {
    if words.iter().any(|word| word.contains(UNKNOWN)) {
        return None;
    }
    let (set, names): (Vec<&str>, Vec<&str>) = words.iter().partition(|word| word.contains('='));
    let set = set.iter().filter_map(|word| word.split_once('='));
    let set = set.map(|(name, value)| (name.to_owned(), value.to_owned())).collect_vec();
    Some((set, names.into_iter().map(str::to_owned).collect_vec()))
}

/// The first of these files that lies in a directory, with where it stands.
fn file(runner: &Runner<'_, '_>, directory: &str, names: &[&str]) -> Option<Script> {
    let dockerfile = runner.executor.dockerfile;
    names.iter().find_map(|name| match runner.tree().lookup(&normalize(directory, name)) {
        Lookup::Found { entry, .. } => script_of(entry, &dockerfile.text, &dockerfile.path),
        _ => None,
    })
}

fn walk(runner: &mut Runner<'_, '_>, call: &Call<'_>, file: &Script, directory: &str, plan: Plan) -> Status {
    let need = opaque::partly(call);
    let is_exec_form = std::mem::replace(&mut runner.is_exec_form, false);
    runner.depth += 1;
    let caught = runner.caught;
    runner.caught |= call.command.caught;
    for line in plan.lines {
        let directory = line.directory.map_or_else(|| directory.to_owned(), |own| normalize(directory, &own));
        let mut state = shell::State {
            environment: call.command.environment.clone(),
            directory: Some(directory),
            ..shell::State::default()
        };
        for (name, value) in line.environment {
            let value = match value.contains(['$', '`', '{']) {
                true => Knowledge::Unknown(Arc::clone(&need)),
                false => Fact::new(value, Provenance::Read(call.at().clone())).into(),
            };
            state.environment.variables.insert(name, value);
        }
        state.variables.variables.insert(make::UNKNOWN_VARIABLE.to_owned(), Knowledge::Unknown(Arc::clone(&need)));
        let start = file.text.span(line.at.unwrap_or_default(), line.at.unwrap_or_default()).start;
        let script = Excerpt::contiguous(line.script, start as usize);
        shell::walk(&script, &file.path, Dialect::Posix, &mut state, runner);
    }
    runner.depth -= 1;
    runner.caught = caught;
    runner.is_exec_form = is_exec_form;
    if plan.open {
        runner.work_mut().doubt_here(directory, need);
    }
    Status::Unknown
}
