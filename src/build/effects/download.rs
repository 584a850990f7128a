//! curl, wget and git: files of which only the name is known.

use crate::lists::Collect;
use std::sync::Arc;

use super::options::Options;
use super::{Call, Runner};
use crate::build::convert::url_name;
use crate::build::copy::is_archive_name;
use crate::fact::Need;
use crate::shell::Status;
use crate::text;
use crate::toolchain::published;
use crate::tree::{Content, Entry, Node, normalize};

const CURL_SHORT: &str = "oHXdumATbceEFKrtTwxzCyYQUPD";
const CURL_LONG: &[&str] = &[
    "output",
    "header",
    "request",
    "data",
    "user",
    "max-time",
    "user-agent",
    "retry",
    "retry-delay",
    "connect-timeout",
    "output-dir",
    "cacert",
    "proto",
    "tlsv",
    "write-out",
    "proxy",
    "form",
    "data-binary",
    "retry-max-time",
    "range",
];

pub(super) fn curl(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Status {
    let options = Options::read(&call.arguments, CURL_SHORT, CURL_LONG);
    let urls = options.operands.iter().copied();
    let directory = options.value(&["output-dir"]).unwrap_or(".");
    let outputs: Vec<&str> = options
        .options
        .iter()
        .filter(|(name, _)| name == "o" || name == "output")
        .filter_map(|(_, value)| *value)
        .collect_vec();
    for output in &outputs {
        saved(runner, call, directory, output, urls.clone().next().unwrap_or_default());
    }
    if options.has(&["O", "remote-name", "remote-name-all"]) {
        for url in urls.skip(outputs.len()) {
            saved(runner, call, directory, url_name(url), url);
        }
    }
    Status::Unknown
}

const WGET_SHORT: &str = "OPoTtUQweiaBIRAXD";
const WGET_LONG: &[&str] = &[
    "output-document",
    "directory-prefix",
    "output-file",
    "timeout",
    "tries",
    "user-agent",
    "header",
    "user",
    "password",
];

pub(super) fn wget(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Status {
    // `-nv`, `-nc`, `-qO-`: two letters are one option after `n`.
    let words: Vec<String> = call.arguments.iter().filter(|word| !word.starts_with("-n")).cloned().collect_vec();
    let options = Options::read(&words, WGET_SHORT, WGET_LONG);
    let directory = options.value(&["P", "directory-prefix"]).unwrap_or(".");
    match options.value(&["O", "output-document"]) {
        Some("-") => {}
        Some(output) => saved(runner, call, ".", output, options.operands.first().copied().unwrap_or_default()),
        None => {
            for url in &options.operands {
                saved(runner, call, directory, url_name(url), url);
            }
        }
    }
    Status::Unknown
}

/// A download keeps no mode: nothing makes it executable.
fn saved(runner: &mut Runner<'_, '_>, call: &Call<'_>, directory: &str, name: &str, url: &str) {
    if matches!(name, "-" | "/dev/null" | "/dev/stdout" | "") {
        return;
    }
    let known = !url.contains(super::UNKNOWN);
    let url = url.replace(super::UNKNOWN, "…");
    let text = text! { en: "what `{url}` holds is not known", ja: "`{url}` の内容は分かりません", url: &url };
    let need = Arc::new(Need { text, settled_by: Vec::new(), at: Some(call.at().clone()) });
    let base = if directory == "." { call.path(".") } else { call.path(directory) };
    let path = if name.starts_with('/') {
        call.path(name)
    } else {
        base.filter(|_| !name.contains(super::UNKNOWN)).map(|base| normalize(&base, name))
    };
    match path {
        Some(path) => {
            if known {
                runner.work_mut().downloads.insert(path.clone(), url.clone());
            }
            let platform = runner.work().image.platform.clone();
            // An archive is no program, whatever its name says.
            let is_archive = is_archive_name(url_name(&url)) || url_name(&url).ends_with(".zip");
            let needs = published(&url, &platform, call.at()).filter(|_| !is_archive && known);
            let content = needs.map_or(Content::Unknown(need), |needs| Content::Program(Arc::new(needs)));
            runner.write(&path, content, None, call.command);
        }
        None => {
            if let Some(directory) = call.known_directory(name).or_else(|| call.path(directory)) {
                runner.doubt(&directory, need);
            }
        }
    }
}

pub(super) fn git(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Status {
    let options =
        Options::read(&call.arguments, "bCcoju", &["branch", "depth", "origin", "config", "jobs", "reference"]);
    let Some((subcommand, operands)) = options.operands.split_first() else { return Status::Unknown };
    let text = text! { en: "what `git` fetches here is not known", ja: "ここで `git` が取得するものは分かりません" };
    let need = Arc::new(Need { text, settled_by: Vec::new(), at: Some(call.at().clone()) });
    match (*subcommand, operands) {
        ("clone", [address, rest @ ..]) => {
            let name = address.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or_default();
            let target = rest.first().copied().unwrap_or_else(|| name.trim_end_matches(".git"));
            if let Some(path) = call.path(target) {
                let entry =
                    Entry { node: Node::Directory, mode: Some(0o755), owner: runner.owner(), from: call.read() };
                runner.put(&path, entry, call.command);
                runner.doubt(&path, need);
            } else if let Some(directory) = call.path(".") {
                runner.doubt(&directory, need);
            }
        }
        ("checkout" | "pull" | "submodule" | "apply" | "am" | "fetch" | "reset" | "switch" | "lfs" | "init", _) => {
            if let Some(directory) = call.path(options.value(&["C"]).unwrap_or(".")) {
                runner.doubt(&directory, need);
            }
        }
        _ => {}
    }
    Status::Unknown
}
