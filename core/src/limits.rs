//! [`Limits`] and the constants that bound every text.

/// The number of containers, one inside the other, that a text may open: 127.
///
/// The envelope around the data makes 128, the most that common parsers accept.
pub const MAX_DEPTH: usize = 127;

/// The most bytes of JSON text that the core reads, 512 MiB, whatever the caller's limit: so that every position in a
/// canonical form, which is at most five times as long as its text, fits in 32 bits.
pub const MAX_TEXT_BYTES: usize = 512 << 20;

/// The longest JSON Pointer that is ever written, in bytes. A longer one is left out.
pub const MAX_POINTER_BYTES: usize = 4096;

/// The most bytes, 64 MiB, that the pointers of all references in one document have together. Those that would make it
/// more are left out.
pub const MAX_REFERENCE_POINTERS_BYTES: usize = 64 << 20;

/// The most differences between two documents that are listed, 100. Those beyond are only counted.
pub const MAX_DIFFERENCES: usize = 100;

/// The length, in bytes, past which only an excerpt is shown of a value that differs.
pub const MAX_EXCERPT_BYTES: usize = 80;

/// The most blobs, 1,000, that one request puts, gets or asks for.
pub const MAX_BATCH_BLOBS: usize = 1000;

/// The limits that a caller sets on a text.
///
/// ```
/// use isoblob_core::{ErrorKind, Limits, canonicalize};
///
/// let error = canonicalize(b"[1, 2, 3]", Limits { max_text_bytes: 8 }).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::TooLarge);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes that a text may have, 256 MiB unless told otherwise. Past [`MAX_TEXT_BYTES`] it has no effect.
    pub max_text_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_text_bytes: 256 << 20 }
    }
}
