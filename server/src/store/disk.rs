//! Directories that are there after a crash, and files that have no name yet.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use tempfile::NamedTempFile;

use super::OpenError;

/// Makes a directory and those above it, so that all of them are there after a crash.
pub fn make_all(dir: &Path) -> Result<(), OpenError> {
    if dir.is_dir() {
        return Ok(());
    }
    let parent = dir.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    make_all(parent)?;
    match fs::create_dir(dir) {
        // Another process was quicker.
        Err(_) if dir.is_dir() => {}
        made => made.map_err(OpenError::io("create", dir))?,
    }
    sync_dir(parent).map_err(OpenError::io("sync", parent))
}

/// Makes the names in a directory durable.
#[cfg(unix)]
pub fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Other systems than Unix cannot sync a directory, and journal its names themselves.
#[cfg(not(unix))]
pub fn sync_dir(_dir: &Path) -> io::Result<()> {
    Ok(())
}

/// A file to write into, which is removed again unless it is given a name. It may be read by whom the process's umask
/// lets: the database beside it can be, too.
pub fn partial_in(dir: &Path, prefix: &str, suffix: &str) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix).suffix(suffix);
    #[cfg(unix)]
    builder.permissions(<fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666));
    builder.tempfile_in(dir)
}
