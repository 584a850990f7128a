//! # A command stops the build
//!
//! A `RUN` calls a compiler or a package manager in a way that it is known to refuse.
//!
//! ## What happens
//!
//! The build stops, with the compiler's own message:
//!
//! ```text
//! go: go.mod requires go >= 1.22 (running go 1.20; GOTOOLCHAIN=local)
//! process "/bin/sh -c go build ./..." did not complete successfully: exit code: 1
//! ```
//!
//! ## Why
//!
//! Compilers check their flags, their version and what they are asked to link.
//! The finding quotes the reason.
//! Package managers want the script that they are told to run, `npm ci` wants a lock file, and a script wants its programs: a production install (`--omit=dev`, `NODE_ENV=production`) leaves `tsc` and its kin out where they are `devDependencies`.
//!
//! ## Example
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
//! Use a newer image of the toolchain where its version is too old; leave out the flag that it does not support on this platform.
//! Install everything before a build, and `npm prune --omit=dev` behind it; copy the lock file beside `package.json`.
//!
//! ## When this is wrong
//!
//! A toolchain that is downloaded during the build (Go's `GOTOOLCHAIN=auto`) is taken into account; one that a script installs may not be seen.
//!
//! ## References
//!
//! - Go, `src/cmd/go`, `src/cmd/link`
//! - npm, `lib/commands`; pnpm, `pkg-manager/core`

use crate::build::{Build, EventKind};
use crate::diagnostic::RuntimeMessage;
use crate::fact::Step;
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, events};
use crate::text::Template;

use super::cgo_without_compiler::about_cgo;

pub(super) static RULE: Rule = Rule {
    name: "build-command-fails",
    moment: Moment::Build,
    summary: Template {
        en: "a compiler or a package manager is called in a way that it refuses",
        ja: "コンパイラーやパッケージマネージャーが受け付けない呼び出し方です",
    },
    symptoms: &[
        Symptom { pattern: "go.mod requires go >= {} (running go {}", speaker: "go" },
        Symptom { pattern: "Missing script: \"build{}", speaker: "npm" },
        Symptom { pattern: "The `npm ci` command can only install with an existing package-lock.json", speaker: "npm" },
        Symptom { pattern: "did not complete successfully: exit code: {}", speaker: "BuildKit" },
    ],
    check: Check::Build(check),
};

fn check(build: &Build) -> Vec<Outcome> {
    events::each(build, |event| {
        let EventKind::Failure(failure) = &event.kind else { return None };
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
        Some(found)
    })
}
