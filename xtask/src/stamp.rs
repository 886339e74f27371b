//! Stamps: what a result was made from, kept beside it, so that unchanged work is skipped.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use sha2::{Digest, Sha256};

/// The digest of everything that a result is made from.
#[derive(Default)]
pub struct Inputs(Sha256);

impl Inputs {
    /// Adds a text under a name.
    pub fn text(mut self, name: &str, text: &str) -> Self {
        self.add(name, text.as_bytes());
        self
    }

    /// Adds a file's content under its name.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn file(mut self, path: &Path) -> anyhow::Result<Self> {
        let content = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        self.add(&path.to_string_lossy(), &content);
        Ok(self)
    }

    /// Adds every file under a directory, in the order of their paths, except in directories with a name in `except`.
    ///
    /// # Errors
    ///
    /// When the directory or a file in it cannot be read.
    pub fn tree(mut self, directory: &Path, except: &[&str]) -> anyhow::Result<Self> {
        let mut files = Vec::new();
        list(directory, except, &mut files)?;
        files.sort();
        for path in files {
            self = self.file(&path)?;
        }
        Ok(self)
    }

    /// The digest, in hexadecimal.
    pub fn digest(self) -> String {
        hex::encode(self.0.finalize())
    }

    // Each part goes in behind its length, so that no two different lists of parts feed the hash the same bytes.
    fn add(&mut self, name: &str, content: &[u8]) {
        for part in [name.as_bytes(), content] {
            self.0.update((part.len() as u64).to_le_bytes());
            self.0.update(part);
        }
    }
}

fn list(directory: &Path, except: &[&str], files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in fs::read_dir(directory).with_context(|| format!("cannot read {}", directory.display()))? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_file() {
            files.push(entry.path());
        } else if kind.is_dir() && !except.iter().any(|name| entry.file_name() == *name) {
            list(&entry.path(), except, files)?;
        }
    }
    Ok(())
}

/// A file that says what a finished result was made from.
pub struct Stamp {
    path: PathBuf,
    digest: String,
    result: Option<PathBuf>,
}

impl Stamp {
    /// The stamp at `path`, inside of the result, for a result of `inputs`.
    pub fn inside(path: PathBuf, inputs: Inputs) -> Self {
        Self { path, digest: inputs.digest(), result: None }
    }

    /// The stamp at `path`, outside of the directory `result`, which is `inputs`' result only while nobody changes it.
    pub fn outside(path: PathBuf, inputs: Inputs, result: PathBuf) -> Self {
        Self { path, digest: inputs.digest(), result: Some(result) }
    }

    /// Whether the result is there and was made from these very inputs.
    pub fn is_current(&self) -> bool {
        let found = fs::read_to_string(&self.path).ok();
        found.is_some() && found == self.text().ok()
    }

    /// Marks the result as made. To be called last: a result without its stamp is made anew.
    ///
    /// # Errors
    ///
    /// When the result cannot be read or the stamp cannot be written.
    pub fn set(&self) -> anyhow::Result<()> {
        if let Some(directory) = self.path.parent() {
            fs::create_dir_all(directory).with_context(|| format!("cannot create {}", directory.display()))?;
        }
        fs::write(&self.path, self.text()?).with_context(|| format!("cannot write {}", self.path.display()))
    }

    fn text(&self) -> anyhow::Result<String> {
        Ok(match &self.result {
            Some(result) => format!("{} {}", self.digest, Inputs::default().tree(result, &[])?.digest()),
            None => self.digest.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_current_only_for_the_inputs_it_was_set_for() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("stamps/one");
        let of = |text: &str| Stamp::inside(path.clone(), Inputs::default().text("version", text));
        assert!(!of("1").is_current());
        of("1").set().expect("the stamp is written");
        assert!(of("1").is_current());
        assert!(!of("2").is_current());
    }

    #[test]
    fn a_changed_result_is_no_result() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let result = directory.path().join("dist");
        let stamp = Stamp::outside(directory.path().join("stamp"), Inputs::default(), result.clone());
        stamp.set().expect_err("there is no result");

        fs::create_dir(&result).expect("a directory");
        fs::write(result.join("out"), "1").expect("a file");
        stamp.set().expect("the stamp is written");
        assert!(stamp.is_current());
        fs::write(result.join("out"), "2").expect("a file");
        assert!(!stamp.is_current());
        fs::write(result.join("out"), "1").expect("a file");
        assert!(stamp.is_current());
        fs::remove_dir_all(&result).expect("it is there");
        assert!(!stamp.is_current());
    }

    #[test]
    fn parts_do_not_run_together() {
        let one = Inputs::default().text("a", "bc").digest();
        let other = Inputs::default().text("ab", "c").digest();
        assert_ne!(one, other);
    }

    #[test]
    fn a_tree_is_its_names_and_contents_outside_excepted_directories() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let root = directory.path();
        let write = |name: &str, text: &str| {
            let path = root.join(name);
            fs::create_dir_all(path.parent().expect("it is in root")).expect("a directory");
            fs::write(path, text).expect("a file");
        };
        let digest = || Inputs::default().tree(root, &["dist"]).expect("a readable tree").digest();

        write("a", "1");
        write("deep/b", "2");
        let before = digest();
        assert_eq!(digest(), before);
        write("dist/out", "3");
        write("deep/dist/out", "3");
        assert_eq!(digest(), before);
        write("deep/b", "changed");
        let changed = digest();
        assert_ne!(changed, before);
        write("deep/c", "");
        assert_ne!(digest(), changed);
    }
}
