//! [`LargeBlob`]: a blob in a file, which is verified and handed out without ever being in memory whole.

use std::io::{self, Read as _};
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{Stream, try_unfold};
use isoblob_core::{Blob, BlobId, IdHasher};
use tokio::task::spawn_blocking;

use super::coding::ContentFile;
use super::{BlobInfo, StoreError, StoredBlob};
use crate::metrics::Metrics;

/// The bytes of each piece but the last, 126 KiB: a multiple of three, so that the base64 of the pieces is that of the
/// whole.
const PIECE_BYTES: usize = 126 << 10;

/// A blob whose file is open. Nothing of it was checked yet.
#[derive(Debug)]
pub struct LargeBlob {
    pub(super) id: BlobId,
    pub(super) info: BlobInfo,
    pub(super) content: ContentFile,
    /// Where it is counted whether the blob is sound.
    pub(super) metrics: Option<Arc<Metrics>>,
}

impl LargeBlob {
    /// What is known of it.
    pub fn info(&self) -> &BlobInfo {
        &self.info
    }

    /// Reads it whole into memory.
    ///
    /// # Errors
    ///
    /// [`StoreError::Corrupt`] where the bytes are not those of the id; otherwise the store fails.
    pub async fn read(self) -> Result<StoredBlob, StoreError> {
        let metrics = self.metrics.clone();
        counted(metrics, spawn_blocking(move || self.read_blocking()).await.map_err(StoreError::failed).flatten())
    }

    fn read_blocking(self) -> Result<StoredBlob, StoreError> {
        let Self { id, info: BlobInfo { blob_type, size, filename, created }, content, .. } = self;
        let mut bytes = Vec::new();
        // One more tells a file that is too long.
        let room = usize::try_from(size + 1).map_err(io::Error::other)?;
        bytes.try_reserve_exact(room).map_err(io::Error::other)?;
        content.take(size + 1).read_to_end(&mut bytes).map_err(|error| unreadable(id, error))?;
        if bytes.len() as u64 != size {
            return Err(wrong_size(id, size));
        }
        let corrupt = |mismatch: isoblob_core::Mismatch| StoreError::Corrupt { id, cause: mismatch.to_string() };
        Ok(StoredBlob { blob: Blob::verify(id, blob_type, bytes).map_err(corrupt)?, filename, created })
    }

    /// Checks the hash of all of it, and returns a part, which is read again as it is taken. Its pieces have a multiple of
    /// three bytes, but for the last.
    ///
    /// What is taken then is checked once more, against what it was when the whole was checked: where the disk tells
    /// another story by now, the stream ends with an error in place of its last piece, and whoever was promised the
    /// whole length sees that it is not there.
    ///
    /// # Errors
    ///
    /// [`StoreError::Corrupt`] where the bytes are not those of the id; otherwise the store fails.
    ///
    /// # Panics
    ///
    /// The range is not within the blob.
    pub async fn verified(
        self,
        range: Range<u64>,
    ) -> Result<impl Stream<Item = Result<Bytes, StoreError>> + Send + 'static, StoreError> {
        assert!(range.start <= range.end && range.end <= self.info.size, "the part is one of the blob");
        let metrics = self.metrics.clone();
        let part =
            counted(metrics, spawn_blocking(move || self.verify(range)).await.map_err(StoreError::failed).flatten())?;
        Ok(try_unfold(part, async |part| spawn_blocking(move || part.next()).await.map_err(StoreError::failed)?))
    }

    fn verify(mut self, range: Range<u64>) -> Result<Part, StoreError> {
        let Self { id, info, content, .. } = &mut self;
        let (mut all, mut part) = (IdHasher::new(), IdHasher::new());
        let mut at = 0;
        let mut buffer = vec![0; PIECE_BYTES];
        loop {
            let count = content.read(&mut buffer).map_err(|error| unreadable(*id, error))?;
            // One that is too long is not read to its end, which may be far.
            if count == 0 || at > info.size {
                break;
            }
            all.update(&buffer[..count]);
            // Of the whole, the hash is known.
            if range != (0..info.size) {
                part.update(&buffer[within(&range, at, count)]);
            }
            at += count as u64;
        }
        if at != info.size {
            return Err(wrong_size(*id, info.size));
        }
        let found = all.finish();
        if found != *id {
            let cause = format!("the bytes hash to {found}, not to {id}");
            return Err(StoreError::Corrupt { id: *id, cause });
        }
        let expected = if range == (0..info.size) { *id } else { part.finish() };
        let content = self.content.at(range.start)?;
        Ok(Part { id: self.id, content, left: range.end - range.start, hasher: IdHasher::new(), expected })
    }
}

fn counted<T>(metrics: Option<Arc<Metrics>>, verified: Result<T, StoreError>) -> Result<T, StoreError> {
    if let Some(metrics) = metrics {
        metrics.gets.count(verified.as_ref().map(|_| true));
    }
    verified
}

/// Which bytes of a buffer, filled from `at` on, are in a range.
fn within(range: &Range<u64>, at: u64, count: usize) -> Range<usize> {
    let clip =
        |position: u64| usize::try_from(position.saturating_sub(at).min(count as u64)).expect("it is in the buffer");
    clip(range.start)..clip(range.end)
}

/// What is left of a part.
struct Part {
    id: BlobId,
    content: ContentFile,
    left: u64,
    hasher: IdHasher,
    expected: BlobId,
}

impl Part {
    fn next(mut self) -> Result<Option<(Bytes, Self)>, StoreError> {
        if self.left == 0 {
            return Ok(None);
        }
        let count = usize::try_from(self.left).map_or(PIECE_BYTES, |left| left.min(PIECE_BYTES));
        let mut piece = vec![0; count];
        self.content.read_exact(&mut piece)?;
        self.hasher.update(&piece);
        self.left -= count as u64;
        if self.left == 0 && self.hasher.clone().finish() != self.expected {
            return Err(StoreError::Corrupt { id: self.id, cause: "its bytes changed while they were read".into() });
        }
        Ok(Some((piece.into(), self)))
    }
}

fn wrong_size(id: BlobId, size: u64) -> StoreError {
    StoreError::Corrupt { id, cause: missing_or_wrong_size(size) }
}

/// What a file could not be read for: the disk, or that what it has cannot be decompressed.
fn unreadable(id: BlobId, error: io::Error) -> StoreError {
    if error.raw_os_error().is_some() { error.into() } else { StoreError::Corrupt { id, cause: undecodable(&error) } }
}

/// What is wrong where content cannot be decompressed.
pub fn undecodable(error: &io::Error) -> String {
    format!("it cannot be decompressed: {error}")
}

/// What is wrong where the file of a blob is not as long as it was, or not there.
pub fn missing_or_wrong_size(size: u64) -> String {
    format!("its file is missing, or does not have its {size} bytes")
}
