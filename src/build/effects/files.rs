//! cp, mv, ln, install, mkdir, rm, touch, find.

use crate::lists::{Collect, is_one_of};
use std::sync::Arc;

use super::options::Options;
use super::owners::set_mode;
use super::{Call, Runner};
use crate::build::{context, mode};
use crate::fact::{Need, Provenance, Step};
use crate::shell::{Command, Status};
use crate::text;
use crate::tree::{Content, Entry, Lookup, Node, normalize};
use crate::word::Word;

/// How files get from one place to another.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Copy,
    Move,
}

pub(super) fn cp(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Status {
    transfer(runner, call, Way::Copy)
}

pub(super) fn mv(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Status {
    transfer(runner, call, Way::Move)
}

fn transfer(runner: &mut Runner<'_, '_>, call: &Call<'_>, way: Way) -> Status {
    let options = Options::read(&call.arguments, "tS", &["target-directory", "suffix", "mode"]);
    let directory = options.value(&["t", "target-directory"]);
    let (sources, target) = match (directory, options.operands.split_last()) {
        (Some(directory), _) => (&options.operands[..], directory),
        (None, Some((target, sources))) => (sources, *target),
        (None, None) => return Status::Unknown,
    };
    let into =
        directory.is_some() || target.ends_with('/') || target.ends_with("/.") || target == "." || sources.len() > 1;
    let keeps = options.has(&["a", "p", "archive", "preserve"]) || way == Way::Move;
    for source in sources {
        one(runner, call, source, target, into, keeps, way);
    }
    Status::Unknown
}

/// One source of cp or mv.
fn one(runner: &mut Runner<'_, '_>, call: &Call<'_>, source: &str, target: &str, into: bool, keeps: bool, way: Way) {
    let Some(to) = call.path(target) else {
        if let Some(directory) = call.known_directory(target) {
            runner.doubt(&directory, unseen(call));
        }
        return;
    };
    let Some(from) = call.path(source) else {
        // `cp "$(…)/app" ./`: the directory is not known, the name is.
        let name = source.rsplit('/').next().unwrap_or_default();
        let place = if into || runner.is_directory(&to) { normalize(&to, name) } else { to.clone() };
        match runner.made_by_name(name) {
            Some(entry) => runner.put(&place, moved(call, entry), call.command),
            None if super::looks_like_program(name) => {
                let node = Node::File(Content::Unknown(unseen(call)));
                runner.put(&place, Entry { node, mode: None, owner: runner.owner(), from: call.read() }, call.command);
            }
            None => runner.doubt(&to, unseen(call)),
        }
        return;
    };
    if source.contains(['*', '?', '[']) {
        for path in runner.matching(&from) {
            one(runner, call, &path, target, true, keeps, way);
        }
        if runner.tree().gaps().any(|gap| from.starts_with(gap.below.trim_end_matches('/'))) {
            runner.doubt(&to, unseen(call));
        }
        return;
    }
    let name = from.rsplit('/').next().unwrap_or_default().to_owned();
    let into = into || runner.is_directory(&to);
    // `cp -r dir/. to` copies what is inside.
    let contents = source.ends_with("/.") || source == "." && way == Way::Copy;
    let place = if into && !contents { normalize(&to, &name) } else { to.clone() };
    runner.work_mut().name(&from);
    // Only root may give files away.
    let keeps = way == Way::Move || keeps && runner.owner().is_none();
    let owner = |runner: &Runner<'_, '_>, entry: &Entry| if keeps { entry.owner.clone() } else { runner.owner() };
    match runner.tree().lookup(&from) {
        Lookup::Found { path, entry } => {
            let (path, entry) = (path.to_string(), entry.clone());
            if entry.node == Node::Directory {
                let below: Vec<(String, Entry)> = runner
                    .tree()
                    .below(&path)
                    .map(|(at, entry)| (at[path.trim_end_matches('/').len()..].to_owned(), entry.clone()))
                    .collect_vec();
                if below.len() > runner.executor.budget.entries {
                    return runner.doubt(&place, unseen(call));
                }
                runner.executor.budget.entries -= below.len();
                let directory = Entry { from: call.read(), owner: owner(runner, &entry), ..entry };
                runner.put(&place, directory, call.command);
                for (rest, entry) in below {
                    let entry = Entry { owner: owner(runner, &entry), ..moved(call, entry) };
                    runner.put(&normalize(&place, rest.trim_start_matches('/')), entry, call.command);
                }
                carry_gaps(runner, &path, &place);
            } else {
                let mut entry = moved(call, entry);
                entry.owner = owner(runner, &entry);
                runner.put(&place, entry, call.command);
            }
        }
        Lookup::Missing { .. } => return,
        Lookup::Unknown(need) => {
            if !into && (context::looks_like_file(&name) || !context::looks_like_directory(source)) {
                let node = Node::File(Content::Unknown(need));
                let entry = Entry { node, mode: None, owner: runner.owner(), from: call.read() };
                runner.put(&place, entry, call.command);
                // It may as well be a directory.
                if !context::looks_like_file(&name) {
                    runner.doubt(&place, unseen(call));
                }
            } else {
                runner.doubt(&place, need);
            }
            runner.carry_copies(&from, &place);
        }
    }
    runner.carry_copies(&from, &place);
    if way == Way::Move {
        runner.delete(&from, call.command);
    }
}

fn carry_gaps(runner: &mut Runner<'_, '_>, from: &str, to: &str) {
    let inside = from.trim_end_matches('/');
    let gaps: Vec<_> = runner.tree().gaps().cloned().collect_vec();
    for gap in gaps {
        let below = gap.below.trim_end_matches('/');
        let target = match (below.strip_prefix(inside), inside.strip_prefix(below)) {
            (Some(rest), _) if rest.is_empty() || rest.starts_with('/') => normalize(to, rest.trim_start_matches('/')),
            (_, Some(rest)) if rest.starts_with('/') => to.to_owned(),
            _ => continue,
        };
        runner.doubt(&target, gap.need);
    }
}

/// An entry after it was copied or moved by this command.
fn moved(call: &Call<'_>, mut entry: Entry) -> Entry {
    let claim = text! {
        en: "`{command}` puts it in its place",
        ja: "`{command}` がファイルを配置します",
        command: &call.name,
    };
    let made = text! { en: "the file is made before", ja: "ファイルはその前に作られます" };
    // Where it was made comes last: that is the place to look at. A file that is moved again and again remembers its
    // making and its last way, and no argument grows deep.
    let mut premises = vec![Step { claim, from: call.read() }];
    match entry.from {
        Provenance::Derived(inference) => {
            let kept = inference.premises.len().saturating_sub(4);
            premises.extend(inference.premises[kept..].iter().cloned());
        }
        from => premises.push(Step { claim: made, from }),
    }
    entry.from = Provenance::derived(premises);
    entry
}

fn unseen(call: &Call<'_>) -> Arc<Need> {
    let text = text! {
        en: "which files `{command}` puts here is not known",
        ja: "ここに `{command}` が置くファイルは分かりません",
        command: &call.name,
    };
    Arc::new(Need { text, settled_by: Vec::new(), at: Some(call.at().clone()) })
}

pub(super) fn ln(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Status {
    let options = Options::read(&call.arguments, "tS", &["target-directory", "suffix"]);
    let symbolic = options.has(&["s", "symbolic"]);
    let no_follow = options.has(&["n", "T", "no-dereference", "no-target-directory"]);
    let directory = options.value(&["t", "target-directory"]);
    let (sources, target) = match (directory, options.operands.as_slice()) {
        (Some(directory), sources) => (sources, directory),
        (None, [one]) => (std::slice::from_ref(one), "."),
        (None, [sources @ .., target]) => (sources, *target),
        (None, []) => return Status::Unknown,
    };
    let Some(to) = call.path(target) else { return Status::Unknown };
    let into = directory.is_some()
        || target == "."
        || target.ends_with('/')
        || sources.len() > 1
        || !no_follow && runner.is_directory(&to);
    for source in sources {
        let name = source.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let place = if into { normalize(&to, name) } else { to.clone() };
        if source.contains(super::UNKNOWN) {
            runner.doubt(&place, unseen(call));
            continue;
        }
        let entry = if symbolic {
            let node = Node::Link(Arc::from(*source));
            Entry { node, mode: None, owner: runner.owner(), from: call.read() }
        } else {
            match call.path(source).and_then(|path| runner.found(&path)) {
                Some((_, entry)) => moved(call, entry),
                None => {
                    runner.doubt(&place, unseen(call));
                    continue;
                }
            }
        };
        runner.put(&place, entry, call.command);
    }
    Status::Unknown
}

pub(super) fn install(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Status {
    let options = Options::read(&call.arguments, "mogtS", &["mode", "owner", "group", "target-directory", "suffix"]);
    let mode = options.value(&["m", "mode"]).unwrap_or("755");
    if options.has(&["d", "directory"]) {
        for operand in &options.operands {
            directory(runner, call, operand, Some(mode));
        }
        return Status::Success;
    }
    let target_directory = options.value(&["t", "target-directory"]);
    let (sources, target) = match (target_directory, options.operands.split_last()) {
        (Some(directory), _) => (&options.operands[..], directory),
        (None, Some((target, sources))) => (sources, *target),
        (None, None) => return Status::Unknown,
    };
    let into = target_directory.is_some() || target.ends_with('/') || sources.len() > 1;
    for source in sources {
        one(runner, call, source, target, into, false, Way::Copy);
        let name = source.rsplit('/').next().unwrap_or_default();
        let Some(to) = call.path(target) else { continue };
        let place = if into || runner.is_directory(&to) { normalize(&to, name) } else { to };
        set_mode(runner, call, &place, mode);
    }
    Status::Unknown
}

pub(super) fn mkdir(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Status {
    let options = Options::read(&call.arguments, "m", &["mode"]);
    for operand in &options.operands {
        directory(runner, call, operand, options.value(&["m", "mode"]));
    }
    Status::Success
}

fn directory(runner: &mut Runner<'_, '_>, call: &Call<'_>, path: &str, mode: Option<&str>) {
    let Some(path) = call.path(path) else { return };
    if runner.found(&path).is_some() {
        return;
    }
    let mode = mode.and_then(|mode| self::mode::change(Some(0o755), mode, true)).or(Some(0o755));
    let entry = Entry { node: Node::Directory, mode, owner: runner.owner(), from: call.read() };
    runner.put(&path, entry, call.command);
}

pub(super) fn rm(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Status {
    let options = Options::read(&call.arguments, "", &[]);
    for operand in &options.operands {
        let Some(path) = call.path(operand) else { continue };
        if operand.contains(['*', '?', '[']) {
            for path in runner.matching(&path) {
                runner.delete(&path, call.command);
            }
        } else {
            runner.delete(&path, call.command);
        }
    }
    Status::Success
}

pub(super) fn touch(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Status {
    let options = Options::read(&call.arguments, "drt", &["date", "reference"]);
    for operand in &options.operands {
        let Some(path) = call.path(operand) else { continue };
        if runner.found(&path).is_none() {
            let content = match runner.tree().lookup(&path) {
                Lookup::Unknown(need) => Content::Unknown(need),
                _ => Content::Bytes(Arc::from(Vec::new())),
            };
            runner.write(&path, content, None, call.command);
        }
    }
    Status::Success
}

/// `update-alternatives --install LINK NAME PATH PRIORITY` makes a link.
pub(super) fn alternatives(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Status {
    for (at, word) in call.arguments.iter().enumerate() {
        let (Some(link), Some(target)) = (call.arguments.get(at + 1), call.arguments.get(at + 3)) else { continue };
        if let (true, Some(link)) = (matches!(word.as_str(), "--install" | "--slave"), call.path(link)) {
            let node = Node::Link(Arc::from(target.as_str()));
            runner.put(&link, Entry { node, mode: None, owner: None, from: call.read() }, call.command);
        }
    }
    Status::Unknown
}

/// `find … -delete` and `-exec` change what they find; everything else only looks.
pub(super) fn find(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Status {
    let words = &call.arguments;
    let roots: Vec<String> = words
        .iter()
        .take_while(|word| !word.starts_with(['-', '(', '!']))
        .filter_map(|root| call.path(root))
        .collect_vec();
    let name = words.iter().position(|word| word == "-name").and_then(|at| words.get(at + 1)).cloned();
    let executes = words.iter().position(|word| matches!(word.as_str(), "-exec" | "-execdir" | "-ok"));
    let Some(executes) = executes else { return Status::Unknown };
    let command: Vec<Word> =
        call.command.words[executes + 2..].iter().take_while(|word| !is_end(word)).cloned().collect_vec();
    let program = command.first().map(Word::pattern).unwrap_or_default();
    // Which files it finds is not followed far enough to say whose they are afterwards.
    runner.work_mut().owners_are_open = true;
    if is_one_of(&program, "strip ls echo grep cat ldd touch") {
        return Status::Unknown;
    }
    let mut paths = Vec::new();
    for root in &roots {
        let fits = |path: &str, entry: &Entry| {
            let file = path.rsplit('/').next().unwrap_or_default();
            entry.node != Node::Directory
                && name.as_ref().is_none_or(|name| crate::project::pattern::matches(name, file))
        };
        let found = runner.tree().below(root).filter(|(path, entry)| fits(path, entry));
        paths.extend(found.map(|(path, _)| path.to_string()).take(10_000));
    }
    // A file of this name that nobody has seen lies in the first place that is not known.
    if let (true, Some(name), Some(root)) = (paths.is_empty(), &name, roots.first()) {
        let path = normalize(root, name);
        let is_plain = !name.contains(['*', '?', '[']);
        if is_plain && matches!(runner.tree().lookup(&path), Lookup::Unknown(_)) {
            paths.push(path);
        }
    }
    if paths.len() > runner.executor.budget.entries {
        return Status::Unknown;
    }
    runner.executor.budget.entries -= paths.len();
    for path in &paths {
        let words = command.iter().map(|word| Word::new(word.pattern().replace("{}", path))).collect_vec();
        super::run(runner, &Command { words, redirections: Vec::new(), ..call.command.clone() });
    }
    if paths.is_empty() {
        let need = unseen(call);
        for word in command.iter().skip(1).map(Word::pattern).filter(|word| word.starts_with('/')) {
            runner.doubt(&word, Arc::clone(&need));
        }
    }
    Status::Unknown
}

fn is_end(word: &Word) -> bool {
    word.known().is_some_and(|word| matches!(word.as_ref(), ";" | "+"))
}
