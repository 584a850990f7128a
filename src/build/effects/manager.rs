//! What package managers do beside installing and running scripts, and programs that they left out.

use std::sync::Arc;

use super::{Call, Runner};
use crate::build::left_out;
use crate::build::written::Written;
use crate::build::{Event, EventKind, Failure, FailureKind};
use crate::fact::{Provenance, Step};
use crate::fix::{Edit, Fix};
use crate::needs::{Absence, Language};
use crate::shell::Status;
use crate::source::Span;
use crate::text;
use crate::tree::normalize;

/// Whether a program is certainly, or under conditions, none that is installed; then the build stops.
pub(super) fn left_out(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> bool {
    let found = absence(runner, call);
    let Some(because) = found else { return false };
    let claim = left_out::message(&call.name, Absence::ForDevelopment);
    let fixes = left_out::install(runner.executor.dockerfile, &because).into_iter().collect();
    let message = format!("sh: {}: not found", call.name);
    let from = Provenance::derived(because);
    fails(runner, call, Failure { kind: FailureKind::Unsupported, message, claim, from, fixes });
    true
}

/// Why a program is not there: an installation left it out, and no other place has it.
fn absence(runner: &Runner<'_, '_>, call: &Call<'_>) -> Option<Vec<Step>> {
    let tree = runner.tree();
    let mut left =
        tree.modules_below("/").flat_map(|(at, modules)| modules.left_out.iter().map(move |left| (at, left)));
    let (at, left) = left.find(|(_, left)| left.value.program == call.name)?;
    let directory = call.command.directory?;
    let above = at.strip_suffix("/node_modules")?;
    if directory != above && !directory.starts_with(&format!("{above}/"))
        || call.command.words.first()?.known()?.contains('/')
    {
        return None;
    }
    let mut places: Vec<String> =
        call.command.environment.get("PATH")?.value()?.split(':').map(str::to_owned).collect();
    let mut here = directory;
    loop {
        places.push(format!("{}/node_modules/.bin", here.trim_end_matches('/')));
        if here.len() <= 1 {
            break;
        }
        here = here.rsplit_once('/').map_or("", |(parent, _)| parent);
    }
    let Provenance::Derived(inference) = &left.from else { return None };
    let mut because = inference.premises.clone();
    let ignore = &runner.executor.context.ignore;
    for place in places {
        let program = normalize(&place, &call.name);
        for condition in tree.missing_if(&program, &|file| ignore.ignores(file).is_some())? {
            if because.iter().all(|step| step.claim != condition.text) {
                because.push(Step { claim: condition.text.clone(), from: Provenance::Assumed(condition) });
            }
        }
    }
    Some(because)
}

/// What package managers do beside installing and running scripts.
pub(super) fn run(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Option<Status> {
    const QUIET: &str =
        " config set cache version audit fund list ls view info outdated why store -v --version root prefix bin ";
    let is_manager = matches!(call.name.as_str(), "npm" | "yarn" | "pnpm");
    let word =
        call.arguments.iter().find(|word| !word.starts_with("--") || *word == "--version").filter(|_| is_manager)?;
    if let Some(status) = without_lock(runner, call) {
        return Some(status);
    }
    if QUIET.contains(&format!(" {word} ")) {
        return Some(Status::Unknown);
    }
    if call.name != "npm" || word != "build" {
        return None;
    }
    // npm 7, which Node.js has since 15, knows no such command; before, it linked a package (npm, `lib/build.js`).
    let node = runner.work().image.tools.iter().rev().find(|tool| tool.value.language == Language::Node).cloned();
    let major = node.as_ref().and_then(|node| node.value.version.split('.').next()?.parse::<u32>().ok());
    let project = call.path(".")?;
    let fix = Fix {
        title: text! { en: "run the script: `npm run build`", ja: "スクリプトを実行する（`npm run build`）" },
        tradeoff: text! { en: "none", ja: "欠点はありません" },
        edits: edit_words(runner, call, "npm build", "npm run build"),
    };
    let claim = text! {
        en: "`npm build` does not run the script `build`; `npm run build` does",
        ja: "`npm build` は `build` スクリプトを実行しません（実行するのは `npm run build` です）",
    };
    let step = Step { claim: claim.clone(), from: call.read() };
    match node.filter(|_| major.is_some_and(|major| major >= 15)) {
        Some(node) => {
            let known = text! { en: "npm 7 and later know no command `build`", ja: "npm 7 以降に `build` コマンドはありません" };
            let from = Provenance::derived(vec![step, node.step(known)]);
            let message = "Unknown command: \"build\"".to_owned();
            fails(runner, call, Failure { kind: FailureKind::Unsupported, message, claim, from, fixes: vec![fix] });
            Some(Status::Failure)
        }
        None => {
            let written = Written { project, places: Vec::new(), lacks: None, because: vec![step], fixes: vec![fix] };
            runner.work_mut().written.push(Arc::new(written));
            Some(Status::Unknown)
        }
    }
}

/// `npm ci`, and a pnpm that is not to change its lock file, want one (npm, `lib/commands/ci.js`; pnpm, `ERR_PNPM_NO_LOCKFILE`).
fn without_lock(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Option<Status> {
    let has = |names: &[&str]| call.arguments.iter().any(|word| names.contains(&word.as_str()));
    let subcommand = call.arguments.iter().find(|word| !word.starts_with('-'))?;
    let elsewhere = ["--prefix", "-C", "--dir", "-g", "--global", "-w", "--workspace", "--filter", "-F"];
    let (files, message): (&[&str], &str) = match (call.name.as_str(), subcommand.as_str()) {
        ("npm", "ci" | "clean-install") => (
            &["package-lock.json", "npm-shrinkwrap.json"],
            "npm error The `npm ci` command can only install with an existing package-lock.json",
        ),
        ("pnpm", "install" | "i") if has(&["--frozen-lockfile"]) => {
            (&["pnpm-lock.yaml"], "ERR_PNPM_NO_LOCKFILE  Cannot install with \"frozen-lockfile\"")
        }
        _ => return None,
    };
    let directory = call.path(".")?;
    // Those of a workspace lie above.
    let mut above = directory.as_str();
    loop {
        if !files.iter().all(|file| runner.is_missing(&normalize(above, file))) {
            return None;
        }
        let Some((parent, _)) = above.rsplit_once('/') else { break };
        above = parent;
    }
    let is_there = runner.found(&normalize(&directory, "package.json")).is_some();
    if call.arguments.iter().any(|word| elsewhere.contains(&word.split('=').next().unwrap_or_default())) || !is_there {
        return None;
    }
    let claim = text! {
        en: "`{command}` wants a `{file}`, and none is in `{directory}`",
        ja: "`{command}` には `{file}` が必要ですが、`{directory}` にありません",
        command: call.title(), file: files[0], directory: &directory,
    };
    let message = message.to_owned();
    let failure = Failure { kind: FailureKind::Unsupported, message, claim, from: call.read(), fixes: Vec::new() };
    fails(runner, call, failure);
    Some(Status::Failure)
}

/// Replaces words of a command where they stand so in the Dockerfile.
fn edit_words(runner: &Runner<'_, '_>, call: &Call<'_>, old: &str, new: &str) -> Vec<Edit> {
    let dockerfile = runner.executor.dockerfile;
    let at = call.at();
    if at.path != dockerfile.path {
        return Vec::new();
    }
    let written = at.span.of(&dockerfile.text);
    let Some(offset) = written.find(old) else { return Vec::new() };
    let start = at.span.start as usize + offset;
    let span = Span::new(start, start + old.len());
    vec![Edit { path: Arc::clone(&dockerfile.path), span, new_text: new.to_owned() }]
}

/// A command that stops the build, unless the script goes on without it.
pub(super) fn fails(runner: &mut Runner<'_, '_>, call: &Call<'_>, failure: Failure) {
    if call.command.caught || runner.caught {
        return;
    }
    let only_if = call.command.only_if.clone();
    let event = Event { stage: runner.stage, at: call.at().clone(), only_if, kind: EventKind::Failure(failure) };
    runner.executor.events.push(event);
}
