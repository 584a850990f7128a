//! Whether something must be made again: a digest of all that it is made from, kept beside it.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::run::root;

/// What a product is made from.
///
/// Contents are compared, not times: a fresh clone or a change of branch touches every file.
#[derive(Default)]
pub(crate) struct Inputs {
    hasher: DefaultHasher,
}

impl Inputs {
    pub(crate) fn new(purpose: &str) -> Self {
        let mut inputs = Self::default();
        purpose.hash(&mut inputs.hasher);
        inputs
    }

    /// Files and folders, by their paths from the root; what does not exist counts as that.
    pub(crate) fn and(mut self, paths: &[&str]) -> Result<Self> {
        for path in paths {
            for file in files(&root().join(path))? {
                file.hash(&mut self.hasher);
                fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?.hash(&mut self.hasher);
            }
        }
        Ok(self)
    }

    /// Anything else that decides: a compiler's version, a flag.
    pub(crate) fn and_value(mut self, value: &str) -> Self {
        value.hash(&mut self.hasher);
        self
    }

    pub(crate) fn finish(&self) -> Stamp {
        Stamp(format!("{:016x}", self.hasher.finish()))
    }
}

pub(crate) struct Stamp(String);

impl Stamp {
    /// Whether what stands in `folder` was made from exactly this.
    pub(crate) fn is_on(&self, folder: &Path) -> bool {
        fs::read_to_string(folder.join(NAME)).is_ok_and(|found| found == self.0)
    }

    /// To be called last, when everything is in place.
    pub(crate) fn put_on(&self, folder: &Path) -> Result<()> {
        fs::write(folder.join(NAME), &self.0).with_context(|| format!("cannot write into {}", folder.display()))
    }
}

const NAME: &str = ".made-from";

/// The files below a path in a fixed order, without what is itself made.
pub(crate) fn files(path: &Path) -> Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(if path.exists() { vec![path.to_owned()] } else { Vec::new() });
    }
    let mut entries = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<PathBuf>>>()?;
    entries.sort();
    let mut found = Vec::new();
    for entry in entries {
        if !entry.file_name().is_some_and(|name| MADE.iter().any(|made| name == *made)) {
            found.extend(files(&entry)?);
        }
    }
    Ok(found)
}

const MADE: [&str; 3] = ["node_modules", "dist", "dev-dist"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_holds_until_an_input_changes() {
        let folder = std::env::temp_dir().join(format!("execlens-stamp-{}", std::process::id()));
        fs::create_dir_all(folder.join("node_modules")).unwrap();
        let path = folder.to_str().unwrap();
        let stamp = |paths: &[&str]| Inputs::new("test").and(paths).unwrap().finish();

        fs::write(folder.join("a"), "1").unwrap();
        let out = folder.join("node_modules");
        stamp(&[path]).put_on(&out).unwrap();
        assert!(stamp(&[path]).is_on(&out), "what was made is no input");
        fs::write(folder.join("a"), "2").unwrap();
        assert!(!stamp(&[path]).is_on(&out));
        assert!(!stamp(&["no such path"]).is_on(&out));
        fs::remove_dir_all(&folder).unwrap();
    }
}
