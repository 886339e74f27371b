//! [`Blob`]: bytes that are known to hash to their id.

use core::fmt;

use bytes::Bytes;

use crate::canonicalize::canonicalize_and_hash;
use crate::{BlobId, BlobType, Error, Limits, MAX_TEXT_BYTES, canonicalize, validate_flow};

/// A blob: its bytes, the id that they hash to, and what they are. It exists only verified. A clone shares the bytes.
///
/// ```
/// use isoblob_core::{Blob, Limits};
///
/// let one = Blob::data(br#"{"b": 1, "a": 2}"#, Limits::default())?;
/// let other = Blob::data(br#"{"a":2,"b":1}"#, Limits::default())?;
/// assert_eq!(one.id(), other.id());
/// assert_eq!(one.bytes(), br#"{"a":2,"b":1}"#);
/// # Ok::<(), isoblob_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "`type` is a word of the language")]
pub struct Blob {
    id: BlobId,
    blob_type: BlobType,
    canonical: bool,
    bytes: Bytes,
}

impl Blob {
    /// The blob of a JSON text: its canonical form.
    ///
    /// # Errors
    ///
    /// What [`canonicalize`] refuses.
    pub fn data(text: &[u8], limits: Limits) -> Result<Self, Error> {
        let (bytes, id) = canonicalize_and_hash(text, limits)?;
        Ok(Self { id, blob_type: BlobType::Data, canonical: true, bytes: bytes.into_owned().into() })
    }

    /// The blob of a Stepflow workflow definition.
    ///
    /// # Errors
    ///
    /// What [`canonicalize`] refuses, and JSON that is no flow: see [`validate_flow`].
    pub fn flow(text: &[u8], limits: Limits) -> Result<Self, Error> {
        let (bytes, id) = canonicalize_and_hash(text, limits)?;
        validate_flow(&bytes)?;
        Ok(Self { id, blob_type: BlobType::Flow, canonical: true, bytes: bytes.into_owned().into() })
    }

    /// The blob of any bytes, as they are.
    pub fn binary(bytes: impl Into<Bytes>) -> Self {
        Self::canonical(BlobType::Binary, bytes.into())
    }

    /// The blob with this id, if these bytes are it. They were stored as a blob, so JSON is taken to be canonical.
    ///
    /// # Errors
    ///
    /// The bytes hash to another id.
    ///
    /// ```
    /// use isoblob_core::{Blob, BlobId, BlobType};
    ///
    /// let id = BlobId::of(b"{}");
    /// assert!(Blob::verify(id, BlobType::Data, b"{}".to_vec()).is_ok());
    /// assert_eq!(Blob::verify(id, BlobType::Data, b"[]".to_vec()).unwrap_err().expected, id);
    /// ```
    pub fn verify(id: BlobId, blob_type: BlobType, bytes: impl Into<Bytes>) -> Result<Self, Mismatch> {
        let blob = Self::canonical(blob_type, bytes.into());
        if blob.id == id { Ok(blob) } else { Err(Mismatch { expected: id, actual: blob.id }) }
    }

    /// The blob with this id, if these bytes are it, as another program stored them: its JSON may be in any form, and
    /// stays in it. [`is_canonical`](Self::is_canonical) tells.
    ///
    /// # Errors
    ///
    /// The bytes hash to another id; or they are of a type that is JSON, and [`canonicalize`] refuses them.
    ///
    /// ```
    /// use isoblob_core::{Blob, BlobId, BlobType};
    ///
    /// let bytes = br#"{"b":1.0,"a":2}"#;
    /// let blob = Blob::verify_any_form(BlobId::of(bytes), BlobType::Data, bytes.to_vec())?;
    /// assert_eq!(blob.bytes(), bytes);
    /// assert!(!blob.is_canonical());
    /// # Ok::<(), isoblob_core::VerifyError>(())
    /// ```
    pub fn verify_any_form(id: BlobId, blob_type: BlobType, bytes: impl Into<Bytes>) -> Result<Self, VerifyError> {
        let blob = Self::verify(id, blob_type, bytes)?;
        let canonical = match blob_type {
            BlobType::Binary => true,
            BlobType::Data | BlobType::Flow => {
                *canonicalize(&blob.bytes, Limits { max_text_bytes: MAX_TEXT_BYTES })? == blob.bytes
            }
        };
        Ok(Self { canonical, ..blob })
    }

    /// A blob of bytes that are canonical by construction.
    pub(crate) fn canonical(blob_type: BlobType, bytes: Bytes) -> Self {
        Self { id: BlobId::of(&bytes), blob_type, canonical: true, bytes }
    }

    /// The SHA-256 of the bytes.
    pub fn id(&self) -> BlobId {
        self.id
    }

    /// What the bytes are.
    pub fn blob_type(&self) -> BlobType {
        self.blob_type
    }

    /// Whether the bytes are the canonical form of what they say, so that whoever says the same has the same id. It is
    /// `false` only of JSON from [`verify_any_form`](Self::verify_any_form); bytes that are no JSON are their own form.
    pub fn is_canonical(&self) -> bool {
        self.canonical
    }

    /// The bytes: for JSON the canonical form, unless [`is_canonical`](Self::is_canonical) says otherwise.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes, for a caller who has done with the blob.
    pub fn into_bytes(self) -> Bytes {
        self.bytes
    }
}

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Blob({} {}, {} bytes)", self.blob_type, self.id, self.bytes.len())
    }
}

/// Bytes that do not hash to the id they were said to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The id that was asked for.
    pub expected: BlobId,
    /// The id that the bytes have.
    pub actual: BlobId,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the bytes hash to {}, not to {}", self.actual, self.expected)
    }
}

impl core::error::Error for Mismatch {}

/// Why bytes are not the blob that they were said to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VerifyError {
    /// They hash to another id.
    Mismatch(Mismatch),
    /// They hash to the id, and are not the JSON that their type says.
    NotJson(Error),
}

impl From<Mismatch> for VerifyError {
    fn from(mismatch: Mismatch) -> Self {
        Self::Mismatch(mismatch)
    }
}

impl From<Error> for VerifyError {
    fn from(error: Error) -> Self {
        Self::NotJson(error)
    }
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mismatch(mismatch) => mismatch.fmt(f),
            Self::NotJson(error) => write!(f, "the bytes cannot be read as JSON: {error}"),
        }
    }
}

impl core::error::Error for VerifyError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_another_program_are_kept_as_they_are_and_told_apart() {
        use BlobType::{Binary, Data, Flow};
        let rows: [(&str, BlobType, bool); 6] = [
            (r#"{"a":2,"b":1}"#, Data, true),
            (r#"{"b":1,"a":2}"#, Data, false),
            ("1.0", Data, false),
            (" 1", Data, false),
            (r#"{"steps":[],"name":"n"}"#, Flow, false),
            (r#"{"b":1,"a":2}"#, Binary, true),
        ];
        for (text, blob_type, canonical) in rows {
            let blob = Blob::verify_any_form(BlobId::of(text.as_bytes()), blob_type, text).expect(text);
            assert_eq!((blob.bytes(), blob.is_canonical()), (text.as_bytes(), canonical), "{text} {blob_type}");
        }
    }

    #[test]
    fn bytes_that_are_not_the_blob_are_refused() {
        let check = |id: BlobId, text: &str, expected: &str| {
            let error = Blob::verify_any_form(id, BlobType::Data, text.to_owned()).expect_err(text);
            assert_eq!(error.to_string(), expected);
        };
        let (zero, one) = (BlobId::of(b"0"), BlobId::of(b"1"));
        check(zero, "1", &format!("the bytes hash to {one}, not to {zero}"));
        check(
            BlobId::of(b"{\"a\":1,\"a\":2}"),
            r#"{"a":1,"a":2}"#,
            "the bytes cannot be read as JSON: the object has this key already, at line 1 column 8 (byte 7), in `/a`",
        );
    }
}
