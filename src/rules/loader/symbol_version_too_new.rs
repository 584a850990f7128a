//! # A symbol version that the image's library does not have
//!
//! The program was linked against a newer library than the image has.
//!
//! ## What happens
//!
//! ```text
//! /app: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by /app)
//! /app: /usr/lib/x86_64-linux-gnu/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /app)
//! ```
//!
//! The container exits with status 1.
//!
//! ## Why
//!
//! glibc gives a function a version when it changes, and a program asks for the versions of the library that it was linked with.
//! A newer glibc has all the older versions, and not the other way round.
//! So a program from Debian 12 does not start on Debian 11, and `golang:1.22` moves to the next Debian release one day, while the final stage stays.
//!
//! ## Example
//!
//! ```dockerfile,fails
//! FROM rust:1.75-bookworm
//! WORKDIR /src
//! RUN printf 'fn main() {}' > main.rs && rustc -o /app main.rs
//!
//! FROM debian:bullseye-slim
//! COPY --from=0 /app /app
//! CMD ["/app"]
//! ```
//!
//! ```dockerfile,starts
//! FROM rust:1.75-bookworm
//! WORKDIR /src
//! RUN printf 'fn main() {}' > main.rs && rustc -o /app main.rs
//!
//! FROM debian:bookworm-slim
//! COPY --from=0 /app /app
//! CMD ["/app"]
//! ```
//!
//! ## What to do
//!
//! 1. Use the same release in both stages, and name it: `golang:1.22-bookworm` with `debian:bookworm-slim`.
//! 2. Build on the older release. The compiler's image must exist for it.
//! 3. Link statically (`CGO_ENABLED=0`, a musl target).
//!
//! ## When this is wrong
//!
//! When the base image was updated since the catalog's record was made.
//!
//! ## References
//!
//! - glibc, `elf/dl-version.c`
//! - ld.so(8)

use crate::diagnostic::RuntimeMessage;
use crate::fact::Step;
use crate::fix::Aim;
use crate::launch::Launch;
use crate::lists::Collect;
use crate::loader::{Failure, MissingVersion};
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, lookup, start};
use crate::text;
use crate::text::Template;

pub(super) static RULE: Rule = Rule {
    name: "symbol-version-too-new",
    moment: Moment::Loader,
    summary: Template {
        en: "the program needs a newer version of glibc or libstdc++ than the image has",
        ja: "プログラムに必要な glibc や libstdc++ のバージョンが、イメージのものより新しいです",
    },
    symptoms: &[
        Symptom { pattern: "version `{}' not found (required by {})", speaker: "glibc" },
        Symptom { pattern: "version 'GLIBC_{}' not found", speaker: "glibc" },
        Symptom { pattern: "`GLIBCXX_{}' not found", speaker: "glibc" },
    ],
    check: Check::Launch(check),
};

fn check(launch: &Launch<'_>) -> Outcome {
    let Some((_, needs)) = start::program(launch) else { return Outcome::Inapplicable };
    if needs.interpreter.value.is_none() {
        return Outcome::Inapplicable;
    }
    let Some(Failure::MissingVersions(missing)) = start::failure(launch) else { return Outcome::Pass(Vec::new()) };
    let Some(newest) = newest(&missing) else { return Outcome::Pass(Vec::new()) };
    let image = &launch.image.reference;
    let need = &newest.need.value;
    let message = match &newest.newest {
        Some(has) => text! {
            en: "`{program}` needs `{version}`, and `{library}` of `{image}` has no newer one than `{has}`",
            ja: "`{program}` は `{version}` を必要としますが、`{image}` の `{library}` にあるのは `{has}` までです",
            program: &newest.required_by, version: &need.version, library: &need.library, image: image, has: has,
        },
        None => text! {
            en: "`{program}` needs `{version}`, which `{library}` of `{image}` does not have",
            ja: "`{program}` に必要な `{version}` が `{image}` の `{library}` にありません",
            program: &newest.required_by, version: &need.version, library: &need.library, image: image,
        },
    };
    let mut found = start::finding(&RULE, launch, message);
    let claim = text! {
        en: "`{program}` needs `{version}` of `{library}`",
        ja: "`{program}` は `{library}` の `{version}` を必要とします",
        program: &newest.required_by, version: &need.version, library: &need.library,
    };
    found.evidence.push(Step { claim, from: newest.need.from.clone() });
    found.evidence.extend(start::image_is(launch));
    let claim = match &newest.newest {
        Some(has) => text! {
            en: "`{path}` defines versions up to `{has}`",
            ja: "`{path}` が定義するのは `{has}` までです",
            path: &newest.path, has: has,
        },
        None => {
            text! { en: "`{path}` does not define it", ja: "`{path}` はそれを定義していません", path: &newest.path }
        }
    };
    found.evidence.push(Step { claim, from: lookup::link(launch, &newest.path) });
    let name = launch.name();
    found.runtime_messages = missing.iter().take(3).map(|one| message_of(name, one)).collect_vec();
    found.fixes.extend(start::same_base(launch));
    found.fixes.extend(start::build_on_target(launch));
    found.fixes.extend(start::remedies(needs, &[Aim::Static]));
    if found.fixes.is_empty() {
        found.fixes.push(start::advice(
            text! {
                en: "build it on the release that it runs on, or an older one",
                ja: "実行環境と同じか、より古いリリースでビルドする",
            },
            text! { en: "the compiler must be available there", ja: "そこでコンパイラーを利用できる必要があります" },
        ));
    }
    start::applicable_first(&mut found.fixes);
    Outcome::Fail(Box::new(found))
}

/// The one that tells most: what is sure before what hangs on a condition, glibc's before others, and the newest.
fn newest(missing: &[MissingVersion]) -> Option<&MissingVersion> {
    let rank = |one: &&MissingVersion| {
        let (prefix, number) = one.need.value.version.split_once('_').unwrap_or(("", ""));
        let numbers: Vec<u32> = number.split('.').map_while(|part| part.parse().ok()).collect_vec();
        let certain = one.need.from.conditions().is_empty();
        (certain, prefix == "GLIBC" && !numbers.is_empty(), numbers)
    };
    missing.iter().max_by_key(rank)
}

fn message_of(program: &str, one: &MissingVersion) -> RuntimeMessage {
    let version = &one.need.value.version;
    let text = format!("{program}: {}: version `{version}' not found (required by {})", one.path, one.required_by);
    RuntimeMessage { engine: "glibc", text, exit_code: Some(1) }
}
