//! # A static glibc program looks up names
//!
//! The program is linked statically with glibc, and it looks up hosts or users, for which glibc loads modules at run time.
//!
//! ## What happens
//!
//! The linker warns at build time, and the program may fail, or crash, at the first look-up:
//!
//! ```text
//! warning: Using 'getaddrinfo' in statically linked applications requires at runtime the shared libraries from the glibc version used for linking
//! lookup example.com: Name or service not known
//! ```
//!
//! ## Why
//!
//! glibc resolves hosts and users through modules (`libnss_*.so`) that it loads even into a static program, and they must be of the very version that the program was linked with.
//! An image with another glibc has modules that do not fit; Alpine and `scratch` have none.
//!
//! ## Example
//!
//! ```dockerfile,warns
//! FROM golang:1.22-bullseye AS build
//! RUN CGO_ENABLED=1 go build -ldflags '-linkmode external -extldflags "-static"' -o /app example.com/app@latest
//! FROM alpine:3.20
//! COPY --from=build /app /app
//! CMD ["/app"]
//! ```
//!
//! ```dockerfile,starts
//! FROM golang:1.22-bullseye AS build
//! RUN CGO_ENABLED=1 go build -tags netgo,osusergo -ldflags '-linkmode external -extldflags "-static"' -o /app example.com/app@latest
//! FROM alpine:3.20
//! COPY --from=build /app /app
//! CMD ["/app"]
//! ```
//!
//! ## What to do
//!
//! 1. For Go, build with `-tags netgo,osusergo`: names are then resolved by Go's own code.
//! 2. Or turn cgo off, where no package needs C.
//! 3. Or link with musl (Alpine, `musl-gcc`, the `*-musl` targets of Rust), whose resolver needs no modules.
//!
//! ## When this is wrong
//!
//! From glibc 2.34 on, files and DNS are looked up without modules, so only other services (LDAP, mDNS) are affected.
//!
//! ## References
//!
//! - glibc manual: Name Service Switch; FAQ on static linking
//! - glibc 2.34 release notes

use super::soon;
use crate::diagnostic::RuntimeMessage;
use crate::fact::{Provenance, Step};
use crate::fix::Aim;
use crate::image::LibcFamily;
use crate::launch::Launch;
use crate::lists::Collect;
use crate::needs::{Linkage, Trait};
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, lookup};
use crate::text;
use crate::text::Template;

pub(super) static RULE: Rule = Rule {
    name: "static-glibc-name-service",
    moment: Moment::Runtime,
    summary: Template {
        en: "statically linked glibc that will look up hosts or users",
        ja: "glibc を静的リンクしたプログラムがホストやユーザーを検索します",
    },
    symptoms: &[Symptom {
        pattern: "Using '{}' in statically linked applications requires at runtime the shared libraries",
        speaker: "ld",
    }],
    check: Check::Launch(check),
};

fn check(launch: &Launch<'_>) -> Outcome {
    let Some(elf) = soon::program(launch) else { return Outcome::Inapplicable };
    let Some(does) = soon::does(elf, Trait::StaticNameService) else { return Outcome::Inapplicable };
    if elf.linkage.value == Linkage::Dynamic {
        return Outcome::Inapplicable;
    }
    let (program, image) = (launch.name(), &launch.image.reference);
    let message = text! {
        en: "`{program}` is static and looks up names through glibc, which loads modules that `{image}` may not have",
        ja: "`{program}` は静的リンクですが、名前解決に glibc を使います。glibc が読み込むモジュールが `{image}` にない可能性があります",
        program: program, image: image,
    };
    let uses = Step {
        claim: text! { en: "it looks up hosts or users through glibc", ja: "glibc を通じてホストやユーザーを検索します" },
        from: does.from.clone(),
    };
    let glibc =
        launch.image.libc.value().and_then(|libc| libc.as_ref()).filter(|libc| libc.family == LibcFamily::Glibc);
    let claim = match glibc {
        Some(libc) => text! {
            en: "`{image}` has the modules of glibc {version}",
            ja: "`{image}` にあるのは glibc {version} のモジュールです",
            image: image, version: &libc.version,
        },
        None => {
            text! { en: "`{image}` has no modules of glibc", ja: "`{image}` に glibc のモジュールはありません", image: image }
        }
    };
    let has = Step { claim, from: lookup::recorded(launch) };
    let condition = match glibc {
        Some(_) => text! {
            en: "it was linked with another version of glibc, and looks up a host or a user",
            ja: "別のバージョンの glibc とリンクされており、ホストやユーザーを検索する",
        },
        None => text! {
            en: "it was linked with a glibc before 2.34, and looks up a host or a user",
            ja: "2.34 より前の glibc とリンクされており、ホストやユーザーを検索する",
        },
    };
    let claim = text! {
        en: "the modules have to be of the version that the program was linked with",
        ja: "モジュールは、リンクした glibc と同じバージョンでなければなりません",
    };
    let fit = Step { claim, from: Provenance::assumed(condition, vec![]) };
    let mut found = soon::warning(RULE.name, launch, message, vec![uses, has, fit]);
    found.runtime_messages.push(RuntimeMessage {
        engine: "the linker",
        text: "warning: Using 'getaddrinfo' in statically linked applications requires at runtime the shared libraries from the glibc version used for linking".into(),
        exit_code: None,
    });
    let aimed = elf.remedies.iter().filter(|remedy| remedy.aim == Aim::SoundStatic);
    found.fixes = aimed.map(|remedy| remedy.fix.clone()).collect_vec();
    Outcome::Fail(Box::new(found))
}
