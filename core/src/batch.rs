//! The JSON bodies of requests about many blobs: [`BatchIdsRequest`], [`BatchPutRequest`].

use crate::canonicalize::check_text;
use crate::locate::skip_string;
use crate::members::read_members;
use crate::view::View;
use crate::{BlobId, Error, ErrorKind, JsonType, Limits, MAX_BATCH_BLOBS, PutRequest, canonicalize};
use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

/// The body that names blobs: `{"blobIds": ["<64 hex digits>", …]}`, at most [`MAX_BATCH_BLOBS`].
///
/// ```
/// use isoblob_core::{BatchIdsRequest, BlobId, Limits};
///
/// let body = format!(r#"{{"blobIds": ["{}"]}}"#, BlobId::of(b"{}"));
/// let request = BatchIdsRequest::parse(body.as_bytes(), Limits::default())?;
/// assert_eq!(request.blob_ids, [BlobId::of(b"{}")]);
/// # Ok::<(), isoblob_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchIdsRequest {
    /// The ids, in the order of the body.
    pub blob_ids: Vec<BlobId>,
}

impl BatchIdsRequest {
    /// Reads a body. Unknown members are left alone.
    ///
    /// # Errors
    ///
    /// A body that is not JSON, has no array `blobIds`, or has one of more than [`MAX_BATCH_BLOBS`], or of something
    /// that is no id.
    pub fn parse(body: &[u8], limits: Limits) -> Result<Self, Error> {
        let canonical = canonicalize(body, limits)?;
        let ids = View::new(&canonical).members().find(|(key, _)| key == "blobIds").map(|(_, ids)| ids);
        let ids = ids.filter(|ids| ids.type_of() == JsonType::Array).ok_or_else(|| invalid(NO_IDS, ""))?;
        if ids.elements().nth(MAX_BATCH_BLOBS).is_some() {
            return Err(too_many("blobIds"));
        }
        let parse = |(index, id): (usize, View<'_>)| {
            let id = id.as_string().and_then(|id| id.parse().ok());
            id.ok_or_else(|| invalid("a blob id is 64 lowercase hex digits", &format!("/blobIds/{index}")))
        };
        Ok(Self { blob_ids: ids.elements().enumerate().map(parse).collect::<Result<_, _>>()? })
    }
}

/// The body of many puts: `{"blobs": [<the body of a put>, …]}`, at most [`MAX_BATCH_BLOBS`].
///
/// Each is read by itself, as [`PutRequest::parse`] reads a body, so that one that is refused does not lose the others.
///
/// ```
/// use isoblob_core::{BatchPutRequest, ErrorKind, Limits};
///
/// let body = br#"{"blobs": [{"data": 1.0}, {"data": {"a": 1, "a": 2}}]}"#;
/// let [first, second] = BatchPutRequest::parse(body, Limits::default())?.blobs.try_into().unwrap();
/// assert_eq!(first?.blob.bytes(), b"1");
/// assert_eq!(second.unwrap_err().kind(), ErrorKind::DuplicateKey);
/// # Ok::<(), isoblob_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchPutRequest {
    /// The puts, in the order of the body, and of those that are refused, why: as if they had been sent alone.
    pub blobs: Vec<Result<PutRequest, Error>>,
}

impl BatchPutRequest {
    /// Reads a body. Unknown members are left alone.
    ///
    /// # Errors
    ///
    /// The body has no array `blobs`, has one of more than [`MAX_BATCH_BLOBS`], or is broken in such a way that it
    /// cannot be told where a put ends; with positions in the body.
    pub fn parse(body: &[u8], limits: Limits) -> Result<Self, Error> {
        let text = check_text(body, limits)?;
        let mut items = None;
        read_members(text, |reader, member| {
            let start = member.value_at;
            let is_blobs = member.key == "blobs";
            if is_blobs && items.is_some() {
                return Err(member.repeated().locate(body));
            }
            if is_blobs && let Some((found, end)) = split_array(text, start) {
                if found.len() > MAX_BATCH_BLOBS {
                    return Err(too_many("blobs"));
                }
                items = Some(found);
                return Ok(end);
            }
            let end = reader.document(start).map_err(|fault| fault.locate(body))?;
            reader.discard(end);
            // What is sound and cannot be split is no array.
            if is_blobs { Err(invalid(NO_BLOBS, "")) } else { Ok(end) }
        })?;
        let items = items.ok_or_else(|| invalid(NO_BLOBS, ""))?;
        Ok(Self { blobs: items.into_iter().map(|item| PutRequest::parse(item.as_bytes(), limits)).collect() })
    }
}

const NO_IDS: &str = "the body must be an object with an array `blobIds`";
const NO_BLOBS: &str = "the body must be an object with an array `blobs`";

fn too_many(member: &str) -> Error {
    invalid(format!("`{member}` has more than {MAX_BATCH_BLOBS} elements"), &format!("/{member}"))
}

fn invalid(what: impl Into<String>, pointer: &str) -> Error {
    Error::new(ErrorKind::InvalidEnvelope, what, None, Some(pointer.to_owned()))
}

/// The elements of the array that starts at an offset of a text, unread, and the array's end. `None` where there is no
/// array, or one whose elements cannot be told apart. More elements than one too many are not looked for.
fn split_array(text: &str, start: usize) -> Option<(Vec<&str>, usize)> {
    let bytes = text.as_bytes();
    let mut elements = Vec::new();
    let mut at = start;
    if bytes.get(at) != Some(&b'[') {
        return None;
    }
    loop {
        let element_at = spaces_end(bytes, at + 1);
        let element_end = element_end(bytes, element_at);
        at = spaces_end(bytes, element_end);
        let next = bytes.get(at)?;
        if element_at == element_end {
            // An empty array, or a comma too many.
            return (*next == b']' && elements.is_empty()).then_some((elements, at + 1));
        }
        elements.push(&text[element_at..element_end]);
        match next {
            b',' if elements.len() <= MAX_BATCH_BLOBS => {}
            b',' => return Some((elements, bytes.len())),
            b']' => return Some((elements, at + 1)),
            _ => return None,
        }
    }
}

fn spaces_end(text: &[u8], start: usize) -> usize {
    start + text[start..].iter().take_while(|byte| b" \n\r\t".contains(byte)).count()
}

/// The end of the value that starts at an offset, as far as brackets and quotes tell it.
fn element_end(text: &[u8], start: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = start;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'"' => {
                at += 1;
                skip_string(text, &mut at);
                at = at.min(text.len()) - 1;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth > 0 => depth -= 1,
            b'}' | b']' => return at,
            b',' | b' ' | b'\n' | b'\r' | b'\t' if depth == 0 => return at,
            _ => {}
        }
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests;
