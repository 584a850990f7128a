//! The options as JavaScript has them.

use crate::lists::Collect;
use std::iter;

use js_sys::{Array, Object};
use serde::Deserialize;
use serde::de::value::MapDeserializer;
use serde_wasm_bindgen::Deserializer;
use wasm_bindgen::prelude::*;

use super::mistake;
use crate::options::Options;
use crate::report::CheckOptions;

pub(super) fn options(given: &JsValue) -> Result<Options, JsValue> {
    if given.is_undefined() || given.is_null() {
        return Ok(Options::default());
    }
    let object = given.dyn_ref::<Object>().ok_or_else(|| mistake("`options` must be an object"))?;
    let entries: Vec<(String, JsValue)> =
        Object::entries(object).iter().filter_map(|entry| entry_of(&entry)).collect_vec();
    // One by one first: serde's errors do not say which option they are about.
    for (name, value) in &entries {
        read(iter::once((name, value))).map_err(|error| mistake(&format!("`options.{name}`: {error}")))?;
    }
    let read = read(entries.iter().map(|(name, value)| (name, value))).map_err(|error| mistake(&error.to_string()))?;
    Options::try_from(read).map_err(|error| mistake(&error.to_string()))
}

/// A name and its value; `None` for `undefined`, which stands for an option that is not given.
fn entry_of(entry: &JsValue) -> Option<(String, JsValue)> {
    let entry: &Array = entry.unchecked_ref();
    let value = entry.get(1);
    (!value.is_undefined()).then(|| (entry.get(0).as_string().unwrap_or_default(), value))
}

fn read<'e>(
    entries: impl Iterator<Item = (&'e String, &'e JsValue)>,
) -> Result<CheckOptions, serde_wasm_bindgen::Error> {
    let entries = entries.map(|(name, value)| (name.as_str(), Deserializer::from(value.clone())));
    CheckOptions::deserialize(MapDeserializer::new(entries))
}
