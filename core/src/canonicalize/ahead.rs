//! [`Ahead`]: the hash of a text that has been canonical so far, taken while the text is read.
//!
//! Most of the time SHA-256 waits for itself, each round for the one before. A processor that has a block to hash and more
//! text to read does both at once, if they stand close together: so each block is hashed as soon as it is read.

use crate::{BlobId, IdHasher};

/// The bytes that SHA-256 takes at a time.
const BLOCK_BYTES: usize = 64;

/// How far a text has been hashed, from where its canonical form starts.
pub(super) struct Ahead {
    hasher: IdHasher,
    start: usize,
    /// Where the bytes begin that have not been hashed.
    at: usize,
    /// Where the reader must stand for a block to be there; beyond every text where nothing is to be hashed any more.
    block_end: usize,
}

impl Ahead {
    /// Hashes nothing.
    pub(super) fn off() -> Self {
        Self { hasher: IdHasher::new(), start: 0, at: 0, block_end: usize::MAX }
    }

    /// Hashes a text from an offset on.
    pub(super) fn from(start: usize) -> Self {
        Self { hasher: IdHasher::new(), start, at: start, block_end: start + BLOCK_BYTES }
    }

    /// Stops, as the canonical form is not the text any more.
    #[inline(always)]
    pub(super) fn stop(&mut self) {
        self.block_end = usize::MAX;
    }

    /// Hashes the blocks of a text that end before an offset or there.
    #[inline(always)]
    pub(super) fn read_to(&mut self, text: &[u8], at: usize) {
        if at >= self.block_end {
            self.hash_blocks(text, at);
        }
    }

    #[inline(never)]
    fn hash_blocks(&mut self, text: &[u8], at: usize) {
        let end = at - (at - self.at) % BLOCK_BYTES;
        self.hasher.update(&text[self.at..end]);
        self.at = end;
        self.block_end = end + BLOCK_BYTES;
    }

    /// The id of a canonical form that is the text from where this started.
    pub(super) fn finish(mut self, canonical: &[u8]) -> BlobId {
        self.hasher.update(&canonical[self.at - self.start..]);
        self.hasher.finish()
    }
}
