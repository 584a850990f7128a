//! What Dockerfiles start, one launch per line.
//!
//! Each case of `tests/data/launches.md` is a Dockerfile, the files of its context, and what is expected.

use std::sync::Arc;

use execlens::build::{self, Request};
use execlens::dockerfile;
use execlens::input::Input;
use execlens::launch::{self, Caller, Launch, Program, Purpose};
use execlens::needs::Needs;
use execlens::project::Project;

#[test]
fn launches_are_as_told() {
    let text = include_str!("data/launches.md");
    let mut failures = Vec::new();
    let mut total = 0;
    for case in text.split("\n## ").skip(1) {
        total += 1;
        let (name, rest) = case.split_once('\n').expect("a case has a body");
        let blocks = blocks(rest);
        let block = |kind: &str| blocks.iter().find(|(info, _)| info == kind).map(|(_, body)| body.as_str());
        let found = run(block("dockerfile").expect("a case has a Dockerfile"), &blocks);
        let expected = block("launches").expect("a case says what is expected");
        if found != expected {
            failures.push(format!("{name}\nexpected:\n{expected}found:\n{found}"));
        }
    }
    assert!(failures.is_empty(), "{} of {total} cases fail:\n\n{}", failures.len(), failures.join("\n"));
}

/// The fenced blocks of a case: what stands after the fence, and the body.
fn blocks(text: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push((info.to_owned(), body.iter().map(|line| format!("{line}\n")).collect()));
        }
    }
    blocks
}

/// A block `file NAME MODE` is a file of the context; `whole` says that there are no others.
fn run(dockerfile: &str, blocks: &[(String, String)]) -> String {
    let mut files = Vec::new();
    for (info, body) in blocks {
        let mut words = info.split(' ');
        if let (Some("file"), Some(path), mode) = (words.next(), words.next(), words.next()) {
            let mode = mode.and_then(|mode| u32::from_str_radix(mode, 8).ok());
            files.push(Input { mode, ..Input::new(path, body.replace("\\r", "\r")) });
        }
    }
    let whole = blocks.iter().any(|(info, _)| info == "whole");
    let dockerfile = Arc::new(dockerfile::read(&"Dockerfile".into(), dockerfile.as_bytes()));
    let project = Arc::from(Project::new(&files, "", whole));
    let build = build::run(dockerfile, project, &Request::default());
    let mut found: Vec<String> = build.events.iter().map(|event| format!("event: {}\n", name(&event.kind))).collect();
    found.extend(launch::launches(&build).iter().map(|launch| format!("{}\n", line(launch))));
    found.concat()
}

fn name(kind: &build::EventKind) -> String {
    use build::EventKind;
    match kind {
        EventKind::CopySourceMissing { path, near, from, .. } => {
            let conditions = match from.conditions().len() {
                0 => String::new(),
                count => format!(", if {count}"),
            };
            format!("{path} is not there to copy, near {near:?}{conditions}")
        }
        EventKind::NoShell { shell, .. } => format!("no shell {shell}"),
        EventKind::Failure(failure) => format!("{:?}", failure.kind),
        EventKind::Refused(message) => format!("refused, {}", message.in_english()),
        EventKind::CommandNotFound { name, .. } => format!("not found: {name}"),
        EventKind::Unknown(need) | EventKind::Unfollowed(need) => format!("unknown, {}", need.text.in_english()),
    }
}

/// `caller: argv -> what is there`
fn line(launch: &Launch<'_>) -> String {
    let caller = match &launch.caller {
        Caller::Engine if launch.purpose == Purpose::Healthcheck => "health".to_owned(),
        Caller::Engine => "engine".to_owned(),
        Caller::Shell(by) | Caller::Wrapper(by) => by.clone(),
        Caller::Kernel { .. } => "kernel".to_owned(),
    };
    let argv: Vec<String> = launch.argv.iter().map(|word| word.pattern().escape_debug().to_string()).collect();
    let program = match &launch.program {
        Program::Found(found) => format!("{} {}", found.real_path, kind(&found.needs)),
        Program::Missing { near, .. } if near.is_empty() => "missing".into(),
        Program::Missing { near, .. } => format!("missing, near {}", near.join(" ")),
        Program::Unknown { need, .. } => format!("unknown, {:?}", need.settled_by),
    };
    let conditions = if launch.only_if.is_empty() { String::new() } else { format!(" if {}", launch.only_if.len()) };
    format!("{caller}: {}{conditions} -> {program}", argv.join(" "))
}

fn kind(needs: &Needs) -> String {
    match needs {
        Needs::Elf(elf) => match &elf.interpreter.value {
            Some(interpreter) => format!("elf {interpreter}"),
            None => "elf static".into(),
        },
        Needs::Script(script) => match &script.shebang.value {
            Some(shebang) => format!("script {}", shebang.interpreter.escape_debug()),
            None => "script without #!".into(),
        },
        Needs::Foreign(foreign) => format!("{:?}", foreign.value),
        Needs::Unknown(need) => format!("unknown {:?}", need.settled_by),
    }
}
