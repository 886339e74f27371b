//! `BatchPutRequest::parse` agrees with a reading of the body by `serde_json`, and of each put by `PutRequest::parse`.

#![no_main]

use isoblob_core::{BatchIdsRequest, BatchPutRequest, BlobId, Limits, MAX_BATCH_BLOBS, PutRequest, canonicalize};
use libfuzzer_sys::fuzz_target;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    blobs: Vec<&'a RawValue>,
}

fn is_id(id: &Value) -> bool {
    id.as_str().is_some_and(|id| id.parse::<BlobId>().is_ok())
}

fuzz_target!(|body: &[u8]| {
    let limits = Limits::default();
    let puts = BatchPutRequest::parse(body, limits).map(|request| request.blobs);
    let ids = BatchIdsRequest::parse(body, limits).map(|request| request.blob_ids);
    let expected = serde_json::from_slice::<Body<'_>>(body).map(|body| body.blobs);
    if let (Ok(puts), Ok(expected)) = (&puts, &expected) {
        assert_eq!(puts.len(), expected.len());
        for (put, text) in puts.iter().zip(expected) {
            assert_eq!(*put, PutRequest::parse(text.get().as_bytes(), limits));
        }
    }
    let Ok(canonical) = canonicalize(body, limits) else {
        assert!(ids.is_err());
        return;
    };
    // Nothing is wrong with the text, so there is no other reason than these.
    let is_request = expected.is_ok_and(|expected| expected.len() <= MAX_BATCH_BLOBS);
    // To serde, an array can be a struct too.
    assert_eq!(puts.is_ok(), canonical.starts_with(b"{") && is_request);
    if let Ok(value) = serde_json::from_slice::<Value>(&canonical) {
        let given = value["blobIds"].as_array().filter(|ids| ids.len() <= MAX_BATCH_BLOBS && ids.iter().all(is_id));
        assert_eq!(ids.ok().map(|ids| ids.len()), given.map(Vec::len));
    }
});
