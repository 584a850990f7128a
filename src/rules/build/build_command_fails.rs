//! # A command stops the build
//!
//! A `RUN` calls a command that the image does not have, or one in a way that it is known to refuse.
//!
//! ## What happens
//!
//! The build stops, with the message of the shell or of the command:
//!
//! ```text
//! /bin/sh: apt-get: not found
//! process "/bin/sh -c apt-get update" did not complete successfully: exit code: 127
//! addgroup: group 'node' in use
//! E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?
//! chmod: changing permissions of '/app/start.sh': Operation not permitted
//! npm error Error: EACCES: permission denied, mkdir '/app/node_modules'
//! go: go.mod requires go >= 1.22 (running go 1.20; GOTOOLCHAIN=local)
//! ```
//!
//! ## Why
//!
//! Each distribution has its own package manager: `apk` on Alpine and Wolfi, `apt-get` on Debian and Ubuntu, `dnf` or `microdnf` on Red Hat's, Fedora and Amazon Linux.
//! Slim images leave out what a build often needs: `curl`, `git`, `bash`, a compiler.
//! An image may have users and groups of its own (`node`, `ubuntu`), whose names and numbers are taken.
//! Some images run as a user that is not root (`jenkins`), and then so does every `RUN`; what `COPY` brings belongs to root unless it says `--chown`.
//! Compilers check their flags, their version and what they are asked to build; Go builds only modules.
//! The finding quotes the reason.
//! Package managers want the script that they are told to run, `npm ci` wants a lock file, and a script wants its programs: a production install (`--omit=dev`, `NODE_ENV=production`) leaves `tsc` and its kin out where they are `devDependencies`.
//!
//! ## Example
//!
//! ```dockerfile,fails
//! FROM python:3.12-slim
//! RUN curl -fsSL https://example.com/model.bin -o /model.bin
//! CMD ["python3"]
//! ```
//!
//! ```dockerfile,starts
//! FROM python:3.12-slim
//! RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*
//! RUN curl -fsSL https://example.com/model.bin -o /model.bin
//! CMD ["python3"]
//! ```
//!
//! The package manager of another distribution:
//!
//! ```dockerfile,fails
//! FROM node:22-alpine
//! RUN apt-get update && apt-get install -y curl git && rm -rf /var/lib/apt/lists/*
//! RUN node --version
//! CMD ["node"]
//! ```
//!
//! ```dockerfile,starts
//! FROM node:22-alpine
//! RUN apk add --no-cache curl git
//! RUN node --version
//! CMD ["node"]
//! ```
//!
//! Since Ubuntu 23.04 the image has a user with the number 1000:
//!
//! ```dockerfile,fails
//! FROM ubuntu:24.04
//! RUN groupadd --gid 1000 app && useradd --uid 1000 --gid 1000 app
//! USER app
//! CMD ["bash"]
//! ```
//!
//! ```dockerfile,starts
//! FROM ubuntu:24.04
//! RUN groupadd --gid 1001 app && useradd --uid 1001 --gid 1001 app
//! USER app
//! CMD ["bash"]
//! ```
//!
//! After `USER`, commands have that user's rights: only root installs packages, makes users, and changes root's files.
//!
//! ```dockerfile,fails
//! FROM node:22-alpine
//! USER node
//! RUN apk add --no-cache git
//! CMD ["node"]
//! ```
//!
//! ```dockerfile,starts
//! FROM node:22-alpine
//! RUN apk add --no-cache git
//! USER node
//! CMD ["node"]
//! ```
//!
//! A compiler that refuses its flags:
//!
//! ```dockerfile,fails
//! FROM golang:1.22 AS build
//! RUN GOARCH=s390x CGO_ENABLED=0 go build -race -o /app example.com/app@latest
//! FROM scratch
//! COPY --from=build /app /app
//! CMD ["/app"]
//! ```
//!
//! ```dockerfile,starts
//! FROM golang:1.22 AS build
//! RUN CGO_ENABLED=0 go build -o /app example.com/app@latest
//! FROM scratch
//! COPY --from=build /app /app
//! CMD ["/app"]
//! ```
//!
//! ## What to do
//!
//! 1. Install the command before it is used, with the package manager that the image has.
//! 2. Give a new user another number, or use the user that the image has.
//! 3. Move what root has to do before `USER`, or put `USER root` before it and the user behind it.
//! 4. Use a newer image of the toolchain where its version is too old; leave out the flag that it does not support on this platform.
//! 5. Install everything before a build, and `npm prune --omit=dev` behind it; copy the lock file beside `package.json`.
//! 6. For Go, copy `go.mod` before `go build`.
//!
//! ## When this is wrong
//!
//! A command that a script installs, which was not dropped, may be there; then execlens does not report it.
//! A toolchain that is downloaded during the build (Go's `GOTOOLCHAIN=auto`) is taken into account.
//!
//! ## References
//!
//! - POSIX.1-2024, Shell Command Language, "Exit Status for Commands": 127
//! - BusyBox, `loginutils/adduser.c`; shadow, `src/useradd.c`
//! - apk-tools, `src/database.c`; apt, `apt-pkg/deb/debsystem.cc`; dnf, `dnf/cli/cli.py`
//! - Go, `src/cmd/go`, `src/cmd/link`
//! - npm, `lib/commands`; pnpm, `pkg-manager/core`

use crate::build::{Build, Event, EventKind, FailureKind};
use crate::diagnostic::{Diagnostic, RuntimeMessage};
use crate::fact::{Provenance, Step};
use crate::fix::Fix;
use crate::image::packages;
use crate::rules::mend::{self, Manager};
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, events, place};
use crate::text;
use crate::text::Template;

use super::cgo_without_compiler::about_cgo;

pub(super) static RULE: Rule = Rule {
    name: "build-command-fails",
    moment: Moment::Build,
    summary: Template {
        en: "a command that the image does not have, or that refuses how it is called",
        ja: "イメージにないコマンド、または受け付けない呼び出し方をしているコマンドです",
    },
    symptoms: &[
        Symptom { pattern: "addgroup: group '{}' in use", speaker: "BusyBox" },
        Symptom { pattern: "is not unique", speaker: "useradd" },
        Symptom { pattern: "Unable to acquire the dpkg frontend lock ({}), are you root?", speaker: "apt" },
        Symptom { pattern: "Could not open lock file {} - open (13: Permission denied)", speaker: "apt" },
        Symptom { pattern: "Unable to lock database: Permission denied", speaker: "apk" },
        Symptom { pattern: "changing permissions of '{}': Operation not permitted", speaker: "chmod" },
        Symptom { pattern: "changing ownership of '{}': Operation not permitted", speaker: "chown" },
        Symptom { pattern: "EACCES: permission denied, mkdir '{}'", speaker: "npm" },
        Symptom { pattern: "go.mod file not found in current directory", speaker: "go" },
        Symptom { pattern: "go.mod requires go >= {} (running go {}", speaker: "go" },
        Symptom { pattern: "Missing script: \"build{}", speaker: "npm" },
        Symptom { pattern: "The `npm ci` command can only install with an existing package-lock.json", speaker: "npm" },
        Symptom { pattern: "did not complete successfully: exit code: {}", speaker: "BuildKit" },
    ],
    check: Check::Build(check),
};

fn check(build: &Build) -> Vec<Outcome> {
    events::each(build, |event| {
        let failure = match &event.kind {
            EventKind::CommandNotFound { name, from } => return Some(not_found(build, event, name, from)),
            EventKind::Failure(failure) => failure,
            _ => return None,
        };
        if about_cgo(failure) {
            return None;
        }
        let mut found = events::stops(RULE.name, event, failure.claim.clone());
        found.evidence.push(Step { claim: failure.claim.clone(), from: failure.from.clone() });
        found.runtime_messages.push(RuntimeMessage {
            engine: "the build",
            text: failure.message.clone(),
            exit_code: Some(1),
        });
        found.fixes.extend(failure.fixes.iter().cloned());
        if failure.kind == FailureKind::NoModule {
            found.fixes.extend(copy_module(build, event));
        }
        Some(found)
    })
}

fn not_found(build: &Build, event: &Event, name: &str, from: &Provenance) -> Diagnostic {
    let stage = build.stages.get(event.stage);
    let image = stage.map_or("", |stage| &*stage.image.reference);
    let own = stage.and_then(|stage| Manager::of(&stage.image));
    let own = own.filter(|_| packages::Manager::of_program(name).is_some());
    let message = match own {
        Some(own) => text! {
            en: "`{name}` is not in `{image}`, where `{own}` installs packages",
            ja: "`{name}` は `{image}` にありません。このイメージでは `{own}` でパッケージをインストールします",
            name: name, image: image, own: own.program(),
        },
        None => {
            text! { en: "`{name}` is not in `{image}`", ja: "`{name}` は `{image}` にありません", name: name, image: image }
        }
    };
    let mut found = events::stops(RULE.name, event, message);
    found.evidence.push(events::instruction(
        event,
        text! { en: "this runs `{name}`", ja: "ここで `{name}` が実行されます", name: name },
    ));
    found.evidence.push(Step {
        claim: text! {
            en: "`{image}` has it in no directory of PATH, and nothing before this installs it",
            ja: "`{image}` では PATH のどのディレクトリにもなく、これより前にインストールもされていません",
            image: image,
        },
        from: from.clone(),
    });
    let id =
        stage.and_then(|stage| stage.image.distribution.as_ref()).map(|distribution| distribution.value.id.as_str());
    let text = match id {
        Some("debian" | "ubuntu") => format!("/bin/sh: 1: {name}: not found"),
        Some("alpine") | None => format!("/bin/sh: {name}: not found"),
        Some(_) => format!("/bin/sh: line 1: {name}: command not found"),
    };
    found.runtime_messages.push(RuntimeMessage { engine: "the build", text, exit_code: Some(127) });
    found.fixes.extend(match own {
        Some(own) => other_manager(build, event, name, own),
        None => install_it(build, event, name),
    });
    found
}

/// Lets the image's own package manager install the same packages.
fn other_manager(build: &Build, event: &Event, name: &str, own: Manager) -> Option<Fix> {
    // Later installations by the same manager would fail next.
    let of_stage = mend::instructions(build, build.stages.get(event.stage)?);
    let calls = of_stage.filter(|one| one.span.of(&build.dockerfile.text).contains(name));
    let edits: Option<Vec<_>> = calls.map(|one| mend::install_with(&build.dockerfile, one, own)).collect();
    let edits = edits.unwrap_or_default();
    Some(Fix {
        title: text! {
            en: "install with `{own}` instead of `{name}`",
            ja: "`{name}` の代わりに `{own}` でインストールする",
            own: own.program(), name: name,
        },
        tradeoff: text! {
            en: "some packages have another name there",
            ja: "パッケージ名が異なる場合があります",
        },
        edits,
    })
}

/// Brings the files that make a directory a module of Go.
fn copy_module(build: &Build, event: &Event) -> Option<Fix> {
    let instruction = place::instruction(build, &event.at)?;
    Some(Fix {
        title: text! { en: "copy `go.mod` and `go.sum` first", ja: "先に `go.mod` と `go.sum` をコピーする" },
        tradeoff: text! {
            en: "none, if they lie beside the Dockerfile; `go mod init` makes them where they do not exist",
            ja: "Dockerfile と同じ場所にあれば、欠点はありません。まだない場合は `go mod init` で作成できます",
        },
        // A pattern that finds nothing is no error beside a file that is there: a module without dependencies has no sums.
        edits: vec![mend::line_before(&build.dockerfile, instruction, "COPY go.mod go.sum* ./")],
    })
}

/// Installs the package that has the command, before it is used.
fn install_it(build: &Build, event: &Event, name: &str) -> Option<Fix> {
    let stage = build.stages.get(event.stage)?;
    let distribution = &stage.image.distribution.as_ref()?.value;
    let places = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"].map(|directory| format!("{directory}/{name}"));
    let package = places.iter().find_map(|place| packages::providing(distribution, place))?;
    let instruction = place::instruction(build, &event.at)?;
    let line = Manager::of(&stage.image)?.install(package);
    Some(Fix {
        title: text! { en: "install `{package}` first", ja: "先に `{package}` をインストールする", package: package },
        tradeoff: text! { en: "the image grows by its size", ja: "その分イメージが大きくなります" },
        edits: vec![mend::line_before(&build.dockerfile, instruction, &line)],
    })
}
