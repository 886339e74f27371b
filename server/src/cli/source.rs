//! [`Source`]: a file of the command line, or standard input.

use std::convert::Infallible;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::str::FromStr;

use isoblob_core::Error;

use super::CommandError;

/// Where content comes from: a file, or standard input for `-`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A file.
    File(PathBuf),
    /// Standard input.
    Stdin,
}

impl FromStr for Source {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(if text == "-" { Self::Stdin } else { Self::File(text.into()) })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Stdin => f.write_str("standard input"),
        }
    }
}

impl Source {
    /// Opens it, and tells how many bytes it has, where that is known before they are read.
    pub(super) fn open(&self) -> Result<(Box<dyn Read>, Option<u64>), CommandError> {
        let Self::File(path) = self else { return Ok((Box::new(io::stdin().lock()), None)) };
        let open = || {
            let file = File::open(path)?;
            let metadata = file.metadata()?;
            Ok((file, metadata.is_file().then_some(metadata.len())))
        };
        let (file, size) = open().map_err(|error| self.unreadable(error))?;
        Ok((Box::new(file), size))
    }

    /// Reads all of it.
    pub(super) fn read(&self) -> Result<Vec<u8>, CommandError> {
        let (mut reader, size) = self.open()?;
        let mut bytes = Vec::with_capacity(size.and_then(|size| usize::try_from(size).ok()).unwrap_or_default());
        reader.read_to_end(&mut bytes).map_err(|error| self.unreadable(error))?;
        Ok(bytes)
    }

    /// It cannot be read.
    pub(super) fn unreadable(&self, source: io::Error) -> CommandError {
        CommandError::Read { from: self.to_string(), source }
    }

    /// The core refuses what it holds.
    pub(super) fn refused(&self, error: Error) -> CommandError {
        CommandError::Text { from: self.to_string(), error }
    }
}
