//! tar, unzip and their kin: what lands where is mostly not known, only below which directory.

use crate::lists::Collect;
use std::sync::Arc;

use super::options::Options;
use super::{Call, Runner, not_known};
use crate::archive;
use crate::build::Unnamed;
use crate::build::convert::url_name;
use crate::fact::{Need, Provenance, Settler, Step};
use crate::project;
use crate::shell::Status;
use crate::source::Location;
use crate::text;
use crate::toolchain::published;
use crate::tree::{Content, Entry, Node, normalize};

pub(super) fn tar(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Status {
    // `tar xvfz a.tgz C dir`: letters without a dash take their values from the words that follow, in order.
    let mut words = call.arguments.clone();
    if let Some(first) = words.first().filter(|first| !first.starts_with('-')).cloned() {
        let with_value = |letter: &char| "fCTXbI".contains(*letter);
        let values = first.chars().filter(with_value).count();
        let mut spread = vec![format!("-{}", first.chars().filter(|letter| !with_value(letter)).collect::<String>())];
        let taken = words.iter().skip(1).take(values);
        spread.extend(
            first
                .chars()
                .filter(with_value)
                .zip(taken)
                .flat_map(|(letter, value)| [format!("-{letter}"), value.clone()]),
        );
        words.splice(..(1 + values).min(words.len()), spread);
    }
    let options = Options::read(
        &words,
        "fCTXbI",
        &[
            "file",
            "directory",
            "exclude",
            "strip-components",
            "strip",
            "transform",
            "one-top-level",
            "use-compress-program",
            "files-from",
        ],
    );
    let extracts = options.has(&["x", "extract", "get"]);
    if !extracts {
        if let (true, Some(path)) =
            (options.has(&["c", "create"]), options.value(&["f", "file"]).and_then(|path| call.path(path)))
        {
            runner.write(&path, Content::Opaque, None, call.command);
        }
        return Status::Unknown;
    }
    let directory = match options.value(&["C", "directory"]) {
        Some(directory) => call.path(directory).or_else(|| call.known_directory(directory)),
        None => call.path("."),
    };
    let Some(directory) = directory else { return Status::Unknown };
    // Members that are named are extracted under their names, unless leading parts are taken off.
    let strip =
        options.value(&["strip-components", "strip"]).and_then(|count| count.parse::<usize>().ok()).unwrap_or(0);
    if options.has(&["O", "to-stdout"]) {
        return Status::Unknown;
    }
    let changes = ["transform", "exclude", "one-top-level", "files-from", "T", "X", "exclude-from"];
    let archive = options.value(&["f", "file"]).and_then(|file| call.path(file));
    if !options.has(&changes)
        && archive.as_deref().is_some_and(|path| members(runner, call, path, &directory, &options.operands, strip))
    {
        return Status::Unknown;
    }
    let plain = options
        .operands
        .iter()
        .all(|member| !member.contains(['*', '?', super::UNKNOWN.chars().next().unwrap_or('*')]));
    if !options.operands.is_empty() && plain && !options.has(&["transform"]) {
        for member in &options.operands {
            let kept: Vec<&str> =
                member.split('/').filter(|part| !part.is_empty() && *part != ".").skip(strip).collect_vec();
            if !kept.is_empty() {
                let path = normalize(&directory, &kept.join("/"));
                runner.doubt(&path, extracted(call));
            }
        }
        return Status::Unknown;
    }
    unpacked(runner, call, &directory, archive.as_deref());
    runner.doubt(&directory, extracted(call));
    Status::Unknown
}

/// Extracts an archive of the build context; false when it was not dropped, or cannot be read.
fn members(
    runner: &mut Runner<'_, '_>,
    call: &Call<'_>,
    archive: &str,
    directory: &str,
    wanted: &[&str],
    strip: usize,
) -> bool {
    let project = Arc::clone(&runner.executor.context.project);
    let sources = project::Sources { project: &project, copies: runner.work().copies.clone() };
    let context = sources.context_path(archive).filter(|_| runner.found(archive).is_some());
    let Some((context, input)) = context.and_then(|path| Some((path.clone(), project.file(&path)?))) else {
        return false;
    };
    let claim = text! { en: "`{path}` of the build context holds it", ja: "ビルドコンテキストの `{path}` に含まれています", path: context };
    let read = Step { claim, from: Provenance::Read(Location::file(&input.path)) };
    let claim = text! { en: "the archive is unpacked here", ja: "アーカイブはここで展開されます" };
    let from = Provenance::derived(vec![read, Step { claim, from: call.read() }]);
    let Some(found) = archive::members(runner.executor.archives, input, &from).filter(|found| found.left_out.is_none())
    else {
        return false;
    };
    let wanted: Vec<String> = wanted.iter().map(|member| normalize("/", &format!("/{member}"))).collect_vec();
    let is_wanted = |path: &str| {
        wanted.is_empty()
            || wanted
                .iter()
                .any(|one| path.strip_prefix(one.as_str()).is_some_and(|r| r.is_empty() || r.starts_with('/')))
    };
    for (path, mut entry) in found.entries.into_iter().filter(|(path, _)| is_wanted(path)) {
        let kept: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).skip(strip).collect_vec();
        let place = normalize(directory, &kept.join("/"));
        let stays = kept.is_empty() || entry.node == Node::Directory && runner.is_directory(&place);
        if !stays {
            // Only root may give files away.
            entry.owner = runner.owner().or(entry.owner);
            runner.put(&place, entry, call.command);
        }
    }
    true
}

/// A program in an archive whose name says for what it is built.
fn unpacked(runner: &mut Runner<'_, '_>, call: &Call<'_>, directory: &str, archive: Option<&str>) {
    let Some(url) = archive.and_then(|path| runner.work().downloads.get(path)) else { return };
    let name = url_name(url).to_owned();
    let Some(needs) = published(url, &runner.work().image.platform, call.at()) else { return };
    let node = Node::File(Content::Program(Arc::new(needs)));
    let entry = Entry { node, mode: Some(0o755), owner: runner.owner(), from: call.read() };
    runner.work_mut().unnamed.push(Unnamed {
        directory: directory.to_owned(),
        entry,
        settled_by: vec![Settler::Program(name)],
    });
}

fn extracted(call: &Call<'_>) -> Arc<Need> {
    let text = text! {
        en: "what `{command}` takes out of the archive is not known",
        ja: "`{command}` がアーカイブから取り出すものは分かりません",
        command: &call.name,
    };
    Arc::new(Need { text, settled_by: Vec::new(), at: Some(call.at().clone()) })
}

pub(super) fn unzip(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Status {
    let options = Options::read(&call.arguments, "dx", &[]);
    let attached = options.options.iter().find_map(|(name, _)| name.strip_prefix('o').filter(|rest| !rest.is_empty()));
    let directory = options.value(&["d"]).or(attached).unwrap_or(".");
    if let Some(directory) = call.path(directory).or_else(|| call.known_directory(directory)) {
        let archive = options.operands.first().and_then(|file| call.path(file));
        unpacked(runner, call, &directory, archive.as_deref());
        runner.doubt(&directory, extracted(call));
    }
    Status::Unknown
}

/// `gunzip app.gz` leaves `app`; what is in it is not known.
pub(super) fn decompress(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Status {
    let unpacks =
        call.name.contains("un") || call.arguments.iter().any(|word| word.starts_with('-') && word.contains('d'));
    let options = Options::read(&call.arguments, "oS", &["suffix"]);
    if !unpacks || options.has(&["c", "stdout", "to-stdout"]) {
        return Status::Unknown;
    }
    for operand in &options.operands {
        let Some(path) = call.path(operand) else { continue };
        let Some((stem, _)) = path.rsplit_once('.') else { continue };
        let (stem, mode) = (stem.to_owned(), runner.found(&path).and_then(|(_, entry)| entry.mode));
        let platform = &runner.work().image.platform;
        let needs = runner.work().downloads.get(&path).and_then(|url| published(url, platform, call.at()));
        let content = match needs {
            Some(needs) => Content::Program(Arc::new(needs)),
            None => Content::Unknown(not_known(&stem, call.at())),
        };
        let node = Node::File(content);
        let entry = Entry { node, mode: mode.or(Some(0o644)), owner: runner.owner(), from: call.read() };
        runner.put(&stem, entry, call.command);
        runner.delete(&path, call.command);
    }
    Status::Unknown
}
