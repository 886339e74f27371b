//! `isoblob verify`: whether a file is a blob.

use std::io::Write;

use clap::Args;
use isoblob_core::BlobId;
use serde::Serialize;

use super::content::TypeArgs;
use super::{Answer, CommandError, Form, FormArgs, Source, print_json};

/// The command line of `isoblob verify`.
#[derive(Args, Clone, Debug)]
pub struct VerifyArgs {
    /// The id
    #[arg(value_name = "ID")]
    id: BlobId,

    /// The file; - is standard input
    #[arg(value_name = "FILE", default_value = "-")]
    file: Source,

    #[command(flatten)]
    content: TypeArgs,

    #[command(flatten)]
    form: FormArgs,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Verdict {
    verified: bool,
    expected: BlobId,
    blob_id: BlobId,
    file: String,
}

impl VerifyArgs {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Answer, CommandError> {
        let (expected, blob_id) = (self.id, self.content.identify(&self.file)?);
        let verified = blob_id == expected;
        match self.form.form() {
            Form::Json => print_json(out, &Verdict { verified, expected, blob_id, file: self.file.to_string() })?,
            Form::Text if verified => writeln!(out, "{} is {expected}", self.file)?,
            Form::Text => writeln!(out, "{} is not {expected}: its id is {blob_id}", self.file)?,
        }
        Ok(verified.into())
    }
}
