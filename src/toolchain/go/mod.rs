//! Go: `go build`, `go install` and their kin, to the programs they write.
//!
//! What decides: the toolchain's version ([`version`]), the settings ([`settings`]), the flags ([`flags`]), what the
//! packages use ([`cgo_use`], from `project::go`), and the linker's rules ([`link`]); [`output`] says where it lands.

mod cgo_use;
mod failure;
mod flags;
mod link;
mod module;
mod output;
mod remedies;
mod settings;
mod version;

use crate::lists::Collect;
use std::sync::Arc;

use self::flags::Flags;
use self::link::Link;
use self::settings::Settings;
use self::version::Selected;
use super::{Failure, FailureKind, Invocation, Outcome, Product, Toolchain, Word};
use crate::fact::{Fact, Knowledge, Need, Provenance, Settler};
use crate::needs::{Language, Needs};
use crate::project::go::{Layout, Root, Roots, Target, Uses, uses};
use crate::project::{Project, Sources};
use crate::text;
use crate::tree::normalize;

pub(super) static TOOLCHAIN: Toolchain = Toolchain { language: Language::Go, recognise, run };

/// `go`, a versioned `go1.21.3` or `gotip` (golang.org/dl), and wrappers that pass everything on to it.
fn recognise(words: &[Word]) -> bool {
    settings::program(words).is_some_and(|name| {
        let versioned =
            name.strip_prefix("go1.").is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
        matches!(name.as_str(), "go" | "xx-go" | "garble" | "gotip") || versioned
    })
}

fn run(invocation: &Invocation<'_>) -> Outcome {
    let Some((directory, subcommand, rest)) = subcommand(invocation.words) else { return wrap(invocation) };
    match subcommand.as_str() {
        "env" => store(invocation, rest),
        "mod" => module::initialise(invocation, directory.as_deref(), rest),
        "build" | "install" | "run" | "test" | "get" => build(invocation, directory.as_deref(), &subcommand, rest),
        _ => Outcome::default(),
    }
}

/// The subcommand and the words after it, with a `-C` before it.
fn subcommand(words: &[Word]) -> Option<(Option<String>, String, &[Word])> {
    let mut directory = None;
    let mut at = 1;
    while let Some(word) = words.get(at) {
        let text = word.known()?;
        if text == "-C" {
            directory = words.get(at + 1).map(Word::pattern);
            at += 2;
        } else if text.starts_with('-') {
            // The flags of a wrapper, as in `garble -literals build`.
            at += 1;
        } else {
            return Some((directory, text.into_owned(), &words[at + 1..]));
        }
    }
    None
}

/// `xx-go --wrap` puts itself in the place of `go` for the commands that follow.
fn wrap(invocation: &Invocation<'_>) -> Outcome {
    let wraps = invocation.words.iter().any(|word| word.known().as_deref() == Some("--wrap"));
    let stores = wraps.then(|| {
        let value = Fact::new("1".to_owned(), Provenance::Read(invocation.at.clone()));
        (settings::WRAPPED.to_owned(), Knowledge::Known(value))
    });
    Outcome { stores: stores.into_iter().collect_vec(), ..Outcome::default() }
}

/// `go env -w NAME=value` and `-u NAME`: defaults of the user, which the environment overrides.
fn store(invocation: &Invocation<'_>, words: &[Word]) -> Outcome {
    let mut outcome = Outcome::default();
    let Some(flag) = words.first().and_then(Word::known) else { return outcome };
    for word in &words[1..] {
        let pattern = word.pattern();
        let (name, value) = match flag.as_ref() {
            "-w" => pattern.split_once('=').unwrap_or((&pattern, "")),
            "-u" => (pattern.as_str(), ""),
            _ => continue,
        };
        let value = match word.unknown() {
            Some(need) => Knowledge::Unknown(Arc::clone(need)),
            None => Fact::new(value.to_owned(), Provenance::Read(invocation.at.clone())).into(),
        };
        outcome.stores.push((name.to_owned(), value));
    }
    outcome
}

/// `go env GOPATH`: a setting, as the environment and the defaults have it.
pub(super) fn prints(invocation: &Invocation<'_>) -> Option<String> {
    if !recognise(invocation.words) {
        return None;
    }
    let (_, subcommand, rest) = subcommand(invocation.words)?;
    let [name] = rest else { return None };
    let name = name.known().filter(|_| subcommand == "env")?;
    if let Some(set) = settings::setting(invocation, &name) {
        return set.value().cloned();
    }
    let platform = invocation.builder.platform;
    match name.as_ref() {
        "GOOS" | "GOHOSTOS" => Some(platform.os.clone()),
        "GOARCH" | "GOHOSTARCH" => Some(platform.architecture.clone()),
        "GOPATH" => Some(format!("{}/go", invocation.environment.get("HOME")?.value()?)),
        _ => None,
    }
}

fn build(invocation: &Invocation<'_>, change: Option<&str>, command: &str, words: &[Word]) -> Outcome {
    let flags = Flags::read(invocation.environment, words);
    let directory = directory(invocation, change, &flags);
    let nothing = Project::default();
    let no_sources = Sources { project: &nothing, copies: Vec::new() };
    let layout = Layout::new(invocation.sources.unwrap_or(&no_sources));
    let at = directory.as_deref().unwrap_or("/");
    let module = layout.module(at);
    let manifest = module.as_ref().and_then(|module| {
        let project = invocation.sources?.project;
        Some((&module.manifest, project.dropped_path(&module.path)?))
    });
    let version = match version::select(invocation, manifest) {
        Selected::Version(version) => version,
        Selected::TooOld { wanted, running, because } => return too_old(&wanted, running, because),
    };
    let old_get = command == "get" && version.as_ref().is_some_and(|version| version.value.minor < 18);
    let makes = match command {
        "get" => old_get && !words.iter().any(|word| word.known().as_deref() == Some("-d")),
        "test" => flags.compile_test,
        _ => true,
    };
    if !makes {
        return Outcome::default();
    }
    let nothing = directory.as_deref().filter(|_| command != "get");
    let nothing = nothing.and_then(|at| module::nothing_to_build(invocation, command, at, &flags, version.as_ref()));
    let mut roots = roots(&layout, at, &flags);
    // A pattern of which no source was seen stands for some program all the same.
    if roots.roots.is_empty()
        && (!roots.complete || nothing.is_some())
        && (command == "install" || flags.output.is_some())
    {
        roots.roots.push(Root { name: None, directory: None, import_path: None, files: Vec::new(), is_main: None });
    }
    let settings = match Settings::read(invocation, version) {
        Ok(settings) => settings,
        Err(need) => {
            let targets =
                output::Targets { invocation, flags: &flags, directory: directory.as_deref(), settings: None };
            return unknown_target(&targets, command, &roots, &need);
        }
    };
    let target = Target {
        system: settings.system.value.clone(),
        architecture: settings.architecture.value.clone(),
        cgo: settings.cgo.value,
        tags: flags.tags.clone(),
        minor: settings.version.as_ref().map_or(u32::MAX, |version| version.value.minor),
    };
    let targets =
        output::Targets { invocation, flags: &flags, directory: directory.as_deref(), settings: Some(&settings) };
    let mut outcome = Outcome { failure: nothing, ..Outcome::default() };
    for (place, root) in targets.of(command, &roots) {
        // A test binary is made of files that the import graph leaves out.
        let uses = if command == "test" { Uses::default() } else { uses(&layout, root, &target) };
        let linked = Link { invocation, settings: &settings, flags: &flags, uses: &uses }.run();
        outcome.failure = outcome.failure.or(linked.failure);
        if let (Some(place), Some(needs)) = (place, linked.needs) {
            outcome.products.push(Product { place, needs, mode: 0o755 });
        }
    }
    if let Some(failure) = targets.failure(command) {
        return Outcome { failure: Some(failure), ..Outcome::default() };
    }
    if outcome.products.is_empty() && outcome.failure.is_none() && command != "run" && !roots.complete {
        outcome.unknown.push(Arc::new(open_pattern(invocation)));
    }
    outcome
}

/// The directory in which the packages are looked for.
fn directory(invocation: &Invocation<'_>, change: Option<&str>, flags: &Flags) -> Option<String> {
    let change = change.or(flags.directory.as_deref());
    match (invocation.directory, change) {
        (_, Some(change)) if settings::is_unknown(change) => None,
        (_, Some(change)) if change.starts_with('/') => Some(normalize("/", change)),
        (Some(directory), change) => Some(normalize(directory, change.unwrap_or_default())),
        (None, _) => None,
    }
}

fn roots(layout: &Layout<'_>, directory: &str, flags: &Flags) -> Roots {
    let (unknown, known): (Vec<String>, Vec<String>) =
        flags.packages.iter().cloned().partition(|package| settings::is_unknown(package));
    if unknown.is_empty() || !known.is_empty() {
        let mut roots = layout.roots(directory, &known);
        roots.complete &= unknown.is_empty();
        return roots;
    }
    // The only word may be a package or flags: there is a program, and nothing is known of it.
    let root = Root { name: None, directory: None, import_path: None, files: Vec::new(), is_main: None };
    Roots { roots: vec![root], complete: true }
}

/// The machine is not known, so neither is anything else of the program.
fn unknown_target(targets: &output::Targets<'_>, command: &str, roots: &Roots, need: &Arc<Need>) -> Outcome {
    let product = |place| Product { place, needs: Needs::Unknown(Arc::clone(need)), mode: 0o755 };
    let products = targets.of(command, roots).into_iter().filter_map(|(place, _)| place.map(product)).collect_vec();
    Outcome { products, ..Outcome::default() }
}

fn too_old(wanted: &str, running: version::Version, because: Vec<crate::fact::Step>) -> Outcome {
    let claim = text! {
        en: "the module asks for Go {wanted}, and the builder has {running}",
        ja: "モジュールは Go {wanted} を要求していますが、ビルダーは {running} です",
        wanted: wanted,
        running: running.to_string(),
    };
    let message = if running.minor < 21 {
        format!("go: errors parsing go.mod: invalid go version '{wanted}': must match format 1.23")
    } else {
        format!("go: go.mod requires go >= {wanted} (running go {running}; GOTOOLCHAIN=local)")
    };
    let from = Provenance::derived(because);
    Outcome {
        failure: Some(Failure { kind: FailureKind::ToolchainTooOld, message, claim, from, fixes: Vec::new() }),
        ..Outcome::default()
    }
}

fn open_pattern(invocation: &Invocation<'_>) -> Need {
    Need {
        text: text! {
            en: "which programs `go` builds here follows from the sources",
            ja: "ここで `go` がビルドするプログラムはソースによって決まります",
        },
        settled_by: vec![Settler::ProjectFolder],
        at: Some(invocation.at.clone()),
    }
}
