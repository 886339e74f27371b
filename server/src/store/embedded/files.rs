//! Large blobs as files: `files/<first two digits of the id>/<id>`, or `<id>.zst` where it is compressed, whole and synced
//! before they have that name.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use isoblob_core::{Blob, BlobId, IdHasher};
use tempfile::TempPath;

use crate::store::coding::{self, Coding, ContentFile};
use crate::store::disk::{partial_in, sync_dir};
use crate::store::{OpenError, Spooled};

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

/// What [`BlobFiles::write`] came to.
#[derive(Clone, Copy, Debug)]
pub struct Kept {
    /// How the content is kept.
    pub coding: Coding,
    /// What was found.
    pub written: Written,
}

/// What there was before a file was written.
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
        let opened = Self::at(dir);
        let partial = &opened.partial;
        for made in [&opened.files, partial] {
            fs::create_dir_all(made).map_err(OpenError::io("create", made))?;
        }
        sync_dir(dir).map_err(OpenError::io("sync", dir))?;
        for entry in fs::read_dir(partial).map_err(OpenError::io("read", partial))? {
            let path = entry.map_err(OpenError::io("read", partial))?.path();
            fs::remove_file(&path).map_err(OpenError::io("remove", &path))?;
        }
        Ok(opened)
    }

    /// The files as they are, whether or not there are any.
    pub fn at(dir: &Path) -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::new(ShardName::Unknown)).collect();
        Self { files: dir.join(FILES), partial: dir.join(PARTIAL), shards }
    }

    /// Removes every file whose blob is not kept, which a put left that crashed before it wrote the row.
    pub fn sweep<E>(&self, mut is_kept: impl FnMut(BlobId, Coding) -> Result<bool, E>) -> Result<usize, OpenError>
    where
        OpenError: From<E>,
    {
        let mut removed = 0;
        self.walk(|path, blob| {
            // What has another name is not ours to remove.
            if let Some((id, coding)) = blob
                && !is_kept(id, coding)?
            {
                fs::remove_file(path).map_err(OpenError::io("remove", path))?;
                removed += 1;
            }
            Ok(())
        })?;
        Ok(removed)
    }

    /// Visits every file in a shard, with the blob whose name it has, if it has one, and how that is kept.
    pub fn walk(
        &self,
        mut visit: impl FnMut(&Path, Option<(BlobId, Coding)>) -> Result<(), OpenError>,
    ) -> Result<(), OpenError> {
        for shard in fs::read_dir(&self.files).map_err(OpenError::io("read", &self.files))? {
            let shard = shard.map_err(OpenError::io("read", &self.files))?.path();
            if !shard.is_dir() {
                continue;
            }
            for entry in fs::read_dir(&shard).map_err(OpenError::io("read", &shard))? {
                let path = entry.map_err(OpenError::io("read", &shard))?.path();
                let blob = path.file_name().and_then(|name| blob_of(name.to_str()?));
                visit(&path, blob)?;
            }
        }
        Ok(())
    }

    /// Makes the names of all files durable.
    pub fn sync(&self) -> io::Result<()> {
        for shard in fs::read_dir(&self.files)? {
            sync_dir(&shard?.path())?;
        }
        sync_dir(&self.files)
    }

    /// Where the file of a blob is, if it has one.
    pub fn path(&self, id: BlobId, coding: Coding) -> PathBuf {
        let name = id.to_string();
        self.files.join(&name[..2]).join(name + coding.suffix())
    }

    /// Waits until no other put writes into the shard of this blob.
    pub fn lock(&self, id: BlobId) -> ShardGuard<'_> {
        let shard = usize::from(id.as_bytes()[0]);
        ShardGuard(self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Where files are that are still being written.
    pub fn partial(&self) -> &Path {
        &self.partial
    }

    /// Makes sure that the file of a blob is on the disk with the blob's bytes.
    pub fn write(&self, blob: &Blob, guard: &mut ShardGuard<'_>) -> io::Result<Kept> {
        let partial = || {
            let mut partial = partial_in(&self.partial, "", "")?;
            let coding = coding::write(blob, partial.as_file_mut())?;
            partial.as_file().sync_all()?;
            Ok((partial.into_temp_path(), coding))
        };
        self.keep(blob.id(), blob.bytes().len() as u64, guard, |content| holds(content, blob.bytes()), partial)
    }

    /// Makes sure that the file of a blob is on the disk, with the bytes that were gathered.
    pub fn adopt(&self, spooled: Spooled, guard: &mut ShardGuard<'_>) -> io::Result<Kept> {
        let Spooled { id, size, path } = spooled;
        self.keep(id, size, guard, |content| hashes_to(content, id, size), || Ok((path, Coding::Plain)))
    }

    fn keep(
        &self,
        id: BlobId,
        size: u64,
        guard: &mut ShardGuard<'_>,
        is_whole: impl Fn(ContentFile) -> io::Result<bool>,
        partial: impl FnOnce() -> io::Result<(TempPath, Coding)>,
    ) -> io::Result<Kept> {
        let shard = self.files.join(&id.to_string()[..2]);
        self.make_shard(&shard, guard)?;
        let mut written = Written::New;
        for coding in Coding::ALL {
            let file = match File::open(self.path(id, coding)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                file => file?,
            };
            written = Written::Existing;
            if has_length(&file, coding, size)? && is_whole(ContentFile::new(file.try_clone()?, coding)?)? {
                // It may have been written by a process that died before it synced.
                file.sync_all()?;
                sync_dir(&shard)?;
                return Ok(Kept { coding, written });
            }
        }
        // What cannot be given its name is removed; if not now, then when the store is opened. So is a damaged file where
        // the blob is now kept in another way.
        let (partial, coding) = partial()?;
        partial.persist(self.path(id, coding))?;
        sync_dir(&shard)?;
        Ok(Kept { coding, written })
    }

    /// Removes the file of a blob that has no row.
    pub fn remove(&self, id: BlobId, coding: Coding, _guard: &ShardGuard<'_>) -> io::Result<()> {
        fs::remove_file(self.path(id, coding))
    }

    /// Opens the file of a blob, which has this many bytes. `None` where it is missing or is seen to have others.
    pub fn open_blob(&self, id: BlobId, coding: Coding, size: u64) -> io::Result<Option<ContentFile>> {
        match File::open(self.path(id, coding)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Ok(file) if !has_length(&file, coding, size)? => Ok(None),
            file => ContentFile::new(file?, coding).map(Some),
        }
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
}

/// The blob whose file has a name, and how it is kept there.
fn blob_of(name: &str) -> Option<(BlobId, Coding)> {
    Coding::ALL.into_iter().find_map(|coding| Some((name.strip_suffix(coding.suffix())?.parse().ok()?, coding)))
}

/// Whether a file can have so many bytes of content. Of what is compressed only its end tells.
fn has_length(file: &File, coding: Coding, size: u64) -> io::Result<bool> {
    Ok(coding != Coding::Plain || file.metadata()?.len() == size)
}

/// Whether a file has these bytes and no others.
fn holds(mut content: ContentFile, mut expected: &[u8]) -> io::Result<bool> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        let Some(count) = read(&mut content, &mut buffer)? else { return Ok(false) };
        match expected.split_at_checked(count) {
            _ if count == 0 => return Ok(expected.is_empty()),
            Some((head, tail)) if head == &buffer[..count] => expected = tail,
            _ => return Ok(false),
        }
    }
}

/// Whether a file has so many bytes, and they are the blob of this id.
fn hashes_to(content: ContentFile, id: BlobId, size: u64) -> io::Result<bool> {
    let mut content = content.take(size + 1);
    let mut hasher = IdHasher::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        match read(&mut content, &mut buffer)? {
            None => return Ok(false),
            Some(0) => return Ok(hasher.finish() == id),
            Some(count) => hasher.update(&buffer[..count]),
        };
    }
}

/// Reads some bytes. `None` where the file cannot be decompressed.
fn read(content: &mut impl Read, buffer: &mut [u8]) -> io::Result<Option<usize>> {
    match content.read(buffer) {
        Err(error) if error.raw_os_error().is_none() => Ok(None),
        count => count.map(Some),
    }
}
