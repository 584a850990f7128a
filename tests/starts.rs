//! A table of starts, each with real files around a Dockerfile, and how it ends.

#[path = "support/fixtures.rs"]
mod fixtures;

use std::sync::Arc;

use execlens::build::{self, Build, Request};
use execlens::dockerfile;
use execlens::input::Input;
use execlens::launch;
use execlens::project::Project;
use execlens::rules::run::{self, Findings};

/// A Dockerfile, run in our head with some files around it.
#[allow(clippy::arc_with_non_send_sync)]
fn run(text: &str, files: &[Input], whole: bool) -> Build {
    let dockerfile = Arc::new(dockerfile::read(&"Dockerfile".into(), text.as_bytes()));
    build::run(dockerfile, Arc::new(Project::new(files, "", whole)), &Request::default())
}

/// What the rules find, of the build and of each launch up to the first that surely fails.
fn findings(build: &Build) -> Findings {
    let mut all = run::build(build);
    for launch in launch::launches(build) {
        let found = run::launch(&launch);
        let over = found.diagnostics.iter().any(|one| one.effect.stops_start() && one.is_certain());
        all.extend(found);
        if over {
            break;
        }
    }
    all
}

/// The fenced blocks of a case: what stands after the fence, and the body.
fn blocks(text: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let body: String =
                lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect();
            blocks.push((info.to_owned(), body));
        }
    }
    blocks
}

/// Each case of `tests/data/starts.md`: a Dockerfile, files (text, or a program of `tests/binaries`), and the end.
#[test]
fn starts_end_as_told() {
    let text = include_str!("data/starts.md");
    let mut wrong = Vec::new();
    let mut total = 0;
    for case in text.split("\n## ").skip(1) {
        total += 1;
        let (name, rest) = case.split_once('\n').expect("a case has a body");
        let blocks = blocks(rest);
        let block = |kind: &str| blocks.iter().find(|(info, _)| info == kind).map(|(_, body)| body.as_str());
        let dockerfile = block("dockerfile").expect("a case has a Dockerfile");
        let found = end(dockerfile, &files(&blocks), block("whole").is_some());
        let expected = block("end").expect("a case says how it ends");
        if found != expected {
            wrong.push(format!("{name}\nexpected:\n{expected}found:\n{found}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {total} cases fail:\n\n{}", wrong.len(), wrong.join("\n"));
}

/// A block `file NAME MODE` holds a text, `program NAME MODE` the name of a program.
fn files(blocks: &[(String, String)]) -> Vec<Input> {
    let read = |(info, body): &(String, String)| {
        let mut words = info.split(' ');
        let (kind, path, mode) = (words.next()?, words.next()?, words.next()?);
        let input = match kind {
            "file" => Input::new(path, body.replace("\\r", "\r").replace("\\ufeff", "\u{feff}")),
            "program" => Input { path: path.into(), mode: None, content: fixtures::bytes(body.trim()) },
            _ => return None,
        };
        Some(Input { mode: u32::from_str_radix(mode, 8).ok(), ..input })
    };
    blocks.iter().filter_map(read).collect()
}

/// `verdict`, then one line per finding: its rule, the line that it points at, and its message.
fn end(text: &str, files: &[Input], whole: bool) -> String {
    let build = run(text, files, whole);
    let findings = findings(&build);
    let mut out = format!("{}\n", findings.verdict().name());
    for found in &findings.diagnostics {
        let line = match &*found.at.path {
            "Dockerfile" => (text[..found.at.span.start as usize].matches('\n').count() + 1).to_string(),
            other => other.to_owned(),
        };
        out.push_str(&format!("{} at {line}: {}\n", found.rule, found.message.in_english()));
    }
    for need in &findings.unknowns {
        out.push_str(&format!("unknown: {}\n", need.text.in_english()));
    }
    out
}
