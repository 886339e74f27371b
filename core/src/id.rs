//! [`BlobId`]: the SHA-256 of a blob's bytes.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest as _, Sha256};

use crate::canonicalize::id_of_json;
use crate::{Error, Limits};

/// The id of a blob: the SHA-256 of its bytes, written as 64 lowercase hex digits.
///
/// For JSON the bytes are the canonical ones, so equal data has one id. There is one spelling: parsing refuses
/// uppercase digits, and [`Display`](fmt::Display) and [`FromStr`] are inverse.
///
/// ```
/// use isoblob_core::BlobId;
///
/// let id = BlobId::of(b"{}");
/// assert_eq!(id.to_string(), "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
/// assert_eq!(id.to_string().parse(), Ok(id));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobId([u8; BlobId::BYTES]);

impl BlobId {
    /// The number of bytes in an id, 32.
    pub const BYTES: usize = 32;

    /// The number of hex digits in a written id, 64.
    pub const HEX_DIGITS: usize = 2 * Self::BYTES;

    /// The id of these bytes, which are a blob's content as it is stored: canonical JSON, or any bytes at all.
    pub fn of(content: &[u8]) -> Self {
        Self(Sha256::digest(content).into())
    }

    /// The id of a JSON text: that of its canonical form.
    ///
    /// ```
    /// use isoblob_core::{BlobId, Limits};
    ///
    /// let id = BlobId::of_json(br#"{"b": 1.0, "a": 2}"#, Limits::default())?;
    /// assert_eq!(id, BlobId::of(br#"{"a":2,"b":1}"#));
    /// # Ok::<(), isoblob_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// What [`canonicalize`](crate::canonicalize) refuses.
    pub fn of_json(text: &[u8], limits: Limits) -> Result<Self, Error> {
        id_of_json(text, limits)
    }

    /// The id that these 32 bytes spell.
    pub const fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes of the id.
    pub const fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = [0; Self::HEX_DIGITS];
        hex::encode_to_slice(self.0, &mut digits).map_err(|_| fmt::Error)?;
        f.pad(core::str::from_utf8(&digits).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlobId({self})")
    }
}

impl FromStr for BlobId {
    type Err = ParseBlobIdError;

    /// # Errors
    ///
    /// The text is not 64 lowercase hex digits.
    fn from_str(text: &str) -> Result<Self, ParseBlobIdError> {
        let mut bytes = [0; Self::BYTES];
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) || hex::decode_to_slice(text, &mut bytes).is_err() {
            return Err(ParseBlobIdError(()));
        }
        Ok(Self(bytes))
    }
}

/// A text that is not a blob id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseBlobIdError(());

impl fmt::Display for ParseBlobIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a blob id is 64 lowercase hex digits")
    }
}

impl core::error::Error for ParseBlobIdError {}

impl Serialize for BlobId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for BlobId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = alloc::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn spells_and_parses_one_way() {
        let id = BlobId::of(b"");
        assert_eq!(id.to_string(), EMPTY);
        assert_eq!(format!("{id:?}"), format!("BlobId({EMPTY})"));
        assert_eq!(EMPTY.parse(), Ok(id));
        assert_eq!(BlobId::from_bytes(*id.as_bytes()), id);
    }

    #[test]
    fn refuses_every_other_spelling() {
        let upper = EMPTY.to_uppercase();
        let spaced = format!(" {EMPTY}");
        let prefixed = format!("0x{}", &EMPTY[2..]);
        for text in ["", "e3", &EMPTY[1..], &upper, &spaced, &prefixed, &format!("{EMPTY}0"), &"é".repeat(32)] {
            let error = text.parse::<BlobId>().expect_err(text);
            assert_eq!(error.to_string(), "a blob id is 64 lowercase hex digits");
        }
    }

    #[test]
    fn is_a_string_in_json() {
        let id = BlobId::of(b"");
        let json = serde_json::to_string(&id).expect("serializes");
        assert_eq!(json, format!("\"{EMPTY}\""));
        assert_eq!(serde_json::from_str::<BlobId>(&json).expect("parses"), id);
        let error = serde_json::from_str::<BlobId>("\"ab\"").expect_err("too short");
        assert_eq!(error.to_string(), "a blob id is 64 lowercase hex digits");
    }
}
