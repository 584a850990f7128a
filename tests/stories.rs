//! Stories: a person's files, and what they are told. `UPDATE=1 cargo test --test stories` writes the reports anew.
//!
//! A story is a Markdown file in `tests/cases`. Its fences are the dropped files, named by `file=…`: a `fixture` fence
//! holds the name of a program of `tests/binaries`, an `options` fence holds options as JSON, and the `report` fence is
//! what the report says as plain text.
//!
//! An `image` fence is an image as `docker save` writes it, under the reference that `name=…` gives: first its
//! configuration as JSON, then a line for each file, `MODE PATH WHAT`, where what it is stands as `fixture ID`, `text …`
//! with `\n` for the end of a line, `-> TARGET`, or nothing for a directory.

#[path = "support/archives.rs"]
mod archives;
#[path = "support/fixtures.rs"]
mod fixtures;

use archives::{Member, What};
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
        ("image", Some(path)) => {
            let name = rest.split(',').find_map(|mark| mark.strip_prefix("name="));
            story.files.push(Input::new(path, image(name, body)));
        }
        ("dockerfile", None) => story.files.push(Input::new("Dockerfile", body)),
        (_, Some(path)) => story.files.push(Input::new(path, body)),
        _ => {}
    }
}

fn image(name: Option<&str>, body: &str) -> Vec<u8> {
    let (config, files) = body.split_once('\n').unwrap_or((body, ""));
    let config = serde_json::json!({
        "os": "linux",
        "architecture": "amd64",
        "config": serde_json::from_str::<serde_json::Value>(config).unwrap(),
    });
    let rows: Vec<(u32, &str, &str, Vec<u8>)> = files
        .lines()
        .map(|line| {
            let mut words = line.splitn(4, ' ');
            let mut word = || words.next().unwrap_or_default();
            let (mode, path, what, rest) = (word(), word(), word(), word());
            let content = match what {
                "fixture" => fixtures::bytes(rest).to_vec(),
                "text" => rest.replace("\\n", "\n").into_bytes(),
                _ => rest.as_bytes().to_vec(),
            };
            (u32::from_str_radix(mode, 8).unwrap(), path, what, content)
        })
        .collect();
    let members: Vec<Member<'_>> = rows
        .iter()
        .map(|(mode, path, what, content)| {
            let what = match *what {
                "->" => What::Symlink(std::str::from_utf8(content).unwrap()),
                "" => What::Directory,
                _ => What::File(content),
            };
            Member { path, mode: *mode, owner: (0, 0), what }
        })
        .collect();
    let names: Vec<&str> = name.into_iter().collect();
    archives::docker_save(&names, &config, &[archives::tar(&members)])
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
        let told = report::format(&answer, &story.files, Format::Text, story.options.locale);
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
