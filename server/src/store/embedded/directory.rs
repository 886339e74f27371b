//! The directory of a store: made durably, refused where it is not ours, and held by one process at a time.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use super::schema::DATABASE;
use crate::store::OpenError;
use crate::store::disk::make_all;

/// The file whose lock the process holds. The system lets go of it however the process ends.
const LOCK: &str = "lock";

/// What may be in a directory in which a store is made: our lock, and what a new file system comes with.
const IGNORED: [&str; 2] = [LOCK, "lost+found"];

/// A locked directory.
pub struct StoreDirectory {
    path: PathBuf,
    lock: File,
}

impl StoreDirectory {
    /// Makes the directory where it is missing, and locks it.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        make_all(path)?;
        refuse_foreign(path)?;
        let name = path.join(LOCK);
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&name)
            .map_err(OpenError::io("create", &name))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.into(), lock }),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse(path.into())),
            Err(TryLockError::Error(error)) => Err(OpenError::io("lock", name)(error)),
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for StoreDirectory {
    fn drop(&mut self) {
        // Closing it would do, unless another thread has just started a process, which has the file open, too, until it
        // is another program. What cannot be unlocked is closed.
        let _ = self.lock.unlock();
    }
}

/// Opening a store removes files, so a directory that holds others is left alone.
fn refuse_foreign(dir: &Path) -> Result<(), OpenError> {
    if dir.join(DATABASE).exists() {
        return Ok(());
    }
    for entry in fs::read_dir(dir).map_err(OpenError::io("read", dir))? {
        let name = entry.map_err(OpenError::io("read", dir))?.file_name();
        if !IGNORED.iter().any(|&ignored| name == ignored) {
            return Err(OpenError::Foreign(dir.into()));
        }
    }
    Ok(())
}
