//! The chain of executions: from the engine's `execve` through shells, wrappers and scripts to the program.

use crate::lists::Collect;
use std::borrow::Cow;
use std::sync::Arc;

use super::lookup::Place;
use super::operand::{given, operand};
use super::wrappers::wrapped;
use super::{Caller, Found, Launch, Program, Purpose};
use crate::build::run::dialect_of;
use crate::build::{Build, Stage};
use crate::dockerfile::{Command, Kind};
use crate::fact::{Condition, Need, Provenance, Settler};
use crate::image::Image;
use crate::needs::{Needs, ScriptNeeds};
use crate::source::{Excerpt, Location};
use crate::text;
use crate::text::Text;
use crate::tree::{Content, Entry, Node, normalize};
use crate::word::{Environment, Word};

/// So deep executions are followed: a script that starts a script that starts a script.
const DEEPEST: usize = 8;

/// So many launches are told of one start.
const MAXIMUM: usize = 64;

pub(super) fn of_stage<'a>(build: &'a Build, stage: &'a Stage) -> Vec<Launch<'a>> {
    let mut chain = Chain {
        place: Place { image: &stage.image, environment: &stage.environment, build: Some(build), stage: Some(stage) },
        launches: Vec::new(),
    };
    chain.starts();
    chain.launches
}

pub(super) fn of_image<'a>(image: &'a Image, environment: &'a Environment) -> Vec<Launch<'a>> {
    let place = Place { image, environment, build: None, stage: None };
    let mut chain = Chain { place, launches: Vec::new() };
    chain.starts();
    chain.launches
}

pub(super) fn dropped<'a>(path: &str, needs: &Needs, image: &'a Image, environment: &'a Environment) -> Launch<'a> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let at = format!("/{name}");
    let dropped: Arc<str> = Arc::from(path);
    let entry = Entry {
        node: Node::File(Content::Program(Arc::new(needs.clone()))),
        mode: Some(0o755),
        owner: None,
        from: Provenance::Read(Location::file(&dropped)),
    };
    let found = Found {
        name: at.clone(),
        path: at.clone(),
        real_path: Arc::from(at.as_str()),
        entry,
        needs: needs.clone(),
        predicted: None,
        through_path: false,
    };
    let place = Place { image, environment, build: None, stage: None };
    let step = Step {
        argv: vec![Word::new(at)],
        caller: Caller::Engine,
        purpose: Purpose::Start,
        reason: text! { en: "the dropped program", ja: "渡されたプログラム" },
        at: None,
        only_if: Vec::new(),
        directory: "/".into(),
        depth: 0,
        script: None,
        after: None,
        environment: None,
        only_certain: false,
    };
    launch(&place, &step, Program::Found(Box::new(found)))
}

/// Something about to be executed.
#[derive(Clone)]
pub(super) struct Step {
    pub(super) argv: Vec<Word>,
    pub(super) caller: Caller,
    pub(super) purpose: Purpose,
    pub(super) reason: Text,
    pub(super) at: Option<Location>,
    pub(super) only_if: Vec<Arc<Condition>>,
    pub(super) directory: String,
    pub(super) depth: usize,
    /// The text after `-c` and the file that it stands in, where they stand in a dropped file.
    pub(super) script: Option<(Excerpt, Arc<str>)>,
    /// Something may have made files before.
    pub(super) after: Option<Arc<Need>>,
    /// What a script made of the container's environment; `None` where nothing changed it.
    pub(super) environment: Option<Arc<Environment>>,
    /// What nobody can say anything of is left out.
    pub(super) only_certain: bool,
}

pub(super) fn launch<'a>(place: &Place<'a>, step: &Step, program: Program) -> Launch<'a> {
    let operand = match &program {
        // A script that the kernel was asked to run is there, and what something may have made before is not missing for
        // sure.
        Program::Found(found) if step.after.is_none() && !matches!(step.caller, Caller::Kernel { .. }) => {
            operand(&found.path, &step.argv, &step.directory, place)
        }
        _ => None,
    };
    let given = match &program {
        Program::Found(found) => given(&found.path, &step.argv, &step.directory),
        _ => Vec::new(),
    };
    Launch {
        argv: step.argv.clone(),
        caller: step.caller.clone(),
        purpose: step.purpose,
        reason: step.reason.clone(),
        at: step.at.clone(),
        only_if: step.only_if.clone(),
        program,
        image: place.image,
        config: &place.image.config,
        platform: &place.image.platform,
        environment: match &step.environment {
            Some(environment) => Cow::Owned((**environment).clone()),
            None => Cow::Borrowed(place.environment),
        },
        working_directory: step.directory.clone(),
        build: place.build,
        stage: place.stage.map(|stage| stage.index),
        operand,
        given,
    }
}

pub(super) struct Chain<'a> {
    pub(super) place: Place<'a>,
    pub(super) launches: Vec<Launch<'a>>,
}

impl Chain<'_> {
    /// The container's start and its health check.
    fn starts(&mut self) {
        let config = &self.place.image.config;
        let set_by = self.place.stage.map(|stage| &stage.set_by);
        let argv: Vec<Word> = config.entrypoint.iter().chain(&config.cmd).map(Word::new).collect_vec();
        let (reason, at) = if config.entrypoint.is_empty() {
            (text! { en: "the command", ja: "コマンド" }, set_by.and_then(|by| by.cmd.clone()))
        } else {
            // What a base image's entrypoint is given stands in this file, if anything does.
            let at = set_by.and_then(|by| by.entrypoint.clone().or_else(|| by.cmd.clone()));
            (text! { en: "the entrypoint", ja: "エントリーポイント" }, at)
        };
        if !argv.is_empty() {
            self.begin(argv, Purpose::Start, reason, at);
        }
        let check = config.healthcheck.as_ref().map(|check| check.test.as_slice());
        let shell =
            if config.shell.is_empty() { vec!["/bin/sh".to_owned(), "-c".to_owned()] } else { config.shell.clone() };
        let argv: Vec<Word> = match check {
            Some([kind, words @ ..]) if kind == "CMD" => words.iter().map(Word::new).collect_vec(),
            Some([kind, text]) if kind == "CMD-SHELL" => shell.iter().chain([text]).map(Word::new).collect_vec(),
            _ => Vec::new(),
        };
        let at = set_by.and_then(|by| by.healthcheck.clone());
        // A health check that the base image brings is not this file's matter.
        if let (false, Some(at)) = (argv.is_empty(), at) {
            let reason = text! { en: "the health check", ja: "ヘルスチェック" };
            self.begin(argv, Purpose::Healthcheck, reason, Some(at));
        }
    }

    fn begin(&mut self, argv: Vec<Word>, purpose: Purpose, reason: Text, at: Option<Location>) {
        let directory = &self.place.image.config.working_dir;
        let directory = normalize("/", directory);
        let inherited = self.place.stage.is_some_and(|stage| {
            purpose == Purpose::Start
                && stage.set_by.entrypoint.is_none()
                && !self.place.image.config.entrypoint.is_empty()
        });
        let script = at.as_ref().filter(|_| !inherited).and_then(|at| self.written_script(at));
        self.execute(Step {
            argv,
            caller: Caller::Engine,
            purpose,
            reason,
            at,
            only_if: Vec::new(),
            directory,
            depth: 0,
            script,
            after: None,
            environment: None,
            only_certain: false,
        });
    }

    /// The script that an instruction gives to a shell, as it stands in the Dockerfile.
    fn written_script(&self, at: &Location) -> Option<(Excerpt, Arc<str>)> {
        let dockerfile = &self.place.build?.dockerfile;
        let instruction = dockerfile.instructions.iter().find(|instruction| instruction.span == at.span)?;
        let command = match &instruction.kind {
            Kind::Entrypoint(command) | Kind::Cmd(command) => command,
            Kind::Healthcheck(check) => check.command.as_ref()?,
            _ => return None,
        };
        let script = match command {
            Command::Shell(script) => script.clone(),
            Command::Exec { words, .. } => {
                let text = words.get(2)?;
                let as_written = (text.span.end - text.span.start) as usize == text.value.len() + 2;
                let mut script = Excerpt::default();
                let start = text.span.start as usize;
                script.push(&text.value, if as_written { start + 1 } else { start });
                script
            }
        };
        Some((script, Arc::clone(&dockerfile.path)))
    }

    pub(super) fn execute(&mut self, step: Step) {
        if self.launches.len() >= MAXIMUM || step.depth > DEEPEST {
            return;
        }
        let Some(first) = step.argv.first() else { return };
        let program = match (first.known(), first.unknown()) {
            (Some(name), _) => self.place.within(&step).program(&name, &step.directory),
            (None, Some(need)) => Program::Unknown { name: first.pattern(), need: Arc::clone(need) },
            (None, None) => return,
        };
        // What a script may have made before is not missing for sure.
        let program = match (program, &step.after) {
            (Program::Missing { name, .. }, Some(need)) if name.contains('/') => {
                Program::Unknown { name, need: Arc::clone(need) }
            }
            (program, _) => program,
        };
        let program = self.as_catalogued(program);
        if step.only_certain && matches!(program, Program::Unknown { .. }) {
            return;
        }
        self.launches.push(launch(&self.place, &step, program.clone()));
        match &program {
            Program::Found(found) => self.package_script(&step, &found.path),
            Program::Unknown { name, .. } => self.package_script(&step, name),
            Program::Missing { .. } => {}
        }
        match program {
            Program::Missing { .. } => {}
            Program::Unknown { name, .. } => self.by_name(&step, &name),
            Program::Found(found) => match &found.needs {
                Needs::Script(script) => self.script(&step, &found, script),
                Needs::Foreign(_) => {}
                Needs::Elf(_) | Needs::Unknown(_) => self.by_name(&step, &found.path),
            },
        }
    }

    /// What an image's own configuration starts is there, whether the catalog lists it or not.
    fn as_catalogued(&self, program: Program) -> Program {
        let (Program::Missing { name, .. }, Some(stage)) = (&program, self.place.stage) else { return program };
        // Of an image that was dropped every file is known.
        if stage.base_image.is_read() {
            return program;
        }
        let base = &stage.base_image.config;
        let own = |words: &[String], set: bool| !set && words.contains(name);
        let by_image =
            own(&base.entrypoint, stage.set_by.entrypoint.is_some()) || own(&base.cmd, stage.set_by.cmd.is_some());
        if !by_image || stage.base_image.config.entrypoint != self.place.image.config.entrypoint {
            return program;
        }
        let text = text! {
            en: "the catalog does not say where `{image}` has `{program}`",
            ja: "`{image}` の `{program}` がどこにあるか、カタログには記録がありません",
            image: &stage.base_image.reference,
            program: name,
        };
        let settled_by = vec![Settler::Image(stage.base_image.reference.clone())];
        Program::Unknown { name: name.clone(), need: Arc::new(Need { text, settled_by, at: None }) }
    }

    /// The kernel starts the interpreter of a script; a shell reads one without `#!` itself.
    fn script(&mut self, step: &Step, found: &Found, script: &ScriptNeeds) {
        let Some(shebang) = &script.shebang.value else {
            if let (Caller::Shell(shell), None) = (&step.caller, &script.preceded_by) {
                let dialect = dialect_of(self.place.image, shell);
                self.walk_file(step, &found.entry, shell.clone(), dialect, step.argv.clone());
            }
            return;
        };
        let mut argv = vec![Word::new(shebang.interpreter.clone())];
        argv.extend(shebang.argument.iter().map(Word::new));
        argv.push(Word::new(found.path.clone()));
        argv.extend(step.argv.iter().skip(1).cloned());
        let reason = text! {
            en: "the interpreter of `{script}`",
            ja: "`{script}` のインタープリター",
            script: &found.path,
        };
        let caller = Caller::Kernel { script: found.path.clone() };
        self.execute(Step { argv, caller, reason, depth: step.depth + 1, script: None, ..step.clone() });
        // The catalog's entrypoint scripts end in `exec "$@"`.
        let is_entrypoint = found.path.contains("entrypoint")
            && (found.entry.from.is_of_image() || matches!(found.entry.from, Provenance::Derived(_)));
        if script.text.is_none() && is_entrypoint && step.argv.len() > 1 {
            self.passed_on(step, found);
        }
    }

    /// What an official image's entrypoint script is given, and executes unless it makes something else of it.
    fn passed_on(&mut self, step: &Step, found: &Found) {
        let mut argv: Vec<Word> = step.argv[1..].to_vec();
        let name = argv[0].known().unwrap_or_default().into_owned();
        // Node's and Deno's entrypoints take what is no program for what `node` or `deno` is given.
        let reference = self.place.stage.map_or(self.place.image, |stage| &stage.base_image).reference.as_str();
        let falls_back = ["/node:", "/deno:"].iter().any(|name| format!("/{reference}").contains(name));
        let program = self.place.within(step).program(&name, &step.directory);
        let is_meant = match &program {
            Program::Found(_) => true,
            Program::Missing { .. } => !falls_back || name.starts_with('/') || name.contains(' '),
            // What the image's own configuration starts is its own matter.
            Program::Unknown { .. } => !falls_back && self.place.stage.is_some_and(|stage| stage.set_by.cmd.is_some()),
        };
        let is_script = matches!(program, Program::Missing { .. }) && format!("/{reference}").contains("/node:");
        if is_script && !is_meant && !name.starts_with('-') {
            argv.insert(0, Word::new("node"));
        } else if name.starts_with('-') || !is_meant {
            return;
        }
        let reason = text! {
            en: "`exec \"$@\"` in `{script}`",
            ja: "`{script}` の `exec \"$@\"`",
            script: &found.path,
        };
        let at = self.place.stage.and_then(|stage| stage.set_by.cmd.clone()).or_else(|| step.at.clone());
        let caller = Caller::Shell(found.path.clone());
        self.execute(Step { argv, caller, reason, at, depth: step.depth + 1, script: None, ..step.clone() });
    }

    /// Shells and wrappers execute what they are given.
    fn by_name(&mut self, step: &Step, path: &str) {
        let name = path.rsplit('/').next().unwrap_or_default();
        if name == "busybox" && step.argv.len() > 1 {
            let applet = step.argv[1].known().unwrap_or_default().into_owned();
            let argv = step.argv[1..].to_vec();
            return self.by_name(&Step { argv, ..step.clone() }, &applet);
        }
        // `env -S "bash -e"`: one word that is split.
        if name == "env" {
            if let Some(split) = self.split_string(step) {
                return self.by_name(&split, path);
            }
        }
        if let Some(dialect) = dialect_of(self.place.image, path).filter(|_| name != "busybox") {
            return self.shell(step, path, dialect);
        }
        let arguments: Vec<String> = step.argv.iter().skip(1).map(Word::pattern).collect_vec();
        if let Some(at) = wrapped(name, &arguments) {
            let argv = step.argv[at + 1..].to_vec();
            let reason = text! { en: "what `{wrapper}` executes", ja: "`{wrapper}` が実行するもの", wrapper: name };
            let caller = Caller::Wrapper(path.to_owned());
            self.execute(Step { argv, caller, reason, depth: step.depth + 1, script: None, ..step.clone() });
        }
    }

    fn split_string(&self, step: &Step) -> Option<Step> {
        let option = step.argv.get(1)?.known()?;
        let (text, rest) = match option.as_ref() {
            "-S" | "--split-string" => (step.argv.get(2)?.known()?.into_owned(), 3),
            other => {
                let text = other.strip_prefix("-S").or_else(|| other.strip_prefix("--split-string="))?;
                (text.trim().to_owned(), 2)
            }
        };
        let mut argv = vec![step.argv[0].clone()];
        argv.extend(text.split_whitespace().map(Word::new));
        argv.extend(step.argv.iter().skip(rest).cloned());
        Some(Step { argv, ..step.clone() })
    }
}
