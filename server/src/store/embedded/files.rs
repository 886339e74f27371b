//! Large blobs as files: `files/<first two digits of the id>/<id>`, whole and synced before they have that name.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use isoblob_core::{Blob, BlobId};

use crate::store::OpenError;
use crate::store::disk::sync_dir;

/// The directory of the files, in the store's directory.
const FILES: &str = "files";

/// The directory of files that are still being written, beside it, so that renaming moves no bytes.
const PARTIAL: &str = "partial";

/// One for each value of an id's first byte.
const SHARDS: usize = 256;

/// The files of a store.
pub struct BlobFiles {
    files: PathBuf,
    partial: PathBuf,
    partial_names: AtomicU64,
    /// Whoever writes into a shard holds its lock, so that two puts of one blob do not undo one another.
    shards: Box<[Mutex<ShardName>]>,
}

/// Whether the directory of a shard is known to be there after a crash. One that is there now may have been made by a
/// process that died before it synced the name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ShardName {
    Unknown,
    Durable,
}

/// The right to change the files of one shard.
pub struct ShardGuard<'a>(MutexGuard<'a, ShardName>);

/// What [`BlobFiles::write`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// There was no such file.
    New,
    /// There was the file with these bytes, or with others, which it has no more.
    Existing,
}

impl BlobFiles {
    /// Makes the directories where they are missing, and removes files that a crashed process was still writing.
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        let (files, partial) = (dir.join(FILES), dir.join(PARTIAL));
        for made in [&files, &partial] {
            fs::create_dir_all(made).map_err(OpenError::io("create", made))?;
        }
        sync_dir(dir).map_err(OpenError::io("sync", dir))?;
        for entry in fs::read_dir(&partial).map_err(OpenError::io("read", &partial))? {
            let path = entry.map_err(OpenError::io("read", &partial))?.path();
            fs::remove_file(&path).map_err(OpenError::io("remove", &path))?;
        }
        let shards = (0..SHARDS).map(|_| Mutex::new(ShardName::Unknown)).collect();
        Ok(Self { files, partial, partial_names: AtomicU64::new(0), shards })
    }

    /// Removes every file whose blob is not kept, which a put left that crashed before it wrote the row.
    pub fn sweep<E>(&self, mut is_kept: impl FnMut(BlobId) -> Result<bool, E>) -> Result<usize, OpenError>
    where
        OpenError: From<E>,
    {
        let mut removed = 0;
        for shard in fs::read_dir(&self.files).map_err(OpenError::io("read", &self.files))? {
            let shard = shard.map_err(OpenError::io("read", &self.files))?.path();
            if !shard.is_dir() {
                continue;
            }
            for entry in fs::read_dir(&shard).map_err(OpenError::io("read", &shard))? {
                let path = entry.map_err(OpenError::io("read", &shard))?.path();
                let id = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse().ok());
                // What has another name is not ours to remove.
                if let Some(id) = id
                    && !is_kept(id)?
                {
                    fs::remove_file(&path).map_err(OpenError::io("remove", &path))?;
                    removed += 1;
                }
            }
        }
        Ok(removed)
    }

    /// Waits until no other put writes into the shard of this blob.
    pub fn lock(&self, id: BlobId) -> ShardGuard<'_> {
        let shard = usize::from(id.as_bytes()[0]);
        ShardGuard(self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes sure that the file of a blob is on the disk with the blob's bytes.
    pub fn write(&self, blob: &Blob, guard: &mut ShardGuard<'_>) -> io::Result<Written> {
        let (shard, path) = self.path(blob.id());
        self.make_shard(&shard, guard)?;
        let found = match File::open(&path) {
            Ok(file) if holds(&file, blob.bytes())? => {
                // It may have been written by a process that died before it synced.
                file.sync_all()?;
                sync_dir(&shard)?;
                return Ok(Written::Existing);
            }
            Ok(_) => Written::Existing,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Written::New,
            Err(error) => return Err(error),
        };
        let name = format!("{}.{}", blob.id(), self.partial_names.fetch_add(1, Ordering::Relaxed));
        let partial = self.partial.join(name);
        let result = write_synced(&partial, blob.bytes()).and_then(|()| {
            fs::rename(&partial, &path)?;
            sync_dir(&shard)
        });
        if result.is_err() {
            // What cannot be removed now is removed when the store is opened.
            let _ = fs::remove_file(&partial);
        }
        result.map(|()| found)
    }

    /// Removes the file of a blob that has no row.
    pub fn remove(&self, id: BlobId, _guard: &ShardGuard<'_>) -> io::Result<()> {
        fs::remove_file(self.path(id).1)
    }

    /// Reads the file of a blob, which has this many bytes. `None` where it is missing or has another length.
    pub fn read(&self, id: BlobId, size: u64) -> io::Result<Option<Vec<u8>>> {
        let mut file = match File::open(self.path(id).1) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        if file.metadata()?.len() != size {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(usize::try_from(size).map_err(io::Error::other)?)?;
        file.read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    fn make_shard(&self, shard: &Path, guard: &mut ShardGuard<'_>) -> io::Result<()> {
        if *guard.0 == ShardName::Unknown {
            match fs::create_dir(shard) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                made => made?,
            }
            sync_dir(&self.files)?;
            *guard.0 = ShardName::Durable;
        }
        Ok(())
    }

    fn path(&self, id: BlobId) -> (PathBuf, PathBuf) {
        let name = id.to_string();
        let shard = self.files.join(&name[..2]);
        let path = shard.join(name);
        (shard, path)
    }
}

/// Whether a file has these bytes and no others.
fn holds(mut file: &File, mut expected: &[u8]) -> io::Result<bool> {
    if file.metadata()?.len() != expected.len() as u64 {
        return Ok(false);
    }
    let mut buffer = vec![0; 64 << 10];
    loop {
        let count = file.read(&mut buffer)?;
        match expected.split_at_checked(count) {
            _ if count == 0 => return Ok(expected.is_empty()),
            Some((head, tail)) if head == &buffer[..count] => expected = tail,
            _ => return Ok(false),
        }
    }
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
