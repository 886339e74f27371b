//! The JSON bodies of Stepflow's Blob HTTP API: [`PutRequest`], [`PutResponse`], [`BlobEnvelope`] with its
//! [`EnvelopeFrame`].

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;
use core::mem;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use crate::canonicalize::{Reader, check_text, write_string};
use crate::fault::Fault;
use crate::members::{Member, read_members};
use crate::view::View;
use crate::{Blob, BlobId, BlobType, Error, ErrorKind, Limits, validate_flow};

/// The body of a put: `{"data": <any JSON>, "blobType": "data" | "flow" | "binary", "filename": "…"}`.
///
/// `data` is required; the type is `data` unless told otherwise; `binary` data is a base64 string (RFC 4648, section 4).
/// Unknown members are left alone, repeated ones too. As the members are read in whatever order they come, and `data` goes
/// into its canonical form on the way, a body costs one pass.
///
/// ```
/// use isoblob_core::{BlobType, Limits, PutRequest};
///
/// let put = PutRequest::parse(br#"{"data": {"b": 1, "a": 2}, "blobType": "data"}"#, Limits::default())?;
/// assert_eq!(put.blob.bytes(), br#"{"a":2,"b":1}"#);
/// assert_eq!(put.blob.blob_type(), BlobType::Data);
/// # Ok::<(), isoblob_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutRequest {
    /// The blob to store.
    pub blob: Blob,
    /// The filename to store with it.
    pub filename: Option<String>,
}

impl PutRequest {
    /// Reads a body.
    ///
    /// # Errors
    ///
    /// A body that is not JSON or not an envelope, with positions in the body; and `data` that is refused as a blob,
    /// with positions counted from the first byte of `data`, so that they are those of the same text anywhere else.
    pub fn parse(body: &[u8], limits: Limits) -> Result<Self, Error> {
        Self::parse_into(Vec::new(), body, limits)
    }

    /// [`parse`](Self::parse), where the canonical form is written into memory that the caller has already: new memory can
    /// take longer to come by than to fill. What it holds is forgotten. The blob's bytes are in it, unless they were out of
    /// order or base64.
    ///
    /// # Errors
    ///
    /// Those of [`parse`](Self::parse).
    ///
    /// ```
    /// use isoblob_core::{Limits, PutRequest};
    ///
    /// let memory = Vec::with_capacity(1 << 20);
    /// let put = PutRequest::parse_into(memory, br#"{"data": [1.0]}"#, Limits::default())?;
    /// assert_eq!(put.blob.bytes(), b"[1]");
    /// let memory = Vec::from(put.blob.into_bytes());
    /// assert_eq!(memory.capacity(), 1 << 20);
    /// # Ok::<(), isoblob_core::Error>(())
    /// ```
    pub fn parse_into(memory: Vec<u8>, body: &[u8], limits: Limits) -> Result<Self, Error> {
        let Parts { data, blob_type, filename, .. } = Parts::read(memory, check_text(body, limits)?)?;
        let blob_type = match text_member(blob_type, "blobType")? {
            None => BlobType::default(),
            Some(name) => name.parse().map_err(|error| invalid(format!("{error}, not `{name}`"), "/blobType"))?,
        };
        let filename = text_member(filename, "filename")?;
        let data = data.ok_or_else(|| invalid("the body has no `data`", ""))?;
        let blob = match blob_type {
            BlobType::Data => Blob::canonical(blob_type, data.into()),
            BlobType::Flow => {
                validate_flow(&data)?;
                Blob::canonical(blob_type, data.into())
            }
            BlobType::Binary => Blob::binary(decode_base64(&data)?),
        };
        Ok(Self { blob, filename })
    }
}

/// The members of an envelope, each in its canonical form.
#[derive(Default)]
struct Parts {
    /// What `data` is written into.
    memory: Vec<u8>,
    data: Option<Vec<u8>>,
    blob_type: Option<Vec<u8>>,
    filename: Option<Vec<u8>>,
}

impl Parts {
    fn read(memory: Vec<u8>, body: &str) -> Result<Self, Error> {
        let mut parts = Self { memory, ..Self::default() };
        let is_object = read_members(body, |reader, member| parts.read_member(reader, body.as_bytes(), &member))?;
        if is_object { Ok(parts) } else { Err(invalid("the body must be an object with `data`", "")) }
    }

    fn read_member(&mut self, reader: &mut Reader<'_>, body: &[u8], member: &Member) -> Result<usize, Error> {
        let locate = |fault: Fault| fault.locate(body);
        let start = member.value_at;
        let (part, is_data) = match member.key.as_str() {
            "data" => (&mut self.data, true),
            "blobType" => (&mut self.blob_type, false),
            "filename" => (&mut self.filename, false),
            _ => return reader.document(start).map_err(locate),
        };
        if part.is_some() {
            return Err(locate(member.repeated()));
        }
        reader.discard(start);
        if is_data {
            reader.lend(mem::take(&mut self.memory));
        }
        let end = reader
            .document(start)
            .map_err(|fault| if is_data { fault.counted_from(start).locate(&body[start..]) } else { locate(fault) })?;
        *part = Some(reader.take_owned(end));
        Ok(end)
    }
}

/// The characters of a member that is a string, if it is there and not null.
fn text_member(canonical: Option<Vec<u8>>, name: &str) -> Result<Option<String>, Error> {
    let Some(canonical) = canonical.filter(|canonical| canonical != b"null") else { return Ok(None) };
    let value = View::new(&canonical);
    let not_text =
        || invalid(format!("`{name}` must be a string, not {}", value.type_of().described()), &format!("/{name}"));
    value.as_string().map(Some).ok_or_else(not_text)
}

fn decode_base64(canonical: &[u8]) -> Result<Vec<u8>, Error> {
    let text = View::new(canonical).as_string();
    text.and_then(|text| BASE64.decode(text).ok())
        .ok_or_else(|| invalid("the `data` of a binary blob must be a base64 string", "/data"))
}

fn invalid(what: impl Into<String>, pointer: &str) -> Error {
    Error::new(ErrorKind::InvalidEnvelope, what, None, Some(pointer.to_owned()))
}

/// The answer to a put: `{"blobId": "<64 hex digits>"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PutResponse {
    /// The id of the blob.
    pub blob_id: BlobId,
}

/// The answer to a get: `{"data": …, "blobType": "…", "blobId": "…", "filename": "…"}`.
///
/// ```
/// use isoblob_core::{Blob, BlobEnvelope, Limits};
///
/// let blob = Blob::data(b"[1.0]", Limits::default())?;
/// let envelope = BlobEnvelope { blob: &blob, filename: None }.to_json();
/// assert_eq!(
///     String::from_utf8_lossy(&envelope),
///     format!(r#"{{"data":[1],"blobType":"data","blobId":"{}"}}"#, blob.id()),
/// );
/// # Ok::<(), isoblob_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct BlobEnvelope<'a> {
    /// The blob.
    pub blob: &'a Blob,
    /// The filename that was stored with it.
    pub filename: Option<&'a str>,
}

impl BlobEnvelope<'_> {
    /// The envelope as JSON: `data` is the blob's bytes verbatim, for a binary blob their base64 (RFC 4648, section 4)
    /// as a string. `filename` is left out where there is none.
    pub fn to_json(&self) -> Vec<u8> {
        let (bytes, blob_type) = (self.blob.bytes(), self.blob.blob_type());
        let EnvelopeFrame { head, tail } = EnvelopeFrame::new(self.blob.id(), blob_type, self.filename);
        match blob_type {
            BlobType::Data | BlobType::Flow => [head.as_bytes(), bytes, &tail].concat(),
            BlobType::Binary => [head.as_bytes(), BASE64.encode(bytes).as_bytes(), &tail].concat(),
        }
    }
}

/// What stands around the data of an envelope: for one whose data is written piece by piece.
///
/// ```
/// use isoblob_core::{BlobId, BlobType, EnvelopeFrame};
///
/// let id = BlobId::of(b"[1]");
/// let EnvelopeFrame { head, tail } = EnvelopeFrame::new(id, BlobType::Data, Some("a.json"));
/// assert_eq!(head, r#"{"data":"#);
/// assert_eq!(
///     String::from_utf8_lossy(&tail),
///     format!(r#","blobType":"data","blobId":"{id}","filename":"a.json"}}"#),
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvelopeFrame {
    /// What comes before the data.
    pub head: &'static str,
    /// What comes after it.
    pub tail: Vec<u8>,
}

impl EnvelopeFrame {
    /// The frame of a blob. That of a binary one begins and ends the string in which its base64 is.
    pub fn new(id: BlobId, blob_type: BlobType, filename: Option<&str>) -> Self {
        let (head, quote) = match blob_type {
            BlobType::Data | BlobType::Flow => (r#"{"data":"#, ""),
            BlobType::Binary => (r#"{"data":""#, "\""),
        };
        let mut tail = format!(r#"{quote},"blobType":"{blob_type}","blobId":"{id}""#).into_bytes();
        if let Some(filename) = filename {
            tail.extend_from_slice(br#","filename":"#);
            write_string(filename, &mut tail);
        }
        tail.push(b'}');
        Self { head, tail }
    }
}

#[cfg(test)]
mod tests;
