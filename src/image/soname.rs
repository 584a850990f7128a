//! What libraries define and need, by soname and Debian release.

use crate::lists::Collect;
use std::sync::OnceLock;

use super::catalog::{Index, Table};

const LIBRARIES: Table = Table(include_str!("catalog/libraries.tsv"));

/// What the records say of a library.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Record {
    /// The versions that it defines; empty for none, and for more than are kept.
    pub versions: Vec<&'static str>,
    /// Needed libraries besides the C library.
    pub needed: Vec<&'static str>,
    /// The newest version that it needs of glibc: `GLIBC_2.36`.
    pub glibc: Option<&'static str>,
    /// The newest version that it needs of libstdc++: `GLIBCXX_3.4.29`.
    pub glibcxx: Option<&'static str>,
}

/// One row: soname, releases, versions, needs.
type Row = [&'static str; 4];

static INDEX: OnceLock<Index<4>> = OnceLock::new();

/// The record of a library in a Debian release.
///
/// In another distribution of glibc (`None`) a library of the same soname defines at least what its oldest release does
/// and may define what any does; it is taken to define all, so that no version is called missing without a record.
pub(super) fn record(soname: &str, debian: Option<u32>) -> Option<Record> {
    let index = INDEX.get_or_init(|| Index::of(&LIBRARIES));
    if index.get("-").iter().any(|row| row[2].split(' ').any(|name| name == soname)) {
        return Some(Record::default());
    }
    let rows = index.get(soname);
    let of_release = |release: u32| rows.iter().find(|row| within(row[1], release));
    match debian {
        _ if rows.is_empty() => None,
        Some(release) => of_release(release).map(read),
        None => {
            let all = rows.iter().flat_map(|row| read(row).versions).collect_vec();
            Some(Record { versions: all, ..Record::default() })
        }
    }
}

fn read(row: &Row) -> Record {
    let words = |text: &'static str| text.split(' ').filter(|word| !word.is_empty());
    let (bound, needed): (Vec<_>, Vec<_>) = words(row[3]).partition(|word| word.starts_with("GLIBC"));
    Record {
        versions: words(row[2]).filter(|word| *word != "+").collect_vec(),
        needed,
        glibc: bound.iter().find(|word| word.starts_with("GLIBC_")).copied(),
        glibcxx: bound.iter().find(|word| word.starts_with("GLIBCXX_")).copied(),
    }
}

/// Whether `11..13` or `12` holds a release.
fn within(releases: &str, release: u32) -> bool {
    let (from, to) = releases.split_once("..").unwrap_or((releases, releases));
    let number = |text: &str| text.parse::<u32>().ok();
    number(from).is_some_and(|from| from <= release) && number(to).is_some_and(|to| release <= to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_differ_by_release() {
        let ssl = record("libssl.so.3", Some(12)).expect("a record");
        assert_eq!(
            (ssl.versions, ssl.needed, ssl.glibc),
            (vec!["OPENSSL_3.0.0"], vec!["libcrypto.so.3"], Some("GLIBC_2.33"))
        );
        assert!(record("libssl.so.3", None).expect("a record").versions.contains(&"OPENSSL_3.5.0"));
        assert_eq!(record("libssl.so.3", Some(11)), None);
        assert_eq!(record("libattr-that-nobody-has.so.1", None), None);
        assert_eq!(record("libsqlite3.so.0", Some(12)).map(|record| record.versions), Some(vec![]));
    }
}
