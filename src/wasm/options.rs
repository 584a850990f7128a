//! The options as JavaScript has them.

use js_sys::{Array, Object};
use wasm_bindgen::prelude::*;

use super::mistake;
use crate::lists::{Collect, Map};
use crate::options::Options;
use crate::report::CheckOptions;

pub(super) fn options(given: &JsValue) -> Result<Options, JsValue> {
    if given.is_undefined() || given.is_null() {
        return Ok(Options::default());
    }
    let object = given.dyn_ref::<Object>().ok_or_else(|| mistake("`options` must be an object"))?;
    let mut options = CheckOptions::default();
    // `undefined` and `null` stand for an option that is not given.
    for (name, value) in entries(object).filter(|(_, value)| !value.is_undefined()) {
        let value = Some(value).filter(|value| !value.is_null());
        match name.as_str() {
            "platform" => options.platform = text(&name, value)?,
            "buildPlatform" => options.build_platform = text(&name, value)?,
            "target" => options.target = text(&name, value)?,
            "locale" => options.locale = text(&name, value)?,
            "buildArgs" => options.build_args = read(&name, "an object of strings", value, texts_by_name)?,
            "images" => options.images = read(&name, "an array of strings", value, texts)?,
            _ => {
                return Err(mistake(&format!(
                    "`options.{name}` is no option; there are `platform`, `buildPlatform`, `target`, `buildArgs`, \
                     `locale` and `images`"
                )));
            }
        }
    }
    Options::try_from(options).map_err(|error| mistake(&error.to_string()))
}

fn entries(object: &Object) -> impl Iterator<Item = (String, JsValue)> + use<> {
    Object::entries(object).into_iter().map(|entry| {
        let entry: Array = entry.unchecked_into();
        (entry.get(0).as_string().unwrap_or_default(), entry.get(1))
    })
}

fn text(name: &str, value: Option<JsValue>) -> Result<Option<String>, JsValue> {
    read(name, "a string", value, |value| value.as_string())
}

fn texts(value: &JsValue) -> Option<Vec<String>> {
    value.dyn_ref::<Array>()?.iter().map(|item| item.as_string()).collect()
}

fn texts_by_name(value: &JsValue) -> Option<Map<String>> {
    let texts = entries(value.dyn_ref::<Object>()?).map(|(name, value)| Some((name, value.as_string()?)));
    let texts: Option<Vec<_>> = texts.collect();
    Some(texts?.into_iter().collect_map())
}

fn read<T>(
    name: &str,
    kind: &str,
    value: Option<JsValue>,
    read: impl Fn(&JsValue) -> Option<T>,
) -> Result<Option<T>, JsValue> {
    let Some(value) = value else { return Ok(None) };
    read(&value).map(Some).ok_or_else(|| mistake(&format!("`options.{name}` must be {kind}")))
}
