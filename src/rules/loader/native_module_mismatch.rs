//! # Modules with compiled code from another image
//!
//! `node_modules`, `site-packages` or gems were installed on another libc, machine or runtime version than the one that loads them.
//!
//! ## What happens
//!
//! ```text
//! Error: Error loading shared library ld-linux-x86-64.so.2: No such file or directory (needed by /app/node_modules/bcrypt/lib/binding/napi-v3/bcrypt_lib.node)
//! Error: /app/node_modules/better-sqlite3/build/Release/better_sqlite3.node: invalid ELF header
//! ImportError: Error loading shared library libc.musl-x86_64.so.1: No such file or directory
//! The module was compiled against a different Node.js version using NODE_MODULE_VERSION 108
//! ```
//!
//! ## Why
//!
//! Packages such as `bcrypt`, `numpy` or `nokogiri` contain compiled code, and an installer picks or builds it for the image that it runs in.
//! A `.jar` may hold such code too, and Java on Alpine comes without the `libstdc++` that it needs.
//! Copied to an image with another libc (Debian's `node` to Alpine's), another machine or another version of the runtime, they cannot be loaded.
//! The same happens when the host's `node_modules` come along with `COPY . .`.
//!
//! ## Example
//!
//! ```dockerfile
//! # Fails when package.json names a package with compiled code, such as bcrypt.
//! FROM node:20
//! WORKDIR /app
//! COPY package*.json ./
//! RUN npm ci
//!
//! FROM node:20-alpine
//! WORKDIR /app
//! COPY --from=0 /app/node_modules ./node_modules
//! COPY . .
//! CMD ["node", "server.js"]
//! ```
//!
//! ## What to do
//!
//! 1. Install in the image that runs them, or in one of the same distribution: `FROM node:20-alpine` in both stages. It costs nothing.
//! 2. Put `node_modules` into `.dockerignore`.
//!
//! ## When this is wrong
//!
//! When the package is never loaded, or brings code for several systems along.
//!
//! ## References
//!
//! - Node.js, "C++ addons"
//! - PEP 600 and PEP 656 (`manylinux`, `musllinux`)

use super::compiled_file;
use crate::build::Stage;
use crate::diagnostic::{Diagnostic, Effect, RuntimeMessage};
use crate::dockerfile::Kind;
use crate::fact::{Fact, Provenance, Settler, Step};
use crate::fix::Fix;
use crate::image::{LibcFamily, variants};
use crate::launch::Launch;
use crate::lists::Collect;
use crate::needs::{Language, Modules};
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, mend, start};
use crate::text;
use crate::text::{Template, Text};
use crate::tree::{Lookup, normalize};

pub(super) static RULE: Rule = Rule {
    name: "native-module-mismatch",
    moment: Moment::Loader,
    summary: Template {
        en: "modules with compiled code that were installed for another libc, machine or runtime version",
        ja: "別の C ライブラリ、アーキテクチャー、ランタイムのバージョン用にインストールされた、コンパイル済みコードを含むモジュール",
    },
    symptoms: &[
        Symptom { pattern: "Error loading shared library {} (needed by {}.node)", speaker: "musl" },
        Symptom { pattern: "ImportError: Error loading shared library {}", speaker: "Python" },
        Symptom { pattern: "Error relocating {}.node: {}: symbol not found", speaker: "musl" },
        Symptom { pattern: "{}.node: invalid ELF header", speaker: "glibc" },
        Symptom { pattern: "was compiled against a different Node.js version", speaker: "Node.js" },
        Symptom { pattern: "Prisma Client could not locate the Query Engine for runtime {}", speaker: "Prisma" },
    ],
    check: Check::Launch(check),
};

fn check(launch: &Launch<'_>) -> Outcome {
    if let Some(found) = archive(launch) {
        return Outcome::Fail(Box::new(found));
    }
    let Some(language) = launch.found().and_then(|found| interpreter_of(&found.path)) else {
        return Outcome::Inapplicable;
    };
    let all =
        launch.image.tree.modules_below("/").filter(|(_, modules)| modules.language == language && !modules.packed);
    for (directory, modules) in all {
        if let Some(mismatch) = mismatch(launch, modules)
            && let Some(found) = diagnose(launch, directory, modules, &mismatch)
        {
            return Outcome::Fail(Box::new(found));
        }
    }
    if let Some(found) = compiled_file::first_unloadable(launch, language) {
        return Outcome::Fail(Box::new(found));
    }
    let all =
        launch.image.tree.modules_below("/").filter(|(_, modules)| modules.language == language && !modules.packed);
    for (directory, modules) in all.filter(|_| language == Language::Node) {
        if let Some(found) = of_the_host(launch, directory, modules) {
            return Outcome::Fail(Box::new(found));
        }
    }
    Outcome::Pass(Vec::new())
}

/// `node_modules` of whoever builds, which a copy of the whole context takes along.
fn of_the_host(launch: &Launch<'_>, directory: &str, modules: &Modules) -> Option<Diagnostic> {
    let package = modules.native.first()?;
    let build = launch.build?;
    if !build.would_bring(build.stages.get(launch.stage?)?, directory) {
        return None;
    }
    let message = text! {
        en: "a `node_modules` beside the Dockerfile would come along into `{directory}`, with `{package}` as it was compiled there",
        ja: "Dockerfile と同じ場所に `node_modules` があると `{directory}` にコピーされ、そこでコンパイルされた `{package}` が使われます",
        directory: directory, package: &package.value,
    };
    let mut found = start::finding(&RULE, launch, message);
    found.effect = Effect::Note;
    if let Some(machine) = &modules.machine {
        point_at(&mut found, launch, &machine.from);
    }
    found.evidence.push(is_compiled(package));
    let condition = text! {
        en: "a `node_modules` of another system lies in the folder, and no `.dockerignore` leaves it out",
        ja: "別のシステムの `node_modules` がフォルダーにあり、`.dockerignore` で除外されていない",
    };
    let claim = text! { en: "it comes from another system", ja: "別のシステムのものです" };
    let settled_by = vec![Settler::File(".dockerignore".into())];
    found.evidence.push(Step { claim, from: Provenance::assumed(condition, settled_by) });
    found.fixes.push(start::advice(
        text! { en: "put `node_modules` into `.dockerignore`", ja: "`.dockerignore` に `node_modules` を書く" },
        text! { en: "none", ja: "欠点はありません" },
    ));
    Some(found)
}

/// A remark about an archive of Java on musl: what it brings along in compiled code is seldom made for musl, and where it
/// is, it needs the C++ runtime, which images with Java on Alpine do not have by themselves.
fn archive(launch: &Launch<'_>) -> Option<Diagnostic> {
    let java = launch.found().filter(|found| found.path.ends_with("/java"))?;
    let words: Vec<_> = launch.argv.iter().filter_map(|word| word.known()).collect_vec();
    let at = words.iter().position(|word| word == "-jar")?;
    let path = normalize(&launch.working_directory, words.get(at + 1)?);
    let Lookup::Found { entry, .. } = launch.image.tree.lookup(&path) else { return None };
    let has_runtime = matches!(launch.image.tree.lookup("/usr/lib/libstdc++.so.6"), Lookup::Found { .. });
    if !start::has_libc(launch, LibcFamily::Musl) || has_runtime || !compiled_file::is_dropped(entry) {
        return None;
    }
    let message = text! {
        en: "`{archive}` starts on musl without `libstdc++.so.6`; libraries with compiled code in it (RocksDB, Snappy) would not load",
        ja: "`{archive}` は `libstdc++.so.6` のない musl のイメージで起動します。含まれるコンパイル済みコード（RocksDB、Snappy など）は読み込めません",
        archive: &path,
    };
    let mut found = start::finding(&RULE, launch, message);
    found.effect = Effect::Note;
    found.evidence.extend(start::image_is(launch));
    let claim = text! { en: "Java is `{java}`", ja: "Java は `{java}` です", java: &java.path };
    found.evidence.push(Step { claim, from: entry.from.clone() });
    point_at(&mut found, launch, &entry.from);
    found.fixes.push(start::advice(
        text! { en: "`apk add --no-cache libstdc++`", ja: "`apk add --no-cache libstdc++` を実行する" },
        text! {
            en: "2 MB more; code that was made for glibc does not load even then",
            ja: "2 MB ほど増えます。glibc 用のコードはそれでも読み込めません",
        },
    ));
    Some(found)
}

/// The language of an interpreter, or of what starts one, by its name: `node`, `npm`, `python3.12`.
pub(super) fn interpreter_of(path: &str) -> Option<Language> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    Some(match plain {
        "node" | "nodejs" | "npm" | "npx" | "yarn" | "pnpm" => Language::Node,
        "bun" => Language::Bun,
        "python" => Language::Python,
        "ruby" | "bundle" | "bundler" => Language::Ruby,
        "php" | "php-fpm" | "apache2" => Language::Php,
        _ => return None,
    })
}

/// What does not fit: what the modules are bound to and what is there, each with how it is known.
struct Mismatch {
    bound: Step,
    there: Step,
}

fn mismatch(launch: &Launch<'_>, modules: &Modules) -> Option<Mismatch> {
    libc_mismatch(launch, modules)
        .or_else(|| machine_mismatch(launch, modules))
        .or_else(|| version_mismatch(launch, modules))
}

fn bound(to: &str, from: &Provenance) -> Step {
    let claim = text! {
        en: "the modules were installed for {what}",
        ja: "モジュールは {what} 用にインストールされています",
        what: to,
    };
    Step { claim, from: from.clone() }
}

fn libc_mismatch(launch: &Launch<'_>, modules: &Modules) -> Option<Mismatch> {
    let made_for = modules.libc.known()?;
    let family = match made_for.value.split(' ').next()? {
        "glibc" => LibcFamily::Glibc,
        "musl" => LibcFamily::Musl,
        _ => return None,
    };
    let own = launch.image.libc.value()?.as_ref()?;
    if own.family == family {
        return None;
    }
    Some(Mismatch { bound: bound(&made_for.value, &made_for.from), there: start::image_is(launch)? })
}

fn machine_mismatch(launch: &Launch<'_>, modules: &Modules) -> Option<Mismatch> {
    let machine = modules.machine.as_ref()?;
    if machine.value.runs_on(launch.platform) {
        return None;
    }
    let architecture = machine.value.architecture()?;
    let platform = launch.platform.to_string();
    let claim = text! { en: "the image is for `{platform}`", ja: "イメージは `{platform}` 用です", platform: platform };
    Some(Mismatch {
        bound: bound(&format!("`{architecture}`"), &machine.from),
        there: Step { claim, from: Provenance::Always },
    })
}

fn version_mismatch(launch: &Launch<'_>, modules: &Modules) -> Option<Mismatch> {
    let made_for = modules.runtime.as_ref()?;
    let tool = launch.image.tools.iter().find(|tool| tool.value.language == modules.language)?;
    let has = &tool.value.version;
    let parts = |version: &str| version.split('.').map(str::to_owned).collect_vec();
    let (wanted, there) = (parts(&made_for.value), parts(has));
    // As much as both tell must agree.
    if has.is_empty() || made_for.value.is_empty() || wanted.iter().zip(&there).all(|(one, other)| one == other) {
        return None;
    }
    let claim = text! { en: "the image has version {version}", ja: "イメージにあるのはバージョン {version} です", version: has };
    let version = format!("version {}", made_for.value);
    Some(Mismatch { bound: bound(&version, &made_for.from), there: Step { claim, from: tool.from.clone() } })
}

/// A finding where compiled code is known to be among them; a remark where nobody can tell.
fn diagnose(launch: &Launch<'_>, directory: &str, modules: &Modules, mismatch: &Mismatch) -> Option<Diagnostic> {
    let (message, effect) = match modules.native.first() {
        // PHP warns of an extension that it cannot load, and goes on.
        Some(package) if modules.language == Language::Php => (loads(directory, &package.value), Effect::FailsLater),
        Some(package) => (loads(directory, &package.value), Effect::StartFails),
        None if modules.complete => return None,
        None => (may_hold(directory), Effect::Note),
    };
    let mut found = start::finding(&RULE, launch, message);
    found.effect = effect;
    // The command that installs them is the place; the image's record has none.
    let installed = modules.machine.as_ref().map(|machine| &machine.from);
    let named = modules.native.first().map(|package| &package.from);
    for from in installed.into_iter().chain([&mismatch.bound.from]).chain(named) {
        point_at(&mut found, launch, from);
    }
    found.evidence.extend([mismatch.bound.clone(), mismatch.there.clone()]);
    if let Some(package) = modules.native.first() {
        found.evidence.push(is_compiled(package));
        let condition = text! {
            en: "the program loads `{package}` when it starts",
            ja: "プログラムが起動時に `{package}` を読み込む",
            package: &package.value,
        };
        let claim = text! { en: "it is loaded at the start", ja: "それは起動時に読み込まれます" };
        found.evidence.push(Step { claim, from: Provenance::assumed(condition, vec![Settler::ProjectFolder]) });
        found.runtime_messages.push(message_of(launch, directory, &package.value, modules.language));
    }
    found.fixes.extend(install_alike(launch, modules));
    found.fixes.push(install_here());
    Some(found)
}

/// Installs on the variant of the image that has the libc of the one that loads the modules.
fn install_alike(launch: &Launch<'_>, modules: &Modules) -> Option<Fix> {
    let build = launch.build?;
    // The very modules, on their way from the stage that installed them.
    let holds = |stage: &&Stage| {
        stage.image.tree.modules_below("/").any(|(_, others)| std::ptr::eq(std::sync::Arc::as_ptr(others), modules))
    };
    let stage = build.stages.iter().find(holds).filter(|stage| Some(stage.index) != launch.stage)?;
    let on = &stage.base_image.reference;
    let reference = match launch.image.libc.value()?.as_ref()?.family {
        LibcFamily::Musl => variants::alpine_variant(on),
        _ => variants::glibc_variant(on),
    }?;
    let Kind::From(from) = &mend::instructions(build, stage).next()?.kind else { return None };
    if stage.parent.is_some() || reference == from.image.value {
        return None;
    }
    Some(Fix {
        title: text! {
            en: "install the modules on `{reference}`",
            ja: "`{reference}` でモジュールをインストールする",
            reference: &reference,
        },
        tradeoff: text! {
            en: "packages that are compiled during the installation need compilers there",
            ja: "インストール時にコンパイルされるパッケージには、そこでもコンパイラーが必要です",
        },
        edits: vec![mend::replace(&build.dockerfile, from.image.span, reference)],
    })
}

/// Points at what brings the modules: the interpreter is not to blame.
pub(super) fn point_at(found: &mut Diagnostic, launch: &Launch<'_>, from: &Provenance) {
    let Some(build) = launch.build else { return };
    if let Some(at) = start::places(from).into_iter().find(|at| at.path == build.dockerfile.path) {
        found.at = at.clone();
    }
}

pub(super) fn install_here() -> Fix {
    start::advice(
        text! {
            en: "install the modules in the image that loads them, or in one of the same distribution",
            ja: "モジュールを読み込むイメージ自体か、同じディストリビューションのイメージでインストールする",
        },
        text! {
            en: "compilers may be needed there; a build stage keeps them out of the image",
            ja: "コンパイラーが必要になることがあります。ビルドステージを使えば最終イメージには残りません",
        },
    )
}

fn loads(directory: &str, package: &str) -> Text {
    text! {
        en: "`{package}` in `{directory}` has compiled code for another image than this one",
        ja: "`{directory}` の `{package}` に含まれるコンパイル済みコードは、このイメージ用ではありません",
        package: package, directory: directory,
    }
}

fn may_hold(directory: &str) -> Text {
    text! {
        en: "`{directory}` was installed for another image than this one; packages with compiled code would not load",
        ja: "`{directory}` は別のイメージ用にインストールされています。コンパイル済みコードを含むパッケージは読み込めません",
        directory: directory,
    }
}

fn message_of(launch: &Launch<'_>, directory: &str, package: &str, language: Language) -> RuntimeMessage {
    let musl = start::has_libc(launch, LibcFamily::Musl);
    let library = if musl { "ld-linux-x86-64.so.2" } else { "libc.musl-x86_64.so.1" };
    let what = match language {
        Language::Python => "ImportError",
        Language::Ruby => "LoadError",
        _ => "Error",
    };
    let text = match musl {
        true => format!(
            "{what}: Error loading shared library {library}: No such file or directory (needed by {directory}/{package})"
        ),
        false => format!("{what}: {library}: cannot open shared object file: No such file or directory"),
    };
    RuntimeMessage { engine: "the interpreter", text, exit_code: Some(1) }
}

fn is_compiled(package: &Fact<String>) -> Step {
    package.step(text! {
        en: "`{package}` has compiled code",
        ja: "`{package}` にはコンパイル済みのコードが含まれます",
        package: &package.value,
    })
}
