//! Storing a JSON text under the id that was computed here.

use isoblob_core::{Blob, BlobId, BlobType, Limits};
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::{Headers, RequestInit, Response};

use super::{answer, fetch, network};
use crate::fault::Fault;

/// Stores a JSON text, given in UTF-8, as a blob of type `data` or `flow` among the blobs at `url`. Returns its id.
///
/// # Errors
///
/// What the core refuses, before anything is sent; `network`; what the server says; `invalid_answer` where it answers
/// no id, `mismatch` where it answers another one than the text has.
#[wasm_bindgen(js_name = putText)]
pub async fn put_text(url: String, text: Vec<u8>, blob_type: String) -> Result<String, Fault> {
    let blob = match blob_type.parse() {
        Ok(BlobType::Data) => Blob::data(&text, Limits::default())?,
        Ok(BlobType::Flow) => Blob::flow(&text, Limits::default())?,
        Ok(BlobType::Binary) | Err(_) => {
            return Err(Fault::new("invalid_type", "a text is stored as `data` or `flow`"));
        }
    };
    let id = blob.id();
    let answer = fetch(&url, &request(&blob)).await?;
    if answer.status() != 200 {
        return Err(answer::refusal(&answer).await);
    }
    match stored_id(&answer).await? {
        stored if stored == id => Ok(id.to_string()),
        stored => Err(Fault::mismatch(format!("the server stored {stored}, not {id}"), id, stored)),
    }
}

/// The request: the blob's canonical bytes in their envelope.
fn request(blob: &Blob) -> RequestInit {
    let head = format!(r#"{{"blobType":"{}","data":"#, blob.blob_type());
    let envelope = [head.as_bytes(), blob.bytes(), b"}"].concat();
    let headers = Headers::new().expect("a new list of headers");
    headers.set("content-type", "application/json").expect("a valid header");
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_headers_headers(&headers);
    request.set_body_opt_u8_array(Some(&Uint8Array::from(envelope.as_slice())));
    request
}

/// The id in the answer to a put.
async fn stored_id(answer: &Response) -> Result<BlobId, Fault> {
    let received = async { answer.text()?.await };
    let text = received.await.map_err(|cause| network("the answer did not arrive whole", cause))?;
    let body = js_sys::JSON::parse(&text.as_string().unwrap_or_default()).unwrap_or_default();
    let id = Reflect::get(&body, &"blobId".into()).ok().and_then(|id| id.as_string());
    id.and_then(|id| id.parse().ok()).ok_or_else(|| {
        Fault::new("invalid_answer", "the server answered without the id of the blob").with("status", 200)
    })
}
