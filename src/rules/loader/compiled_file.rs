//! Compiled modules that can be read themselves: each is asked as the interpreter's loader would be.

use super::native_module_mismatch::{RULE, install_here, point_at};
use crate::diagnostic::Diagnostic;
use crate::fact::{Provenance, Settler, Step};
use crate::launch::Launch;
use crate::loader::{self, Failure, Loading};
use crate::needs::{Foreign, Language, Needs};
use crate::rules::start;
use crate::text;
use crate::text::Text;
use crate::tree::{Content, Entry, Node};

/// A project has a few add-ons; more are not looked at one by one.
const MOST_FILES: usize = 200;

/// The first module that was dropped, or installed by whoever made the image, and that cannot be loaded in it.
pub(super) fn first_unloadable(launch: &Launch<'_>, language: Language) -> Option<Diagnostic> {
    let files = launch.image.tree.below("/");
    let modules = files.filter(|(path, entry)| is_module(path, language) && is_looked_at(launch, language, entry));
    modules.take(MOST_FILES).find_map(|(path, entry)| {
        let why = unloadable(launch, path, entry)?;
        Some(diagnose(launch, path, entry, why))
    })
}

/// Whether a path is one of a language's compiled modules.
fn is_module(path: &str, language: Language) -> bool {
    match language {
        Language::Node | Language::Bun => path.ends_with(".node") && path.contains("/node_modules/"),
        Language::Python => {
            path.ends_with(".so") && (path.contains("/site-packages/") || path.contains("/dist-packages/"))
        }
        Language::Ruby => path.ends_with(".so") && path.contains("/gems/"),
        _ => false,
    }
}

/// What the image itself brings fits it.
pub(super) fn is_dropped(entry: &Entry) -> bool {
    !entry.from.is_of_image() && entry.from != Provenance::Always
}

/// An image that is judged by itself has add-ons that somebody installed, whom nobody can ask any more.
///
/// Of other languages it has many that are never loaded, or whose libraries come from the host (`libcuda.so.1`).
fn is_looked_at(launch: &Launch<'_>, language: Language, entry: &Entry) -> bool {
    let by_itself = launch.build.is_none() && matches!(language, Language::Node | Language::Bun);
    is_dropped(entry) || by_itself && matches!(entry.from, Provenance::InImage(_))
}

/// Why a module cannot be loaded here, by its own bytes: the library that is missing, or the system that it is for.
///
/// Packages may carry code for several systems and load the one that fits, which their paths name.
fn unloadable(launch: &Launch<'_>, path: &str, entry: &Entry) -> Option<Text> {
    const SEVERAL: [&str; 7] = ["prebuilds/", "darwin", "win32", "musl", "linux-x64", "linux-arm64", "glibc"];
    if SEVERAL.iter().any(|word| path.contains(word)) {
        return None;
    }
    let needs = match &entry.seen().node {
        Node::File(Content::Program(needs)) => &**needs,
        Node::File(Content::Library(library)) => library.needs.as_deref()?,
        _ => return None,
    };
    let module = match needs {
        Needs::Foreign(what) if what.value == Foreign::MachO => {
            return Some(text! { en: "it is for macOS", ja: "macOS 用です" });
        }
        Needs::Foreign(what) if what.value == Foreign::Pe => {
            return Some(text! { en: "it is for Windows", ja: "Windows 用です" });
        }
        Needs::Elf(module) => module,
        _ => return None,
    };
    if !module.machine.value.runs_on(launch.platform) {
        let machine = module.machine.value.architecture().unwrap_or("another machine").to_owned();
        return Some(text! { en: "it is for `{machine}`", ja: "`{machine}` 用です", machine: machine });
    }
    // The interpreter's loader is the one that loads it, so it is asked as if the module were a program of its own.
    let (_, interpreter) = start::program(launch)?;
    let mut program = (**module).clone();
    program.interpreter = interpreter.interpreter.clone();
    // Symbols of the interpreter itself are there at run time.
    program.symbols = None;
    let loading = loader::load(&program, path, &launch.image.tree, launch.platform, &|_| None);
    let Loading::Fails(failure) = loading else { return None };
    match *failure {
        Failure::MissingLibrary(missing) => Some(text! {
            en: "it needs `{library}`, which the image does not have",
            ja: "必要な `{library}` がイメージにありません",
            library: missing.library,
        }),
        Failure::MissingVersions(missing) => Some(text! {
            en: "it needs `{version}`, which the image's library does not have",
            ja: "必要な `{version}` がイメージのライブラリにありません",
            version: missing.first()?.need.value.version.clone(),
        }),
        _ => None,
    }
}

/// A finding about one file.
fn diagnose(launch: &Launch<'_>, path: &str, entry: &Entry, why: Text) -> Diagnostic {
    let name = path.rsplit('/').next().unwrap_or(path);
    let message = text! {
        en: "`{module}` cannot be loaded in this image: {why}",
        ja: "`{module}` はこのイメージでは読み込めません（{why}）",
        module: path,
        why: why.clone(),
    };
    let mut found = start::finding(&RULE, launch, message);
    point_at(&mut found, launch, &entry.from);
    let claim = text! { en: "`{module}`: {why}", ja: "`{module}`：{why}", module: path, why: why };
    found.evidence.push(Step { claim, from: entry.from.clone() });
    let condition = text! {
        en: "the program loads `{module}` when it starts",
        ja: "プログラムが起動時に `{module}` を読み込む",
        module: name,
    };
    let claim = text! { en: "it is loaded at the start", ja: "それは起動時に読み込まれます" };
    found.evidence.push(Step { claim, from: Provenance::assumed(condition, vec![Settler::ProjectFolder]) });
    found.fixes.push(install_here());
    found
}
