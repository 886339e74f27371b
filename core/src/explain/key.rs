//! [`Key`]: the key of a member, as it compares.

use alloc::string::String;
use core::cell::OnceCell;
use core::cmp::Ordering;

use crate::canonicalize::decode;

/// A key of a sound text.
pub(super) struct Key<'t> {
    /// As it stands between its quotes.
    pub(super) quoted: &'t [u8],
    /// Its characters, once they are asked for: a long key that is compared with many short ones is decoded once.
    characters: OnceCell<String>,
}

impl<'t> Key<'t> {
    pub(super) fn new(quoted: &'t [u8]) -> Self {
        Self { quoted, characters: OnceCell::new() }
    }

    fn characters(&self) -> &str {
        self.characters.get_or_init(|| decode(self.quoted))
    }

    /// The order of members (RFC 8785, section 3.2.3): by UTF-16 code units.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        if self.quoted == other.quoted {
            return Ordering::Equal;
        }
        self.characters().encode_utf16().cmp(other.characters().encode_utf16())
    }
}
