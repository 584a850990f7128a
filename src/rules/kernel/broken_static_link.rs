//! # A static link that dies at once
//!
//! The program is linked statically, needs nothing of the image, and is killed before its first line.
//!
//! ## What happens
//!
//! Nothing is printed, and the container exits with status 133 (`SIGTRAP`).
//!
//! ## Why
//!
//! Up to Go 1.19, and later with cgo off, `-linkmode external -extldflags -static` links a program that uses no cgo against glibc without `runtime/cgo`.
//! Go's start code then sets thread-local storage up as if no C library were there, finds its own variable in another place than expected, and stops.
//!
//! ## Example
//!
//! ```dockerfile,fails
//! FROM golang:1.19-bullseye
//! WORKDIR /src
//! COPY . .
//! RUN CGO_ENABLED=0 go build -ldflags '-linkmode external -extldflags -static' -o /app .
//!
//! FROM scratch
//! COPY --from=0 /app /app
//! CMD ["/app"]
//! ```
//!
//! ```dockerfile,starts
//! FROM golang:1.19-bullseye
//! WORKDIR /src
//! COPY . .
//! RUN CGO_ENABLED=0 go build -o /app .
//!
//! FROM scratch
//! COPY --from=0 /app /app
//! CMD ["/app"]
//! ```
//!
//! ## What to do
//!
//! 1. Leave the linker flags out and build with `CGO_ENABLED=0`: Go's own linker makes a static program. It costs nothing, since no cgo is used.
//! 2. Or build on Alpine, whose C library keeps nothing in thread-local storage.
//!
//! ## When this is wrong
//!
//! No case is known.
//!
//! ## References
//!
//! - Go, `runtime/asm_amd64.s` (`rt0_go`)

use crate::diagnostic::RuntimeMessage;
use crate::fix::{Aim, Edit, Fix};
use crate::launch::{Caller, Launch};
use crate::loader::Failure;
use crate::needs::Linkage;
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, mend, start};
use crate::source::Span;
use crate::text;
use crate::text::Template;

pub(super) static RULE: Rule = Rule {
    name: "broken-static-link",
    moment: Moment::Kernel,
    summary: Template {
        en: "a static link that is known to die before `main`",
        ja: "`main` に達する前に異常終了することがわかっている静的リンク",
    },
    symptoms: &[
        Symptom { pattern: "Trace/breakpoint trap", speaker: "bash" },
        Symptom { pattern: "SIGTRAP: trace trap", speaker: "Go" },
        Symptom { pattern: "exited with code 133", speaker: "docker" },
    ],
    check: Check::Launch(check),
};

fn check(launch: &Launch<'_>) -> Outcome {
    let Some((program, needs)) = start::program(launch) else { return Outcome::Inapplicable };
    if needs.linkage.value == Linkage::Dynamic {
        return Outcome::Inapplicable;
    }
    if start::failure(launch) != Some(Failure::DiesAtOnce) {
        return Outcome::Pass(Vec::new());
    }
    let message = text! {
        en: "`{program}` is linked statically in a way that kills it before `main`",
        ja: "`{program}` の静的リンクの方法では、`main` に達する前に異常終了します",
        program: &program.path,
    };
    let mut found = start::finding(&RULE, launch, message);
    let claim = text! {
        en: "it is a Go program without `runtime/cgo` that the C toolchain linked with glibc inside",
        ja: "`runtime/cgo` を含まない Go プログラムを、C のツールチェーンが glibc とともに静的リンクしています",
    };
    found.evidence.push(start::step(claim, &needs.linkage.from));
    let said = match launch.caller {
        Caller::Shell(_) => ("the shell", "Trace/breakpoint trap"),
        _ => ("the engine", ""),
    };
    found.runtime_messages.push(RuntimeMessage { engine: said.0, text: said.1.to_owned(), exit_code: Some(133) });
    found.fixes = start::remedies(needs, &[Aim::SoundStatic, Aim::Static]);
    if found.fixes.iter().all(|fix| fix.edits.is_empty()) {
        let advice = start::advice(
            text! {
                en: "build it with `CGO_ENABLED=0` and without `-linkmode external`",
                ja: "`-linkmode external` を外し、`CGO_ENABLED=0` でビルドする",
            },
            text! { en: "none, since the program uses no cgo", ja: "cgo を使っていないので、欠点はありません" },
        );
        let fix = Fix { edits: without_flags(launch), ..advice };
        if found.fixes.is_empty() || !fix.edits.is_empty() {
            found.fixes = vec![fix];
        }
    }
    start::applicable_first(&mut found.fixes);
    Outcome::Fail(Box::new(found))
}

/// Takes the flags that ask for the C toolchain's static link out of the command.
fn without_flags(launch: &Launch<'_>) -> Vec<Edit> {
    let Some(build) = launch.build else { return Vec::new() };
    let at = start::place(launch);
    if at.path != build.dockerfile.path {
        return Vec::new();
    }
    let text = at.span.of(&build.dockerfile.text);
    let mut edits: Vec<Edit> = Vec::new();
    for flag in FLAGS {
        for (place, _) in text.match_indices(flag) {
            let start = at.span.start as usize + place;
            let span = Span::new(start, start + flag.len());
            let overlaps = edits.iter().any(|edit| edit.span.start < span.end && span.start < edit.span.end);
            if !overlaps {
                edits.push(mend::replace(&build.dockerfile, span, ""));
            }
        }
    }
    edits
}

/// As they are written, the longer before what it contains.
const FLAGS: &[&str] = &[
    "-linkmode=external",
    "-linkmode external",
    "-extldflags=-static-pie",
    "-extldflags=-static",
    "-extldflags '-static-pie'",
    "-extldflags '-static'",
    "-extldflags \"-static-pie\"",
    "-extldflags \"-static\"",
    "-extldflags -static-pie",
    "-extldflags -static",
    "-buildmode=pie",
];
