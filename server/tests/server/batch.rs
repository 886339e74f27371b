//! `/api/v1/batch`: many blobs with one request.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use isoblob_core::{Blob, BlobId, MAX_BATCH_BLOBS};
use isoblob_server::Filename;
use isoblob_server::http::{AppState, HttpConfig, app};
use isoblob_server::store::{BlobInfo, ListQuery, ListedBlob, OpenBlob, PutOutcome, Store, StoreError, StoreStats};

use crate::support::{Answer, FailingStore, JSON, call, get, memory_app, path_of, put_bytes, stored};

async fn batch(app: &Router, what: &str, body: impl Into<Body>) -> Answer {
    let request = Request::post(format!("/api/v1/batch/{what}")).header("content-type", JSON);
    call(app, request.body(body.into()).expect("a request")).await
}

fn ids(ids: &[BlobId]) -> String {
    serde_json::json!({ "blobIds": ids }).to_string()
}

#[tokio::test]
async fn what_is_missing_is_told_in_order() {
    let app = memory_app();
    let here = stored(&app, "[1]").await;
    let [absent, other] = [BlobId::of(b"absent"), BlobId::of(b"other")];
    for (asked, expected) in [
        (&[][..], r#"{"missing":[]}"#.to_owned()),
        (&[here], r#"{"missing":[]}"#.into()),
        (&[other, here, absent, other], format!(r#"{{"missing":["{other}","{absent}","{other}"]}}"#)),
    ] {
        let answer = batch(&app, "missing", ids(asked)).await;
        assert_eq!((answer.status, answer.text()), (200, &*expected));
    }
    let most = vec![absent; MAX_BATCH_BLOBS];
    assert_eq!(batch(&app, "missing", ids(&most)).await.text().matches(&absent.to_string()).count(), MAX_BATCH_BLOBS);
}

#[tokio::test]
async fn each_blob_is_answered_or_why_not() {
    let app = memory_app();
    let data = stored(&app, r#"{"b": 1.0, "a": 505874924095815681}"#).await;
    put_bytes(&app, b"\xff", Some("a.bin")).await;
    let binary = BlobId::of(b"\xff");
    let absent = BlobId::of(b"absent");
    assert_eq!(batch(&app, "get", ids(&[])).await.text(), r#"{"blobs":[]}"#);
    let answer = batch(&app, "get", ids(&[binary, absent, data])).await;
    let [binary_envelope, data_envelope] =
        [get(&app, &path_of(binary), &[]).await, get(&app, &path_of(data), &[]).await];
    let refused = format!(
        r#"{{"blobId":"{absent}","error":{{"code":404,"message":"there is no blob {absent}","reason":"not_found"}}}}"#
    );
    let expected = format!(r#"{{"blobs":[{},{refused},{}]}}"#, binary_envelope.text(), data_envelope.text());
    assert_eq!((answer.status, answer.text()), (200, &*expected));
    assert_eq!(answer.header("content-type"), Some(JSON));
}

/// 32 MiB.
#[tokio::test]
async fn what_does_not_fit_is_told_so() {
    let app = memory_app();
    let large: Vec<_> =
        (0..3_u8).map(|n| vec![n; 15 << 20]).chain([vec![7; 2 << 20], vec![8; (32 << 20) + 1]]).collect();
    let large_ids: Vec<_> = large.iter().map(|bytes| BlobId::of(bytes)).collect();
    for bytes in &large {
        put_bytes(&app, bytes, None).await;
    }
    let answer = batch(&app, "get", ids(&large_ids)).await;
    let answer: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
    let fits: Vec<_> = (0..5).map(|index| answer["blobs"][index]["data"].is_string()).collect();
    assert_eq!(fits, [true, true, false, true, false]);
    let message =
        "the 15728640 bytes of this blob do not fit into the 33554432 of a batch; get it alone or with others";
    let expected = format!(
        r#"{{"blobId":"{}","error":{{"code":413,"message":"{message}","reason":"batch_full"}}}}"#,
        large_ids[2]
    );
    assert_eq!(answer["blobs"][2].to_string(), expected);
}

#[tokio::test]
async fn each_put_is_done_or_refused_by_itself() {
    let app = memory_app();
    let body = r#"{"blobs": [
        {"data": {"b": 1.0, "a": 505874924095815681}},
        {"data": {"a": 1, "a": 2}},
        {"data": "/w==", "blobType": "binary", "filename": "a.bin"},
        {"data": 1, "filename": "a\nb"},
        {"data": tru},
        {"data": {"b": 1, "a": 505874924095815681}}
    ]}"#;
    let data = BlobId::of(br#"{"a":505874924095815681,"b":1}"#);
    let binary = BlobId::of(b"\xff");
    let refused = [
        r#""message":"the object has this key already, at line 1 column 10 (byte 9), in `/a`","reason":"duplicate_key","line":1,"column":10,"offset":9,"pointer":"/a""#,
        r#""message":"a filename is 1 to 1024 bytes of UTF-8 without control characters","reason":"invalid_filename""#,
        r#""message":"expected `true`, `false` or `null`, found `}`, at line 1 column 4 (byte 3)","reason":"unexpected_character","line":1,"column":4,"offset":3,"pointer":"""#,
    ];
    let [key, name, word] = refused.map(|rest| format!(r#"{{"error":{{"code":400,{rest}}}}}"#));
    let expected = format!(
        r#"{{"blobs":[{{"blobId":"{data}"}},{key},{{"blobId":"{binary}"}},{name},{word},{{"blobId":"{data}"}}]}}"#
    );
    let answer = batch(&app, "put", body).await;
    assert_eq!((answer.status, answer.text()), (200, &*expected));
    assert_eq!(get(&app, &path_of(data), &[]).await.status, 200);
    assert!(get(&app, &path_of(binary), &[]).await.text().ends_with(r#""filename":"a.bin"}"#));
    assert_eq!(batch(&app, "put", r#"{"blobs":[]}"#).await.text(), r#"{"blobs":[]}"#);
}

#[tokio::test]
async fn as_many_as_the_limit_are_put_and_no_more() {
    let app = memory_app();
    let body = |count: usize| {
        let puts: Vec<_> = (0..count).map(|number| format!(r#"{{"data":{number}}}"#)).collect();
        format!(r#"{{"blobs":[{}]}}"#, puts.join(","))
    };
    let answer = batch(&app, "put", body(MAX_BATCH_BLOBS)).await;
    assert_eq!((answer.status, answer.text().matches("blobId").count()), (200, MAX_BATCH_BLOBS));
    let answer = batch(&app, "put", body(MAX_BATCH_BLOBS + 1)).await;
    let expected = r#"{"code":400,"message":"`blobs` has more than 1000 elements, in `/blobs`","reason":"invalid_envelope","pointer":"/blobs"}"#;
    assert_eq!((answer.status, answer.text()), (400, expected));
    for what in ["get", "missing"] {
        let answer = batch(&app, what, ids(&vec![BlobId::of(b""); MAX_BATCH_BLOBS + 1])).await;
        let expected = r#"{"code":400,"message":"`blobIds` has more than 1000 elements, in `/blobIds`","reason":"invalid_envelope","pointer":"/blobIds"}"#;
        assert_eq!((answer.status, answer.text()), (400, expected));
    }
}

#[tokio::test]
async fn a_body_that_is_no_batch_is_refused() {
    let app = memory_app();
    for (what, member) in [("get", "blobIds"), ("missing", "blobIds"), ("put", "blobs")] {
        let answer = batch(&app, what, "{}").await;
        let expected = format!(
            r#"{{"code":400,"message":"the body must be an object with an array `{member}`","reason":"invalid_envelope","pointer":""}}"#
        );
        assert_eq!((answer.status, answer.text()), (400, &*expected));
        let request = Request::post(format!("/api/v1/batch/{what}")).header("content-type", "text/plain");
        let answer = call(&app, request.body(Body::from("{}")).expect("a request")).await;
        let expected = r#"{"code":415,"message":"a batch is of application/json, and this one is of text/plain","reason":"unsupported_media_type"}"#;
        assert_eq!((answer.status, answer.text()), (415, expected));
    }
}

/// An empty store that counts how many reads it is asked for at once.
#[derive(Debug, Default)]
struct Counting {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Counting {
    async fn read<T>(&self) -> Result<Option<T>, StoreError> {
        self.most.fetch_max(self.now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        self.now.fetch_sub(1, Ordering::SeqCst);
        Ok(None)
    }
}

#[async_trait]
impl Store for Counting {
    async fn put(&self, _: Blob, _: Option<Filename>) -> Result<PutOutcome, StoreError> {
        Ok(PutOutcome::New)
    }

    async fn open(&self, _: BlobId) -> Result<Option<OpenBlob>, StoreError> {
        self.read().await
    }

    async fn head(&self, _: BlobId) -> Result<Option<BlobInfo>, StoreError> {
        self.read().await
    }

    async fn list(&self, _: ListQuery) -> Result<Option<Vec<ListedBlob>>, StoreError> {
        Ok(None)
    }

    async fn stats(&self) -> Result<StoreStats, StoreError> {
        Ok(StoreStats::default())
    }

    async fn health(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

/// So that one request leaves room for others.
#[tokio::test]
async fn a_few_blobs_are_looked_for_at_once() {
    let store = Arc::new(Counting::default());
    let app = app(AppState::new(Arc::clone(&store) as Arc<dyn Store>, HttpConfig::default()));
    for what in ["missing", "get"] {
        store.most.store(0, Ordering::SeqCst);
        assert_eq!(batch(&app, what, ids(&vec![BlobId::of(b""); 100])).await.status, 200);
        assert_eq!(store.most.load(Ordering::SeqCst), 16, "{what}");
    }
}

#[tokio::test]
async fn a_store_that_fails_is_told_for_each() {
    let error = StoreError::Full(Arc::new(std::io::Error::other("disk sda1 is on fire")));
    let app = app(AppState::new(Arc::new(FailingStore(error)), HttpConfig::default()));
    let full = r#"{"code":507,"message":"the store is full","reason":"store_full"}"#;
    let answer = batch(&app, "put", r#"{"blobs":[{"data":1},{"data":2}]}"#).await;
    assert_eq!(
        (answer.status, answer.text()),
        (200, &*format!(r#"{{"blobs":[{{"error":{full}}},{{"error":{full}}}]}}"#))
    );
    let id = BlobId::of(b"");
    let answer = batch(&app, "get", ids(&[id])).await;
    assert_eq!((answer.status, answer.text()), (200, &*format!(r#"{{"blobs":[{{"blobId":"{id}","error":{full}}}]}}"#)));
    // What is missing cannot be told.
    let answer = batch(&app, "missing", ids(&[id])).await;
    assert_eq!((answer.status, answer.text()), (507, full));
}
