//! `isoblob id`: the ids of files.

use std::io::Write;

use clap::Args;
use isoblob_core::BlobId;
use serde::Serialize;

use super::content::TypeArgs;
use super::{Answer, CommandError, Form, FormArgs, Source, print_json};

/// The command line of `isoblob id`.
#[derive(Args, Clone, Debug)]
pub struct IdArgs {
    /// The files; - is standard input
    #[arg(value_name = "FILE", default_value = "-")]
    files: Vec<Source>,

    #[command(flatten)]
    content: TypeArgs,

    #[command(flatten)]
    form: FormArgs,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    blob_id: BlobId,
    file: String,
}

impl IdArgs {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Answer, CommandError> {
        for source in &self.files {
            let blob_id = self.content.identify(source)?;
            match (self.form.form(), &self.files[..]) {
                (Form::Json, _) => print_json(out, &Line { blob_id, file: source.to_string() })?,
                (Form::Text, [_]) => writeln!(out, "{blob_id}")?,
                (Form::Text, _) => writeln!(out, "{blob_id}  {source}")?,
            }
        }
        Ok(Answer::Yes)
    }
}
