//! What a command may not do as the user that a RUN has: install packages, make users, change or write root's files.
//!
//! A COPY without `--chown` makes root's files, whoever USER names (Dockerfile reference, "COPY --chown"); the directory of
//! a WORKDIR belongs to the user (BuildKit, `frontend/dockerfile/dockerfile2llb`, `dispatchWorkdir`).

use super::options::Options;
use super::{Call, Runner};
use crate::build::{EventKind, Failure, FailureKind};
use crate::dockerfile::Kind;
use crate::fact::{Knowledge, Provenance, Step};
use crate::fix::Fix;
use crate::image::packages::Manager;
use crate::lists::Collect;
use crate::text as sentence;
use crate::text::Text;
use crate::tree::{Entry, Lookup, Node, normalize};
use crate::word::UNKNOWN;

/// Programs that take on root's rights, or pretend to.
const RAISING: [&str; 6] = ["sudo", "doas", "su", "fakeroot", "unshare", "setpriv"];

/// Takes down that the build stops here, where the user surely lacks the right.
pub(super) fn notice(runner: &mut Runner<'_, '_>, call: &Call<'_>) {
    let Some(user) = runner.owner() else { return };
    let raised = call.command.through.as_ref().and_then(|words| words.first()?.known());
    let raised = raised.is_some_and(|program| RAISING.contains(&program.rsplit('/').next().unwrap_or_default()));
    if raised || user.contains(UNKNOWN) || runner.goes_on_without(call) || is_root(runner, &user) {
        return;
    }
    let name = user.split(':').next().unwrap_or_default();
    let Some(denied) = of_the_system(runner, call, name).or_else(|| of_files(runner, call, name)) else { return };
    if runner.stops() {
        return;
    }
    let runs = Step {
        claim: sentence! { en: "it runs as the user `{user}`", ja: "ユーザー `{user}` として実行されます", user: name },
        from: user_from(runner),
    };
    let giving = denied.directory.as_ref().and_then(|directory| give(runner, directory, name));
    let fixes = giving.into_iter().chain(as_root(runner, &user)).collect_vec();
    let failure = Failure {
        kind: FailureKind::NotPermitted,
        message: denied.message,
        claim: denied.claim,
        from: Provenance::derived(std::iter::once(runs).chain(denied.because).collect()),
        fixes,
    };
    super::products::event(runner, call, EventKind::Failure(failure));
}

/// What is refused.
struct Denied {
    claim: Text,
    /// What the command prints.
    message: String,
    because: Vec<Step>,
    /// A directory that would have to be the user's.
    directory: Option<String>,
}

/// What set the user: the last USER of the stage, or the image that it is built on.
fn user_from(runner: &Runner<'_, '_>) -> Provenance {
    let before = runner.executor.dockerfile.instructions.iter().rev().skip_while(|one| one.span != runner.span);
    let mut of_stage = before.take_while(|one| !matches!(one.kind, Kind::From(_)));
    match of_stage.find(|one| matches!(one.kind, Kind::User(_))) {
        Some(user) => Provenance::Read(runner.executor.location(user.span)),
        None => recorded(runner).unwrap_or(Provenance::Always),
    }
}

/// Where the facts of a known base image are from.
fn recorded(runner: &Runner<'_, '_>) -> Option<Provenance> {
    match &runner.work().base.record {
        Knowledge::Known(record) => Some(record.from.clone()),
        Knowledge::Unknown(_) => None,
    }
}

/// Whether a name stands for the number 0.
fn is_root(runner: &Runner<'_, '_>, user: &str) -> bool {
    let name = user.split(':').next().unwrap_or_default();
    let Some(bytes) = runner.bytes("/etc/passwd") else { return false };
    let text = String::from_utf8_lossy(&bytes);
    text.lines().any(|line| {
        let mut fields = line.split(':');
        fields.next() == Some(name) && fields.nth(1) == Some("0")
    })
}

/// Package managers and what makes users keep their databases to root.
fn of_the_system(runner: &Runner<'_, '_>, call: &Call<'_>, user: &str) -> Option<Denied> {
    if let Some(manager) = Manager::of_program(&call.name) {
        let message = changes_packages(manager, call)?.to_owned();
        let claim = sentence! {
            en: "only root may change packages, and `{program}` runs as `{user}`",
            ja: "パッケージを変更できるのは root だけですが、`{program}` は `{user}` として実行されます",
            program: &call.name, user: user,
        };
        return Some(Denied { claim, message, because: Vec::new(), directory: None });
    }
    let name = &call.name;
    let message = match name.as_str() {
        "useradd" | "usermod" | "userdel" | "groupadd" | "groupmod" | "groupdel" => {
            format!("{name}: Permission denied.")
        }
        "adduser" | "addgroup" | "deluser" | "delgroup" => match runner.distribution() {
            Some("alpine" | "busybox" | "wolfi") => format!("{name}: permission denied (are you root?)"),
            Some("debian" | "ubuntu") => format!("{name}: Only root may add a user or group to the system."),
            _ => format!("{name}: Permission denied."),
        },
        _ => return None,
    };
    Some(Denied {
        claim: sentence! {
            en: "only root may change users and groups, and `{program}` runs as `{user}`",
            ja: "ユーザーやグループを変更できるのは root だけですが、`{program}` は `{user}` として実行されます",
            program: name, user: user,
        },
        message,
        because: Vec::new(),
        directory: None,
    })
}

/// What a package manager says when it may not; `None` where it only looks.
fn changes_packages(manager: Manager, call: &Call<'_>) -> Option<&'static str> {
    const HARMLESS: [&str; 14] = [
        "root",
        "installroot",
        "usermode",
        "simulate",
        "dry-run",
        "just-print",
        "no-act",
        "recon",
        "s",
        "p",
        "o",
        "help",
        "version",
        "assumeno",
    ];
    let options = Options::read(&call.arguments, "", &[]);
    if options.has(&HARMLESS) || call.arguments.iter().any(|word| word.contains(UNKNOWN)) {
        return None;
    }
    let verb = call.verb().unwrap_or_default();
    let verbs = match manager {
        Manager::Apk => "add del fix update upgrade",
        Manager::Apt => "autoremove build-dep dist-upgrade full-upgrade install purge remove update upgrade",
        Manager::Dnf => "autoremove erase groupinstall install localinstall reinstall remove update upgrade",
        Manager::Zypper => "in install remove rm up update",
        Manager::Pacman => "",
    };
    let changes = match manager {
        Manager::Pacman => options.has(&["S", "U", "R"]),
        _ => !verb.is_empty() && verbs.split(' ').any(|known| known == verb),
    };
    changes.then_some(match manager {
        Manager::Apk => "ERROR: Unable to lock database: Permission denied",
        Manager::Apt if verb == "update" => {
            "E: Could not open lock file /var/lib/apt/lists/lock - open (13: Permission denied)"
        }
        Manager::Apt => "E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?",
        Manager::Dnf => {
            "Error: This command has to be run with superuser privileges (under the root user on most systems)."
        }
        Manager::Zypper => "Root privileges are required to run this command.",
        Manager::Pacman => "error: you cannot perform this operation unless you are root.",
    })
}

/// Files and directories that belong to root.
fn of_files(runner: &Runner<'_, '_>, call: &Call<'_>, user: &str) -> Option<Denied> {
    if runner.work().owners_are_open {
        return None;
    }
    let name = call.name.as_str();
    if matches!(name, "chmod" | "chown" | "chgrp") {
        let operands = call.arguments.iter().filter(|word| !word.starts_with('-')).skip(1);
        let (path, from) =
            operands.filter_map(|word| call.path(word)).find_map(|path| Some((path.clone(), roots(runner, &path)?)))?;
        let verb = if name == "chmod" { "permissions" } else { "ownership" };
        let message = match runner.distribution() {
            Some("alpine" | "busybox" | "wolfi") => format!("{name}: {path}: Operation not permitted"),
            _ => format!("{name}: changing {verb} of '{path}': Operation not permitted"),
        };
        let claim = match name {
            "chmod" => sentence! {
                en: "`{user}` may not change the mode of `{path}`, which belongs to root",
                ja: "root が所有する `{path}` のモードを `{user}` は変更できません",
                user: user, path: &path,
            },
            _ => sentence! {
                en: "`{user}` may not give `{path}`, which belongs to root, another owner",
                ja: "root が所有する `{path}` の所有者を `{user}` は変更できません",
                user: user, path: &path,
            },
        };
        return Some(Denied { claim, message, because: vec![belongs(&path, from)], directory: None });
    }
    let (made, message): (Vec<String>, fn(&str) -> String) = match name {
        "mkdir" => {
            let options = Options::read(&call.arguments, "m", &["mode"]);
            let made = options.operands.iter().filter_map(|word| call.path(word)).collect();
            (made, |path| format!("mkdir: cannot create directory '{path}': Permission denied"))
        }
        "touch" => {
            let options = Options::read(&call.arguments, "drt", &["date", "reference"]);
            let made = options.operands.iter().filter_map(|word| call.path(word)).collect();
            (made, |path| format!("touch: cannot touch '{path}': Permission denied"))
        }
        "npm" | "pnpm" | "yarn" if installs_here(call) => (call.path("node_modules").into_iter().collect(), |path| {
            format!("npm error Error: EACCES: permission denied, mkdir '{path}'")
        }),
        _ => return None,
    };
    let (path, (directory, because)) =
        made.into_iter().find_map(|path| Some((path.clone(), closed(runner, &path)?)))?;
    let claim = sentence! {
        en: "`{user}` may not make `{path}`: `{directory}` belongs to root",
        ja: "`{directory}` の所有者は root なので、`{user}` は `{path}` を作成できません",
        user: user, path: &path, directory: &directory,
    };
    Some(Denied { claim, message: message(&path), because, directory: Some(directory) })
}

fn belongs(path: &str, from: Provenance) -> Step {
    Step {
        claim: sentence! { en: "`{path}` belongs to root", ja: "`{path}` の所有者は root です", path: path }, from
    }
}

/// Whether packages are installed into the working directory.
fn installs_here(call: &Call<'_>) -> bool {
    const ELSEWHERE: [&str; 12] = [
        "-g",
        "--global",
        "--prefix",
        "-C",
        "--dir",
        "--cwd",
        "--location",
        "--modules-folder",
        "--dry-run",
        "--package-lock-only",
        "--lockfile-only",
        "--help",
    ];
    let words = &call.arguments;
    let elsewhere = words
        .iter()
        .any(|word| word.contains(UNKNOWN) || ELSEWHERE.contains(&word.split('=').next().unwrap_or_default()));
    let verb = call.verb();
    let installs = match call.name.as_str() {
        "yarn" => matches!(verb, None | Some("install")),
        _ => matches!(verb, Some("ci" | "clean-install" | "i" | "install")),
    };
    installs && !elsewhere
}

/// Where it is known that a path of this Dockerfile's own making belongs to root.
fn roots(runner: &Runner<'_, '_>, path: &str) -> Option<Provenance> {
    let dockerfile = &runner.executor.dockerfile.path;
    match runner.tree().lookup(path) {
        Lookup::Found { entry, .. } => {
            let own = !entry.from.is_of_image() && entry.from.conditions().is_empty();
            (own && is_roots(entry) && !matches!(entry.node, Node::Link(_))).then(|| entry.from.clone())
        }
        // A file of the context, which is there since the build went on.
        Lookup::Unknown(need) => {
            let at = need.at.as_ref().filter(|at| at.path == *dockerfile)?;
            let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
            let given = runner.tree().entry(parent).is_some_and(|parent| !is_roots(parent));
            let copied = runner.context_path(path).is_some() && !given && !runner.work().gives_copies;
            copied.then(|| Provenance::Read(at.clone()))
        }
        Lookup::Missing { .. } => None,
    }
}

fn is_roots(entry: &Entry) -> bool {
    let user = entry.owner.as_deref().map_or("root", |owner| owner.split(':').next().unwrap_or_default());
    matches!(user, "root" | "0")
}

/// Directories that every distribution keeps to root.
const SYSTEM: [&str; 9] = ["/", "/bin", "/etc", "/opt", "/usr", "/usr/bin", "/usr/local", "/usr/local/bin", "/srv"];

/// The directory in which the path, or what lies above it, would have to be made, where that surely is root's alone, or is
/// if nothing is there yet; and why.
fn closed(runner: &Runner<'_, '_>, path: &str) -> Option<(String, Vec<Step>)> {
    let mut directory = "/".to_owned();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        let next = normalize(&directory, part);
        if let Lookup::Found { entry, path } = runner.tree().lookup(&next) {
            if entry.node != Node::Directory {
                return None;
            }
            directory = path.to_string();
            continue;
        }
        let ignore = &runner.executor.context.ignore;
        let conditions = match roots(runner, &next) {
            // What the context has there is root's as well.
            Some(_) => Vec::new(),
            None => runner.tree().missing_if(&next, &|file| ignore.ignores(file).is_some())?,
        };
        let assumed = conditions
            .into_iter()
            .map(|condition| Step { claim: condition.text.clone(), from: Provenance::Assumed(condition) });
        let from = shut(runner, &directory)?;
        return Some((directory.clone(), assumed.chain([belongs(&directory, from)]).collect_vec()));
    }
    None
}

/// Where it is known that nobody but root may write into a directory.
fn shut(runner: &Runner<'_, '_>, directory: &str) -> Option<Provenance> {
    let entry = runner.tree().entry(directory);
    if entry.is_some_and(|entry| !is_roots(entry) || entry.mode.is_some_and(|mode| mode & 0o022 != 0)) {
        return None;
    }
    let own = entry.filter(|entry| entry.mode.is_some()).and_then(|_| roots(runner, directory));
    own.or_else(|| recorded(runner).filter(|_| SYSTEM.contains(&directory)))
}

/// Gives a directory that the Dockerfile made to the user, before that is set.
fn give(runner: &Runner<'_, '_>, directory: &str, user: &str) -> Option<Fix> {
    let Provenance::Read(set) = user_from(runner) else { return None };
    let Provenance::Read(made) = roots(runner, directory)? else { return None };
    let dockerfile = runner.executor.dockerfile;
    let instruction =
        dockerfile.instructions.iter().find(|one| one.span == set.span && made.span.start < one.span.start)?;
    Some(Fix {
        title: sentence! {
            en: "give `{directory}` to `{user}` first",
            ja: "先に `{directory}` の所有者を `{user}` にする",
            directory: directory, user: user,
        },
        tradeoff: sentence! {
            en: "the program may change what is in there, too",
            ja: "プログラムもその中身を変更できるようになります",
        },
        edits: vec![dockerfile.line_before(instruction, &format!("RUN chown {user} {directory}"))],
    })
}

/// Lets root do it.
fn as_root(runner: &Runner<'_, '_>, user: &str) -> Option<Fix> {
    let dockerfile = runner.executor.dockerfile;
    let instruction = dockerfile.instructions.iter().find(|instruction| instruction.span == runner.span)?;
    Some(Fix {
        title: sentence! { en: "let root run it", ja: "root として実行する" },
        tradeoff: sentence! {
            en: "what it makes belongs to root; one USER at the end of the file is simpler, if nothing before it needs the user",
            ja: "作成されるファイルの所有者は root になります。途中でこのユーザーが必要なければ、USER を最後に 1 つだけ書くほうが簡単です",
        },
        edits: vec![
            dockerfile.line_before(instruction, "USER root"),
            dockerfile.line_after(instruction, &format!("USER {user}")),
        ],
    })
}
