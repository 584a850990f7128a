//! musl's loader: libraries breadth first, then every symbol at once (ldso/dynlink.c).

use crate::lists::{Collect, Set};
use std::sync::Arc;

use super::identify::{GCOMPAT, Loader, LoaderKind, numbers};
use super::scope::{Absent, MAXIMUM_OBJECTS, Object, Stop};
use super::search::{self, Search};
use super::{Execution, Failure, Loading, MissingLibrary, MissingSymbols, Started};
use crate::fact::{Fact, Need, Settler};
use crate::needs::{ElfNeeds, Import};
use crate::text;
use crate::tree::{Content, Library, Lookup, Node};

pub(super) fn run(execution: &Execution<'_>, loader: Loader) -> Loading {
    Process::new(execution, loader).and_then(Process::load).into()
}

struct Process<'e> {
    execution: &'e Execution<'e>,
    loader: Loader,
    /// musl itself: its loader is the C library.
    itself: Option<&'e Library>,
    release: Option<String>,
    library_path: Vec<String>,
    system_path: Vec<String>,
    objects: Vec<Object>,
}

impl<'e> Process<'e> {
    fn new(execution: &'e Execution<'e>, loader: Loader) -> Result<Self, Stop> {
        let machine = execution.program.machine.value;
        let name = search::uname(machine);
        let real = match loader.kind {
            // The stub executes musl's own loader (`GCOMPAT_LOADER`).
            LoaderKind::Gcompat => format!("/lib/ld-musl-{name}.so.1"),
            _ => loader.path.to_string(),
        };
        let itself = match execution.tree.lookup(&real) {
            Lookup::Found { entry, .. } => match &entry.node {
                Node::File(Content::Library(library)) => Some(&**library),
                _ => None,
            },
            Lookup::Missing { path } => {
                let interpreter = Fact::new(real, execution.program.interpreter.from.clone());
                return Err(Stop::from(Failure::MissingInterpreter { interpreter, absent: path }));
            }
            Lookup::Unknown(need) => return Err(Stop::Unknown(need)),
        };
        let release = itself.and_then(|library| library.release.clone());
        let paths =
            |text: &str| text.split([':', '\n']).filter(|path| !path.is_empty()).map(str::to_owned).collect_vec();
        let library_path = paths(&(execution.environment)("LD_LIBRARY_PATH").unwrap_or_default());
        let system_path = match execution.tree.lookup(&format!("/etc/ld-musl-{name}.path")) {
            Lookup::Found { entry, .. } => match &entry.node {
                Node::File(Content::Bytes(bytes)) => paths(&String::from_utf8_lossy(bytes)),
                _ => [paths(DEFAULT_PATH), vec![format!("/usr/lib/{name}-linux-musl")]].concat(),
            },
            _ => paths(DEFAULT_PATH),
        };
        Ok(Self { execution, loader, itself, release, library_path, system_path, objects: Vec::new() })
    }

    fn load(mut self) -> Result<Started, Stop> {
        if self.loader.kind == LoaderKind::Gcompat {
            self.need(GCOMPAT, None, None)?;
        }
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
        self.check_relocations()?;
        self.check_symbols()?;
        self.check_known()?;
        Ok(Started { loader: Some(self.loader), objects: self.objects })
    }

    /// `load_library`: what has the name of a part of a C library is musl itself; else it is looked for.
    fn need(&mut self, name: &str, named: Option<&Fact<String>>, by: Option<usize>) -> Result<(), Stop> {
        if is_itself(name) || self.objects.iter().any(|object| object.name == name) {
            return Ok(());
        }
        match self.find(name, by) {
            Ok(object) => {
                self.objects.push(object);
                Ok(())
            }
            Err(Absent::Unknown(need)) => Err(Stop::Unknown(need)),
            Err(Absent::Missing { searched }) => Err(Stop::from(Failure::MissingLibrary(MissingLibrary {
                library: name.to_owned(),
                named: named.cloned(),
                needed_by: self.path_of(by),
                searched,
                loader: self.loader.clone(),
            }))),
        }
    }

    /// `LD_LIBRARY_PATH`, the run paths of the object and of those that led to it (`DT_RUNPATH` counts like `DT_RPATH`,
    /// and wins), then `/etc/ld-musl-ARCH.path` or the default.
    fn find(&self, name: &str, by: Option<usize>) -> Result<Object, Absent> {
        let (tree, program) = (self.execution.tree, self.execution.program);
        let mut search = Search::default();
        if name.contains('/') {
            return search.at(tree, name, name, program, by).ok_or_else(|| search.end());
        }
        let mut directories = self.library_path.clone();
        let mut at = Some(by);
        while let Some(object) = at {
            if let Some(needs) = self.needs_of(object) {
                let paths = if needs.runpath.is_empty() { &needs.rpath } else { &needs.runpath };
                let origin = search::directory(&self.path_of(object)).to_owned();
                directories.extend(paths.iter().flat_map(|path| search::expand(path, &origin, program.machine.value)));
            }
            at = object.map(|index| self.objects[index].by);
        }
        directories.extend(self.system_path.iter().cloned());
        for directory in &directories {
            if let Some(object) = search.in_directory(tree, directory, name, program, by) {
                return Ok(object);
            }
        }
        Err(search.end())
    }

    fn needs_of(&self, object: Option<usize>) -> Option<&ElfNeeds> {
        match object {
            Some(index) => self.objects[index].elf(),
            None => Some(self.execution.program),
        }
    }

    fn path_of(&self, object: Option<usize>) -> String {
        match object {
            Some(index) => self.objects[index].path.clone(),
            None => match self.execution.tree.lookup(self.execution.path) {
                Lookup::Found { path, .. } => path.to_string(),
                _ => self.execution.path.to_owned(),
            },
        }
    }

    fn everyone(&self) -> impl Iterator<Item = Option<usize>> + use<> {
        std::iter::once(None).chain((0..self.objects.len()).map(Some))
    }

    /// musl applies `DT_RELR` since 1.2.4, and Alpine's 1.2.3 (Alpine 3.16 and 3.17) with a patch; before, such
    /// relocations are skipped in silence, and the first pointer that is used crashes.
    fn check_relocations(&self) -> Result<(), Stop> {
        let Some(version) = self.version() else { return Ok(()) };
        let patched =
            version == [1, 2, 3] && matches!(self.execution.tree.lookup("/etc/alpine-release"), Lookup::Found { .. });
        if version >= vec![1, 2, 4] || patched {
            return Ok(());
        }
        match self.everyone().find(|object| self.needs_of(*object).is_some_and(|needs| needs.packed_relocations)) {
            Some(object) => {
                let (object, loader) = (self.path_of(object), self.loader.clone());
                Err(Stop::from(Failure::PackedRelocations { object, loader }))
            }
            None => Ok(()),
        }
    }

    fn version(&self) -> Option<Vec<u32>> {
        let version = self.release.as_deref()?.strip_prefix("musl ")?;
        Some(numbers(version)).filter(|version| !version.is_empty())
    }

    /// Every symbol is looked up at the start, also those of functions that are never called.
    fn check_symbols(&self) -> Result<(), Stop> {
        let exported: Set = self
            .objects
            .iter()
            .filter_map(|object| object.library.as_ref()?.symbols.value())
            .flatten()
            .map(String::as_str)
            .collect_set();
        // A library whose symbols are not known may export anything that is not the C library's.
        let open = self
            .objects
            .iter()
            .any(|object| object.library.as_ref().is_none_or(|library| library.symbols.value().is_none()));
        for object in self.everyone() {
            let Some(needs) = self.needs_of(object) else { continue };
            let Some(imports) = &needs.symbols else { continue };
            let missing: Vec<String> = imports
                .value
                .iter()
                .filter(|import| !import.weak && !exported.contains_key(&import.name) && !self.exports(&import.name))
                .filter(|import| !open || of_the_c_library(import))
                .map(|import| import.name.clone())
                .collect_vec();
            if !missing.is_empty() {
                return Err(Stop::from(Failure::MissingSymbols(MissingSymbols {
                    symbols: missing,
                    required_by: self.path_of(object),
                    loader: self.loader.clone(),
                })));
            }
        }
        Ok(())
    }

    /// A program made for glibc stands or falls with its symbols; when they are not known on either side, nobody can say.
    fn check_known(&self) -> Result<(), Stop> {
        let program = self.execution.program;
        let for_glibc = program.libraries.iter().any(|library| library.value == "libc.so.6");
        let symbols = self.itself.and_then(|library| library.symbols.value());
        if !for_glibc || program.symbols.is_some() && symbols.is_some() {
            return Ok(());
        }
        let text = text! {
            en: "`{program}` is made for glibc and would run on {loader}, which has some of glibc's symbols; which ones the program needs is not known",
            ja: "`{program}` は glibc 用で、glibc のシンボルの一部を備えた {loader} の上で動くことになりますが、どのシンボルが必要かがわかりません",
            program: self.execution.path,
            loader: self.loader.name(),
        };
        let settled_by = vec![Settler::Program(self.execution.path.to_owned())];
        Err(Stop::Unknown(Arc::new(Need { text, settled_by, at: None })))
    }

    /// Whether musl itself has a symbol. Where its table is not known, programs made for musl are trusted.
    fn exports(&self, name: &str) -> bool {
        let Some(symbols) = self.itself.and_then(|library| library.symbols.value()) else { return true };
        let has = |name: &str| symbols.iter().any(|symbol| symbol == name);
        has(name) || large_file_alias(name).is_some_and(has)
    }
}

/// The name without `64` that musl answers with since 1.2.4, where it no longer exports the names of the large file
/// interface (`get_lfs64`, ldso/dynlink.c). `fcntl64` is not among them.
fn large_file_alias(name: &str) -> Option<&str> {
    const NAMES: &str = "aio_cancel aio_error aio_fsync aio_read aio_return aio_suspend aio_write alphasort creat \
        fallocate fgetpos fopen freopen fseeko fsetpos fstat fstatat fstatfs fstatvfs ftello ftruncate ftw getdents \
        getrlimit glob globfree lio_listio lockf lseek lstat mkostemp mkostemps mkstemp mkstemps mmap nftw open \
        openat posix_fadvise posix_fallocate pread preadv prlimit pwrite pwritev readdir scandir sendfile setrlimit \
        stat statfs statvfs tmpfile truncate versionsort __fxstat __fxstatat __lxstat __xstat";
    if name == "readdir64_r" {
        return Some("readdir_r");
    }
    let plain = name.strip_suffix("64")?;
    NAMES.split(' ').any(|known| known == plain).then_some(plain)
}

/// musl's default search path (`ldso/dynlink.c`).
const DEFAULT_PATH: &str = "/lib:/usr/local/lib:/usr/lib";

/// The names that musl answers to itself: `lib` and one of these, up to the dot. So `libc.so.6`, `libm.so.6` and
/// `libpthread.so.0` are musl, and `libresolv.so.2` is not.
fn is_itself(name: &str) -> bool {
    const RESERVED: [&str; 7] = ["c", "pthread", "rt", "m", "dl", "util", "xnet"];
    let part = name.strip_prefix("lib").and_then(|rest| rest.split_once('.'));
    part.is_some_and(|(part, _)| RESERVED.contains(&part))
}

/// Whether a symbol is bound to a library that musl takes for itself, so that no other will have it.
fn of_the_c_library(import: &Import) -> bool {
    import.library.as_deref().is_some_and(is_itself)
}

#[cfg(test)]
mod tests {
    use super::is_itself;

    #[test]
    fn musl_is_every_part_of_a_c_library() {
        for (name, itself) in [
            ("libc.so.6", true),
            ("libc.musl-x86_64.so.1", true),
            ("libc.so", true),
            ("libm.so.6", true),
            ("libpthread.so.0", true),
            ("libresolv.so.2", false),
            ("libcrypt.so.1", false),
            ("ld-linux-x86-64.so.2", false),
            ("libmount.so.1", false),
        ] {
            assert_eq!(is_itself(name), itself, "{name}");
        }
    }
}
