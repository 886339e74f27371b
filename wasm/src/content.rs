//! Ids, canonical forms and verification, without I/O.
//!
//! A string is a JSON text. Bytes are a blob's content, except where the function's name says that they are a text.

use isoblob_core::{BlobId, Limits, canonicalize};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::fault::Fault;

/// The id of a JSON text: that of its canonical form.
#[wasm_bindgen(js_name = textId)]
pub fn text_id(text: &str) -> Result<String, Fault> {
    Ok(BlobId::of_json(text.as_bytes(), Limits::default())?.to_string())
}

/// The id of a blob's content: the SHA-256 of the bytes as they are.
#[wasm_bindgen(js_name = contentId)]
pub fn content_id(content: &[u8]) -> String {
    BlobId::of(content).to_string()
}

/// The canonical form of a JSON text.
#[wasm_bindgen(js_name = canonicalizeText)]
pub fn canonicalize_text(text: &str) -> Result<String, Fault> {
    let canonical = canonicalize(text.as_bytes(), Limits::default())?;
    Ok(String::from_utf8(canonical.into_owned()).expect("a canonical form is UTF-8"))
}

/// The canonical form of a JSON text that is given in UTF-8.
#[wasm_bindgen(js_name = canonicalizeUtf8)]
pub fn canonicalize_utf8(text: &[u8]) -> Result<Vec<u8>, Fault> {
    Ok(canonicalize(text, Limits::default())?.into_owned())
}

/// Whether a JSON text has this id.
#[wasm_bindgen(js_name = verifyText)]
pub fn verify_text(id: &str, text: &str) -> Result<bool, Fault> {
    let id: BlobId = id.parse()?;
    Ok(BlobId::of_json(text.as_bytes(), Limits::default())? == id)
}

/// Whether the bytes, as they are, have this id.
#[wasm_bindgen(js_name = verifyContent)]
pub fn verify_content(id: &str, content: &[u8]) -> Result<bool, Fault> {
    let id: BlobId = id.parse()?;
    Ok(BlobId::of(content) == id)
}
