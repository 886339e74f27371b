//! [`find_references`]: which other blobs a document refers to, and where.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use crate::cursor::Cursor;
use crate::pointer::{Path, Step};
use crate::{BlobId, BlobType, JsonType, MAX_DEPTH, MAX_REFERENCE_POINTERS_BYTES};

/// A reference to another blob: `{"$blob": "<id>", "blobType": "…", "size": n}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Reference {
    /// The JSON Pointer (RFC 6901) of the reference. `None` where it would be longer than
    /// [`MAX_POINTER_BYTES`](crate::MAX_POINTER_BYTES), or all of them together than [`MAX_REFERENCE_POINTERS_BYTES`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// The blob that is meant.
    pub id: BlobId,
    /// What it is said to be; `data` where nothing is said, or no type that is known.
    pub blob_type: BlobType,
    /// Its size in bytes, as far as the reference says it in a whole number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
}

/// Finds the references in canonical JSON, in the order of the document.
///
/// As in Stepflow's SDKs, an object is a reference by its `$blob` alone, which must be an id; here that is 64 lowercase
/// hex digits, as no other blob can be there. The other members are hints: what is wrong with them never hides a
/// reference. Nothing is looked for inside one.
///
/// It is one pass over the bytes. Where they are not canonical JSON, it finds what comes before that.
///
/// ```
/// use isoblob_core::{BlobId, BlobType, find_references};
///
/// let id = BlobId::of(b"[]");
/// let document = format!(r#"{{"in":[1,{{"$blob":"{id}","blobType":"flow","size":2}}],"out":{{"$blob":"later"}}}}"#);
/// let references = find_references(document.as_bytes());
/// assert_eq!(references.len(), 1);
/// assert_eq!(references[0].pointer.as_deref(), Some("/in/1"));
/// assert_eq!((references[0].id, references[0].blob_type, references[0].size), (id, BlobType::Flow, Some(2)));
/// ```
pub fn find_references(canonical: &[u8]) -> Vec<Reference> {
    let mut search =
        Search { cursor: Cursor::new(canonical), path: Path::default(), found: Vec::new(), pointer_bytes: 0 };
    // `None` says that it ended early.
    let _ = search.value();
    search.found
}

struct Search<'j> {
    cursor: Cursor<'j>,
    /// The way to the value that comes next.
    path: Path<'j>,
    found: Vec<Reference>,
    /// The length of all pointers in `found`.
    pointer_bytes: usize,
}

impl<'j> Search<'j> {
    fn value(&mut self) -> Option<()> {
        if self.path.len() > MAX_DEPTH {
            return None;
        }
        match self.cursor.type_of()? {
            JsonType::Array => self.array(),
            JsonType::Object => self.object(),
            _ => self.cursor.skip().map(drop),
        }
    }

    fn array(&mut self) -> Option<()> {
        let mut more = self.cursor.enter()?;
        for index in 0.. {
            if !more {
                break;
            }
            self.value_at(Step::Index(index))?;
            more = self.cursor.more()?;
        }
        Some(())
    }

    fn object(&mut self) -> Option<()> {
        let found_before = self.found.len();
        let mut reference = None;
        let mut more = self.cursor.enter()?;
        while more {
            let key = self.cursor.key()?;
            match (&mut reference, key) {
                (None, b"$blob") if self.cursor.type_of() == Some(JsonType::String) => {
                    reference = text(self.cursor.skip()?).map(|id| (id, BlobType::default(), None));
                }
                (None, _) => self.value_at(Step::Key(key))?,
                // In canonical JSON both hints come after the id.
                (Some((_, blob_type, _)), b"blobType") => *blob_type = text(self.cursor.skip()?).unwrap_or_default(),
                (Some((_, _, size)), b"size") => *size = whole_number(self.cursor.skip()?),
                (Some(_), _) => drop(self.cursor.skip()?),
            }
            more = self.cursor.more()?;
        }
        if let Some((id, blob_type, size)) = reference {
            self.forget(found_before);
            let pointer = self.pointer();
            self.found.push(Reference { pointer, id, blob_type, size });
        }
        Some(())
    }

    fn value_at(&mut self, step: Step<'j>) -> Option<()> {
        self.path.push(step);
        self.value()?;
        self.path.pop();
        Some(())
    }

    /// Forgets what was found inside a reference, before it was known to be one.
    fn forget(&mut self, from: usize) {
        for inner in self.found.drain(from..) {
            self.pointer_bytes -= inner.pointer.map_or(0, |pointer| pointer.len());
        }
    }

    fn pointer(&mut self) -> Option<String> {
        let pointer = self.path.pointer()?;
        let bytes = self.pointer_bytes + pointer.len();
        if bytes > MAX_REFERENCE_POINTERS_BYTES {
            return None;
        }
        self.pointer_bytes = bytes;
        Some(pointer.to_owned())
    }
}

/// What a string says. The spellings of ids and types have no character that is escaped.
fn text<T: core::str::FromStr>(value: &[u8]) -> Option<T> {
    let quoted = value.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    core::str::from_utf8(quoted).ok()?.parse().ok()
}

fn whole_number(value: &[u8]) -> Option<u64> {
    core::str::from_utf8(value).ok()?.parse().ok()
}

#[cfg(test)]
mod tests;
