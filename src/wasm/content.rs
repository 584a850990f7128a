//! Files as JavaScript has them: text, bytes, or something to read by ranges.

#![allow(clippy::arc_with_non_send_sync, reason = "JavaScript's values stay on their thread, and so does the core")]

use std::io;
use std::sync::Arc;

use js_sys::{Array, ArrayBuffer, Uint8Array};
use wasm_bindgen::prelude::*;

use super::{mistake, property};
use crate::input::blocks::Blocks;
use crate::input::{Input, ReadAt};

pub(super) fn inputs(files: &JsValue) -> Result<Vec<Input>, JsValue> {
    let files = files.dyn_ref::<Array>().ok_or_else(|| mistake("`files` must be an array of `{ path, content }`"))?;
    (0..files.length()).map(|at| input(at, &files.get(at))).collect()
}

fn input(at: u32, file: &JsValue) -> Result<Input, JsValue> {
    let path = property(file, "path").and_then(|path| path.as_string());
    let path = path.ok_or_else(|| mistake(&format!("`files[{at}].path` must be a string")))?;
    let content = property(file, "content").and_then(content).ok_or_else(|| {
        mistake(&format!(
            "`files[{at}].content` must be a string, a Uint8Array, an ArrayBuffer, `{{ size, read(offset, length) }}`, \
             or, in a worker, a Blob or a File"
        ))
    })?;
    let mode = property(file, "mode").and_then(|mode| mode.as_f64());
    // Permission bits are small whole numbers; anything else casts to something harmless.
    Ok(Input { path: Arc::from(path), mode: mode.map(|mode| mode as u32), content })
}

/// `None` for what is no content.
fn content(value: JsValue) -> Option<Arc<dyn ReadAt>> {
    if let Some(text) = value.as_string() {
        return Some(Arc::new(text.into_bytes()));
    }
    if let Some(bytes) = value.dyn_ref::<Uint8Array>() {
        return Some(from_bytes(bytes.clone()));
    }
    if let Some(buffer) = value.dyn_ref::<ArrayBuffer>() {
        return Some(from_bytes(Uint8Array::new(buffer)));
    }
    if let Some(blob) = value.dyn_ref::<Blob>() {
        // Only a worker has the reader that answers at once.
        let reader = FileReaderSync::new().ok()?;
        return Some(Arc::new(Blocks::new(BlobSource { blob: blob.clone(), reader })));
    }
    let size = property(&value, "size")?.as_f64().filter(|size| *size >= 0.0)?;
    property(&value, "read")?.is_function().then(|| {
        let source: RangeSource = value.unchecked_into();
        Arc::new(Blocks::new(Ranges { source, size: size as u64 })) as Arc<dyn ReadAt>
    })
}

/// Below this a copy is cheaper than to ask again and again.
const COPIED_AT_ONCE: u32 = 256 * 1024;

fn from_bytes(bytes: Uint8Array) -> Arc<dyn ReadAt> {
    if bytes.length() <= COPIED_AT_ONCE { Arc::new(bytes.to_vec()) } else { Arc::new(Blocks::new(Bytes(bytes))) }
}

/// Bytes in JavaScript's memory, of which only what is looked at is copied.
struct Bytes(Uint8Array);

impl ReadAt for Bytes {
    fn size(&self) -> u64 {
        u64::from(self.0.length())
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let end = offset.checked_add(buffer.len() as u64).filter(|end| *end <= self.size());
        let (start, end) = (u32::try_from(offset).ok(), end.and_then(|end| u32::try_from(end).ok()));
        let (Some(start), Some(end)) = (start, end) else { return Err(io::ErrorKind::UnexpectedEof.into()) };
        self.0.subarray(start, end).copy_to(buffer);
        Ok(())
    }
}

/// A dropped file, read in a worker.
struct BlobSource {
    blob: Blob,
    reader: FileReaderSync,
}

impl ReadAt for BlobSource {
    fn size(&self) -> u64 {
        self.blob.size() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let slice = self.blob.slice(offset as f64, (offset + buffer.len() as u64) as f64);
        let read = self.reader.read_as_array_buffer(&slice).map_err(|thrown| failed(&thrown))?;
        fill(buffer, &Uint8Array::new(&read))
    }
}

/// The caller's own reader.
struct Ranges {
    source: RangeSource,
    size: u64,
}

impl ReadAt for Ranges {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let read = self.source.read(offset as f64, buffer.len() as f64).map_err(|thrown| failed(&thrown))?;
        let read = read.dyn_ref::<Uint8Array>().ok_or_else(|| io::Error::other("`read` returned no Uint8Array"))?;
        fill(buffer, read)
    }
}

fn fill(buffer: &mut [u8], read: &Uint8Array) -> io::Result<()> {
    if read.length() as usize != buffer.len() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    read.copy_to(buffer);
    Ok(())
}

/// What JavaScript threw, as a reader's error: a file that was changed or taken away since it was dropped.
fn failed(thrown: &JsValue) -> io::Error {
    let message = property(thrown, "message").and_then(|message| message.as_string());
    io::Error::other(message.unwrap_or_else(|| "it cannot be read".into()))
}

#[wasm_bindgen]
extern "C" {
    #[derive(Clone)]
    type Blob;

    #[wasm_bindgen(method, getter)]
    fn size(this: &Blob) -> f64;

    #[wasm_bindgen(method)]
    fn slice(this: &Blob, start: f64, end: f64) -> Blob;

    type FileReaderSync;

    #[wasm_bindgen(constructor, catch)]
    fn new() -> Result<FileReaderSync, JsValue>;

    #[wasm_bindgen(method, catch, js_name = readAsArrayBuffer)]
    fn read_as_array_buffer(this: &FileReaderSync, blob: &Blob) -> Result<ArrayBuffer, JsValue>;

    #[wasm_bindgen(typescript_type = "RangeSource")]
    type RangeSource;

    #[wasm_bindgen(method, catch)]
    fn read(this: &RangeSource, offset: f64, length: f64) -> Result<JsValue, JsValue>;
}
