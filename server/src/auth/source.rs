//! [`TokenSource`]: where a server's tokens are.

use std::fmt;
use std::path::PathBuf;

use super::{Access, Tokens};
use crate::reload::{Current, LoadError, Reload, Reloadable};

/// The environment variable that can hold tokens, as their file would.
pub const TOKENS_VARIABLE: &str = "ISOBLOB_TOKENS";

/// Where a server's tokens are.
#[derive(Clone, PartialEq, Eq)]
pub enum TokenSource {
    /// In a file, which may change.
    File(PathBuf),
    /// In this text, of the environment.
    Text(String),
}

impl TokenSource {
    /// Reads the tokens; those of a file can be read again.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or what was found is no list of tokens.
    pub fn load(self) -> Result<(Access, Option<Box<dyn Reload>>), LoadError> {
        match self {
            Self::File(file) => {
                let parse = |files: &[Vec<u8>]| Ok(str::from_utf8(&files[0])?.parse()?);
                let (tokens, reloadable) = Reloadable::load("tokens", vec![file], parse)?;
                Ok((Access::Tokens(tokens), Some(Box::new(reloadable))))
            }
            Self::Text(text) => {
                let tokens: Tokens = text.parse().map_err(|error| LoadError::new(TOKENS_VARIABLE, error))?;
                Ok((Access::Tokens(Current::fixed(tokens)), None))
            }
        }
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => write!(f, "File({})", file.display()),
            Self::Text(_) => f.write_str("Text"),
        }
    }
}
