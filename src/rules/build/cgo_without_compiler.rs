//! # cgo has no C compiler
//!
//! cgo is on, a package of the build needs it, and the stage has no C compiler.
//!
//! ## What happens
//!
//! The build stops:
//!
//! ```text
//! cgo: C compiler "gcc" not found: exec: "gcc": executable file not found in $PATH
//! build constraints exclude all Go files in /go/pkg/mod/example.com/lib
//! loadinternal: cannot find runtime/cgo
//! _cgo_export.c:3:10: fatal error: stdlib.h: No such file or directory
//! ```
//!
//! ## Why
//!
//! cgo calls the C compiler for every package that holds C code, and before Go 1.20 for `net` and `os/user` too.
//! The Alpine variants of the golang image have none, and Alpine's package `gcc` comes without the headers of C, which are in `musl-dev`.
//! From Go 1.20 on, cgo is off by default where no compiler is found; `CGO_ENABLED=1` forces it all the same.
//!
//! ## Example
//!
//! ```dockerfile,fails
//! FROM golang:1.22-alpine AS build
//! RUN CGO_ENABLED=1 go build -race -o /app example.com/app@latest
//! FROM alpine:3.20
//! COPY --from=build /app /app
//! CMD ["/app"]
//! ```
//!
//! ```dockerfile,starts
//! FROM golang:1.22-alpine AS build
//! RUN CGO_ENABLED=0 go build -o /app example.com/app@latest
//! FROM alpine:3.20
//! COPY --from=build /app /app
//! CMD ["/app"]
//! ```
//!
//! ## What to do
//!
//! 1. Where no package needs C, turn cgo off: `CGO_ENABLED=0`. The program is then static and starts on any Linux image.
//! 2. Else install the compiler: `RUN apk add --no-cache gcc musl-dev` on Alpine, `apt-get install gcc libc6-dev` on Debian. The build stage grows, and the program needs the same C library at run time.
//!
//! ## When this is wrong
//!
//! A compiler that a script installs in a way that execlens cannot read is not seen.
//!
//! ## References
//!
//! - Go 1.20 release notes, cgo
//! - Go, `src/cmd/go/internal/work/exec.go`

use crate::build::{Build, Event, EventKind, Failure, FailureKind};
use crate::diagnostic::RuntimeMessage;
use crate::fact::Step;
use crate::fix::Fix;
use crate::rules::mend::Manager;
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, events, mend};
use crate::text;
use crate::text::Template;

pub(super) static RULE: Rule = Rule {
    name: "cgo-without-compiler",
    moment: Moment::Build,
    summary: Template {
        en: "cgo is on, a package needs it, and no C compiler is there",
        ja: "cgo が有効で、必要とするパッケージがありますが、C コンパイラーがありません",
    },
    symptoms: &[
        Symptom { pattern: "C compiler \"{}\" not found", speaker: "go" },
        Symptom { pattern: "exec: \"gcc\": executable file not found in $PATH", speaker: "go" },
        Symptom { pattern: "build constraints exclude all Go files in {}", speaker: "go" },
        Symptom { pattern: "loadinternal: cannot find runtime/cgo", speaker: "go" },
        Symptom { pattern: "fatal error: stdlib.h: No such file or directory", speaker: "gcc" },
        Symptom {
            pattern: "-linkmode=external requires external (cgo) linking, but cgo is not enabled",
            speaker: "go",
        },
    ],
    check: Check::Build(check),
};

fn check(build: &Build) -> Vec<Outcome> {
    events::each(build, |event| {
        let EventKind::Failure(failure) = &event.kind else { return None };
        if !about_cgo(failure) {
            return None;
        }
        let mut found = events::stops(RULE.name, event, failure.claim.clone());
        found.evidence.push(Step { claim: failure.claim.clone(), from: failure.from.clone() });
        found.runtime_messages.push(RuntimeMessage { engine: "go", text: failure.message.clone(), exit_code: Some(1) });
        found.fixes.extend(install_compiler(build, event, failure));
        Some(found)
    })
}

/// Whether the compiler or the cgo setting is what is missing.
pub(super) fn about_cgo(failure: &Failure) -> bool {
    matches!(
        failure.kind,
        FailureKind::CgoWithoutCompiler | FailureKind::NoFilesLeft | FailureKind::ExternalLinkWithoutCgo
    )
}

fn install_compiler(build: &Build, event: &Event, failure: &Failure) -> Option<Fix> {
    if failure.kind != FailureKind::CgoWithoutCompiler {
        return None;
    }
    let stage = build.stages.get(event.stage)?;
    let packages = match Manager::of(&stage.image)? {
        Manager::Apk => "gcc musl-dev",
        Manager::Apt => "gcc libc6-dev",
        Manager::Dnf | Manager::Zypper => "gcc glibc-devel",
    };
    Some(Fix {
        title: text! { en: "install a C compiler", ja: "C コンパイラーをインストールする" },
        tradeoff: text! {
            en: "the build stage grows, and the program may need this stage's C library where it runs",
            ja: "ビルドステージが大きくなり、プログラムの実行時にこのステージの C ライブラリーが必要になることがあります",
        },
        edits: vec![mend::install(build, stage, packages)?],
    })
}
