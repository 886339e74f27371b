//! [`BlobType`]: what a blob's bytes are.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

/// What the bytes of a blob are. The type is not part of the id.
///
/// Ordered by how much it says: when the same content is stored under several types, the greatest stays, whichever
/// came first, so a `data` put can never hide a flow.
///
/// ```
/// use isoblob_core::BlobType;
///
/// assert!(BlobType::Binary < BlobType::Data && BlobType::Data < BlobType::Flow);
/// assert_eq!("flow".parse(), Ok(BlobType::Flow));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BlobType {
    /// Any bytes.
    Binary,
    /// Any JSON.
    #[default]
    Data,
    /// JSON that has the shape of a Stepflow workflow definition.
    Flow,
}

impl BlobType {
    /// Every type, from the least specific to the most.
    pub const ALL: [Self; 3] = [Self::Binary, Self::Data, Self::Flow];

    /// The name on the wire: `binary`, `data` or `flow`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Binary => "binary",
            Self::Data => "data",
            Self::Flow => "flow",
        }
    }
}

impl fmt::Display for BlobType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for BlobType {
    type Err = ParseBlobTypeError;

    /// # Errors
    ///
    /// The text is not the name of a type.
    fn from_str(text: &str) -> Result<Self, ParseBlobTypeError> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(ParseBlobTypeError(()))
    }
}

/// A text that is not the name of a blob type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseBlobTypeError(());

impl fmt::Display for ParseBlobTypeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a blob type is `data`, `flow` or `binary`")
    }
}

impl core::error::Error for ParseBlobTypeError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_wire() {
        for kind in BlobType::ALL {
            assert_eq!(kind.to_string().parse(), Ok(kind));
            assert_eq!(serde_json::to_string(&kind).expect("serializes"), format!("\"{kind}\""));
        }
        let error = "Data".parse::<BlobType>().expect_err("one spelling");
        assert_eq!(error.to_string(), "a blob type is `data`, `flow` or `binary`");
    }
}
