//! [`Hashing`]: a reader that knows the id of what it read.

use std::io::{self, Read};

use isoblob_core::{BlobId, IdHasher};

/// A reader that hashes what it reads.
pub struct Hashing<R> {
    reader: R,
    hasher: IdHasher,
}

impl<R: Read> Hashing<R> {
    pub fn new(reader: R) -> Self {
        Self { reader, hasher: IdHasher::new() }
    }

    /// The id of all that was read.
    pub fn id(self) -> BlobId {
        self.hasher.finish()
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.hasher.update(&buffer[..count]);
        Ok(count)
    }
}
