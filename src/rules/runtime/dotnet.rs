//! What .NET's host looks for: the SDK, shared frameworks, and a version that it may take.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Effect, RuntimeMessage};
use crate::fact::{Provenance, Step};
use crate::fix::Fix;
use crate::launch::Launch;
use crate::needs::{DOTNET_SDK_COMMANDS, Modules};
use crate::rules::{lookup, mend, place};
use crate::source::Location;
use crate::text;
use crate::text::Text;
use crate::tree::{Lookup, Node, normalize};

use super::runtime_mismatch::RULE;

/// Whether the program is one of this directory: the assembly that `dotnet` is given, or its own launcher.
pub(super) fn runs_from(launch: &Launch<'_>, directory: &str) -> bool {
    let lies_there = |path: &str| path.rsplit_once('/').is_some_and(|(parent, _)| parent == directory);
    launch.given.iter().any(|path| lies_there(path)) || launch.found().is_some_and(|found| lies_there(&found.real_path))
}

/// The directory of the host, with `shared` and `sdk` in it.
fn root(launch: &Launch<'_>) -> Option<String> {
    let (root, name) = launch.found()?.real_path.rsplit_once('/')?;
    // A launcher of its own looks in `/etc/dotnet/install_location`, which names this.
    Some(if name == "dotnet" { root.to_owned() } else { "/usr/share/dotnet".to_owned() })
}

/// What says that the image has no more of .NET than its record lists.
fn absence(launch: &Launch<'_>) -> Provenance {
    let host = launch.found().filter(|found| found.entry.from.is_of_image());
    host.map_or_else(|| lookup::absence(launch), |host| host.entry.from.clone())
}

/// Whether something may be there. Packages of a distribution that are not known bring no part of .NET unless their
/// names say so.
fn may_have(launch: &Launch<'_>, path: &str) -> bool {
    let need = match launch.image.tree.lookup(path) {
        Lookup::Found { .. } => return true,
        Lookup::Missing { .. } => return false,
        Lookup::Unknown(need) => need,
    };
    let instruction = launch
        .build
        .zip(need.at.as_ref())
        .and_then(|(build, at)| Some(place::instruction(build, at)?.span.of(&build.dockerfile.text)));
    let Some(text) = instruction else { return true };
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    has(&["dotnet", "microsoft", "aspnet", "curl", "wget", ".sh"]) || !has(&["apt-get", "apk ", "apt ", "yum", "dnf"])
}

/// `dotnet run` and its kin, which the runtime does not know.
pub(super) fn without_sdk(launch: &Launch<'_>) -> Option<Diagnostic> {
    let root = root(launch).filter(|_| launch.name().ends_with("/dotnet"))?;
    let command = launch.argv.get(1)?.known()?;
    // A file of that name is started like any other.
    let file = normalize(&launch.working_directory, &command);
    if matches!(launch.image.tree.lookup(&file), Lookup::Found { entry, .. } if entry.node != Node::Directory) {
        return None;
    }
    if !DOTNET_SDK_COMMANDS.contains(&command.as_ref()) || may_have(launch, &format!("{root}/sdk")) {
        return None;
    }
    let (command, image) = (&*command, &launch.image.reference);
    let message = text! {
        en: "`dotnet {command}` needs the SDK, which `{image}` does not have",
        ja: "`dotnet {command}` には SDK が必要ですが、`{image}` にはありません",
        command: command, image: image,
    };
    let mut found = Diagnostic::new(RULE.name, place::of(launch), Effect::StartFails, message);
    found.evidence.push(lookup::executes(launch));
    let claim = text! {
        en: "`{command}` is a command of the .NET SDK",
        ja: "`{command}` は .NET SDK のコマンドです",
        command: command,
    };
    found.evidence.push(Step { claim, from: Provenance::Always });
    let claim = text! {
        en: "`{image}` has the runtime alone",
        ja: "`{image}` にあるのはランタイムだけです",
        image: image,
    };
    found.evidence.push(Step { claim, from: absence(launch) });
    found.runtime_messages.push(RuntimeMessage {
        engine: ".NET",
        text: format!(
            "The command could not be loaded, possibly because:\n  * You intended to execute a .NET application:\n      The application '{command}' does not exist.\n  * You intended to execute a .NET SDK command:\n      No .NET SDKs were found."
        ),
        exit_code: Some(145),
    });
    found.fixes.extend(sibling(
        launch,
        &[("/runtime:", "/sdk:"), ("/aspnet:", "/sdk:")],
        text! { en: "the image grows by several hundred MB", ja: "イメージが数百 MB 大きくなります" },
    ));
    Some(found)
}

/// A program for the web on a runtime that has .NET alone.
pub(super) fn without_framework(launch: &Launch<'_>) -> Option<Diagnostic> {
    let root = root(launch)?;
    let near = |(directory, _): &(&Arc<str>, &Arc<Modules>)| runs_from(launch, directory);
    let mut asked = launch.image.tree.modules_below("/").filter(near);
    let (directory, framework) = asked.find_map(|(directory, modules)| {
        let lacks = |name: &str| !may_have(launch, &format!("{root}/shared/{name}"));
        Some((directory, modules.frameworks.iter().find(|framework| lacks(&framework.value))?))
    })?;
    let (name, image) = (&framework.value, &launch.image.reference);
    let message = text! {
        en: "`{directory}` needs the framework `{framework}`, which `{image}` does not have",
        ja: "`{directory}` はフレームワーク `{framework}` を必要としますが、`{image}` にはありません",
        directory: directory, framework: name, image: image,
    };
    let mut found = Diagnostic::new(RULE.name, place::of(launch), Effect::StartFails, message);
    found.evidence.push(lookup::executes(launch));
    let is_web = name.starts_with("Microsoft.AspNetCore");
    let claim = match is_web {
        true => {
            text! { en: "the project is one for the web (ASP.NET Core)", ja: "プロジェクトは Web 用（ASP.NET Core）です" }
        }
        false => text! { en: "the program asks for `{name}`", ja: "プログラムは `{name}` を要求します", name: name },
    };
    found.evidence.push(framework.step(claim));
    let claim = text! { en: "`{image}` has .NET without `{name}`", ja: "`{image}` にあるのは `{name}` を含まない .NET です", image: image, name: name };
    found.evidence.push(Step { claim, from: absence(launch) });
    found.runtime_messages.push(RuntimeMessage {
        engine: ".NET",
        text: format!("You must install or update .NET to run this application.\nFramework: '{name}'"),
        exit_code: Some(150),
    });
    let siblings = [("/runtime:", "/aspnet:"), ("-runtime", "-aspnetcore-runtime")];
    let tradeoff = text! { en: "the image grows by about 20 MB", ja: "イメージが約 20 MB 大きくなります" };
    found.fixes.extend(sibling(launch, &siblings, tradeoff).filter(|_| is_web));
    Some(found)
}

/// A sibling of the stage's image, by what is changed in its name.
fn sibling(launch: &Launch<'_>, changes: &[(&str, &str)], tradeoff: Text) -> Option<Fix> {
    let build = launch.build?;
    let stage = build.stages.get(launch.stage?)?;
    let from = place::instruction(build, &Location::new(&build.dockerfile.path, stage.span))?;
    let crate::dockerfile::Kind::From(source) = &from.kind else { return None };
    let image = &source.image.value;
    let (old, new) = changes.iter().find(|(old, _)| image.contains(old))?;
    let new = image.replacen(old, new, 1);
    Some(Fix {
        title: text! { en: "start from `{new}`", ja: "`{new}` をベースにする", new: &new },
        tradeoff,
        edits: vec![mend::replace(&build.dockerfile, source.image.span, new)],
    })
}

/// Whether another version than the one asked for may be taken, or the one asked for may be there after all.
///
/// The policy is the command line's, the environment's, the configuration's, in this order; `Minor` keeps to the major
/// version (learn.microsoft.com, "Control roll-forward behavior").
pub(super) fn may_roll_forward(launch: &Launch<'_>, modules: &Modules) -> bool {
    let crosses = |policy: &str| policy.eq_ignore_ascii_case("Major") || policy.eq_ignore_ascii_case("LatestMajor");
    let asked = |name: &str| launch.argv.iter().any(|word| word.pattern().starts_with(name));
    if asked("--roll-forward") || asked("--fx-version") || asked("--runtimeconfig") {
        return true;
    }
    // 2.x calls it otherwise.
    if launch.environment.get("DOTNET_ROLL_FORWARD_ON_NO_CANDIDATE_FX").is_some() {
        return true;
    }
    if let Some(policy) = launch.environment.get("DOTNET_ROLL_FORWARD") {
        return policy.value().is_none_or(|policy| crosses(policy));
    }
    if modules.roll_forward.as_deref().is_some_and(crosses) {
        return true;
    }
    let wanted = modules.runtime.as_ref().map_or("", |wanted| &wanted.value);
    root(launch).is_some_and(|root| may_have(launch, &format!("{root}/shared/Microsoft.NETCore.App/{wanted}.0")))
}
