//! What the standard library does for lists, written for size: it is compiled once, not once for each caller.

mod collect;
mod map;
mod order;

pub(crate) use collect::Collect;
pub(crate) use map::{Map, Set};
pub(crate) use order::{sort, sort_by, sort_by_key};

/// Whether a word is in a list with blanks between: one call and one string, where `matches!` compares with each.
pub(crate) fn is_one_of(word: &str, list: &str) -> bool {
    list.split(' ').any(|each| each == word)
}
