//! [`receive`]: the body of an answer, hashed while it arrives.

use alloc::boxed::Box;
use alloc::vec::Vec;

use isoblob_core::IdHasher;
use js_sys::{Function, Promise, Uint8Array};
use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use wasm_bindgen_futures::future_to_promise;
use web_sys::{ReadableStreamDefaultReader, ReadableStreamReadResult, Response};

/// Reads the body of an answer, hands out each piece of it, and resolves to the 32 bytes of the id of all of them.
///
/// # Errors
///
/// What the stream fails with, or `take`.
#[wasm_bindgen]
pub fn receive(answer: Response, take: Function) -> Promise {
    // In a box, so that the module has its code once for both ways in which a future may be run.
    future_to_promise(Box::pin(read(answer, take)))
}

async fn read(answer: Response, take: Function) -> Result<JsValue, JsValue> {
    let mut hasher = IdHasher::new();
    let mut bytes = Vec::new();
    if let Some(body) = answer.body() {
        let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
        loop {
            let result: ReadableStreamReadResult = reader.read().await?.unchecked_into();
            if result.get_done() == Some(true) {
                break;
            }
            let piece: Uint8Array = result.get_value().unchecked_into();
            bytes.resize(piece.length() as usize, 0);
            piece.copy_to(&mut bytes);
            hasher.update(&bytes);
            take.call1(&JsValue::UNDEFINED, &piece)?;
        }
    }
    Ok(Uint8Array::from(hasher.finish().as_bytes().as_slice()).into())
}
