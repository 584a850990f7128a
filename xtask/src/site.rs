//! The static site: `www` around `target/core/`, in `dist/`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::core::{self, Effort};
use crate::run::{npm, root, run};
use crate::stamp::{Inputs, files};

pub(crate) fn folder() -> PathBuf {
    root().join("dist")
}

/// Makes `dist/`, unless it stands and nothing has changed.
pub(crate) fn build() -> Result<()> {
    core::build(Effort::Release)?;
    install()?;
    // The core counts with its sources and as it stands: the pages of the rules are made from the sources.
    let made_from =
        Inputs::new("site").and(&core::SOURCES)?.and(&["target/core", "www", "xtask/src/site.rs"])?.finish();
    if made_from.is_on(&folder()) {
        return Ok(());
    }
    eprintln!("Building the page");
    run(npm("www").args(["run", "build"]))?;
    let built = root().join("www/dist");
    if !built.join("index.html").is_file() {
        bail!("`npm run build` left no www/dist/index.html");
    }
    if folder().exists() {
        fs::remove_dir_all(folder())?;
    }
    copy(&built, &folder())?;
    made_from.put_on(&folder())
}

/// What `www` needs from npm, exactly as its lock file says.
pub(crate) fn install() -> Result<()> {
    let installed = root().join("www/node_modules");
    let made_from = Inputs::new("npm").and(&["www/package.json", "www/package-lock.json"])?.finish();
    if !made_from.is_on(&installed) {
        eprintln!("Installing what the page needs from npm");
        run(npm("www").arg("ci"))?;
        made_from.put_on(&installed)?;
    }
    Ok(())
}

/// Copies a folder with all that is in it.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    for file in files(from)? {
        let target = to.join(file.strip_prefix(from)?);
        fs::create_dir_all(target.parent().expect("a file is in a folder"))?;
        fs::copy(&file, &target).with_context(|| format!("cannot copy {}", file.display()))?;
    }
    Ok(())
}
