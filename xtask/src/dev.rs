//! The page while one works on it: Vite reloads it, and the core is compiled again when its sources change.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};

use crate::core::{self, Effort};
use crate::run::{KilledOnDrop, npm, root};
use crate::site;
use crate::stamp::files;

/// Runs until it is interrupted.
pub(crate) fn dev(port: u16) -> Result<()> {
    core::build(Effort::Quick)?;
    site::install()?;
    // Vite watches what the page imports, and so `target/core/` too.
    let mut vite = npm("www");
    vite.args(["exec", "--", "vite", "--port"]).arg(port.to_string());
    let mut vite = KilledOnDrop(vite.spawn().context("Vite cannot be started")?);
    let mut seen = newest(&root().join("src"))?;
    loop {
        std::thread::sleep(Duration::from_millis(300));
        if let Some(status) = vite.0.try_wait()? {
            bail!("Vite ended ({status})");
        }
        let now = newest(&root().join("src"))?;
        if now != seen {
            seen = now;
            // The compiler has said what is wrong; the next change tries again.
            if let Err(error) = core::build(Effort::Quick) {
                eprintln!("{error:#}");
            }
        }
    }
}

/// The time of the last change, and how many files there are: one may have been taken away.
fn newest(folder: &Path) -> Result<(Option<SystemTime>, usize)> {
    let files = files(folder)?;
    // A file that an editor is replacing at this moment is seen the next time.
    let times = files.iter().filter_map(|file| fs::metadata(file).and_then(|data| data.modified()).ok());
    Ok((times.max(), files.len()))
}
