//! # A shared library is not in the image
//!
//! The program starts its loader, and the loader does not find a library that it needs.
//!
//! ## What happens
//!
//! ```text
//! /app: error while loading shared libraries: libssl.so.3: cannot open shared object file: No such file or directory
//! Error loading shared library libgcc_s.so.1: No such file or directory (needed by /app)
//! ```
//!
//! The container exits with status 127.
//!
//! ## Why
//!
//! A dynamically linked program lists the libraries that it needs, and the image that it runs in does not have one of them.
//! The build stage had it, often through a `-dev` package; a slim or distroless image does not.
//! A library that was copied to `/usr/local/lib` on Debian is found only after `ldconfig` has run.
//!
//! ## Example
//!
//! ```dockerfile,fails
//! FROM rust:1.75-bookworm
//! WORKDIR /src
//! RUN printf 'fn main() {}' > main.rs && rustc -o /app main.rs
//!
//! FROM gcr.io/distroless/base-debian12
//! COPY --from=0 /app /app
//! CMD ["/app"]
//! ```
//!
//! ```dockerfile,starts
//! FROM rust:1.75-bookworm
//! WORKDIR /src
//! RUN printf 'fn main() {}' > main.rs && rustc -o /app main.rs
//!
//! FROM gcr.io/distroless/cc-debian12
//! COPY --from=0 /app /app
//! CMD ["/app"]
//! ```
//!
//! ## What to do
//!
//! 1. Install the library's package in the final stage: `apt-get install libssl3`, `apk add libstdc++`. The image grows by its size.
//! 2. Use a base that has it: distroless `cc` for `libgcc_s` and `libstdc++`.
//! 3. Link statically, where the library and its license allow it.
//!
//! ## When this is wrong
//!
//! When a volume that is mounted at run time brings the library along.
//!
//! ## References
//!
//! - ld.so(8), "Search order"
//! - musl, `ldso/dynlink.c`

use crate::diagnostic::{Diagnostic, Effect, RuntimeMessage};
use crate::dockerfile::Kind;
use crate::fact::{Fact, Provenance, Settler, Step};
use crate::fix::{Aim, Fix};
use crate::launch::Launch;
use crate::lists::Collect;
use crate::loader::{self, Failure, LoaderKind, Loading, MissingLibrary};
use crate::needs::{ElfNeeds, Language};
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, lookup, mend, start};
use crate::text;
use crate::text::Template;

use super::native_module_mismatch::interpreter_of;
use super::packages;

pub(super) static RULE: Rule = Rule {
    name: "missing-library",
    moment: Moment::Loader,
    summary: Template {
        en: "a shared library that the program needs is not in the image",
        ja: "プログラムに必要な共有ライブラリがイメージにありません",
    },
    symptoms: &[
        Symptom {
            pattern: "error while loading shared libraries: {}: cannot open shared object file: No such file or directory",
            speaker: "glibc",
        },
        Symptom {
            pattern: "Error loading shared library {}: No such file or directory (needed by {})",
            speaker: "musl",
        },
    ],
    check: Check::Launch(check),
};

fn check(launch: &Launch<'_>) -> Outcome {
    let Some((_, needs)) = start::program(launch) else { return Outcome::Inapplicable };
    if let Some(found) = for_modules(launch, needs) {
        return Outcome::Fail(Box::new(found));
    }
    if needs.interpreter.value.is_none() {
        return Outcome::Inapplicable;
    }
    let missing = match start::loading(launch) {
        Some(Loading::Fails(failure)) => match *failure {
            Failure::MissingLibrary(missing) => missing,
            _ => return Outcome::Pass(Vec::new()),
        },
        Some(Loading::Unknown(need)) => return Outcome::Unknown(need),
        Some(Loading::Starts(started)) => {
            let found = started.objects.iter().map(|object| {
                let claim = text! {
                    en: "`{library}` is found at `{path}`",
                    ja: "`{library}` は `{path}` にあります",
                    library: &object.name, path: &object.path,
                };
                Step { claim, from: lookup::link(launch, &object.path) }
            });
            return Outcome::Pass(found.collect_vec());
        }
        None => return Outcome::Inapplicable,
    };
    Outcome::Fail(Box::new(diagnose(launch, needs, &missing)))
}

fn diagnose(launch: &Launch<'_>, needs: &ElfNeeds, missing: &MissingLibrary) -> Diagnostic {
    let image = &launch.image.reference;
    let message = text! {
        en: "`{program}` needs `{library}`, which `{image}` does not have where its loader looks",
        ja: "`{program}` に必要な `{library}` が、`{image}` のローダーが探す場所にありません",
        program: &missing.needed_by, library: &missing.library, image: image,
    };
    let mut found = start::finding(&RULE, launch, message);
    let from = missing.named.as_ref().map_or_else(
        || launch.image.tree.entry(&missing.needed_by).map_or(Provenance::Always, |entry| entry.from.clone()),
        |named| named.from.clone(),
    );
    found.evidence.push(packages::needs(&missing.needed_by, &missing.library, &from));
    found.evidence.extend(start::image_is(launch));
    let claim = text! {
        en: "its loader looks in `{directories}`, and finds none there",
        ja: "ローダーは `{directories}` を探しますが、どこにもありません",
        directories: missing.searched.join("`, `"),
    };
    found.evidence.push(Step { claim, from: lookup::absence(launch) });
    found.runtime_messages = vec![message_of(launch, missing)];
    found.fixes.extend(packages::install(launch, &missing.library));
    found.fixes.extend(distroless_cc(launch, &missing.library));
    found.fixes.extend(start::remedies(needs, &[Aim::Static]));
    found.fixes.extend(start::same_base(launch));
    start::applicable_first(&mut found.fixes);
    found
}

/// A library that the modules of an interpreter ask for.
fn for_modules(launch: &Launch<'_>, interpreter: &ElfNeeds) -> Option<Diagnostic> {
    let language = interpreter_of(&launch.found()?.path)?;
    let all = launch.image.tree.modules_below("/").filter(|(_, modules)| modules.language == language);
    let asked = all.flat_map(|(directory, modules)| modules.libraries.iter().map(move |asked| (directory, asked)));
    let (directory, asked, missing) = asked.take(MOST_MODULES).find_map(|(directory, asked)| {
        // The interpreter's loader is the one that loads it.
        let library = Fact::new(asked.value.library.clone(), asked.from.clone());
        let module = ElfNeeds { libraries: vec![library], versions: Vec::new(), symbols: None, ..interpreter.clone() };
        match loader::load(&module, directory, &launch.image.tree, launch.platform, &|_| None) {
            Loading::Fails(failure) => match *failure {
                Failure::MissingLibrary(missing) if missing.library == asked.value.library => {
                    Some((directory, asked, missing))
                }
                _ => None,
            },
            _ => None,
        }
    })?;
    let (package, library, image) = (&asked.value.package, &asked.value.library, &launch.image.reference);
    let message = text! {
        en: "`{package}` needs `{library}`, which `{image}` does not have",
        ja: "`{package}` に必要な `{library}` が `{image}` にありません",
        package: package, library: library, image: image,
    };
    let mut found = start::finding(&RULE, launch, message);
    if let Some(at) = asked.from.location() {
        found.at = at.clone();
    }
    let claim = text! { en: "`{package}` is installed", ja: "`{package}` がインストールされます", package: package };
    found.evidence.push(asked.step(claim));
    found.evidence.extend(start::image_is(launch));
    // PHP warns of an extension that it cannot load, and goes on.
    if language == Language::Php {
        found.effect = Effect::FailsLater;
    } else {
        let condition = text! {
            en: "the program loads `{package}` when it starts",
            ja: "プログラムが起動時に `{package}` を読み込む",
            package: package,
        };
        let claim = text! { en: "it is loaded at the start", ja: "それは起動時に読み込まれます" };
        found.evidence.push(Step { claim, from: Provenance::assumed(condition, vec![Settler::ProjectFolder]) });
    }
    let text = match missing.loader.kind {
        LoaderKind::Musl | LoaderKind::Gcompat => {
            format!("Error loading shared library {library}: No such file or directory (needed by {directory}/…)")
        }
        _ => format!("{library}: cannot open shared object file: No such file or directory"),
    };
    found.runtime_messages = vec![RuntimeMessage { engine: "the interpreter", text, exit_code: Some(1) }];
    found.fixes.extend(packages::install(launch, library));
    start::applicable_first(&mut found.fixes);
    Some(found)
}

/// So many libraries of modules are looked for.
const MOST_MODULES: usize = 100;

fn message_of(launch: &Launch<'_>, missing: &MissingLibrary) -> RuntimeMessage {
    let (library, by) = (&missing.library, &missing.needed_by);
    let (engine, text) = match missing.loader.kind {
        LoaderKind::Musl | LoaderKind::Gcompat => {
            ("musl", format!("Error loading shared library {library}: No such file or directory (needed by {by})"))
        }
        _ => {
            let name = launch.name();
            let what = "cannot open shared object file: No such file or directory";
            ("glibc", format!("{name}: error while loading shared libraries: {library}: {what}"))
        }
    };
    RuntimeMessage { engine, text, exit_code: Some(127) }
}

/// Distroless `base` has no compiler's runtime; `cc` is the same image with it.
fn distroless_cc(launch: &Launch<'_>, library: &str) -> Option<Fix> {
    if !matches!(library, "libgcc_s.so.1" | "libstdc++.so.6" | "libgomp.so.1") {
        return None;
    }
    let (build, stage) = launch.build.zip(launch.stage)?;
    let stage = build.stages.get(stage)?;
    let Kind::From(from) = &mend::instructions(build, stage).next()?.kind else { return None };
    let reference = &from.image.value;
    let base = ["distroless/base-nossl", "distroless/base"].into_iter().find(|base| reference.contains(base))?;
    let cc = reference.replacen(base, "distroless/cc", 1);
    Some(Fix {
        title: text! { en: "start from `{cc}`, which has it", ja: "それを含む `{cc}` を土台にする", cc: &cc },
        tradeoff: text! { en: "the image grows by about 3 MB", ja: "イメージが約 3 MB 大きくなります" },
        edits: vec![mend::replace(&build.dockerfile, from.image.span, cc)],
    })
}
