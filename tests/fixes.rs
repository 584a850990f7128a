//! What the best fix of a finding makes of a Dockerfile; after it, the finding is gone.

use execlens::check;
use execlens::input::Input;
use execlens::options::Options;
use execlens::report::{Diagnostic, FileEdit};
use execlens::source::LineIndex;

fn found(dockerfile: &str, others: &[(&str, &str)], rule: &str) -> Option<Diagnostic> {
    let mut files = vec![Input::new("Dockerfile", dockerfile)];
    files.extend(others.iter().map(|(path, content)| Input::new(path, *content)));
    check(&files, &Options::default()).diagnostics.into_iter().find(|found| found.code == rule)
}

fn applied(text: &str, edits: &[FileEdit]) -> String {
    let lines = LineIndex::new(text);
    let mut edits: Vec<&FileEdit> = edits.iter().collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.range.start));
    edits.into_iter().fold(text.to_owned(), |mut text, edit| {
        text.replace_range(lines.offset(edit.range.start)..lines.offset(edit.range.end), &edit.new_text);
        text
    })
}

/// `after` is `None` where no change of the Dockerfile is offered.
#[track_caller]
fn best(rule: &str, before: &str, others: &[(&str, &str)], after: Option<&str>) {
    let found_before = found(before, others, rule).unwrap_or_else(|| panic!("{rule} finds nothing in\n{before}"));
    let fix = found_before.fixes.iter().find(|fix| !fix.edits.is_empty());
    let mended = fix.map(|fix| applied(before, &fix.edits));
    assert_eq!(mended.as_deref(), after, "{:#?}", found_before.fixes);
    let again = mended.and_then(|mended| found(&mended, others, rule));
    assert_eq!(again.map(|found| found.message), None);
}

#[track_caller]
fn is_silent(rule: &str, dockerfile: &str, others: &[(&str, &str)]) {
    assert_eq!(found(dockerfile, others, rule).map(|found| found.message), None, "{dockerfile}");
}

#[test]
fn an_account_that_the_image_has_is_used() {
    let rule = "build-command-fails";
    let end = "USER node\nCMD [\"node\", \"-v\"]\n";
    let with = |run: &str| format!("FROM node:20.11-alpine3.19\n{run}{end}");
    best(rule, &with("RUN adduser -D node\n"), &[], Some(&with("")));
    best(rule, &with("RUN addgroup node && \\\n    adduser -D -G node node\n"), &[], Some(&with("")));
    best(
        rule,
        &with("RUN apk add --no-cache tini && adduser -D node\n"),
        &[],
        Some(&with("RUN apk add --no-cache tini\n")),
    );
    // A shell that goes on is not refused, and an account of another name is a new one.
    is_silent(rule, &with("RUN adduser -D node || true\n"), &[]);
    is_silent(rule, &with("RUN adduser -D app\n"), &[]);
}

#[test]
fn the_module_is_copied_before_it_is_built() {
    let rule = "build-command-fails";
    let with = |copy: &str| {
        format!(
            "FROM golang:1.22 AS build\nWORKDIR /src\n{copy}RUN CGO_ENABLED=0 go build -o /app .\n\
             FROM scratch\nCOPY --from=build /app /app\nCMD [\"/app\"]\n"
        )
    };
    let project = [("go.mod", "module example.com/app\n\ngo 1.22\n"), ("main.go", "package main\n\nfunc main() {}\n")];
    let copied = "COPY main.go ./\nCOPY go.mod go.sum* ./\n";
    best(rule, &with("COPY main.go ./\n"), &project, Some(&with(copied)));
    best(rule, &with("COPY main.go ./\n"), &[], Some(&with(copied)));
    // What `go.work` lists are modules, and Go looks for either.
    is_silent(rule, &with("COPY go.work main.go ./\n"), &[]);
    is_silent(rule, &with("COPY . .\n"), &project);
}

#[test]
fn the_manifest_comes_from_where_the_modules_do() {
    let before = "FROM node:22 AS build\nWORKDIR /src\nCOPY . .\nRUN npm ci && npm run build\nFROM node:22-slim\n\
        WORKDIR /app\nCOPY --from=build /src/node_modules ./node_modules\nCMD [\"npm\", \"start\"]\n";
    let after =
        before.replace("node_modules\nCMD", "node_modules\nCOPY --from=build /src/package.json /app/package.json\nCMD");
    best("program-missing", before, &[], Some(&after));
}

#[test]
fn a_directory_is_given_to_the_user_that_writes_into_it() {
    let before = "FROM node:22\nWORKDIR /app\nCOPY . .\nUSER node\nRUN npm ci\nCMD [\"node\", \"index.js\"]\n";
    let after = before.replace("USER node", "RUN chown node /app\nUSER node");
    best("build-command-fails", before, &[], Some(&after));
    is_silent("build-command-fails", &before.replace("USER node\n", ""), &[]);
}

#[test]
fn root_installs_packages() {
    let before = "FROM debian:12\nUSER 1000:1000\nRUN apt-get update\nCMD [\"bash\"]\n";
    let after = before.replace("RUN apt-get update", "USER root\nRUN apt-get update\nUSER 1000:1000");
    best("build-command-fails", before, &[], Some(&after));
    is_silent("build-command-fails", &before.replace("USER 1000:1000", "USER 0:0"), &[]);
}

#[test]
fn a_server_is_added_to_the_command_that_installs() {
    let before = "FROM python:3.12\nRUN pip install flask\nCMD [\"gunicorn\", \"app:app\"]\n";
    let after = before.replace("flask", "flask gunicorn");
    best("program-not-in-path", before, &[], Some(&after));
    is_silent("program-not-in-path", &after, &[]);
}
