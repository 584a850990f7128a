//! The catalog: what is recorded of images, distributions and packages.
//!
//! Each file below `catalog/` is a table of tab-separated columns that a person can review: `#` starts a comment, and the
//! first row names the columns.
//! The files are part of the program as they stand, so that no parser beyond a split ships and nothing is generated.

use crate::lists::{self, Collect};
use std::sync::Arc;

use crate::fact::{Provenance, Source};

/// Distribution releases and other bases.
pub(super) const BASES: Table = Table(include_str!("catalog/bases.tsv"));
/// Named lists of content that several records share.
pub(super) const SETS: Table = Table(include_str!("catalog/sets.tsv"));
/// Images made on a base, by repository and tag.
pub(super) const FAMILIES: Table = Table(include_str!("catalog/families.tsv"));
/// What moving tags meant over time.
pub(super) const MOVING: Table = Table(include_str!("catalog/moving.tsv"));
/// Which base a version's image stands on.
pub(super) const RANGES: Table = Table(include_str!("catalog/ranges.tsv"));

/// One file of the catalog.
#[derive(Debug)]
pub(super) struct Table(pub &'static str);

impl Table {
    /// The rows, each as its first `N` columns; a column that a row leaves out is empty.
    pub(super) fn rows<const N: usize>(&self) -> impl Iterator<Item = [&'static str; N]> + use<N> {
        self.0.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).skip(1).map(|line| {
            let mut columns = line.split('\t');
            std::array::from_fn(|_| columns.next().unwrap_or(""))
        })
    }

    /// The value of a `# name: value` comment that holds for the whole file.
    pub(super) fn note(&self, name: &str) -> &'static str {
        let mut notes = self.0.lines().take_while(|line| line.starts_with('#'));
        notes.find_map(|line| line.strip_prefix("# ")?.strip_prefix(name)?.strip_prefix(": ")).unwrap_or("")
    }
}

/// The rows of a table by their first column; of one name, what is said of some releases goes before what is said of all.
#[derive(Debug)]
pub(super) struct Index<const N: usize>(Vec<[&'static str; N]>);

impl<const N: usize> Index<N> {
    pub(super) fn of(table: &Table) -> Self {
        let mut rows = table.rows().collect_vec();
        lists::sort_by_key(&mut rows, |row: &[&str; N]| (row[0], row[1].is_empty()));
        Self(rows)
    }

    /// The rows of a name.
    pub(super) fn get(&self, name: &str) -> &[[&'static str; N]] {
        let from = self.0.partition_point(|row| row[0] < name);
        let to = self.0.partition_point(|row| row[0] <= name);
        &self.0[from..to]
    }

    /// The rows of each name.
    pub(super) fn all(&self) -> impl Iterator<Item = &[[&'static str; N]]> {
        self.0.chunk_by(|one, next| one[0] == next[0])
    }
}

/// Where a record stands and what it rests on.
pub(super) fn source(record: &str, reference: &str, observed: &str) -> Provenance {
    Provenance::Recorded(Arc::new(Source {
        record: record.to_owned(),
        reference: reference.to_owned(),
        observed: observed.to_owned(),
    }))
}
