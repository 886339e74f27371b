//! `/metrics`, and the dashboard that is made for it.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use isoblob_core::BlobId;
use isoblob_server::http::{AppState, HttpConfig, app};
use isoblob_server::store::{StoreError, StoreLocation};

use crate::support::{FailingStore, ask, get, memory_app, put_bytes, put_json};

async fn metrics(app: &Router) -> String {
    let answer = get(app, "/metrics", &[]).await;
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!((answer.status, answer.header("content-type")), (200, Some(content_type)));
    answer.text().to_owned()
}

#[track_caller]
fn check(metrics: &str, expected: &[&str]) {
    for line in expected {
        assert!(metrics.lines().any(|found| found == *line), "{line} is not in\n{metrics}");
    }
}

#[tokio::test]
async fn what_is_done_is_counted() {
    let app = memory_app();
    for _ in 0..2 {
        put_bytes(&app, b"content", None).await;
    }
    let path = format!("/api/v1/blobs/{}", BlobId::of(b"content"));
    get(&app, &path, &[("accept", "application/octet-stream")]).await;
    ask(&app, "HEAD", &path, &[]).await;
    get(&app, &path.replace("/api/v1/blobs/", "/api/v1/blobs/00"), &[]).await;
    get(&app, &format!("/api/v1/blobs/{}", BlobId::of(b"")), &[]).await;
    put_json(&app, r#"{"data":{"a":1,"a":2}}"#).await;
    ask(&app, "BREW", "/nowhere", &[]).await;
    check(
        &metrics(&app).await,
        &[
            r#"isoblob_puts_total{outcome="new"} 1"#,
            r#"isoblob_puts_total{outcome="deduplicated"} 1"#,
            r#"isoblob_puts_total{outcome="failed"} 0"#,
            r#"isoblob_gets_total{outcome="hit"} 1"#,
            r#"isoblob_gets_total{outcome="miss"} 1"#,
            r#"isoblob_gets_total{outcome="corrupt"} 0"#,
            r#"isoblob_request_duration_seconds_count{method="POST",route="/api/v1/blobs",status="200"} 2"#,
            r#"isoblob_request_duration_seconds_count{method="POST",route="/api/v1/blobs",status="400"} 1"#,
            r#"isoblob_request_duration_seconds_count{method="GET",route="/api/v1/blobs/{id}",status="200"} 1"#,
            r#"isoblob_request_duration_seconds_count{method="GET",route="/api/v1/blobs/{id}",status="404"} 1"#,
            r#"isoblob_request_duration_seconds_count{method="HEAD",route="/api/v1/blobs/{id}",status="200"} 1"#,
            r#"isoblob_request_duration_seconds_count{method="other",route="other",status="404"} 1"#,
            r#"isoblob_rejected_requests_total{reason="duplicate_key"} 1"#,
            r#"isoblob_rejected_requests_total{reason="invalid_id"} 1"#,
            r#"isoblob_rejected_requests_total{reason="not_found"} 2"#,
            // Twice 7 bytes of content, and 22 of JSON.
            "isoblob_received_bytes_total 36",
            // This one.
            "isoblob_requests_in_progress 1",
            &format!(r#"isoblob_build_info{{version="{}"}} 1"#, env!("CARGO_PKG_VERSION")),
        ],
    );
}

#[tokio::test]
async fn a_damaged_blob_is_counted() {
    let id = BlobId::of(b"content");
    let failures = [
        (
            StoreError::Corrupt { id, cause: "another".into() },
            r#"isoblob_gets_total{outcome="corrupt"} 1"#,
            "corrupt_blob",
        ),
        (StoreError::Full(Arc::new(std::fmt::Error)), r#"isoblob_gets_total{outcome="failed"} 1"#, "store_full"),
    ];
    for (error, gets, reason) in failures {
        let app = app(AppState::new(Arc::new(FailingStore(error)), HttpConfig::default()));
        get(&app, &format!("/api/v1/blobs/{id}"), &[]).await;
        put_bytes(&app, b"content", None).await;
        let rejected = format!(r#"isoblob_rejected_requests_total{{reason="{reason}"}} 2"#);
        check(&metrics(&app).await, &[gets, r#"isoblob_puts_total{outcome="failed"} 1"#, &rejected]);
    }
}

/// Whatever the dashboard asks for, a server with the embedded store tells.
#[tokio::test]
async fn the_dashboard_asks_for_what_there_is() {
    let dashboard = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/grafana.json"));
    let dashboard: serde_json::Value = serde_json::from_str(&dashboard.expect("a file")).expect("JSON");
    let panels = dashboard["panels"].as_array().expect("panels");
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().into_iter().flatten());
    let asked: BTreeSet<String> = targets.flat_map(|target| names(target["expr"].as_str().expect("a query"))).collect();
    assert!(asked.len() > 10, "{asked:?}");

    let dir = tempfile::tempdir().expect("a directory");
    let store = StoreLocation::Directory(dir.path().into()).open_cached(1 << 20).await.expect("a store");
    let app = app(AppState::new(store, HttpConfig::default()));
    put_bytes(&app, b"content", None).await;
    put_json(&app, "").await;
    let metrics = metrics(&app).await;
    let told: BTreeSet<String> = metrics.lines().filter(|line| !line.starts_with('#')).flat_map(names).collect();
    let missing: Vec<_> = asked.difference(&told).collect();
    assert!(missing.is_empty(), "{missing:?} are not in\n{metrics}");
    check(&metrics, &["isoblob_store_commit_puts_count 1"]);
}

/// The metrics that a text names.
fn names(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|word| word.starts_with("isoblob_")).map(String::from).collect()
}
