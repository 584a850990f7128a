//! `cargo xtask bench`: the programs in `tests/bench/`, natively and optimised for speed as far as the release is.

use anyhow::Result;

use crate::run::{cargo, run};

pub(crate) fn bench(filter: &[&str]) -> Result<()> {
    run(cargo().args(["bench", "--bench", "scale", "--"]).args(filter))?;
    // With a filter, a series of the first was asked for.
    if filter.is_empty() { run(cargo().args(["bench", "--bench", "programs"])) } else { Ok(()) }
}
