//! Many blobs with one request: batches, lists, counts.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{BYTES, Client, JSON, sha256};
use crate::process::Server;

fn batch(client: &Client, what: &str, body: &Value) -> Value {
    let path = format!("/api/v1/batch/{what}");
    let answer = client.send("POST", &path, &[("content-type", JSON)], body.to_string().as_bytes());
    assert_eq!((answer.status, answer.content_type()), (200, JSON), "{}", answer.text());
    answer.json()
}

#[test]
fn a_client_sends_only_what_is_missing() {
    let server = Server::in_memory();
    let client = Client::of(&server);
    let texts: Vec<_> = (0..500).map(|number| format!("[{number}]")).collect();
    let ids: Vec<_> = texts.iter().map(|text| sha256(text.as_bytes())).collect();
    for text in texts.iter().step_by(2) {
        client.put(text.as_bytes());
    }
    let missing = batch(&client, "missing", &json!({ "blobIds": ids }));
    let expected: Vec<_> = ids.iter().skip(1).step_by(2).collect();
    assert_eq!(missing, json!({ "missing": expected }));

    let puts: Vec<_> = (1..500).step_by(2).map(|number| json!({ "data": [number] })).collect();
    let stored: Vec<_> = expected.iter().map(|id| json!({ "blobId": id })).collect();
    assert_eq!(batch(&client, "put", &json!({ "blobs": puts })), json!({ "blobs": stored }));
    assert_eq!(batch(&client, "missing", &json!({ "blobIds": ids })), json!({ "missing": [] }));

    let got = batch(&client, "get", &json!({ "blobIds": ids }));
    let expected: Vec<_> =
        (0..500).zip(&ids).map(|(number, id)| json!({ "data": [number], "blobType": "data", "blobId": id })).collect();
    assert_eq!(got, json!({ "blobs": expected }));
}

#[test]
fn lists_and_counts_survive_a_restart() {
    let store = TempDir::new().unwrap();
    let server = Server::on(store.path());
    let client = Client::of(&server);
    let large = vec![7; 1 << 20];
    let mut ids = vec![client.put(b"{}"), client.put_binary(&large, &[("x-blob-filename", "large.bin")])];
    ids.push(client.stored(&client.post(br#"{"data":{"steps":[]},"blobType":"flow"}"#)));
    ids.reverse();
    let everything = |client: &Client| {
        let first = client.get("/api/v1/blobs?limit=2", &[]).json();
        let cursor = first["nextCursor"].as_str().expect("a cursor");
        let second = client.get(&format!("/api/v1/blobs?limit=2&cursor={cursor}"), &[]).json();
        assert_eq!(second.get("nextCursor"), None);
        let listed = [first, second].map(|page| page["blobs"].as_array().expect("a page").clone()).concat();
        let listed_ids: Vec<_> = listed.iter().map(|blob| blob["blobId"].as_str().expect("an id")).collect();
        assert_eq!(listed_ids, ids);
        (listed, client.get("/api/v1/stats", &[]).json())
    };
    let before = everything(&client);
    let expected = json!({ "blobs": 3, "bytes": (1 << 20) + 14, "types": {
        "binary": { "blobs": 1, "bytes": 1 << 20 },
        "data": { "blobs": 1, "bytes": 2 },
        "flow": { "blobs": 1, "bytes": 12 },
    } });
    assert_eq!(before.1, expected);
    assert_eq!(before.0[1]["filename"], "large.bin");
    server.kill();

    let server = Server::on(store.path());
    assert_eq!(everything(&Client::of(&server)), before);
}

#[test]
fn a_put_under_its_id_is_created_once() {
    let server = Server::in_memory();
    let client = Client::of(&server);
    let id = sha256(b"bytes");
    let path = format!("/api/v1/blobs/{id}");
    for status in [201, 200] {
        let answer = client.send("PUT", &path, &[("content-type", BYTES)], b"bytes");
        assert_eq!((answer.status, answer.json()), (status, json!({ "blobId": id })));
    }
    let error = client.send("PUT", &path, &[("content-type", BYTES)], b"other").error(409, "id_mismatch");
    assert_eq!((&error["expectedBlobId"], &error["actualBlobId"]), (&json!(id), &json!(sha256(b"other"))));
    client.get(&format!("/api/v1/blobs/{}", sha256(b"other")), &[]).error(404, "not_found");
}
