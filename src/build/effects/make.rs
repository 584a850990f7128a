//! make: the recipes of a Makefile that was dropped.

use crate::lists::Collect;
use std::sync::Arc;

use super::answers::answer;
use super::options::Options;
use super::{Call, Runner, opaque};
use crate::build::scripts::script_of;
use crate::fact::{Fact, Knowledge, Provenance};
use crate::platform::Platform;
use crate::project::make;
use crate::shell::{self, Dialect, Script, Status};
use crate::source::Excerpt;
use crate::tree::{Content, Entry, Lookup, Node, Tree, normalize};
use crate::word::UNKNOWN;

/// Makefiles run each other so deep.
const DEEPEST: usize = 6;

const SHORT: &str = "CfIjlWoO";
const LONG: &[&str] = &["directory", "file", "makefile", "include-dir", "jobs", "load-average", "output-sync"];

pub(super) fn make(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Status {
    // `-j` takes a number that may be left out.
    let arguments: Vec<String> =
        call.arguments.iter().filter(|word| *word != "-j" && *word != "-O").cloned().collect_vec();
    let options = Options::read(&arguments, SHORT, LONG);
    let (settings, goals): (Vec<&str>, Vec<&str>) = options.operands.iter().partition(|word| word.contains('='));
    let directory = call.path(options.value(&["C", "directory"]).unwrap_or("."));
    let file = options.value(&["f", "file", "makefile"]);
    let (Some(directory), false) = (directory, goals.iter().any(|goal| goal.contains(UNKNOWN))) else {
        return opaque::run(runner, call);
    };
    let script = makefile(runner, &directory, file).filter(|_| runner.depth < DEEPEST);
    let Some(script) = script else { return opaque::run(runner, call) };

    let mut environment: Vec<(String, String)> = Vec::new();
    for (name, value) in &call.command.environment.variables {
        environment.push((name.to_string(), value.value().cloned().unwrap_or_else(|| UNKNOWN.to_owned())));
    }
    environment.push(("CURDIR".to_owned(), directory.clone()));
    let settings: Vec<(String, String)> = settings
        .iter()
        .filter_map(|word| word.split_once('='))
        .map(|(name, value)| (name.trim_end_matches([':', '?', '+']).to_owned(), value.to_owned()))
        .collect_vec();
    let tree = runner.tree().clone();
    let mut include = |name: &str| text_at(&tree, &normalize(&directory, name));
    let platform = runner.work().image.platform.clone();
    let mut asked = |command: &str| asked_for(command, &directory, &platform);
    let mut makefile = make::read(&script.text.text, &environment, &settings, &mut include, &mut asked);
    let lines = makefile.lines(&goals, &mut asked);
    if lines.is_empty() {
        return opaque::run(runner, call);
    }

    let need = opaque::partly(call);
    let mut state = shell::State {
        environment: call.command.environment.clone(),
        directory: Some(directory.clone()),
        ..shell::State::default()
    };
    for (name, value) in makefile.environment(&mut asked) {
        let known = state.environment.variables.get(&name).and_then(Knowledge::value) == Some(&value);
        let value = match value.contains(UNKNOWN) {
            true => Knowledge::Unknown(Arc::clone(&need)),
            false => Fact::new(value, Provenance::Read(call.at().clone())).into(),
        };
        if !known {
            state.environment.variables.insert(name, value);
        }
    }
    state.variables.variables.insert(make::UNKNOWN_VARIABLE.to_owned(), Knowledge::Unknown(Arc::clone(&need)));
    let shell = makefile.shell();
    let dialect = Dialect::of_interpreter(&shell).unwrap_or_default();
    let is_exec_form = std::mem::replace(&mut runner.is_exec_form, false);
    runner.depth += 1;
    for line in lines {
        let text = placed(&script, line.text);
        shell::walk(&text, &script.path, dialect, &mut state.clone(), runner);
    }
    runner.depth -= 1;
    runner.is_exec_form = is_exec_form;
    if makefile.open {
        runner.work_mut().doubt_here(&directory, need);
    }
    Status::Unknown
}

/// The Makefile that is read, with where it stands.
fn makefile(runner: &Runner<'_, '_>, directory: &str, file: Option<&str>) -> Option<Script> {
    let names = file.map_or_else(|| vec!["GNUmakefile", "makefile", "Makefile"], |file| vec![file]);
    let dockerfile = runner.executor.dockerfile;
    names.into_iter().find_map(|name| match runner.tree().lookup(&normalize(directory, name)) {
        Lookup::Found { entry, .. } => script_of(entry, &dockerfile.text, &dockerfile.path),
        _ => None,
    })
}

fn text_at(tree: &Tree, path: &str) -> Option<String> {
    match tree.lookup(path) {
        Lookup::Found { entry: Entry { node: Node::File(Content::Bytes(bytes)), .. }, .. } => {
            String::from_utf8(bytes.to_vec()).ok()
        }
        _ => None,
    }
}

/// A recipe's line, which knows its place in the Makefile, placed in the file that the Makefile stands in.
fn placed(script: &Script, mut line: Excerpt) -> Excerpt {
    for (_, offset) in &mut line.pieces {
        *offset = script.text.span(*offset as usize, *offset as usize).start;
    }
    line
}

/// What a command prints that Makefiles often ask, where the stage tells.
fn asked_for(command: &str, directory: &str, platform: &Platform) -> Option<String> {
    let words: Vec<&str> = command.split_whitespace().collect_vec();
    match words.as_slice() {
        ["basename", path] => Some(path.rsplit('/').next().unwrap_or_default().to_owned()),
        ["echo", words @ ..] if !command.contains(['|', '$', '`', '>', '"', '\'']) => Some(words.join(" ")),
        words => answer(words, Some(directory), platform),
    }
}
