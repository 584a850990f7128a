//! Build commands: what a toolchain says that it makes.

use crate::lists::is_one_of;
use std::sync::Arc;

use super::{Call, Runner, bundle, opaque, plans};
use crate::build::work::content;
use crate::build::{Event, EventKind, Unnamed};
use crate::fact::{Condition, Need, Provenance, Settler, Step};
use crate::fix::{Aim, Edit, Remedy};
use crate::lists::Collect;
use crate::needs::{Absence, Language, Modules, Needs};
use crate::project::Sources;
use crate::shell::Status;
use crate::source::Span;
use crate::text;
use crate::toolchain::{self, Builder, Folder, Invocation, Outcome, Place, Product, TOOLCHAINS};
use crate::tree::{Entry, Node, Tree, normalize};
use crate::word::UNKNOWN;

/// `None` when no toolchain knows the command.
pub(super) fn run(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Option<Status> {
    let command = call.command;
    if !TOOLCHAINS.iter().any(|toolchain| (toolchain.recognise)(&command.words)) {
        return None;
    }
    let work = runner.work();
    let image = &work.image;
    let mut environment = command.environment.clone();
    environment.stored.clone_from(&work.stored);
    let sources = Sources { project: &runner.executor.context.project, copies: work.copies.clone() };
    let packages: Vec<_> = image.packages.clone();
    let invocation = Invocation {
        words: &command.words,
        at: &command.at,
        program_at: &command.program_at,
        environment: &environment,
        directory: command.directory,
        builder: Builder {
            image: &work.base.reference,
            platform: &image.platform,
            distribution: image.distribution.as_ref(),
            libc: &image.libc,
            c_compiler: &image.c_compiler,
            tools: &image.tools,
            packages: &packages,
            tree: &image.tree,
        },
        sources: Some(&sources),
    };
    let outcome = toolchain::run(&invocation)?;
    let absent = absent_before(runner, &outcome.modules);
    if writes_more(call, !outcome.products.is_empty()) && !writes_modules_alone(runner, call, &outcome) {
        opaque::run(runner, call);
    }
    for mut product in outcome.products {
        if let Needs::Elf(needs) = &mut product.needs {
            fit(runner, call, &mut needs.remedies);
        }
        place(runner, call, product);
    }
    for folder in outcome.folders {
        lay(runner, call, folder);
    }
    for (path, target) in outcome.links {
        let entry = Entry { node: Node::Link(Arc::from(target)), mode: None, owner: None, from: call.read() };
        runner.put(&path, entry, call.command);
    }
    let fills = !outcome.modules.is_empty();
    for (directory, modules) in outcome.modules {
        let text = text! {
            en: "which files `{command}` installs in `{directory}` is not known",
            ja: "`{command}` が `{directory}` にどのファイルをインストールするかは分かりません",
            command: call.title(),
            directory: &directory,
        };
        let need = Need { text, settled_by: vec![Settler::ProjectFolder], at: Some(call.at().clone()) };
        // A build of Java writes where its sources are, which was noted already.
        if modules.language != Language::Java {
            runner.doubt(&directory, Arc::new(need));
        }
        let owner = runner.owner();
        let work = runner.work_mut();
        work.make_directory(&directory, owner, call.read());
        let modules = joined(&work.image.tree, &directory, modules);
        for left in &modules.left_out {
            let conditions = left.from.conditions();
            let program = format!("{}/{}", Modules::programs(&directory), left.value.program);
            let earlier = absent.iter().find(|(path, _)| *path == program).map(|(_, conditions)| conditions.as_slice());
            let earlier = match left.value.why {
                Absence::ForDevelopment => Some(&[][..]),
                // What an earlier installation may have brought stays.
                Absence::NotListed => earlier,
            };
            let Some(earlier) = earlier else { continue };
            let conditions: Vec<_> = earlier.iter().chain(&conditions).cloned().collect_vec();
            work.image.tree.leave_out(&program, &bundle::what_it_writes(call), &conditions);
        }
        work.image.tree.install(&directory, modules);
    }
    if fills && keeps_to_project(call) {
        plans::installation(runner, call);
    }
    for (name, value) in outcome.stores {
        runner.work_mut().stored.insert(name, value);
    }
    for need in outcome.unknown {
        let here = call.command.directory.map(str::to_owned);
        for directory in here.into_iter().chain(opaque::install_directories(call)) {
            runner.doubt(&directory, Arc::clone(&need));
        }
        event(runner, call, EventKind::Unknown(need));
    }
    let failed = outcome.failure.is_some();
    if let Some(failure) = outcome.failure.filter(|_| !call.command.caught && !runner.caught) {
        event(runner, call, EventKind::Failure(failure));
    }
    Some(if failed { Status::Failure } else { Status::Unknown })
}

/// The programs of which an installation says that it does not bring them, and that were not there before it either, with
/// what that hangs on.
fn absent_before(runner: &Runner<'_, '_>, modules: &[(String, Arc<Modules>)]) -> Vec<(String, Vec<Arc<Condition>>)> {
    let ignore = &runner.executor.context.ignore;
    let tree = runner.tree();
    let programs = modules.iter().flat_map(|(at, modules)| {
        let directory = Modules::programs(at);
        // A virtual environment that was made here and not filled yet has only pip.
        let is_new = tree
            .entry(&format!("{directory}/python"))
            .is_some_and(|entry| matches!(entry.node, Node::Link(_)) && !entry.from.is_of_image())
            && tree.modules_below(at).next().is_none();
        modules.left_out.iter().map(move |left| (format!("{directory}/{}", left.value.program), is_new))
    });
    let missing = programs.filter_map(|(program, is_new)| {
        let conditions = tree.missing_if(&program, &|file| ignore.ignores(file).is_some());
        Some((program, conditions.or(is_new.then(Vec::new))?))
    });
    missing.collect_vec()
}

/// Whether a command that installs modules touches nothing else of the working directory.
///
/// pip writes below its prefix, unless it is given a project; npm and its kin fill `node_modules`, and run what the
/// manifest has for an installation, which is done here.
fn writes_modules_alone(runner: &mut Runner<'_, '_>, call: &Call<'_>, outcome: &Outcome) -> bool {
    if outcome.modules.is_empty() {
        return false;
    }
    let elsewhere = match call.name.as_str() {
        "gem" | "bundle" | "bundler" | "pecl" | "docker-php-ext-install" | "install-php-extensions" => true,
        "npm" | "yarn" | "pnpm" | "bun" => !opaque::is_for_everybody(call) && plans::manifest(runner, call).is_some(),
        name if name.starts_with("pip") || name.starts_with("python") => {
            let is_project = |word: &&String| {
                let local =
                    word.starts_with(['.', '/']) || word.contains(UNKNOWN) || *word == "-e" || *word == "--editable";
                let archive = [".whl", ".tar.gz", ".zip", ".txt", "*"].iter().any(|ending| word.ends_with(ending));
                // `/wheels/*` are archives too.
                local && !archive && word.strip_suffix(UNKNOWN).is_none_or(|front| !front.ends_with('/'))
            };
            // A project is built where it lies, and may come with scripts that do more.
            let projects: Vec<&String> = call.arguments.iter().filter(is_project).collect();
            if projects.iter().any(|word| !word.starts_with(['.', '-'])) {
                return false;
            }
            if !projects.is_empty() {
                let need = opaque::partly(call);
                call.command.directory.iter().for_each(|here| runner.work_mut().doubt_here(here, Arc::clone(&need)));
            }
            true
        }
        _ => false,
    };
    if elsewhere {
        let text = text! {
            en: "what `{command}` writes is not known",
            ja: "`{command}` が書き込むものは分かりません",
            command: call.title(),
        };
        let need = Arc::new(Need { text, settled_by: Vec::new(), at: Some(call.at().clone()) });
        let home = runner.home();
        // Where not everything was dropped, a file may come along that a person would miss.
        if !matches!(call.name.as_str(), "npm" | "yarn" | "pnpm" | "bun") && !runner.executor.context.project.whole {
            let here = call.command.directory.filter(|here| *here != "/").map(str::to_owned);
            here.iter().for_each(|here| runner.work_mut().doubt_here(here, Arc::clone(&need)));
        }
        // None puts a library where a loader looks, and npm and its kin keep to the project.
        let places = [home.as_str(), "/usr/local/bin", "/usr/local/share", "/usr/local/etc", "/opt"];
        for place in places.into_iter().take(if keeps_to_project(call) { 1 } else { 5 }) {
            runner.work_mut().doubt_here(place, Arc::clone(&need));
        }
    }
    elsewhere
}

/// Whether a package manager fills the project's own `node_modules`.
fn keeps_to_project(call: &Call<'_>) -> bool {
    matches!(call.name.as_str(), "npm" | "yarn" | "pnpm" | "bun") && !opaque::is_for_everybody(call)
}

/// Whether a command writes more than the programs that its toolchain tells of: whatever the sources say, a package
/// manager fetches and a build tool runs.
fn writes_more(call: &Call<'_>, makes_something: bool) -> bool {
    let subcommand = call.arguments.iter().find(|word| !word.starts_with(['-', '+'])).map_or("", String::as_str);
    match call.name.as_str() {
        "go" | "xx-go" | "garble" => matches!(subcommand, "generate" | "run" | "tool"),
        "cargo" | "xx-cargo" => {
            !is_one_of(subcommand, "build b check c test t clippy fmt fetch install update doc init new zigbuild")
        }
        "gcc" | "g++" | "cc" | "c++" | "clang" | "clang++" | "musl-gcc" | "rustc" | "xx-clang" | "ghc" | "ldc2"
        | "dmd" | "crystal" | "nim" => !makes_something,
        _ => true,
    }
}

/// Makes a toolchain's edits fit the instruction that the command stands in.
fn fit(runner: &Runner<'_, '_>, call: &Call<'_>, remedies: &mut [Remedy]) {
    let dockerfile = &runner.executor.dockerfile.path;
    for remedy in remedies {
        if runner.is_exec_form {
            remedy.fix.edits.clear();
        }
        let uses_target = remedy.aim == Aim::TargetPlatform && call.command.environment.get("TARGETARCH").is_none();
        if uses_target && remedy.fix.edits.iter().any(|edit| edit.path == *dockerfile) {
            let at = Span { start: runner.span.start, end: runner.span.start };
            let new_text = "ARG TARGETOS TARGETARCH\n".to_owned();
            remedy.fix.edits.insert(0, Edit { path: Arc::clone(dockerfile), span: at, new_text });
        }
    }
}

pub(super) fn event(runner: &mut Runner<'_, '_>, call: &Call<'_>, kind: EventKind) {
    // A command whose failure the script catches stops nothing.
    let only_if = call.command.only_if.clone();
    let event = Event { stage: runner.stage, at: call.at().clone(), only_if, kind };
    runner.executor.events.push(event);
}

fn place(runner: &mut Runner<'_, '_>, call: &Call<'_>, product: Product) {
    let made = |runner: &Runner<'_, '_>, from: Provenance| Entry {
        node: Node::File(content(&product.needs)),
        mode: Some(product.mode),
        owner: runner.owner(),
        from,
    };
    match &product.place {
        Place::File(path) => {
            let entry = made(runner, call.read());
            runner.put(path, entry, call.command);
        }
        Place::Below { directory, likely } => {
            let text = text! {
                en: "the name that `{command}` gives the program in `{directory}` follows from the sources",
                ja: "`{command}` が `{directory}` に作るプログラムの名前はソースによって決まります",
                command: call.title(),
                directory: directory,
            };
            let mut settled_by = vec![Settler::ProjectFolder];
            if matches!(call.name.as_str(), "go" | "xx-go") {
                settled_by.insert(0, Settler::File("go.mod".into()));
            }
            let need = Need { text, settled_by: settled_by.clone(), at: Some(call.at().clone()) };
            if let Some(name) = likely {
                let condition = text! {
                    en: "the program is named `{name}`",
                    ja: "プログラムの名前が `{name}` である",
                    name: name,
                };
                let from = Provenance::derived(vec![
                    Step { claim: condition.clone(), from: Provenance::assumed(condition, settled_by.clone()) },
                    Step { claim: made_here(call), from: call.read() },
                ]);
                let entry = made(runner, from);
                runner.put(&normalize(directory, name), entry, call.command);
            }
            let entry = made(runner, call.read());
            runner.work_mut().unnamed.push(Unnamed { directory: directory.clone(), entry, settled_by });
            runner.doubt(directory, Arc::new(need));
        }
    }
}

/// What a directory holds after another installation into it.
fn joined(tree: &Tree, directory: &str, new: Arc<Modules>) -> Arc<Modules> {
    let old = tree.modules_below(directory).find(|(at, _)| ***at == *directory).map(|(_, old)| old);
    let Some(old) = old.filter(|old| old.language == new.language && old.libc == new.libc) else { return new };
    let mut joined = (*new).clone();
    joined.native.extend(old.native.iter().filter(|package| !new.native.contains(package)).cloned());
    joined.libraries.extend(old.libraries.iter().filter(|library| !new.libraries.contains(library)).cloned());
    joined.complete &= old.complete;
    if let (Some(made), Some(other)) = (&mut joined.made, &old.made)
        && made.names != other.names
    {
        // Of several programs in one place each asks for its own.
        (joined.runtime, joined.frameworks) = (None, Vec::new());
        made.names.extend(other.names.iter().cloned());
        made.others.extend(other.others.iter().cloned());
        made.whole &= other.whole;
    }
    Arc::new(joined)
}

/// A folder under its name, or under the one that is asked for later.
fn lay(runner: &mut Runner<'_, '_>, call: &Call<'_>, folder: Folder) {
    let place = folder.name.as_ref().map(|name| format!("{}/{name}", folder.parent));
    let open = place.as_ref().unwrap_or(&folder.parent);
    let text = text! {
        en: "which files `{command}` puts into `{directory}` is not known",
        ja: "`{command}` が `{directory}` に置くファイルは分かりません",
        command: call.title(),
        directory: open,
    };
    let need = Need { text, settled_by: folder.settled_by.clone(), at: Some(call.at().clone()) };
    runner.doubt(open, Arc::new(need));
    let like = Entry { node: Node::Directory, mode: None, owner: runner.owner(), from: call.read() };
    let work = runner.work_mut();
    match place {
        Some(place) => work.lay(&folder, &place, &like),
        None => work.folders.push((folder, like)),
    }
}

fn made_here(call: &Call<'_>) -> text::Text {
    text! { en: "`{command}` makes it", ja: "`{command}` が作ります", command: call.title() }
}
