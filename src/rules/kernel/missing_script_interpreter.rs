//! # The script's interpreter is not in the image
//!
//! The script is there, but what its `#!` line names is not.
//!
//! ## What happens
//!
//! ```text
//! exec /entrypoint.sh: no such file or directory
//! exec container process (missing dynamic library?) `/entrypoint.sh`: No such file or directory
//! env: can't execute 'bash': No such file or directory
//! /usr/bin/env: 'python3': No such file or directory
//! ```
//!
//! ## Why
//!
//! The kernel opens the path after `#!`, and answers "no such file or directory" when it is not there — about the interpreter, not about the script.
//! Alpine has no bash, distroless and `scratch` have no shell at all, and a Python virtual environment names an interpreter of the stage that it was made in.
//! With `#!/usr/bin/env bash` the kernel finds `env`, and `env` does not find `bash` in `PATH`.
//!
//! ## Example
//!
//! ```dockerfile,fails
//! FROM alpine:3.19
//! COPY --chmod=755 <<EOF /entrypoint.sh
//! #!/bin/bash
//! exec sleep 1
//! EOF
//! ENTRYPOINT ["/entrypoint.sh"]
//! ```
//!
//! ```dockerfile,starts
//! FROM alpine:3.19
//! COPY --chmod=755 <<EOF /entrypoint.sh
//! #!/bin/sh
//! exec sleep 1
//! EOF
//! ENTRYPOINT ["/entrypoint.sh"]
//! ```
//!
//! ## What to do
//!
//! 1. Write `#!/bin/sh`, if the script uses nothing that only bash has (arrays, `[[`, `pipefail`).
//! 2. Install the interpreter: `apk add --no-cache bash`. The image grows by a few megabytes.
//! 3. For a virtual environment, copy the interpreter to the same path, or create the environment in the final stage.
//!
//! ## When this is wrong
//!
//! When a volume that is mounted at run time brings the interpreter along.
//!
//! ## References
//!
//! - Linux, `fs/binfmt_script.c`
//! - execve(2), "Interpreter scripts"

use crate::diagnostic::{Diagnostic, RuntimeMessage};
use crate::fact::Step;
use crate::fix::{Edit, Fix};
use crate::image::packages;
use crate::launch::{Found, Launch};
use crate::lists::Collect;
use crate::needs::{ScriptNeeds, Shebang};
use crate::rules::terminal::{self, Failing};
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, lookup, mend, start};
use crate::source::Span;
use crate::text;
use crate::text::Template;
use crate::tree::{Lookup, Node, normalize};

pub(super) static RULE: Rule = Rule {
    name: "missing-script-interpreter",
    moment: Moment::Kernel,
    summary: Template {
        en: "what a script's `#!` line names is not in the image",
        ja: "スクリプトの `#!` 行が指定するものがイメージにありません",
    },
    symptoms: &[
        Symptom { pattern: "exec {}: no such file or directory", speaker: "runc" },
        Symptom { pattern: "exec user process caused: no such file or directory", speaker: "runc" },
        Symptom {
            pattern: "exec container process (missing dynamic library?) `{}`: No such file or directory",
            speaker: "crun",
        },
        Symptom { pattern: "env: can't execute '{}': No such file or directory", speaker: "busybox" },
        Symptom { pattern: "env: '{}': No such file or directory", speaker: "env" },
        Symptom { pattern: "env: \u{2018}{}\u{2019}: No such file or directory", speaker: "env" },
        Symptom { pattern: "bad interpreter: No such file or directory", speaker: "bash" },
    ],
    check: Check::Launch(check),
};

fn check(launch: &Launch<'_>) -> Outcome {
    let Some((script, needs)) = start::script(launch) else { return Outcome::Inapplicable };
    let Some(shebang) = &needs.shebang.value else { return Outcome::Inapplicable };
    if shebang.interpreter.ends_with('\r') {
        return Outcome::Inapplicable;
    }
    let path = normalize(&launch.working_directory, &shebang.interpreter);
    match launch.image.tree.lookup(&path) {
        Lookup::Unknown(need) => return Outcome::Unknown(need),
        Lookup::Missing { path: absent } => {
            return Outcome::Fail(Box::new(missing(launch, script, needs, shebang, &absent)));
        }
        Lookup::Found { entry, .. } if matches!(entry.node, Node::Directory) => {
            return Outcome::Fail(Box::new(missing(launch, script, needs, shebang, &path)));
        }
        Lookup::Found { .. } => {}
    }
    if splits(shebang) && is_busybox(launch, &path) {
        return Outcome::Fail(Box::new(cannot_split(launch, script, needs, shebang)));
    }
    let Some(wanted) = through_env(shebang) else { return Outcome::Pass(vec![names(script, needs, shebang)]) };
    match in_path(launch, wanted) {
        InPath::Found => Outcome::Pass(vec![names(script, needs, shebang)]),
        InPath::Unknown(need) => Outcome::Unknown(need),
        InPath::Missing(searched) => {
            Outcome::Fail(Box::new(missing_in_path(launch, script, needs, shebang, wanted, &searched)))
        }
    }
}

fn names(script: &Found, needs: &ScriptNeeds, shebang: &Shebang) -> Step {
    let line = match &shebang.argument {
        Some(argument) => format!("#!{} {argument}", shebang.interpreter),
        None => format!("#!{}", shebang.interpreter),
    };
    let claim = text! {
        en: "`{script}` begins with `{line}`",
        ja: "`{script}` の先頭は `{line}` です",
        script: &script.path, line: line,
    };
    start::step(claim, &needs.shebang.from)
}

fn missing(launch: &Launch<'_>, script: &Found, needs: &ScriptNeeds, shebang: &Shebang, absent: &str) -> Diagnostic {
    let image = &launch.image.reference;
    let message = text! {
        en: "`{script}` is run by `{interpreter}`, which `{image}` does not have",
        ja: "`{script}` を実行する `{interpreter}` が `{image}` にありません",
        script: &script.path, interpreter: &shebang.interpreter, image: image,
    };
    let mut found = start::finding(&RULE, launch, message);
    found.evidence.push(names(script, needs, shebang));
    found.evidence.extend(start::image_is(launch));
    found.evidence.push(start::lacks(launch, absent));
    found.runtime_messages = terminal::messages(launch, Failing::InterpreterMissing);
    found.fixes = fixes(launch, needs, shebang, &shebang.interpreter);
    found
}

fn missing_in_path(
    launch: &Launch<'_>,
    script: &Found,
    needs: &ScriptNeeds,
    shebang: &Shebang,
    wanted: &str,
    searched: &str,
) -> Diagnostic {
    let image = &launch.image.reference;
    let message = text! {
        en: "`{script}` is run by `{interpreter}`, which is not in `PATH` in `{image}`",
        ja: "`{script}` を実行する `{interpreter}` が `{image}` の `PATH` にありません",
        script: &script.path, interpreter: wanted, image: image,
    };
    let mut found = start::finding(&RULE, launch, message);
    found.evidence.push(names(script, needs, shebang));
    found.evidence.extend(start::image_is(launch));
    let claim = text! {
        en: "none of `{searched}` has `{interpreter}`",
        ja: "`{searched}` のどこにも `{interpreter}` はありません",
        searched: searched, interpreter: wanted,
    };
    found.evidence.push(Step { claim, from: lookup::absence(launch) });
    let message = |engine, text| RuntimeMessage { engine, text, exit_code: Some(127) };
    found.runtime_messages = vec![
        message("env (busybox)", format!("env: can't execute '{wanted}': No such file or directory")),
        message("env (coreutils)", format!("/usr/bin/env: '{wanted}': No such file or directory")),
    ];
    found.fixes = fixes(launch, needs, shebang, wanted);
    found
}

/// `env -S`, which splits its argument into words.
fn splits(shebang: &Shebang) -> bool {
    let argument = shebang.argument.as_deref().unwrap_or_default();
    shebang.interpreter.ends_with("/env") && (argument.starts_with("-S") || argument.starts_with("--split-string"))
}

/// Whether a command is busybox's.
fn is_busybox(launch: &Launch<'_>, path: &str) -> bool {
    matches!(launch.image.tree.lookup(path), Lookup::Found { path, .. } if path.ends_with("/busybox"))
}

/// busybox's `env` has no `-S` (coreutils/env.c).
fn cannot_split(launch: &Launch<'_>, script: &Found, needs: &ScriptNeeds, shebang: &Shebang) -> Diagnostic {
    let image = &launch.image.reference;
    let message = text! {
        en: "`{script}` is run by `env -S`, which the `env` of `{image}` (busybox) does not know",
        ja: "`{script}` は `env -S` で実行されますが、`{image}` の `env`（busybox）は `-S` に対応していません",
        script: &script.path,
        image: image,
    };
    let mut found = start::finding(&RULE, launch, message);
    found.evidence.push(names(script, needs, shebang));
    found.evidence.extend(start::image_is(launch));
    let text = "env: unrecognized option: S".to_owned();
    found.runtime_messages.push(RuntimeMessage { engine: "env (busybox)", text, exit_code: Some(1) });
    let install = launch
        .build
        .zip(launch.stage)
        .and_then(|(build, stage)| mend::install(build, build.stages.get(stage)?, "coreutils"));
    found.fixes.extend(install.map(|edit| Fix {
        title: text! { en: "install `coreutils`, whose `env` knows `-S`", ja: "`-S` に対応した `env` を含む `coreutils` をインストールする" },
        tradeoff: text! { en: "the image grows by its size", ja: "その分イメージが大きくなります" },
        edits: vec![edit],
    }));
    found
}

/// The program that `env` looks for: its argument as a whole, or with `-S` the first word that is no assignment.
fn through_env(shebang: &Shebang) -> Option<&str> {
    if shebang.interpreter.rsplit('/').next() != Some("env") {
        return None;
    }
    let argument = shebang.argument.as_deref()?;
    if argument.ends_with('\r') {
        return None;
    }
    let split = argument.strip_prefix("-S").or_else(|| argument.strip_prefix("--split-string="));
    match split {
        Some(words) => words.split_whitespace().find(|word| !word.contains('=') && !word.starts_with('-')),
        None if argument.starts_with('-') || argument.contains('=') => None,
        None => Some(argument),
    }
}

enum InPath {
    Found,
    Missing(String),
    Unknown(std::sync::Arc<crate::fact::Need>),
}

/// What engines set when an image sets none.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

fn in_path(launch: &Launch<'_>, name: &str) -> InPath {
    let tree = &launch.image.tree;
    let path = match launch.environment.get("PATH") {
        Some(crate::fact::Knowledge::Unknown(need)) => return InPath::Unknown(need),
        Some(crate::fact::Knowledge::Known(path)) => path.value,
        None => DEFAULT_PATH.to_owned(),
    };
    let places: Vec<String> = match name.contains('/') {
        true => vec![normalize(&launch.working_directory, name)],
        false => path
            .split(':')
            .map(|directory| format!("{}/{name}", normalize(&launch.working_directory, directory)))
            .collect_vec(),
    };
    let mut unknown = None;
    for place in &places {
        match tree.lookup(place) {
            Lookup::Found { entry, .. } if matches!(entry.node, Node::File(_)) => return InPath::Found,
            Lookup::Unknown(need) => unknown = unknown.or(Some(need)),
            _ => {}
        }
    }
    unknown.map_or(InPath::Missing(path), InPath::Unknown)
}

fn fixes(launch: &Launch<'_>, needs: &ScriptNeeds, shebang: &Shebang, wanted: &str) -> Vec<Fix> {
    let name = wanted.rsplit('/').next().unwrap_or(wanted);
    let mut fixes = Vec::new();
    let has_shell = matches!(launch.image.tree.lookup("/bin/sh"), Lookup::Found { .. });
    if matches!(name, "bash" | "ash" | "dash" | "zsh") && has_shell {
        fixes.extend(plain_shell(launch, needs, shebang));
    }
    // A name is looked for where distributions put programs.
    let path = if wanted.starts_with('/') { wanted.to_owned() } else { format!("/usr/bin/{name}") };
    let places = [path, format!("/bin/{name}"), format!("/usr/bin/{name}")];
    let distribution = launch.image.distribution.as_ref();
    let Some(package) = distribution
        .and_then(|distribution| places.iter().find_map(|place| packages::providing(&distribution.value, place)))
    else {
        return fixes;
    };
    let edit = launch
        .build
        .zip(launch.stage)
        .and_then(|(build, stage)| mend::install(build, build.stages.get(stage)?, package));
    fixes.extend(edit.map(|edit| Fix {
        title: text! { en: "install `{package}`", ja: "`{package}` をインストールする", package: package },
        tradeoff: text! { en: "the image grows by its size", ja: "その分イメージが大きくなります" },
        edits: vec![edit],
    }));
    fixes
}

/// `#!/bin/sh` instead, in the script that was dropped.
fn plain_shell(launch: &Launch<'_>, needs: &ScriptNeeds, shebang: &Shebang) -> Option<Fix> {
    let at = start::script_place(launch, needs)?;
    let line = needs.text.as_deref()?.lines().next()?;
    let start = line.find(&shebang.interpreter)?;
    let base = at.span.start as usize;
    let options = shebang.argument.as_deref().filter(|_| through_env(shebang).is_none());
    let line_end = line.trim_end_matches('\r').len();
    let new_text = options.map_or_else(|| "/bin/sh".to_owned(), |options| format!("/bin/sh {options}"));
    Some(Fix {
        title: text! { en: "run it with `/bin/sh`", ja: "`/bin/sh` で実行する" },
        tradeoff: text! {
            en: "what only bash has (arrays, `[[`, `pipefail`) does not work there",
            ja: "bash だけの機能（配列、`[[`、`pipefail`）は使えなくなります",
        },
        edits: vec![Edit { path: at.path.clone(), span: Span::new(base + start, base + line_end), new_text }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn env_looks_for_one_word() {
        for (argument, wanted) in [
            ("bash", Some("bash")),
            ("bash -e", Some("bash -e")),
            ("-S bash -e", Some("bash")),
            ("-S A=1 node --x", Some("node")),
            ("-i", None),
            ("sh\r", None),
        ] {
            let shebang = Shebang { interpreter: "/usr/bin/env".into(), argument: Some(argument.into()) };
            assert_eq!(through_env(&shebang), wanted, "{argument}");
        }
    }
}
