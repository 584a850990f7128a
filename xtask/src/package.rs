//! `dist/npm/`: the package that Node, bundlers and plain static hosts import.

use std::fs;

use anyhow::{Context, Result};

use crate::core::{self, Effort};
use crate::run::root;
use crate::{site, size};

/// The site and the package.
pub(crate) fn dist() -> Result<()> {
    site::build()?;
    build()?;
    size::check()?;
    println!("dist/      the static site, for any host and any path on it");
    println!("dist/npm/  the package: import {{ check }} from \"execlens\"");
    Ok(())
}

/// Makes `dist/npm/`; a matter of copying, so it is done every time.
pub(crate) fn build() -> Result<()> {
    core::build(Effort::Release)?;
    let folder = site::folder().join("npm");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    site::copy(&root().join("xtask/npm"), &folder)?;
    for (from, name) in [
        ("target/core/execlens.js", "core.js"),
        ("target/core/execlens_bg.wasm", "execlens_bg.wasm"),
        ("src/report/report.d.ts", "index.d.ts"),
        ("LICENSE", "LICENSE"),
    ] {
        fs::copy(root().join(from), folder.join(name)).with_context(|| format!("cannot copy {from}"))?;
    }
    Ok(())
}
