//! What the rules about the look-up of a program say and change alike.

use crate::dockerfile::Command;
use crate::fact::{Provenance, Step};
use crate::fix::Edit;
use crate::launch::{Caller, Launch, Purpose};
use crate::lists::Collect;
use crate::rules::{mend, place};
use crate::text;
use crate::word::Word;

/// The first step of such an argument: who executes what.
#[must_use]
pub fn executes(launch: &Launch<'_>) -> Step {
    let command = shown(&launch.argv);
    let claim = match (&launch.caller, launch.purpose) {
        (_, Purpose::Healthcheck) => text! {
            en: "the health check executes `{command}`",
            ja: "ヘルスチェックは `{command}` を実行します",
            command: command,
        },
        (Caller::Engine, _) => {
            text! { en: "the container starts `{command}`", ja: "コンテナーは `{command}` を起動します", command: command }
        }
        (Caller::Shell(by) | Caller::Wrapper(by) | Caller::Kernel { script: by }, _) => text! {
            en: "`{by}` executes `{command}`",
            ja: "`{by}` が `{command}` を実行します",
            by: by, command: command,
        },
    };
    let from = launch.at.clone().map_or_else(|| recorded(launch), Provenance::Read);
    Step { claim, from }
}

/// A command as a person reads it; what is not known of it is `…`.
#[must_use]
pub fn shown(argv: &[Word]) -> String {
    let words: Vec<_> = argv.iter().map(|word| word.pattern().replace(crate::word::UNKNOWN, "…")).collect_vec();
    words.join(" ")
}

/// The base image's record, or that it is so by definition.
#[must_use]
pub fn recorded(launch: &Launch<'_>) -> Provenance {
    launch.image.record.known().map_or(Provenance::Always, |record| record.from.clone())
}

/// What says that a path is absent.
#[must_use]
pub fn absence(launch: &Launch<'_>) -> Provenance {
    recorded(launch)
}

/// What a relative name means; `None` for one that is absolute.
#[must_use]
pub fn resolved(launch: &Launch<'_>, name: &str, path: &str) -> Option<Step> {
    let claim = text! {
        en: "the working directory is `{directory}`, so that is `{path}`",
        ja: "作業ディレクトリは `{directory}` なので、`{path}` を指します",
        directory: &launch.working_directory, path: path,
    };
    (path != name).then(|| Step { claim, from: working_directory(launch) })
}

/// That there is no file at a path.
#[must_use]
pub fn nothing_at(launch: &Launch<'_>, path: &str) -> Step {
    let claim = text! {
        en: "nothing puts a file at `{path}`, and `{image}` has none there",
        ja: "`{path}` にファイルを置く命令はなく、`{image}` にもありません",
        path: path, image: &launch.image.reference,
    };
    Step { claim, from: absence(launch) }
}

/// What sets the working directory.
#[must_use]
pub fn working_directory(launch: &Launch<'_>) -> Provenance {
    let set = launch.build.zip(launch.stage).and_then(|(build, stage)| build.stages.get(stage)?.set_by.workdir.clone());
    set.map_or_else(|| recorded(launch), Provenance::Read)
}

/// What made the link at a path.
#[must_use]
pub fn link(launch: &Launch<'_>, path: &str) -> Provenance {
    launch.image.tree.entry(path).map_or_else(|| recorded(launch), |entry| entry.from.clone())
}

/// Names another program in the ENTRYPOINT, CMD or HEALTHCHECK that starts `name`.
#[must_use]
pub fn rename(launch: &Launch<'_>, name: &str, new: &str) -> Option<Edit> {
    let (dockerfile, _, command) = place::command(launch)?;
    match command {
        Command::Exec { words, .. } => {
            let word = words.iter().find(|word| word.value == name)?;
            Some(mend::replace(dockerfile, word.span, mend::json_string(new)))
        }
        Command::Shell(script) => {
            let at = word_in(&script.text, name)?;
            Some(mend::replace(dockerfile, script.span(at, at + name.len()), new))
        }
    }
}

/// Where a word stands alone in a text.
fn word_in(text: &str, word: &str) -> Option<usize> {
    let apart = |c: Option<char>| c.is_none_or(|c| c.is_whitespace() || ";&|()\"'".contains(c));
    text.match_indices(word)
        .map(|(at, _)| at)
        .find(|at| apart(text[..*at].chars().next_back()) && apart(text[at + word.len()..].chars().next()))
}
