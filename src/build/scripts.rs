//! Text files as scripts, with the dropped file that each stands in.

use std::sync::Arc;

use crate::fact::Provenance;
use crate::project::package;
use crate::shell::Script;
use crate::source::{Excerpt, Location};
use crate::tree::{Content, Entry, Node};

/// A text file as a script, with the dropped file that it stands in.
pub(crate) fn script_of(entry: &Entry, dockerfile: &str, dockerfile_path: &Arc<str>) -> Option<Script> {
    let Node::File(Content::Bytes(bytes)) = &entry.node else { return None };
    let text = std::str::from_utf8(bytes).ok()?;
    let location = script_location(&entry.from, dockerfile_path);
    let (path, start) = match &location {
        Some(location) if location.path == *dockerfile_path => {
            // Only where the text stands there as it is.
            let stands = location.span.of(dockerfile) == text;
            (Arc::clone(dockerfile_path), stands.then_some(location.span.start))
        }
        Some(location) => (Arc::clone(&location.path), Some(0)),
        None => (Arc::clone(dockerfile_path), None),
    };
    let mut excerpt = Excerpt::default();
    match (start, &location) {
        (Some(start), _) => excerpt.push(text, start as usize),
        // Made by a command: every place in it is that command's.
        (None, place) => {
            excerpt.text = text.to_owned();
            excerpt.pieces.push((0, place.as_ref().map_or(0, |place| place.span.start)));
        }
    }
    Some(Script { text: excerpt, path })
}

/// The dropped file that a file of the image is, else the place that made it.
pub(crate) fn script_location(from: &Provenance, dockerfile: &Arc<str>) -> Option<Location> {
    let mut open = vec![from];
    let mut last = None;
    while let Some(from) = open.pop() {
        match from {
            Provenance::Read(location) if location.path != *dockerfile => return Some(location.clone()),
            Provenance::Read(location) => last = Some(location.clone()),
            Provenance::Derived(inference) => open.extend(inference.premises.iter().map(|step| &step.from)),
            _ => {}
        }
    }
    last
}

/// A `package.json` with its scripts.
pub(crate) fn of_package(
    entry: &Entry,
    dockerfile: &str,
    dockerfile_path: &Arc<str>,
) -> Option<(Script, Vec<package::Script>)> {
    let file = script_of(entry, dockerfile, dockerfile_path)?;
    let scripts = package::scripts(&file.text.text);
    Some((file, scripts))
}

/// The script that a package manager is told to run: `start` of `npm start`, `x` of `yarn x` and `pnpm run x`.
pub(crate) fn package_script<'a>(tool: &str, arguments: &'a [String]) -> Option<&'a str> {
    if arguments.iter().any(|word| OF_WORKSPACES.contains(&word.split('=').next().unwrap_or_default())) {
        return None;
    }
    let mut operands = arguments.iter().map(String::as_str).filter(|word| !word.starts_with('-'));
    match (tool, operands.next()?) {
        ("npm" | "yarn" | "pnpm" | "bun", "run" | "run-script" | "rum") => operands.next(),
        ("npm" | "yarn" | "pnpm", name @ ("start" | "test" | "stop" | "restart")) => Some(name),
        ("yarn" | "pnpm", name) if !COMMANDS.contains(&name) => Some(name),
        _ => None,
    }
}

/// The script that a package manager is told to run, and that a manifest does not have.
///
/// npm knows nothing else under `run`, and starts `server.js` where there is one; the others would run a program of
/// `node_modules` of that name, and hardly one is called so.
pub(crate) fn lacking_script(tool: &str, arguments: &[String], text: &str, is_server_missing: bool) -> Option<String> {
    let name = package_script(tool, arguments)?;
    let is_manifest =
        text.trim_start_matches('\u{feff}').trim_start().starts_with('{') && text.trim_end().ends_with('}');
    let scripts = package::scripts(text);
    let is_optional = arguments.iter().any(|word| word == "--if-present");
    let is_named =
        !name.contains([UNKNOWN_CHARACTER, '*', '/', '.']) && scripts.iter().all(|script| script.name != name);
    let is_start = name == "start" && arguments.first().is_some_and(|word| word == "start");
    let by_script = match tool {
        "npm" => !matches!(name, "restart" | "env"),
        _ => matches!(name, "start" | "build" | "dev" | "prod") || name.contains(':'),
    };
    (is_manifest && !is_optional && is_named && by_script && (!is_start || is_server_missing)).then(|| name.to_owned())
}

/// How a part of a word that is not known begins.
const UNKNOWN_CHARACTER: char = '\u{f8ff}';

/// What a package manager says of a script that is not there.
pub(crate) fn no_such_script(tool: &str, name: &str) -> String {
    match tool {
        "yarn" => format!("error Command \"{name}\" not found."),
        "pnpm" => format!("ERR_PNPM_NO_SCRIPT  Missing script: {name}"),
        "bun" => format!("error: Script not found \"{name}\""),
        _ => format!("npm error Missing script: \"{name}\""),
    }
}

/// Options that choose other packages of the project than the one that lies here, or another directory.
const OF_WORKSPACES: [&str; 13] = [
    "-w",
    "--workspace",
    "--workspaces",
    "-ws",
    "-r",
    "--recursive",
    "--filter",
    "-F",
    "--parallel",
    "--prefix",
    "--cwd",
    "-C",
    "--dir",
];

/// Words of yarn and pnpm that are commands of their own, whatever the scripts are called.
const COMMANDS: [&str; 39] = [
    "add",
    "audit",
    "bin",
    "cache",
    "ci",
    "config",
    "create",
    "dedupe",
    "deploy",
    "dlx",
    "exec",
    "fetch",
    "global",
    "help",
    "i",
    "import",
    "info",
    "init",
    "install",
    "licenses",
    "link",
    "list",
    "ls",
    "node",
    "npm",
    "pack",
    "patch",
    "plugin",
    "prune",
    "publish",
    "rebuild",
    "remove",
    "set",
    "store",
    "unlink",
    "up",
    "upgrade",
    "workspace",
    "workspaces",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn package_managers_are_told_which_script_to_run() {
        for (line, expected) in [
            ("npm start", Some("start")),
            ("npm run build --if-present", Some("build")),
            ("npm --silent run build", Some("build")),
            ("npm ci", None),
            ("npm build", None),
            ("yarn build", Some("build")),
            ("yarn install", None),
            ("yarn", None),
            ("pnpm --filter api build", None),
            ("pnpm run build", Some("build")),
            ("bun run index.ts", Some("index.ts")),
            ("bun build x", None),
        ] {
            let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
            assert_eq!(package_script(&words[0], &words[1..]), expected, "{line}");
        }
    }
}
