//! Rust: `cargo build`, `cargo install` and `rustc`, to the programs they write.
//!
//! What decides: the target triple (the host's unless told otherwise), whether the C runtime is linked statically
//! (by default on musl, `-C target-feature=±crt-static`), and the C libraries that crates link.

mod command;
mod target;

use crate::lists::{Collect, is_one_of};
use std::sync::Arc;

use self::command::{Flags, known, package_directory, setting};
use self::target::{Kind, Target};
use super::arguments::{absolute, home, program};
use super::native::Program;
use super::{Invocation, Outcome, Place, Product, Toolchain, UNKNOWN, Word, libraries};
use crate::fact::{Fact, Knowledge, Need, Provenance, Settler, Step};
use crate::image::{Libc, LibcFamily};
use crate::needs::{Language, Linkage, Machine, Maker, Needs};
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

fn needs(
    invocation: &Invocation<'_>,
    directory: Option<&str>,
    target: Result<Option<(Target, bool)>, Arc<Need>>,
) -> Needs {
    let target = match target {
        Ok(Some((target, _))) => target,
        Ok(None) => return Needs::Unknown(Arc::new(unknown_host(invocation))),
        Err(need) => return Needs::Unknown(need),
    };
    let here = || Provenance::Read(invocation.at.clone());
    let (machine, family, glibc) = match &target.kind {
        Kind::Linux { machine, family, glibc } => (*machine, *family, glibc.clone()),
        Kind::Foreign(foreign) => return Needs::Foreign(Fact::new(foreign.clone(), here())),
        Kind::Other => return Needs::Unknown(Arc::new(unknown_target(invocation, &target.triple))),
    };
    let runtime = match static_runtime(invocation, directory, &target) {
        Ok(runtime) => runtime,
        Err(need) => return Needs::Unknown(need),
    };
    let libc = libc(invocation, family, glibc);
    let triple = &target.triple;
    let because = vec![
        Step {
            claim: text! { en: "`cargo` builds for `{triple}`", ja: "`cargo` は `{triple}` 向けにビルドします", triple: triple },
            from: here(),
        },
        runtime.step(if runtime.value {
            text! {
                en: "for this target the C runtime is linked statically",
                ja: "このターゲットでは C ランタイムが静的にリンクされます",
            }
        } else {
            text! {
                en: "for this target the C runtime is linked dynamically",
                ja: "このターゲットでは C ランタイムが動的にリンクされます",
            }
        }),
    ];
    let linkage = if runtime.value { Linkage::Static } else { Linkage::Dynamic };
    let tool = invocation.builder.tools.iter().rev().find(|tool| tool.value.language == Language::Rust);
    let maker = Maker {
        language: Language::Rust,
        version: tool.map(|tool| tool.value.version.clone()).unwrap_or_default(),
        settings: vec![("target".into(), target.triple.clone())],
        modules: Vec::new(),
    };
    // The unwinder of the standard library is a shared library wherever the C runtime is one.
    let libraries = if runtime.value { Vec::new() } else { vec!["libgcc_s.so.1".into()] };
    let program = Program {
        machine: Fact::new(machine, here()),
        libc,
        alpine: target.is_alpine() || invocation.builder.distribution.is_some_and(|d| d.value.id == "alpine"),
        linkage,
        because,
        libraries,
        suggested: if runtime.value { Vec::new() } else { suggested(invocation, directory) },
        versions: Vec::new(),
        maker,
        traits: Vec::new(),
        published: false,
    };
    program.needs(invocation)
}

/// The C libraries that crates link: by the lock file where it was dropped, else by what the builder installs.
fn suggested(invocation: &Invocation<'_>, directory: Option<&str>) -> Vec<libraries::Suggested> {
    let lock = directory.and_then(|directory| {
        let sources = invocation.sources?;
        let lock = sources.context_path(&normalize(&workspace(invocation, directory), "Cargo.lock"))?;
        sources.project.text(&lock)
    });
    match lock {
        Some(lock) => libraries::of_crates(invocation, &cargo::locked(&lock)),
        None => libraries::of_packages(invocation),
    }
}

/// Whether the C runtime is linked statically: `RUSTFLAGS` and its kin, else the target's default.
fn static_runtime(
    invocation: &Invocation<'_>,
    directory: Option<&str>,
    target: &Target,
) -> Result<Fact<bool>, Arc<Need>> {
    let per_target = format!("CARGO_TARGET_{}_RUSTFLAGS", target.in_variables());
    let table = format!("target.{}", target.triple);
    // One source of flags is taken, the first that is there (Cargo book, `build.rustflags`).
    let sources = [
        invocation.environment.get("CARGO_ENCODED_RUSTFLAGS"),
        invocation.environment.get("RUSTFLAGS"),
        setting(invocation, directory, &per_target, &table, "rustflags"),
        setting(invocation, directory, "CARGO_BUILD_RUSTFLAGS", "build", "rustflags"),
    ];
    for source in sources {
        let Some(flags) = known(source)? else { continue };
        if flags.value.contains("+crt-static") {
            return Ok(flags.map(|_| true));
        }
        if flags.value.contains("-crt-static") {
            return Ok(flags.map(|_| false));
        }
        if !flags.value.is_empty() {
            break;
        }
    }
    let record = format!("rustc, target {}", target.triple);
    Ok(Fact::new(target.links_statically(), Provenance::recorded(record, "rustc --print cfg (1.95)", "")))
}

/// The C library that a target's programs are linked against.
fn libc(invocation: &Invocation<'_>, family: LibcFamily, glibc: Option<String>) -> Knowledge<Option<Libc>> {
    let builder = invocation.builder.libc;
    if let Some(version) = glibc {
        let libc = Libc { family: LibcFamily::Glibc, version };
        return Fact::new(Some(libc), Provenance::Read(invocation.at.clone())).into();
    }
    match builder {
        Knowledge::Known(fact) if fact.value.as_ref().is_some_and(|libc| libc.family == family) => builder.clone(),
        // The target's own: musl comes with rustup's target, glibc with a cross toolchain of unknown age.
        _ if family == LibcFamily::Musl => {
            let libc = Libc { family, version: String::new() };
            Fact::new(Some(libc), Provenance::Read(invocation.at.clone())).into()
        }
        Knowledge::Unknown(need) => Knowledge::Unknown(Arc::clone(need)),
        Knowledge::Known(_) => Knowledge::Unknown(Arc::new(Need {
            text: text! {
                en: "which glibc the cross toolchain links against is not known",
                ja: "クロスツールチェーンがどの glibc にリンクするかは分かりません",
            },
            settled_by: vec![Settler::Program(String::new())],
            at: Some(invocation.at.clone()),
        })),
    }
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

fn unknown_host(invocation: &Invocation<'_>) -> Need {
    Need {
        text: text! {
            en: "which target `cargo` builds for in `{image}` is not known",
            ja: "`{image}` で `cargo` がどのターゲット向けにビルドするかは分かりません",
            image: invocation.builder.image,
        },
        settled_by: vec![Settler::Program(String::new())],
        at: Some(invocation.at.clone()),
    }
}

fn unknown_target(invocation: &Invocation<'_>, triple: &str) -> Need {
    Need {
        text: text! {
            en: "what a program for `{triple}` needs is not known",
            ja: "`{triple}` 向けのプログラムが何を必要とするかは分かりません",
            triple: triple,
        },
        settled_by: vec![Settler::Program(String::new())],
        at: Some(invocation.at.clone()),
    }
}
