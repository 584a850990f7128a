//! What the standard library does for lists, written for size: it is compiled once, not once for each caller.

mod collect;
mod order;

pub(crate) use collect::Collect;
pub(crate) use order::{sort, sort_by, sort_by_key};
