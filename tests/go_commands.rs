//! `go` commands in a stage, and what they write there: a table (`data/go-commands.tsv`) and its runner.

use std::sync::Arc;

use execlens::fact::{Condition, Fact, Knowledge, Need, Provenance};
use execlens::image::{Libc, LibcFamily, Tool};
use execlens::input::Input;
use execlens::needs::{ElfNeeds, Language, Linkage, Needs, Trait};
use execlens::platform::Platform;
use execlens::project::{Copy, Project, Sources};
use execlens::source::{Location, Span};
use execlens::text;
use execlens::toolchain::{self, Builder, Environment, Invocation, Outcome, Part, Place, Word};
use execlens::tree::Tree;

const TABLE: &str = include_str!("data/go-commands.tsv");

/// The projects that the table names: whether a whole folder was dropped, and its files.
fn project(name: &str) -> Option<Project> {
    const MAIN: &str = "package main\nfunc main() {}\n";
    const MODULE: &str = "module example.org/shop\n";
    let files: &[(&str, &str)] = match name {
        "-" => return None,
        "shop" => {
            &[("go.mod", MODULE), ("main.go", MAIN), ("cmd/api/main.go", MAIN), ("store/store.go", "package store\n")]
        }
        "net" => &[("go.mod", MODULE), ("main.go", "package main\nimport \"net/http\"\n")],
        // Files by themselves: the module's manifest, and not all of its packages.
        "partial" => &[("go.mod", MODULE), ("main.go", "package main\nimport _ \"example.org/shop/store\"\n")],
        "pure" | "loose" => &[("go.mod", MODULE), ("main.go", "package main\nimport \"fmt\"\n")],
        "deep" => &[
            ("go.mod", MODULE),
            ("main.go", "package main\nimport _ \"example.org/shop/a\"\n"),
            ("a/a.go", "package a\nimport _ \"example.org/shop/a/b\"\n"),
            ("a/b/b_linux.go", "package b\nimport _ \"os/user\"\n"),
            ("tool/main.go", MAIN),
        ],
        "foreign" => &[("go.mod", MODULE), ("main.go", "package main\nimport _ \"example.net/lib\"\n")],
        "vendored" => &[
            ("go.mod", MODULE),
            ("main.go", "package main\nimport _ \"example.net/lib\"\n"),
            ("vendor/example.net/lib/lib.go", "package lib\nimport \"strings\"\n"),
        ],
        "cobra" => &[("go.mod", MODULE), ("main.go", "package main\nimport \"github.com/spf13/cobra\"\n")],
        "sqlite" => &[("go.mod", MODULE), ("main.go", "package main\nimport _ \"github.com/mattn/go-sqlite3\"\n")],
        "kafka" => &[
            ("go.mod", MODULE),
            ("main.go", "package main\nimport \"github.com/confluentinc/confluent-kafka-go/v2/kafka\"\n"),
        ],
        "requires" => &[("go.mod", "module example.org/shop\nrequire github.com/mattn/go-sqlite3 v1.14.22\n")],
        "new" => &[("go.mod", "module example.org/shop\ngo 1.24.1\n"), ("main.go", "package main\nimport \"net\"\n")],
        "systems" => &[
            ("go.mod", MODULE),
            ("main.go", "package main\n"),
            ("c.go", "//go:build darwin\n\npackage main\nimport \"C\"\n"),
            ("pure.go", "// +build !cgo\n\npackage main\n"),
        ],
        "zones" => {
            &[("go.mod", MODULE), ("main.go", "package main\nimport \"time\"\nvar l, _ = time.LoadLocation(\"x\")\n")]
        }
        "client" => &[
            ("go.mod", MODULE),
            ("main.go", "package main\nimport \"net/http\"\nvar r, _ = http.Get(\"https://x\")\n"),
        ],
        other => panic!("no such project: {other}"),
    };
    let whole = !matches!(name, "loose" | "partial" | "requires");
    Some(Project::new(&files.iter().map(|(path, text)| Input::new(path, *text)).collect::<Vec<_>>(), "", whole))
}

fn need() -> Arc<Need> {
    Arc::new(Need { text: text! { en: "not known", ja: "不明" }, settled_by: vec![], at: None })
}

/// Splits a command as a shell does, `$name` being unknown.
fn command(line: &str) -> Vec<Word> {
    let (mut words, mut quote, mut open) = (vec![Word { parts: vec![] }], None, false);
    for c in line.chars() {
        let word = words.last_mut().expect("never empty");
        match (quote, c) {
            (Some(end), c) if c == end => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, ' ') => words.push(Word { parts: vec![] }),
            (_, '$') => word.parts.push(Part::Unknown(need())),
            (_, c) if open && c.is_ascii_uppercase() => {}
            (_, c) => match word.parts.last_mut() {
                Some(Part::Text(text)) => text.push(c),
                _ => word.parts.push(Part::Text(c.to_string())),
            },
        }
        open = c == '$' || open && c.is_ascii_uppercase();
    }
    words
}

fn environment(text: &str) -> Environment {
    let mut environment = Environment::default();
    for pair in text.split(' ').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').expect("a name and a value");
        let value = match value {
            "?" => Knowledge::Unknown(need()),
            value => Fact::new(value.to_owned(), Provenance::Always).into(),
        };
        match name.strip_prefix("stored:") {
            Some(name) => environment.stored.insert(name.to_owned(), value),
            None => environment.variables.insert(name.to_owned(), value),
        };
    }
    environment
}

fn run(
    builder: &str,
    environment: &Environment,
    directory: &str,
    project: Option<&Project>,
    words: &[Word],
) -> Outcome {
    let [machine, family, libc, go, compiler] = builder.split(' ').collect::<Vec<_>>().try_into().expect("five words");
    let family = if family == "musl" { LibcFamily::Musl } else { LibcFamily::Glibc };
    let libc = Fact::new(Some(Libc { family, version: libc.into() }), Provenance::Always).into();
    let tool = Tool { language: Language::Go, version: go.into(), target: None };
    let sources =
        project.map(|project| Sources { project, copies: vec![Copy { stage: "/src".into(), context: String::new() }] });
    let at = Location::new(&Arc::from("Dockerfile"), Span::new(0, 1));
    // The sources lie in the stage, whose other files nobody has listed.
    let mut tree = Tree::empty();
    tree.doubt("/", need());
    let invocation = Invocation {
        words,
        at: &at,
        program_at: &at,
        environment,
        directory: Some(directory),
        builder: Builder {
            image: "golang",
            platform: &Platform::linux(machine),
            distribution: None,
            libc: &libc,
            c_compiler: &match compiler {
                "?" => Knowledge::Unknown(need()),
                present => Fact::new(present == "gcc", Provenance::Always).into(),
            },
            tools: &[Fact::new(tool, Provenance::Always)],
            packages: &[],
            tree: &tree,
        },
        sources: sources.as_ref(),
    };
    toolchain::run(&invocation).expect("a go command")
}

fn conditions<'a>(provenances: impl IntoIterator<Item = &'a Provenance>) -> String {
    let mut all: Vec<Arc<Condition>> = Vec::new();
    for condition in provenances.into_iter().flat_map(Provenance::conditions) {
        if !all.contains(&condition) {
            all.push(condition);
        }
    }
    let words: Vec<String> = all.iter().map(|condition| condition.text.in_english()).collect();
    if words.is_empty() { String::new() } else { format!(" if {}", words.join(" and ")) }
}

fn elf(needs: &ElfNeeds) -> String {
    let mut text = match needs.linkage.value {
        Linkage::Static => "static".to_owned(),
        Linkage::StaticBroken => "broken".to_owned(),
        Linkage::Dynamic => format!("dynamic {}", needs.interpreter.value.as_deref().unwrap_or("-")),
    };
    let machine = needs.machine.value;
    match (machine.architecture(), machine.arm_version) {
        (Some("amd64"), _) => {}
        (Some("arm"), version) => text += &format!(" (arm v{version})"),
        (other, _) => text += &format!(" ({})", other.unwrap_or("?")),
    }
    // What no source tells of may be so on every row.
    let told = |which: &&Fact<Trait>| !matches!(which.from, Provenance::Assumed(_));
    let traits = needs.traits.iter().filter(told).filter(|which| format!("{:?}", which.value) != "StaticNameService");
    for which in traits.clone() {
        text += &format!(" {:?}", which.value);
    }
    text + &conditions(
        [&needs.linkage.from, &needs.interpreter.from].into_iter().chain(traits.map(|which| &which.from)),
    )
}

fn render(outcome: &Outcome) -> String {
    let mut parts = Vec::new();
    if let Some(failure) = &outcome.failure {
        parts.push(format!("fails {:?}{}", failure.kind, conditions([&failure.from])));
    }
    for product in &outcome.products {
        let place = match &product.place {
            Place::File(path) => path.clone(),
            Place::Below { directory, likely: None } => format!("{directory}/?"),
            Place::Below { directory, likely: Some(likely) } => format!("{directory}/? ({likely})"),
        };
        parts.push(match &product.needs {
            Needs::Elf(needs) => format!("{place} {}", elf(needs)),
            Needs::Foreign(foreign) => format!("{place} {:?}", foreign.value),
            Needs::Unknown(_) => format!("{place} unknown"),
            Needs::Script(_) => format!("{place} script"),
        });
    }
    parts.join(", ")
}

#[test]
fn commands_write_what_the_table_says() {
    let mut wrong = Vec::new();
    for row in TABLE.lines().filter(|row| !row.is_empty() && !row.starts_with('#')) {
        let columns: Vec<&str> = row.split('\t').collect();
        let [builder, variables, directory, name, line, expected] = columns.try_into().expect("six columns");
        let project = project(name);
        let outcome = run(builder, &environment(variables), directory, project.as_ref(), &command(line));
        if render(&outcome) != expected {
            wrong.push(format!("{row}\n    found: {}", render(&outcome)));
        }
    }
    assert!(wrong.is_empty(), "{} rows differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn settings_are_stored_for_later_commands() {
    let outcome = run(
        "amd64 glibc 2.36 1.22 gcc",
        &Environment::default(),
        "/",
        None,
        &command("go env -w CGO_ENABLED=0 GOFLAGS=-v"),
    );
    let stored: Vec<_> =
        outcome.stores.iter().map(|(name, value)| (name.as_str(), value.value().map(String::as_str))).collect();
    assert_eq!(stored, [("CGO_ENABLED", Some("0")), ("GOFLAGS", Some("-v"))]);
}
