//! The vectors that every part of the project is held to, `core/tests/vectors.json`, over HTTP.

use serde::Deserialize;

use crate::client::{Client, sha256};
use crate::process::Server;

#[derive(Deserialize)]
struct Vectors {
    canonical: Vec<Accepted>,
    refused: Vec<Refused>,
}

#[derive(Deserialize)]
struct Accepted {
    name: String,
    #[serde(flatten)]
    text: Text,
    canonical: String,
    id: String,
}

#[derive(Deserialize)]
struct Refused {
    name: String,
    #[serde(flatten)]
    text: Text,
    kind: String,
    offset: Option<usize>,
    line: Option<usize>,
    column: Option<usize>,
    pointer: Option<String>,
}

#[derive(Deserialize)]
enum Text {
    #[serde(rename = "text")]
    Unicode(String),
    #[serde(rename = "textHex")]
    Hex(String),
}

impl Text {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Unicode(text) => text.clone().into_bytes(),
            Self::Hex(digits) => hex::decode(digits).expect("hex digits"),
        }
    }
}

fn vectors() -> Vectors {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../core/tests/vectors.json");
    serde_json::from_slice(&std::fs::read(path).expect(path)).expect("vectors")
}

#[test]
fn every_canonical_form() {
    let server = Server::in_memory();
    let client = Client::of(&server);
    let vectors = vectors().canonical;
    assert!(vectors.len() >= 100, "{}", vectors.len());
    for Accepted { name, text, canonical, id } in &vectors {
        assert_eq!(&client.put(&text.bytes()), id, "{name}");
        assert_eq!(&sha256(canonical.as_bytes()), id, "{name}");
        assert_eq!(client.raw(id), canonical.as_bytes(), "{name}");
        let start = [b"{\"data\":", canonical.as_bytes(), b",\"blobType\":\"data\""].concat();
        assert!(client.envelope(id).body.starts_with(&start), "{name}: the data is verbatim");
    }
}

/// The part of a body before the data.
const BEFORE: &[u8] = b"{\"data\":";

#[test]
fn every_refusal() {
    let server = Server::in_memory();
    let client = Client::of(&server);
    let vectors = vectors().refused;
    assert!(vectors.len() >= 100, "{}", vectors.len());
    for vector in vectors {
        check_refusal(&client, &vector);
    }
}

fn check_refusal(client: &Client, vector: &Refused) {
    let text = vector.text.bytes();
    let offset = vector.offset.expect("every refused vector has an offset");
    // Where the fault is that the text ends, the body ends there too.
    let after: &[u8] = if offset == text.len() { b"" } else { b"}" };
    let body = [BEFORE, &text, after].concat();
    let answer = client.post(&body);
    let expected = match vector.kind.as_str() {
        // What follows the data is not the data's: the envelope cannot go on with it, or has ended with it.
        "trailing_characters" => {
            let error = answer.json();
            let reason = error["reason"].as_str().unwrap_or_default();
            assert!(["unexpected_character", "trailing_characters"].contains(&reason), "{}: {error}", vector.name);
            assert!(error["offset"].as_u64() >= Some((BEFORE.len() + offset) as u64), "{}: {error}", vector.name);
            answer.error(400, reason);
            return;
        }
        // At the beginning of a body it would be a byte-order mark; here it is no value.
        "byte_order_mark" => Expected::new("unexpected_character", &text, offset, Some("")),
        // The body is read as text before it is read as an envelope, and the fault is one of the body.
        "invalid_utf8" => Expected::new(&vector.kind, &body, BEFORE.len() + offset, None),
        kind => {
            // Positions are counted from the first byte of the data, which is no whitespace.
            let before_data = text.iter().take_while(|byte| b" \t\r\n".contains(byte)).count();
            let pointer = vector.pointer.as_deref();
            let expected = Expected::new(kind, &text[before_data..], offset - before_data, pointer);
            if before_data == 0 {
                assert_eq!(Some((expected.line, expected.column)), vector.line.zip(vector.column), "{}", vector.name);
            }
            expected
        }
    };
    let error = answer.error(400, expected.kind);
    let at = ["offset", "line", "column"].map(|member| error[member].as_u64());
    assert_eq!(
        at,
        [expected.offset, expected.line, expected.column].map(|n| Some(n as u64)),
        "{}: {error}",
        vector.name
    );
    assert_eq!(error["pointer"].as_str(), expected.pointer, "{}: {error}", vector.name);
}

/// What the answer must say.
struct Expected<'a> {
    kind: &'a str,
    offset: usize,
    line: usize,
    column: usize,
    pointer: Option<&'a str>,
}

impl<'a> Expected<'a> {
    /// A fault so many bytes into a text.
    fn new(kind: &'a str, text: &[u8], offset: usize, pointer: Option<&'a str>) -> Self {
        let before = std::str::from_utf8(&text[..offset]).expect("a fault is where a character begins");
        let line = before.rsplit('\n').next().expect("there is a last line");
        Self { kind, offset, line: before.split('\n').count(), column: line.chars().count() + 1, pointer }
    }
}
