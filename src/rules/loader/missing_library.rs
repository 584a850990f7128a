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
//! When the program is an interpreter, it starts, and a package with compiled code fails as soon as it is imported:
//!
//! ```text
//! ImportError: libGL.so.1: cannot open shared object file: No such file or directory
//! LoadError: libpq.so.5: cannot open shared object file: No such file or directory
//! ```
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
//! A package that is compiled when it is installed asks for the library of the system that it was compiled against: `psycopg2` and `pg` for libpq, `mysqlclient` and `mysql2` for libmariadb.
//! Even one that is published compiled may leave a library to the system, as `opencv-python` does with `libGL.so.1`.
//!
//! ```dockerfile,fails
//! FROM python:3.12-slim
//! RUN pip install opencv-python
//! COPY <<EOF /app.py
//! import cv2
//! EOF
//! CMD ["python", "/app.py"]
//! ```
//!
//! ```dockerfile,starts
//! FROM python:3.12-slim
//! RUN pip install opencv-python-headless
//! COPY <<EOF /app.py
//! import cv2
//! EOF
//! CMD ["python", "/app.py"]
//! ```
//!
//! ## What to do
//!
//! 1. Install the library's package in the final stage: `apt-get install libssl3`, `apk add libstdc++`. The image grows by its size.
//! 2. Use a base that has it: distroless `cc` for `libgcc_s` and `libstdc++`.
//! 3. Take the variant of a package that needs no library of the system, where there is one: `opencv-python-headless`, `psycopg2-binary`.
//! 4. Link statically, where the library and its license allow it.
//!
//! ## When this is wrong
//!
//! When a volume that is mounted at run time brings the library along, or when the program never imports the package.
//!
//! ## References
//!
//! - ld.so(8), "Search order"
//! - musl, `ldso/dynlink.c`
//! - PEP 600 and auditwheel's policy (which libraries a wheel leaves to the system)

use crate::diagnostic::{Diagnostic, Effect, RuntimeMessage};
use crate::dockerfile::Kind;
use crate::fact::{Fact, Provenance, Settler, Step};
use crate::fix::{Aim, Fix};
use crate::image::LibcFamily;
use crate::launch::{Launch, import_of};
use crate::lists::Collect;
use crate::loader::{self, Failure, LoaderKind, Loading, MissingLibrary};
use crate::needs::{ElfNeeds, Language, ModuleLibrary, Modules};
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, lookup, mend, start};
use crate::source::Location;
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
        Symptom {
            pattern: "ImportError: {}: cannot open shared object file: No such file or directory",
            speaker: "Python",
        },
        Symptom {
            pattern: "LoadError: {}: cannot open shared object file: No such file or directory",
            speaker: "Ruby",
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

/// Libraries that a package of an interpreter's modules asks for.
fn for_modules(launch: &Launch<'_>, interpreter: &ElfNeeds) -> Option<Diagnostic> {
    let language = interpreter_of(&launch.found()?.path)?;
    let all =
        launch.image.tree.modules_below("/").filter(|(_, modules)| modules.language == language && !modules.packed);
    // Where two packages bring the same module, the one that needs no library may be the one that is loaded.
    let is_covered = |modules: &Modules, asked: &ModuleLibrary| {
        asked.instead.is_some_and(|other| modules.native.iter().any(|package| package.value == other))
    };
    let asked: Vec<(&str, &Fact<ModuleLibrary>)> = all
        .flat_map(|(directory, modules)| {
            let open = modules.libraries.iter().filter(|asked| !is_covered(modules, &asked.value));
            open.map(move |asked| (&**directory, asked))
        })
        .take(MOST_MODULES)
        .collect_vec();
    // A package that the program is seen to load goes before one that it may load.
    let seen = |asked: &ModuleLibrary| {
        let name = Some(asked.imported_as).filter(|name| !name.is_empty() && !asked.later)?;
        import_of(launch, language, name)
    };
    let lacks = |(directory, asked): &&(&str, &Fact<ModuleLibrary>)| lacks(launch, interpreter, directory, asked);
    let missing: Vec<&(&str, &Fact<ModuleLibrary>)> = asked.iter().filter(|one| lacks(one)).collect_vec();
    let loaded = missing.iter().find_map(|one| Some((*one, Some(seen(&one.1.value)?))));
    let (first, import) = loaded.or_else(|| Some((*missing.first()?, None)))?;
    let libraries = |of: &dyn Fn(&ModuleLibrary) -> bool| {
        let mut libraries: Vec<&str> = Vec::new();
        for (_, asked) in missing.iter().filter(|one| of(&one.1.value)) {
            if !libraries.contains(&asked.value.library.as_str()) {
                libraries.push(&asked.value.library);
            }
        }
        libraries
    };
    let package = &first.1.value.package;
    let mut found = of_modules(launch, first, &libraries(&|asked| asked.package == *package), import);
    // What other packages lack is installed with it.
    let install = packages::install_all(launch, &libraries(&|_| true));
    found.fixes.splice(0..0, install);
    start::applicable_first(&mut found.fixes);
    Some(found)
}

/// Whether the loader surely does not find a library for a module in a directory.
fn lacks(launch: &Launch<'_>, interpreter: &ElfNeeds, directory: &str, asked: &Fact<ModuleLibrary>) -> bool {
    // The interpreter's loader is the one that loads it; conda's looks beside the interpreter too.
    if launch.found().is_some_and(|found| ["conda", "mamba", "/nix/"].iter().any(|part| found.real_path.contains(part)))
    {
        return false;
    }
    let library = Fact::new(asked.value.library.clone(), asked.from.clone());
    let module = ElfNeeds { libraries: vec![library], versions: Vec::new(), symbols: None, ..interpreter.clone() };
    let variable = |name: &str| launch.environment.get(name)?.value().cloned();
    let missing = match loader::load(&module, directory, &launch.image.tree, launch.platform, &variable) {
        Loading::Fails(failure) => match *failure {
            Failure::MissingLibrary(missing) => missing.library,
            _ => return false,
        },
        _ => return false,
    };
    missing == asked.value.library
}

fn of_modules(
    launch: &Launch<'_>,
    (directory, asked): &(&str, &Fact<ModuleLibrary>),
    libraries: &[&str],
    import: Option<Location>,
) -> Diagnostic {
    let ModuleLibrary { package, library, imported_as, instead, later } = &asked.value;
    let image = &launch.image.reference;
    let message = text! {
        en: "`{package}` needs `{library}`, which `{image}` does not have",
        ja: "`{package}` に必要な `{library}` が `{image}` にありません",
        package: package, library: libraries.join("`, `"), image: image,
    };
    let mut found = start::finding(&RULE, launch, message);
    if let Some(at) = asked.from.location() {
        found.at = at.clone();
    }
    let claim = text! { en: "`{package}` is installed", ja: "`{package}` がインストールされます", package: package };
    found.evidence.push(asked.step(claim));
    found.evidence.extend(start::image_is(launch));
    let language = launch.found().and_then(|found| interpreter_of(&found.path));
    // PHP warns of an extension that it cannot load, and goes on.
    if *later || language == Some(Language::Php) {
        found.effect = Effect::FailsLater;
    } else {
        let from = import.map_or_else(|| loaded_at_start(package, imported_as, language), Provenance::Read);
        let claim = text! { en: "it is loaded at the start", ja: "それは起動時に読み込まれます" };
        found.evidence.push(Step { claim, from });
    }
    let text = if start::has_libc(launch, LibcFamily::Musl) {
        format!("Error loading shared library {library}: No such file or directory (needed by {directory}/…)")
    } else {
        format!("{library}: cannot open shared object file: No such file or directory")
    };
    let text = match language {
        Some(Language::Python) => format!("ImportError: {text}"),
        Some(Language::Ruby) => format!("LoadError: {text}"),
        _ => text,
    };
    found.runtime_messages = vec![RuntimeMessage { engine: "the interpreter", text, exit_code: Some(1) }];
    found.fixes.extend(instead.map(|other| {
        start::advice(
            text! {
                en: "install `{other}` instead of `{package}`",
                ja: "`{package}` の代わりに `{other}` をインストールする",
                other: other, package: package,
            },
            text! {
                en: "it needs no library of the system; check that the program can do without the rest",
                ja: "システムのライブラリは不要ですが、それでプログラムが動くか確認が必要です",
            },
        )
    }));
    found
}

/// What nobody saw: that the program loads the package before it does anything else.
fn loaded_at_start(package: &str, imported_as: &str, language: Option<Language>) -> Provenance {
    let condition = match language {
        Some(Language::Ruby) => text! {
            en: "the program requires `{package}` when it starts, as `Bundler.require` and Rails do",
            ja: "プログラムが起動時に `{package}` を require する（`Bundler.require` や Rails はそうします）",
            package: package,
        },
        Some(Language::Python) if !imported_as.is_empty() => text! {
            en: "the program imports `{name}` when it starts",
            ja: "プログラムが起動時に `{name}` を import する",
            name: imported_as,
        },
        _ => text! {
            en: "the program loads `{package}` when it starts",
            ja: "プログラムが起動時に `{package}` を読み込む",
            package: package,
        },
    };
    Provenance::assumed(condition, vec![Settler::ProjectFolder])
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
