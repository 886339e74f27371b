//! `PutRequest::parse` agrees with a reading of the envelope by `serde_json`, member by member, and of the members by
//! the reference canonicalizer.

#![no_main]

#[path = "../../tests/reference/mod.rs"]
mod reference;

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use isoblob_core::{BlobEnvelope, BlobType, ErrorKind, Limits, PutRequest, validate_flow};
use libfuzzer_sys::fuzz_target;
use reference::reference;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The members of an object, in the order of the text, their values as they are written.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

/// What a well-formed envelope must come to: the type and the content, or the kind of the first fault.
fn expected(members: &[(String, &RawValue)]) -> Result<(BlobType, Vec<u8>, Option<String>), ErrorKind> {
    let (mut data, mut blob_type, mut filename) = (None, None, None);
    for (key, value) in members {
        let part = match key.as_str() {
            "data" => &mut data,
            "blobType" => &mut blob_type,
            "filename" => &mut filename,
            _ => &mut None,
        };
        if part.is_some() {
            return Err(ErrorKind::DuplicateKey);
        }
        let canonical = reference(value.get().as_bytes(), usize::MAX).map_err(|refusal| refusal.kind)?;
        *part = Some(canonical);
    }
    let text = |member: Option<Vec<u8>>| match member {
        Some(canonical) => serde_json::from_slice::<Option<String>>(&canonical).map_err(|_| ErrorKind::InvalidEnvelope),
        None => Ok(None),
    };
    let blob_type = match text(blob_type)? {
        Some(name) => name.parse().map_err(|_| ErrorKind::InvalidEnvelope)?,
        None => BlobType::Data,
    };
    let filename = text(filename)?;
    let data = data.ok_or(ErrorKind::InvalidEnvelope)?;
    let content = match blob_type {
        BlobType::Data => data,
        BlobType::Flow => {
            validate_flow(&data).map_err(|error| error.kind())?;
            data
        }
        BlobType::Binary => {
            let text: String = serde_json::from_slice(&data).map_err(|_| ErrorKind::InvalidEnvelope)?;
            BASE64.decode(text).map_err(|_| ErrorKind::InvalidEnvelope)?
        }
    };
    Ok((blob_type, content, filename))
}

fuzz_target!(|body: &[u8]| {
    let limits = Limits::default();
    let actual = PutRequest::parse(body, limits);
    let Ok(Members(members)) = serde_json::from_slice(body) else {
        let error = actual.expect_err("serde_json does not accept this body");
        if let Ok(value) = serde_json::from_slice::<&RawValue>(body) {
            // JSON, but no object: what is wrong inside it comes first.
            let refused = reference(value.get().as_bytes(), usize::MAX).map_err(|refusal| refusal.kind);
            if !value.get().starts_with('{') {
                assert_eq!(error.kind(), refused.err().unwrap_or(ErrorKind::InvalidEnvelope));
            }
        }
        return;
    };
    let expected = expected(&members);
    match (&actual, &expected) {
        (Ok(put), Ok((blob_type, content, filename))) => {
            assert_eq!((put.blob.blob_type(), put.blob.bytes()), (*blob_type, content.as_slice()));
            assert_eq!(&put.filename, filename);
            let written = BlobEnvelope { blob: &put.blob, filename: put.filename.as_deref() }.to_json();
            assert_eq!(PutRequest::parse(&written, limits).as_ref(), Ok(put), "what is written is read");
        }
        (Err(error), Err(kind)) => assert_eq!(error.kind(), *kind),
        _ => panic!("{actual:?} where {expected:?} was expected"),
    }
    // A fault inside `data` has the place that it would have in the same text alone.
    if let (Err(error), [(key, data)]) = (&actual, members.as_slice())
        && key == "data"
        && let Err(refusal) = reference(data.get().as_bytes(), usize::MAX)
    {
        assert_eq!((error.position(), error.pointer()), (refusal.position, refusal.pointer.as_deref()));
    }
});
