//! What hides a program that the image has: a mount over its directory, a volume that was declared too early.

use crate::build::{Build, Stage};
use crate::diagnostic::{Diagnostic, Effect, Label};
use crate::dockerfile::{Instruction, Kind};
use crate::fact::{Provenance, Settler, Step};
use crate::fix::Fix;
use crate::launch::{Caller, Found, Launch};
use crate::lists::Collect;
use crate::rules::{mend, place, start};
use crate::source::Location;
use crate::text;
use crate::tree::normalize;

/// The rule that says it: the program is not where it is looked for.
const RULE: &str = "program-missing";

/// A folder of the host that a compose file mounts over the program.
#[must_use]
pub fn by_mount(launch: &Launch<'_>, found: &Found) -> Option<Diagnostic> {
    let (build, stage) = stage_of(launch)?;
    for service in &build.services {
        let other_stage = service.target.as_ref().is_some_and(|target| stage.name.as_ref() != Some(target));
        // What the compose file starts instead of the image's own command is another program.
        let own = launch.caller == Caller::Engine && !launch.config.entrypoint.is_empty();
        if other_stage || service.entrypoint || service.command && !own {
            continue;
        }
        // The innermost mount is what is seen at the path.
        let covering = service.mounts.iter().filter(|mount| is_below(&found.path, &mount.target));
        let Some(mount) = covering.max_by_key(|mount| mount.target.len()) else { continue };
        let Some(bind) = &mount.bind else { continue };
        let rest = found.path[mount.target.trim_end_matches('/').len()..].trim_start_matches('/');
        let file = bind.path.as_ref().map(|path| normalize("/", &format!("{path}/{rest}"))[1..].to_owned());
        if file.as_ref().is_some_and(|file| build.project.file(file).is_some()) {
            continue;
        }
        let (program, compose, folder) = (&found.path, &service.file, &bind.written);
        let message = text! {
            en: "`{compose}` mounts `{folder}` over `{target}`, which hides the `{program}` of the image",
            ja: "`{compose}` が `{folder}` を `{target}` にマウントするため、イメージの `{program}` が隠れます",
            compose: compose, folder: folder, target: &mount.target, program: program,
        };
        let mut diagnostic = Diagnostic::new(RULE, mount.at.clone(), Effect::FailsLater, message);
        let claim =
            text! { en: "the image has `{program}`", ja: "イメージには `{program}` があります", program: program };
        diagnostic.evidence.push(Step { claim, from: found.entry.from.clone() });
        let claim = text! {
            en: "the service `{service}` mounts `{folder}` over `{target}`",
            ja: "サービス `{service}` は `{folder}` を `{target}` にマウントします",
            service: &service.name, folder: folder, target: &mount.target,
        };
        diagnostic.evidence.push(Step { claim, from: Provenance::Read(mount.at.clone()) });
        let condition = text! {
            en: "it is started by `docker compose`, and `{folder}` has no `{rest}` then",
            ja: "`docker compose` で起動し、そのとき `{folder}` に `{rest}` がない",
            folder: folder, rest: rest,
        };
        let settled_by = file.map(Settler::File).into_iter().collect_vec();
        let claim = text! {
            en: "the container sees the folder of the host there, and not the image's own files",
            ja: "コンテナーからはホストのフォルダーが見え、イメージのファイルは見えません",
        };
        diagnostic.evidence.push(Step { claim, from: Provenance::assumed(condition, settled_by) });
        diagnostic.related.extend(launch.at.clone().map(|at| Label {
            at,
            text: text! { en: "the program is executed here", ja: "プログラムはここで実行されます" },
        }));
        diagnostic.fixes.push(Fix {
            title: text! {
                en: "put the program into a directory that nothing is mounted over, such as `/usr/local/bin`",
                ja: "プログラムを、何もマウントされないディレクトリ（`/usr/local/bin` など）に置く",
            },
            tradeoff: text! {
                en: "the mount goes on to work for sources and data",
                ja: "ソースやデータのマウントはそのまま使えます",
            },
            edits: Vec::new(),
        });
        return Some(diagnostic);
    }
    None
}

/// A program that a RUN makes below a volume that was declared before.
#[must_use]
pub fn by_volume(launch: &Launch<'_>, found: &Found) -> Option<Diagnostic> {
    let (build, stage) = stage_of(launch)?;
    let instructions: Vec<&Instruction> = mend::instructions(build, stage).collect_vec();
    let made = start::places(&found.entry.from).into_iter().find_map(|at| place::instruction(build, at))?;
    let position = instructions.iter().position(|one| one.span == made.span)?;
    if !matches!(made.kind, Kind::Run(_)) {
        return None;
    }
    let declares = |one: &&&Instruction| match &one.kind {
        Kind::Volume(words) => words.iter().any(|word| is_below(&found.path, &word.value)),
        _ => false,
    };
    let declared = instructions[..position].iter().find(declares).copied();
    let inherited = || stage.base_image.config.volumes.iter().find(|volume| is_below(&found.path, volume));
    let volume = match declared.map(|one| &one.kind) {
        Some(Kind::Volume(words)) => words.iter().map(|word| &word.value).find(|word| is_below(&found.path, word)),
        _ => inherited(),
    }?;
    let at = Location::new(&build.dockerfile.path, made.span);
    let message = text! {
        en: "`{program}` is made below the volume `{volume}` after that was declared: BuildKit keeps it, and the legacy builder drops it",
        ja: "`{program}` は、ボリューム `{volume}` の宣言後にその下に作られています。BuildKit では残りますが、従来のビルダーでは失われます",
        program: &found.path, volume: volume,
    };
    let mut diagnostic = Diagnostic::new(RULE, at.clone(), Effect::Note, message);
    let claim = text! { en: "`{volume}` is a volume", ja: "`{volume}` はボリュームです", volume: volume };
    let volume_at = declared.map(|one| Location::new(&build.dockerfile.path, one.span));
    let from = volume_at.clone().map_or_else(|| recorded(stage), Provenance::Read);
    diagnostic.evidence.push(Step { claim, from });
    let claim = text! { en: "this command writes below it", ja: "このコマンドはその下に書き込みます" };
    diagnostic.evidence.push(Step { claim, from: Provenance::Read(at) });
    let claim = text! {
        en: "each RUN gets a volume of its own there, which is thrown away after it",
        ja: "RUN ごとに専用のボリュームが割り当てられ、終わると破棄されます",
    };
    let condition = text! {
        en: "the image is built by the legacy builder (the default before Docker 23, or `DOCKER_BUILDKIT=0`), or by an older Podman",
        ja: "従来のビルダー（Docker 23 より前の既定、または `DOCKER_BUILDKIT=0`）か、古い Podman でビルドする",
    };
    diagnostic.evidence.push(Step { claim, from: Provenance::assumed(condition, Vec::new()) });
    if let (Some(at), Some(instruction)) = (volume_at, declared) {
        let text = text! { en: "the volume is declared here", ja: "ボリュームはここで宣言されています" };
        diagnostic.related.push(Label { at, text });
        diagnostic.fixes.push(move_down(build, instruction, made));
    }
    Some(diagnostic)
}

fn stage_of<'b>(launch: &Launch<'b>) -> Option<(&'b Build, &'b Stage)> {
    let build = launch.build?;
    Some((build, build.stages.get(launch.stage?)?))
}

fn recorded(stage: &Stage) -> Provenance {
    stage.base_image.record.known().map_or(Provenance::Always, |record| record.from.clone())
}

/// Whether a path lies in a directory that is named by a path.
fn is_below(path: &str, directory: &str) -> bool {
    let directory = directory.trim_end_matches('/');
    directory.starts_with('/') && path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
}

/// Declares the volume after the command that writes there.
fn move_down(build: &Build, volume: &Instruction, made: &Instruction) -> Fix {
    let dockerfile = &build.dockerfile;
    let line = volume.span.of(&dockerfile.text).to_owned();
    Fix {
        title: text! { en: "declare the volume after this command", ja: "ボリュームの宣言をこのコマンドの後に移す" },
        tradeoff: text! {
            en: "every builder then makes the same image",
            ja: "どのビルダーでも同じイメージになります",
        },
        edits: vec![dockerfile.remove(volume), mend::line_after(dockerfile, made, &line)],
    }
}
