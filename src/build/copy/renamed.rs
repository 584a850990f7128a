//! What a build leaves under another name than the one that COPY asks for.

use super::{Copier, Given};
use crate::dockerfile::Kind;
use crate::fact::{Provenance, Settler, Step};
use crate::lists::Collect;
use crate::needs::Language;
use crate::source::Span;
use crate::text;

impl Copier<'_, '_> {
    /// An archive that a build of Java makes in that folder under another name: its path, and why.
    pub(super) fn other_archive(&self, given: &Given, path: &str) -> Option<(String, Provenance)> {
        let (directory, file) = path.rsplit_once('/')?;
        let project = directory.strip_suffix("/target").or_else(|| directory.strip_suffix("/build/libs"))?;
        let (_, modules) = given.tree.modules_below(project).find(|(at, _)| ***at == *project)?;
        let made = modules.made.as_ref().filter(|_| modules.language == Language::Java)?;
        let is_archive = file.ends_with(".jar") || file.ends_with(".war");
        if !is_archive || made.may_be(file) {
            return None;
        }
        let dockerfile = &self.executor.dockerfile;
        let runs = || dockerfile.instructions.iter().filter(|one| matches!(one.kind, Kind::Run(_)));
        let text = |span: Span| span.of(&dockerfile.text);
        // A command that writes this name may make the file.
        let may_rename =
            |text: &str| text.contains(file) || ["versions:set", "sed "].iter().any(|word| text.contains(word));
        if runs().any(|run| may_rename(text(run.span))) {
            return None;
        }
        let covers = |below: &str| {
            path.strip_prefix(below.trim_end_matches('/')).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let mut from_context = false;
        for gap in given.tree.gaps().filter(|gap| covers(&gap.below)) {
            let by =
                runs().find(|run| gap.need.at.as_ref().is_some_and(|at| run.span.contains(at.span.start as usize)));
            from_context |= gap.context.is_some();
            if gap.context.is_none()
                && !by.is_some_and(|run| ["mvn", "gradle"].iter().any(|tool| text(run.span).contains(tool)))
            {
                return None;
            }
        }
        let name = made.names.first()?;
        let claim = text! {
            en: "the project's archive is called `{name}`",
            ja: "プロジェクトのアーカイブ名は `{name}` です",
            name: &name.value,
        };
        let mut steps = vec![name.step(claim)];
        if from_context {
            let condition = text! {
                en: "the build context holds no `{file}`",
                ja: "ビルドコンテキストに `{file}` がない",
                file: file,
            };
            let from = Provenance::assumed(condition.clone(), vec![Settler::ProjectFolder]);
            steps.push(Step { claim: condition, from });
        }
        Some((format!("{directory}/{}", name.value), Provenance::derived(steps)))
    }
}

/// A directory for another version of Python than the stage's own, which installs into its own version's only: where
/// its packages lie, and why.
pub(super) fn python(given: &Given, path: &str) -> Option<(String, Provenance)> {
    let (before, rest) = path.split_once("/lib/python")?;
    let (version, below) = rest.split_once('/')?;
    if !matches!(before, "/usr/local" | "/root/.local" | "/install") || !below.starts_with("site-packages") {
        return None;
    }
    let python = given.tools.iter().filter(|tool| tool.value.language == Language::Python);
    let mut versions = python.map(|tool| {
        let minor: Vec<&str> = tool.value.version.splitn(3, '.').take(2).collect_vec();
        (minor.join("."), tool)
    });
    let (own, tool) = versions.next()?;
    // Two interpreters, or one whose version is not known, may have both.
    if versions.next().is_some() || !own.contains('.') || own == version || version.is_empty() {
        return None;
    }
    let claim = text! {
        en: "the stage has Python {own}, which installs into `{before}/lib/python{own}`",
        ja: "ステージの Python は {own} で、`{before}/lib/python{own}` にインストールします",
        own: &own, before: before,
    };
    let right = format!("{before}/lib/python{own}/{below}");
    Some((right.trim_end_matches('/').to_owned(), Provenance::derived(vec![tool.step(claim)])))
}
