//! # The program may not be executed
//!
//! There is a file (or a directory) at the program's path, but it has no execute permission.
//!
//! ## What happens
//!
//! ```text
//! exec: "/entrypoint.sh": permission denied
//! exec: "/app": is a directory: permission denied
//! the path `/entrypoint.sh` exists but it is not executable: Permission denied
//! /bin/sh: 1: /entrypoint.sh: Permission denied
//! ```
//!
//! ## Why
//!
//! `COPY` keeps the permissions that a file has in the build context.
//! A script that was made in an editor, or checked out on Windows, has no execute bit (mode `0644`), and a file that a here-document or `RUN echo … >` writes has none either.
//!
//! When the path is a directory, the copy usually went one level too deep: `COPY app /app/` puts the file at `/app/app`.
//!
//! ## Example
//!
//! ```dockerfile,fails
//! FROM debian:12-slim
//! COPY <<EOF /entrypoint.sh
//! #!/bin/sh
//! echo hello
//! EOF
//! ENTRYPOINT ["/entrypoint.sh"]
//! ```
//!
//! ```dockerfile,starts
//! FROM debian:12-slim
//! COPY --chmod=755 <<EOF /entrypoint.sh
//! #!/bin/sh
//! echo hello
//! EOF
//! ENTRYPOINT ["/entrypoint.sh"]
//! ```
//!
//! ## What to do
//!
//! 1. Write `COPY --chmod=755 …` (BuildKit, the builder of every current Docker).
//! 2. Or set the bit where the file lives, once: `chmod +x entrypoint.sh`, and `git update-index --chmod=+x entrypoint.sh` for git.
//! 3. Or add `RUN chmod +x /entrypoint.sh` after the copy. The file is stored in the image twice.
//! 4. Or start the script through its interpreter: `ENTRYPOINT ["sh", "/entrypoint.sh"]`.
//!
//! ## When this is wrong
//!
//! A browser cannot see a file's permissions, so execlens says nothing about a dropped file of which it does not know them.
//!
//! ## References
//!
//! - `execve(2)`: `EACCES`
//! - Dockerfile reference: `COPY --chmod`

use crate::diagnostic::{Diagnostic, Effect};
use crate::dockerfile::Kind;
use crate::fact::Step;
use crate::fix::Fix;
use crate::launch::{Found, Launch};
use crate::lists::Collect;
use crate::rules::terminal::{self, Failing};
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, lookup, mend, place};
use crate::source::Span;
use crate::text;
use crate::text::Template;
use crate::tree::Node;

pub(super) static RULE: Rule = Rule {
    name: "program-not-executable",
    moment: Moment::Engine,
    summary: Template {
        en: "the program has no execute permission, or is a directory",
        ja: "プログラムに実行権限がないか、ディレクトリです",
    },
    symptoms: &[
        Symptom { pattern: "exec: \"{}\": permission denied", speaker: "runc" },
        Symptom { pattern: "exec: \"{}\": is a directory", speaker: "runc" },
        Symptom { pattern: "the path `{}` exists but it is not executable", speaker: "crun" },
        Symptom { pattern: "the path '{}' exists but it is not executable", speaker: "crun" },
        Symptom { pattern: "the path `{}` is not a regular file", speaker: "crun" },
        Symptom { pattern: "crun: open executable: Operation not permitted", speaker: "crun" },
        Symptom { pattern: "sh: {}: Permission denied", speaker: "the shell" },
    ],
    check: Check::Launch(check),
};

/// Any of the three execute bits.
const EXECUTE: u32 = 0o111;

fn check(launch: &Launch<'_>) -> Outcome {
    let Some(found) = launch.found() else { return Outcome::Inapplicable };
    match (&found.entry.node, found.entry.mode) {
        (Node::Directory, _) => Outcome::Fail(Box::new(directory(launch, found))),
        (_, Some(mode)) if mode & EXECUTE == 0 => Outcome::Fail(Box::new(no_bit(launch, found, mode))),
        (_, Some(mode)) => {
            let mode = format!("{mode:04o}");
            let claim = text! { en: "its mode is {mode}", ja: "モードは {mode} です", mode: mode };
            Outcome::Pass(vec![Step { claim, from: found.entry.from.clone() }])
        }
        (_, None) => Outcome::Pass(Vec::new()),
    }
}

fn directory(launch: &Launch<'_>, found: &Found) -> Diagnostic {
    let path = &found.path;
    let message = text! { en: "`{path}` is a directory", ja: "`{path}` はディレクトリです", path: path };
    let mut diagnostic = Diagnostic::new(RULE.name, place::of(launch), Effect::StartFails, message);
    diagnostic.evidence.push(lookup::executes(launch));
    let claim = text! { en: "a directory is at `{path}`", ja: "`{path}` にはディレクトリがあります", path: path };
    diagnostic.evidence.push(Step { claim, from: found.entry.from.clone() });
    diagnostic.runtime_messages = terminal::messages(launch, Failing::Directory);
    let inside = launch.image.tree.below(path).filter(|(_, entry)| matches!(entry.node, Node::File(_)));
    diagnostic.fixes = inside
        .take(2)
        .filter_map(|(inner, _)| {
            Some(Fix {
                title: text! { en: "start `{inner}`, which is in it", ja: "その中の `{inner}` を起動する", inner: inner },
                tradeoff: text! { en: "none, if that is the program", ja: "それが目的のプログラムであれば、欠点はありません" },
                edits: vec![lookup::rename(launch, &found.name, inner)?],
            })
        })
        .collect_vec();
    diagnostic
}

fn no_bit(launch: &Launch<'_>, found: &Found, mode: u32) -> Diagnostic {
    let path = &found.path;
    let message = text! {
        en: "`{path}` has no execute permission",
        ja: "`{path}` に実行権限がありません",
        path: path,
    };
    let mut diagnostic = Diagnostic::new(RULE.name, place::of(launch), Effect::StartFails, message);
    diagnostic.evidence.push(lookup::executes(launch));
    let mode = format!("{mode:04o}");
    let claim = text! {
        en: "`{path}` has the mode {mode}, in which no execute bit is set",
        ja: "`{path}` のモードは {mode} で、実行ビットが立っていません",
        path: path, mode: mode,
    };
    diagnostic.evidence.push(Step { claim, from: found.entry.from.clone() });
    diagnostic.runtime_messages = terminal::messages(launch, Failing::NotExecutable);
    diagnostic.fixes.extend(copy_with_mode(launch, found));
    diagnostic.fixes.extend(change_mode(launch, found));
    diagnostic
}

/// `--chmod=755` for the COPY that brings the file, when it brings nothing else.
fn copy_with_mode(launch: &Launch<'_>, found: &Found) -> Option<Fix> {
    let build = launch.build?;
    let instruction = place::instruction(build, found.entry.from.location()?)?;
    let (Kind::Copy(copy) | Kind::Add(copy)) = &instruction.kind else { return None };
    if copy.chmod.is_some() || copy.sources.len() != 1 {
        return None;
    }
    let after = Span::at(instruction.keyword.span.end as usize);
    Some(Fix {
        title: text! { en: "copy it with the mode 755", ja: "モード 755 を付けてコピーする" },
        tradeoff: text! {
            en: "needs BuildKit, which is the builder of Docker since 23.0",
            ja: "BuildKit が必要です（Docker 23.0 以降の標準のビルダー）",
        },
        edits: vec![mend::replace(&build.dockerfile, after, " --chmod=755")],
    })
}

/// `RUN chmod +x` after what makes the file.
fn change_mode(launch: &Launch<'_>, found: &Found) -> Option<Fix> {
    let build = launch.build?;
    let instruction = place::instruction(build, found.entry.from.location()?)?;
    let path = &found.real_path;
    // The image that runs chmod must have one: a stage without a shell has none either.
    matches!(launch.image.tree.lookup("/bin/sh"), crate::tree::Lookup::Found { .. }).then(|| Fix {
        title: text! { en: "set the execute bit with chmod", ja: "chmod で実行ビットを立てる" },
        tradeoff: text! {
            en: "the file is stored in the image twice, once per layer",
            ja: "ファイルがレイヤーごとに 2 回、イメージに保存されます",
        },
        edits: vec![mend::line_after(&build.dockerfile, instruction, &format!("RUN chmod +x {path}"))],
    })
}
