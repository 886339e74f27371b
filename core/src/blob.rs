//! [`Blob`]: bytes that are known to hash to their id.

use std::fmt;

use crate::{BlobId, BlobType, Error, Limits, canonicalize, validate_flow};

/// A blob: its bytes, the id that they hash to, and what they are. It exists only verified.
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
    bytes: Vec<u8>,
}

impl Blob {
    /// The blob of a JSON text: its canonical form.
    ///
    /// # Errors
    ///
    /// What [`canonicalize`] refuses.
    pub fn data(text: &[u8], limits: Limits) -> Result<Self, Error> {
        Ok(Self::canonical(BlobType::Data, canonicalize(text, limits)?.into_owned()))
    }

    /// The blob of a Stepflow workflow definition.
    ///
    /// # Errors
    ///
    /// What [`canonicalize`] refuses, and JSON that is no flow: see [`validate_flow`].
    pub fn flow(text: &[u8], limits: Limits) -> Result<Self, Error> {
        let bytes = canonicalize(text, limits)?;
        validate_flow(&bytes)?;
        Ok(Self::canonical(BlobType::Flow, bytes.into_owned()))
    }

    /// The blob of any bytes, as they are.
    pub fn binary(bytes: Vec<u8>) -> Self {
        Self { id: BlobId::of(&bytes), blob_type: BlobType::Binary, bytes }
    }

    /// The blob with this id, if these bytes are it.
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
    pub fn verify(id: BlobId, blob_type: BlobType, bytes: Vec<u8>) -> Result<Self, Mismatch> {
        let actual = BlobId::of(&bytes);
        if actual == id { Ok(Self { id, blob_type, bytes }) } else { Err(Mismatch { expected: id, actual }) }
    }

    /// A blob of bytes that are canonical by construction.
    pub(crate) fn canonical(blob_type: BlobType, bytes: Vec<u8>) -> Self {
        Self { id: BlobId::of(&bytes), blob_type, bytes }
    }

    /// The SHA-256 of the bytes.
    pub fn id(&self) -> BlobId {
        self.id
    }

    /// What the bytes are.
    pub fn blob_type(&self) -> BlobType {
        self.blob_type
    }

    /// The bytes: for JSON the canonical form.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes, for a caller who has done with the blob.
    pub fn into_bytes(self) -> Vec<u8> {
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

impl std::error::Error for Mismatch {}
