//! `isoblob get`: reads a blob from a server, and verifies it.

use std::fs::File;
use std::io::{self, Seek as _, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use isoblob_core::BlobId;
use serde::Serialize;
use tempfile::NamedTempFile;

use super::client::Client;
use super::hashing::Hashing;
use super::progress::Progress;
use super::{Answer, CommandError, Form, FormArgs, ServerArgs, print_json};

/// The command line of `isoblob get`.
#[derive(Args, Clone, Debug)]
pub struct GetArgs {
    /// The id
    #[arg(value_name = "ID")]
    id: BlobId,

    /// The file to write, instead of standard output; --json then tells of it
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,

    #[command(flatten)]
    server: ServerArgs,

    #[command(flatten)]
    form: FormArgs,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    blob_id: BlobId,
    blob_type: Option<String>,
    size: u64,
    file: String,
}

impl GetArgs {
    /// Hands nothing out before all of it is verified: until then it is in a temporary file.
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Answer, CommandError> {
        let client = Client::new(&self.server);
        match &self.output {
            Some(path) => self.write(&client, path, out),
            None => self.print(&client, out),
        }?;
        Ok(Answer::Yes)
    }

    /// Writes the blob to the file that is asked for, in one step.
    fn write(&self, client: &Client<'_>, path: &Path, out: &mut dyn Write) -> Result<(), CommandError> {
        let name = path.display().to_string();
        let dir = path.parent().filter(|dir| *dir != Path::new("")).unwrap_or(Path::new("."));
        let unwritable = |source| CommandError::Write { to: name.clone(), source };
        let mut file = create_in(dir).map_err(unwritable)?;
        let line = self.fetch(client, file.as_file_mut(), &name)?;
        file.persist(path).map_err(|error| unwritable(error.error))?;
        if self.form.form() == Form::Json {
            print_json(out, &line)?;
        }
        Ok(())
    }

    /// Prints the blob, its very bytes.
    fn print(&self, client: &Client<'_>, out: &mut dyn Write) -> Result<(), CommandError> {
        let name = "a temporary file";
        let unwritable = |source| CommandError::Write { to: name.into(), source };
        let mut file = tempfile::tempfile().map_err(unwritable)?;
        self.fetch(client, &mut file, name)?;
        file.rewind().map_err(unwritable)?;
        io::copy(&mut file, out)?;
        Ok(())
    }

    /// Writes the blob to a file, and verifies it.
    fn fetch(&self, client: &Client<'_>, file: &mut File, name: &str) -> Result<Line, CommandError> {
        let response = client.get(self.id)?;
        let blob_type = response.headers().get("x-blob-type").and_then(|value| value.to_str().ok()).map(String::from);
        let progress = Progress::of("fetching", response.body().content_length());
        let mut body = Hashing::new(progress.count(response.into_body().into_reader()));
        // Of the two that can fail, the file is the one that says which error of the system it was.
        let size = io::copy(&mut body, file).map_err(|error| match error.raw_os_error() {
            Some(_) => CommandError::Write { to: name.into(), source: error },
            None => client.unreachable(error),
        })?;
        let found = body.id();
        if found != self.id {
            return Err(client.answered(format!("bytes of the id {found}, where {} was asked for", self.id)));
        }
        Ok(Line { blob_id: self.id, blob_type, size, file: name.into() })
    }
}

/// A temporary file that whoever may read other new files may read, too.
fn create_in(dir: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(dir)
}
