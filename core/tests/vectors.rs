//! `vectors.json`, whole: what the crate and the reference make of every text. The same file is run in Node and in
//! browsers.

mod reference;

use std::borrow::Cow;
use std::collections::HashSet;

use isoblob_core::{BlobId, ErrorKind, Limits, Position, canonicalize};
use reference::{Refusal, reference};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    canonical: Vec<Accepted>,
    refused: Vec<Refused>,
    numbers: Vec<Number>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Accepted {
    name: String,
    text: Option<String>,
    text_hex: Option<String>,
    canonical: String,
    id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Refused {
    name: String,
    text: Option<String>,
    text_hex: Option<String>,
    kind: String,
    offset: usize,
    line: usize,
    column: usize,
    pointer: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Number {
    bits: String,
    text: String,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("vectors.json")).expect("vectors.json has its form")
}

fn bytes(text: Option<String>, text_hex: Option<String>) -> Vec<u8> {
    match (text, text_hex) {
        (Some(text), None) => text.into_bytes(),
        (None, Some(digits)) => hex::decode(digits).expect("hexadecimal digits"),
        _ => panic!("a vector has either `text` or `textHex`"),
    }
}

#[test]
fn what_is_accepted_has_its_canonical_form_and_id() {
    for Accepted { name, text, text_hex, canonical, id } in vectors().canonical {
        let text = bytes(text, text_hex);
        let actual = canonicalize(&text, Limits::default()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(String::from_utf8_lossy(&actual), canonical, "{name}");
        assert_eq!(BlobId::of(&actual).to_string(), id, "{name}");
        assert_eq!(BlobId::of_json(&text, Limits::default()), Ok(BlobId::of(&actual)), "{name}: the id at once");
        let once_more = canonicalize(&actual, Limits::default());
        assert!(matches!(once_more, Ok(Cow::Borrowed(same)) if same == &*actual), "{name}: once more");
        assert_eq!(reference(&text, usize::MAX), Ok(actual.into_owned()), "{name}: the reference");
    }
}

#[test]
fn what_is_refused_says_why_and_where() {
    for Refused { name, text, text_hex, kind, offset, line, column, pointer } in vectors().refused {
        let text = bytes(text, text_hex);
        let error = canonicalize(&text, Limits::default()).expect_err(&name);
        let position = Some(Position { offset, line, column });
        assert_eq!(
            (error.kind().as_str(), error.position(), error.pointer()),
            (kind.as_str(), position, pointer.as_deref()),
            "{name}"
        );
        let refusal = Refusal { kind: error.kind(), position, pointer };
        assert_eq!(reference(&text, usize::MAX), Err(refusal), "{name}: the reference");
    }
}

#[test]
fn doubles_are_written_as_ecmascript_does() {
    for Number { bits, text } in vectors().numbers {
        let double = f64::from_bits(u64::from_str_radix(&bits, 16).expect("hexadecimal digits"));
        for literal in [format!("{double:e}"), format!("{double:.16e}"), format!("{double:.780e}")] {
            let canonical = canonicalize(literal.as_bytes(), Limits::default());
            assert_eq!(canonical.as_deref(), Ok(text.as_bytes()), "{bits} from {literal}");
            assert_eq!(reference(literal.as_bytes(), usize::MAX), Ok(text.clone().into_bytes()), "{bits}");
        }
        assert_eq!(
            canonicalize(text.as_bytes(), Limits::default()).as_deref(),
            Ok(text.as_bytes()),
            "{bits}: once more"
        );
    }
}

#[test]
fn no_name_is_used_twice_and_no_kind_is_left_out() {
    let Vectors { canonical, refused, .. } = vectors();
    let mut names = HashSet::new();
    for name in canonical.iter().map(|vector| &vector.name).chain(refused.iter().map(|vector| &vector.name)) {
        assert!(names.insert(name), "two vectors are called {name}");
    }
    let met: HashSet<_> = refused.iter().map(|vector| vector.kind.as_str()).collect();
    for kind in ErrorKind::ALL {
        // A text past the limit is too large to be written down here; a flow and an envelope are more than a text.
        let elsewhere = matches!(kind, ErrorKind::TooLarge | ErrorKind::InvalidFlow | ErrorKind::InvalidEnvelope);
        assert_ne!(met.contains(kind.as_str()), elsewhere, "{kind}");
    }
}

#[test]
fn a_text_past_the_limit_is_refused_before_it_is_read() {
    for text in ["[1,2]", "\u{feff}...", "[[[[[[", "\"ééé"] {
        let limit = text.len() - 1;
        let error = canonicalize(text.as_bytes(), Limits { max_text_bytes: limit }).expect_err(text);
        assert_eq!((error.kind(), error.position(), error.pointer()), (ErrorKind::TooLarge, None, None), "{text}");
        let refusal = Refusal { kind: ErrorKind::TooLarge, position: None, pointer: None };
        assert_eq!(reference(text.as_bytes(), limit), Err(refusal), "{text}: the reference");
    }
    assert_eq!(canonicalize(b"[1,2]", Limits { max_text_bytes: 5 }).as_deref(), Ok(b"[1,2]".as_slice()));
    let error = canonicalize(b"\xff", Limits { max_text_bytes: 0 }).expect_err("too large before not UTF-8");
    assert_eq!(error.kind(), ErrorKind::TooLarge);
}
