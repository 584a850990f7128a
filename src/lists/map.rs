//! Maps from names, of which a copy shares everything until one of the two changes.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Bound;
use std::sync::Arc;

use imbl::OrdMap;

/// A map from names, in their order.
///
/// Whatever the kind of its values, the tree below has one, so that it is compiled once.
pub struct Map<V> {
    values: OrdMap<Arc<str>, Arc<dyn Any>>,
    kind: PhantomData<V>,
}

type Pairs<'m, V> = Box<dyn Iterator<Item = (&'m Arc<str>, &'m V)> + 'm>;

/// A set of names, in their order.
pub(crate) type Set = Map<()>;

impl Set {
    /// Adds a name; `false` where it was there already.
    pub(crate) fn add(&mut self, name: &str) -> bool {
        let is_new = !self.contains_key(name);
        if is_new {
            self.insert(name, ());
        }
        is_new
    }
}

impl<V> Map<V> {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    #[must_use]
    pub fn contains_key(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    pub fn remove(&mut self, name: &str) {
        self.values.remove(name);
    }

    pub fn keys(&self) -> impl Iterator<Item = &Arc<str>> + use<'_, V> {
        self.values.keys()
    }
}

impl<V: Clone + 'static> Map<V> {
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&V> {
        self.values.get(name).map(typed)
    }

    /// The name as the map has it, with its value.
    pub(crate) fn get_key_value(&self, name: &str) -> Option<(&Arc<str>, &V)> {
        self.values.get_key_value(name).map(|(name, value)| (name, typed(value)))
    }

    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut V> {
        let value = self.values.get_mut(name)?;
        // A copy of the map has it too.
        if Arc::get_mut(value).is_none() {
            *value = Arc::new(typed::<V>(value).clone());
        }
        Arc::get_mut(value)?.downcast_mut()
    }

    /// The value of a name, which is set to the default where it has none.
    pub(crate) fn get_or_default(&mut self, name: &str) -> &mut V
    where
        V: Default,
    {
        if !self.contains_key(name) {
            self.insert(name, V::default());
        }
        self.get_mut(name).expect("it is there by now")
    }

    pub fn insert(&mut self, name: impl Into<Arc<str>>, value: V) {
        self.values.insert(name.into(), Arc::new(value));
    }

    /// Gives a name this value, or none.
    pub(crate) fn set(&mut self, name: &str, value: Option<V>) {
        match value {
            Some(value) => self.insert(name, value),
            None => self.remove(name),
        }
    }

    /// Gives a name a value where it has none.
    pub(crate) fn insert_new(&mut self, name: &str, value: V) {
        if !self.contains_key(name) {
            self.insert(name, value);
        }
    }

    pub(crate) fn take(&mut self, name: &str) -> Option<V> {
        self.values.remove(name).map(|value| typed::<V>(&value).clone())
    }

    pub fn iter(&self) -> Pairs<'_, V> {
        Box::new(self.values.iter().map(|(name, value)| (name, typed(value))))
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &V> + use<'_, V> {
        self.values.values().map(typed)
    }

    /// What comes after a text in the order of names.
    pub(crate) fn after(&self, text: &str) -> impl Iterator<Item = (&Arc<str>, &V)> + use<'_, V> {
        let range = self.values.range::<_, str>((Bound::Excluded(text), Bound::Unbounded));
        range.map(|(name, value)| (name, typed(value)))
    }
}

fn typed<V: 'static>(value: &Arc<dyn Any>) -> &V {
    value.downcast_ref().expect("a map takes values of its own kind only")
}

impl<V> Clone for Map<V> {
    fn clone(&self) -> Self {
        Self { values: self.values.clone(), kind: PhantomData }
    }
}

impl<V> Default for Map<V> {
    fn default() -> Self {
        Self { values: OrdMap::new(), kind: PhantomData }
    }
}

impl<V: Clone + PartialEq + 'static> PartialEq for Map<V> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().zip(other.iter()).all(|(one, two)| one == two)
    }
}

impl<V: Clone + Eq + 'static> Eq for Map<V> {}

impl<'m, V: Clone + 'static> IntoIterator for &'m Map<V> {
    type Item = (&'m Arc<str>, &'m V);
    type IntoIter = Pairs<'m, V>;

    fn into_iter(self) -> Pairs<'m, V> {
        self.iter()
    }
}

impl<N: Into<Arc<str>>, V: Clone + 'static> Extend<(N, V)> for Map<V> {
    /// Of equal names the last one counts.
    fn extend<I: IntoIterator<Item = (N, V)>>(&mut self, values: I) {
        values.into_iter().for_each(|(name, value)| self.insert(name, value));
    }
}

impl<N: Into<Arc<str>>, V: Clone + 'static> FromIterator<(N, V)> for Map<V> {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(values: I) -> Self {
        let mut map = Self::new();
        map.extend(values);
        map
    }
}

impl<V: Clone + fmt::Debug + 'static> fmt::Debug for Map<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
