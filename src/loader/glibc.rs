//! glibc's loader: libraries breadth first, then versions (elf/dl-load.c, elf/dl-deps.c, elf/dl-version.c).

use crate::lists::Collect;
use std::sync::Arc;

use super::cache::Cache;
use super::identify::{Loader, numbers};
use super::scope::{Absent, MAXIMUM_OBJECTS, Object, Stop};
use super::search::{self, Search};
use super::{Execution, Failure, Loading, MissingLibrary, MissingVersion, Started};
use crate::fact::{Fact, Knowledge, Need};
use crate::needs::{ElfNeeds, VersionNeed};
use crate::tree::{Lookup, Tree};

pub(super) fn run(execution: &Execution<'_>, loader: Loader) -> Loading {
    let process = Process::new(execution, loader);
    process.load().into()
}

struct Process<'e> {
    execution: &'e Execution<'e>,
    loader: Loader,
    cache: Cache,
    library_path: Vec<String>,
    defaults: Vec<String>,
    objects: Vec<Object>,
    /// A library that may be there or not, or that may not be asked for at all: what comes later can be surer.
    open: Option<Stop>,
}

impl<'e> Process<'e> {
    fn new(execution: &'e Execution<'e>, loader: Loader) -> Self {
        let variable = (execution.environment)("LD_LIBRARY_PATH").unwrap_or_default();
        // An empty part means the working directory, which is not followed here.
        let library_path = variable.split([':', ';']).filter(|path| !path.is_empty()).map(str::to_owned).collect_vec();
        let defaults = defaults(execution.tree, &loader, execution.program);
        let cache = Cache::of(execution.tree, execution.program.machine.value);
        Self { execution, loader, cache, library_path, defaults, objects: Vec::new(), open: None }
    }

    fn load(mut self) -> Result<Started, Stop> {
        let program = self.execution.program;
        for library in &program.libraries {
            self.need(&library.value, Some(library), None)?;
        }
        let mut next = 0;
        while next < self.objects.len() && self.objects.len() < MAXIMUM_OBJECTS {
            let needed: Vec<String> = self.objects[next]
                .elf()
                .map(|needs| needs.libraries.iter().map(|library| library.value.clone()).collect_vec())
                .unwrap_or_default();
            for library in needed {
                self.need(&library, None, Some(next))?;
            }
            next += 1;
        }
        let versions = self.check_versions();
        let certain = |stop: &Stop| match stop {
            Stop::Fails(failure) => match &**failure {
                Failure::MissingVersions(missing) => missing.iter().any(|one| one.need.from.conditions().is_empty()),
                _ => false,
            },
            Stop::Unknown(_) => false,
        };
        match (self.open.take(), versions) {
            // The loader complains of the library first, but only if it is asked for and absent.
            (Some(Stop::Unknown(_)), Err(versions @ Stop::Fails(_))) => return Err(versions),
            (Some(_), Err(versions)) if certain(&versions) => return Err(versions),
            (Some(open), _) => return Err(open),
            (None, versions) => versions?,
        }
        Ok(Started { loader: Some(self.loader), objects: self.objects })
    }

    /// Loads one needed library, unless it is there already.
    fn need(&mut self, name: &str, named: Option<&Fact<String>>, by: Option<usize>) -> Result<(), Stop> {
        let is_loader =
            self.loader.asked.rsplit('/').next() == Some(name) || self.loader.path.ends_with(&format!("/{name}"));
        if is_loader || self.objects.iter().any(|object| object.answers_to(name)) {
            return Ok(());
        }
        match self.find(name, by) {
            Ok(object) => {
                self.objects.push(object);
                Ok(())
            }
            Err(Absent::Unknown(need)) => {
                self.open.get_or_insert(Stop::Unknown(need));
                Ok(())
            }
            Err(Absent::Missing { searched }) => {
                let stop = Stop::from(Failure::MissingLibrary(MissingLibrary {
                    library: name.to_owned(),
                    named: named.cloned(),
                    needed_by: self.path_of(by),
                    searched,
                    loader: self.loader.clone(),
                }));
                if named.is_none_or(|named| named.from.conditions().is_empty()) {
                    return Err(stop);
                }
                self.open = match self.open.take() {
                    Some(failure @ Stop::Fails(_)) => Some(failure),
                    _ => Some(stop),
                };
                Ok(())
            }
        }
    }

    /// `_dl_map_object`: `DT_RPATH` of the object and of those that led to it (unless the object has a `DT_RUNPATH`),
    /// `LD_LIBRARY_PATH`, the object's `DT_RUNPATH`, the cache, the default directories.
    fn find(&self, name: &str, by: Option<usize>) -> Result<Object, Absent> {
        let (tree, program) = (self.execution.tree, self.execution.program);
        let mut search = Search::default();
        if name.contains('/') {
            // Tokens are replaced in names too (`expand_dst`, elf/dl-deps.c).
            let paths = self.expand(&[name.to_owned()], by);
            let found = paths.iter().find_map(|path| search.at(tree, path, name, program, by));
            return found.ok_or_else(|| search.end());
        }
        let own = self.needs_of(by);
        let mut directories = Vec::new();
        if own.is_none_or(|needs| needs.runpath.is_empty()) {
            let mut at = Some(by);
            while let Some(object) = at {
                if let Some(needs) = self.needs_of(object).filter(|needs| needs.runpath.is_empty()) {
                    directories.extend(self.expand(&needs.rpath, object));
                }
                at = object.map(|index| self.objects[index].by);
            }
        }
        directories.extend(self.expand(&self.library_path, None));
        if let Some(needs) = own {
            directories.extend(self.expand(&needs.runpath, by));
        }
        for directory in &directories {
            if let Some(object) = search.in_directory(tree, directory, name, program, by) {
                return Ok(object);
            }
        }
        for path in self.cache.candidates(tree, name) {
            if let Some(object) = search.at(tree, &path, name, program, by) {
                return Ok(object);
            }
        }
        for directory in &self.defaults {
            if let Some(object) = search.in_directory(tree, directory, name, program, by) {
                return Ok(object);
            }
        }
        search.searched.extend(self.cache.directories().iter().cloned());
        Err(search.end())
    }

    fn expand(&self, paths: &[String], object: Option<usize>) -> Vec<String> {
        let origin = match object {
            Some(index) => search::directory(&self.objects[index].path).to_owned(),
            // The program's own place is the real one (`_dl_get_origin` reads `/proc/self/exe`).
            None => match self.execution.tree.lookup(self.execution.path) {
                Lookup::Found { path, .. } => search::directory(&path).to_owned(),
                _ => search::directory(self.execution.path).to_owned(),
            },
        };
        let machine = self.execution.program.machine.value;
        paths.iter().flat_map(|path| search::expand(path, &origin, machine)).collect_vec()
    }

    fn needs_of(&self, object: Option<usize>) -> Option<&ElfNeeds> {
        match object {
            Some(index) => self.objects[index].elf(),
            None => Some(self.execution.program),
        }
    }

    fn path_of(&self, object: Option<usize>) -> String {
        object.map_or(self.execution.path, |index| &self.objects[index].path).to_owned()
    }

    /// `_dl_check_map_versions`: each version that is needed, and not weakly, must be defined by the library it is
    /// needed of; a library without any definitions is let pass.
    fn check_versions(&self) -> Result<(), Stop> {
        let mut missing = Vec::new();
        let mut unknown = None;
        let everyone = std::iter::once(None).chain((0..self.objects.len()).map(Some));
        for object in everyone {
            let Some(needs) = self.needs_of(object) else { continue };
            for need in needs.versions.iter().filter(|need| !need.value.weak) {
                match self.defines(&need.value) {
                    Defined::Yes => {}
                    Defined::No { path, newest } => missing.push(MissingVersion {
                        need: need.clone(),
                        required_by: self.path_of(object),
                        path,
                        newest,
                    }),
                    Defined::Unknown(need) => unknown = unknown.or(Some(need)),
                }
            }
        }
        if !missing.is_empty() {
            return Err(Stop::from(Failure::MissingVersions(missing)));
        }
        unknown.map_or(Ok(()), |need| Err(Stop::Unknown(need)))
    }

    fn defines(&self, need: &VersionNeed) -> Defined {
        let in_loader = self.loader.path.ends_with(&format!("/{}", need.library));
        let object = self.objects.iter().find(|object| object.answers_to(&need.library));
        // The loader counts as a library of its own; its versions are glibc's.
        let library = match object {
            Some(object) => object.library.clone().map(|library| (library, object.path.clone())),
            None if in_loader => return Defined::Yes,
            None => None,
        };
        let Some((library, path)) = library else { return Defined::Yes };
        let versions = match &library.versions {
            Knowledge::Known(versions) => &versions.value,
            Knowledge::Unknown(need) => return Defined::Unknown(Arc::clone(need)),
        };
        if versions.is_empty() || versions.contains(&need.version) {
            return Defined::Yes;
        }
        let prefix = need.version.split_once('_').map_or("", |(prefix, _)| prefix);
        let ordered = |version: &&String| {
            let number = version.strip_prefix(prefix)?.strip_prefix('_')?;
            Some(numbers(number)).filter(|numbers| !numbers.is_empty())
        };
        let newest = versions.iter().filter(|version| ordered(version).is_some()).max_by_key(ordered).cloned();
        Defined::No { path, newest }
    }
}

enum Defined {
    Yes,
    No { path: String, newest: Option<String> },
    Unknown(Arc<Need>),
}

/// The directories that a glibc was built to look in: its own, and Debian's and Red Hat's customs.
fn defaults(tree: &Tree, loader: &Loader, program: &ElfNeeds) -> Vec<String> {
    let home = search::directory(&loader.path);
    let triplet = search::triplet(program.machine.value).unwrap_or_default();
    let debian = ["/lib/", "/usr/lib/"].map(|directory| format!("{directory}{triplet}"));
    let own = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect_vec();
    let debians = || [debian.to_vec(), own(&["/lib", "/usr/lib"])].concat();
    let is_debian = || debian.iter().any(|path| matches!(tree.lookup(path), Lookup::Found { .. }));
    match home {
        _ if !triplet.is_empty() && home.ends_with(triplet) => debians(),
        // The loader lies there on Red Hat's systems, and on Debian's before /usr was merged it is a link or a copy.
        "/lib64" | "/usr/lib64" if !is_debian() => own(&["/lib64", "/usr/lib64"]),
        "/lib" | "/usr/lib" | "/lib64" | "/usr/lib64" => debians(),
        home => vec![home.to_owned()],
    }
}
