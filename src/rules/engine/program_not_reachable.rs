//! # The user may not reach the program
//!
//! The container runs as a user who may not enter the program's directory, or may not execute the file.
//!
//! ## What happens
//!
//! ```text
//! exec: "./server": stat ./server: permission denied
//! exec container process `/root/server`: Permission denied
//! standard_init_linux.go:228: exec user process caused: permission denied
//! /bin/sh: can't open '/entry.sh': Permission denied
//! ```
//!
//! ## Why
//!
//! `/root` has the mode 0700 in most images: nobody but root may enter it.
//! A program that is copied there starts as root, and stops starting on the day that a `USER` line is added.
//! The same happens with files whose mode keeps others out (0700, 0750).
//!
//! Engines differ here: Docker 26 and 28 look the program up and execute it with root's rights, and only then become the user; Docker 20.10 and Podman become the user first.
//! A script fails everywhere, since its interpreter opens the file as the user.
//!
//! ## Example
//!
//! ```dockerfile,fails
//! FROM debian:12-slim
//! COPY <<EOF /entry.sh
//! #!/bin/sh
//! echo hello
//! EOF
//! RUN chmod 700 /entry.sh
//! USER nobody
//! ENTRYPOINT ["/entry.sh"]
//! ```
//!
//! ```dockerfile,starts
//! FROM debian:12-slim
//! COPY <<EOF /entry.sh
//! #!/bin/sh
//! echo hello
//! EOF
//! RUN chmod 755 /entry.sh
//! USER nobody
//! ENTRYPOINT ["/entry.sh"]
//! ```
//!
//! ## What to do
//!
//! 1. Put the program where everybody may read, such as `/app` or `/usr/local/bin`, with the mode 755.
//! 2. Or give the file to the user: `COPY --chown=app:app`.
//! 3. Or leave `USER` out. The program then runs as root.
//!
//! ## When this is wrong
//!
//! An engine that executes with root's rights starts a program (not a script) all the same; and `docker run --user` chooses another user.
//!
//! ## References
//!
//! - `path_resolution(7)`, `execve(2)`: `EACCES`
//! - runs of Docker 20.10, 26.1, 28.5 and Podman 4.3, 5.4

use crate::diagnostic::{Diagnostic, Effect};
use crate::dockerfile::Kind;
use crate::fact::{Provenance, Step};
use crate::fix::Fix;
use crate::launch::{Found, Launch};
use crate::needs::Needs;
use crate::rules::terminal::{self, Failing};
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, lookup, mend, place};
use crate::text;
use crate::text::Template;
use crate::tree::Entry;

pub(super) static RULE: Rule = Rule {
    name: "program-not-reachable",
    moment: Moment::Engine,
    summary: Template {
        en: "the container's user may not reach or execute the program",
        ja: "コンテナーのユーザーがプログラムに到達できないか、実行できません",
    },
    symptoms: &[
        Symptom { pattern: "exec: \"{}\": stat {}: permission denied", speaker: "runc" },
        Symptom { pattern: "exec user process caused: permission denied", speaker: "runc" },
        Symptom { pattern: "exec user process caused \"permission denied\"", speaker: "runc" },
        Symptom { pattern: "exec container process `{}`: Permission denied", speaker: "crun" },
        Symptom { pattern: "exec /{}: permission denied", speaker: "runc" },
        Symptom { pattern: "sh: can't open '{}': Permission denied", speaker: "busybox" },
    ],
    check: Check::Launch(check),
};

fn check(launch: &Launch<'_>) -> Outcome {
    let Some(found) = launch.found() else { return Outcome::Inapplicable };
    let Some(user) = User::of(&launch.config.user) else { return Outcome::Inapplicable };
    // A script is opened by its interpreter, which also has to read it.
    let script = matches!(found.needs, Needs::Script(_));
    let wanted = if script { 0o5 } else { 0o1 };
    let Some((path, entry, mode)) = closed(launch, found, &user, wanted) else { return Outcome::Inapplicable };
    let program = &found.path;
    let message = text! {
        en: "the user `{user}` may not execute `{program}`: `{path}` is closed to it",
        ja: "ユーザー `{user}` は `{program}` を実行できません（`{path}` に入れないか、読めません）",
        user: user.name, program: program, path: &path,
    };
    let mut diagnostic = Diagnostic::new(RULE.name, place::of(launch), Effect::StartFails, message);
    diagnostic.evidence.push(lookup::executes(launch));
    let claim =
        text! { en: "it runs as the user `{user}`", ja: "ユーザー `{user}` として実行されます", user: user.name };
    diagnostic.evidence.push(Step { claim, from: setting(launch) });
    let mode = format!("{mode:04o}");
    let claim = text! {
        en: "`{path}` has the mode {mode}, which keeps other users out",
        ja: "`{path}` のモードは {mode} で、ほかのユーザーは使えません",
        path: &path, mode: mode,
    };
    diagnostic.evidence.push(Step { claim, from: entry.from.clone() });
    if !script {
        let engine = text! {
            en: "the engine executes it with the user's own rights, as Docker 20.10 and Podman do (Docker 26 and 28 do not)",
            ja: "エンジンがユーザー自身の権限で実行する（Docker 20.10 と Podman はそうする。Docker 26 と 28 はしない）",
        };
        let claim = text! { en: "the file is executed as the user", ja: "ファイルはユーザーの権限で実行されます" };
        diagnostic.evidence.push(Step { claim, from: Provenance::assumed(engine, vec![]) });
    }
    diagnostic.runtime_messages = terminal::messages(launch, Failing::Denied);
    diagnostic.fixes.extend(open(launch, &path));
    Outcome::Fail(Box::new(diagnostic))
}

/// A user that is not root.
struct User<'c> {
    name: &'c str,
}

impl<'c> User<'c> {
    fn of(setting: &'c str) -> Option<Self> {
        let name = setting.split(':').next().unwrap_or_default();
        (!matches!(name, "" | "root" | "0")).then_some(Self { name })
    }
}

/// The first directory on the way, or the file itself, that keeps the user out for sure.
///
/// Which groups the user is in is not known, so what the group may do counts as allowed.
fn closed<'l>(launch: &'l Launch<'_>, found: &Found, user: &User<'_>, wanted: u32) -> Option<(String, &'l Entry, u32)> {
    let tree = &launch.image.tree;
    let slashes = found.real_path.match_indices('/').skip(1).map(|(at, _)| at);
    let paths = slashes.map(|at| (&found.real_path[..at], 0o1)).chain([(&*found.real_path, wanted)]);
    for (path, wanted) in paths {
        let entry = tree.entry(path)?;
        let Some(mode) = entry.mode else { continue };
        let roots = entry.owner.as_deref().is_none_or(|owner| matches!(owner.split(':').next(), Some("root" | "0")));
        let theirs = entry.owner.as_deref().is_some_and(|owner| owner.split(':').next() == Some(user.name));
        let shut = mode & wanted != wanted && (mode >> 3) & wanted != wanted;
        if shut && roots && !theirs {
            return Some((path.to_owned(), entry, mode));
        }
    }
    None
}

/// What sets the user.
fn setting(launch: &Launch<'_>) -> Provenance {
    let set = launch.build.zip(launch.stage).and_then(|(build, stage)| build.stages.get(stage)?.set_by.user.clone());
    set.map_or_else(|| lookup::recorded(launch), Provenance::Read)
}

/// Opens the path to everybody, before the user is set.
fn open(launch: &Launch<'_>, path: &str) -> Option<Fix> {
    let build = launch.build?;
    let stage = build.stages.get(launch.stage?)?;
    let user = mend::instructions(build, stage).filter(|one| matches!(one.kind, Kind::User(_))).last()?;
    Some(Fix {
        title: text! { en: "open `{path}` to everybody", ja: "`{path}` を全員に開放する", path: path },
        tradeoff: text! {
            en: "every user of the container may then read and enter `{path}`; a directory of its own, such as /app, is the cleaner place",
            ja: "コンテナー内のすべてのユーザーが `{path}` を使えるようになります。/app のような専用のディレクトリに置くほうがきれいです",
            path: path,
        },
        edits: vec![mend::line_before(&build.dockerfile, user, &format!("RUN chmod a+rx {path}"))],
    })
}
