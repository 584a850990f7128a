//! # What is copied is not there
//!
//! A `COPY` or `ADD` names a path that its source does not have: no stage makes it, or the build context leaves it out.
//!
//! ## What happens
//!
//! The build stops:
//!
//! ```text
//! ERROR: failed to solve: failed to compute cache key: failed to calculate checksum of ref: "/app/server": not found
//! COPY failed: file not found in build context or excluded by .dockerignore: stat server: file does not exist
//! COPY failed: stat app/server: file does not exist
//! ```
//!
//! ## Why
//!
//! `COPY --from=stage /path` takes the file from the stage as it is after its last instruction: the path is absolute there, whatever `WORKDIR` this stage has.
//! Without `--from`, the path is one of the build context, the folder that `docker build` was given, and what `.dockerignore` lists is not in it.
//!
//! Build tools write where their configuration says: `vite build` fills `dist`, `react-scripts build` fills `build`, `tsc` the `outDir` of `tsconfig.json`, and `next build` makes `.next/standalone` with `output: 'standalone'` alone.
//! With `package.json` and the configuration dropped, execlens follows the script and knows the folder.
//! What a stage has as its `CMD` or `ENTRYPOINT` is not run while it is built, so it makes nothing that a later stage could copy.
//!
//! ## Example
//!
//! The program is written to `/src/server`, and asked for at `/server`:
//!
//! ```dockerfile,fails
//! FROM golang:1.22 AS build
//! WORKDIR /src
//! RUN CGO_ENABLED=0 go build -o server example.com/server@latest
//! FROM scratch
//! COPY --from=build /server /server
//! CMD ["/server"]
//! ```
//!
//! ```dockerfile,starts
//! FROM golang:1.22 AS build
//! WORKDIR /src
//! RUN CGO_ENABLED=0 go build -o /server example.com/server@latest
//! FROM scratch
//! COPY --from=build /server /server
//! CMD ["/server"]
//! ```
//!
//! ## What to do
//!
//! 1. Copy from where the file is. The finding names files of a similar name or path.
//! 2. Or write it to where it is copied from (`-o /server`).
//! 3. Build with `RUN`, not with the `CMD` of a stage; a script of `package.json` with `npm run build`, not `npm build`.
//! 4. For the build context: take the path out of `.dockerignore`, or build with the folder that holds it.
//!
//! ## When this is wrong
//!
//! A command that execlens cannot read (a build tool, a script that was not dropped) may make the file; then it says that it does not know.
//! A pattern (`*.jar`) that matches nothing stops the build in older builders only.
//!
//! ## References
//!
//! - Dockerfile reference: `COPY`, `.dockerignore`
//! - BuildKit, `cache/contenthash/checksum.go`

use std::sync::Arc;

use crate::build::{Build, CopySource, Event, EventKind, Stage};
use crate::diagnostic::{Label, RuntimeMessage};
use crate::dockerfile::Kind;
use crate::fact::{Need, Provenance, Settler, Step};
use crate::fix::{Edit, Fix};
use crate::rules::{Check, Moment, Outcome, Rule, Symptom, events, mend, place};
use crate::source::Location;
use crate::text;
use crate::text::{Template, Text};

pub(super) static RULE: Rule = Rule {
    name: "copy-source-missing",
    moment: Moment::Build,
    summary: Template {
        en: "a copied path that no stage makes, or that the build context leaves out",
        ja: "コピー元のパスがどのステージでも作られないか、ビルドコンテキストに含まれていません",
    },
    symptoms: &[
        Symptom { pattern: "failed to compute cache key: {}: not found", speaker: "BuildKit" },
        Symptom { pattern: "failed to calculate checksum of ref {}: not found", speaker: "BuildKit" },
        Symptom { pattern: "COPY failed: {}", speaker: "docker build" },
        Symptom { pattern: "ADD failed: {}", speaker: "docker build" },
        Symptom { pattern: "copier: stat: {}: no such file or directory", speaker: "buildah" },
    ],
    check: Check::Build(check),
};

fn check(build: &Build) -> Vec<Outcome> {
    let mut outcomes = events::each(build, |event| {
        let EventKind::CopySourceMissing { path, source, near, from, instead } = &event.kind else { return None };
        if stopped_before(build, source) || near.is_empty() && instead.is_none() && runs_unread_commands(build, source)
        {
            return None;
        }
        let told = instead.as_ref().filter(|instead| !(instead.near.is_empty() && instead.fixes.is_empty()));
        let near = told.map_or(near, |instead| &instead.near);
        let mut found = events::stops(RULE.name, event, message(build, path, source, near.first()));
        let claim = text! { en: "this copies `{path}`", ja: "ここで `{path}` がコピーされます", path: path };
        found.evidence.push(events::instruction(event, claim));
        match from {
            _ if instead.is_some() => {}
            // Its premises say the same already, and say more.
            Provenance::Derived(inference) => found.evidence.extend(inference.premises.iter().cloned()),
            _ => found.evidence.push(Step { claim: absence(build, path, source), from: from.clone() }),
        }
        match instead {
            // Everything that the stage runs was read.
            Some(instead) => {
                found.evidence.extend(instead.because.iter().cloned());
                found.evidence.push(Step { claim: absence(build, path, source), from: Provenance::Always });
                found.fixes.extend(instead.fixes.iter().cloned());
            }
            None => found.evidence.extend(writes_nowhere_else(build, path, source)),
        }
        if let CopySource::Context { ignored: Some(line) } = source {
            let text = text! { en: "this line leaves it out", ja: "この行で除外されています" };
            found.evidence.push(Step { claim: text.clone(), from: Provenance::Read(line.clone()) });
            found.related.push(Label { at: line.clone(), text });
            found.fixes.push(stop_ignoring(line, path));
        }
        found.runtime_messages.push(RuntimeMessage {
            engine: "Docker (BuildKit)",
            text: format!("failed to compute cache key: failed to calculate checksum of ref: \"{path}\": not found"),
            exit_code: Some(1),
        });
        found.fixes.extend(near.iter().take(3).filter_map(|near| copy_from(build, event, path, near)));
        Some(found)
    });
    outcomes.extend(build.events.iter().filter_map(|event| may_be_written(build, event)).map(Outcome::Unknown));
    outcomes
}

/// Nothing of a similar name is there, and a command that nobody can read here may well write it.
fn may_be_written(build: &Build, event: &Event) -> Option<Arc<Need>> {
    let EventKind::CopySourceMissing { path, source, near, instead, .. } = &event.kind else { return None };
    if !near.is_empty() || instead.is_some() || !runs_unread_commands(build, source) {
        return None;
    }
    let text = text! {
        en: "`{path}` is not seen to be made in {source}, which runs commands that cannot be read here",
        ja: "{source}で `{path}` が作られるかどうかは、内容のわからないコマンドがあるため判断できません",
        path: path, source: place_name(build, source),
    };
    Some(Arc::new(Need { text, settled_by: vec![Settler::ProjectFolder], at: Some(event.at.clone()) }))
}

/// Whether a command that was to make the file stops the build, which is told by itself.
fn stopped_before(build: &Build, source: &CopySource) -> bool {
    let CopySource::Stage(index) = source else { return false };
    build.events.iter().any(|event| {
        let stops = matches!(event.kind, EventKind::Failure(_) | EventKind::CommandNotFound { .. });
        stops && event.stage == *index && event.only_if.is_empty()
    })
}

/// Whether a stage runs what nobody can read (a build tool's own scripts): it may write anywhere.
fn runs_unread_commands(build: &Build, source: &CopySource) -> bool {
    let CopySource::Stage(index) = source else { return false };
    let runs = |at: &Location| place::instruction(build, at).is_some_and(|one| matches!(one.kind, Kind::Run(_)));
    let unread = |stage: &Stage| stage.image.tree.gaps().any(|gap| gap.need.at.as_ref().is_some_and(runs));
    build.stages.get(*index).is_some_and(unread)
}

fn message(build: &Build, path: &str, source: &CopySource, near: Option<&String>) -> Text {
    match (source, near) {
        (CopySource::Context { ignored: Some(_) }, _) => text! {
            en: "`{path}` is left out of the build context by .dockerignore",
            ja: "`{path}` は .dockerignore によってビルドコンテキストから除外されています",
            path: path,
        },
        (_, Some(near)) => text! {
            en: "`{path}` is not in {source}; `{near}` is",
            ja: "`{path}` は{source}にありません（`{near}` はあります）",
            path: path, source: place_name(build, source), near: near,
        },
        (_, None) => text! {
            en: "`{path}` is not in {source}",
            ja: "`{path}` は{source}にありません",
            path: path, source: place_name(build, source),
        },
    }
}

fn place_name(build: &Build, source: &CopySource) -> Text {
    match source {
        CopySource::Context { .. } => text! { en: "the build context", ja: "ビルドコンテキスト" },
        CopySource::Stage(index) => {
            let name = build.stages.get(*index).and_then(|stage| stage.name.clone()).unwrap_or(index.to_string());
            text! { en: "the stage `{name}`", ja: "ステージ `{name}` ", name: name }
        }
        CopySource::Image(reference) => {
            text! { en: "the image `{reference}`", ja: "イメージ `{reference}` ", reference: reference }
        }
    }
}

fn absence(build: &Build, path: &str, source: &CopySource) -> Text {
    match source {
        CopySource::Context { .. } => text! {
            en: "the build context, as it was dropped, has no `{path}`",
            ja: "渡されたビルドコンテキストに `{path}` はありません",
            path: path,
        },
        _ => text! {
            en: "nothing makes `{path}` in {source}",
            ja: "{source}で `{path}` は作られません",
            path: path, source: place_name(build, source),
        },
    }
}

/// A file of a similar name is likely the one that was meant, but an unread command may still write this one.
fn writes_nowhere_else(build: &Build, path: &str, source: &CopySource) -> Option<Step> {
    if !runs_unread_commands(build, source) {
        return None;
    }
    let condition = text! {
        en: "no command that cannot be read here writes `{path}`",
        ja: "ここで内容のわからないコマンドが `{path}` を書き込まない",
        path: path,
    };
    let claim = text! {
        en: "what the stage runs without showing it writes elsewhere",
        ja: "内容のわからないコマンドは別の場所に書き込みます",
    };
    Some(Step { claim, from: Provenance::assumed(condition, vec![Settler::ProjectFolder]) })
}

/// Copies the file that is there.
fn copy_from(build: &Build, event: &Event, path: &str, near: &str) -> Option<Fix> {
    let instruction = place::instruction(build, &event.at)?;
    let (Kind::Copy(copy) | Kind::Add(copy)) = &instruction.kind else { return None };
    let same = |word: &&crate::dockerfile::Spanned<String>| {
        word.value.trim_start_matches("./").trim_matches('/') == path.trim_matches('/')
    };
    // The only source is meant even where variables hide its words.
    let source = copy.sources.iter().find(same).or(match copy.sources.as_slice() {
        [only] => Some(only),
        _ => None,
    })?;
    let quoted = source.span.of(&build.dockerfile.text).starts_with('"');
    let new = if quoted { mend::json_string(near) } else { near.to_owned() };
    let mut edits = vec![mend::replace(&build.dockerfile, source.span, new)];
    let (old_name, new_name) = (path.rsplit('/').next()?, near.rsplit('/').next()?);
    let destination = copy.destination.value.as_str();
    let into_directory = destination.ends_with('/') || matches!(destination, "." | "..");
    // The old name is kept where something asks for it later.
    let later = build.dockerfile.text.get(instruction.span.end as usize..).unwrap_or_default();
    if old_name != new_name && into_directory && copy.sources.len() == 1 && later.contains(old_name) {
        let kept = format!("{}/{old_name}", destination.trim_end_matches('/'));
        edits.push(mend::replace(&build.dockerfile, copy.destination.span, kept));
    }
    Some(Fix {
        title: text! { en: "copy `{near}`", ja: "`{near}` をコピーする", near: near },
        tradeoff: text! { en: "none, if that is the file that was meant", ja: "それが目的のファイルであれば、欠点はありません" },
        edits,
    })
}

/// Takes the line out of .dockerignore that leaves the file out.
fn stop_ignoring(line: &crate::source::Location, path: &str) -> Fix {
    Fix {
        title: text! { en: "let .dockerignore keep `{path}`", ja: ".dockerignore で `{path}` を残す", path: path },
        tradeoff: text! {
            en: "what else the line left out is sent to the builder as well",
            ja: "その行で除外していたほかのファイルもビルダーに送られます",
        },
        edits: vec![Edit { path: line.path.clone(), span: line.span, new_text: String::new() }],
    }
}
