//! .NET: `dotnet publish` and `dotnet build`, to the launcher that they write and what it asks for.
//!
//! What decides: the runtime identifier (`linux-x64` is glibc, `linux-musl-x64` musl; the SDK's own without one),
//! whether the runtime is carried along (self-contained), and ahead-of-time compilation.

mod project;

use super::arguments::{Arguments, absolute, program};
use super::libc;
use super::modules::{Native, installed};
use super::native::Program;
use super::{Failure, FailureKind, Invocation, Outcome, Place, Product, Toolchain, Word};
use crate::fact::{Fact, Provenance, Settler, Step};
use crate::image::{Libc, LibcFamily};
use crate::lists::{Collect, is_one_of};
use crate::needs::{DOTNET_SDK_COMMANDS, Foreign, Language, Linkage, Machine, Modules, Needs};
use crate::project::msbuild::{self, Manifest};
use crate::source::Location;
use crate::text;
use crate::tree::{Lookup, normalize};
use project::Project;
use std::sync::Arc;

pub(super) static TOOLCHAIN: Toolchain = Toolchain { language: Language::DotNet, recognise, run };

fn recognise(words: &[Word]) -> bool {
    program(words) == "dotnet"
        && Arguments::of(words).subcommand().is_some_and(|(name, _)| DOTNET_SDK_COMMANDS.contains(&name.as_str()))
}

/// Flags that take the next word.
const WITH_VALUE: &[&str] = &[
    "-c",
    "--configuration",
    "-o",
    "--output",
    "-r",
    "--runtime",
    "-f",
    "--framework",
    "-a",
    "--arch",
    "--os",
    "-v",
    "--verbosity",
    "--version-suffix",
    "--source",
    "--manifest",
    "--self-contained",
];

fn run(invocation: &Invocation<'_>) -> Outcome {
    let arguments = Arguments::of(invocation.words);
    let Some((subcommand, rest)) = arguments.subcommand() else { return Outcome::default() };
    if let Some(failure) = without_sdk(invocation, &subcommand) {
        return Outcome { failure: Some(failure), ..Outcome::default() };
    }
    if !matches!(subcommand.as_str(), "publish" | "build") {
        return Outcome::default();
    }
    let operands = rest.operands(WITH_VALUE);
    let project = operands.iter().find(|word| !word.pattern().starts_with('/') || word.pattern().ends_with("proj"));
    let project = project.and_then(|word| word.known()).map(std::borrow::Cow::into_owned);
    let mut project = Project::of(invocation, project.as_deref());
    if rest.mentions("AssemblyName") {
        project.made = None;
    }
    let Some(identifier) = Identifier::of(invocation, &rest) else { return Outcome::default() };
    let Some(directory) = directory(invocation, &rest, &project, &subcommand) else { return Outcome::default() };
    if let Some(foreign) = identifier.foreign() {
        let needs = Needs::Foreign(Fact::new(foreign, Provenance::Read(invocation.at.clone())));
        let place = Place::Below { directory, likely: project.name };
        return Outcome { products: vec![Product { place, needs, mode: 0o755 }], ..Outcome::default() };
    }
    let ahead = set(&rest, "PublishAot").unwrap_or_else(|| project.manifest.may_enable("PublishAot"));
    let place = match &project.name {
        Some(name) => Place::File(normalize(&directory, name)),
        None => Place::Below { directory: directory.clone(), likely: None },
    };
    let claim = text! {
        en: "the launcher is made for `{identifier}`",
        ja: "ランチャーは `{identifier}` 向けに作られます",
        identifier: &identifier.name,
    };
    let because = vec![Step { claim, from: identifier.from.clone() }];
    let Some(mut program) = Program::native(invocation, Language::DotNet, Linkage::Dynamic, because) else {
        return Outcome::default();
    };
    let family = if identifier.musl { LibcFamily::Musl } else { LibcFamily::Glibc };
    // Ahead-of-time code is linked here and now; the usual launcher was published, against an old libc.
    if !ahead {
        program = program.prebuilt(family, invocation);
        program.libraries = vec!["libstdc++.so.6".into(), "libgcc_s.so.1".into()];
        if family == LibcFamily::Glibc {
            program.libraries.extend(["libm.so.6", "libdl.so.2", "libpthread.so.0"].map(str::to_owned));
        }
    } else if identifier.musl {
        let libc = Libc { family, version: String::new() };
        program.libc = Fact::new(Some(libc), Provenance::Read(invocation.at.clone())).into();
    }
    if let Some(machine) = identifier.machine {
        program.machine.value = machine;
    }
    program.maker.settings = vec![("RuntimeIdentifier".into(), identifier.name.clone())];
    let mut outcome = program.at(Some(place), invocation);
    let alone = identifier.asked || rest.has(&["--ucr", "--use-current-runtime"]) || rest.mentions("--os");
    if !ahead && !self_contained(invocation, &rest, &project.manifest, alone) {
        outcome.modules.push((directory, framework(invocation, &rest, &project)));
    }
    outcome
}

/// A property given as `-p:Name=true` or `/p:Name=true`.
fn set(arguments: &Arguments<'_>, property: &str) -> Option<bool> {
    arguments.patterns().find_map(|word| {
        let (_, assignment) =
            word.split_once(':').filter(|(flag, _)| is_one_of(flag, "-p /p --p -property /property --property"))?;
        let (name, value) = assignment.split_once('=')?;
        name.eq_ignore_ascii_case(property).then(|| value.eq_ignore_ascii_case("true"))
    })
}

/// The SDK's commands on an image that is known to have the runtime alone.
fn without_sdk(invocation: &Invocation<'_>, command: &str) -> Option<Failure> {
    let path = invocation.environment.get("PATH").and_then(|path| path.value().cloned())?;
    let tree = invocation.builder.tree;
    let dotnet = path.split(':').find_map(|directory| match tree.lookup(&normalize(directory, "dotnet")) {
        Lookup::Found { path, entry } => entry.from.is_of_image().then_some(path),
        _ => None,
    })?;
    let (root, _) = dotnet.rsplit_once('/')?;
    if !matches!(tree.lookup(&format!("{root}/sdk")), Lookup::Missing { .. }) {
        return None;
    }
    let claim = text! {
        en: "`dotnet {command}` is a command of the SDK, and `{image}` has the runtime alone",
        ja: "`dotnet {command}` は SDK のコマンドですが、`{image}` にはランタイムしかありません",
        command: command,
        image: invocation.builder.image,
    };
    let message = format!("The application '{command}' does not exist.\nNo .NET SDKs were found.");
    let from = Provenance::Read(invocation.at.clone());
    Some(Failure { kind: FailureKind::Unsupported, message, claim, from, fixes: Vec::new() })
}

/// Whether the runtime is carried along. A runtime identifier alone meant that up to the SDK of .NET 7
/// (learn.microsoft.com, "Runtime-specific apps no longer self-contained by default").
fn self_contained(
    invocation: &Invocation<'_>,
    arguments: &Arguments<'_>,
    manifest: &Manifest,
    identifier_asked: bool,
) -> bool {
    if arguments.has(&["--no-self-contained", "--self-contained=false"]) {
        return false;
    }
    const OPEN: [&str; 4] = ["PublishProfile", "PublishTrimmed", "PublishSelfContained", "PublishAot"];
    let flag = arguments.value(&["--self-contained"]).map(|word| word.pattern());
    let sdk = sdk(invocation).and_then(|version| version.value.split('.').next()?.parse::<u32>().ok());
    match (set(arguments, "SelfContained"), flag) {
        (Some(value), _) => value,
        (None, Some(value)) => value != "false",
        (None, None) if arguments.has(&["--self-contained", "--sc"]) => true,
        // A profile says what it likes.
        (None, None) if OPEN.iter().any(|name| arguments.mentions(name)) => true,
        (None, None) => manifest.may_be_self_contained() || identifier_asked && sdk.is_some_and(|major| major < 8),
    }
}

fn sdk(invocation: &Invocation<'_>) -> Option<Fact<String>> {
    let tool = invocation.builder.tools.iter().rev().find(|tool| tool.value.language == Language::DotNet)?;
    let version = tool.value.version.splitn(3, '.').take(2).collect_vec().join(".");
    Some(Fact::new(version, tool.from.clone())).filter(|version| !version.value.is_empty())
}

/// What the published folder asks of an image: the shared framework of a version.
fn framework(invocation: &Invocation<'_>, arguments: &Arguments<'_>, project: &Project) -> Arc<Modules> {
    let asked = arguments.value(&["-f", "--framework"]).map(|word| word.pattern());
    let here = Provenance::Read(invocation.at.clone());
    let asked = asked.and_then(|name| Some(Fact::new(msbuild::version(&name)?.to_owned(), here)));
    let told = asked.or_else(|| project.framework.clone());
    let settled_by = || vec![Settler::File(format!("{}.csproj", project.name.as_deref().unwrap_or("*")))];
    let version = told.clone().or_else(|| {
        let sdk = sdk(invocation)?;
        let condition = text! {
            en: "the project targets .NET {version}, like the SDK",
            ja: "プロジェクトが SDK と同じ .NET {version} を対象としている",
            version: &sdk.value,
        };
        Some(Fact::new(sdk.value, Provenance::assumed(condition, settled_by())))
    });
    let framework = project.at.as_ref().and_then(|at| {
        let version = told.as_ref().or(version.as_ref()).map(|version| version.value.as_str());
        let (name, sure) = project.manifest.framework(version)?;
        let condition = text! {
            en: "the project uses the shared framework of ASP.NET Core",
            ja: "プロジェクトが ASP.NET Core の共有フレームワークを使う",
        };
        let from = match sure {
            true => Provenance::Read(at.clone()),
            false => Provenance::assumed(condition, settled_by()),
        };
        Some(Fact::new(name.to_owned(), from))
    });
    let mut modules = installed(invocation, Language::DotNet, version, Native::default());
    let all = Arc::make_mut(&mut modules);
    all.frameworks.extend(framework);
    all.roll_forward = match project.manifest.sets("RollForward") || arguments.mentions("RollForward") {
        true => Some(project.manifest.property("RollForward").unwrap_or("Major").to_owned()),
        false => None,
    };
    all.made.clone_from(&project.made);
    modules
}

/// A dropped `*.runtimeconfig.json`: what the program beside it asks of an image.
#[must_use]
pub fn published_program(text: &str, at: &Location) -> Option<Modules> {
    let (frameworks, roll_forward) = msbuild::runtime_config(text);
    let (_, version) = frameworks.first()?;
    let version = version.splitn(3, '.').take(2).collect_vec().join(".");
    let from = Provenance::Read(at.clone());
    let mut modules = super::modules::bare(Language::DotNet, Fact::new(version, from.clone()));
    let beyond = frameworks.into_iter().map(|(name, _)| name).filter(|name| name != "Microsoft.NETCore.App");
    modules.frameworks = beyond.map(|name| Fact::new(name, from.clone())).collect_vec();
    modules.roll_forward = roll_forward;
    Some(modules)
}

/// The folder that takes the launcher.
fn directory(
    invocation: &Invocation<'_>,
    arguments: &Arguments<'_>,
    project: &Project,
    subcommand: &str,
) -> Option<String> {
    if let Some(word) = arguments.value(&["-o", "--output"]) {
        // Up to the SDK of 2.x a relative path is one of the project's folder (dotnet/cli, pull request 7166).
        let is_old = sdk(invocation).is_some_and(|version| {
            version.value.starts_with(['1', '2']) && version.value.as_bytes().get(1) == Some(&b'.')
        });
        return match word.known().filter(|path| is_old && !path.starts_with('/')) {
            Some(path) => Some(normalize(invocation.directory?, &format!("./{}/{path}", project.folder))),
            None => absolute(invocation, &word),
        };
    }
    // `bin/Release/net8.0/linux-x64/publish`, of which the middle hangs on the project.
    let configuration = arguments.value(&["-c", "--configuration"]).map(|word| word.pattern());
    let release = configuration.unwrap_or_else(|| if subcommand == "publish" { "Release" } else { "Debug" }.into());
    let parts = match &project.moniker {
        Some(moniker) if subcommand == "publish" && !arguments.mentions("-r") => format!("/{moniker}/publish"),
        _ => String::new(),
    };
    Some(normalize(invocation.directory?, &format!("./{}/bin/{release}{parts}", project.folder)))
}

/// A runtime identifier.
struct Identifier {
    name: String,
    musl: bool,
    machine: Option<Machine>,
    /// It was given on the command line.
    asked: bool,
    from: Provenance,
}

impl Identifier {
    /// `None` when a part of it is not known.
    fn of(invocation: &Invocation<'_>, arguments: &Arguments<'_>) -> Option<Self> {
        let here = || Provenance::Read(invocation.at.clone());
        let property = arguments.patterns().find_map(|word| {
            let (flag, assignment) = word.split_once(':')?;
            let (name, value) = assignment.split_once('=')?;
            (flag.ends_with('p') && name.eq_ignore_ascii_case("RuntimeIdentifier")).then(|| value.to_owned())
        });
        let flag = arguments.value(&["-r", "--runtime"]);
        if let Some(name) = property.map(Some).or_else(|| flag.map(|word| word.known().map(|name| name.into_owned()))) {
            let name = name?;
            let machine = architecture(name.rsplit('-').next().unwrap_or_default());
            return Some(Self { musl: name.contains("musl"), machine, asked: true, from: here(), name });
        }
        let libc = invocation.builder.libc.known()?;
        let musl = libc.value.as_ref().is_some_and(|libc| libc.family == LibcFamily::Musl);
        let own = match invocation.builder.platform.architecture.as_str() {
            "amd64" => "x64",
            "arm64" => "arm64",
            "arm" => "arm",
            other => other,
        };
        let asked = arguments.value(&["-a", "--arch"]);
        let name = match &asked {
            Some(word) => word.known()?.into_owned(),
            None => own.to_owned(),
        };
        let name = if name == "amd64" { "x64".into() } else { name };
        let claim = libc.step(text! {
            en: "`{image}` has {libc}",
            ja: "`{image}` の libc は {libc} です",
            image: invocation.builder.image,
            libc: libc.value.as_ref().and_then(libc::display).unwrap_or_default(),
        });
        Some(Self {
            musl,
            machine: architecture(&name),
            asked: asked.is_some(),
            name: format!("linux-{}{name}", if musl { "musl-" } else { "" }),
            from: Provenance::derived(vec![claim]),
        })
    }

    fn foreign(&self) -> Option<Foreign> {
        match self.name.split('-').next()? {
            "win" | "win10" | "win7" | "win81" => Some(Foreign::Pe),
            "osx" => Some(Foreign::MachO),
            _ => None,
        }
    }
}

fn architecture(name: &str) -> Option<Machine> {
    Some(match name {
        "x64" | "amd64" => Machine::X86_64,
        "x86" => Machine::X86,
        "arm64" => Machine::AARCH64,
        "arm" => Machine { arm_version: 7, ..Machine::ARM },
        _ => return None,
    })
}
