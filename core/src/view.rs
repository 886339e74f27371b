//! [`View`]: a value of canonical JSON, looked at where it stands.

use alloc::string::String;

use crate::JsonType;
use crate::canonicalize::{decode, plain_end};
use crate::cursor::Cursor;

/// A value of canonical JSON: the bytes from its first to its last. What is canonical is known to be sound, so there is
/// nothing to refuse here.
#[derive(Clone, Copy)]
pub(crate) struct View<'j>(&'j [u8]);

impl<'j> View<'j> {
    /// The value that canonical JSON is.
    pub(crate) fn new(canonical: &'j [u8]) -> Self {
        Self(canonical)
    }

    pub(crate) fn type_of(self) -> JsonType {
        JsonType::that_begins_with(self.0.first().copied().unwrap_or_default())
    }

    /// The characters of a string; `None` of anything else.
    pub(crate) fn as_string(self) -> Option<String> {
        let quoted = self.0.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
        Some(decode(quoted))
    }

    /// The members of an object, in the order of their keys; none of anything else.
    pub(crate) fn members(self) -> impl Iterator<Item = (String, View<'j>)> {
        let (mut cursor, mut more) = self.enter(JsonType::Object);
        core::iter::from_fn(move || {
            let key = more.then(|| cursor.key())??;
            let value = cursor.skip()?;
            more = cursor.more()?;
            Some((decode(key), View(value)))
        })
    }

    /// The elements of an array; none of anything else.
    pub(crate) fn elements(self) -> impl Iterator<Item = View<'j>> {
        let (mut cursor, mut more) = self.enter(JsonType::Array);
        core::iter::from_fn(move || {
            let value = more.then(|| cursor.skip())??;
            more = cursor.more()?;
            Some(View(value))
        })
    }

    /// A cursor inside a container of this type, and whether it stands before a member or element.
    fn enter(self, container: JsonType) -> (Cursor<'j>, bool) {
        let mut cursor = Cursor::new(self.0);
        let more = self.type_of() == container && cursor.enter() == Some(true);
        (cursor, more)
    }
}

/// The end of the canonical value that starts at an offset. Of what is not canonical, any offset from there on.
pub(crate) fn value_end(canonical: &[u8], start: usize) -> usize {
    match canonical.get(start) {
        None => start,
        Some(b'"') => string_end(canonical, start),
        Some(b'{' | b'[') => container_end(canonical, start),
        Some(_) => start + canonical[start..].iter().take_while(|byte| !b",]}".contains(byte)).count(),
    }
}

/// The end of the string whose opening quote is at an offset of a sound text.
pub(crate) fn string_end(canonical: &[u8], start: usize) -> usize {
    let mut at = plain_end(canonical, start + 1);
    while canonical.get(at) == Some(&b'\\') {
        at = plain_end(canonical, canonical.len().min(at + 2));
    }
    at + 1
}

/// The end of the canonical container whose opening bracket is at an offset.
fn container_end(canonical: &[u8], start: usize) -> usize {
    let (mut at, mut depth) = (start, 0_usize);
    while let Some(byte) = canonical.get(at) {
        match byte {
            b'"' => {
                at = string_end(canonical, at);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            break;
        }
    }
    at
}
