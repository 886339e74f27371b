//! [`JsonType`]: what kind of JSON value it is.

use core::fmt;

use serde::Serialize;

/// The types of JSON values (RFC 8259, section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum JsonType {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl JsonType {
    /// Every type.
    pub const ALL: [Self; 6] = [Self::Null, Self::Boolean, Self::Number, Self::String, Self::Array, Self::Object];

    /// The name of the type in lowercase.
    ///
    /// ```
    /// assert_eq!(isoblob_core::JsonType::Object.as_str(), "object");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }

    /// The type with its article, as a sentence about it says.
    pub(crate) const fn described(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }

    /// The type of the value that begins with this byte.
    pub(crate) const fn that_begins_with(byte: u8) -> Self {
        match byte {
            b'n' => Self::Null,
            b't' | b'f' => Self::Boolean,
            b'"' => Self::String,
            b'[' => Self::Array,
            b'{' => Self::Object,
            _ => Self::Number,
        }
    }
}

impl fmt::Display for JsonType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_has_its_type() {
        let values = ["null", "true", "-1.5", "\"\"", "[]", "{}"];
        for (value, json_type) in values.into_iter().zip(JsonType::ALL) {
            assert_eq!(JsonType::that_begins_with(value.as_bytes()[0]), json_type, "{value}");
            assert_eq!(serde_json::to_string(&json_type).expect("serializes"), format!("\"{json_type}\""));
            assert!(json_type.described().ends_with(json_type.as_str()));
        }
    }
}
