//! What a runtime is given, where a build makes it under another name: the assembly of a project, the archive of a pom.

use crate::build::near;
use crate::diagnostic::{Diagnostic, Effect};
use crate::fact::{Provenance, Settler, Step};
use crate::launch::{Launch, Operand};
use crate::needs::{Language, Made};
use crate::rules::{lookup, place};
use crate::text;
use crate::tree::Lookup;

use super::program_missing::{RULE, said_by, use_path};

/// A file that nobody has seen, in a directory of which a build is known to make another.
pub(super) fn program(launch: &Launch<'_>, operand: &Operand) -> Option<Diagnostic> {
    let runtime = launch.name().rsplit('/').next().unwrap_or_default();
    let Operand { name, path, .. } = operand;
    let (directory, file) = path.rsplit_once('/')?;
    let (stem, ending) = file.rsplit_once('.')?;
    let made = made_in(launch, directory).filter(|made| made.names.iter().all(|name| name.value.ends_with(ending)))?;
    if made.may_be(file) || is_mentioned(launch, stem) {
        return None;
    }
    let near = made.names.iter().find(|name| near::is_near(&name.value, file));
    let surely = made.whole && settled_by_build(launch, path);
    // Where the project file was not seen, a name that is like another is a slip, and any other may be its own.
    let right = near.or_else(|| made.names.first().filter(|name| name.from.conditions().is_empty()))?;
    let message = text! {
        en: "`{runtime}` is told to run `{path}`; the build makes `{right}`",
        ja: "`{runtime}` は `{path}` を実行しようとしますが、ビルドで作られるのは `{right}` です",
        runtime: runtime, path: path, right: &right.value,
    };
    let mut found = Diagnostic::new(RULE.name, place::of(launch), Effect::StartFails, message);
    found.evidence.push(lookup::executes(launch));
    found.evidence.extend(lookup::resolved(launch, name, path));
    let claim = text! {
        en: "the project's program is called `{right}`",
        ja: "プロジェクトのプログラム名は `{right}` です",
        right: &right.value,
    };
    found.evidence.push(right.step(claim));
    let claim = text! { en: "nothing else makes `{file}`", ja: "`{file}` を作るものはほかにありません", file: file };
    let from = match surely {
        true => Provenance::Always,
        false => {
            let condition = text! {
                en: "no other part of the sources makes `{file}`",
                ja: "ソースのほかの部分が `{file}` を作らない",
                file: file,
            };
            Provenance::assumed(condition, vec![Settler::ProjectFolder])
        }
    };
    found.evidence.push(Step { claim, from });
    found.runtime_messages.push(said_by(runtime, name, path));
    let right = match name.rsplit_once('/') {
        Some((parent, _)) => format!("{parent}/{}", right.value),
        None => right.value.clone(),
    };
    found.fixes.extend(use_path(launch, name, &right));
    Some(found)
}

/// What a build leaves in a directory.
fn made_in<'l>(launch: &'l Launch<'_>, directory: &str) -> Option<&'l Made> {
    launch.image.tree.modules_below("/").find_map(|(at, modules)| {
        let is_output = match modules.language {
            Language::DotNet => **at == *directory,
            Language::Java => {
                directory.strip_suffix("/target").or(directory.strip_suffix("/build/libs")) == Some(&**at)
            }
            _ => false,
        };
        modules.made.as_ref().filter(|_| is_output)
    })
}

/// Whether another instruction writes that name: it may well make the file.
fn is_mentioned(launch: &Launch<'_>, stem: &str) -> bool {
    let Some(build) = launch.build else { return false };
    let text = &*build.dockerfile.text;
    let own = launch.at.as_ref().map_or(0..0, |at| at.span.start as usize..at.span.end as usize);
    text.match_indices(stem).any(|(at, _)| {
        let (before, after) = (text[..at].chars().next_back(), &text[at + stem.len()..]);
        let is_end = |c: char| !c.is_alphanumeric() && c != '_';
        // A folder may be called so.
        let is_file = before == Some('=') || after.starts_with(".dll") || after.starts_with(".jar");
        !own.contains(&at) && is_file && before.is_none_or(is_end) && after.chars().next().is_none_or(is_end)
    })
}

/// Whether all that nobody knows of a path comes from the build's own commands.
fn settled_by_build(launch: &Launch<'_>, path: &str) -> bool {
    let Lookup::Unknown(_) = launch.image.tree.lookup(path) else { return false };
    let covers = |below: &str| path.strip_prefix(below.trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/'));
    launch.image.tree.gaps().filter(|gap| covers(&gap.below)).all(|gap| {
        // An image for running programs brings none of somebody's.
        let by_image = gap.need.settled_by.iter().all(|settler| matches!(settler, Settler::Image(_)));
        let Some((build, at)) = launch.build.zip(gap.need.at.as_ref()) else { return by_image };
        let Some(instruction) = place::instruction(build, at) else { return false };
        let text = instruction.span.of(&build.dockerfile.text);
        ["dotnet ", "mvn", "gradle"].iter().any(|tool| text.contains(tool))
    })
}
