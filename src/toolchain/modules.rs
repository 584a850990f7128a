//! Directories of modules, for every language whose packages may bring compiled code.

use std::sync::Arc;

use super::{Invocation, libc};
use crate::fact::{Fact, Knowledge, Provenance};
use crate::needs::{Language, Machine, Modules};
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
    Arc::new(Modules { language, libc, machine, runtime, native: native.packages, complete: native.complete })
}

/// The packages with compiled code that a manifest names.
#[derive(Default)]
pub(super) struct Native {
    packages: Vec<Fact<String>>,
    /// A manifest was read.
    complete: bool,
}

impl Native {
    /// Looks through the first of the files that was dropped; `named` gives the packages that a text names.
    pub(super) fn read(
        invocation: &Invocation<'_>,
        directory: Option<&str>,
        files: &[&str],
        known: &[&str],
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
        let Some((text, path)) = read() else { return Self::default() };
        let fact = |name: String| Fact::new(name, Provenance::Read(Location::file(path)));
        let packages = named(&text).into_iter().filter(|name| known.contains(&name.as_str())).map(fact).collect();
        Self { packages, complete: true }
    }
}
