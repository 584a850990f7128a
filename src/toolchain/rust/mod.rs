//! Rust: `cargo build`, `cargo install` and `rustc`, to the programs they write.
//!
//! What decides: the target triple (the host's unless told otherwise), whether the C runtime is linked statically
//! (by default on musl, `-C target-feature=±crt-static`), and the C libraries that crates link.

mod command;
mod program;
mod target;

use crate::lists::{Collect, is_one_of};
use std::sync::Arc;

use self::command::{Flags, known, package_directory, setting};
use self::program::needs;
use self::target::Target;
use super::arguments::{absolute, home, program};
use super::{Invocation, Outcome, Place, Product, Toolchain, UNKNOWN, Word};
use crate::fact::{Need, Settler};
use crate::needs::{Language, Machine, Needs};
use crate::project::cargo;
use crate::text;
use crate::tree::normalize;

pub(super) static TOOLCHAIN: Toolchain = Toolchain { language: Language::Rust, recognise, run };

fn recognise(words: &[Word]) -> bool {
    is_one_of(&program(words), "cargo cargo-zigbuild cross rustc xx-cargo")
}

fn run(invocation: &Invocation<'_>) -> Outcome {
    let name = program(invocation.words);
    if name == "rustc" {
        return rustc(invocation);
    }
    let rest = invocation.words.get(1..).unwrap_or_default();
    // `cargo +nightly build`, `cargo --locked build`
    let at = rest.iter().position(|word| !word.pattern().starts_with(['+', '-'])).unwrap_or(rest.len());
    let Some(subcommand) = rest.get(at).and_then(|word| word.known().map(|text| text.into_owned())) else {
        return Outcome::default();
    };
    let rest = &rest[at + 1..];
    match subcommand.as_str() {
        // `cargo auditable build` passes everything on and adds a section to the program.
        "auditable" => build(invocation, &Flags::read(rest.get(1..).unwrap_or_default())),
        "build" | "b" | "zigbuild" | "rustc" => build(invocation, &Flags::read(rest)),
        "install" => install(invocation, &Flags::read(rest)),
        subcommand if WITHOUT_PROGRAM.contains(&subcommand) => Outcome::default(),
        other => Outcome { unknown: vec![Arc::new(foreign_subcommand(invocation, other))], ..Outcome::default() },
    }
}

/// Subcommands that make no program that is kept.
const WITHOUT_PROGRAM: &[&str] = &[
    "add",
    "audit",
    "bench",
    "c",
    "check",
    "chef",
    "clean",
    "clippy",
    "config",
    "deny",
    "doc",
    "fetch",
    "fix",
    "fmt",
    "generate-lockfile",
    "help",
    "info",
    "init",
    "locate-project",
    "login",
    "metadata",
    "new",
    "nextest",
    "pkgid",
    "r",
    "remove",
    "run",
    "search",
    "t",
    "test",
    "tree",
    "uninstall",
    "update",
    "vendor",
    "verify-project",
    "version",
];

/// `cargo build`: programs in the target directory.
fn build(invocation: &Invocation<'_>, flags: &Flags) -> Outcome {
    let directory = package_directory(invocation, flags);
    if flags.no_program {
        return Outcome::default();
    }
    let target = target(invocation, directory.as_deref(), flags);
    let names = names(invocation, directory.as_deref(), flags);
    let profile = match flags.profile.as_deref() {
        None | Some("dev" | "test") => "debug",
        Some("bench") => "release",
        Some(other) => other,
    };
    let mut elsewhere = Vec::new();
    let root = flags.target_directory.as_ref().map_or_else(
        || {
            let set = setting(invocation, directory.as_deref(), "CARGO_TARGET_DIR", "build", "target-dir")
                .or_else(|| invocation.environment.get("CARGO_BUILD_TARGET_DIR"));
            match set {
                Some(set) => Some(normalize(invocation.directory?, set.value()?)),
                // A member of a workspace is built into the workspace's folder.
                None => {
                    elsewhere = unseen_workspaces(invocation, directory.as_deref()?);
                    Some(normalize(&workspace(invocation, directory.as_deref()?), "target"))
                }
            }
        },
        |word| absolute(invocation, word),
    );
    let Some(root) = root else { return Outcome::default() };
    // A triple that was asked for by name is a folder of its own, even when it is the host's.
    let triple = match &target {
        Ok(Some((target, true))) => format!("/{}", target.triple),
        Err(_) => format!("/{UNKNOWN}"),
        _ => String::new(),
    };
    let mut directories = vec![format!("{root}{triple}/{profile}")];
    directories.extend(flags.artifact_directory.as_ref().and_then(|word| absolute(invocation, word)));
    let needs = needs(invocation, directory.as_deref(), target);
    let mut outcome = Outcome::default();
    for directory in directories {
        place(&mut outcome, &directory, &names, &needs);
    }
    // What is taken from there later was made here, since the copy would fail otherwise.
    let open = Names { certain: Vec::new(), likely: Vec::new(), open: true };
    for root in elsewhere {
        place(&mut outcome, &format!("{}{triple}/{profile}", normalize(&root, "target")), &open, &needs);
    }
    outcome
}

/// `cargo install`: programs in `bin` below the install root.
fn install(invocation: &Invocation<'_>, flags: &Flags) -> Outcome {
    let directory = flags.path.as_ref().and_then(|path| absolute(invocation, path));
    let target = target(invocation, directory.as_deref(), flags);
    let cargo_home = || {
        let variable = |name| invocation.environment.get(name).and_then(|value| value.value().cloned());
        variable("CARGO_INSTALL_ROOT")
            .or_else(|| variable("CARGO_HOME"))
            .unwrap_or_else(|| format!("{}/.cargo", home(invocation)))
    };
    let root = match &flags.root {
        Some(word) => absolute(invocation, word),
        None => Some(cargo_home()),
    };
    let Some(root) = root else { return Outcome::default() };
    let crates = || {
        let name = |word: &Word| word.known().map(|text| text.split('@').next().unwrap_or_default().to_owned());
        flags.operands.iter().filter_map(name).collect_vec()
    };
    let mut names = names(invocation, directory.as_deref(), flags);
    if flags.path.is_none() && flags.programs.is_empty() {
        // A crate's programs are mostly called like the crate, but need not be.
        names = Names { certain: Vec::new(), likely: crates(), open: true };
    }
    let needs = needs(invocation, directory.as_deref(), target);
    let mut outcome = Outcome::default();
    place(&mut outcome, &normalize(&root, "bin"), &names, &needs);
    outcome
}

/// `rustc main.rs -o app`
fn rustc(invocation: &Invocation<'_>) -> Outcome {
    let mut output = None;
    let mut source = None;
    let mut words = invocation.words.get(1..).unwrap_or_default().iter();
    let mut flags = Flags::default();
    while let Some(word) = words.next() {
        match word.pattern().as_str() {
            "-o" => output = words.next().and_then(|word| absolute(invocation, word)),
            "--target" => flags.target = words.next().cloned(),
            "--crate-type" => match words.next().map(Word::pattern).as_deref() {
                Some("bin") => {}
                _ => return Outcome::default(),
            },
            "-C" | "--edition" | "--cfg" | "-L" | "-l" | "--extern" => drop(words.next()),
            text if text.ends_with(".rs") => source = absolute(invocation, word),
            _ => {}
        }
    }
    let Some(path) = output.or_else(|| {
        source.and_then(|source| {
            let name = source.rsplit('/').next()?.strip_suffix(".rs")?.to_owned();
            Some(normalize(invocation.directory?, &name))
        })
    }) else {
        return Outcome::default();
    };
    let target = target(invocation, None, &flags);
    let needs = needs(invocation, None, target);
    Outcome { products: vec![Product { place: Place::File(path), needs, mode: 0o755 }], ..Outcome::default() }
}

/// The names of the programs that a command makes.
struct Names {
    certain: Vec<String>,
    /// Names by custom, when `open`.
    likely: Vec<String>,
    /// There may be programs of other names.
    open: bool,
}

fn names(invocation: &Invocation<'_>, directory: Option<&str>, flags: &Flags) -> Names {
    let asked: Vec<Option<String>> =
        flags.programs.iter().map(|word| word.known().map(|text| text.into_owned())).collect_vec();
    if !asked.is_empty() {
        let open = asked.iter().any(Option::is_none);
        return Names { certain: asked.into_iter().flatten().collect_vec(), likely: Vec::new(), open };
    }
    let listed = directory.and_then(|directory| {
        let sources = invocation.sources?;
        let manifest = sources.context_path(&normalize(directory, "Cargo.toml"))?;
        cargo::programs(sources.project, manifest.strip_suffix("Cargo.toml")?)
    });
    match listed {
        Some(names) if !names.is_empty() => Names { certain: names, likely: Vec::new(), open: false },
        _ => {
            let package = flags.packages.first().and_then(Word::known).map(|text| text.into_owned());
            let folder = directory.and_then(|directory| directory.rsplit('/').next()).map(str::to_owned);
            Names { certain: Vec::new(), likely: package.or(folder).into_iter().collect_vec(), open: true }
        }
    }
}

fn place(outcome: &mut Outcome, directory: &str, names: &Names, needs: &Needs) {
    let mut add = |place| outcome.products.push(Product { place, needs: needs.clone(), mode: 0o755 });
    if let Some((known, _)) = directory.split_once(UNKNOWN) {
        return add(Place::Below { directory: normalize("/", known), likely: names.certain.first().cloned() });
    }
    for name in &names.certain {
        add(Place::File(normalize(directory, name)));
    }
    if names.open {
        add(Place::Below { directory: directory.to_owned(), likely: names.likely.first().cloned() });
    }
}

/// The folder of the workspace that a package belongs to, as far as the dropped manifests tell.
fn workspace(invocation: &Invocation<'_>, directory: &str) -> String {
    let mut at = directory.to_owned();
    let mut found = directory.to_owned();
    while let Some(sources) = invocation.sources.filter(|_| !at.is_empty()) {
        let path = sources.context_path(&normalize(&at, "Cargo.toml"));
        let text = path.and_then(|path| sources.project.text(&path));
        if text.is_some_and(|text| cargo::manifest(&text).members.is_some()) {
            found.clone_from(&at);
        }
        at.truncate(at.rfind('/').unwrap_or(0));
    }
    found
}

/// Folders above a package whose manifest nobody dropped, and which may so be the workspace that it belongs to.
fn unseen_workspaces(invocation: &Invocation<'_>, directory: &str) -> Vec<String> {
    let Some(sources) = invocation.sources else { return Vec::new() };
    let above = std::iter::successors(directory.rsplit_once('/'), |(at, _)| at.rsplit_once('/')).map(|(at, _)| at);
    let copied = |at: &str| {
        sources.copies.iter().any(|copy| {
            at.strip_prefix(copy.stage.trim_end_matches('/'))
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    };
    let unseen = |at: &&str| {
        let manifest = sources.context_path(&normalize(at, "Cargo.toml"));
        !sources.project.whole && manifest.is_none() && copied(at)
    };
    above.filter(|at| !at.is_empty()).filter(unseen).map(str::to_owned).collect_vec()
}

/// The target and whether it was asked for by name; `Ok(None)` when nothing tells the host's.
fn target(
    invocation: &Invocation<'_>,
    directory: Option<&str>,
    flags: &Flags,
) -> Result<Option<(Target, bool)>, Arc<Need>> {
    if let Some(word) = &flags.target {
        return match (word.known(), word.unknown()) {
            (Some(triple), _) => Ok(Some((Target::read(&triple), true))),
            (None, Some(need)) => Err(Arc::clone(need)),
            (None, None) => Ok(None),
        };
    }
    if let Some(triple) = known(setting(invocation, directory, "CARGO_BUILD_TARGET", "build", "target"))? {
        return Ok(Some((Target::read(&triple.value), true)));
    }
    let builder = &invocation.builder;
    let machine = Machine::of(builder.platform);
    let libc = builder.libc.value().cloned().flatten();
    let host = machine.zip(libc).and_then(|(machine, libc)| Target::host(machine, &libc));
    let tool = builder.tools.iter().rev().find(|tool| tool.value.language == Language::Rust);
    if let Some(triple) = tool.and_then(|tool| tool.value.target.as_deref()) {
        // An image for cross builds asks for its target by name, in its variables or in its user's configuration.
        let target = Target::read(triple);
        let by_name = host.is_some_and(|host| host.family() != target.family());
        return Ok(Some((target, by_name)));
    }
    Ok(host.map(|target| (target, false)))
}

fn foreign_subcommand(invocation: &Invocation<'_>, subcommand: &str) -> Need {
    Need {
        text: text! {
            en: "what `cargo {subcommand}` makes is not known",
            ja: "`cargo {subcommand}` が何を作るかは分かりません",
            subcommand: subcommand,
        },
        settled_by: vec![Settler::Program(String::new())],
        at: Some(invocation.at.clone()),
    }
}
