//! [`EmbeddedStore`]: SQLite for metadata and small blobs, files for large ones.
//!
//! ```text
//! DIR/blobs.sqlite3           a row for each blob, with its content up to 256 KiB
//! DIR/files/44/44136fa3…      the content of a larger blob, or 44136fa3….zst where it is compressed
//! DIR/partial/                files that are being written; emptied when the store is opened
//! DIR/lock                    held by the process that has the store open
//! ```
//!
//! A put of a small blob goes to the one thread that writes rows. A large blob is first written as a file, by a thread
//! of its own so that small ones pass: partial file, sync, rename, sync of the directory; then its row. So there is
//! never a row without its content, and a file without a row is what a crash left: it is removed at the next opening.

mod backup;
pub(super) mod check;
mod checkpoint;
mod directory;
mod files;
mod raw;
pub(super) mod rows;
pub(super) mod schema;

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use isoblob_core::{Blob, BlobId, BlobType};
use prometheus_client::registry::Registry;
use rusqlite::Connection;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

pub use self::backup::{BackupSummary, backup};
use self::checkpoint::Checkpointer;
use self::directory::StoreDirectory;
use self::files::{BlobFiles, Kept, ShardGuard, Written};
use self::rows::FoundRow;
use super::coding::{self, Coding};
use super::large::{LargeBlob, missing_or_wrong_size};
use super::sqlite::{NewRow, Readers, Writer};
use super::{
    BlobInfo, ListQuery, ListedBlob, OpenBlob, OpenError, PutOutcome, Spool, Spooled, Store, StoreError, StoreStats,
};
use crate::compute::INLINE_BYTES;
use crate::{Filename, timestamp};

/// The most bytes of a blob that is kept in a row of the database, 256 KiB. A larger one is a file.
pub const MAX_ROW_BYTES: usize = 256 << 10;

/// Large files that are written from memory at once.
const LARGE_AT_ONCE: usize = 8;

/// The store in a directory. It is closed when it is dropped.
pub struct EmbeddedStore {
    readers: Arc<Readers>,
    large_writes: Arc<Semaphore>,
    // Dropped after the readers, so that the last connection to close is the one that can tidy the log away.
    shared: Arc<Shared>,
}

/// What a put of a large blob takes along to its thread.
struct Shared {
    writer: Writer,
    // Dropped after the writer, with whose connection its work ends.
    _checkpointer: Checkpointer,
    files: BlobFiles,
    // Dropped last: until then no other process may open the store.
    directory: StoreDirectory,
}

impl EmbeddedStore {
    /// Opens the store in a directory, and makes both where they are missing.
    ///
    /// # Errors
    ///
    /// Another process has it open; the directory holds something else; the store is of another format; or the disk
    /// does not do what it should.
    ///
    /// ```
    /// use isoblob_server::store::{EmbeddedStore, OpenError};
    ///
    /// let dir = tempfile::tempdir()?;
    /// let store = EmbeddedStore::open(&dir.path().join("blobs"))?;
    /// let error = EmbeddedStore::open(&dir.path().join("blobs")).unwrap_err();
    /// assert!(matches!(error, OpenError::InUse(_)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        let directory = StoreDirectory::open(dir)?;
        let dir = directory.path();
        let mut connection = schema::open_writer(dir)?;
        let files = BlobFiles::open(dir)?;
        let orphans = files.sweep(|id, coding| {
            rows::has_file(&connection, id, coding).map_err(|source| OpenError::Database { dir: dir.into(), source })
        })?;
        if orphans > 0 {
            tracing::info!(orphans, "removed what interrupted puts had left");
        }
        let readers = Readers::open(|| schema::open_reader(dir))?;
        let checkpointer = Checkpointer::spawn(&mut connection, schema::open_copier(dir)?, schema::CHECKPOINT_PAGES)
            .map_err(OpenError::io("start a thread for", dir))?;
        let writer = Writer::spawn(connection, rows::STATEMENTS).map_err(OpenError::io("start a thread for", dir))?;
        Ok(Self {
            readers,
            large_writes: Arc::new(Semaphore::new(LARGE_AT_ONCE)),
            shared: Arc::new(Shared { writer, _checkpointer: checkpointer, files, directory }),
        })
    }
}

#[async_trait]
impl Store for EmbeddedStore {
    async fn put(&self, blob: Blob, filename: Option<Filename>) -> Result<PutOutcome, StoreError> {
        let row = NewRow {
            id: blob.id(),
            blob_type: blob.blob_type(),
            size: blob.bytes().len() as u64,
            created: timestamp::now(),
            filename,
            content: None,
            coding: Coding::Plain,
        };
        if blob.bytes().len() <= MAX_ROW_BYTES {
            let (coding, content) = match blob.bytes().len() {
                0..=INLINE_BYTES => coding::encode(blob)?,
                _ => spawn_blocking(|| coding::encode(blob)).await.map_err(StoreError::failed)??,
            };
            return self.shared.writer.write(NewRow { content: Some(content), coding, ..row }).await;
        }
        self.put_large(row, move |files, guard| files.write(&blob, guard)).await
    }

    async fn spool(&self) -> Result<Option<Spool>, StoreError> {
        Spool::in_dir(self.shared.files.partial()).await.map(Some)
    }

    async fn put_spooled(&self, spooled: Spooled, filename: Option<Filename>) -> Result<PutOutcome, StoreError> {
        // So that content is where its size says, however it came.
        if spooled.size <= MAX_ROW_BYTES as u64 {
            return self.put(spooled.read().await?, filename).await;
        }
        let row = NewRow {
            id: spooled.id,
            blob_type: BlobType::Binary,
            size: spooled.size,
            created: timestamp::now(),
            filename,
            content: None,
            coding: Coding::Plain,
        };
        self.put_large(row, move |files, guard| files.adopt(spooled, guard)).await
    }

    async fn open(&self, id: BlobId) -> Result<Option<OpenBlob>, StoreError> {
        let shared = Arc::clone(&self.shared);
        let open = move |connection: &Connection| {
            let Some(mut row) = rows::read(connection, id)? else { return Ok(None) };
            match row.content.take() {
                Some(content) => row.verify(id, content).map(OpenBlob::Whole).map(Some),
                None => shared.open_large(id, row).map(OpenBlob::Large).map(Some),
            }
        };
        self.readers.run(open).await
    }

    async fn head(&self, id: BlobId) -> Result<Option<BlobInfo>, StoreError> {
        self.readers.run(move |connection| rows::head(connection, id)).await
    }

    async fn list(&self, query: ListQuery) -> Result<Option<Vec<ListedBlob>>, StoreError> {
        self.readers.run(move |connection| rows::list(connection, query)).await
    }

    async fn stats(&self) -> Result<StoreStats, StoreError> {
        self.readers.run(rows::stats).await
    }

    async fn health(&self) -> Result<(), StoreError> {
        self.shared.writer.health().await?;
        self.head(BlobId::of(b"")).await.map(|_| ())
    }

    fn register(&self, registry: &mut Registry) {
        self.shared.writer.register(registry);
    }
}

impl EmbeddedStore {
    /// Puts a large blob, whose file `write` makes. It runs to its end whether or not the caller waits for it.
    async fn put_large(
        &self,
        row: NewRow,
        write: impl FnOnce(&BlobFiles, &mut ShardGuard<'_>) -> io::Result<Kept> + Send + 'static,
    ) -> Result<PutOutcome, StoreError> {
        let permit = Arc::clone(&self.large_writes).acquire_owned().await.map_err(StoreError::failed)?;
        let shared = Arc::clone(&self.shared);
        let put = move || {
            let _permit = permit;
            shared.put_large(row, write)
        };
        spawn_blocking(put).await.map_err(StoreError::failed)?
    }
}

impl Shared {
    fn put_large(
        &self,
        row: NewRow,
        write: impl FnOnce(&BlobFiles, &mut ShardGuard<'_>) -> io::Result<Kept>,
    ) -> Result<PutOutcome, StoreError> {
        let id = row.id;
        let mut guard = self.files.lock(id);
        let Kept { coding, written } = write(&self.files, &mut guard)?;
        let outcome = self.writer.write_blocking(NewRow { coding, ..row });
        // A full disk wants its space back. After any other failure the row may yet turn up in the log, so the file
        // stays, unseen, until the store is opened again.
        if matches!(outcome, Err(StoreError::Full(_))) && written == Written::New {
            let _ = self.files.remove(id, coding, &guard);
        }
        outcome
    }

    fn open_large(&self, id: BlobId, FoundRow { info, coding, .. }: FoundRow) -> Result<LargeBlob, StoreError> {
        match self.files.open_blob(id, coding, info.size)? {
            Some(content) => Ok(LargeBlob { id, info, content, metrics: None }),
            None => Err(rows::corrupt(id, missing_or_wrong_size(info.size))),
        }
    }
}

impl fmt::Debug for EmbeddedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EmbeddedStore({})", self.shared.directory.path().display())
    }
}
