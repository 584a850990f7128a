//! The programs of `tests/binaries`, unpacked, and the tables beside them.

// Each test takes what it needs of it.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use execlens::input::Input;

pub(crate) fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/binaries").join(name)
}

/// The bytes of one program; each is unpacked once.
pub(crate) fn bytes(id: &str) -> Arc<Vec<u8>> {
    static UNPACKED: Mutex<BTreeMap<String, Arc<Vec<u8>>>> = Mutex::new(BTreeMap::new());
    if let Some(bytes) = UNPACKED.lock().unwrap().get(id) {
        return Arc::clone(bytes);
    }
    let packed = fs::read(path(&format!("{id}.xz"))).unwrap_or_else(|error| panic!("{id}: {error}"));
    let mut bytes = Vec::new();
    lzma_rs::xz_decompress(&mut packed.as_slice(), &mut bytes).unwrap_or_else(|error| panic!("{id}: {error:?}"));
    let bytes = Arc::new(bytes);
    UNPACKED.lock().unwrap().insert(id.to_owned(), Arc::clone(&bytes));
    bytes
}

pub(crate) fn input(id: &str) -> Input {
    Input { path: format!("/{id}").into(), mode: None, content: bytes(id) }
}

/// A table of tab-separated rows under a row of names; lines that begin with `#` are remarks.
pub(crate) struct Table {
    names: Vec<String>,
    rows: Vec<Vec<String>>,
}

pub(crate) struct Row<'t>(&'t [String], &'t [String]);

impl Table {
    pub(crate) fn read(name: &str) -> Self {
        let text = fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut lines = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.split('\t').map(str::to_owned).collect());
        Self { names: lines.next().unwrap(), rows: lines.collect() }
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|row| Row(&self.names, row))
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }
}

impl<'t> Row<'t> {
    /// A column's value; `-` and nothing are empty.
    #[track_caller]
    pub(crate) fn get(&self, name: &str) -> &'t str {
        let at = self.0.iter().position(|column| column == name).unwrap_or_else(|| panic!("no column {name}"));
        match self.1.get(at).map_or("", String::as_str) {
            "-" => "",
            value => value,
        }
    }
}
