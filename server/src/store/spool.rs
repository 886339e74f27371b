//! [`Spool`]: a file in which a blob is gathered that comes in pieces, until it is whole.

use std::fs;
use std::io::{self, Write as _};
use std::mem;
use std::path::Path;

use isoblob_core::{Blob, BlobId, IdHasher};
use tempfile::{NamedTempFile, TempPath};
use tokio::task::spawn_blocking;

use super::StoreError;
use super::disk::partial_in;

/// The bytes that are gathered in memory before they are hashed and written together, 256 KiB: so many that handing them
/// to another thread does not show, so few that many may do it at once.
pub const SPOOL_BLOCK_BYTES: usize = 256 << 10;

/// A blob that comes in pieces. Dropped before it is [finished](Self::finish), it leaves nothing.
#[derive(Debug)]
pub struct Spool {
    gathered: Vec<u8>,
    /// `None` once writing has failed.
    written: Option<Written>,
}

/// What is in the file.
#[derive(Debug)]
struct Written {
    file: NamedTempFile,
    hasher: IdHasher,
    size: u64,
}

/// The bytes of a blob, whole, hashed and durable, in a file that does not have its name yet.
#[derive(Debug)]
pub struct Spooled {
    /// What the bytes hash to.
    pub(super) id: BlobId,
    /// How many there are.
    pub(super) size: u64,
    /// Where they are. The file is removed when this is dropped.
    pub(super) path: TempPath,
}

impl Spool {
    /// A spool in a directory of the store that is to keep the blob.
    pub(super) async fn in_dir(dir: &Path) -> Result<Self, StoreError> {
        let dir = dir.to_path_buf();
        let file = blocking(move || partial_in(&dir, "", "")).await?;
        Ok(Self { gathered: Vec::new(), written: Some(Written { file, hasher: IdHasher::new(), size: 0 }) })
    }

    /// Takes the bytes that come next.
    ///
    /// # Errors
    ///
    /// The store is full or fails.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() < SPOOL_BLOCK_BYTES {
            return Ok(());
        }
        let (mut written, gathered) = self.take()?;
        let (written, mut gathered) = blocking(move || written.append(&gathered).map(|()| (written, gathered))).await?;
        gathered.clear();
        (self.written, self.gathered) = (Some(written), gathered);
        Ok(())
    }

    /// Has all bytes on the disk, and their id.
    ///
    /// # Errors
    ///
    /// The store is full or fails.
    pub async fn finish(mut self) -> Result<Spooled, StoreError> {
        let (mut written, gathered) = self.take()?;
        blocking(move || {
            written.append(&gathered)?;
            written.file.as_file().sync_all()?;
            let Written { file, hasher, size } = written;
            Ok(Spooled { id: hasher.finish(), size, path: file.into_temp_path() })
        })
        .await
    }

    fn take(&mut self) -> Result<(Written, Vec<u8>), StoreError> {
        let written = self.written.take().ok_or_else(|| StoreError::failed("an earlier write has failed"))?;
        Ok((written, mem::take(&mut self.gathered)))
    }
}

impl Written {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.hasher.update(bytes);
        self.size += bytes.len() as u64;
        Ok(())
    }
}

impl Spooled {
    /// What the bytes hash to.
    pub fn id(&self) -> BlobId {
        self.id
    }

    /// The blob, in memory.
    pub(super) async fn read(self) -> Result<Blob, StoreError> {
        blocking(move || Ok(Blob::binary(fs::read(self.path)?))).await
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T, StoreError> {
    Ok(spawn_blocking(work).await.map_err(StoreError::failed)??)
}
