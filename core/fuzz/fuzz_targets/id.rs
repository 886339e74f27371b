//! A `BlobId` parses what it displays and nothing else.

#![no_main]

use isoblob_core::BlobId;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let id = BlobId::of(bytes);
    assert_eq!(id.to_string().parse(), Ok(id));
    if let Some(bytes) = bytes.first_chunk() {
        let id = BlobId::from_bytes(*bytes);
        assert_eq!((id.as_bytes(), id.to_string().parse()), (bytes, Ok(id)));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let is_an_id = text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        match text.parse::<BlobId>() {
            Ok(id) => assert!(is_an_id && id.to_string() == text),
            Err(_) => assert!(!is_an_id),
        }
    }
});
