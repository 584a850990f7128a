//! # The program is not at that path
//!
//! The image has no file at the path that the entrypoint or the command names.
//!
//! ## What happens
//!
//! The container stops before anything of yours has run:
//!
//! ```text
//! exec: "./server": stat ./server: no such file or directory
//! exec: "/app/server": stat /app/server: no such file or directory
//! executable file `./server` not found in $PATH: No such file or directory: OCI runtime attempted to invoke a command that was not found
//! /bin/sh: 1: /app/server: not found
//! ```
//!
//! The word `stat` is the sign: the engine looked for the file and did not find it.
//! Where the message is `exec /app/server: no such file or directory` without `stat`, the file is there and what it needs to start is not: that is [`missing-interpreter`](missing-interpreter.html).
//!
//! ## Why
//!
//! A path that contains a slash is not searched for in `PATH`.
//! If it is relative, it starts from the last `WORKDIR`; and a later `WORKDIR` moves it.
//! Often the file was copied or built somewhere else, under another name, or was removed later.
//!
//! A file may also be in the image and still not be there when the container starts.
//! A folder of the host that is mounted over its directory (`volumes: [".:/app"]` in a compose file) hides all that the image has there.
//! And what a `RUN` changes below a directory that an earlier `VOLUME` names is thrown away by the legacy builder and by older versions of Podman; BuildKit keeps it.
//!
//! ## Example
//!
//! The file is copied to `/srv`, but `./server` is looked for in `/data`:
//!
//! ```dockerfile,fails
//! FROM debian:12-slim
//! WORKDIR /srv
//! COPY server .
//! WORKDIR /data
//! CMD ["./server"]
//! ```
//!
//! With the whole path it does not matter where the container works:
//!
//! ```dockerfile,starts
//! FROM debian:12-slim
//! WORKDIR /srv
//! COPY server .
//! WORKDIR /data
//! CMD ["/srv/server"]
//! ```
//!
//! A runtime that starts and does not find the file that it is given ends the container as well:
//!
//! ```dockerfile,fails
//! FROM gcr.io/distroless/nodejs20-debian12
//! WORKDIR /web
//! COPY index.mjs ./
//! CMD ["node", "index.mjs"]
//! ```
//!
//! This base image starts `node` already, so `node` takes the second `node` for the name of a script:
//!
//! ```text
//! Error: Cannot find module '/web/node'
//! ```
//!
//! ```dockerfile,starts
//! FROM gcr.io/distroless/nodejs20-debian12
//! WORKDIR /web
//! COPY index.mjs ./
//! CMD ["index.mjs"]
//! ```
//!
//! A package manager that is told to run a script which `package.json` does not have ends likewise (`npm error Missing script: "start"`).
//! Where `package.json` and `tsconfig.json` were dropped, execlens also knows when the build writes another folder than the one that `node dist/main.js` names.
//!
//! ## What to do
//!
//! 1. Name the program by its absolute path. It costs nothing, and a later `WORKDIR` cannot break it.
//! 2. Or set the `WORKDIR` that the relative path is meant to start from. The program then works in that directory.
//! 3. Or copy the program to where it is looked for.
//! 4. Where a mount hides it, mount less, or put the program into a directory of its own, such as `/usr/local/bin`. Declare a `VOLUME` after the last command that writes there.
//! 5. Where the base image has an `ENTRYPOINT` of its own, give `CMD` the arguments alone, or set `ENTRYPOINT` too.
//!
//! ## When this is wrong
//!
//! A volume that is mounted at run time can bring the file, or hide it; this page judges the image alone, and what a compose file beside the Dockerfile says.
//! A base image that execlens does not know may contain the file; then it says that it does not know.
//!
//! ## References
//!
//! - Dockerfile reference: `WORKDIR`, `CMD`, `ENTRYPOINT`, `VOLUME`; compose specification, `volumes`
//! - runc, `libcontainer/system/linux.go` and Go's `os/exec.LookPath`
//! - Node.js, `lib/internal/modules/cjs/loader.js`; CPython, `Modules/main.c`

use super::misnamed;
use crate::build::left_out;
use crate::diagnostic::{Diagnostic, Effect, RuntimeMessage};
use crate::dockerfile::{Command, Kind};
use crate::fact::{Provenance, Settler, Step};
use crate::fix::Fix;
use crate::launch::{Launch, Operand, Program};
use crate::lists::Collect;
use crate::needs::Absence;
use crate::rules::terminal::{self, Failing};
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, hidden, lookup, mend, place};
use crate::source::Span;
use crate::text;
use crate::text::{Template, Text};

pub(super) static RULE: Rule = Rule {
    name: "program-missing",
    moment: Moment::Engine,
    summary: Template {
        en: "the program is not in the image at that path", ja: "そのパスにプログラムがありません"
    },
    symptoms: &[
        Symptom { pattern: "exec: \"{}/{}\": stat {}: no such file or directory", speaker: "runc" },
        Symptom { pattern: "executable file `{}/{}` not found", speaker: "crun" },
        Symptom { pattern: "exec: \"/{}\": no such file or directory", speaker: "runc" },
        Symptom { pattern: "Error: Cannot find module '/{}'", speaker: "Node.js" },
        Symptom { pattern: "Missing script: \"{}\"", speaker: "npm" },
        Symptom { pattern: "can't open file '{}': [Errno 2] No such file or directory", speaker: "Python" },
        Symptom { pattern: "Could not read package.json: Error: ENOENT: no such file or directory", speaker: "npm" },
        Symptom { pattern: "Couldn't find a package.json file in \"{}\"", speaker: "Yarn" },
        Symptom { pattern: "Error: Unable to access jarfile {}", speaker: "Java" },
        Symptom { pattern: "Could not open input file: {}", speaker: "PHP" },
        Symptom { pattern: "The application to execute does not exist: {}", speaker: ".NET" },
        Symptom { pattern: "The application '{}.dll' does not exist", speaker: ".NET" },
        Symptom { pattern: "Container command '/{}' not found or does not exist", speaker: "docker" },
    ],
    check: Check::Launch(check),
};

fn check(launch: &Launch<'_>) -> Outcome {
    if let Some(found) = launch.operand.as_ref().and_then(|operand| not_given(launch, operand)) {
        return Outcome::Fail(Box::new(found));
    }
    let (name, absent, near, left_out) = match &launch.program {
        Program::Missing { name, absent, near, left_out, .. } if name.contains('/') => (name, absent, near, left_out),
        Program::Unknown { need, .. } => return Outcome::Unknown(need.clone()),
        Program::Found(found) => {
            let found = hidden::by_mount(launch, found).or_else(|| hidden::by_volume(launch, found));
            return found.map_or(Outcome::Pass(Vec::new()), |found| Outcome::Fail(Box::new(found)));
        }
        _ => return Outcome::Inapplicable,
    };
    let asked = crate::tree::normalize(&launch.working_directory, name);
    let message = match (near.first(), left_out) {
        (_, Some((why, _))) => left_out::message(name, *why),
        (Some(near), None) => text! {
            en: "`{name}` is not in the image; `{near}` is",
            ja: "`{name}` はイメージにありません（`{near}` はあります）",
            name: name, near: near,
        },
        (None, None) => text! { en: "`{name}` is not in the image", ja: "`{name}` はイメージにありません", name: name },
    };
    let mut found = Diagnostic::new(RULE.name, place::of(launch), Effect::StartFails, message);
    found.evidence.push(lookup::executes(launch));
    found.evidence.extend(lookup::resolved(launch, name, &asked));
    if *absent != asked {
        let claim = text! {
            en: "a link on the way leads to `{absent}`",
            ja: "途中のリンクは `{absent}` を指しています",
            absent: absent,
        };
        found.evidence.push(Step { claim, from: lookup::link(launch, &asked) });
    }
    found.evidence.extend(left_out.iter().flat_map(|(_, because)| because.iter().cloned()));
    found.evidence.push(lookup::nothing_at(launch, absent));
    found.runtime_messages = terminal::messages(launch, Failing::NotFound);
    let mend = |(why, because): &(Absence, Vec<Step>)| left_out::mend(launch.build?, name, *why, because);
    found.fixes.extend(left_out.as_ref().and_then(mend));
    found.fixes.extend(near.iter().take(2).filter_map(|near| use_path(launch, name, near)));
    Outcome::Fail(Box::new(found))
}

/// Names the file that is there.
pub(super) fn use_path(launch: &Launch<'_>, name: &str, near: &str) -> Option<Fix> {
    Some(Fix {
        title: text! { en: "start `{near}`", ja: "`{near}` を起動する", near: near },
        tradeoff: text! {
            en: "none, if `{near}` is the program that was meant instead of `{name}`",
            ja: "`{name}` の代わりに意図したプログラムが `{near}` であれば、欠点はありません",
            near: near, name: name,
        },
        edits: vec![lookup::rename(launch, name, near)?],
    })
}

/// A package manager that has no manifest to take its scripts from.
fn no_manifest(tool: &str, path: &str, near: Option<&String>) -> Text {
    match near {
        Some(near) => text! {
            en: "`{tool}` looks for `{path}`, which is not in the image; `{near}` is",
            ja: "`{tool}` が探す `{path}` はイメージにありません（`{near}` はあります）",
            tool: tool, path: path, near: near,
        },
        None => text! {
            en: "`{tool}` looks for `{path}`, which is not in the image",
            ja: "`{tool}` が探す `{path}` はイメージにありません",
            tool: tool, path: path,
        },
    }
}

/// A runtime that starts, and does not find what it is given to run.
fn not_given(launch: &Launch<'_>, operand: &Operand) -> Option<Diagnostic> {
    let runtime = launch.name().rsplit('/').next().unwrap_or_default();
    if operand.is_script {
        return Some(no_script(launch, operand));
    }
    let Operand { name, path, is_there, is_program, instead, undoubled, .. } = operand;
    if is_there.is_none() && !is_program && undoubled.is_none() {
        return misnamed::program(launch, operand);
    }
    let near = match instead {
        _ if undoubled.is_some() => undoubled.iter().map(|found| found.path.clone()).collect(),
        _ if *is_program => Vec::new(),
        Some(instead) => instead.near.clone(),
        None => crate::build::near::in_tree(&launch.image.tree, path),
    };
    let base = name.rsplit('/').next().unwrap_or_default();
    let message = match (is_program, near.first()) {
        (_, near) if name == "package.json" => no_manifest(runtime, path, near),
        (_, Some(near)) if undoubled.is_some() => text! {
            en: "`{runtime}` is told to run `{path}`, and the file is most likely `{near}`",
            ja: "`{runtime}` は `{path}` を実行しようとしますが、ファイルはおそらく `{near}` にあります",
            runtime: runtime, path: path, near: near,
        },
        (true, _) if base == runtime => text! {
            en: "the base image starts `{runtime}` already, which takes this `{name}` for the file to run",
            ja: "ベースイメージがすでに `{runtime}` を起動しており、この `{name}` は実行すべきファイルとして扱われます",
            runtime: runtime, name: name,
        },
        (true, _) => text! {
            en: "`{runtime}` takes `{name}` for the file to run",
            ja: "`{runtime}` は `{name}` を、実行すべきファイルとして扱います",
            runtime: runtime, name: name,
        },
        (false, Some(near)) if instead.is_some() => text! {
            en: "`{runtime}` is told to run `{path}`, and the build writes `{near}`",
            ja: "`{runtime}` が実行するのは `{path}` ですが、ビルドが書き込むのは `{near}` です",
            runtime: runtime, path: path, near: near,
        },
        (false, Some(near)) => text! {
            en: "`{runtime}` is told to run `{path}`, which is not in the image; `{near}` is",
            ja: "`{runtime}` が実行する `{path}` はイメージにありません（`{near}` はあります）",
            runtime: runtime, path: path, near: near,
        },
        (false, None) => text! {
            en: "`{runtime}` is told to run `{path}`, which is not in the image",
            ja: "`{runtime}` が実行する `{path}` はイメージにありません",
            runtime: runtime, path: path,
        },
    };
    let mut found = Diagnostic::new(RULE.name, place::of(launch), Effect::StartFails, message);
    found.evidence.push(lookup::executes(launch));
    found.evidence.extend(lookup::resolved(launch, name, path));
    found.evidence.extend(instead.iter().flat_map(|instead| instead.because.iter().cloned()));
    if *is_there == Some(false) {
        found.evidence.push(lookup::nothing_at(launch, path));
    }
    if undoubled.is_some() {
        let condition = text! { en: "nothing that is not seen here brings `{path}`", ja: "ここで見えていないものが `{path}` を用意しない", path: path };
        let claim = text! {
            en: "copying a folder copies what is in it, and this path names the folder once more",
            ja: "フォルダーのコピーではその中身だけがコピーされますが、このパスはフォルダー名をもう一度含んでいます",
        };
        let settled_by = vec![Settler::ProjectFolder];
        found.evidence.push(Step { claim, from: Provenance::assumed(condition, settled_by) });
    } else if *is_there == Some(false) && !is_program {
        // Sources are often mounted where an image only prepares their place.
        let condition = text! {
            en: "nothing is mounted there when the container starts",
            ja: "コンテナーの起動時に、そこに何もマウントされない",
        };
        let claim = text! { en: "and nothing is mounted there", ja: "そこには何もマウントされません" };
        found.evidence.push(Step { claim, from: Provenance::assumed(condition, Vec::new()) });
    } else if is_there.is_none() {
        let condition = text! { en: "no file of its own is called `{name}`", ja: "`{name}` という名前のファイルがほかにない", name: name };
        let claim = text! { en: "no file there is called `{name}`", ja: "そこに `{name}` という名前のファイルはありません", name: name };
        let file = path.trim_start_matches('/').to_owned();
        let settled_by = vec![Settler::File(file), Settler::ProjectFolder];
        found.evidence.push(Step { claim, from: Provenance::assumed(condition, settled_by) });
    }
    found.runtime_messages.push(said_by(runtime, name, path));
    let words = match undoubled {
        Some(meant) => std::slice::from_ref(&meant.word),
        None => &near[..near.len().min(2)],
    };
    found.fixes = words.iter().filter_map(|word| use_path(launch, name, word)).collect_vec();
    if name == "package.json" {
        found.fixes.extend(copy_manifest(launch, path));
    } else if *is_program && base == runtime {
        found.fixes.extend(leave_out(launch, name));
    } else if *is_program && runtime == "node" && !["npm", "npx", "yarn", "pnpm", "sh", "bash"].contains(&base) {
        found.fixes.extend(through_npx(launch, name));
    }
    Some(found)
}

/// Copies the manifest from where the modules beside it are copied from.
fn copy_manifest(launch: &Launch<'_>, path: &str) -> Option<Fix> {
    let build = launch.build?;
    let (instruction, line) = mend::instructions(build, build.stages.get(launch.stage?)?).find_map(|instruction| {
        let Kind::Copy(copy) = &instruction.kind else { return None };
        let from = copy.from.as_ref()?;
        let folder =
            copy.sources.iter().find_map(|source| source.value.trim_end_matches('/').strip_suffix("/node_modules"))?;
        Some((instruction, format!("COPY --from={} {folder}/package.json {path}", from.value)))
    })?;
    Some(Fix {
        title: text! { en: "copy `package.json` as well", ja: "`package.json` もコピーする" },
        tradeoff: text! {
            en: "none; starting the script's own command with `node` would need no package manager",
            ja: "欠点はありません（スクリプトの中身を `node` で直接起動すれば、パッケージマネージャーは不要です）",
        },
        edits: vec![mend::line_after(&build.dockerfile, instruction, &line)],
    })
}

/// A package manager that is told to run a script which the manifest does not have.
fn no_script(launch: &Launch<'_>, operand: &Operand) -> Diagnostic {
    let tool = launch.name().rsplit('/').next().unwrap_or_default();
    let message = text! {
        en: "`package.json` has no script `{script}`, which `{tool}` is told to run",
        ja: "`{tool}` が実行する `{script}` スクリプトは `package.json` にありません",
        tool: tool, script: &operand.name,
    };
    let mut found = Diagnostic::new(RULE.name, place::of(launch), Effect::StartFails, message);
    found.evidence.push(lookup::executes(launch));
    let entry = launch.image.tree.entry(&operand.path);
    let claim = text! {
        en: "`{manifest}` has no script of that name",
        ja: "`{manifest}` にその名前のスクリプトはありません",
        manifest: &operand.path,
    };
    found.evidence.push(Step { claim, from: entry.map_or(Provenance::Always, |entry| entry.from.clone()) });
    let text = crate::build::scripts::no_such_script(tool, &operand.name);
    found.runtime_messages.push(RuntimeMessage { engine: "the package manager", text, exit_code: Some(1) });
    found
}

pub(super) fn said_by(runtime: &str, name: &str, path: &str) -> RuntimeMessage {
    let stem = runtime.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let (engine, text, code) = match stem {
        "python" => {
            ("Python", format!("{runtime}: can't open file '{path}': [Errno 2] No such file or directory"), Some(2))
        }
        "java" => ("Java", format!("Error: Unable to access jarfile {name}"), Some(1)),
        "dotnet" => (
            ".NET",
            format!("The application to execute does not exist: '{path}'.\nDid you mean to run dotnet SDK commands?"),
            Some(145),
        ),
        "daphne" | "granian" | "gunicorn" | "hypercorn" | "uvicorn" => {
            let module = name.split([':', '.']).next().unwrap_or_default();
            ("Python", format!("ModuleNotFoundError: No module named '{module}'"), Some(1))
        }
        "php" => ("PHP", format!("Could not open input file: {name}"), Some(1)),
        "npm" => (
            "npm",
            format!(
                "npm error enoent Could not read package.json: Error: ENOENT: no such file or directory, open '{path}'"
            ),
            Some(254),
        ),
        "yarn" | "pnpm" if name == "package.json" => {
            let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
            ("the package manager", format!("error Couldn't find a package.json file in \"{directory}\""), Some(1))
        }
        "ruby" => ("Ruby", format!("{runtime}: No such file or directory -- {name} (LoadError)"), Some(1)),
        _ => ("Node.js", format!("Error: Cannot find module '{path}'"), Some(1)),
    };
    RuntimeMessage { engine, text, exit_code: code }
}

/// Lets npx find a program among the project's modules.
fn through_npx(launch: &Launch<'_>, name: &str) -> Option<Fix> {
    let (dockerfile, _, command) = place::command(launch)?;
    let Command::Exec { words, .. } = command else { return None };
    let word = words.first().filter(|word| word.value == name)?;
    let words = format!("{}, {}", mend::json_string("npx"), mend::json_string(name));
    Some(Fix {
        title: text! { en: "start it with `npx`, which looks in `node_modules`", ja: "`node_modules` を探す `npx` で起動する" },
        tradeoff: text! {
            en: "npx stands between the container's signals and the program",
            ja: "コンテナーのシグナルとプログラムの間に npx が入ります",
        },
        edits: vec![mend::replace(dockerfile, word.span, words)],
    })
}

/// Leaves the word out that names the runtime a second time.
fn leave_out(launch: &Launch<'_>, name: &str) -> Option<Fix> {
    let (dockerfile, _, command) = place::command(launch)?;
    let Command::Exec { words, .. } = command else { return None };
    let at = words.iter().position(|word| word.value == name)?;
    let next = words.get(at + 1)?;
    let span = Span { start: words[at].span.start, end: next.span.start };
    Some(Fix {
        title: text! { en: "leave `{name}` out", ja: "`{name}` を取り除く", name: name },
        tradeoff: text! {
            en: "none: the ENTRYPOINT starts it already",
            ja: "ENTRYPOINT がすでに起動しているので、欠点はありません",
        },
        edits: vec![mend::replace(dockerfile, span, String::new())],
    })
}
