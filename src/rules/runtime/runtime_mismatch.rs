//! # The runtime is of another version
//!
//! The program, or what was installed for it, asks for a version or a part of its runtime (.NET, Java, Python, Node) that the image does not have.
//!
//! ## What happens
//!
//! ```text
//! You must install or update .NET to run this application.
//! Framework: 'Microsoft.NETCore.App', version '8.0.0' (x64)
//! ModuleNotFoundError: No module named 'flask'
//! Error: The module was compiled against a different Node.js version using NODE_MODULE_VERSION 115.
//! java.lang.UnsupportedClassVersionError: com/example/Main has been compiled by a more recent version of the Java Runtime
//! ```
//!
//! ## Why
//!
//! A .NET program that does not carry its runtime starts with the same major version only, and one for the web (ASP.NET Core) needs a shared framework that the images called `runtime` lack.
//! Commands like `dotnet run` belong to the SDK, which the images for running programs do not have.
//! A JVM reads class files up to its own version: what was compiled for Java 17 does not start on 11.
//! Python looks for packages in a directory named after its own version, `lib/python3.12/site-packages`, so packages that were installed by 3.12 do not exist for 3.11.
//! Compiled modules of Node are bound to one major version.
//!
//! ## Example
//!
//! ```dockerfile,fails
//! FROM python:3.12-slim AS build
//! RUN pip install gunicorn
//! FROM python:3.11-slim
//! COPY --from=build /usr/local/lib/python3.12/site-packages /usr/local/lib/python3.12/site-packages
//! CMD ["python", "-m", "gunicorn", "app:app"]
//! ```
//!
//! ```dockerfile,starts
//! FROM python:3.12-slim AS build
//! RUN pip install gunicorn
//! FROM python:3.12-slim
//! COPY --from=build /usr/local/lib/python3.12/site-packages /usr/local/lib/python3.12/site-packages
//! CMD ["python", "-m", "gunicorn", "app:app"]
//! ```
//!
//! ```dockerfile,fails
//! FROM eclipse-temurin:21-jdk AS build
//! WORKDIR /src
//! COPY Main.java .
//! RUN javac -d /out Main.java
//! FROM eclipse-temurin:17-jre
//! COPY --from=build /out /app
//! CMD ["java", "-cp", "/app", "Main"]
//! ```
//!
//! ```dockerfile,starts
//! FROM eclipse-temurin:21-jdk AS build
//! WORKDIR /src
//! COPY Main.java .
//! RUN javac --release 17 -d /out Main.java
//! FROM eclipse-temurin:17-jre
//! COPY --from=build /out /app
//! CMD ["java", "-cp", "/app", "Main"]
//! ```
//!
//! ## What to do
//!
//! 1. Use the same version in both stages. A global `ARG PYTHON=3.12` before the first `FROM` keeps them together.
//! 2. For .NET, publish self-contained. The image needs no runtime then, and the program grows by 60 MB or more.
//! 3. For ASP.NET Core, start from `aspnet` instead of `runtime`. The image grows by about 20 MB.
//! 4. Publish in a stage with the SDK, and start the published DLL instead of `dotnet run`.
//!
//! ## When this is wrong
//!
//! .NET can be told to take a newer major version (`DOTNET_ROLL_FORWARD=Major`).
//!
//! ## References
//!
//! - .NET documentation: version selection, roll forward; dotnet/runtime, `fx_muxer.cpp` and `fx_resolver.cpp`
//! - Java Virtual Machine Specification, 4.1 (versions of class files)
//! - Python documentation: `site`; Node documentation: ABI stability

use super::{class_version, dotnet};
use crate::diagnostic::{Diagnostic, Effect, RuntimeMessage};
use crate::fact::Fact;
use crate::fix::Fix;
use crate::image::Tool;
use crate::launch::{Launch, Purpose};
use crate::lists::Collect;
use crate::needs::{Language, Modules};
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, lookup, mend, place};
use crate::source::Location;
use crate::text;
use crate::text::Template;

pub(super) static RULE: Rule = Rule {
    name: "runtime-mismatch",
    moment: Moment::Runtime,
    summary: Template {
        en: "a program without its runtime, or with another version of it",
        ja: "プログラムのランタイムがないか、バージョンが異なります",
    },
    symptoms: &[
        Symptom { pattern: "You must install or update .NET to run this application", speaker: ".NET" },
        Symptom {
            pattern: "A fatal error occurred. The required library libhostfxr.so could not be found",
            speaker: ".NET",
        },
        Symptom { pattern: "The framework 'Microsoft.{}', version '{}' was not found", speaker: ".NET" },
        Symptom { pattern: "Did you mean to run {}.NET {}SDK commands?", speaker: ".NET" },
        Symptom { pattern: "Did you mean to run dotnet SDK commands?", speaker: ".NET" },
        Symptom { pattern: "No .NET SDKs were found", speaker: ".NET" },
        Symptom { pattern: "UnsupportedClassVersionError", speaker: "Java" },
        Symptom { pattern: "has been compiled by a more recent version of the Java Runtime", speaker: "Java" },
        Symptom { pattern: "ModuleNotFoundError: No module named {}", speaker: "Python" },
        Symptom { pattern: "was compiled against a different Node.js version", speaker: "Node.js" },
    ],
    check: Check::Launch(check),
};

fn check(launch: &Launch<'_>) -> Outcome {
    if launch.purpose != Purpose::Start || launch.found().is_none() {
        return Outcome::Inapplicable;
    }
    let tree = &launch.image.tree;
    let other = dotnet::without_sdk(launch)
        .or_else(|| dotnet::without_framework(launch))
        .or_else(|| class_version::too_new(launch));
    if let Some(found) = other {
        return Outcome::Fail(Box::new(found));
    }
    let mismatch = tree.modules_below("/").find_map(|(directory, modules)| {
        let wanted = modules.runtime.as_ref()?;
        let tool = launch.image.tools.iter().rev().find(|tool| tool.value.language == modules.language)?;
        let concerned = match modules.language {
            // Packages of Python belong to the interpreter of their directory's version.
            Language::Python => directory.contains("/python") && is_python(launch),
            // Pure JavaScript does not mind.
            Language::Node => !modules.native.is_empty() && is_near(launch, directory),
            Language::DotNet => dotnet::runs_from(launch, directory) && !dotnet::may_roll_forward(launch, modules),
            _ => false,
        };
        (concerned && !fits(modules.language, &wanted.value, &tool.value.version))
            .then_some((directory, modules, wanted, tool))
    });
    let Some((directory, modules, wanted, tool)) = mismatch else { return Outcome::Inapplicable };
    Outcome::Fail(Box::new(report(launch, directory, modules, wanted, tool)))
}

/// Whether Python itself, or a script of its, is started.
fn is_python(launch: &Launch<'_>) -> bool {
    let interpreter = match launch.found().map(|found| &found.needs) {
        Some(crate::needs::Needs::Script(script)) => script
            .shebang
            .value
            .as_ref()
            .map(|shebang| format!("{} {}", shebang.interpreter, shebang.argument.as_deref().unwrap_or_default())),
        _ => None,
    };
    launch.name().contains("python") || interpreter.is_some_and(|interpreter| interpreter.contains("python"))
}

/// Whether modules lie where the program works or is.
fn is_near(launch: &Launch<'_>, directory: &str) -> bool {
    let parent = |path: &str| path.rsplit_once('/').map(|(parent, _)| parent.to_owned()).unwrap_or_default();
    let within = |root: &str| root.len() > 1 && directory.starts_with(root);
    within(&launch.working_directory) || launch.found().is_some_and(|found| within(&parent(&found.real_path)))
}

/// Whether a runtime of version `has` serves what was made for `wanted`; a version that is not known may.
fn fits(language: Language, wanted: &str, has: &str) -> bool {
    let part = |version: &str, n: usize| version.split('.').nth(n).and_then(|part| part.parse::<u32>().ok());
    let (Some(wanted_major), Some(major)) = (part(wanted, 0), part(has, 0)) else { return true };
    if wanted_major != major {
        return false;
    }
    match (language, part(wanted, 1), part(has, 1)) {
        (Language::Python, Some(wanted), Some(has)) => wanted == has,
        // A newer minor version takes over; an older one does not.
        (Language::DotNet, Some(wanted), Some(has)) => wanted <= has,
        _ => true,
    }
}

fn name(language: Language) -> &'static str {
    match language {
        Language::DotNet => ".NET",
        Language::Node => "Node.js",
        _ => "Python",
    }
}

fn report(
    launch: &Launch<'_>,
    directory: &str,
    modules: &Modules,
    wanted: &Fact<String>,
    tool: &Fact<Tool>,
) -> Diagnostic {
    let (runtime, image) = (name(modules.language), &launch.image.reference);
    let (has, wants) = (&tool.value.version, &wanted.value);
    let message = text! {
        en: "`{directory}` was made for {runtime} {wants}, and `{image}` has {runtime} {has}",
        ja: "`{directory}` は {runtime} {wants} 向けですが、`{image}` にあるのは {runtime} {has} です",
        directory: directory, runtime: runtime, wants: wants, image: image, has: has,
    };
    let mut found = Diagnostic::new(RULE.name, place::of(launch), Effect::StartFails, message);
    found.evidence.push(lookup::executes(launch));
    let claim = text! { en: "`{directory}` is for {runtime} {wants}", ja: "`{directory}` は {runtime} {wants} 用です", directory: directory, runtime: runtime, wants: wants };
    found.evidence.push(wanted.step(claim));
    let claim = text! { en: "`{image}` has {runtime} {has}", ja: "`{image}` にあるのは {runtime} {has} です", image: image, runtime: runtime, has: has };
    found.evidence.push(tool.step(claim));
    let (text, code) = match modules.language {
        Language::DotNet => (
            format!(
                "You must install or update .NET to run this application.\nFramework: 'Microsoft.NETCore.App', version '{wants}.0'"
            ),
            Some(150),
        ),
        Language::Node => ("Error: The module was compiled against a different Node.js version".to_owned(), Some(1)),
        _ => ("ModuleNotFoundError: No module named …".to_owned(), Some(1)),
    };
    found.runtime_messages.push(RuntimeMessage { engine: runtime, text, exit_code: code });
    found.fixes.extend(same_version(launch, wants, has));
    found
}

/// The version that was installed for, in the final stage's FROM.
pub(super) fn same_version(launch: &Launch<'_>, wants: &str, has: &str) -> Option<Fix> {
    let build = launch.build?;
    let stage = build.stages.get(launch.stage?)?;
    let from = place::instruction(build, &Location::new(&build.dockerfile.path, stage.span))?;
    let crate::dockerfile::Kind::From(source) = &from.kind else { return None };
    let reference = &source.image.value;
    let (repository, tag) = reference.rsplit_once(':')?;
    let short = |version: &str, like: &str| version.split('.').take(like.split('.').count()).collect_vec().join(".");
    // The tag starts with the version, as far as it was given.
    let given: String = tag.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    if given.is_empty() || !has.starts_with(short(&given, has).as_str()) {
        return None;
    }
    let new = format!("{repository}:{}{}", short(wants, &given), &tag[given.len()..]);
    Some(Fix {
        title: text! { en: "start from `{new}`", ja: "`{new}` をベースにする", new: &new },
        tradeoff: text! { en: "the image follows the version of the build stage", ja: "イメージのバージョンをビルドステージに合わせることになります" },
        edits: vec![mend::replace(&build.dockerfile, source.image.span, new)],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_fit_as_each_runtime_says() {
        for (language, wanted, has, expected) in [
            (Language::Python, "3.12", "3.12.4", true),
            (Language::Python, "3.12", "3.11", false),
            (Language::Python, "3.12", "3", true),
            (Language::DotNet, "8.0", "8.0.5", true),
            (Language::DotNet, "6.0", "8.0", false),
            (Language::DotNet, "3.0", "3.1", true),
            (Language::Node, "20", "22", false),
            (Language::Node, "20", "", true),
        ] {
            assert_eq!(fits(language, wanted, has), expected, "{language:?} {wanted} on {has}");
        }
    }
}
