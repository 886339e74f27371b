//! `GET /api/v1/blobs` and `GET /api/v1/stats`.

use std::time::SystemTime;

use axum::Router;
use isoblob_core::BlobId;
use jiff::Timestamp;
use serde_json::Value;

use crate::support::{canonical_id, get, memory_app, put_bytes, put_json, stored};

async fn page(app: &Router, query: &str) -> Value {
    let answer = get(app, &format!("/api/v1/blobs{query}"), &[]).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, Some("no-store")), "{}", answer.text());
    serde_json::from_slice(&answer.body).expect("JSON")
}

fn ids(page: &Value) -> Vec<&str> {
    page["blobs"].as_array().expect("an array").iter().map(|blob| blob["blobId"].as_str().expect("an id")).collect()
}

#[tokio::test]
async fn a_line_says_what_a_blob_is() {
    let app = memory_app();
    assert_eq!(get(&app, "/api/v1/blobs", &[]).await.text(), r#"{"blobs":[]}"#);
    put_bytes(&app, b"bytes", Some("naïve.bin")).await;
    put_json(&app, r#"{"data": {"steps": []}, "blobType": "flow"}"#).await;
    let mut page = page(&app, "").await;
    for blob in page["blobs"].as_array_mut().expect("an array") {
        let created = blob.as_object_mut().expect("an object").remove("created");
        let created = created.as_ref().and_then(Value::as_str).expect("a time").to_owned();
        let parsed = SystemTime::from(created.parse::<Timestamp>().expect("RFC 3339"));
        assert!(parsed.elapsed().expect("the past").as_secs() < 600, "{created}");
        assert_eq!((created.len(), created.ends_with('Z')), ("2026-01-02T03:04:05.678Z".len(), true), "{created}");
    }
    let expected = format!(
        r#"{{"blobs":[{{"blobId":"{}","blobType":"flow","size":12}},{{"blobId":"{}","blobType":"binary","filename":"naïve.bin","size":5}}]}}"#,
        BlobId::of(br#"{"steps":[]}"#),
        BlobId::of(b"bytes"),
    );
    assert_eq!(page.to_string(), expected);
}

#[tokio::test]
async fn pages_follow_one_another() {
    let app = memory_app();
    let mut all = Vec::new();
    for number in 0..250 {
        all.insert(0, stored(&app, &number.to_string()).await.to_string());
    }
    let first = page(&app, "").await;
    assert_eq!(ids(&first), all[..100]);
    let second = page(&app, &format!("?limit=150&cursor={}", first["nextCursor"].as_str().expect("a cursor"))).await;
    assert_eq!(ids(&second), all[100..]);
    assert_eq!(second.get("nextCursor"), None, "there is no other page");
    let last = page(&app, &format!("?limit=249&cursor={}", all[0])).await;
    assert_eq!((ids(&last).len(), last.get("nextCursor")), (249, None));
    assert_eq!(ids(&page(&app, "?limit=1000").await), all);
    assert_eq!(ids(&page(&app, "?type=data&limit=1").await), all[..1]);
    assert_eq!(page(&app, "?type=binary").await.to_string(), r#"{"blobs":[]}"#);
}

#[tokio::test]
async fn stats_are_by_type() {
    let app = memory_app();
    let empty = r#"{"blobs":0,"bytes":0,"types":{"binary":{"blobs":0,"bytes":0},"data":{"blobs":0,"bytes":0},"flow":{"blobs":0,"bytes":0}}}"#;
    let answer = get(&app, "/api/v1/stats", &[]).await;
    assert_eq!((answer.status, answer.text(), answer.header("cache-control")), (200, empty, Some("no-store")));
    for bytes in [&b"a"[..], b"bc", b"bc"] {
        put_bytes(&app, bytes, None).await;
    }
    assert_eq!(stored(&app, "[1, 2]").await, canonical_id("[1,2]"));
    let expected = r#"{"blobs":3,"bytes":8,"types":{"binary":{"blobs":2,"bytes":3},"data":{"blobs":1,"bytes":5},"flow":{"blobs":0,"bytes":0}}}"#;
    assert_eq!(get(&app, "/api/v1/stats", &[]).await.text(), expected);
}
