//! What real `go build` runs made, against what the toolchain model says they make.

use std::collections::BTreeSet;
use std::sync::Arc;

use execlens::fact::{Fact, Knowledge, Need, Provenance};
use execlens::image::{Libc, LibcFamily, Tool};
use execlens::input::Input;
use execlens::needs::{ElfNeeds, Foreign, Language, Linkage, Needs};
use execlens::platform::Platform;
use execlens::project::{Copy, Project, Sources};
use execlens::source::{Location, Span};
use execlens::toolchain::{self, Builder, Environment, FailureKind, Invocation, Outcome, Word};
use execlens::tree::Tree;

const LINKS: &str = include_str!("data/go-links.tsv");
const RUNS: &str = include_str!("data/go-static-runs.tsv");

/// The programs that were built, by name.
fn source(program: &str) -> &'static str {
    match program {
        "hello" | "plug" => "package main\nimport \"fmt\"\nfunc main() { fmt.Println() }\n",
        "exec" => "package main\nimport \"os/exec\"\n",
        "netonly" => "package main\nimport \"net\"\n",
        "nethttp" => "package main\nimport \"net/http\"\n",
        "certs" => "package main\nimport (\n\t\"crypto/x509\"\n\t\"net/http\"\n)\n",
        "osuser" => "package main\nimport \"os/user\"\n",
        "tz" => "package main\nimport \"time\"\n",
        "tzembed" => "package main\nimport (\n\t_ \"time/tzdata\"\n)\n",
        "plughost" => "package main\nimport \"plugin\"\n",
        "cgo" => "package main\n\n// int one(void) { return 1; }\nimport \"C\"\n",
        "cgodb" => "package main\n\n/*\n#cgo LDFLAGS: -lm -ldl -lpthread\n*/\nimport \"C\"\n",
        "cgosys" => "package main\n\n// #cgo LDFLAGS: -lsqlite3\nimport \"C\"\n",
        other => panic!("no such program: {other}"),
    }
}

/// Splits words as a shell does, as far as the table uses quotes.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for c in line.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '\'' || c == '"' => quote = Some(c),
            None if c == ' ' => words.push(std::mem::take(&mut word)),
            _ => word.push(c),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

fn libc(text: &str) -> Libc {
    let (family, version) = text.split_once(' ').expect("a family and a version");
    let family = if family == "musl" { LibcFamily::Musl } else { LibcFamily::Glibc };
    Libc { family, version: version.to_owned() }
}

fn build(go: &str, builder_libc: &str, compiler: bool, program: &str, environment: &str, flags: &str) -> Outcome {
    let inputs = [Input::new("go.mod", "module lab/app\n"), Input::new("main.go", source(program))];
    let project = Project::new(&inputs, "", true);
    let sources = Sources { project: &project, copies: vec![Copy { stage: "/src".into(), context: String::new() }] };
    let always = |value: String| Knowledge::Known(Fact::new(value, Provenance::Always));
    let pairs = words(environment);
    let variables = pairs
        .iter()
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), always(value.to_owned())));
    let environment = Environment { variables: variables.collect(), ..Environment::default() };
    let mut line: Vec<Word> = ["go", "build", "-o", "/app"].map(Word::new).into();
    line.extend(words(flags).into_iter().map(Word::new));
    let tool = Tool { language: Language::Go, version: go.to_owned(), target: None };
    // The sources lie in the stage, whose other files nobody has listed.
    let mut tree = Tree::empty();
    let text = execlens::text! { en: "only the sources are known", ja: "ソース以外は分かりません" };
    tree.doubt("/", std::sync::Arc::new(Need { text, settled_by: Vec::new(), at: None }));
    let platform = Platform::linux("amd64");
    let libc = Knowledge::Known(Fact::new(Some(libc(builder_libc)), Provenance::Always));
    let at = Location::new(&Arc::from("Dockerfile"), Span::new(0, 1));
    let invocation = Invocation {
        words: &line,
        at: &at,
        program_at: &at,
        environment: &environment,
        directory: Some("/src"),
        builder: Builder {
            image: "golang",
            platform: &platform,
            distribution: None,
            libc: &libc,
            c_compiler: &Knowledge::Known(Fact::new(compiler, Provenance::Always)),
            tools: &[Fact::new(tool, Provenance::Always)],
            packages: &[],
            tree: &tree,
        },
        sources: Some(&sources),
    };
    toolchain::run(&invocation).expect("`go build` is known")
}

fn program(outcome: &Outcome) -> Option<&ElfNeeds> {
    match outcome.products.first().map(|product| &product.needs) {
        Some(Needs::Elf(needs)) => Some(needs),
        _ => None,
    }
}

/// What the model says, in the table's words.
fn predicted(outcome: &Outcome) -> (String, String) {
    if let Some(failure) = outcome.failure.as_ref().filter(|failure| failure.from.conditions().is_empty()) {
        let kind = match failure.kind {
            FailureKind::CgoWithoutCompiler => "no compiler",
            FailureKind::NoFilesLeft => "no files",
            FailureKind::ExternalLinkWithoutCgo => "no cgo",
            FailureKind::UndefinedSymbols => "symbols",
            other => panic!("{other:?} is in no row"),
        };
        return (format!("fails: {kind}"), "-".into());
    }
    let form = match &outcome.products[0].needs {
        Needs::Elf(needs) if needs.linkage.value == Linkage::Dynamic => "dynamic",
        Needs::Elf(_) => "static",
        Needs::Foreign(foreign) => match foreign.value {
            Foreign::MachO => "mach-o",
            Foreign::Pe => "pe",
            Foreign::SharedLibrary => "shared",
            _ => "other",
        },
        _ => "unknown",
    };
    let loader = program(outcome).and_then(|needs| needs.interpreter.value.clone());
    (form.to_owned(), loader.unwrap_or_else(|| "-".into()))
}

fn version_key(version: &str) -> Vec<u32> {
    version.trim_start_matches("GLIBC_").split('.').filter_map(|part| part.parse().ok()).collect()
}

#[test]
fn every_measured_link_is_predicted() {
    let mut wrong = Vec::new();
    let mut rows = 0;
    for row in LINKS.lines().filter(|row| !row.starts_with('#')) {
        rows += 1;
        let [go, libc, compiler, name, environment, flags, form, loader, libraries, newest] =
            row.split('\t').collect::<Vec<_>>().try_into().expect("ten columns");
        let outcome = build(go, libc, compiler == "gcc", name, environment, flags);
        // Whether archives for a static link are installed cannot be seen, so the model makes it a condition.
        if form == "fails: symbols"
            && outcome.failure.as_ref().is_some_and(|failure| failure.from.conditions().len() == 1)
        {
            continue;
        }
        if predicted(&outcome) != (form.to_owned(), loader.to_owned()) {
            wrong.push(format!("{row}\n    {:?}", predicted(&outcome)));
            continue;
        }
        let Some(needs) = program(&outcome) else { continue };
        for fact in [needs.interpreter.from.conditions(), needs.linkage.from.conditions()] {
            assert_eq!(fact.len(), 0, "with all sources there, nothing is conditional: {row}");
        }
        let found: BTreeSet<&str> = needs.libraries.iter().map(|library| library.value.as_str()).collect();
        let measured: BTreeSet<&str> = libraries.split(',').filter(|name| *name != "-").collect();
        if found != measured {
            wrong.push(format!("{row}\n    {found:?}"));
        }
        let certain = needs.versions.iter().filter(|version| version.from.conditions().is_empty());
        let floor = certain.map(|version| version_key(&version.value.version)).max().unwrap_or_default();
        let ceiling =
            needs.versions.iter().map(|version| version_key(&version.value.version)).max().unwrap_or_default();
        if !(floor..=ceiling).contains(&version_key(newest)) {
            wrong.push(format!("{row}\n    {:?}", needs.versions.iter().map(|v| &v.value.version).collect::<Vec<_>>()));
        }
    }
    assert!(rows > 1500, "the table is there");
    assert!(wrong.is_empty(), "{} of {rows} rows differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn static_links_that_die_are_known() {
    for row in RUNS.lines().filter(|row| !row.starts_with('#')) {
        let [go, libc, name, environment, flags, end] =
            row.split('\t').collect::<Vec<_>>().try_into().expect("six columns");
        let outcome = build(go, libc, true, name, environment, flags);
        let needs = program(&outcome).unwrap_or_else(|| panic!("a program: {row}"));
        let expected = if end == "died" { Linkage::StaticBroken } else { Linkage::Static };
        assert_eq!(needs.linkage.value, expected, "{row}");
        assert_eq!(needs.linkage.from.conditions().len(), 0, "{row}");
    }
}
