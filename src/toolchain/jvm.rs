//! Maven, Gradle and `javac`: class files run anywhere, but on no older Java than they were compiled for.
//!
//! What decides: the project file's setting for the compiler, else the JDK that compiles.

use std::sync::Arc;

use super::arguments::{Arguments, absolute, program};
use super::modules::bare;
use super::{Failure, FailureKind, Invocation, Outcome, Toolchain, Word};
use crate::fact::{Fact, Provenance, Settler, Step};
use crate::needs::{Language, Made, Modules};
use crate::project::Project;
use crate::project::jvm::{self, Manifest};
use crate::source::Location;
use crate::text;
use crate::tree::{Lookup, normalize};

pub(super) static TOOLCHAIN: Toolchain = Toolchain { language: Language::Java, recognise, run };

/// Goals and tasks that compile; Gradle's may be one of a project inside (`:app:bootJar`).
const COMPILE: [&str; 14] = [
    "compile",
    "package",
    "install",
    "verify",
    "deploy",
    "test",
    "build",
    "assemble",
    "jar",
    "bootJar",
    "shadowJar",
    "war",
    "bootWar",
    "installDist",
];

fn recognise(words: &[Word]) -> bool {
    match program(words).as_str() {
        "javac" => true,
        "mvn" | "mvnw" | "gradle" | "gradlew" => {
            Arguments::of(words).patterns().any(|word| COMPILE.contains(&word.rsplit(':').next().unwrap_or_default()))
        }
        _ => false,
    }
}

fn run(invocation: &Invocation<'_>) -> Outcome {
    match program(invocation.words).as_str() {
        "javac" => compile(invocation),
        _ => build(invocation),
    }
}

/// The JDK's version, where the one in PATH is the image's.
fn jdk(invocation: &Invocation<'_>) -> Option<Fact<u32>> {
    let path = invocation.environment.get("PATH").and_then(|path| path.value().cloned())?;
    let tree = invocation.builder.tree;
    path.split(':').find_map(|directory| match tree.lookup(&normalize(directory, "java")) {
        Lookup::Found { entry, .. } => entry.from.is_of_image().then_some(()),
        _ => None,
    })?;
    let mut tools = invocation.builder.tools.iter().filter(|tool| tool.value.language == Language::Java);
    let tool = tools.next()?;
    if tools.next().is_some() {
        return None;
    }
    let version = tool.value.version.strip_prefix("1.").unwrap_or(&tool.value.version);
    Some(Fact::new(version.split('.').next()?.parse().ok()?, tool.from.clone()))
}

/// `javac -d out Main.java`
fn compile(invocation: &Invocation<'_>) -> Outcome {
    let arguments = Arguments::of(invocation.words);
    let jdk = jdk(invocation);
    let named = arguments.value(&["--release", "-release", "-target", "--target"]);
    let release = match &named {
        Some(word) => word.known().and_then(|text| text.trim_start_matches("1.").parse::<u32>().ok()),
        None => jdk.as_ref().map(|jdk| jdk.value),
    };
    let directory = match arguments.value(&["-d"]) {
        Some(word) => absolute(invocation, &word),
        None => invocation.directory.map(str::to_owned),
    };
    let (Some(release), Some(directory)) = (release, directory) else { return Outcome::default() };
    let here = Provenance::Read(invocation.at.clone());
    let from = match (&named, &jdk) {
        (None, Some(jdk)) => {
            let claim = text! {
                en: "`javac` compiles for its own Java, {version}",
                ja: "`javac` は自身の Java {version} 向けにコンパイルします",
                version: jdk.value,
            };
            Provenance::derived(vec![Step { claim, from: jdk.from.clone() }])
        }
        _ => here.clone(),
    };
    let failure = jdk.filter(|jdk| named.is_some() && jdk.value < release).map(|jdk| too_old(release, &jdk, here));
    let modules = bare(Language::Java, Fact::new(release.to_string(), from));
    Outcome { modules: vec![(directory, Arc::new(modules))], failure, ..Outcome::default() }
}

/// `mvn package`, `gradle build`
fn build(invocation: &Invocation<'_>) -> Outcome {
    let Some(directory) = directory(invocation) else { return Outcome::default() };
    let Some(modules) = built(invocation, &directory) else { return Outcome::default() };
    let manifest = manifests(invocation, &directory);
    let failure = manifest.and_then(|(manifest, at)| {
        let jdk = jdk(invocation)?;
        let release = manifest.release.filter(|release| *release > jdk.value)?;
        let is_refused = !manifest.has_toolchain && !manifest.open && (jdk.value > 8 || !manifest.by_release);
        is_refused.then(|| too_old(release, &jdk, Provenance::Read(at)))
    });
    Outcome { modules: vec![(directory, Arc::new(modules))], failure, ..Outcome::default() }
}

/// The folder of the project: the working directory, unless the command names another.
fn directory(invocation: &Invocation<'_>) -> Option<String> {
    let arguments = Arguments::of(invocation.words);
    let named = match program(invocation.words).starts_with("mvn") {
        true => arguments.value(&["-f", "--file"]),
        false => arguments.value(&["-p", "--project-dir"]),
    };
    match named {
        Some(word) => {
            let path = absolute(invocation, &word)?;
            Some(path.strip_suffix("/pom.xml").map_or(path.clone(), str::to_owned))
        }
        None => invocation.directory.map(str::to_owned),
    }
}

/// What the project's folder holds after a build; `None` when no version is known.
pub(super) fn built(invocation: &Invocation<'_>, directory: &str) -> Option<Modules> {
    let arguments = Arguments::of(invocation.words);
    if ["maven.compiler", "java.version", "Compatibility"].iter().any(|word| arguments.mentions(word)) {
        return None;
    }
    let is_maven = program(invocation.words).starts_with("mvn");
    let file = if is_maven { "pom.xml" } else { "build.gradle" };
    if let Some((manifest, at)) = manifests(invocation, directory) {
        let read = Provenance::Read(at);
        let release = match manifest.release {
            Some(release) if manifest.open => {
                let condition = text! {
                    en: "the parent of `{file}` does not change the version that is compiled for",
                    ja: "`{file}` の親がコンパイル対象のバージョンを変更しない",
                    file: file,
                };
                Fact::new(release, Provenance::assumed(condition, vec![Settler::File(file.to_owned())]))
            }
            Some(release) => Fact::new(release, read.clone()),
            // Maven compiles for Java 8 or older by itself, or for what a parent says.
            None if is_maven => Fact::new(5, read.clone()),
            None => assumed(invocation, file)?,
        };
        let mut modules = bare(Language::Java, release.map(|release| release.to_string()));
        let is_renamed = ["-P", "inalName", "revision", "version="].iter().any(|word| arguments.mentions(word));
        modules.made = manifest.archive.filter(|_| !manifest.open && !is_renamed).map(|archive| {
            let whole = invocation.sources.is_some_and(|sources| sources.project.whole);
            Made { names: vec![Fact::new(archive, read)], others: Vec::new(), whole }
        });
        return Some(modules);
    }
    let release = assumed(invocation, file)?;
    Some(bare(Language::Java, release.map(|release| release.to_string())))
}

fn assumed(invocation: &Invocation<'_>, file: &str) -> Option<Fact<u32>> {
    let jdk = jdk(invocation)?;
    let condition = text! {
        en: "the project compiles for Java {version}, like the JDK of the build",
        ja: "プロジェクトがビルドの JDK と同じ Java {version} 向けにコンパイルする",
        version: jdk.value,
    };
    Some(Fact::new(jdk.value, Provenance::assumed(condition, vec![Settler::File(file.to_owned())])))
}

/// What the project files of a folder tell together: of several modules the oldest Java, since nobody knows which one
/// is started.
fn manifests(invocation: &Invocation<'_>, directory: &str) -> Option<(Manifest, Location)> {
    let sources = invocation.sources?;
    let is_maven = program(invocation.words).starts_with("mvn");
    let names: &[&str] = if is_maven { &["pom.xml"] } else { &["build.gradle", "build.gradle.kts"] };
    // It may be copied by itself.
    let root = names.iter().find_map(|name| sources.context_path(&normalize(directory, name)))?;
    read_all(sources.project, &root)
}

/// What an archive of the context was built for, where the project file that makes it lies beside its folder: `target` of
/// a `pom.xml`, `build/libs` of a `build.gradle`.
#[must_use]
pub fn built_outside(files: &Project, path: &str) -> Option<Modules> {
    let (folder, names): (_, &[&str]) = match format!("/{path}") {
        path if path.contains("/target/") => (path.split_once("/target/")?.0.to_owned(), &["pom.xml"]),
        path if path.contains("/build/libs/") => {
            (path.split_once("/build/libs/")?.0.to_owned(), &["build.gradle", "build.gradle.kts"])
        }
        _ => return None,
    };
    let root = names.iter().map(|name| normalize(&folder, name)).find(|path| files.file(path).is_some())?;
    let (manifest, at) = read_all(files, &root[1..])?;
    let release = manifest.release.filter(|_| !manifest.open)?;
    let claim = text! { en: "the project compiles for Java {release}", ja: "プロジェクトは Java {release} 向けにコンパイルされます", release: release };
    let condition = text! {
        en: "`{path}` is built from this project",
        ja: "`{path}` がこのプロジェクトからビルドされている",
        path: path,
    };
    let settled_by = vec![Settler::File(path.to_owned())];
    let from = Provenance::derived(vec![
        Step { claim, from: Provenance::Read(at) },
        Step { claim: condition.clone(), from: Provenance::assumed(condition, settled_by) },
    ]);
    Some(bare(Language::Java, Fact::new(release.to_string(), from)))
}

/// Why an archive of the context that nobody dropped is most likely not there: the project beside it is called otherwise.
#[must_use]
pub fn named_otherwise(files: &Project, path: &str) -> Option<Provenance> {
    let (folder, file) = path.split_once("build/libs/").filter(|(_, file)| file.ends_with(".jar"))?;
    let read =
        |names: [&str; 2]| names.iter().map(|name| format!("{folder}{name}")).find(|path| files.file(path).is_some());
    let settings = read(["settings.gradle", "settings.gradle.kts"])?;
    let build = read(["build.gradle", "build.gradle.kts"]).and_then(|path| files.text(&path)).unwrap_or_default();
    if !jvm::is_of_another(file, &build, &files.text(&settings)?) {
        return None;
    }
    let claim = text! {
        en: "`{settings}` gives the project another name, which its archives begin with",
        ja: "`{settings}` ではプロジェクトに別の名前が付けられており、アーカイブ名はそれで始まります",
        settings: &settings,
    };
    let condition = text! {
        en: "nothing else puts `{path}` into the folder before the image is built",
        ja: "イメージのビルド前に、ほかの何かが `{path}` をフォルダーに置かない",
        path: path,
    };
    let from = Provenance::Read(Location::file(files.dropped_path(&settings)?));
    let settled_by = vec![Settler::File(path.to_owned())];
    Some(Provenance::derived(vec![
        Step { claim, from },
        Step { claim: condition.clone(), from: Provenance::assumed(condition, settled_by) },
    ]))
}

/// A project file with those of the modules below it.
fn read_all(files: &Project, root: &str) -> Option<(Manifest, Location)> {
    let (folder, file) = root.rsplit_once('/').unwrap_or(("", root));
    let is_maven = file == "pom.xml";
    let names: &[&str] = if is_maven { &["pom.xml"] } else { &["build.gradle", "build.gradle.kts"] };
    let settings = ["settings.gradle", "settings.gradle.kts"];
    let settings = settings.iter().find_map(|name| files.text(&format!("{folder}/{name}"))).unwrap_or_default();
    let read = |path: &str| {
        let text = files.text(path)?;
        Some(if is_maven { jvm::maven(&text) } else { jvm::gradle(&text, &settings) })
    };
    let mut whole = read(root)?;
    let inner = files.paths_below(folder).filter(|path| {
        let name = path.rsplit('/').next().unwrap_or_default();
        names.contains(&name) && **path != *root
    });
    let own = whole.release;
    let mut releases = Vec::new();
    for path in inner.take(200) {
        let Some(module) = read(path) else { continue };
        whole.archive = None;
        releases.push(module.release.or(own));
    }
    if !releases.is_empty() {
        whole.release = releases
            .into_iter()
            .chain([own.or(Some(u32::MAX))])
            .collect::<Option<Vec<_>>>()
            .and_then(|all| all.into_iter().min())
            .filter(|release| *release != u32::MAX);
    }
    let at = files.dropped_path(root)?;
    Some((whole, Location::file(at)))
}

fn too_old(release: u32, jdk: &Fact<u32>, asked: Provenance) -> Failure {
    let claim = text! {
        en: "the project is compiled for Java {release}, and the JDK here is Java {version}",
        ja: "プロジェクトは Java {release} 向けにコンパイルされますが、ここの JDK は Java {version} です",
        release: release,
        version: jdk.value,
    };
    let message = format!("error: invalid target release: {release}\nerror: release version {release} not supported");
    let from = Provenance::derived(vec![
        Step {
            claim: text! { en: "Java {release} is asked for", ja: "Java {release} が指定されています", release: release },
            from: asked,
        },
        Step {
            claim: text! { en: "the JDK is Java {version}", ja: "JDK は Java {version} です", version: jdk.value },
            from: jdk.from.clone(),
        },
    ]);
    Failure { kind: FailureKind::Unsupported, message, claim, from, fixes: Vec::new() }
}
