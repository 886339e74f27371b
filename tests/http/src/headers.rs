//! What an answer says about a blob besides the blob: headers, `HEAD`, conditional requests.

use crate::client::{Answer, BYTES, Client, JSON};
use crate::process::Server;

/// The bytes under an id never change.
const FOREVER: &str = "public, max-age=31536000, immutable";

/// An envelope can: a later put may say more of the type, or give a filename.
const ASK_AGAIN: &str = "public, no-cache";

/// The forms of a blob: what is accepted, what comes, how long it is good for.
const FORMS: [(&str, &str, &str); 3] = [("*/*", JSON, ASK_AGAIN), (JSON, JSON, ASK_AGAIN), (BYTES, BYTES, FOREVER)];

#[test]
fn both_forms_say_what_they_are_and_for_how_long() {
    let server = Server::in_memory();
    let client = Client::of(&server);
    let id = client.put(b"[1,2,3]");
    for (accept, content_type, caching) in FORMS {
        let answer = client.get(&format!("/api/v1/blobs/{id}"), &[("accept", accept)]);
        assert_eq!((answer.status, answer.content_type()), (200, content_type), "{accept}");
        assert!(answer.header("etag").starts_with(&format!("\"{id}")), "{answer:?}");
        assert_eq!(answer.header("cache-control"), caching);
        assert!(answer.header("vary").to_ascii_lowercase().contains("accept"), "one URL, two forms: {answer:?}");
        assert_eq!(answer.header("content-length"), answer.body.len().to_string());
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
}

#[test]
fn a_tag_names_one_form() {
    let server = Server::in_memory();
    let client = Client::of(&server);
    let id = client.put(b"[1,2,3]");
    let raw = client.get(&format!("/api/v1/blobs/{id}"), &[("accept", BYTES)]);
    assert_eq!(raw.header("etag"), format!("\"{id}\""));
    assert_eq!(raw.header("x-blob-type"), "data");
    // A strong tag (RFC 9110, section 8.8.1) is that of the very bytes, and the envelope has other bytes.
    assert_ne!(client.envelope(&id).header("etag"), raw.header("etag"));
}

#[test]
fn what_has_not_changed_is_not_sent_again() {
    let server = Server::in_memory();
    let client = Client::of(&server);
    let id = client.put(b"[1,2,3]");
    let path = format!("/api/v1/blobs/{id}");
    for (accept, _, caching) in FORMS {
        let tag = client.get(&path, &[("accept", accept)]).header("etag").to_owned();
        let weak = format!("W/{tag}");
        // The answer names what the client has, which is weak where it was compressed.
        for (matching, tag) in [(&tag, &tag), (&"*".into(), &tag), (&weak, &weak), (&format!("\"other\", {tag}"), &tag)]
        {
            let answer = client.get(&path, &[("accept", accept), ("if-none-match", matching)]);
            assert_eq!((answer.status, answer.body.len()), (304, 0), "{matching}");
            assert_eq!((answer.header("etag"), answer.header("cache-control")), (tag.as_str(), caching));
        }
        let answer = client.get(&path, &[("accept", accept), ("if-none-match", "\"other\"")]);
        assert_eq!(answer.status, 200);
    }
    let missing = format!("/api/v1/blobs/{}", "0".repeat(64));
    client.get(&missing, &[("if-none-match", "*")]).error(404, "not_found");
}

#[test]
fn a_tag_changes_with_what_the_envelope_says() {
    let server = Server::in_memory();
    let client = Client::of(&server);
    let flow = r#"{"steps":[]}"#;
    let id = client.put(flow.as_bytes());
    let path = format!("/api/v1/blobs/{id}");
    let tags = [JSON, BYTES].map(|accept| client.get(&path, &[("accept", accept)]).header("etag").to_owned());
    client.stored(&client.post(format!(r#"{{"data":{flow},"blobType":"flow"}}"#).as_bytes()));
    let [envelope, raw] = [JSON, BYTES].map(|accept| (accept, tags[usize::from(accept == BYTES)].as_str()));
    for ((accept, tag), status) in [(envelope, 200), (raw, 304)] {
        assert_eq!(client.get(&path, &[("accept", accept), ("if-none-match", tag)]).status, status, "{accept}");
    }
}

#[test]
fn head_answers_what_get_does_without_the_body() {
    let server = Server::in_memory();
    let client = Client::of(&server);
    let id = client.put(b"[1,2,3]");
    let missing = "0".repeat(64);
    for (id, accept, status) in [(&id, JSON, 200), (&id, BYTES, 200), (&missing, JSON, 404)] {
        let path = format!("/api/v1/blobs/{id}");
        let get = client.get(&path, &[("accept", accept)]);
        let head = client.send("HEAD", &path, &[("accept", accept)], b"");
        assert_eq!((get.status, head.status, head.body.len()), (status, status, 0));
        let names = ["content-type", "content-length", "etag", "cache-control", "vary", "x-blob-type"];
        let headers = |answer: &Answer| names.map(|name| answer.header(name).to_owned());
        assert_eq!(headers(&head), headers(&get), "{accept}");
    }
}
