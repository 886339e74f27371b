//! [`IdHasher`]: the id of bytes that come in pieces.

use sha2::{Digest as _, Sha256};

use crate::BlobId;

/// Computes the id of bytes that come in pieces, such as a binary blob that is read from a file or a socket. How they
/// are cut makes no difference. It holds no more than one block of SHA-256.
///
/// For JSON there is no such thing: its id is that of its canonical form, which is known when the text has ended.
///
/// ```
/// use isoblob_core::{BlobId, IdHasher};
///
/// let mut hasher = IdHasher::new();
/// for piece in [b"con".as_slice(), b"tent"] {
///     hasher.update(piece);
/// }
/// assert_eq!(hasher.finish(), BlobId::of(b"content"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct IdHasher(Sha256);

impl IdHasher {
    /// A hasher that has been given nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the bytes that come next.
    pub fn update(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.update(bytes);
        self
    }

    /// The id of all bytes given, in the order in which they came.
    pub fn finish(self) -> BlobId {
        BlobId::from_bytes(self.0.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_the_bytes_are_cut_makes_no_difference() {
        // Beyond two blocks of SHA-256, which have 64 bytes.
        let content: Vec<u8> = (0..=150).collect();
        for len in 0..content.len() {
            let content = &content[..len];
            let id = BlobId::of(content);
            for at in 0..=len {
                let (before, after) = content.split_at(at);
                let mut hasher = IdHasher::new();
                hasher.update(before).update(&[]).update(after);
                assert_eq!(hasher.finish(), id, "{len} bytes cut at {at}");
            }
            for step in 1..=len {
                let mut hasher = IdHasher::new();
                for piece in content.chunks(step) {
                    hasher.update(piece);
                }
                assert_eq!(hasher.finish(), id, "{len} bytes, {step} at a time");
            }
        }
    }

    #[test]
    fn a_clone_goes_on_alone() {
        let mut hasher = IdHasher::new();
        hasher.update(b"a");
        let mut clone = hasher.clone();
        clone.update(b"b");
        hasher.update(b"c");
        assert_eq!([clone.finish(), hasher.finish()], [BlobId::of(b"ab"), BlobId::of(b"ac")]);
    }
}
