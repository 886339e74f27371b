//! `isoblob canonicalize`: the canonical form of JSON.

use std::io::Write;

use clap::Args;
use isoblob_core::canonicalize;

use super::content::LIMITS;
use super::{Answer, CommandError, Source};

/// The command line of `isoblob canonicalize`.
#[derive(Args, Clone, Debug)]
pub struct CanonicalizeArgs {
    /// The file; - is standard input
    #[arg(value_name = "FILE", default_value = "-")]
    file: Source,
}

impl CanonicalizeArgs {
    /// Prints the very bytes, with no line end after them.
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Answer, CommandError> {
        let text = self.file.read()?;
        let canonical = canonicalize(&text, LIMITS).map_err(|error| self.file.refused(error))?;
        out.write_all(&canonical)?;
        Ok(Answer::Yes)
    }
}
