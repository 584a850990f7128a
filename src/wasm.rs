//! The boundary to JavaScript: one question, and its answer as a value or as a text for other tools.
//!
//! Whatever a user can drop is an answer; only a caller's mistake, a wrong option say, throws.
//! A bug in the core ends in a `RuntimeError`, in a build for work in progress after a message on the console, and the
//! module is not usable after that: the page calls it in a worker, which it then replaces.

mod content;
mod options;

use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use crate::report::{self, Format, Report};

/// The types that callers see.
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("report/report.d.ts");

/// Checks the files; `report.d.ts` describes what it takes and what it answers.
///
/// # Errors
/// A `TypeError` when a caller breaks that description.
#[wasm_bindgen(skip_typescript)]
pub fn check(files: &JsValue, options: &JsValue) -> Result<JsValue, JsValue> {
    let files = content::inputs(files)?;
    Ok(to_js(&crate::check(&files, &options::options(options)?)))
}

/// Checks the files and writes the report as other tools read it: `text`, `json`, `sarif`, `github`, `markdown`.
///
/// # Errors
/// A `TypeError` as of [`check`], or for a form of another name.
#[wasm_bindgen(skip_typescript)]
pub fn format(files: &JsValue, options: &JsValue, form: &JsValue) -> Result<String, JsValue> {
    let form = form.as_string().as_deref().and_then(Format::from_name);
    let form = form.ok_or_else(|| mistake("the form must be text, json, sarif, github or markdown"))?;
    let files = content::inputs(files)?;
    let options = options::options(options)?;
    Ok(report::format(&crate::check(&files, &options), &files, form, options.locale))
}

/// Plain objects and `null`, exactly what `JSON.parse` would give for the report.
fn to_js(report: &Report) -> JsValue {
    report.serialize(&Serializer::json_compatible()).expect("a report is structures, lists and text")
}

/// Runs once, when the module is instantiated.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|panic| error(&format!("execlens has a bug: {panic}"))));
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console)]
    fn error(message: &str);
}

/// The caller's mistake, in words.
fn mistake(message: &str) -> JsValue {
    js_sys::TypeError::new(message).into()
}

/// A property's value; `None` when it is missing, `undefined` or `null`.
fn property(object: &JsValue, name: &str) -> Option<JsValue> {
    js_sys::Reflect::get(object, &name.into()).ok().filter(|value| !value.is_undefined() && !value.is_null())
}
