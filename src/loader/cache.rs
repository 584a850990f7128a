//! `ld.so.cache`: the libraries that `ldconfig` found when it last ran.
//!
//! A library that was copied into a directory of `ld.so.conf` afterwards is not in it, and so not found.

use crate::lists::{Collect, Map};
use std::sync::Arc;

use super::scope::elf_of;
use super::search::triplet;
use crate::fact::Provenance;
use crate::needs::Machine;
use crate::tree::{Content, Entry, Lookup, Node, Tree, normalize};

const CACHE: &str = "/etc/ld.so.cache";
const CONFIGURATION: &str = "/etc/ld.so.conf";

/// What the cache knows.
pub(super) enum Cache {
    /// There is none.
    Absent,
    /// Its own bytes were read: library name to paths.
    Listed { paths: Map<Vec<String>>, directories: Vec<String> },
    /// It is there; it holds what the image's own packages put into these directories.
    Assumed { directories: Vec<String> },
}

impl Cache {
    pub(super) fn of(tree: &Tree, machine: Machine) -> Self {
        let Lookup::Found { entry, .. } = tree.lookup(CACHE) else { return Self::Absent };
        let directories = directories(tree, machine);
        if let Node::File(Content::Bytes(bytes)) = &entry.node
            && let Some(paths) = read(bytes)
        {
            return Self::Listed { paths, directories };
        }
        Self::Assumed { directories }
    }

    /// The paths under which the cache has a library.
    pub(super) fn candidates(&self, tree: &Tree, name: &str) -> Vec<String> {
        match self {
            Self::Absent => Vec::new(),
            Self::Listed { paths, .. } => paths.get(name).cloned().unwrap_or_default(),
            Self::Assumed { directories } => {
                let paths = directories.iter().map(|directory| format!("{directory}/{name}"));
                paths.filter(|path| may_be_listed(tree, path)).collect_vec()
            }
        }
    }

    pub(super) fn directories(&self) -> &[String] {
        match self {
            Self::Absent => &[],
            Self::Listed { directories, .. } | Self::Assumed { directories } => directories,
        }
    }
}

/// A file that an instruction of the Dockerfile copied is not in the cache that the base image brought along.
fn may_be_listed(tree: &Tree, path: &str) -> bool {
    match tree.lookup(path) {
        Lookup::Found { entry, .. } => entry.from.is_of_image() || entry.from == Provenance::Always,
        Lookup::Missing { .. } => false,
        Lookup::Unknown(_) => true,
    }
}

/// Runs `ldconfig`: writes a cache of every library in the directories of `ld.so.conf` and the default ones.
pub fn ldconfig(tree: &mut Tree, machine: Machine, from: &Provenance) {
    let mut entries: Vec<(String, String)> = Vec::new();
    let mut all = directories(tree, machine);
    all.extend(default_directories(machine));
    for directory in all {
        let Lookup::Found { path: real, .. } = tree.lookup(&directory) else { continue };
        for (path, entry) in tree.below(&real) {
            let Some(name) = path.strip_prefix(&format!("{real}/")).filter(|name| !name.contains('/')) else {
                continue;
            };
            let is_library = (name.starts_with("lib") || name.starts_with("ld-")) && name.contains(".so");
            if !is_library || matches!(entry.node, Node::Directory) {
                continue;
            }
            let name = soname(tree, path).unwrap_or_else(|| name.to_owned());
            if !entries.iter().any(|(known, _)| *known == name) {
                entries.push((name, path.to_string()));
            }
        }
    }
    let bytes = Arc::from(write(&entries));
    let node = Node::File(Content::Bytes(bytes));
    tree.put(CACHE, Entry { node, mode: Some(0o644), owner: None, from: from.clone() });
}

fn soname(tree: &Tree, path: &str) -> Option<String> {
    let Lookup::Found { entry, .. } = tree.lookup(path) else { return None };
    match &entry.node {
        Node::File(content @ Content::Library(library)) => {
            elf_of(content).or(None)?;
            Some(library.soname.clone()).filter(|name| !name.is_empty())
        }
        _ => None,
    }
}

/// The directories of `ld.so.conf` and what it includes; Debian's, where its content is not known.
fn directories(tree: &Tree, machine: Machine) -> Vec<String> {
    let mut found = Vec::new();
    match text(tree, CONFIGURATION) {
        Some(configuration) => read_configuration(tree, &configuration, &mut found, 0),
        None => {
            found.push("/usr/local/lib".to_owned());
            found.extend(triplet(machine).map(|triplet| format!("/usr/local/lib/{triplet}")));
            found.extend(default_directories(machine));
        }
    }
    found
}

fn default_directories(machine: Machine) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(triplet) = triplet(machine) {
        found.extend([format!("/lib/{triplet}"), format!("/usr/lib/{triplet}")]);
    }
    found.extend(["/lib64", "/usr/lib64", "/lib", "/usr/lib"].map(str::to_owned));
    found
}

fn read_configuration(tree: &Tree, configuration: &str, found: &mut Vec<String>, depth: usize) {
    for line in configuration.lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if let Some(pattern) = line.strip_prefix("include ") {
            // The one pattern in use is `directory/*.conf`.
            let pattern = normalize("/etc", pattern.trim());
            let (directory, name) = pattern.rsplit_once('/').unwrap_or(("", &pattern));
            let suffix = name.strip_prefix('*');
            let files: Vec<String> = tree
                .below(if directory.is_empty() { "/" } else { directory })
                .filter(|(path, _)| suffix.map_or(***path == *pattern, |suffix| path.ends_with(suffix)))
                .map(|(path, _)| path.to_string())
                .collect_vec();
            for file in files {
                if let Some(text) = text(tree, &file).filter(|_| depth < 4) {
                    read_configuration(tree, &text, found, depth + 1);
                }
            }
        } else if let Some(directory) = line.split([' ', '\t', ',', ':']).next().filter(|path| path.starts_with('/')) {
            let directory = normalize("/", directory);
            if !found.contains(&directory) {
                found.push(directory);
            }
        }
    }
}

fn text(tree: &Tree, path: &str) -> Option<String> {
    let Lookup::Found { entry, .. } = tree.lookup(path) else { return None };
    match &entry.node {
        Node::File(Content::Bytes(bytes)) => Some(String::from_utf8_lossy(bytes).into_owned()),
        _ => None,
    }
}

/// The format since glibc 2.2, which is the only one since 2.32 (sysdeps/generic/dl-cache.h): magic, number of entries,
/// length of the strings, flags, padding to 48 bytes; then per entry: flags, name, path (offsets), kernel, capabilities.
const MAGIC: &[u8] = b"glibc-ld.so.cache1.1";
const HEADER: usize = 48;
const ENTRY: usize = 24;
/// `FLAG_ELF_LIBC6`
const LIBC6: i32 = 3;

fn read(bytes: &[u8]) -> Option<Map<Vec<String>>> {
    // An older file has an older cache in front.
    let start = bytes.windows(MAGIC.len()).take(1 << 20).position(|window| window == MAGIC)?;
    let bytes = bytes.get(start..)?;
    let word = |at: usize| bytes.get(at..at + 4).and_then(|word| word.try_into().ok()).map(u32::from_le_bytes);
    let string = |at: u32| {
        let rest = bytes.get(at as usize..)?;
        let end = rest.iter().position(|byte| *byte == 0)?;
        std::str::from_utf8(&rest[..end]).ok().map(str::to_owned)
    };
    let count = word(20)? as usize;
    let mut paths: Map<Vec<String>> = Map::new();
    for index in 0..count.min(bytes.len() / ENTRY) {
        let at = HEADER + index * ENTRY;
        if let (Some(name), Some(path)) = (word(at + 4).and_then(string), word(at + 8).and_then(string)) {
            paths.get_or_default(&name).push(path);
        }
    }
    Some(paths)
}

fn write(entries: &[(String, String)]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    let count = u32::try_from(entries.len()).unwrap_or(u32::MAX);
    let mut strings = Vec::new();
    let base = HEADER + entries.len() * ENTRY;
    let mut table = Vec::new();
    for (name, path) in entries {
        let mut add = |text: &str| {
            let at = u32::try_from(base + strings.len()).unwrap_or(u32::MAX);
            strings.extend_from_slice(text.as_bytes());
            strings.push(0);
            at
        };
        let (name, path) = (add(name), add(path));
        table.extend(LIBC6.to_le_bytes());
        table.extend(name.to_le_bytes());
        table.extend(path.to_le_bytes());
        table.extend([0; 12]);
    }
    bytes.extend(count.to_le_bytes());
    bytes.extend(u32::try_from(strings.len()).unwrap_or(u32::MAX).to_le_bytes());
    bytes.resize(HEADER, 0);
    bytes.extend(table);
    bytes.extend(strings);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> Tree {
        let mut tree = Tree::empty();
        for (path, text) in files {
            let node = Node::File(Content::Bytes(Arc::from(text.as_bytes())));
            tree.put(path, Entry { node, mode: None, owner: None, from: Provenance::Always });
        }
        tree
    }

    #[test]
    fn configuration_is_read_with_what_it_includes() {
        let tree = tree(&[
            ("/etc/ld.so.conf", "include /etc/ld.so.conf.d/*.conf\n/opt/last # why\n"),
            ("/etc/ld.so.conf.d/a.conf", "# remark\n/opt/a/\n"),
            ("/etc/ld.so.conf.d/b.conf", "/opt/b\n/opt/a\n"),
            ("/etc/ld.so.conf.d/c.txt", "/opt/c\n"),
        ]);
        assert_eq!(directories(&tree, Machine::X86_64), ["/opt/a", "/opt/b", "/opt/last"]);
    }

    #[test]
    fn what_ldconfig_writes_is_read_again() {
        let mut tree = tree(&[("/usr/local/lib/liba.so.1", ""), ("/usr/local/lib/a.txt", "")]);
        ldconfig(&mut tree, Machine::X86_64, &Provenance::Always);
        let cache = Cache::of(&tree, Machine::X86_64);
        assert_eq!(cache.candidates(&tree, "liba.so.1"), ["/usr/local/lib/liba.so.1"]);
        assert!(cache.candidates(&tree, "libb.so.1").is_empty());
    }
}
