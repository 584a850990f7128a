//! Directories of modules, for every language whose packages may bring compiled code.

use crate::lists::Collect;
use std::sync::Arc;

use super::{Invocation, Word, libc, libraries};
use crate::fact::{Fact, Knowledge, Provenance, Step};
use crate::image::LibcFamily;
use crate::needs::{Absence, Language, LeftOut, Machine, ModuleLibrary, Modules};
use crate::source::Location;
use crate::text;
use crate::tree::normalize;

/// Libraries of the system that packages load.
const TABLE: &str = include_str!("modules.tsv");

/// Modules as a command in this stage installs them.
pub(super) fn installed(
    invocation: &Invocation<'_>,
    language: Language,
    runtime: Option<Fact<String>>,
    native: Native,
) -> Arc<Modules> {
    let builder = &invocation.builder;
    let libc = match builder.libc {
        Knowledge::Known(libc) => {
            let name = libc.value.as_ref().and_then(libc::display).unwrap_or_default();
            Knowledge::Known(Fact::new(name, libc.from.clone()))
        }
        Knowledge::Unknown(need) => Knowledge::Unknown(Arc::clone(need)),
    };
    let machine = Machine::of(builder.platform);
    let machine = machine.map(|machine| Fact::new(machine, Provenance::Read(invocation.at.clone())));
    let Native { packages, libraries, complete, packed, lacking } = native;
    Arc::new(Modules {
        language,
        libc,
        machine,
        runtime,
        native: packages,
        libraries,
        complete,
        packed,
        frameworks: Vec::new(),
        left_out: lacking,
        roll_forward: None,
        made: None,
    })
}

/// Modules without compiled code, which are bound to nothing but a runtime.
pub(super) fn bare(language: Language, runtime: Fact<String>) -> Modules {
    Modules {
        language,
        libc: Knowledge::Known(Fact::new(String::new(), runtime.from.clone())),
        machine: None,
        runtime: Some(runtime),
        native: Vec::new(),
        libraries: Vec::new(),
        complete: true,
        packed: false,
        frameworks: Vec::new(),
        left_out: Vec::new(),
        roll_forward: None,
        made: None,
    }
}

/// A package that a manifest or a command names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Package {
    pub(super) name: String,
    /// The version, or the start of one, that is asked for; empty for the newest.
    pub(super) version: String,
}

impl Package {
    pub(super) fn new(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self { name: name.into(), version: version.into() }
    }
}

/// The packages with compiled code that a manifest names.
#[derive(Default)]
pub(super) struct Native {
    packages: Vec<Fact<String>>,
    libraries: Vec<Fact<ModuleLibrary>>,
    /// A manifest was read.
    complete: bool,
    pub(super) packed: bool,
    /// Programs that nothing of it brings.
    lacking: Vec<Fact<LeftOut>>,
}

/// A manifest by its file, and how its text is read.
pub(super) type Manifest<'a> = (&'a str, fn(&str) -> Vec<Package>);

/// What a manifest or a command says.
pub(super) struct Asked<'a> {
    pub(super) language: Language,
    /// Packages that mostly bring compiled code, in order.
    pub(super) native: &'a [&'a str],
    /// The packages that the command names itself.
    pub(super) words: Vec<Package>,
    /// The directory of the manifests, and how a text of theirs is read.
    pub(super) directory: Option<&'a str>,
    pub(super) manifests: &'a [Manifest<'a>],
    /// Whether the installer is told to compile a package that is published compiled.
    pub(super) compiles: &'a dyn Fn(&str) -> bool,
    /// Programs that are often started, with the packages that bring each.
    pub(super) programs: &'a [(&'a str, &'a [&'a str])],
}

impl Native {
    /// Looks through the command's words and the first of the manifests that was dropped.
    pub(super) fn read(invocation: &Invocation<'_>, asked: Asked<'_>) -> Self {
        let read = || {
            let (sources, directory) = (invocation.sources?, asked.directory?);
            // Manifests are mostly copied by themselves, before the rest of the context.
            asked.manifests.iter().find_map(|(file, named)| {
                let path = sources.context_path(&normalize(directory, file))?;
                let text = sources.project.text(&path)?;
                let packages = named(&text);
                let read = (packages, sources.project.dropped_path(&path)?, *file, refers_elsewhere(&text));
                (!read.0.is_empty()).then_some(read)
            })
        };
        let here = Provenance::Read(invocation.at.clone());
        let mut packages: Vec<Fact<Package>> =
            asked.words.iter().map(|package| Fact::new(package.clone(), here.clone())).collect_vec();
        let manifest = read();
        if let Some((named, path, ..)) = &manifest {
            let from = Provenance::Read(Location::file(path));
            packages.extend(named.iter().map(|package| Fact::new(package.clone(), from.clone())));
        }
        let libraries =
            packages.iter().flat_map(|package| asked_for(invocation, &asked, package, &packages)).collect_vec();
        let lacking = match &manifest {
            Some((_, path, file, _)) if file.ends_with("lock") => {
                lacking(&asked, &packages, file, Provenance::Read(Location::file(path)), true)
            }
            // What the packages of these need themselves, they do not tell.
            Some((_, path, file, false)) if !PROJECTS.contains(file) => {
                lacking(&asked, &packages, file, Provenance::Read(Location::file(path)), false)
            }
            None if asked.manifests.is_empty() && !asked.words.is_empty() => {
                lacking(&asked, &packages, &command(invocation), here, false)
            }
            _ => Vec::new(),
        };
        let mut names: Vec<Fact<String>> =
            packages.into_iter().map(|package| package.map(|one| one.name)).collect_vec();
        names.retain(|name| asked.native.contains(&name.value.as_str()));
        // What the packages need themselves, a manifest without its lock file does not tell.
        let complete = manifest.is_some_and(|(_, _, file, _)| !PROJECTS.contains(&file));
        Self { packages: names, libraries, complete, packed: false, lacking }
    }

    /// Packages that the command names, all of them compiled.
    pub(super) fn compiled(invocation: &Invocation<'_>, language: Language, names: Vec<String>) -> Self {
        let native: Vec<&str> = names.iter().map(String::as_str).collect_vec();
        let words = names.iter().map(|name| Package::new(name, "")).collect_vec();
        let asked = Asked {
            language,
            native: &native,
            words,
            directory: None,
            manifests: &[],
            compiles: &|_| true,
            programs: &[],
        };
        Self { complete: true, ..Self::read(invocation, asked) }
    }

    /// Adds what archives in a directory of the stage hold, which an installer takes from there.
    pub(super) fn unpack(&mut self, invocation: &Invocation<'_>, directory: &str) {
        let here = invocation.builder.tree.modules_below(directory).filter(|(_, modules)| modules.packed);
        for (_, modules) in here {
            self.packages.extend(modules.native.iter().cloned());
            self.libraries.extend(modules.libraries.iter().cloned());
            self.complete |= modules.complete;
        }
    }
}

/// Manifests that name what the project asks for, and not what that needs.
const PROJECTS: [&str; 3] = ["Gemfile", "Pipfile", "pyproject.toml"];

/// Whether the lines of a `requirements.txt` name other files, or packages by their place.
fn refers_elsewhere(text: &str) -> bool {
    text.lines().map(str::trim).any(|line| line.starts_with(['.', '/', '-']) || line.contains("://"))
}

/// The command, as it is written.
fn command(invocation: &Invocation<'_>) -> String {
    invocation.words.iter().map(Word::pattern).collect_vec().join(" ")
}

/// The programs that no package brings which is asked for; `all` says that the packages are all that are installed.
fn lacking(asked: &Asked<'_>, packages: &[Fact<Package>], by: &str, from: Provenance, all: bool) -> Vec<Fact<LeftOut>> {
    let is_brought = |names: &[&str]| packages.iter().any(|package| names.contains(&package.value.name.as_str()));
    let lacked = asked.programs.iter().filter(|(_, names)| !is_brought(names));
    let fact = |(program, _): &(&str, &[&str])| {
        let claim = text! { en: "`{file}` does not name `{program}`", ja: "`{file}` に `{program}` はありません", file: by, program: *program };
        let mut because = vec![Step { claim, from: from.clone() }];
        if !all {
            let condition = text! {
                en: "no package that is installed brings `{program}` along",
                ja: "インストールされるパッケージが `{program}` を持ち込まない",
                program: *program,
            };
            let claim = text! { en: "no other package brings `{program}`", ja: "ほかのパッケージに `{program}` は含まれません", program: *program };
            because.push(Step { claim, from: Provenance::assumed(condition, Vec::new()) });
        }
        let left = LeftOut { program: (*program).to_owned(), why: Absence::NotListed };
        Fact::new(left, Provenance::derived(because))
    };
    lacked.map(fact).collect_vec()
}

/// The libraries that a package asks for.
fn asked_for(
    invocation: &Invocation<'_>,
    asked: &Asked<'_>,
    package: &Fact<Package>,
    all: &[Fact<Package>],
) -> Vec<Fact<ModuleLibrary>> {
    let Package { name, version } = &package.value;
    let language = match asked.language {
        Language::Node => "node",
        Language::Php => "php",
        Language::Python => "python",
        Language::Ruby => "ruby",
        _ => return Vec::new(),
    };
    let family = invocation.builder.libc.value().and_then(Option::as_ref).map(|libc| libc.family);
    let is_here = |form: &str| match form {
        "any" => true,
        "forced" => (asked.compiles)(name),
        _ => family == Some(LibcFamily::Glibc) && !(asked.compiles)(name),
    };
    let Some([_, _, _, form, libraries, imports, instead]) =
        rows().find(|row| row[0] == language && row[1] == name && holds(row[2], version) && is_here(row[3]))
    else {
        return Vec::new();
    };
    if instead.split(' ').any(|other| all.iter().any(|one| one.value.name == other)) {
        return Vec::new();
    }
    let asked = |library: String| {
        let library = ModuleLibrary {
            package: name.clone(),
            library,
            imported_as: imports,
            instead: instead.split(' ').next().filter(|other| !other.is_empty()),
            later: form == "browser",
        };
        Fact::new(library, package.from.clone())
    };
    libraries.split(' ').filter_map(|link| libraries::linked(invocation, link)).map(asked).collect_vec()
}

fn rows() -> impl Iterator<Item = [&'static str; 7]> {
    TABLE.lines().filter(|line| !line.starts_with('#')).skip(1).map(|line| {
        let mut columns = line.split('\t');
        std::array::from_fn(|_| columns.next().unwrap_or(""))
    })
}

/// Whether ranges hold a version, or the newest that begins with it.
fn holds(ranges: &str, version: &str) -> bool {
    let numbers = |text: &str| text.split('.').map_while(|part| part.parse().ok()).collect_vec();
    let mut version = numbers(version);
    version.resize(version.len().max(4), u32::MAX);
    let within = |range: &str| {
        let (from, to) = range.split_once("..").unwrap_or((range, range));
        let (from, to) = (numbers(from), numbers(to));
        // The bound `1.5` holds `1.5.9`.
        version >= from && (to.is_empty() || version[..version.len().min(to.len())] <= to[..])
    };
    ranges.is_empty() || ranges.split(',').any(within)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_and_sourced() {
        let key = |row: &[&str; 7]| (row[0].to_owned(), row[1].to_owned(), row[2].to_owned());
        assert!(rows().is_sorted_by(|a, b| (a[0], a[1]) <= (b[0], b[1])));
        for (number, line) in TABLE.lines().filter(|line| !line.starts_with('#')).skip(1).enumerate() {
            let columns: Vec<&str> = line.split('\t').collect();
            let row = rows().nth(number).map(|row| key(&row));
            assert_eq!(columns.len(), 8, "{row:?}");
            assert!(["any", "glibc", "forced", "browser"].contains(&columns[3]), "{row:?}");
            assert!(!columns[4].is_empty() && TABLE.contains(&format!("\n# source {}: ", columns[7])), "{row:?}");
        }
    }

    #[test]
    fn ranges_hold_versions() {
        for (ranges, version, expected) in [
            ("", "1.0", true),
            ("", "", true),
            ("..1.5", "1.5.9", true),
            ("..1.5", "1.6.0", false),
            ("..1.5", "", false),
            ("4.3..", "", true),
            ("..3.4.10,4.0..4.2", "4.2.0.34", true),
            ("..3.4.10,4.0..4.2", "3.4.18.65", false),
            ("3.4.11..3.99,4.3..", "3.4.18.65", true),
            ("3.4.11..3.99,4.3..", "4.2.0.34", false),
            ("..52", "52.5", true),
            ("..1.5", "1", false),
            ("..1.5", "0", true),
        ] {
            assert_eq!(holds(ranges, version), expected, "{ranges} {version}");
        }
    }
}
