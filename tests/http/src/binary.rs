//! Putting bytes and getting them back, with and without a filename.

use serde_json::json;

use crate::client::{BYTES, Client, sha256};
use crate::process::Server;

#[test]
fn bytes_are_stored_as_they_are() {
    let server = Server::in_memory();
    let client = Client::of(&server);
    let every: Vec<u8> = (0..=255).collect();
    for content in [&b""[..], b"\0", b"{\"a\":1, \"a\":2}", &every] {
        let id = client.put_binary(content, &[]);
        assert_eq!(id, sha256(content));
        let answer = client.get(&format!("/api/v1/blobs/{id}"), &[("accept", BYTES)]);
        assert_eq!(answer.body, content);
        assert_eq!((answer.content_type(), answer.header("x-blob-type")), (BYTES, "binary"));
        assert_eq!(answer.header("content-disposition"), "", "there is no filename");
    }
}

#[test]
fn an_envelope_holds_bytes_as_base64() {
    let server = Server::in_memory();
    let client = Client::of(&server);
    let id = client.put_binary(b"\x00\xff\xfe", &[("x-blob-filename", "three.bin")]);
    let envelope = json!({"data": "AP/+", "blobType": "binary", "blobId": id, "filename": "three.bin"});
    assert_eq!(client.envelope(&id).json(), envelope);

    let put = client.post(br#"{"data": "AP/+", "blobType": "binary"}"#);
    assert_eq!(client.stored(&put), id);
    client.post(br#"{"data": "AP/", "blobType": "binary"}"#).error(400, "invalid_envelope");
    client.post(br#"{"data": [0], "blobType": "binary"}"#).error(400, "invalid_envelope");
}

#[test]
fn a_filename_comes_back() {
    let server = Server::in_memory();
    let client = Client::of(&server);
    let rows = [
        ("report.pdf", r#"attachment; filename="report.pdf""#),
        ("two words.txt", r#"attachment; filename="two words.txt""#),
        (r#"so "called".txt"#, r#"attachment; filename="so _called_.txt"; filename*=UTF-8''so%20%22called%22.txt"#),
        // Where it is saved is not for whoever stored it to say (RFC 6266, section 4.3).
        ("../../etc/passwd", r#"attachment; filename="passwd""#),
        (r"..\..\autoexec.bat", r#"attachment; filename="autoexec.bat""#),
    ];
    for (filename, disposition) in rows {
        let id = client.put_binary(filename.as_bytes(), &[("x-blob-filename", filename)]);
        let answer = client.get(&format!("/api/v1/blobs/{id}"), &[("accept", BYTES)]);
        assert_eq!(answer.header("content-disposition"), disposition);
    }
}

#[test]
fn a_filename_beyond_ascii_comes_back() {
    let server = Server::in_memory();
    let client = Client::of(&server);
    let filename = "na\u{ef}ve \u{20ac}.txt";
    let envelope = json!({"data": "AP8=", "blobType": "binary", "filename": filename});
    let of_header = client.put_binary(b"\x00", &[("x-blob-filename", filename)]);
    let of_envelope = client.stored(&client.post(envelope.to_string().as_bytes()));
    for id in [of_header, of_envelope] {
        assert_eq!(client.envelope(&id).json()["filename"], filename);
        let answer = client.get(&format!("/api/v1/blobs/{id}"), &[("accept", BYTES)]);
        let disposition = answer.header("content-disposition");
        // RFC 8187, section 3.2.2: percent-encoded UTF-8.
        assert!(disposition.contains("filename*=UTF-8''na%C3%AFve%20%E2%82%AC.txt"), "{disposition}");
    }
}

#[test]
fn the_first_filename_stays() {
    let server = Server::in_memory();
    let client = Client::of(&server);
    let put = |headers: &[(&str, &str)]| client.put_binary(b"same", headers);
    let id = put(&[("x-blob-filename", "first.txt")]);
    for headers in [&[("x-blob-filename", "second.txt")][..], &[]] {
        assert_eq!(put(headers), id);
        assert_eq!(client.envelope(&id).json()["filename"], "first.txt");
    }
}
