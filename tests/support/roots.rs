//! The root file systems of `tests/binaries/roots` as trees.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::Arc;

use execlens::fact::{Fact, Knowledge, Need, Provenance};
use execlens::needs::{ElfNeeds, Linkage, Machine, Needs};
use execlens::platform::Platform;
use execlens::text;
use execlens::tree::{Content, Entry, Library, Node, Tree};
use serde_json::Value;

use crate::fixtures::{Table, path};

pub(crate) struct Roots {
    /// Exported symbols by `root:file`.
    symbols: BTreeMap<String, Vec<String>>,
}

pub(crate) fn platform(root: &str) -> Platform {
    Platform::linux(if root.starts_with("arm64-") { "arm64" } else { "amd64" })
}

/// The musl that a root was made with.
fn musl(root: &str) -> Option<&'static str> {
    let root = root.trim_start_matches("arm64-");
    let releases = [
        ("musl-1.2.2", "1.2.2"),
        ("musl-1.2.3", "1.2.3"),
        ("musl-1.2.5", "1.2.5"),
        ("musl-1.2.6", "1.2.6"),
        ("real-alpine-3.10", "1.1.22"),
        ("real-alpine-3.12", "1.1.24"),
        ("real-alpine-3.14", "1.2.2"),
        ("real-alpine-3.16", "1.2.3"),
        ("real-alpine-3.18", "1.2.4"),
        ("real-alpine-3.19", "1.2.4"),
        ("real-alpine-", "1.2.5"),
        ("debian-bookworm+musl", "1.2.3"),
    ];
    releases.into_iter().find(|(prefix, _)| root.starts_with(prefix)).map(|(_, version)| version)
}

impl Roots {
    pub(crate) fn read() -> Self {
        let table = Table::read("musl-symbols.tsv");
        let mut symbols: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in table.rows() {
            for column in table.names().iter().skip(1).filter(|column| row.get(column) == "1") {
                symbols.entry(column.clone()).or_default().push(row.get("symbol").to_owned());
            }
        }
        Self { symbols }
    }

    pub(crate) fn tree(&self, root: &str) -> Tree {
        let text = fs::read_to_string(path(&format!("roots/{root}.json"))).unwrap();
        let json: Value = serde_json::from_str(&text).unwrap();
        let from = Provenance::recorded(root, "measured", "2026-11-23");
        let entry = |node: Node, mode: u32| Entry { node, mode: Some(mode), owner: None, from: from.clone() };
        let mut tree = Tree::empty();
        let links = json["links"].as_object().unwrap();
        // Links to directories first, so that what is put through them lands where it really is.
        let ordered: BTreeSet<(usize, &String)> = links.keys().map(|at| (at.matches('/').count(), at)).collect();
        for (_, at) in ordered {
            tree.put(at, entry(Node::Link(Arc::from(links[at].as_str().unwrap())), 0o777));
        }
        for file in json["files"].as_array().unwrap() {
            let file = format!("/{}", file.as_str().unwrap());
            if tree.entry(&file).is_none() {
                tree.put(&file, entry(Node::File(Content::Opaque), 0o755));
            }
        }
        let configuration: Vec<&str> = json["ldconf"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        if !configuration.is_empty() {
            let bytes = Arc::from(configuration.join("\n").as_bytes());
            tree.put("/etc/ld.so.conf", entry(Node::File(Content::Bytes(bytes)), 0o644));
        }
        if root.contains("real-alpine-") {
            tree.put("/etc/alpine-release", entry(Node::File(Content::Opaque), 0o644));
        }
        for (at, library) in json["libs"].as_object().unwrap() {
            let mode = u32::from_str_radix(library["mode"].as_str().unwrap().trim_start_matches("0o"), 8).unwrap();
            let node = Node::File(Content::Library(Arc::new(self.library(root, at, library, &from))));
            tree.put(at, entry(node, mode));
        }
        tree
    }

    fn library(&self, root: &str, at: &str, json: &Value, from: &Provenance) -> Library {
        let strings = |name: &str| -> Vec<String> {
            json[name].as_array().into_iter().flatten().filter_map(|word| word.as_str().map(str::to_owned)).collect()
        };
        let name = at.rsplit('/').next().unwrap();
        let key = format!("{}:{name}", root.trim_start_matches("arm64-"));
        let symbols = match self.symbols.get(&key) {
            Some(symbols) => Knowledge::Known(Fact::new(symbols.clone(), from.clone())),
            None => {
                let text = text! { en: "the symbols of `{path}` were not listed", ja: "`{path}` のシンボルは未記録です", path: at };
                Knowledge::Unknown(Arc::new(Need { text, settled_by: vec![], at: None }))
            }
        };
        let is_musl = name.starts_with("ld-musl") || at.ends_with("-musl/libc.so");
        Library {
            soname: json["soname"].as_str().unwrap_or_default().to_owned(),
            versions: Knowledge::Known(Fact::new(strings("verdef"), from.clone())),
            symbols,
            needs: Some(Arc::new(Needs::Elf(Box::new(needs(json, strings("needed"), from))))),
            release: musl(root).filter(|_| is_musl).map(|version| format!("musl {version}")),
        }
    }
}

fn needs(json: &Value, needed: Vec<String>, from: &Provenance) -> ElfNeeds {
    let machine = match (json["machine"].as_str().unwrap(), json["class"].as_str().unwrap()) {
        ("Advanced Micro Devices X86-64", "ELF64") => Machine::X86_64,
        ("Intel 80386", _) => Machine::X86,
        ("AArch64", _) => Machine::AARCH64,
        other => panic!("no such machine: {other:?}"),
    };
    let runpath = json["runpath"].as_str().unwrap_or_default();
    ElfNeeds {
        machine: Fact::new(machine, from.clone()),
        interpreter: Fact::new(None, from.clone()),
        libraries: needed.into_iter().map(|library| Fact::new(library, from.clone())).collect(),
        complete: true,
        rpath: Vec::new(),
        runpath: runpath.split(':').filter(|path| !path.is_empty()).map(str::to_owned).collect(),
        versions: Vec::new(),
        symbols: None,
        packed_relocations: false,
        linkage: Fact::new(Linkage::Dynamic, from.clone()),
        foreign_system: None,
        minimum_kernel: None,
        cpu_level: None,
        made_by: None,
        traits: Vec::new(),
        remedies: Vec::new(),
    }
}
