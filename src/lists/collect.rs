//! Collections from iterators, without what the standard library pays for speed.
//!
//! `Iterator::collect` is written out anew for each iterator, with a guess of the length, a buffer to reuse, or a sort
//! before a tree is built: some 300 bytes of wasm at each of hundreds of places, where lists are short.
//! These have one loop for each kind of item.

use std::collections::{BTreeMap, BTreeSet};

pub(crate) trait Collect: Iterator {
    fn collect_vec(self) -> Vec<Self::Item>;

    fn collect_set(self) -> BTreeSet<Self::Item>
    where
        Self::Item: Ord;

    /// Of equal keys the last one counts.
    fn collect_map<K: Ord, V>(self) -> BTreeMap<K, V>
    where
        Self: Iterator<Item = (K, V)>;
}

impl<I: Iterator> Collect for I {
    fn collect_vec(mut self) -> Vec<I::Item> {
        list(&mut || self.next())
    }

    fn collect_set(mut self) -> BTreeSet<I::Item>
    where
        I::Item: Ord,
    {
        set(&mut || self.next())
    }

    fn collect_map<K: Ord, V>(mut self) -> BTreeMap<K, V>
    where
        I: Iterator<Item = (K, V)>,
    {
        map(&mut || self.next())
    }
}

fn list<T>(next: &mut dyn FnMut() -> Option<T>) -> Vec<T> {
    let mut list = Vec::new();
    while let Some(item) = next() {
        list.push(item);
    }
    list
}

fn set<T: Ord>(next: &mut dyn FnMut() -> Option<T>) -> BTreeSet<T> {
    let mut set = BTreeSet::new();
    while let Some(item) = next() {
        set.insert(item);
    }
    set
}

fn map<K: Ord, V>(next: &mut dyn FnMut() -> Option<(K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    while let Some((key, value)) = next() {
        map.insert(key, value);
    }
    map
}
