//! What several test files share.

use std::path::{Path, PathBuf};

/// A folder of conformance cases: ours, or the one that `EXECLENS_CASES` names; `None` when that one has no such part.
pub(crate) fn cases(part: &str) -> Option<PathBuf> {
    let ours = || Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/dockerfile");
    let folder = std::env::var_os("EXECLENS_CASES").map_or_else(ours, PathBuf::from).join(part);
    folder.is_dir().then_some(folder)
}

/// The files and folders in a folder, sorted.
pub(crate) fn list(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a folder can be listed").path()).collect();
    paths.sort();
    paths
}

/// Reports all cases that fail, not only the first.
#[allow(dead_code)]
#[track_caller]
pub(crate) fn report(part: &str, total: usize, failures: &[String]) {
    assert!(failures.is_empty(), "{} of {total} cases of {part} fail:\n\n{}", failures.len(), failures.join("\n\n"));
}
