//! Less than a whole blob: ranges of its bytes, values of its JSON, and answers that are compressed.

use serde_json::json;

use crate::client::{BYTES, Client, JSON, sha256};
use crate::process::Server;

#[test]
fn a_download_is_resumed_where_it_broke_off() {
    let server = Server::in_memory();
    let client = Client::of(&server);
    let content: Vec<u8> = (0..=250).cycle().take(1 << 20).collect();
    let id = client.put_binary(&content, &[]);
    let path = format!("/api/v1/blobs/{id}");
    let tag = format!("\"{id}\"");
    let mut read = Vec::new();
    while read.len() < content.len() {
        let range = format!("bytes={}-{}", read.len(), read.len() + 300_000);
        let part = client.get(&path, &[("accept", BYTES), ("range", &range), ("if-range", &tag)]);
        assert_eq!((part.status, part.header("etag")), (206, &*tag));
        let last = (read.len() + part.body.len() - 1).to_string();
        assert_eq!(part.header("content-range"), format!("bytes {}-{last}/{}", read.len(), content.len()));
        read.extend_from_slice(&part.body);
    }
    assert_eq!(sha256(&read), id);
    let range = format!("bytes={}-", content.len());
    let beyond = client.get(&path, &[("accept", BYTES), ("range", &range)]);
    beyond.error(416, "range_not_satisfiable");
    assert_eq!(beyond.header("content-range"), format!("bytes */{}", content.len()));
}

#[test]
fn a_value_comes_without_the_rest() {
    let server = Server::in_memory();
    let client = Client::of(&server);
    let id = client.put(br#"{"a":[{"b/c":505874924095815681}]}"#);
    let value = client.get(&format!("/api/v1/blobs/{id}/value?pointer=/a/0/b~1c"), &[]);
    assert_eq!((value.status, value.content_type(), &*value.text()), (200, JSON, "505874924095815681"));
    let error = client.get(&format!("/api/v1/blobs/{id}/value?pointer=/a/1"), &[]).error(404, "no_such_value");
    assert_eq!(error["pointer"], "/a/1");
}

#[test]
fn json_is_compressed_for_who_asks() {
    let server = Server::in_memory();
    let client = Client::of(&server);
    let text = json!(vec!["the same again"; 10_000]).to_string();
    let id = client.put(text.as_bytes());
    let path = format!("/api/v1/blobs/{id}");
    for (coding, magic) in [("gzip", &b"\x1f\x8b"[..]), ("zstd", b"\x28\xb5\x2f\xfd"), ("br", b"")] {
        let answer = client.get(&path, &[("accept", BYTES), ("accept-encoding", coding)]);
        assert_eq!((answer.status, answer.header("content-encoding")), (200, coding));
        assert_eq!(answer.header("etag"), format!("W/\"{id}\""));
        assert!(answer.body.len() < text.len() / 100 && answer.body.starts_with(magic), "{coding}");
        // A body may be compressed, too: the same bytes have the same id.
        let put = client.send(
            "POST",
            "/api/v1/blobs",
            &[("content-type", BYTES), ("content-encoding", coding)],
            &answer.body,
        );
        assert_eq!(put.json(), json!({ "blobId": id }));
    }
}

#[test]
fn the_api_describes_itself() {
    let server = Server::in_memory();
    let document = Client::of(&server).get("/api/v1/openapi.json", &[]);
    assert_eq!((document.status, document.content_type()), (200, JSON));
    assert_eq!(document.json()["openapi"], "3.1.0");
}
