//! Directories of modules, for every language whose packages may bring compiled code.

use crate::lists::Collect;
use std::sync::Arc;

use super::{Invocation, libc, libraries};
use crate::fact::{Fact, Knowledge, Provenance};
use crate::needs::{Language, Machine, ModuleLibrary, Modules};
use crate::source::Location;
use crate::tree::normalize;

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
    let Native { packages, libraries, complete } = native;
    Arc::new(Modules {
        language,
        libc,
        machine,
        runtime,
        native: packages,
        libraries,
        complete,
        frameworks: Vec::new(),
        left_out: Vec::new(),
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
        frameworks: Vec::new(),
        left_out: Vec::new(),
        roll_forward: None,
        made: None,
    }
}

/// The packages with compiled code that a manifest names.
#[derive(Default)]
pub(super) struct Native {
    packages: Vec<Fact<String>>,
    libraries: Vec<Fact<ModuleLibrary>>,
    /// A manifest was read.
    complete: bool,
}

impl Native {
    /// Looks through the first of the files that was dropped; `named` gives the packages that a text names.
    ///
    /// `words` are packages that the command names itself.
    pub(super) fn read(
        invocation: &Invocation<'_>,
        directory: Option<&str>,
        files: &[&str],
        words: Vec<String>,
        known: &Known,
        named: fn(&str) -> Vec<String>,
    ) -> Self {
        let read = || {
            let (sources, directory) = (invocation.sources?, directory?);
            // Manifests are mostly copied by themselves, before the rest of the context.
            files.iter().find_map(|file| {
                let path = sources.context_path(&normalize(directory, file))?;
                Some((sources.project.text(&path)?, sources.project.dropped_path(&path)?))
            })
        };
        let here = Provenance::Read(invocation.at.clone());
        let mut names: Vec<Fact<String>> = words.into_iter().map(|name| Fact::new(name, here.clone())).collect_vec();
        let manifest = read();
        if let Some((text, path)) = &manifest {
            let from = Provenance::Read(Location::file(path));
            names.extend(named(text).into_iter().map(|name| Fact::new(name, from.clone())));
        }
        let libraries = names.iter().flat_map(|name| known.libraries(invocation, name)).collect_vec();
        names.retain(|name| known.native.contains(&name.value.as_str()));
        Self { packages: names, libraries, complete: manifest.is_some() }
    }

    /// Packages that the command names, all of them compiled.
    pub(super) fn compiled(invocation: &Invocation<'_>, names: Vec<String>, known: &Known) -> Self {
        let here = Provenance::Read(invocation.at.clone());
        let packages: Vec<Fact<String>> = names.into_iter().map(|name| Fact::new(name, here.clone())).collect_vec();
        let libraries = packages.iter().flat_map(|name| known.libraries(invocation, name)).collect_vec();
        Self { packages, libraries, complete: true }
    }
}

/// What is known of a language's packages.
pub(super) struct Known {
    /// Those that bring compiled code, in order.
    pub(super) native: &'static [&'static str],
    /// The libraries of the system that some ask for: by the name that a linker is given, or by the file's own.
    pub(super) libraries: &'static [(&'static str, &'static [&'static str])],
}

impl Known {
    fn libraries(&self, invocation: &Invocation<'_>, package: &Fact<String>) -> Vec<Fact<ModuleLibrary>> {
        let links = self.libraries.iter().find(|(name, _)| *name == package.value).map_or(&[][..], |(_, links)| *links);
        let file = |link: &&str| match link.contains(".so.") {
            true => Some((*link).to_owned()),
            false => libraries::file(invocation, link),
        };
        let asked = |library: String| {
            Fact::new(ModuleLibrary { package: package.value.clone(), library }, package.from.clone())
        };
        links.iter().filter_map(file).map(asked).collect_vec()
    }
}
