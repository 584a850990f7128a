//! Images and other archives that were dropped: how an image starts by itself, and what is said of those not used.

use crate::lists::Collect;
use std::sync::Arc;

use super::{Dropped, Part};
use crate::analysis::Analysis;
use crate::archive::{Archive, Archived, Kind};
use crate::launch;
use crate::options::Options;
use crate::platform::Platform;
use crate::rules::run::Findings;
use crate::text;
use crate::text::Text;
use crate::verdict::Verdict;

/// A folder may hold hundreds of archives; so many are opened.
pub(super) const MOST_ARCHIVES: usize = 24;

/// Of the images in an archive those for the target platform, else the first: an image says itself what it is for.
fn wanted<'a>(archive: &'a Archive, platform: &Platform) -> Vec<&'a Archived> {
    let fitting: Vec<_> = archive.images().filter(|image| image.platform == *platform).collect_vec();
    if fitting.is_empty() { archive.images().take(1).collect_vec() } else { fitting }
}

/// The images that a dropped program is judged in.
pub(super) fn beside<'a>(archives: &'a [Archive], options: &Options) -> Vec<&'a Archived> {
    archives.iter().flat_map(|archive| wanted(archive, &options.request.platform)).collect_vec()
}

/// How the images start that were dropped without a Dockerfile and without a program.
pub(super) fn starts(dropped: &Dropped<'_>, options: &Options, analysis: &mut Analysis) -> Vec<Part> {
    let mut parts = Vec::new();
    for archive in dropped.archives.iter().filter(|archive| matches!(archive.kind, Kind::Images(_))) {
        for archived in wanted(archive, &options.request.platform) {
            let image = archived.image();
            let environment = launch::environment(image);
            let launches = launch::of_image(image, &environment);
            let (findings, steps) = super::launched(&launches, Findings::default());
            let verdict = match steps.is_empty() {
                _ if image.platform.is_windows() => Verdict::Unknown,
                true => Verdict::NoProgram,
                false => findings.verdict(),
            };
            let findings = if image.platform.is_windows() { Findings::default() } else { findings };
            super::shown(analysis, image, &launches, steps);
            parts.push(Part { path: Arc::clone(&archive.path), verdict, findings });
        }
    }
    parts
}

/// Says of each archive what keeps it from being used, or from being read whole.
pub(super) fn notes(analysis: &mut Analysis, dropped: &Dropped<'_>, options: &Options) {
    let alone = analysis.builds.is_empty();
    for archive in dropped.archives.iter() {
        // A project has zip files and the like for reasons of its own.
        let matters = alone || !matches!(archive.kind, Kind::Other) || is_named_as_tar(&archive.path);
        let problem = archive.problem.clone().filter(|_| matters).or_else(|| problem(archive, alone, options));
        let input = analysis.inputs.iter_mut().find(|input| input.path == archive.path);
        if let (Some(input), Some(problem)) = (input, problem) {
            input.problem = Some(problem);
        }
    }
}

fn is_named_as_tar(path: &str) -> bool {
    path.contains(".tar.") || [".tar", ".tgz", ".txz", ".tbz2"].iter().any(|ending| path.ends_with(ending))
}

fn problem(archive: &Archive, alone: bool, options: &Options) -> Option<Text> {
    let platform = &options.request.platform;
    match &archive.kind {
        Kind::Files if alone => Some(text! {
            en: "it holds files, and no image: `docker save IMAGE -o image.tar` writes one",
            ja: "ファイルのアーカイブで、イメージではありません（`docker save IMAGE -o image.tar` で作成できます）",
        }),
        Kind::Root(root) if alone => root.problem().cloned().or_else(|| {
            (!root.is_read()).then(|| {
                text! {
                    en: "it is a root file system without a configuration, as `docker export` writes it: it says not what is started; drop a program to judge in it, or what `docker save` writes",
                    ja: "`docker export` が作成するルートファイルシステムで、設定がないため何が起動するのか分かりません。中で判定するプログラムか、`docker save` の出力を渡してください",
                }
            })
        }),
        Kind::Files | Kind::Root(_) | Kind::Other => None,
        Kind::Images(images) => {
            if let Some(read) = images.iter().find(|image| image.is_read()) {
                let other = (read.platform != *platform).then(|| other_platform(read, platform));
                return images.iter().find_map(Archived::problem).cloned().or(other);
            }
            let first = images.first()?;
            if images.iter().all(|image| image.platform != *platform) {
                return Some(other_platform(first, platform));
            }
            if images.iter().all(|image| !image.is_tagged()) {
                return Some(text! {
                    en: "it is not used: its images have no names; `docker save` by a name, and not by an ID, writes it along",
                    ja: "使われていません（イメージに名前がありません。`docker save` に ID ではなく名前を指定すると名前も保存されます）",
                });
            }
            let names: Vec<String> = images.iter().map(|image| format!("`{}`", image.name())).collect_vec();
            Some(text! {
                en: "it is not used: no `FROM` and no `--from` names {names}",
                ja: "使われていません（{names} を指定する `FROM` も `--from` もありません）",
                names: names.join(", "),
            })
        }
    }
}

/// An image is never taken for one of another platform.
fn other_platform(image: &Archived, platform: &Platform) -> Text {
    text! {
        en: "it holds `{image}` for {own}, and not for {platform}",
        ja: "含まれているのは {own} 用の `{image}` で、{platform} 用はありません",
        image: image.name(), own: image.platform.to_string(), platform: platform.to_string(),
    }
}
