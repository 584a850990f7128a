//! Class files of a newer Java than the JVM's.

use crate::diagnostic::{Diagnostic, Effect, RuntimeMessage};
use crate::fact::Fact;
use crate::image::Tool;
use crate::launch::Launch;
use crate::lists::Collect;
use crate::needs::{Language, Modules};
use crate::rules::{lookup, place};
use crate::text;

use super::runtime_mismatch::{RULE, same_version};

/// `17` of `17.0.2`, `8` of `1.8.0`.
fn major(version: &str) -> Option<u32> {
    let mut parts = version.split(['.', '_', '-', '+']);
    let first = parts.next()?.parse().ok()?;
    if first == 1 { parts.next()?.parse().ok() } else { Some(first) }
}

/// A program that was compiled for a newer Java than the image's (JVMS 4.1; `ClassFileParser::verify_class_version`).
pub(super) fn too_new(launch: &Launch<'_>) -> Option<Diagnostic> {
    let java = launch.found().filter(|found| found.path.ends_with("/java"))?;
    // A JVM that was copied or unpacked has a version of its own.
    if !java.entry.from.is_of_image() {
        return None;
    }
    let tools: Vec<&Fact<Tool>> =
        launch.image.tools.iter().filter(|tool| tool.value.language == Language::Java).collect_vec();
    // Of several, nobody says which it is.
    let versions: Option<Vec<u32>> = tools.iter().map(|tool| major(&tool.value.version)).collect();
    let has = versions?.into_iter().max()?;
    let tool = tools.last()?;
    let (path, wanted) = launch.given.iter().find_map(|path| {
        let wanted = built_for(launch, path)?.runtime.as_ref()?;
        major(&wanted.value).is_some_and(|wanted| wanted > has).then_some((path, wanted))
    })?;
    let (image, wants) = (&launch.image.reference, &wanted.value);
    let message = text! {
        en: "`{path}` was compiled for Java {wants}, and `{image}` has Java {has}",
        ja: "`{path}` は Java {wants} 向けにコンパイルされますが、`{image}` にあるのは Java {has} です",
        path: path, wants: wants, image: image, has: has.to_string(),
    };
    let mut found = Diagnostic::new(RULE.name, place::of(launch), Effect::StartFails, message);
    found.evidence.push(lookup::executes(launch));
    let claim =
        text! { en: "`{path}` is for Java {wants}", ja: "`{path}` は Java {wants} 用です", path: path, wants: wants };
    found.evidence.push(wanted.step(claim));
    let claim = text! { en: "`{image}` has Java {has}", ja: "`{image}` にあるのは Java {has} です", image: image, has: has.to_string() };
    found.evidence.push(tool.step(claim));
    // Version 52 is Java 8.
    let number = |java: u32| java + 44;
    let (of_class, of_runtime) = (number(major(wants)?), number(has));
    found.runtime_messages.push(RuntimeMessage {
        engine: "Java",
        text: format!(
            "java.lang.UnsupportedClassVersionError: … has been compiled by a more recent version of the Java Runtime (class file version {of_class}.0), this version of the Java Runtime only recognizes class file versions up to {of_runtime}.0"
        ),
        exit_code: Some(1),
    });
    found.fixes.extend(same_version(launch, wants, &tool.value.version));
    Some(found)
}

/// What a file, or the directory that it lies in, was built for.
fn built_for<'l>(launch: &'l Launch<'_>, path: &str) -> Option<&'l Modules> {
    let tree = &launch.image.tree;
    let parents = path.match_indices('/').filter(|(at, _)| *at > 0).map(|(at, _)| &path[..at]);
    std::iter::once(path).chain(parents.rev()).find_map(|place| {
        let found = tree.modules_below(place).find(|(at, _)| ***at == *place);
        found.map(|(_, modules)| &**modules).filter(|modules| modules.language == Language::Java)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_java() {
        for (version, expected) in
            [("17.0.2", Some(17)), ("1.8.0", Some(8)), ("8u292", None), ("21", Some(21)), ("", None)]
        {
            assert_eq!(major(version), expected, "{version}");
        }
    }
}
