//! `isoblob backup`: a store as it is now.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use isoblob_core::BlobId;
use serde::Serialize;

use super::{Answer, CommandError, Form, FormArgs, print_json};
use crate::store::{BackupSummary, backup};

/// The command line of `isoblob backup`.
#[derive(Args, Clone, Debug)]
pub struct BackupArgs {
    /// The directory of the store
    #[arg(long, env = "ISOBLOB_STORE", value_name = "DIR", default_value = "./isoblob-data")]
    store: PathBuf,

    /// The directory of the copy, which is empty or does not exist
    #[arg(long, value_name = "DIR")]
    to: PathBuf,

    #[command(flatten)]
    form: FormArgs,
}

#[derive(Serialize)]
struct Line {
    blobs: u64,
    linked: u64,
    copied: u64,
    missing: Vec<BlobId>,
}

impl BackupArgs {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Answer, CommandError> {
        let BackupSummary { blobs, linked, copied, missing } = backup(&self.store, &self.to)?;
        let is_whole = missing.is_empty();
        match self.form.form() {
            Form::Json => print_json(out, &Line { blobs, linked, copied, missing })?,
            Form::Text => {
                for id in &missing {
                    writeln!(out, "blob {id} is corrupt: its file is missing")?;
                }
                writeln!(out, "{blobs} blobs; of the large ones, {linked} linked and {copied} copied")?;
            }
        }
        Ok(is_whole.into())
    }
}
