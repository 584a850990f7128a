//! Commands whose effect is not known in detail: where they may have written.
//!
//! The model: a command writes below its working directory, below the paths that it names, and where such commands
//! install things (`/usr/local`, `/opt`, the home directory; the system's own directories for an installer).
//! It takes nothing away, and what a distribution's packages bring (the loader, the libraries of `/usr/lib`) stays.

use crate::lists::{Collect, is_one_of};
use std::sync::Arc;

use super::regions::{self, Region};
use super::{Call, Runner};
use crate::fact::{Need, Settler};
use crate::shell::{Command, Status};
use crate::text;
use crate::text::Text;
use crate::tree::normalize;

/// Runs a command that is known by name at most.
pub(super) fn run(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Status {
    let region = Region::of(&call.name, is_for_everybody(call), installs(call));
    let need = need(runner, call);
    runner.work_mut().owners_are_open |= regions::may_change_owners(&call.name);
    if runner.owner().is_none() && is_script(call) {
        runner.open_users(call);
    }
    let mut places = prefixes(runner, call);
    if region == Region::Nowhere {
        places.extend(outputs(call));
        doubt_all(runner, &places, &need);
        return Status::Unknown;
    }
    // What is installed for everybody does not touch the project.
    let global = is_for_everybody(call) && matches!(call.name.as_str(), "npm" | "yarn" | "pnpm" | "bun");
    if !global && call.name != "corepack" {
        places.extend(call.command.directory.map(str::to_owned));
    }
    for word in &call.arguments {
        let value = word.split_once('=').map_or(word.as_str(), |(_, value)| value);
        if value.starts_with('/') || value.starts_with("./") || value.starts_with("../") {
            places.extend(call.path(value).filter(|path| path.len() > 1).or_else(|| call.known_directory(value)));
        }
    }
    if region != Region::Here {
        places.push(runner.home());
    }
    if matches!(region, Region::Local | Region::System) {
        places.extend(["/usr/local", "/opt"].map(str::to_owned));
        places.extend(install_directories(call));
        places.extend(runner.work().prefixes.iter().cloned());
    }
    if region == Region::System && !has_own_directory(runner, call) {
        places.extend(["/usr", "/bin", "/sbin", "/etc"].map(str::to_owned));
    }
    if call.name == "update-ca-certificates" {
        places.push("/etc/ssl".to_owned());
    }
    places.retain(|place| place != "/" || call.command.directory == Some("/"));
    doubt_all(runner, &places, &need);
    Status::Unknown
}

/// Whether it is a script that nobody has read, which may add users.
fn is_script(call: &Call<'_>) -> bool {
    let first = call.command.words.first().and_then(|word| word.known());
    let is_file = first.is_some_and(|first| first.contains('/') || first.ends_with(".sh"));
    is_file && regions::may_change_owners(&call.name)
        || matches!(call.name.as_str(), "sh" | "bash" | "ash" | "dash" | "zsh")
}

/// Whether something is installed outside of the project, which the command itself names.
pub(super) fn is_for_everybody(call: &Call<'_>) -> bool {
    call.arguments.iter().any(|word| matches!(word.as_str(), "-g" | "--global" | "global"))
}

/// A part of what a runner of recipes or tasks runs, where that was read.
pub(super) fn partly(call: &Call<'_>) -> Arc<Need> {
    let text = text! {
        en: "a part of what `{command}` runs is not known",
        ja: "`{command}` が実行する内容の一部が分かりません",
        command: call.title(),
    };
    Arc::new(Need { text, settled_by: Vec::new(), at: Some(call.at().clone()) })
}

/// Whether the words speak of installing, or a script comes from somewhere else: such a one may put things anywhere.
fn installs(call: &Call<'_>) -> bool {
    let speaks = |word: &str| word.contains("install") || word.contains("setup");
    let reads_pipe = call.command.piped
        && is_one_of(&call.name, "sh bash ash dash zsh")
        && call.arguments.iter().all(|word| word.starts_with('-'));
    reads_pipe || speaks(&call.name) || call.arguments.iter().any(|word| !word.starts_with('-') && speaks(word))
}

/// Directories that `./configure --prefix` and its kin name for later commands.
fn prefixes(runner: &mut Runner<'_, '_>, call: &Call<'_>) -> Vec<String> {
    const OPTIONS: [&str; 5] =
        ["--prefix=", "--bindir=", "--sbindir=", "-DCMAKE_INSTALL_PREFIX=", "-DCMAKE_INSTALL_PREFIX:PATH="];
    let named = call.arguments.iter().filter_map(|word| OPTIONS.iter().find_map(|option| word.strip_prefix(option)));
    let found: Vec<String> = named.filter_map(|path| call.path(path)).filter(|path| path.len() > 1).collect_vec();
    let known = &mut runner.work_mut().prefixes;
    known.extend(found.iter().filter(|path| !known.contains(path)).cloned().collect_vec());
    known.truncate(20);
    found
}

/// Files that an option of a command that writes nothing else names: `strip -o`, `gpg --output`.
fn outputs(call: &Call<'_>) -> Vec<String> {
    let words = &call.arguments;
    let named = words.iter().enumerate().filter_map(|(at, word)| match word.as_str() {
        "-o" | "--output" | "-out" | "--out" => words.get(at + 1).map(String::as_str),
        word => word.strip_prefix("--output=").or_else(|| word.strip_prefix("-o").filter(|rest| rest.starts_with('/'))),
    });
    named.filter_map(|path| call.path(path).or_else(|| call.known_directory(path))).collect_vec()
}

/// Official language images keep everything below `/usr/local`, a language's package manager included.
fn has_own_directory(runner: &Runner<'_, '_>, call: &Call<'_>) -> bool {
    let program = match call.name.as_str() {
        "pip" | "pip3" | "pipx" | "uv" => "python3",
        "npm" | "npx" | "yarn" | "pnpm" | "corepack" => "node",
        "gem" | "bundle" => "ruby",
        "pecl"
        | "pear"
        | "composer"
        | "docker-php-ext-install"
        | "docker-php-ext-enable"
        | "docker-php-ext-configure" => "php",
        _ => return false,
    };
    runner.found(&format!("/usr/local/bin/{program}")).is_some()
}

/// Where the environment says that tools install programs.
pub(super) fn install_directories(call: &Call<'_>) -> Vec<String> {
    const VARIABLES: [&str; 8] =
        ["GOPATH", "GOBIN", "CARGO_HOME", "CARGO_TARGET_DIR", "PREFIX", "DESTDIR", "NVM_DIR", "PNPM_HOME"];
    let known = VARIABLES.iter().filter_map(|name| call.command.environment.get(name)?.value().cloned());
    known.filter(|path| path.starts_with('/') && path.len() > 1).collect_vec()
}

fn doubt_all(runner: &mut Runner<'_, '_>, places: &[String], need: &Arc<Need>) {
    for place in places {
        runner.work_mut().doubt_here(place, Arc::clone(need));
    }
}

/// A command of which even the name is not known.
pub(super) fn unknown_command(runner: &mut Runner<'_, '_>, command: &Command<'_>) {
    let text = text! {
        en: "which command is run here is not known",
        ja: "ここで実行されるコマンドが分かりません",
    };
    let known = command.words.iter().find_map(|word| word.unknown()).cloned();
    let need = known.unwrap_or_else(|| Arc::new(Need { text, settled_by: Vec::new(), at: Some(command.at.clone()) }));
    let mut places: Vec<String> = command.directory.map(str::to_owned).into_iter().collect_vec();
    places.push(runner.home());
    places.extend(["/usr/local", "/opt"].map(str::to_owned));
    runner.work_mut().owners_are_open = true;
    doubt_all(runner, &places, &need);
}

/// Why it is not known what the command writes, and which file would tell.
pub(super) fn need(runner: &Runner<'_, '_>, call: &Call<'_>) -> Arc<Need> {
    let file = deciding_file(runner, call);
    let command = call.title();
    let text: Text = match &file {
        Some(file) => text! {
            en: "`{command}` runs what `{file}` says, and that was not given",
            ja: "`{command}` は `{file}` の内容を実行しますが、そのファイルが渡されていません",
            command: command,
            file: file,
        },
        None => text! {
            en: "what `{command}` writes is not known",
            ja: "`{command}` が書き込むものは分かりません",
            command: command,
        },
    };
    let settled_by = match file {
        Some(file) => vec![Settler::File(file), Settler::ProjectFolder],
        None => Vec::new(),
    };
    Arc::new(Need { text, settled_by, at: Some(call.at().clone()) })
}

/// The file of the context that says what the command does.
fn deciding_file(runner: &Runner<'_, '_>, call: &Call<'_>) -> Option<String> {
    let here = |name: &str| {
        let path = normalize(call.command.directory?, name);
        Some(runner.context_path(&path).unwrap_or_else(|| name.to_owned()))
    };
    let by_tool = match call.name.as_str() {
        "make" | "gmake" => "Makefile",
        "mage" => "magefile.go",
        "task" | "go-task" => "Taskfile.yml",
        "just" => "justfile",
        "goreleaser" => ".goreleaser.yml",
        "ko" => ".ko.yaml",
        "npm" | "yarn" | "pnpm" | "npx" | "bun" if !is_for_everybody(call) => "package.json",
        "mvn" | "mvnw" => "pom.xml",
        "gradle" | "gradlew" => "build.gradle",
        "cmake" => "CMakeLists.txt",
        "meson" | "ninja" => "meson.build",
        "rake" => "Rakefile",
        "sbt" => "build.sbt",
        "lein" => "project.clj",
        "bazel" | "bazelisk" => "BUILD",
        _ => "",
    };
    if !by_tool.is_empty() {
        return here(by_tool);
    }
    // A script, by its own path or after its interpreter.
    let first = call.command.words.first()?.known()?.into_owned();
    let script = match call.name.as_str() {
        "sh" | "bash" | "ash" | "dash" | "zsh" | "python" | "python3" | "node" | "perl" | "ruby" => {
            call.arguments.iter().find(|word| !word.starts_with('-'))?.clone()
        }
        _ if first.contains('/') => first,
        _ => return None,
    };
    let path = call.path(&script)?;
    runner.context_path(&path)
}
