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
    let tag = match (form, &info.filename) {
        (Form::Raw, _) => format!("\"{id}\""),
        (Form::Envelope, None) => format!("\"{id}.{}\"", info.blob_type),
        (Form::Envelope, Some(filename)) => {
            let hash = BlobId::of(filename.as_str().as_bytes()).to_string();
            format!("\"{id}.{}.{}\"", info.blob_type, &hash[..16])
        }
    };
    HeaderValue::try_from(tag).expect("digits, dots and names of types are a header's value")
}

/// Whether the client has what this validator stands for already. The comparison is the weak one.
pub fn none_match_fails(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    headers.get_all(IF_NONE_MATCH).iter().any(|value| {
        // None of our validators holds a comma, so a list falls apart at commas well enough.
        let mut tags = value.as_bytes().split(|&byte| byte == b',').map(<[u8]>::trim_ascii);
        tags.any(|tag| tag == b"*" || tag.strip_prefix(b"W/").unwrap_or(tag) == etag.as_bytes())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_searched_by_weak_comparison() {
        let rows = [
            (r#""a""#, true),
            (r#"W/"a""#, true),
            (r#""b", "a""#, true),
            (r#""b" , W/"a" "#, true),
            ("*", true),
            (r#""b""#, false),
            ("a", false),
            (r#""A""#, false),
            ("", false),
        ];
        for (value, expected) in rows {
            let mut headers = HeaderMap::new();
            headers.insert(IF_NONE_MATCH, value.parse().expect("a header"));
            assert_eq!(none_match_fails(&headers, &HeaderValue::from_static(r#""a""#)), expected, "{value}");
        }
        assert!(!none_match_fails(&HeaderMap::new(), &HeaderValue::from_static(r#""a""#)));
    }
}
