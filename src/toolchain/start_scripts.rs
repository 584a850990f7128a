//! Start scripts of the JVM's build tools: `gradle installDist` and `sbt stage`.
//!
//! Gradle's is a script for any `sh` (`unixStartScript.txt`), sbt's one for bash unless the project asks for another
//! (sbt-native-packager, `bash-template` and `AshScriptPlugin`), which Alpine's images do not have.

use std::sync::Arc;

use super::arguments::{Arguments, program};
use super::{Folder, Invocation, Outcome, Place, Product, Toolchain, Word};
use crate::fact::{Fact, Provenance, Settler};
use crate::lists::Collect;
use crate::needs::{Language, Needs, ScriptNeeds, Shebang};
use crate::source::Location;
use crate::tree::normalize;

pub(super) static TOOLCHAIN: Toolchain = Toolchain { language: Language::Java, recognise, run };

fn recognise(words: &[Word]) -> bool {
    task(words).is_some()
}

/// The task that makes start scripts, with its project before the last colon.
fn task(words: &[Word]) -> Option<String> {
    let is_task: fn(&str) -> bool = match program(words).as_str() {
        "gradle" | "gradlew" => |word| word.rsplit(':').next() == Some("installDist"),
        "sbt" => |word| matches!(word, "stage" | "universal:stage" | "Universal/stage"),
        _ => return None,
    };
    Arguments::of(words).patterns().find(|word| is_task(word))
}

fn run(invocation: &Invocation<'_>) -> Outcome {
    let (Some(task), Some(directory)) = (task(invocation.words), invocation.directory) else {
        return Outcome::default();
    };
    let read = |names: &[&str]| {
        let sources = invocation.sources?;
        names.iter().find_map(|name| {
            let path = sources.context_path(&normalize(directory, name))?;
            Some((sources.project.text(&path)?, Location::file(sources.project.dropped_path(&path)?)))
        })
    };
    if program(invocation.words) == "sbt" {
        // Which shell it is for, the project alone tells.
        let Some((text, at)) = read(&["build.sbt"]) else { return Outcome::default() };
        let (interpreter, argument) = match text.contains("AshScriptPlugin") {
            true => ("/bin/sh", None),
            false => ("/usr/bin/env", Some("bash")),
        };
        let place = Place::Below { directory: normalize(directory, "target/universal/stage/bin"), likely: None };
        let needs = script(interpreter, argument, Provenance::Read(at));
        return Outcome { products: vec![Product { place, needs, mode: 0o755 }], ..Outcome::default() };
    }
    let project = task.trim_start_matches(':').rsplit_once(':').map(|(project, _)| project.replace(':', "/"));
    // The root project is called as its settings say.
    let settings = read(&["settings.gradle", "settings.gradle.kts"]).filter(|_| project.is_none());
    let name = settings.and_then(|(text, _)| {
        let (_, rest) = text.split_once("rootProject.name")?;
        let quoted = rest.trim_start().strip_prefix('=')?.trim_start();
        let quote = quoted.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        Some(quoted[1..].split_once(quote)?.0.to_owned())
    });
    let parent = normalize(directory, &format!("./{}/build/install", project.unwrap_or_default()));
    let needs = script("/bin/sh", None, Provenance::Read(invocation.at.clone()));
    let settled_by = vec![Settler::File("settings.gradle".into())];
    let files = vec![("bin/{name}".to_owned(), needs, 0o755)];
    let modules = super::jvm::built(invocation, directory);
    let modules = modules.map(|modules| (directory.to_owned(), Arc::new(modules))).into_iter().collect_vec();
    let folders = vec![Folder { parent, name, files, programs: None, settled_by }];
    Outcome { folders, modules, ..Outcome::default() }
}

fn script(interpreter: &str, argument: Option<&str>, from: Provenance) -> Needs {
    let shebang = Shebang { interpreter: interpreter.to_owned(), argument: argument.map(str::to_owned) };
    Needs::Script(ScriptNeeds { shebang: Fact::new(Some(shebang), from), preceded_by: None, text: None })
}
