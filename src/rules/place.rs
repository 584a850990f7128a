//! Where a launch stands in the dropped files.

use crate::build::Build;
use crate::dockerfile::{Command, Dockerfile, Instruction, Kind};
use crate::launch::Launch;
use crate::source::{Location, Span};

/// The place to point at: what executes the program, else where the program came from, else the stage, else the image's own file.
#[must_use]
pub fn of(launch: &Launch<'_>) -> Location {
    let at = launch.at.clone().or_else(|| launch.origin().and_then(|origin| origin.location()).cloned());
    let stage = || {
        let build = launch.build?;
        let stage = build.stages.get(launch.stage?)?;
        Some(Location::new(&build.dockerfile.path, stage.span))
    };
    let image = || launch.image.record.known()?.from.location().cloned();
    at.or_else(stage).or_else(image).unwrap_or_else(|| Location::new(&"".into(), Span::default()))
}

/// The instruction that a place is in, when it is in the build's Dockerfile.
#[must_use]
pub fn instruction<'b>(build: &'b Build, at: &Location) -> Option<&'b Instruction> {
    if at.path != build.dockerfile.path {
        return None;
    }
    build.dockerfile.instructions.iter().find(|instruction| covers(instruction, at.span))
}

fn covers(instruction: &Instruction, span: Span) -> bool {
    instruction.span.start <= span.start && span.end <= instruction.span.end
}

/// The command that starts a launch, as ENTRYPOINT, CMD or HEALTHCHECK writes it.
#[must_use]
pub fn command<'b>(launch: &Launch<'b>) -> Option<(&'b Dockerfile, &'b Instruction, &'b Command)> {
    let build = launch.build?;
    let instruction = instruction(build, launch.at.as_ref()?)?;
    let command = match &instruction.kind {
        Kind::Entrypoint(command) | Kind::Cmd(command) => command,
        Kind::Healthcheck(healthcheck) => healthcheck.command.as_ref()?,
        _ => return None,
    };
    Some((&build.dockerfile, instruction, command))
}

/// The text that a launch gives to a shell: the third word of `/bin/sh -c text`.
#[must_use]
pub fn shell_text(launch: &Launch<'_>) -> Option<String> {
    match launch.argv.as_slice() {
        [_, option, text, ..] if option.known().is_some_and(|option| option == "-c") => {
            text.known().map(std::borrow::Cow::into_owned)
        }
        _ => None,
    }
}
