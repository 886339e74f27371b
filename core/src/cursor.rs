//! [`Cursor`]: a walk over canonical JSON that reads each byte once.

use crate::JsonType;
use crate::view::{string_end, value_end};

/// A place in canonical JSON, which moves on from value to value.
///
/// Whoever walks knows where the cursor stands: before a value, before a key, or behind a value. Each method belongs to
/// one of these places, and is `None` where the bytes are not canonical JSON.
pub(crate) struct Cursor<'j> {
    json: &'j [u8],
    at: usize,
}

impl<'j> Cursor<'j> {
    /// A cursor before the value that canonical JSON is.
    pub(crate) fn new(canonical: &'j [u8]) -> Self {
        Self { json: canonical, at: 0 }
    }

    /// The type of the value that comes next.
    pub(crate) fn type_of(&self) -> Option<JsonType> {
        self.json.get(self.at).map(|byte| JsonType::that_begins_with(*byte))
    }

    /// Enters the container that comes next, and says whether there is anything in it; if not, leaves it again.
    pub(crate) fn enter(&mut self) -> Option<bool> {
        let closing = match self.json.get(self.at)? {
            b'{' => b'}',
            b'[' => b']',
            _ => return None,
        };
        self.at += 1;
        let empty = *self.json.get(self.at)? == closing;
        self.at += usize::from(empty);
        Some(!empty)
    }

    /// Moves past the key that comes next and its colon, and hands out what stands between its quotes.
    pub(crate) fn key(&mut self) -> Option<&'j [u8]> {
        let start = self.at;
        if self.json.get(start) != Some(&b'"') {
            return None;
        }
        let end = string_end(self.json, start);
        self.at = end + 1;
        (self.json.get(end) == Some(&b':')).then(|| &self.json[start + 1..end - 1])
    }

    /// Moves past the value that comes next, and hands it out.
    pub(crate) fn skip(&mut self) -> Option<&'j [u8]> {
        let start = self.at;
        self.at = value_end(self.json, start);
        self.json.get(start..self.at)
    }

    /// Moves past the comma or the closing bracket behind a value, and says whether another follows in the container.
    pub(crate) fn more(&mut self) -> Option<bool> {
        let more = match self.json.get(self.at)? {
            b',' => true,
            b']' | b'}' => false,
            _ => return None,
        };
        self.at += 1;
        Some(more)
    }
}
