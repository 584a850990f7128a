//! Stories: a person's files, and what they are told. `UPDATE=1 cargo test --test stories` writes the reports anew.
//!
//! A story is a Markdown file in `tests/cases`. Its fences are the dropped files, named by `file=…`: a `fixture` fence
//! holds the name of a program of `tests/binaries`, an `options` fence holds options as JSON, and the `report` fence is
//! what the report says as plain text.

#[path = "support/fixtures.rs"]
mod fixtures;

use std::fs;
use std::path::Path;

use execlens::input::Input;
use execlens::options::Options;
use execlens::report::{self, CheckOptions, Format};

struct Story {
    files: Vec<Input>,
    options: Options,
    /// Where the report's text stands, and the text.
    report: (usize, usize),
}

fn read(text: &str) -> Story {
    let mut story = Story { files: Vec::new(), options: Options::default(), report: (text.len(), text.len()) };
    let mut at = 0;
    let mut open: Option<(&str, usize)> = None;
    for line in text.split_inclusive('\n') {
        let fence = line.trim_end().strip_prefix("```");
        match (open, fence) {
            (None, Some(marks)) => open = Some((marks, at + line.len())),
            (Some((marks, start)), Some("")) => {
                close(&mut story, marks, &text[start..at], (start, at));
                open = None;
            }
            _ => {}
        }
        at += line.len();
    }
    story
}

fn close(story: &mut Story, marks: &str, body: &str, place: (usize, usize)) {
    let (kind, rest) = marks.split_once(',').unwrap_or((marks, ""));
    let file = rest.split(',').find_map(|mark| mark.strip_prefix("file="));
    match (kind, file) {
        ("report", _) => story.report = place,
        ("options", _) => {
            let given: CheckOptions = serde_json::from_str(body).unwrap();
            story.options = Options::try_from(given).unwrap();
        }
        ("fixture", Some(path)) => {
            let bytes = fixtures::bytes(body.trim());
            story.files.push(Input { path: path.into(), mode: Some(0o755), content: bytes });
        }
        ("dockerfile", None) => story.files.push(Input::new("Dockerfile", body)),
        (_, Some(path)) => story.files.push(Input::new(path, body)),
        _ => {}
    }
}

#[test]
fn stories_are_told_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut wrong = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        let story = read(&text);
        let answer = execlens::check(&story.files, &story.options);
        let told = report::format(&answer, Format::Text, story.options.locale);
        let (start, end) = story.report;
        if text[start..end] == told {
            continue;
        }
        if std::env::var_os("UPDATE").is_some() {
            let fence = if start == text.len() { ("\n```report\n", "```\n") } else { ("", "") };
            fs::write(&path, format!("{}{}{told}{}{}", &text[..start], fence.0, fence.1, &text[end..])).unwrap();
        } else {
            wrong.push(format!("{}:\n{told}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "told otherwise; UPDATE=1 writes it anew:\n\n{}", wrong.join("\n"));
}
