//! `isoblob put`: stores files in a server.

use std::io::Write;

use clap::Args;
use isoblob_core::{BlobEnvelope, BlobId, BlobType};
use serde::Serialize;

use super::client::Client;
use super::content::TypeArgs;
use super::hashing::Hashing;
use super::progress::Progress;
use super::{Answer, CommandError, Form, FormArgs, ServerArgs, Source, print_json};
use crate::Filename;

/// The command line of `isoblob put`.
#[derive(Args, Clone, Debug)]
pub struct PutArgs {
    /// The files; - is standard input
    #[arg(value_name = "FILE", default_value = "-")]
    files: Vec<Source>,

    #[command(flatten)]
    content: TypeArgs,

    /// The name that the server keeps with the content
    #[arg(long, value_name = "NAME", value_parser = |name: &str| Filename::new(name))]
    filename: Option<Filename>,

    #[command(flatten)]
    server: ServerArgs,

    #[command(flatten)]
    form: FormArgs,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    blob_id: BlobId,
    blob_type: BlobType,
    file: String,
}

impl PutArgs {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Answer, CommandError> {
        let client = Client::new(&self.server);
        for source in &self.files {
            let blob_id = self.put(&client, source)?;
            match (self.form.form(), &self.files[..]) {
                (Form::Json, _) => {
                    let line = Line { blob_id, blob_type: self.content.blob_type, file: source.to_string() };
                    print_json(out, &line)?;
                }
                (Form::Text, [_]) => writeln!(out, "{blob_id}")?,
                (Form::Text, _) => writeln!(out, "{blob_id}  {source}")?,
            }
        }
        Ok(Answer::Yes)
    }
}

impl PutArgs {
    /// Stores a file, and returns its id, which the server and this program agree on.
    fn put(&self, client: &Client<'_>, source: &Source) -> Result<BlobId, CommandError> {
        let filename = self.filename.as_ref().map(Filename::as_str);
        let (own, answered) = if self.content.blob_type == BlobType::Binary {
            let (reader, size) = source.open()?;
            let progress = Progress::of("sending", size);
            let mut reader = Hashing::new(progress.count(reader));
            let answered = client.put_bytes(&mut reader, size, filename)?;
            (reader.id(), answered)
        } else {
            // What is not JSON is refused here. In its canonical form it is a part of the envelope that ends where it
            // should.
            let blob = self.content.read(source)?;
            let envelope = BlobEnvelope { blob: &blob, filename }.to_json();
            (blob.id(), client.put_envelope(&envelope)?)
        };
        if own == answered {
            return Ok(own);
        }
        Err(client.answered(format!("the id {answered} to what has the id {own}")))
    }
}
