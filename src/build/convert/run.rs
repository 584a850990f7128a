//! RUN and its mounts.

use super::{Converter, State};
use crate::build::expand::Expander;
use crate::build::operation::{Form, Mount, MountKind, Origin, Program, Run};
use crate::build::paths;
use crate::build::refusal::refused;
use crate::dockerfile::{self, Command, Instruction, Script};
use crate::lists::{self, Collect};
use crate::source::{Excerpt, Span};
use crate::text::Text;

impl Converter<'_> {
    pub(super) fn run_operation(
        &self,
        stage: usize,
        state: &State,
        instruction: &Instruction,
        run: &dockerfile::Run,
        at: Span,
        expander: &Expander<'_>,
    ) -> Result<Run, Text> {
        let mut mounts = Vec::new();
        for mount in &run.mounts {
            mounts.push(self.mount(stage, state, mount, expander)?);
        }
        lists::sort_by(&mut mounts, |a, b| a.target.cmp(&b.target));
        let (arguments, form, program) = match (instruction.script(), &run.command) {
            (Some(Script::Program { name, content }), _) => {
                let path = format!("/dev/pipes/{name}");
                let script =
                    Excerpt { text: path.clone(), pieces: content.pieces.iter().take(1).copied().collect_vec() };
                (state.through_shell(&path), Form::Shell(script), Some(Program { path, content }))
            }
            (Some(Script::Shell(script)), _) => (state.through_shell(&script.text), Form::Shell(script), None),
            (_, Command::Exec { words, .. }) => {
                (words.iter().map(|word| word.value.clone()).collect_vec(), Form::Exec(words.clone()), None)
            }
            (_, Command::Shell(script)) => (state.through_shell(&script.text), Form::Shell(script.clone()), None),
        };
        let directory = paths::plain(&state.config.working_dir, state.platform.is_windows());
        let directory = if directory.is_empty() { "/".into() } else { directory };
        Ok(Run { arguments, form, directory, user: state.config.user.clone(), mounts, program, span: at })
    }

    pub(super) fn mount(
        &self,
        stage: usize,
        state: &State,
        mount: &dockerfile::Mount,
        expander: &Expander<'_>,
    ) -> Result<Mount, Text> {
        let options = mount.meaning(|value| expander.word(value))?;
        let mut target = options.target.unwrap_or_default();
        let mut source = options.source.unwrap_or_default();
        let mut origin = None;
        match options.kind {
            MountKind::Secret | MountKind::Ssh => {
                if target.is_empty() {
                    let name = options.id.unwrap_or_else(|| source.rsplit('/').next().unwrap_or_default().to_owned());
                    target = match options.kind {
                        MountKind::Secret => format!("/run/secrets/{name}"),
                        _ => "/run/buildkit/ssh_agent.0".into(),
                    };
                }
                source.clear();
            }
            MountKind::Tmpfs => source.clear(),
            MountKind::Bind | MountKind::Cache => {
                origin = match &options.from {
                    Some(name) => {
                        let origin = self.origin(name, false);
                        if let Origin::Stage(used) = origin {
                            if used >= stage {
                                let message = format!(
                                    "cannot mount from stage \"{name}\" to \"{target}\", stage needs to be defined before current command"
                                );
                                return Err(refused(message));
                            }
                        }
                        Some(origin)
                    }
                    None => (options.kind == MountKind::Bind).then_some(Origin::Context),
                };
            }
        }
        let target = paths::cleaned(&paths::destination(&state.config.working_dir, &target, false), false);
        if target == "/" {
            return Err(refused("invalid mount target \"/\"".into()));
        }
        let source = crate::tree::normalize("/", &source);
        Ok(Mount { kind: options.kind, target, origin, source, read_only: options.readonly, mode: options.mode })
    }
}
