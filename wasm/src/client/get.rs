//! Fetching a blob's bytes, and hashing them before anyone sees them.

use isoblob_core::{Blob, BlobId, BlobType};
use js_sys::{ArrayBuffer, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast as _, prelude::wasm_bindgen};
use web_sys::{Headers, RequestCache, RequestInit, Response};

use super::{answer, fetch, network};
use crate::fault::Fault;

/// Fetches the blob with this id from the blobs at `url`: `{"bytes": Uint8Array, "type": "data" | "flow" | "binary"}`.
///
/// # Errors
///
/// `invalid_id` before anything is sent; `network`; `not_found`; what the server says; `mismatch` for bytes that hash
/// to another id, also when fetched past the browser's cache, which are dropped.
#[wasm_bindgen(js_name = getBlob)]
pub async fn get_blob(url: String, id: String) -> Result<Object, Fault> {
    let id: BlobId = id.parse()?;
    match get_verified(&url, id, RequestCache::Default).await {
        // The wrong bytes may be the browser's memory of an earlier answer, which was said to be good for ever.
        Err(fault) if fault.is_mismatch() => get_verified(&url, id, RequestCache::Reload).await,
        result => result,
    }
}

async fn get_verified(url: &str, id: BlobId, cache: RequestCache) -> Result<Object, Fault> {
    let answer = fetch(&format!("{url}/{id}"), &request(cache)).await?;
    match answer.status() {
        200 => {}
        404 => return Err(Fault::new("not_found", format!("there is no blob {id}")).with("status", 404)),
        _ => return Err(answer::refusal(&answer).await),
    }
    let blob_type = blob_type(&answer);
    let bytes = body(&answer).await?;
    Blob::verify(id, blob_type, bytes.to_vec())?;
    Ok(verified(&bytes, blob_type))
}

fn request(cache: RequestCache) -> RequestInit {
    let headers = Headers::new().expect("a new list of headers");
    headers.set("accept", "application/octet-stream").expect("a valid header");
    let request = RequestInit::new();
    request.set_headers_headers(&headers);
    request.set_cache(cache);
    request
}

/// The type that the server states; `data` where it states none that is known.
fn blob_type(answer: &Response) -> BlobType {
    let stated = answer.headers().get("x-blob-type").ok().flatten();
    stated.and_then(|name| name.parse().ok()).unwrap_or_default()
}

async fn body(answer: &Response) -> Result<Uint8Array, Fault> {
    let received = async { answer.array_buffer()?.await };
    let buffer = received.await.map_err(|cause| network("the blob did not arrive whole", cause))?;
    Ok(Uint8Array::new(buffer.unchecked_ref::<ArrayBuffer>()))
}

fn verified(bytes: &Uint8Array, blob_type: BlobType) -> Object {
    let result = Object::new();
    for (member, value) in [("bytes", bytes.into()), ("type", blob_type.as_str().into())] {
        Reflect::set(&result, &member.into(), &value).expect("a new object takes members");
    }
    result
}
