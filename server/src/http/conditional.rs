//! Validators: what `ETag` a form of a blob has, and what `If-None-Match` says to it (RFC 9110, sections 8.8.3, 13.1.2).

use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::header::IF_NONE_MATCH;
use isoblob_core::BlobId;

use super::accept::Form;
use crate::store::BlobInfo;

/// The strong validator of a form of a blob.
///
/// A strong validator is of bytes, and differs between the forms of one resource. The raw bytes never change: theirs is
/// the id. The envelope also tells the type and the filename, either of which a later put can better: its validator
/// names them, the filename by the first digits of its hash.
pub fn etag(id: BlobId, form: Form, info: &BlobInfo) -> HeaderValue {
    let id = id.to_string();
    let tag = match (form, &info.filename) {
        (Form::Raw, _) => ["\"", &id, "\""].concat(),
        (Form::Envelope, None) => ["\"", &id, ".", info.blob_type.as_str(), "\""].concat(),
        (Form::Envelope, Some(filename)) => {
            let hash = BlobId::of(filename.as_str().as_bytes()).to_string();
            ["\"", &id, ".", info.blob_type.as_str(), ".", &hash[..16], "\""].concat()
        }
    };
    HeaderValue::try_from(tag).expect("digits, dots and names of types are a header's value")
}

/// The weak validator that goes with a strong one: of an answer that is equivalent, but has other bytes.
pub fn weaken(etag: &HeaderValue) -> HeaderValue {
    let weak = [b"W/", etag.as_bytes()].concat();
    HeaderValue::from_bytes(&weak).expect("a header's value stays one behind two letters")
}

/// The validator of what the client has already, if that is what this one stands for, by weak comparison: this one, or the
/// weak one of an answer that was compressed.
pub fn none_match_fails(headers: &HeaderMap, etag: &HeaderValue) -> Option<HeaderValue> {
    // None of our validators holds a comma, so a list falls apart at commas well enough.
    let tags = || {
        let lines = headers.get_all(IF_NONE_MATCH).into_iter();
        lines.flat_map(|value| value.as_bytes().split(|&byte| byte == b',').map(<[u8]>::trim_ascii))
    };
    if tags().any(|tag| tag == b"*" || tag == etag.as_bytes()) {
        return Some(etag.clone());
    }
    tags().any(|tag| tag.strip_prefix(b"W/") == Some(etag.as_bytes())).then(|| weaken(etag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_searched_by_weak_comparison() {
        let (strong, weak) = (Some(r#""a""#), Some(r#"W/"a""#));
        let rows = [
            (r#""a""#, strong),
            (r#"W/"a""#, weak),
            (r#""b", "a""#, strong),
            (r#"W/"a", "a""#, strong),
            (r#""b" , W/"a" "#, weak),
            ("*", strong),
            (r#""b""#, None),
            ("a", None),
            (r#""A""#, None),
            ("", None),
        ];
        for (value, expected) in rows {
            let mut headers = HeaderMap::new();
            headers.insert(IF_NONE_MATCH, value.parse().expect("a header"));
            let etag = HeaderValue::from_static(r#""a""#);
            assert_eq!(none_match_fails(&headers, &etag), expected.map(HeaderValue::from_static), "{value}");
        }
        assert_eq!(none_match_fails(&HeaderMap::new(), &HeaderValue::from_static(r#""a""#)), None);
    }
}
