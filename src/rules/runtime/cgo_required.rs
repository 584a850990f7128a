//! # A package needs cgo, and cgo is off
//!
//! The program was built with `CGO_ENABLED=0`, and one of its packages works only with cgo.
//!
//! ## What happens
//!
//! The program is built and starts, and then the package refuses:
//!
//! ```text
//! Binary was compiled with 'CGO_ENABLED=0', go-sqlite3 requires cgo to work. This is a stub
//! ```
//!
//! ## Why
//!
//! Some packages compile without cgo into a stub that returns an error, so that the build does not break; `mattn/go-sqlite3` is the best known.
//!
//! ## Example
//!
//! ```text,file=go.mod
//! module example.com/app
//!
//! go 1.22
//!
//! require github.com/mattn/go-sqlite3 v1.14.22
//! ```
//!
//! ```go,file=main.go
//! package main
//!
//! import _ "github.com/mattn/go-sqlite3"
//!
//! func main() {}
//! ```
//!
//! ```dockerfile,warns
//! FROM golang:1.22 AS build
//! WORKDIR /src
//! COPY . .
//! RUN CGO_ENABLED=0 go build -o /app .
//! FROM debian:12-slim
//! COPY --from=build /app /app
//! CMD ["/app"]
//! ```
//!
//! ```dockerfile,starts
//! FROM golang:1.22-bookworm AS build
//! WORKDIR /src
//! COPY . .
//! RUN CGO_ENABLED=1 go build -o /app .
//! FROM debian:12-slim
//! COPY --from=build /app /app
//! CMD ["/app"]
//! ```
//!
//! ## What to do
//!
//! 1. Use a package in pure Go, such as `modernc.org/sqlite`. The program stays static; it may be slower.
//! 2. Or turn cgo on. The stage needs a C compiler, and the image needs the same C library as the stage.
//!
//! ## When this is wrong
//!
//! When the program never calls the package.
//!
//! ## References
//!
//! - mattn/go-sqlite3, `static_mock.go`

use super::soon;
use crate::diagnostic::RuntimeMessage;
use crate::fact::Step;
use crate::fix::Aim;
use crate::launch::Launch;
use crate::lists::Collect;
use crate::needs::Trait;
use crate::rules::{Check, Moment, Outcome, Rule, Symptom};
use crate::text;
use crate::text::Template;

pub(super) static RULE: Rule = Rule {
    name: "cgo-required",
    moment: Moment::Runtime,
    summary: Template {
        en: "cgo is off and a dependency cannot work without it",
        ja: "cgo が無効ですが、それなしでは動作しない依存パッケージがあります",
    },
    symptoms: &[
        Symptom { pattern: "Binary was compiled with 'CGO_ENABLED=0', {} requires cgo to work", speaker: "go-sqlite3" },
        Symptom { pattern: "requires cgo to work. This is a stub", speaker: "go-sqlite3" },
    ],
    check: Check::Launch(check),
};

fn check(launch: &Launch<'_>) -> Outcome {
    let Some(elf) = soon::program(launch) else { return Outcome::Inapplicable };
    let Some(stub) = soon::does(elf, Trait::CgoStub) else { return Outcome::Inapplicable };
    let program = launch.name();
    let message = text! {
        en: "`{program}` holds a stub in place of a package that needs cgo",
        ja: "`{program}` では、cgo を必要とするパッケージがスタブになっています",
        program: program,
    };
    let claim = text! {
        en: "a package of it works only with cgo, and cgo was off",
        ja: "cgo でのみ動作するパッケージがありますが、cgo が無効でした",
    };
    let mut found = soon::warning(RULE.name, launch, message, vec![Step { claim, from: stub.from.clone() }]);
    found.runtime_messages.push(RuntimeMessage {
        engine: "the program",
        text: "Binary was compiled with 'CGO_ENABLED=0', go-sqlite3 requires cgo to work. This is a stub".into(),
        exit_code: None,
    });
    let aimed = elf.remedies.iter().filter(|remedy| remedy.aim == Aim::Compiler);
    found.fixes = aimed.map(|remedy| remedy.fix.clone()).collect_vec();
    Outcome::Fail(Box::new(found))
}
