//! The project that `dotnet publish` is run for: its name, its framework, and what its assembly is called.

use crate::fact::{Fact, Provenance, Settler, Step};
use crate::lists::{self, Collect};
use crate::needs::Made;
use crate::project::Project as Sources;
use crate::project::msbuild::{self, Manifest};
use crate::source::Location;
use crate::text;
use crate::toolchain::Invocation;
use crate::tree::normalize;

/// The project file, as far as it is named or dropped.
#[derive(Default)]
pub(super) struct Project {
    /// The assembly's name.
    pub(super) name: Option<String>,
    /// `8.0`, of `net8.0`
    pub(super) framework: Option<Fact<String>>,
    /// `net8.0`, as the output's directory is called.
    pub(super) moniker: Option<String>,
    /// The file, empty where it was not dropped.
    pub(super) manifest: Manifest,
    /// Where it was dropped.
    pub(super) at: Option<Location>,
    /// The folder that it lies in, relative to the working directory.
    pub(super) folder: String,
    pub(super) made: Option<Made>,
}

impl Project {
    pub(super) fn of(invocation: &Invocation<'_>, named: Option<&str>) -> Self {
        let file = named.filter(|name| is_project(name));
        let folder = match (file, named) {
            (Some(file), _) => file.rsplit_once('/').map_or("", |(folder, _)| folder),
            (None, Some(other)) if !other.ends_with(".sln") => other,
            _ => "",
        };
        let mut project = Self { folder: folder.to_owned(), ..Self::default() };
        let named = file.map(|file| file.rsplit('/').next().unwrap_or(file).to_owned());
        let dropped = invocation.directory.and_then(|directory| {
            let sources = invocation.sources?;
            let place = normalize(directory, folder);
            let path = match &named {
                Some(name) => sources.context_path(&normalize(&place, name))?,
                None => only_project(sources, &place)?,
            };
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
            Some((sources.project, folder.to_owned(), name.to_owned()))
        });
        let name = dropped.as_ref().map(|(.., name)| name.clone()).or(named);
        project.name = name.and_then(|name| Some(name.rsplit_once('.')?.0.to_owned()));
        let Some((files, folder, file)) = dropped else { return project.with_name(invocation) };
        let path = if folder.is_empty() { file } else { format!("{folder}/{file}") };
        let (Some(text), Some(at)) = (files.text(&path), files.dropped_path(&path)) else {
            return project.with_name(invocation);
        };
        let from = Provenance::Read(Location::file(at));
        project.manifest = Manifest::read(&text);
        let own = project.manifest.property("AssemblyName").map(str::to_owned);
        let is_computed = own.is_none() && project.manifest.sets("AssemblyName");
        // The nearest one that lies around the project is imported.
        let around = std::iter::successors(Some(folder.as_str()), |folder| {
            (!folder.is_empty()).then(|| folder.rsplit_once('/').map_or("", |(parent, _)| parent))
        });
        let shared = around.map(|folder| format!("{folder}/Directory.Build.props")).find_map(|path| files.text(&path));
        if let Some(shared) = shared {
            project.manifest.after(Manifest::read(&shared));
        }
        let computed = is_computed || own.is_none() && project.manifest.sets("AssemblyName");
        project.name = own.or(project.name);
        let moniker = project.manifest.property("TargetFramework").map(str::to_owned);
        let version = moniker.as_deref().and_then(msbuild::version).map(str::to_owned);
        project.framework = version.map(|version| Fact::new(version, from.clone()));
        project.moniker = moniker;
        project.at = Some(Location::file(at));
        if let Some(name) = project.name.as_ref().filter(|_| !computed) {
            let names = vec![Fact::new(format!("{name}.dll"), from)];
            let others = other_names(files, name);
            project.made = Some(Made { names, others, whole: files.whole });
        }
        project
    }

    /// A project that is named alone: most are called like what they make.
    fn with_name(mut self, invocation: &Invocation<'_>) -> Self {
        if let Some(name) = &self.name {
            let condition = text! {
                en: "the project `{name}` gives its assembly no other name",
                ja: "プロジェクト `{name}` がアセンブリに別の名前を付けていない",
                name: name,
            };
            let claim = text! {
                en: "`{project}` is built here",
                ja: "ここで `{project}` がビルドされます",
                project: name,
            };
            let from = Provenance::derived(vec![
                Step { claim, from: Provenance::Read(invocation.at.clone()) },
                Step {
                    claim: condition.clone(),
                    from: Provenance::assumed(condition, vec![Settler::File(format!("{name}.csproj"))]),
                },
            ]);
            let names = vec![Fact::new(format!("{name}.dll"), from)];
            self.made = Some(Made { names, others: Vec::new(), whole: false });
        }
        self
    }
}

/// The one project file that lies in a directory of the stage.
fn only_project(sources: &crate::project::Sources<'_>, place: &str) -> Option<String> {
    let copied = sources.copies.iter().filter(|copy| copy.stage.rsplit_once('/').is_some_and(|(at, _)| at == place));
    let mut found: Vec<String> = copied.map(|copy| copy.context.clone()).filter(|path| is_project(path)).collect_vec();
    if let Some(folder) = sources.context_path(place) {
        let names = sources.project.files_in(&folder).map(|(name, _)| normalize(&format!("/{folder}"), name));
        found.extend(names.filter(|name| is_project(name)).map(|path| path[1..].to_owned()));
    }
    lists::sort(&mut found);
    found.dedup();
    let path = found.pop().filter(|path| found.is_empty() && sources.project.file(path).is_some())?;
    Some(path)
}

fn is_project(name: &str) -> bool {
    [".csproj", ".fsproj", ".vbproj"].iter().any(|ending| name.ends_with(ending))
}

/// What assemblies other parts of the sources bring: projects, the packages that they refer to, and files that are there.
fn other_names(files: &Sources, own: &str) -> Vec<String> {
    let mut names = Vec::new();
    for path in files.paths_below("") {
        let file = path.rsplit('/').next().unwrap_or(path);
        let Some((stem, _)) = file.rsplit_once('.').filter(|_| file.ends_with(".dll") || is_project(file)) else {
            continue;
        };
        names.push(stem.to_owned());
        if let Some(text) = files.text(path).filter(|_| is_project(file)) {
            let manifest = Manifest::read(&text);
            names.extend(manifest.property("AssemblyName").map(str::to_owned));
            names.extend(manifest.packages().map(str::to_owned));
        }
    }
    names.retain(|name| name != own);
    lists::sort(&mut names);
    names.dedup();
    names
}
