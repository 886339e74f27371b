//! Putting JSON and getting it back.

use serde_json::json;

use crate::client::{Client, JSON, sha256};
use crate::process::Server;
use crate::random;

#[test]
fn what_the_documentation_shows_works_to_the_letter() {
    let server = Server::in_memory();
    let client = Client::of(&server);
    let body = br#"{"data": {"message": "Hello", "n": [1, 2.50]}, "blobType": "data"}"#;
    let answer = client.post(body);
    let id = sha256(br#"{"message":"Hello","n":[1,2.5]}"#);
    assert_eq!((answer.status, answer.content_type()), (200, JSON));
    assert_eq!(answer.json(), json!({"blobId": id}));

    let answer = client.get(&format!("/api/v1/blobs/{id}"), &[]);
    assert_eq!((answer.status, answer.content_type()), (200, JSON));
    assert_eq!(answer.json(), json!({"data": {"message": "Hello", "n": [1, 2.5]}, "blobType": "data", "blobId": id}));
}

#[test]
fn the_line_of_the_readme_that_proves_a_blob() {
    let server = Server::in_memory();
    let client = Client::of(&server);
    let id = client.put(r#"{"name": "Zoë", "id": 505874924095815681}"#.as_bytes());
    let url = client.url(&format!("/api/v1/blobs/{id}"));
    let line = format!("curl -s -H 'accept: application/octet-stream' {url} | sha256sum");
    let output = std::process::Command::new("sh").args(["-c", &line]).output().expect("sh, curl and sha256sum");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{id}  -\n"));
}

#[test]
fn key_order_and_whitespace_do_not_matter() {
    let server = Server::in_memory();
    let client = Client::of(&server);
    let id = client.put(br#"{"b":1,"a":2}"#);
    assert_eq!(id, sha256(br#"{"a":2,"b":1}"#));
    for same in [r#"{"a":2,"b":1}"#, " {\"\\u0062\" :1.0,\r\n\t\"a\":2e0 } "] {
        assert_eq!(client.put(same.as_bytes()), id, "{same}");
    }
}

#[test]
fn integers_keep_every_digit() {
    let server = Server::in_memory();
    let client = Client::of(&server);
    for integer in ["505874924095815681", "-9007199254740993", "18446744073709551617", "123456789012345678901234567890"]
    {
        let id = client.put(integer.as_bytes());
        assert_eq!(client.raw(&id), integer.as_bytes());
        let envelope = client.envelope(&id).text();
        assert!(envelope.starts_with(&format!(r#"{{"data":{integer},"#)), "{envelope}");
    }
}

#[test]
fn doubles_come_back_as_they_went_in() {
    let server = Server::in_memory();
    let client = Client::of(&server);
    let sent = random::doubles(20_000, 8785);
    let id = client.put(random::array(&sent).as_bytes());
    let came_back = random::parse_array(&String::from_utf8(client.raw(&id)).unwrap());
    assert_eq!(came_back.len(), sent.len());
    for (came_back, sent) in came_back.iter().zip(&sent) {
        assert_eq!(came_back.to_bits(), sent.to_bits(), "{sent:e}");
    }
    let envelope = client.envelope(&id).text();
    let data = String::from_utf8(client.raw(&id)).unwrap();
    assert_eq!(envelope, format!(r#"{{"data":{data},"blobType":"data","blobId":"{id}"}}"#), "the data is verbatim");
}

#[test]
fn the_most_specific_type_stays() {
    let server = Server::in_memory();
    let client = Client::of(&server);
    let flow = r#"{"steps":[{"component":"/a/b","id":"one"}]}"#;
    let put = |blob_type: &str| {
        client.stored(&client.post(format!(r#"{{"data":{flow},"blobType":"{blob_type}"}}"#).as_bytes()))
    };
    let type_of = |id: &str| client.envelope(id).json()["blobType"].clone();
    let id = client.put_binary(flow.as_bytes(), &[]);
    assert_eq!(type_of(&id), "binary");
    for (blob_type, stays) in [("data", "data"), ("flow", "flow"), ("data", "flow")] {
        assert_eq!((put(blob_type), type_of(&id)), (id.clone(), stays.into()));
    }
    assert_eq!((client.put_binary(flow.as_bytes(), &[]), type_of(&id)), (id.clone(), "flow".into()));
}

#[test]
fn large_blobs() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::on(directory.path());
    let client = Client::of(&server);
    // Around where blobs stop being rows and begin to be files, and far beyond.
    for bytes in [(256 << 10) - 1, 256 << 10, (256 << 10) + 1, 16 << 20] {
        let canonical = format!("\"{}\"", "x".repeat(bytes - 2));
        let id = client.put(canonical.as_bytes());
        assert_eq!(id, sha256(canonical.as_bytes()));
        assert!(client.raw(&id) == canonical.as_bytes(), "{bytes} bytes");
    }
}
