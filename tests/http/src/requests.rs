//! Requests that name nothing, or do so in ways that a client never would.

use crate::client::{Client, exchange};
use crate::process::Server;

#[test]
fn it_is_alive_and_ready() {
    let server = Server::in_memory();
    let client = Client::of(&server);
    assert_eq!(server.ready, format!("isoblob is serving http://{}/ from memory:\n", server.address));
    for path in ["/livez", "/readyz"] {
        assert_eq!(client.get(path, &[]).status, 200, "{path}");
    }
}

#[test]
fn ids_that_are_none() {
    let server = Server::in_memory();
    let client = Client::of(&server);
    let id = client.put(b"{}");
    let short = &id[1..];
    for wrong in
        [short, &format!("{id}0"), &id.to_uppercase(), &"g".repeat(64), "x", "..", "%00", &format!("%20{short}")]
    {
        let error = client.get(&format!("/api/v1/blobs/{wrong}"), &[]).error(400, "invalid_id");
        assert_eq!(error.get("offset"), None, "there is no text at fault");
    }
    let missing = "0".repeat(64);
    client.get(&format!("/api/v1/blobs/{missing}"), &[]).error(404, "not_found");
    // Another spelling of the same path (RFC 3986, section 6.2.2.2).
    let spelled = format!("/api/v1/blobs/%{:x}{}", id.as_bytes()[0], &id[1..]);
    assert_eq!(client.get(&spelled, &[]).status, 200);
}

#[test]
fn paths_that_are_none() {
    let server = Server::in_memory();
    let client = Client::of(&server);
    for path in ["/api", "/api/v1", "/api/v1/", "/api/v1/blob", "/api/v2/blobs", "/api/v1/blobs/x/y", "/API/v1/blobs"] {
        client.get(path, &[]).error(404, "not_found");
    }
}

#[test]
fn methods_that_are_not_allowed() {
    let server = Server::in_memory();
    let client = Client::of(&server);
    let id = client.put(b"{}");
    let blob = format!("/api/v1/blobs/{id}");
    for (method, path, allowed) in
        [("DELETE", blob.as_str(), "GET"), ("POST", &blob, "GET"), ("DELETE", "/api/v1/blobs", "POST")]
    {
        let answer = client.send(method, path, &[], b"");
        answer.error(405, "method_not_allowed");
        // RFC 9110, section 15.5.6: it must say which are.
        let allow: Vec<_> = answer.header("allow").split(',').map(str::trim).collect();
        assert!(allow.contains(&allowed) && !allow.contains(&method), "{method} {path}: {allow:?}");
    }
    assert_eq!(client.raw(&id), b"{}", "nothing can delete a blob");
}

#[test]
fn pages_of_others_are_not_answered() {
    let server = Server::in_memory();
    let client = Client::of(&server);
    let id = client.put(b"{}");
    let path = format!("/api/v1/blobs/{id}");
    // A page of another origin, and one whose name was made to resolve to this machine.
    client.get(&path, &[("origin", "https://example.org")]).error(403, "foreign_origin");
    client.get(&path, &[("host", "example.org")]).error(421, "foreign_host");
    let own = client.url("");
    assert_eq!(client.get(&path, &[("origin", &own)]).status, 200);
}

#[test]
fn nothing_outside_the_store_and_the_page_is_served() {
    let directory = tempfile::tempdir().unwrap();
    let secret = directory.path().join("secret");
    std::fs::write(&secret, "this is not a blob").unwrap();
    let server = Server::on(&directory.path().join("store"));
    let targets = [
        "/../secret",
        "/../../../../../../../../etc/passwd",
        "/api/v1/blobs/../../../secret",
        "/api/v1/blobs/..%2f..%2fsecret",
        "/api/v1/blobs/%2e%2e/%2e%2e/secret",
        "/api/v1/blobs/%2e%2e%2fsecret",
        "/api/v1/blobs/..%5csecret",
        "/assets/../../secret",
        "/assets/..%2f..%2fsecret",
        "/%2e%2e/secret",
        "/..%c0%afsecret",
        "//secret",
        "/api/v1/blobs/secret%00",
    ];
    for target in targets.map(str::to_owned).into_iter().chain([secret.display().to_string()]) {
        let request = format!("GET {target} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", server.address);
        let answer = exchange(server.address, request.as_bytes());
        let status = answer.split(' ').nth(1).unwrap_or_default();
        assert!(matches!(status, "400" | "404"), "{target}: {answer}");
        assert!(!answer.contains("this is not a blob") && !answer.contains("root:"), "{target}: {answer}");
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let error: serde_json::Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{target}: {answer}"));
        assert_eq!(error["code"].to_string(), status, "{target}");
    }
}

#[test]
fn what_is_no_request_is_refused_and_the_next_is_served() {
    let server = Server::in_memory();
    for request in [
        &b"GET /api/v1/blobs/\0 HTTP/1.1\r\nhost: x\r\n\r\n"[..],
        b"GET /api/v1/blobs/\xff\xfe HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"POST /api/v1/blobs HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n",
        b"POST /api/v1/blobs HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
    ] {
        let answer = exchange(server.address, request);
        assert!(answer.starts_with("HTTP/1.1 4"), "{}: {answer}", String::from_utf8_lossy(request));
    }
    let client = Client::of(&server);
    assert_eq!(client.raw(&client.put(b"{}")), b"{}");
}
