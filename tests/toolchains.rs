//! Build commands in the catalog's images, and what they write there: a table (`data/toolchains.tsv`) and its runner.

use std::sync::Arc;

use execlens::fact::{Condition, Fact, Provenance};
use execlens::image::packages;
use execlens::input::Input;
use execlens::needs::{Linkage, ModuleLibrary, Needs};
use execlens::platform::Platform;
use execlens::project::{Copy, Project, Sources};
use execlens::source::{Location, Span};
use execlens::toolchain::{self, Builder, Environment, Invocation, Outcome, Place, Word};

const TABLE: &str = include_str!("data/toolchains.tsv");

/// One row of the table.
struct Row<'t> {
    image: &'t str,
    packages: Vec<&'t str>,
    environment: Vec<&'t str>,
    files: Vec<&'t str>,
    command: &'t str,
}

fn run(row: &Row<'_>) -> Outcome {
    let at = Location::new(&Arc::from("Dockerfile"), Span::new(0, 1));
    let platform = Platform::default();
    let mut image = execlens::image::resolve(row.image, &platform);
    let names: Vec<String> = row.packages.iter().map(|name| (*name).to_owned()).collect();
    if !names.is_empty() {
        let distribution = image.distribution.clone().expect("packages need a distribution").value;
        let manager = packages::manager(&distribution).expect("a package manager");
        packages::install(&mut image, manager, &names, &at);
    }
    let from_image = image.config.env.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let own = row.environment.iter().filter_map(|pair| pair.split_once('='));
    let known = |(name, value): (&str, &str)| (name.to_owned(), Fact::new(value.to_owned(), Provenance::Always).into());
    let environment = Environment { variables: from_image.chain(own).map(known).collect(), ..Environment::default() };
    let inputs: Vec<Input> = row
        .files
        .iter()
        .filter_map(|file| file.split_once('='))
        .map(|(path, text)| Input::new(path, text.replace("\\n", "\n")))
        .collect();
    let project = Project::new(&inputs, "", !inputs.is_empty());
    let sources = Sources { project: &project, copies: vec![Copy { stage: "/src".into(), context: String::new() }] };
    let words: Vec<Word> = row.command.split(' ').map(Word::new).collect();
    let invocation = Invocation {
        words: &words,
        at: &at,
        program_at: &at,
        environment: &environment,
        directory: Some("/src"),
        builder: Builder {
            image: &image.reference,
            platform: &platform,
            distribution: image.distribution.as_ref(),
            libc: &image.libc,
            c_compiler: &image.c_compiler,
            tools: &image.tools,
            packages: &image.packages,
            tree: &image.tree,
        },
        sources: Some(&sources).filter(|_| !inputs.is_empty()),
    };
    toolchain::run(&invocation).unwrap_or_else(|| panic!("no toolchain knows `{}`", row.command))
}

/// What was made, in the table's words: the place, the loader, what it asks for, and a `?` on each part that hangs on a
/// condition.
fn told(outcome: &Outcome) -> String {
    let mut told: Vec<String> = Vec::new();
    for product in &outcome.products {
        let place = match &product.place {
            Place::File(path) => path.clone(),
            Place::Below { directory, likely } => {
                format!("{directory}/*{}", likely.as_ref().map(|name| format!("({name})")).unwrap_or_default())
            }
        };
        told.push(format!("{place} {}", needs(&product.needs)));
    }
    for folder in &outcome.folders {
        let name = folder.name.as_deref().unwrap_or("*");
        told.extend(
            folder.files.iter().map(|(path, what, _)| format!("{}/{name}/{path} {}", folder.parent, needs(what))),
        );
    }
    told.extend(outcome.links.iter().map(|(path, target)| format!("{path} -> {target}")));
    for (directory, modules) in &outcome.modules {
        let libc = modules.libc.value().map(String::as_str).unwrap_or("?");
        let runtime = modules.runtime.as_ref().map_or("?".to_owned(), |runtime| marked(&runtime.value, &runtime.from));
        let native: Vec<&str> = modules.native.iter().map(|name| name.value.as_str()).collect();
        let native = match (modules.complete, native.is_empty()) {
            (false, true) => String::new(),
            _ => format!(" [{}]", native.join(" ")),
        };
        let asks = |asked: &Fact<ModuleLibrary>| format!(" {}: {}", asked.value.package, asked.value.library);
        let libraries: String = modules.libraries.iter().map(asks).collect();
        told.push(format!("{directory}/ {:?} {runtime} {libc}{native}{libraries}", modules.language));
    }
    told.extend(outcome.unknown.iter().map(|_| "unknown".to_owned()));
    told.join("; ")
}

fn needs(needs: &Needs) -> String {
    match needs {
        Needs::Elf(elf) => {
            let form = match (&elf.interpreter.value, elf.linkage.value) {
                (_, Linkage::Static) => "static".to_owned(),
                (Some(loader), _) => loader.rsplit('/').next().unwrap_or_default().to_owned(),
                (None, _) => "?".to_owned(),
            };
            let mut parts = vec![marked(&form, &elf.interpreter.from)];
            parts.extend(elf.libraries.iter().map(|library| marked(&library.value, &library.from)));
            parts.extend(elf.versions.iter().map(|version| marked(&version.value.version, &version.from)));
            parts.join(" ")
        }
        Needs::Script(script) => {
            let shebang = script.shebang.value.as_ref().map(|shebang| shebang.interpreter.as_str());
            format!("#!{}", shebang.unwrap_or_default())
        }
        Needs::Foreign(foreign) => format!("{:?}", foreign.value),
        Needs::Unknown(_) => "?".to_owned(),
    }
}

fn marked(text: &str, from: &Provenance) -> String {
    let conditions: Vec<Arc<Condition>> = from.conditions();
    if conditions.is_empty() { text.to_owned() } else { format!("{text}?") }
}

#[test]
fn commands_write_what_the_table_says() {
    let mut wrong = Vec::new();
    let mut rows = 0;
    for line in TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [image, packages, environment, files, command, expected] = fields[..] else {
            panic!("six fields are wanted: {line}");
        };
        let list =
            |field: &'static str| -> Vec<&str> { if field == "-" { Vec::new() } else { field.split(' ').collect() } };
        let files = if files == "-" { Vec::new() } else { files.split(" | ").collect() };
        let row = Row { image, packages: list(packages), environment: list(environment), files, command };
        let told = told(&run(&row));
        rows += 1;
        if told != expected {
            wrong.push(format!("{image}: {command}\n  expected {expected}\n  told     {told}"));
        }
    }
    assert!(rows > 0);
    assert!(wrong.is_empty(), "{} of {rows} rows:\n{}", wrong.len(), wrong.join("\n"));
}
