//! `isoblob fsck`: whether everything in a store is what it should be.

use std::io::{self, Write};

use clap::Args;
use isoblob_core::BlobId;
use serde::Serialize;

use super::store::{StoreArgs, runtime};
use super::{Answer, CommandError, Form, FormArgs, print_json};
use crate::store::check::{CheckMode, CheckSummary, Finding, check};

/// The command line of `isoblob fsck`.
#[derive(Args, Clone, Debug)]
pub struct FsckArgs {
    #[command(flatten)]
    store: StoreArgs,

    /// Move what cannot be served to `quarantine` in the store's directory, and put right what is said wrongly of sound
    /// blobs
    ///
    /// A blob that was moved is no longer there; a put of the same content brings it back.
    #[arg(long)]
    repair: bool,

    #[command(flatten)]
    form: FormArgs,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    finding: &'static str,
    fault: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    blob_id: Option<BlobId>,
    message: String,
}

impl From<&Finding> for Line {
    fn from(finding: &Finding) -> Self {
        let (name, blob_id) = match finding {
            Finding::Database(_) => ("database", None),
            Finding::Corrupt { id, .. } => ("corrupt", Some(*id)),
            Finding::WrongRow { id, .. } => ("wrong_row", Some(*id)),
            Finding::Uncanonical(id) => ("uncanonical", Some(*id)),
            Finding::Stray(_) => ("stray", None),
            Finding::WrongTotals { .. } => ("wrong_totals", None),
        };
        Self { finding: name, fault: finding.is_fault(), blob_id, message: finding.to_string() }
    }
}

#[derive(Serialize)]
struct Summary {
    blobs: u64,
    bytes: u64,
    faults: u64,
    repaired: u64,
}

impl FsckArgs {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Answer, CommandError> {
        let (form, mode) = (self.form.form(), if self.repair { CheckMode::Repair } else { CheckMode::Report });
        // What was found first is told, whatever comes then.
        let (mut found, mut printed) = (Vec::new(), Ok(()));
        let mut tell = |finding: &Finding| found.push(finding.clone());
        let checked = runtime()?.block_on(check(&self.store.store, mode, &mut tell));
        let mut print = |finding: &Finding| -> io::Result<()> {
            match form {
                Form::Json => print_json(out, &Line::from(finding)),
                Form::Text => writeln!(out, "{finding}"),
            }
        };
        for finding in &found {
            printed = printed.and_then(|()| print(finding));
        }
        printed?;
        let CheckSummary { blobs, bytes, faults, repaired } = checked?;
        match form {
            Form::Json => print_json(out, &Summary { blobs, bytes, faults, repaired })?,
            Form::Text => writeln!(out, "{blobs} blobs, {bytes} bytes; {faults} faults, {repaired} repaired")?,
        }
        Ok((faults == 0).into())
    }
}
