//! Scripts and the commands that they run, as tables in `tests/data/shell/`.
//!
//! A case is `== name`, the script, `--`, and what is expected: one line per command and one for the ending.
//! A command is shown with the variables that it sees beyond those of the start (`A=b`), its words (`?` for what is
//! not known), its directory (`@/src`) unless that is `/`, and what else is to be said of it.
//! `UPDATE=1` rewrites what is expected; read every change.

use std::fmt::Write;
use std::sync::Arc;

use execlens::fact::{Fact, Knowledge, Need, Provenance};
use execlens::shell::{Command, Dialect, EndingKind, Host, Redirection, RedirectionKind, Script, State, Status, walk};
use execlens::source::{Excerpt, Location};
use execlens::text;
use execlens::word::{Environment, Part, Word};

/// A stage in which a few things are known.
struct Stage {
    seen: String,
    start: Environment,
    text: String,
}

impl Host for Stage {
    fn run(&mut self, command: &Command<'_>) -> Status {
        for (name, value) in &command.environment.variables {
            if self.start.variables.get(name).map(shown_value) != Some(shown_value(value)) {
                write!(self.seen, "{name}={} ", shown_value(value)).unwrap();
            }
        }
        for name in self.start.variables.keys() {
            if !command.environment.variables.contains_key(name) {
                write!(self.seen, "-{name} ").unwrap();
            }
        }
        self.seen += &command.words.iter().map(shown).collect::<Vec<_>>().join(" ");
        for redirection in &command.redirections {
            self.seen += &shown_redirection(redirection);
        }
        match command.directory {
            Some("/") => {}
            Some(directory) => write!(self.seen, " @{directory}").unwrap(),
            None => self.seen += " @?",
        }
        if let Some(input) = &command.input {
            write!(self.seen, " <<{input:?}").unwrap();
        }
        for (is_so, what) in [
            (command.piped, " |"),
            (command.background, " &"),
            (command.replaces_shell, " exec"),
            (command.environment.open.is_some(), " open"),
        ] {
            if is_so {
                self.seen += what;
            }
        }
        for condition in &command.only_if {
            write!(self.seen, " if {}", condition.text.in_english()).unwrap();
        }
        // The place of the program must be that of its name, where the name stands in the script as it is.
        let at = &self.text[command.program_at.span.start as usize..command.program_at.span.end as usize];
        if let Some(name) = command.words.first().and_then(Word::known)
            && !name.contains([' ', ':'])
            && self.text.contains(&*name)
            && !at.contains(&*name)
            && !at.contains(['$', '`', '{'])
        {
            write!(self.seen, " AT {at:?}").unwrap();
        }
        self.seen.push('\n');
        match command.words.first().and_then(Word::known).as_deref() {
            Some("ok" | "echo" | "cat" | "mkdir") => Status::Success,
            Some("bad") => Status::Failure,
            _ => Status::Unknown,
        }
    }

    fn output(&mut self, command: &Command<'_>) -> Option<String> {
        let words: Option<Vec<_>> = command.words.iter().map(Word::known).collect();
        match words?.join(" ").as_str() {
            "uname -m" => Some("x86_64\n".into()),
            "dpkg --print-architecture" => Some("amd64\n".into()),
            "apk --print-arch" => Some("x86_64\n".into()),
            "pwd" => command.directory.map(str::to_owned),
            _ => None,
        }
    }

    fn test(&mut self, operator: char, path: &str) -> Option<bool> {
        match (operator, path) {
            ('c', "go") => Some(true),
            ('c', "nothing") => Some(false),
            (_, path) if path.starts_with("/yes") => Some(true),
            (_, path) if path.starts_with("/no") => Some(false),
            _ => None,
        }
    }

    fn script(&mut self, path: &str) -> Option<Script> {
        let text = match path {
            "/scripts/vars.sh" => "SOURCED=1\nexport EXPORTED=2\n",
            "/scripts/build.sh" => "#!/bin/bash -e\ngo build -o \"$1\" ./{a,b}\n",
            "/scripts/app.py" => "#!/usr/bin/env python3\n",
            _ => return None,
        };
        // Places in another file would be checked against this script's text.
        Some(Script { text: Excerpt { text: text.into(), pieces: Vec::new() }, path: "other".into() })
    }

    fn files(&mut self, pattern: &str) -> Option<Vec<String>> {
        match pattern {
            "/src/*.c" => Some(vec!["/src/a.c".into(), "/src/b.c".into()]),
            "/src/*.none" => Some(Vec::new()),
            _ => None,
        }
    }
}

fn shown(word: &Word) -> String {
    let text = word.parts.iter().fold(String::new(), |whole, part| match part {
        Part::Text(text) => whole + text,
        Part::Glob(text) => whole + "⟨" + text + "⟩",
        Part::Unknown(_) => whole + "?",
    });
    if text.is_empty() || text.contains([' ', '\n', '\t', '\r']) { format!("{text:?}") } else { text }
}

fn shown_value(value: &Knowledge<String>) -> String {
    match value {
        Knowledge::Known(fact) if matches!(fact.from, Provenance::Assumed(_)) => format!("{}(assumed)", fact.value),
        Knowledge::Known(fact) if !fact.from.conditions().is_empty() => format!("{}(conditional)", fact.value),
        Knowledge::Known(fact) => shown(&Word::new(fact.value.clone())),
        Knowledge::Unknown(_) => "?".into(),
    }
}

fn shown_redirection(redirection: &Redirection) -> String {
    let sign = match redirection.kind {
        RedirectionKind::Read => "<",
        RedirectionKind::Write => ">",
        RedirectionKind::Append => ">>",
    };
    let number = if redirection.descriptor == 2 { "2" } else { "" };
    match (&redirection.file, &redirection.text) {
        (Some(file), _) => format!(" {number}{sign}{}", shown(file)),
        (None, Some(text)) => format!(" <<{}", shown(text)),
        (None, None) => String::new(),
    }
}

/// The environment of every case: two known variables, and one that is not.
fn start() -> Environment {
    let path: Arc<str> = "start".into();
    let known = |value: &str| Knowledge::Known(Fact::read(value.to_owned(), Location::file(&path)));
    let need = Need {
        text: text! { en: "`TARGETARCH` is not known", ja: "`TARGETARCH` は不明です" },
        settled_by: Vec::new(),
        at: None,
    };
    let mut environment = Environment::default();
    environment.variables.insert("HOME", known("/root"));
    environment.variables.insert("GOPATH", known("/go"));
    environment.variables.insert("TARGETARCH", Knowledge::Unknown(Arc::new(need)));
    environment
}

fn run(script: &str, dialect: Dialect) -> (String, Status) {
    let mut state = State {
        environment: start(),
        directory: Some("/".into()),
        arguments: Some(vec![Word::new("/bin/sh")]),
        ..State::default()
    };
    let mut stage = Stage { seen: String::new(), start: start(), text: script.to_owned() };
    let excerpt = Excerpt { text: script.to_owned(), pieces: vec![(0, 0)] };
    let ending = walk(&excerpt, &"script".into(), dialect, &mut state, &mut stage);
    let mut seen = stage.seen;
    let kind = match &ending.kind {
        EndingKind::Finished => "=".to_owned(),
        EndingKind::Exited => "= exit".to_owned(),
        EndingKind::Replaced(words) => {
            format!("= exec {}", words.iter().map(shown).collect::<Vec<_>>().join(" "))
        }
    };
    writeln!(seen, "{kind} {:?}", ending.status).unwrap();
    for need in &ending.unread {
        writeln!(seen, "! {}", need.text.in_english()).unwrap();
    }
    (seen, ending.status)
}

#[track_caller]
fn check_table(file: &str, dialect: Dialect) {
    let path = format!("{}/tests/data/shell/{file}", env!("CARGO_MANIFEST_DIR"));
    let table = std::fs::read_to_string(&path).unwrap();
    let mut rewritten = String::new();
    let mut wrong = Vec::new();
    for (n, case) in table.split("\n== ").enumerate() {
        if n == 0 {
            rewritten += case.trim_end();
            rewritten += "\n\n";
            continue;
        }
        let (name, rest) = case.split_once('\n').unwrap();
        let (script, expected) = rest.split_once("--\n").unwrap_or((rest, ""));
        let seen = run(script.trim_end_matches('\n'), dialect).0;
        if seen.trim_end() != expected.trim_end() {
            wrong.push(format!("{name}\nseen:\n{seen}expected:\n{}", expected.trim_start()));
        }
        write!(rewritten, "== {name}\n{}\n--\n{seen}\n", script.trim_end_matches('\n')).unwrap();
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, rewritten.trim_end().to_owned() + "\n").unwrap();
    } else {
        assert!(wrong.is_empty(), "{} cases of {file}:\n\n{}", wrong.len(), wrong.join("\n"));
    }
}

#[test]
fn scripts_run_their_commands_in_sh() {
    check_table("sh.txt", Dialect::Ash);
}

#[test]
fn scripts_run_their_commands_in_bash() {
    check_table("bash.txt", Dialect::Bash);
}

#[test]
fn scripts_of_images_run_their_commands() {
    check_table("images.txt", Dialect::Ash);
}
