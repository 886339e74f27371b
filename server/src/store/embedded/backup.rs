//! [`backup`]: a store as it is at one moment, while it may be served, in a directory of its own.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use isoblob_core::BlobId;
use rusqlite::Connection;
use rusqlite::backup::Backup;

use super::files::BlobFiles;
use super::{raw, schema};
use crate::store::OpenError;
use crate::store::disk::{make_all, partial_in, sync_dir};

/// What a backup came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BackupSummary {
    /// The blobs that are in it.
    pub blobs: u64,
    /// The large ones whose file is shared with the store: the same file under two names.
    pub linked: u64,
    /// The large ones whose file was copied, as the backup is on another file system.
    pub copied: u64,
    /// The large ones whose file the store does not have. They are damaged in the backup, too.
    pub missing: Vec<BlobId>,
}

/// Makes a directory that is the store of another as it is now. The store may be in use, and is read alone.
///
/// All blobs are in it that were acknowledged before it began. It does file I/O, so it has no place on an async thread.
///
/// # How it is consistent
///
/// The database is copied as one reader sees it, then the files that its rows name. These are written before their rows,
/// never changed and never removed, so each of them is there. The database has its name only once they are.
///
/// # Errors
///
/// There is no store, or one of a format that is not known; the other directory is not empty; or either disk does not do
/// what it should.
pub fn backup(store: &Path, to: &Path) -> Result<BackupSummary, OpenError> {
    let source = schema::open_existing(store)?;
    make_all(to)?;
    if fs::read_dir(to).map_err(OpenError::io("read", to))?.next().is_some() {
        return Err(OpenError::NotEmpty(to.into()));
    }
    let partial = to.join(format!("{}.partial", schema::DATABASE));
    let copy = copy_database(&source, &partial).map_err(schema::database_error(to))?;
    let blobs = raw::count(&copy).map_err(schema::database_error(to))?;
    let mut summary = BackupSummary { blobs, ..BackupSummary::default() };
    let (from, files) = (BlobFiles::at(store), BlobFiles::open(to)?);
    for (id, coding) in raw::files(&copy).map_err(schema::database_error(to))? {
        let path = from.path(id, coding);
        match copy_file(&path, &files, &files.path(id, coding)).map_err(OpenError::io("copy", path))? {
            Copied::Link => summary.linked += 1,
            Copied::File => summary.copied += 1,
            Copied::Nothing => summary.missing.push(id),
        }
    }
    files.sync().map_err(OpenError::io("sync", to))?;
    // Closed before it is moved, so that no log stays behind under the other name.
    copy.close().map_err(|(_, error)| schema::database_error(to)(error))?;
    let database = to.join(schema::DATABASE);
    fs::rename(&partial, &database).map_err(OpenError::io("rename", &partial))?;
    sync_dir(to).map_err(OpenError::io("sync", to))?;
    Ok(summary)
}

/// Copies a database as it is at one moment, however many write to it.
fn copy_database(source: &Connection, to: &Path) -> rusqlite::Result<Connection> {
    let mut copy = Connection::open(to)?;
    Backup::new(source, &mut copy)?.step(-1)?;
    // What was never served by this version may be of an older format.
    schema::bring_up(&mut copy)?;
    // It has the journal mode of the source, whose log would be another file.
    copy.pragma_update_and_check(None, "journal_mode", "delete", |_| Ok(()))?;
    Ok(copy)
}

/// How a file came into a backup.
enum Copied {
    Link,
    File,
    /// There is no such file.
    Nothing,
}

fn copy_file(source: &Path, files: &BlobFiles, target: &Path) -> io::Result<Copied> {
    fs::create_dir_all(target.parent().unwrap_or(target))?;
    match fs::hard_link(source, target) {
        Ok(()) => Ok(Copied::Link),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Copied::Nothing),
        // Another file system, or one that has no links.
        Err(_) => {
            let mut partial = partial_in(files.partial(), "", "")?;
            io::copy(&mut File::open(source)?, partial.as_file_mut())?;
            partial.as_file().sync_all()?;
            partial.persist(target)?;
            Ok(Copied::File)
        }
    }
}
