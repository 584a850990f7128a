//! How much a visitor downloads: the optimised wasm's size, against the committed one.

use std::fs;
use std::io::Write;

use anyhow::{Context, Result, bail};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::core;
use crate::run::root;

/// Bytes, as they are and as they travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Size {
    raw: usize,
    gzip: usize,
}

const RECORD: &str = "tests/data/wasm-size.txt";

/// Compilers differ a little, and where the standard library cannot be built along it is 3 % more; what grows beyond this is a decision, and its number changes in the same review.
const TOLERANCE_PERCENT: usize = 5;

/// Prints the size; an error when it has grown beyond the committed one.
///
/// With `UPDATE=1` in the environment the size of now becomes the committed one.
pub(crate) fn check() -> Result<()> {
    let now = measure()?;
    if std::env::var_os("UPDATE").is_some() {
        fs::write(root().join(RECORD), format!("raw {}\ngzip {}\n", now.raw, now.gzip))?;
    }
    let text = fs::read_to_string(root().join(RECORD)).with_context(|| format!("cannot read {RECORD}"))?;
    let recorded = parse(&text).with_context(|| format!("{RECORD} has no `raw N` and `gzip N` lines"))?;
    println!("execlens_bg.wasm: {} bytes, {} with gzip (committed: {})", now.raw, now.gzip, recorded.gzip);
    if now.gzip > recorded.gzip + recorded.gzip * TOLERANCE_PERCENT / 100 {
        bail!("the wasm has grown; if that is worth it, `UPDATE=1 cargo xtask dist` writes {RECORD}");
    }
    Ok(())
}

fn measure() -> Result<Size> {
    let wasm = fs::read(core::folder().join("execlens_bg.wasm"))?;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&wasm)?;
    Ok(Size { raw: wasm.len(), gzip: encoder.finish()?.len() })
}

fn parse(record: &str) -> Option<Size> {
    let number = |name: &str| {
        record.lines().find_map(|line| line.strip_prefix(name)).and_then(|number| number.trim().parse().ok())
    };
    Some(Size { raw: number("raw")?, gzip: number("gzip")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_record_is_read() {
        assert_eq!(parse("raw 10\ngzip 5\n"), Some(Size { raw: 10, gzip: 5 }));
        assert_eq!(parse("raw 10\n"), None);
    }
}
