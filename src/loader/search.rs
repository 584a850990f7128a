//! Looking for a library: directories in order, and what `$ORIGIN` stands for.

use crate::lists::Collect;
use std::sync::Arc;

use super::scope::{Absent, Object, elf_of, same_machine};
use crate::fact::Need;
use crate::needs::{ElfNeeds, Machine};
use crate::tree::{Lookup, Node, Tree};

/// What a search has seen so far.
#[derive(Default)]
pub(super) struct Search {
    pub(super) searched: Vec<String>,
    unknown: Option<Arc<Need>>,
}

impl Search {
    /// The library `name` in one directory, if a loader would take it: a file for the same machine.
    pub(super) fn in_directory(
        &mut self,
        tree: &Tree,
        directory: &str,
        name: &str,
        program: &ElfNeeds,
        by: Option<usize>,
    ) -> Option<Object> {
        if !self.searched.iter().any(|known| known == directory) {
            self.searched.push(directory.to_owned());
        }
        self.at(tree, &format!("{}/{name}", directory.trim_end_matches('/')), name, program, by)
    }

    pub(super) fn at(
        &mut self,
        tree: &Tree,
        path: &str,
        name: &str,
        program: &ElfNeeds,
        by: Option<usize>,
    ) -> Option<Object> {
        match tree.lookup(path) {
            Lookup::Found { entry, .. } => match &entry.node {
                Node::File(content) if elf_of(content).is_none_or(|needs| same_machine(needs, program)) => {
                    Some(Object::new(name, path.to_owned(), content, by))
                }
                _ => None,
            },
            Lookup::Missing { .. } => None,
            Lookup::Unknown(need) => {
                self.unknown.get_or_insert(need);
                None
            }
        }
    }

    /// What it means that nothing was found.
    pub(super) fn end(self) -> Absent {
        match self.unknown {
            Some(need) => Absent::Unknown(need),
            None => Absent::Missing { searched: self.searched },
        }
    }
}

/// A run path with its tokens replaced (`ld.so(8)`, "Dynamic string tokens"); `$LIB` hangs on the distribution, so it
/// can stand for several.
pub(super) fn expand(path: &str, origin: &str, machine: Machine) -> Vec<String> {
    let path = path.replace("${ORIGIN}", "$ORIGIN").replace("${LIB}", "$LIB").replace("${PLATFORM}", "$PLATFORM");
    let path = path.replace("$ORIGIN", origin).replace("$PLATFORM", uname(machine));
    if !path.contains("$LIB") {
        return vec![path];
    }
    let triplet = triplet(machine).map(|triplet| format!("lib/{triplet}"));
    let names = triplet.into_iter().chain(["lib64".to_owned(), "lib".to_owned()]);
    names.map(|name| path.replace("$LIB", &name)).collect_vec()
}

/// The directory of a path.
pub(super) fn directory(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some(("", _)) | None => "/",
        Some((directory, _)) => directory,
    }
}

/// Debian's name for an architecture, of which its library directories are made.
pub(super) fn triplet(machine: Machine) -> Option<&'static str> {
    Some(match machine.architecture()? {
        "amd64" => "x86_64-linux-gnu",
        "386" => "i386-linux-gnu",
        "arm64" => "aarch64-linux-gnu",
        "arm" if machine.arm_version == 5 => "arm-linux-gnueabi",
        "arm" => "arm-linux-gnueabihf",
        "ppc64le" => "powerpc64le-linux-gnu",
        "s390x" => "s390x-linux-gnu",
        "riscv64" => "riscv64-linux-gnu",
        "mips64le" => "mips64el-linux-gnuabi64",
        "loong64" => "loongarch64-linux-gnu",
        _ => return None,
    })
}

/// The kernel's name for an architecture, which musl's files carry too.
pub(super) fn uname(machine: Machine) -> &'static str {
    match machine.architecture() {
        Some("amd64") => "x86_64",
        Some("386") => "i386",
        Some("arm64") => "aarch64",
        Some("arm") if machine.arm_version == 5 => "arm",
        Some("arm") => "armhf",
        Some("ppc64le") => "powerpc64le",
        Some("s390x") => "s390x",
        Some("riscv64") => "riscv64",
        Some("mips64le") => "mips64el",
        Some("loong64") => "loongarch64",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_replaced_in_both_forms() {
        let expand = |path: &str| expand(path, "/opt/app", Machine::X86_64);
        assert_eq!(expand("$ORIGIN/../lib"), ["/opt/app/../lib"]);
        assert_eq!(expand("${ORIGIN}/$PLATFORM"), ["/opt/app/x86_64"]);
        assert_eq!(expand("/usr/$LIB"), ["/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib"]);
        assert_eq!(expand("/lib"), ["/lib"]);
    }
}
