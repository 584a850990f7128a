//! .NET: `dotnet publish` and `dotnet build`, to the launcher that they write and what it asks for.
//!
//! What decides: the runtime identifier (`linux-x64` is glibc, `linux-musl-x64` musl; the SDK's own without one),
//! whether the runtime is carried along (self-contained), and ahead-of-time compilation.

use super::arguments::{Arguments, absolute, program};
use super::libc;
use super::modules::{Native, installed};
use super::native::Program;
use super::{Invocation, Outcome, Place, Product, Toolchain, Word};
use crate::fact::{Fact, Provenance, Settler, Step};
use crate::image::{Libc, LibcFamily};
use crate::lists::Collect;
use crate::needs::{Foreign, Language, Linkage, Machine, Modules, Needs};
use crate::source::Location;
use crate::text;
use crate::tree::normalize;
use std::sync::Arc;

pub(super) static TOOLCHAIN: Toolchain = Toolchain { language: Language::DotNet, recognise, run };

fn recognise(words: &[Word]) -> bool {
    let builds = |name: String| matches!(name.as_str(), "publish" | "build");
    program(words) == "dotnet" && Arguments::of(words).subcommand().is_some_and(|(name, _)| builds(name))
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
    let operands = rest.operands(WITH_VALUE);
    let project = operands.iter().find(|word| !word.pattern().starts_with('/') || word.pattern().ends_with("proj"));
    let project = project.and_then(|word| word.known()).map(std::borrow::Cow::into_owned);
    let project = Project::of(invocation, project.as_deref());
    let Some(identifier) = Identifier::of(invocation, &rest) else { return Outcome::default() };
    let Some(directory) = directory(invocation, &rest, &project, &subcommand) else { return Outcome::default() };
    if let Some(foreign) = identifier.foreign() {
        let needs = Needs::Foreign(Fact::new(foreign, Provenance::Read(invocation.at.clone())));
        let place = Place::Below { directory, likely: project.name };
        return Outcome { products: vec![Product { place, needs, mode: 0o755 }], ..Outcome::default() };
    }
    let ahead = set(&rest, "PublishAot") == Some(true);
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
    if !ahead && !self_contained(invocation, &rest, identifier.asked) {
        outcome.modules.push((directory, framework(invocation, &project)));
    }
    outcome
}

/// A property given as `-p:Name=true` or `/p:Name=true`.
fn set(arguments: &Arguments<'_>, property: &str) -> Option<bool> {
    arguments.patterns().find_map(|word| {
        let (_, assignment) = word
            .split_once(':')
            .filter(|(flag, _)| matches!(*flag, "-p" | "/p" | "--p" | "-property" | "/property" | "--property"))?;
        let (name, value) = assignment.split_once('=')?;
        name.eq_ignore_ascii_case(property).then(|| value.eq_ignore_ascii_case("true"))
    })
}

/// Whether the runtime is carried along. A runtime identifier alone meant that up to the SDK of .NET 7
/// (learn.microsoft.com, "Runtime-specific apps no longer self-contained by default").
fn self_contained(invocation: &Invocation<'_>, arguments: &Arguments<'_>, identifier_asked: bool) -> bool {
    if arguments.has(&["--no-self-contained", "--self-contained=false"]) {
        return false;
    }
    let flag = arguments.value(&["--self-contained"]).map(|word| word.pattern());
    let sdk = sdk(invocation).and_then(|version| version.value.split('.').next()?.parse::<u32>().ok());
    match (set(arguments, "SelfContained"), flag) {
        (Some(value), _) => value,
        (None, Some(value)) => value != "false",
        (None, None) if arguments.has(&["--self-contained", "--sc"]) => true,
        (None, None) => identifier_asked && sdk.is_some_and(|major| major < 8),
    }
}

fn sdk(invocation: &Invocation<'_>) -> Option<Fact<String>> {
    let tool = invocation.builder.tools.iter().rev().find(|tool| tool.value.language == Language::DotNet)?;
    let version = tool.value.version.splitn(3, '.').take(2).collect_vec().join(".");
    Some(Fact::new(version, tool.from.clone())).filter(|version| !version.value.is_empty())
}

/// What the published folder asks of an image: the shared framework of a version.
fn framework(invocation: &Invocation<'_>, project: &Project) -> Arc<Modules> {
    let version = project.framework.clone().or_else(|| {
        let sdk = sdk(invocation)?;
        let condition = text! {
            en: "the project targets .NET {version}, like the SDK",
            ja: "プロジェクトが SDK と同じ .NET {version} を対象としている",
            version: &sdk.value,
        };
        let settled_by = vec![Settler::File(format!("{}.csproj", project.name.as_deref().unwrap_or("*")))];
        Some(Fact::new(sdk.value, Provenance::assumed(condition, settled_by)))
    });
    let mut modules = installed(invocation, Language::DotNet, version, Native::default());
    Arc::make_mut(&mut modules).frameworks.extend(project.web.clone());
    modules
}

/// The project file, as far as it is named or dropped.
#[derive(Default)]
struct Project {
    /// The assembly's name.
    name: Option<String>,
    /// `8.0`, of `net8.0`
    framework: Option<Fact<String>>,
    /// `Microsoft.AspNetCore.App`, which the SDK for the web refers to (Microsoft.NET.Sdk.Web.ProjectSystem.targets).
    web: Option<Fact<String>>,
    /// The folder that it lies in, relative to the working directory.
    folder: String,
}

impl Project {
    fn of(invocation: &Invocation<'_>, named: Option<&str>) -> Self {
        let file = named.filter(|name| name.ends_with("proj"));
        let folder = match (file, named) {
            (Some(file), _) => file.rsplit_once('/').map_or("", |(folder, _)| folder),
            (None, Some(other)) if !other.ends_with(".sln") => other,
            _ => "",
        };
        let mut project = Self { folder: folder.to_owned(), ..Self::default() };
        let named = file.map(|file| file.rsplit('/').next().unwrap_or(file).to_owned());
        let dropped = invocation.directory.and_then(|directory| {
            let sources = invocation.sources?;
            let at = sources.context_path(&normalize(directory, folder))?;
            let name = named.clone().or_else(|| {
                let mut names = sources.project.files_in(&at).map(|(name, _)| name.to_owned());
                names.find(|name| name.ends_with(".csproj") || name.ends_with(".fsproj"))
            })?;
            let path = if at.is_empty() { name.clone() } else { format!("{at}/{name}") };
            Some((name, sources.project.text(&path), sources.project.dropped_path(&path)))
        });
        let name = dropped.as_ref().map(|(name, ..)| name.clone()).or(named);
        project.name = name.and_then(|name| Some(name.rsplit_once('.')?.0.to_owned()));
        if let Some((_, Some(text), Some(path))) = dropped {
            let element = |name: &str| {
                let (_, rest) = text.split_once(&format!("<{name}>"))?;
                Some(rest.split_once('<')?.0.trim().to_owned())
            };
            project.name = element("AssemblyName").or(project.name);
            let framework = element("TargetFramework").and_then(|name| Some(name.strip_prefix("net")?.to_owned()));
            let is_web =
                text.contains("Sdk=\"Microsoft.NET.Sdk.Web\"") || text.contains("Include=\"Microsoft.AspNetCore.App\"");
            let from = Provenance::Read(Location::file(path));
            project.web = is_web.then(|| Fact::new("Microsoft.AspNetCore.App".to_owned(), from));
            let framework = framework.filter(|version| version.starts_with(|c: char| c.is_ascii_digit()));
            project.framework = framework.map(|version| Fact::new(version, Provenance::Read(Location::file(path))));
        }
        project
    }
}

/// The folder that takes the launcher.
fn directory(
    invocation: &Invocation<'_>,
    arguments: &Arguments<'_>,
    project: &Project,
    subcommand: &str,
) -> Option<String> {
    if let Some(word) = arguments.value(&["-o", "--output"]) {
        return absolute(invocation, &word);
    }
    // `bin/Release/net8.0/linux-x64/publish`, of which the middle hangs on the project.
    let configuration = arguments.value(&["-c", "--configuration"]).map(|word| word.pattern());
    let release = configuration.unwrap_or_else(|| if subcommand == "publish" { "Release" } else { "Debug" }.into());
    Some(normalize(invocation.directory?, &format!("{}/bin/{release}", project.folder)))
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
