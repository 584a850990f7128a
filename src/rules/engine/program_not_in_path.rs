//! # PATH does not find the program
//!
//! The program is named without a slash, and no directory of the image's `PATH` has it.
//!
//! ## What happens
//!
//! ```text
//! exec: "app": executable file not found in $PATH
//! exec: "bash": executable file not found in $PATH
//! executable file `app` not found in $PATH: No such file or directory: OCI runtime attempted to invoke a command that was not found
//! /bin/sh: bash: not found
//! ```
//!
//! ## Why
//!
//! A name without a slash is looked for in the directories of `PATH`, and nowhere else.
//! The working directory is not one of them: with `WORKDIR /app`, the name `app` does not mean `/app/app`.
//! Small images also lack what larger ones have: Alpine has no `bash`, and distroless images have no shell at all.
//! A production install (`npm ci --omit=dev`, `NODE_ENV=production`) leaves `devDependencies` out, so `nodemon` or `ts-node` in a script of `package.json` is not found then.
//!
//! ## Example
//!
//! `app` lies in the working directory, which `PATH` does not contain:
//!
//! ```dockerfile,fails
//! FROM debian:12-slim
//! WORKDIR /srv
//! COPY app .
//! CMD ["app"]
//! ```
//!
//! A path with a slash is not searched for:
//!
//! ```dockerfile,starts
//! FROM debian:12-slim
//! WORKDIR /srv
//! COPY app .
//! CMD ["/srv/app"]
//! ```
//!
//! ## What to do
//!
//! 1. Write the program's absolute path.
//! 2. Or put it into a directory of `PATH`, such as `/usr/local/bin`.
//! 3. For a program of the distribution, install its package, or use one that the image has: `sh` in place of `bash`, if the script has nothing of bash's own.
//!
//! ## When this is wrong
//!
//! Where `PATH` is changed at run time (`docker run -e PATH=…`), another directory may hold the program.
//!
//! ## References
//!
//! - Go's `os/exec.LookPath`, which runc calls
//! - Docker documentation: `ENV PATH`

use crate::build::left_out;
use crate::diagnostic::{Diagnostic, Effect};
use crate::fact::{Provenance, Step};
use crate::fix::Fix;
use crate::launch::{Caller, Launch, Program};
use crate::lists::Collect;
use crate::needs::Absence;
use crate::rules::terminal::{self, Failing};
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, lookup, mend, place};
use crate::text;
use crate::text::Template;

pub(super) static RULE: Rule = Rule {
    name: "program-not-in-path",
    moment: Moment::Engine,
    summary: Template {
        en: "a bare name that PATH does not find", ja: "PATH から見つからないプログラム名です"
    },
    symptoms: &[
        Symptom { pattern: "exec: \"{}\": executable file not found in $PATH", speaker: "runc" },
        Symptom { pattern: "executable file `{}` not found in $PATH", speaker: "crun" },
        Symptom { pattern: "executable file '{}' not found in $PATH", speaker: "crun" },
        Symptom { pattern: "Container command '{}' not found or does not exist", speaker: "docker" },
        Symptom { pattern: "{}sh: {}: command not found", speaker: "bash" },
    ],
    check: Check::Launch(check),
};

fn check(launch: &Launch<'_>) -> Outcome {
    let (name, searched, near, left_out) = match &launch.program {
        Program::Missing { name, searched, near, left_out, .. } if !name.contains('/') => {
            (name, searched, near, left_out)
        }
        Program::Found(_) => return Outcome::Pass(Vec::new()),
        _ => return Outcome::Inapplicable,
    };
    let image = &launch.image.reference;
    let elsewhere = elsewhere(launch, searched).filter(|_| near.is_empty());
    let message = match (near.first(), left_out) {
        (_, Some((why, _))) => left_out::message(name, *why),
        (None, None) if elsewhere.is_some() => text! {
            en: "`{name}` is in no directory of PATH; `{directory}`, where programs are installed, is not one of them",
            ja: "`{name}` は PATH のどのディレクトリにもありません（プログラムのインストール先 `{directory}` は PATH に含まれていません）",
            name: name, directory: elsewhere.unwrap_or_default(),
        },
        (Some(near), None) => text! {
            en: "`{name}` is in no directory of PATH; `{near}` is in the image",
            ja: "`{name}` は PATH のどのディレクトリにもありません（`{near}` はあります）",
            name: name, near: near,
        },
        (None, None) => text! {
            en: "`{name}` is not in the image: no directory of PATH has it",
            ja: "`{name}` はイメージにありません（PATH のどのディレクトリにもありません）",
            name: name,
        },
    };
    let mut found = Diagnostic::new(RULE.name, place::of(launch), Effect::StartFails, message);
    found.evidence.push(lookup::executes(launch));
    found.evidence.extend(left_out.iter().flat_map(|(_, because)| because.iter().cloned()));
    let directories: Vec<_> =
        searched.iter().filter_map(|path| path.rsplit_once('/')).map(|(dir, _)| dir).collect_vec();
    let claim = text! {
        en: "a name without a slash is looked for in PATH: `{path}`",
        ja: "スラッシュのない名前は PATH（`{path}`）から探されます",
        path: directories.join(":"),
    };
    found.evidence.push(Step { claim, from: path_setting(launch) });
    let claim = text! {
        en: "none of these directories has `{name}` in `{image}`",
        ja: "`{image}` では、そのどこにも `{name}` がありません",
        name: name, image: image,
    };
    found.evidence.push(Step { claim, from: lookup::absence(launch) });
    found.runtime_messages = terminal::messages(launch, Failing::NotInPath);
    let mend = |(why, because): &(Absence, Vec<Step>)| left_out::mend(launch.build?, name, *why, because);
    found.fixes.extend(left_out.as_ref().and_then(mend));
    let near = if left_out.is_none() { near.as_slice() } else { &[] };
    found.fixes.extend(near.iter().take(2).filter_map(|near| use_path(launch, name, near)));
    found.fixes.extend(elsewhere.and_then(|directory| extend_path(launch, directory)));
    found.fixes.extend(install(launch, name));
    found.fixes.extend(plain_shell(launch, name));
    Outcome::Fail(Box::new(found))
}

/// A directory that programs of unknown names are installed in, and that PATH leaves out: `/root/.local/bin`.
fn elsewhere<'l>(launch: &'l Launch<'_>, searched: &[String]) -> Option<&'l str> {
    let stage = launch.build?.stages.get(launch.stage?)?;
    let in_path =
        |directory: &str| searched.iter().any(|path| path.rsplit_once('/').is_some_and(|(at, _)| at == directory));
    let directories = stage.unnamed.iter().map(|unnamed| unnamed.directory.as_str());
    directories.filter(|directory| directory.ends_with("/bin")).find(|directory| !in_path(directory))
}

fn extend_path(launch: &Launch<'_>, directory: &str) -> Option<Fix> {
    let (dockerfile, instruction, _) = place::command(launch)?;
    Some(Fix {
        title: text! { en: "add `{directory}` to PATH", ja: "`{directory}` を PATH に加える", directory: directory },
        tradeoff: text! {
            en: "none, if the program is in that directory",
            ja: "プログラムがそのディレクトリにあれば、欠点はありません",
        },
        edits: vec![mend::line_before(dockerfile, instruction, &format!("ENV PATH={directory}:$PATH"))],
    })
}

/// What sets PATH.
fn path_setting(launch: &Launch<'_>) -> Provenance {
    let set = launch.build.zip(launch.stage).and_then(|(build, stage)| build.stages.get(stage)?.set_by.path.clone());
    set.map_or_else(|| lookup::recorded(launch), Provenance::Read)
}

fn use_path(launch: &Launch<'_>, name: &str, near: &str) -> Option<Fix> {
    Some(Fix {
        title: text! { en: "start `{near}`", ja: "`{near}` を起動する", near: near },
        tradeoff: text! {
            en: "none, if `{near}` is the program that was meant",
            ja: "意図したプログラムが `{near}` であれば、欠点はありません",
            near: near,
        },
        edits: vec![lookup::rename(launch, name, near)?],
    })
}

/// Programs whose package has their own name in every distribution.
const PACKAGES: [&str; 7] = ["bash", "curl", "wget", "tini", "dumb-init", "python3", "git"];

fn install(launch: &Launch<'_>, name: &str) -> Option<Fix> {
    let distribution = launch.image.distribution.as_ref().map(|distribution| distribution.value.id.as_str());
    let is_packaged = match name {
        "su-exec" => distribution == Some("alpine"),
        "gosu" => matches!(distribution, Some("debian" | "ubuntu")),
        _ => PACKAGES.contains(&name),
    };
    if !is_packaged {
        return None;
    }
    let build = launch.build?;
    Some(Fix {
        title: text! { en: "install `{name}`", ja: "`{name}` をインストールする", name: name },
        tradeoff: text! {
            en: "the image grows by the package `{name}` and what it needs",
            ja: "パッケージ `{name}` とその依存の分だけイメージが大きくなります",
            name: name,
        },
        edits: vec![mend::install(build, build.stages.get(launch.stage?)?, name)?],
    })
}

/// `sh` for `bash`, where the image has one.
fn plain_shell(launch: &Launch<'_>, name: &str) -> Option<Fix> {
    if name != "bash" || !matches!(launch.caller, Caller::Engine) {
        return None;
    }
    Some(Fix {
        title: text! { en: "use `sh`, which the image has", ja: "イメージにある `sh` を使う" },
        tradeoff: text! {
            en: "what only bash has (arrays, `[[ … ]]`, `pipefail`) does not work in `sh`",
            ja: "bash だけの機能（配列、`[[ … ]]`、`pipefail` など）は `sh` では使えません",
        },
        edits: vec![lookup::rename(launch, name, "sh")?],
    })
}
