//! # The bases of two stages can drift apart
//!
//! The program is built on a tag that moves on to the next release of its distribution one day, and runs on one that stays.
//!
//! ## What happens
//!
//! Nothing today. After the tag has moved, the same Dockerfile builds an image that does not start: a version of glibc is not found, as [`symbol-version-too-new`](symbol-version-too-new.html) tells.
//!
//! ## Why
//!
//! `rust:1` and `golang:latest` leave open on which Debian they stand: the official images go over to a new stable release soon after it comes out.
//! The final stage names its release, and so keeps the older glibc.
//! What was linked with the newer one does not start on it.
//!
//! ## Example
//!
//! ```dockerfile,warns
//! FROM rust:1 AS build
//! WORKDIR /src
//! RUN printf 'fn main() {}' > main.rs && rustc -o /app main.rs
//!
//! FROM debian:trixie-slim
//! COPY --from=build /app /app
//! CMD ["/app"]
//! ```
//!
//! ```dockerfile,starts
//! FROM rust:1-trixie AS build
//! WORKDIR /src
//! RUN printf 'fn main() {}' > main.rs && rustc -o /app main.rs
//!
//! FROM debian:trixie-slim
//! COPY --from=build /app /app
//! CMD ["/app"]
//! ```
//!
//! ## What to do
//!
//! 1. Name the release in both stages. You then move them on together, when you choose to.
//! 2. Or link statically, and the release does not matter.
//!
//! ## When this is wrong
//!
//! A tag whose version is no longer maintained does not move any more; a digest never does.
//!
//! ## References
//!
//! - docker-library/official-images: the tags' history

use crate::diagnostic::{Diagnostic, Effect};
use crate::fact::{Provenance, Step};
use crate::fix::Fix;
use crate::image::{LibcFamily, variants};
use crate::launch::{Launch, Purpose};
use crate::rules::{Check, Moment, Outcome, Rule, lookup, mend, start};
use crate::source::Location;
use crate::text;
use crate::text::Template;

pub(super) static RULE: Rule = Rule {
    name: "bases-drift-apart",
    moment: Moment::Loader,
    summary: Template {
        en: "stages on one release today, of which one moves on by itself",
        ja: "現在は同じリリース上にあるが、一方だけが自動的に移行するステージ",
    },
    symptoms: &[],
    check: Check::Launch(check),
};

fn check(launch: &Launch<'_>) -> Outcome {
    found(launch).map_or(Outcome::Inapplicable, |found| Outcome::Fail(Box::new(found)))
}

fn found(launch: &Launch<'_>) -> Option<Diagnostic> {
    let (_, elf) = start::program(launch)?;
    let build = launch.build?;
    let is_dynamic = elf.interpreter.value.is_some() && start::has_libc(launch, LibcFamily::Glibc);
    if launch.purpose != Purpose::Start || !is_dynamic || start::place(launch).path != build.dockerfile.path {
        return None;
    }
    let builder = start::builder(launch).filter(|builder| builder.parent.is_none())?;
    let moves = builder.base_image.moves.as_ref()?;
    let [.., before, now] = moves.value.as_slice() else { return None };
    // A tag that moves likewise, or a release that differs already, is another matter.
    let target = build.stages.get(launch.stage?)?;
    let release = &target.base_image.distribution.as_ref()?.value;
    let together = target.base_image.moves.is_some() || target.parent == Some(builder.index);
    if together || builder.base_image.distribution.as_ref()?.value != *release {
        return None;
    }
    let (on, image) = (&builder.base_image.reference, &target.base_image.reference);
    let message = text! {
        en: "`{on}` moves on to the next release one day, and `{image}` stays",
        ja: "`{on}` はいずれ次のリリースへ移行しますが、`{image}` はそのままです",
        on: on, image: image,
    };
    let at = Location::new(&build.dockerfile.path, builder.span);
    let mut found = Diagnostic::new(RULE.name, at, Effect::Note, message);
    found.evidence.push(lookup::executes(launch));
    let claim = text! {
        en: "`{on}` has stood on `{now}` since {since}, and stood on `{before}` until then",
        ja: "`{on}` は {since} から `{now}` 上にあり、それまでは `{before}` 上にありました",
        on: on, now: &now.base, since: &now.since, before: &before.base,
    };
    found.evidence.push(moves.step(claim));
    let condition = text! { en: "the tag moves before you rebuild", ja: "再ビルドまでにタグが移行する" };
    let claim = text! { en: "the tag will move again", ja: "タグは再び移行します" };
    found.evidence.push(Step { claim, from: Provenance::assumed(condition, Vec::new()) });
    let pinned = variants::builder_on(on, release).filter(|pinned| pinned != on)?;
    let from = mend::instructions(build, builder).next().map(|one| &one.kind)?;
    if let crate::dockerfile::Kind::From(source) = from {
        found.fixes.push(Fix {
            title: text! { en: "build on `{pinned}`", ja: "`{pinned}` でビルドする", pinned: &pinned },
            tradeoff: text! {
                en: "both stages are then moved on by hand, together",
                ja: "以後は両方のステージを手動で一緒に移行することになります",
            },
            edits: vec![mend::replace(&build.dockerfile, source.image.span, pinned)],
        });
    }
    Some(found)
}
