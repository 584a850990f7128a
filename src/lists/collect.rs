//! Collections from iterators, without what the standard library pays for speed.
//!
//! `Iterator::collect` is written out anew for each iterator, with a guess of the length, a buffer to reuse, or a sort
//! before a tree is built: some 300 bytes of wasm at each of hundreds of places, where lists are short.
//! These have one loop for each kind of item.

use std::sync::Arc;

use super::{Map, Set};

pub(crate) trait Collect: Iterator {
    fn collect_vec(self) -> Vec<Self::Item>;

    fn collect_set(self) -> Set
    where
        Self::Item: Into<Arc<str>>;

    /// Of equal names the last one counts.
    fn collect_map<N: Into<Arc<str>>, V: Clone + 'static>(self) -> Map<V>
    where
        Self: Iterator<Item = (N, V)>;
}

impl<I: Iterator> Collect for I {
    fn collect_vec(mut self) -> Vec<I::Item> {
        list(&mut || self.next())
    }

    fn collect_set(self) -> Set
    where
        I::Item: Into<Arc<str>>,
    {
        self.map(|name| (name, ())).collect_map()
    }

    fn collect_map<N: Into<Arc<str>>, V: Clone + 'static>(mut self) -> Map<V>
    where
        I: Iterator<Item = (N, V)>,
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

fn map<N: Into<Arc<str>>, V: Clone + 'static>(next: &mut dyn FnMut() -> Option<(N, V)>) -> Map<V> {
    let mut map = Map::new();
    while let Some((name, value)) = next() {
        map.insert(name, value);
    }
    map
}
