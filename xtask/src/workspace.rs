//! Where things are, and the lock that keeps two runs of `xtask` apart.

use std::env;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::step;
use crate::tools::cargo;

/// The directories of this workspace.
#[derive(Debug)]
pub struct Workspace {
    /// The directory of the root `Cargo.toml`.
    pub root: PathBuf,
    /// Cargo's target directory, wherever the user's settings put it.
    pub target: PathBuf,
}

impl Workspace {
    /// Asks cargo, so that it works from any directory and with any `CARGO_TARGET_DIR`.
    ///
    /// # Errors
    ///
    /// When cargo cannot read the workspace.
    pub fn discover() -> anyhow::Result<Self> {
        let package = env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
        let metadata = cargo::command()
            .args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"])
            .arg(Path::new(&package).join("Cargo.toml"))
            .read()?;
        let metadata: serde_json::Value = serde_json::from_str(&metadata).context("cargo metadata is not JSON")?;
        let directory = |member: &str| {
            let text = metadata[member].as_str().with_context(|| format!("cargo metadata has no {member}"))?;
            anyhow::Ok(PathBuf::from(text))
        };
        Ok(Self { root: directory("workspace_root")?, target: directory("target_directory")? })
    }

    /// The place of a stamp under the target directory.
    pub fn stamp(&self, name: &str) -> PathBuf {
        self.target.join("xtask").join(name)
    }

    /// Runs `work` while no other `xtask` of this workspace is in such a section: they write the same directories.
    ///
    /// # Errors
    ///
    /// When the lock cannot be taken, or what `work` returns.
    pub fn exclusively<T>(&self, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
        // A file that is there anyway: the target directory may be another one, and the sources are written to as well.
        let _lock = lock(&self.root.join("xtask/Cargo.toml"))?;
        work()
    }
}

/// The user's cache for isoblob, outside of any checkout: what is costly to make and the same for all of them.
///
/// # Errors
///
/// When neither `XDG_CACHE_HOME` nor `HOME` says where it is.
pub fn cache() -> anyhow::Result<PathBuf> {
    let default = || env::home_dir().map(|home| home.join(".cache"));
    let base = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute()).or_else(default);
    Ok(base.context("there is neither XDG_CACHE_HOME nor HOME")?.join("isoblob"))
}

/// Takes the lock of a file, whatever the file is otherwise for; dropping it gives the lock back.
///
/// # Errors
///
/// When there is no such file or it cannot be locked.
pub fn lock(path: &Path) -> anyhow::Result<File> {
    let cannot = || format!("cannot lock {}", path.display());
    let file = File::open(path).with_context(cannot)?;
    match file.try_lock() {
        Ok(()) => return Ok(file),
        Err(TryLockError::WouldBlock) => step::note("waiting for another xtask that is at work here"),
        Err(TryLockError::Error(error)) => return Err(error).with_context(cannot),
    }
    file.lock().with_context(cannot)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_root_from_the_package() {
        let workspace = Workspace::discover().expect("this is a workspace");
        assert!(workspace.root.join("xtask/src/workspace.rs").is_file());
        assert!(workspace.target.is_absolute());
    }

    #[test]
    fn a_lock_is_given_back_when_dropped() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("lock");
        lock(&path).expect_err("there is no such file");
        File::create(&path).expect("a file");
        let held = lock(&path).expect("nobody holds it");
        let other = File::open(&path).expect("the lock's file exists");
        assert!(matches!(other.try_lock(), Err(TryLockError::WouldBlock)));
        drop(held);
        other.try_lock().expect("it was given back");
    }
}
