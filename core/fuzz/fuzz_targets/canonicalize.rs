//! The crate and the reference canonicalizer agree on any bytes.

#![no_main]

#[path = "../../tests/reference/mod.rs"]
mod reference;

use std::borrow::Cow;

use isoblob_core::{BlobId, Limits, canonicalize};
use libfuzzer_sys::fuzz_target;
use reference::{Refusal, reference};

fuzz_target!(|text: &[u8]| {
    let limits = Limits::default();
    let actual = canonicalize(text, limits).map(Cow::into_owned).map_err(|error| Refusal {
        kind: error.kind(),
        position: error.position(),
        pointer: error.pointer().map(String::from),
    });
    assert_eq!(actual, reference(text, limits.max_text_bytes));
    if let Ok(canonical) = actual {
        assert_eq!(BlobId::of_json(text, limits), Ok(BlobId::of(&canonical)));
        assert!(matches!(canonicalize(&canonical, limits), Ok(Cow::Borrowed(same)) if same == canonical));
    }
});
