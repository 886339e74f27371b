//! Puts that are refused: what the answer says.

use std::io::{Read as _, Write as _};

use serde_json::json;

use crate::client::{BYTES, Client, JSON, begin_put, sha256};
use crate::process::Server;

#[test]
fn equal_keys() {
    let server = Server::in_memory();
    let client = Client::of(&server);
    let error = client.post(br#"{"data":{"a":1,"a":2}}"#).error(400, "duplicate_key");
    let expected = json!({
        "code": 400, "reason": "duplicate_key", "message": error["message"],
        "offset": 7, "line": 1, "column": 8, "pointer": "/a",
    });
    assert_eq!(error, expected);
    // Neither of the two values has become a blob.
    for canonical in [r#"{"a":1}"#, r#"{"a":2}"#, r#"{"a":1,"a":2}"#] {
        client.get(&format!("/api/v1/blobs/{}", sha256(canonical.as_bytes())), &[]).error(404, "not_found");
    }
}

#[test]
fn positions_are_those_in_the_data() {
    let server = Server::in_memory();
    let client = Client::of(&server);
    let error = client.post(b"{\"blobType\":\"data\",\n \"data\":  {\n  \"x\": [1, 01]}}").error(400, "invalid_number");
    assert_eq!((&error["offset"], &error["line"], &error["column"]), (&json!(14), &json!(2), &json!(13)), "{error}");
    assert_eq!(error["pointer"], "/x/1");
}

#[test]
fn bodies_that_are_no_envelope() {
    let server = Server::in_memory();
    let client = Client::of(&server);
    for body in
        [r"{}", r#"{"blobType":"data"}"#, r"[]", r"1", r#"{"data":1,"blobType":"Data"}"#, r#"{"data":1,"blobType":7}"#]
    {
        client.post(body.as_bytes()).error(400, "invalid_envelope");
    }
    for (body, reason) in
        [("", "unexpected_end"), ("{\"data\":1", "unexpected_end"), ("{\"data\":1}}", "trailing_characters")]
    {
        client.post(body.as_bytes()).error(400, reason);
    }
    // Equal keys in the envelope hide data as those in the data do.
    client.post(br#"{"data":1,"data":2}"#).error(400, "duplicate_key");
}

#[test]
fn flows_that_are_none() {
    let server = Server::in_memory();
    let client = Client::of(&server);
    let rows = [
        ("[]", ""),
        (r#"{"steps":{}}"#, "/steps"),
        (r#"{"steps":[{"component":"/a/b"}]}"#, "/steps/0"),
        (r#"{"steps":[{"id":"a","component":"/a/b"},{"id":"a","component":"/a/b"}]}"#, "/steps/1/id"),
    ];
    for (data, pointer) in rows {
        let body = format!(r#"{{"data":{data},"blobType":"flow"}}"#);
        let error = client.post(body.as_bytes()).error(400, "invalid_flow");
        assert_eq!(error["pointer"], pointer, "{data}: {error}");
        // As data it is as good as any.
        client.put(data.as_bytes());
    }
}

#[test]
fn media_types_that_are_not_those_of_a_put() {
    let server = Server::in_memory();
    let client = Client::of(&server);
    for content_type in ["text/plain", "application/xml", "multipart/form-data; boundary=x"] {
        client
            .send("POST", "/api/v1/blobs", &[("content-type", content_type)], b"{\"data\":1}")
            .error(415, "unsupported_media_type");
    }
    for content_type in ["application/json; charset=utf-8", "Application/JSON"] {
        let answer = client.send("POST", "/api/v1/blobs", &[("content-type", content_type)], b"{\"data\":1}");
        client.stored(&answer);
    }
}

#[test]
fn bodies_past_the_limit() {
    let server = Server::start("memory:", &["--max-body-bytes", "1000"]);
    let client = Client::of(&server);
    // 1000 bytes with the envelope are as many as may come.
    let text = |bytes: usize| format!("{{\"data\":\"{}\"}}", "x".repeat(bytes - r#"{"data":""}"#.len()));
    client.stored(&client.post(text(1000).as_bytes()));
    client.put_binary(&[0; 1000], &[]);
    client.post(text(1001).as_bytes()).error(413, "body_too_large");
    client.send("POST", "/api/v1/blobs", &[("content-type", BYTES)], &[0; 1001]).error(413, "body_too_large");
    client.get(&format!("/api/v1/blobs/{}", sha256(&[0; 1001])), &[]).error(404, "not_found");
    // The next request is served.
    client.send("POST", "/api/v1/blobs", &[("content-type", JSON)], b"{\"data\":1}").json();
}

#[test]
fn bodies_that_stall() {
    let server = Server::start("memory:", &["--body-idle-timeout-secs", "1"]);
    let body = br#"{"data":"only the beginning of it ever comes"}"#;
    let mut connection = begin_put(server.address, body.len());
    connection.get_mut().write_all(&body[..20]).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{answer}");
    assert!(answer.contains(r#""reason":"body_timeout""#), "{answer}");
}
