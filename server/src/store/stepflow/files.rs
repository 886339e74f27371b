//! [`StepflowFileStore`]: the directory of an orchestrator's blobs.
//!
//! ```text
//! DIR/ab/ab12….blob              one blob
//! DIR/.isoblob/ab.lock           held while a blob of DIR/ab is put, by this process or another isoblob
//! DIR/.isoblob/ab12….….partial   a blob that is being written
//! ```

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use isoblob_core::{Blob, BlobId, BlobType};
use tempfile::NamedTempFile;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::blob_file::{self, Metadata};
use super::found::{Found, corrupt};
use crate::store::disk::{make_all, partial_in, sync_dir};
use crate::store::{
    BlobInfo, ListQuery, ListedBlob, OpenBlob, OpenError, PutOutcome, Store, StoreError, StoreStats, Totals,
};
use crate::{Filename, timestamp};

/// What is not the orchestrator's, in its directory.
const OWN_DIR: &str = ".isoblob";

/// What the name of a file ends with that is being written.
const PARTIAL: &str = ".partial";

/// How long a file that is being written may not change before it is taken for one of a process that died.
const ABANDONED_AFTER: Duration = Duration::from_hours(24);

/// Files that are read or written at once.
const FILES_AT_ONCE: usize = 16;

/// The blobs in an orchestrator's directory.
///
/// The orchestrator may use it at the same time. It writes a file only where there is none, and never looks at one again
/// that it found; so what it does between two looks of this store costs a type or a filename at most, never content.
pub struct StepflowFileStore {
    directory: Arc<Directory>,
    at_once: Arc<Semaphore>,
}

impl StepflowFileStore {
    /// Opens an orchestrator's directory, and makes it where it is missing, as the orchestrator does.
    ///
    /// It does file I/O, so it has no place on an async thread.
    ///
    /// # Errors
    ///
    /// The directory cannot be made or read.
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        let directory = Directory { root: dir.into(), own: dir.join(OWN_DIR) };
        make_all(&directory.own)?;
        directory.sweep().map_err(OpenError::io("sweep", &directory.own))?;
        Ok(Self { directory: Arc::new(directory), at_once: Arc::new(Semaphore::new(FILES_AT_ONCE)) })
    }

    /// The blobs that are left out of lists, as nothing can be told of them, with why.
    ///
    /// # Errors
    ///
    /// The store fails.
    pub async fn unlisted(&self) -> Result<Vec<(BlobId, String)>, StoreError> {
        self.run(|directory| {
            let mut unlisted = Vec::new();
            directory.walk(|id| {
                match directory.info(id) {
                    Err(StoreError::Corrupt { id, cause }) => unlisted.push((id, cause)),
                    info => drop(info?),
                }
                Ok(())
            })?;
            Ok(unlisted)
        })
        .await
    }

    /// Runs what reads or writes files on a blocking thread. It runs to its end whether or not the caller waits for it.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Directory) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit = Arc::clone(&self.at_once).acquire_owned().await.map_err(StoreError::failed)?;
        let directory = Arc::clone(&self.directory);
        let work = move || {
            let _permit = permit;
            work(&directory)
        };
        spawn_blocking(work).await.map_err(StoreError::failed)?
    }
}

#[async_trait]
impl Store for StepflowFileStore {
    async fn put(&self, blob: Blob, filename: Option<Filename>) -> Result<PutOutcome, StoreError> {
        self.run(move |directory| Ok(directory.put(&blob, filename.as_ref())?)).await
    }

    async fn open(&self, id: BlobId) -> Result<Option<OpenBlob>, StoreError> {
        self.run(move |directory| {
            let Some((file, created)) = directory.open_blob(id)? else { return Ok(None) };
            let (metadata, content) = blob_file::read(file)?.map_err(|fault| corrupt(id, fault))?;
            found(metadata, created).verify(id, content).map(OpenBlob::Whole).map(Some)
        })
        .await
    }

    async fn head(&self, id: BlobId) -> Result<Option<BlobInfo>, StoreError> {
        self.run(move |directory| directory.info(id)).await
    }

    async fn list(&self, query: ListQuery) -> Result<Option<Vec<ListedBlob>>, StoreError> {
        self.run(move |directory| directory.list(query)).await
    }

    async fn stats(&self) -> Result<StoreStats, StoreError> {
        self.run(Directory::stats).await
    }

    async fn health(&self) -> Result<(), StoreError> {
        // Whether there can be another file. It has no name of its own to be found under.
        self.run(|directory| Ok(directory.partial(BlobId::of(b"")).map(drop)?)).await
    }
}

fn found(Metadata { blob_type, filename }: Metadata, created: SystemTime) -> Found {
    Found { blob_type, filename, created: timestamp::from_millis(timestamp::to_millis(created)) }
}

struct Directory {
    root: PathBuf,
    own: PathBuf,
}

impl Directory {
    /// Opens the file of a blob, and tells when it was written. `None` where there is none.
    fn open_blob(&self, id: BlobId) -> io::Result<Option<(File, SystemTime)>> {
        match File::open(self.path(id)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            file => {
                let file = file?;
                let created = file.metadata()?.modified()?;
                Ok(Some((file, created)))
            }
        }
    }

    fn info(&self, id: BlobId) -> Result<Option<BlobInfo>, StoreError> {
        let Some((file, created)) = self.open_blob(id)? else { return Ok(None) };
        let (metadata, size) = blob_file::read_metadata(file)?.map_err(|fault| corrupt(id, fault))?;
        found(metadata, created).info(id, size).map(Some)
    }

    /// One page, for which all files are looked at: nothing else tells which are the newest. Those that cannot be read
    /// are left out.
    fn list(&self, query: ListQuery) -> Result<Option<Vec<ListedBlob>>, StoreError> {
        let mut end = None;
        if let Some(id) = query.after {
            let Some((_, written)) = self.open_blob(id)? else { return Ok(None) };
            end = Some((written, id));
        }
        let mut older = Vec::new();
        self.walk(|id| {
            let written = fs::metadata(self.path(id))?.modified()?;
            if end.is_none_or(|end| (written, id) < end) {
                older.push((written, id));
            }
            Ok(())
        })?;
        older.sort_unstable_by(|one, other| other.cmp(one));
        let listed = older.into_iter().filter_map(|(_, id)| match self.info(id) {
            Err(StoreError::Corrupt { .. }) => None,
            info => info.map(|info| info.map(|info| ListedBlob { id, info })).transpose(),
        });
        let is_asked_for = |blob: &ListedBlob| query.blob_type.is_none_or(|blob_type| blob.info.blob_type == blob_type);
        let page = listed.filter(|listed| listed.as_ref().map_or(true, is_asked_for)).take(query.limit);
        page.collect::<Result<_, _>>().map(Some)
    }

    /// Counts the files that can be read, all of which are looked at.
    fn stats(&self) -> Result<StoreStats, StoreError> {
        let mut stats = StoreStats::default();
        self.walk(|id| {
            match self.info(id) {
                Err(StoreError::Corrupt { .. }) => {}
                info => info?.iter().for_each(|info| stats.add(info.blob_type, Totals { blobs: 1, bytes: info.size })),
            }
            Ok(())
        })?;
        Ok(stats)
    }

    /// Visits every blob that has a file where it is to be.
    fn walk(&self, mut visit: impl FnMut(BlobId) -> Result<(), StoreError>) -> Result<(), StoreError> {
        for shard in fs::read_dir(&self.root)? {
            let shard = shard?.path();
            if shard == self.own || !shard.is_dir() {
                continue;
            }
            for entry in fs::read_dir(&shard)? {
                let name = entry?.file_name();
                let id = name.to_str().and_then(|name| name.strip_suffix(".blob")?.parse().ok());
                if let Some(id) = id.filter(|&id| self.shard(id) == shard) {
                    visit(id)?;
                }
            }
        }
        Ok(())
    }

    /// Makes sure that a blob is on the disk, with the greater type and the first filename.
    fn put(&self, blob: &Blob, filename: Option<&Filename>) -> io::Result<PutOutcome> {
        let _lock = self.lock(blob.id())?;
        let given = Metadata {
            blob_type: blob.blob_type().to_string(),
            filename: filename.map(|filename| filename.as_str().to_owned()),
        };
        let Some((file, created)) = self.open_blob(blob.id())? else {
            self.write(blob, &given, timestamp::now())?;
            return Ok(PutOutcome::New);
        };
        match blob_file::read(file)? {
            Ok((kept, content)) => {
                let metadata = merge(&kept, given);
                if metadata == kept && content == blob.bytes() {
                    // Whoever wrote it may not have waited for the disk.
                    self.sync(blob.id())?;
                } else {
                    self.write(blob, &metadata, created)?;
                }
            }
            Err(_damage) => self.write(blob, &given, created)?,
        }
        Ok(PutOutcome::Existing)
    }

    /// Writes the file of a blob, whole and synced before it has its name. Its time is that of the blob.
    fn write(&self, blob: &Blob, metadata: &Metadata, created: SystemTime) -> io::Result<()> {
        let path = self.path(blob.id());
        match fs::create_dir(self.shard(blob.id())) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => made?,
        }
        let mut partial = self.partial(blob.id())?;
        let mut buffered = io::BufWriter::new(partial.as_file_mut());
        blob_file::write(&mut buffered, blob.bytes(), metadata)?;
        buffered.flush()?;
        drop(buffered);
        partial.as_file().set_modified(created)?;
        partial.as_file().sync_all()?;
        partial.persist(path)?;
        self.sync_names(blob.id())
    }

    /// A file to write into, which is removed again unless it is given its name.
    fn partial(&self, id: BlobId) -> io::Result<NamedTempFile> {
        partial_in(&self.own, &format!("{id}."), PARTIAL)
    }

    /// Waits until nobody else puts blobs of this one's shard. Dropped, it lets go.
    fn lock(&self, id: BlobId) -> io::Result<File> {
        let path = self.own.join(format!("{}.lock", &id.to_string()[..2]));
        let lock = File::options().create(true).truncate(false).write(true).open(path)?;
        lock.lock()?;
        Ok(lock)
    }

    fn sync(&self, id: BlobId) -> io::Result<()> {
        File::open(self.path(id))?.sync_all()?;
        self.sync_names(id)
    }

    fn sync_names(&self, id: BlobId) -> io::Result<()> {
        sync_dir(&self.shard(id))?;
        sync_dir(&self.root)
    }

    /// Removes what processes that died were writing. What others are writing may be gone before it is looked at.
    fn sweep(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.own)? {
            let path = entry?.path();
            if !path.to_str().is_some_and(|path| path.ends_with(PARTIAL)) {
                continue;
            }
            let age = fs::metadata(&path).and_then(|metadata| Ok(metadata.modified()?.elapsed().unwrap_or_default()));
            match age {
                Ok(age) if age > ABANDONED_AFTER => fs::remove_file(path)?,
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    fn shard(&self, id: BlobId) -> PathBuf {
        self.root.join(&id.to_string()[..2])
    }

    fn path(&self, id: BlobId) -> PathBuf {
        self.shard(id).join(format!("{id}.blob"))
    }
}

/// What stays of two puts of one content.
fn merge(kept: &Metadata, given: Metadata) -> Metadata {
    let rank = |metadata: &Metadata| metadata.blob_type.parse::<BlobType>().ok();
    // A type that is not known may be one of an orchestrator to come.
    let is_greater = rank(kept).is_some_and(|kept| Some(kept) < rank(&given));
    Metadata {
        blob_type: if is_greater { given.blob_type } else { kept.blob_type.clone() },
        filename: kept.filename.clone().or(given.filename),
    }
}

impl fmt::Debug for StepflowFileStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StepflowFileStore({})", self.directory.root.display())
    }
}
