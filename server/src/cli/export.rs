//! `isoblob export`: the blobs of a store as files.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use futures_util::{StreamExt as _, TryStreamExt as _};
use isoblob_core::BlobId;

use super::progress::Progress;
use super::store::{INDEX, StoreArgs, runtime};
use super::{Answer, CommandError, print_json};
use crate::http::blobs::ListItem;
use crate::store::{ListQuery, OpenBlob, Store, StoreError};

/// Blobs that are asked for at once.
const PAGE_BLOBS: usize = 1000;

/// The command line of `isoblob export`.
#[derive(Args, Clone, Debug)]
pub struct ExportArgs {
    #[command(flatten)]
    store: StoreArgs,

    /// The directory of the files, which is empty or does not exist
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

impl ExportArgs {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Answer, CommandError> {
        runtime()?.block_on(async {
            let store = self.store.store.open().await?;
            self.export(&*store, out).await
        })
    }

    async fn export(&self, store: &dyn Store, out: &mut dyn Write) -> Result<Answer, CommandError> {
        let to = &self.to;
        let total = store.stats().await?.total();
        fs::create_dir_all(to).map_err(unwritable(to))?;
        if fs::read_dir(to).map_err(unwritable(to))?.next().is_some() {
            return Err(unwritable(to)(io::ErrorKind::DirectoryNotEmpty.into()));
        }
        let name = to.join(INDEX);
        let mut index = BufWriter::new(File::create(&name).map_err(unwritable(&name))?);
        let progress = Progress::of("exporting", Some(total.bytes));
        let (mut blobs, mut damaged, mut after) = (0_u64, 0_u64, None);
        loop {
            let query = ListQuery { blob_type: None, after, limit: PAGE_BLOBS };
            let page = store.list(query).await?.unwrap_or_default();
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            for listed in &page {
                match write(store, listed.id, &to.join(listed.id.to_string())).await {
                    Err(CommandError::Store(error @ (StoreError::Corrupt { .. } | StoreError::NotJson { .. }))) => {
                        damaged += 1;
                        writeln!(out, "{error}")?;
                    }
                    written => {
                        written?;
                        blobs += 1;
                        print_json(&mut index, &ListItem::from(listed)).map_err(unwritable(&name))?;
                    }
                }
                progress.advance(listed.info.size);
            }
        }
        index
            .into_inner()
            .map_err(io::IntoInnerError::into_error)
            .and_then(|index| index.sync_all())
            .map_err(unwritable(&name))?;
        writeln!(out, "{blobs} blobs, {damaged} damaged")?;
        Ok((damaged == 0).into())
    }
}

/// Writes a blob as a file, which has its name once it is whole.
async fn write(store: &dyn Store, id: BlobId, to: &Path) -> Result<(), CommandError> {
    let partial = to.with_extension("partial");
    let written = write_partial(store, id, &partial).await;
    let named = written.and_then(|()| fs::rename(&partial, to).map_err(unwritable(to)));
    if named.is_err() {
        // What is wrong was said already.
        let _ = fs::remove_file(&partial);
    }
    named
}

async fn write_partial(store: &dyn Store, id: BlobId, to: &Path) -> Result<(), CommandError> {
    let missing = || StoreError::Corrupt { id, cause: "it is listed, and is not there".into() };
    let found = store.open(id).await?.ok_or_else(missing)?;
    let mut file = File::create(to).map_err(unwritable(to))?;
    match found {
        OpenBlob::Whole(found) => file.write_all(found.blob.bytes()).map_err(unwritable(to))?,
        OpenBlob::Large(blob) => {
            let size = blob.info().size;
            let mut pieces = blob.verified(0..size).await?.boxed();
            while let Some(piece) = pieces.try_next().await? {
                file.write_all(&piece).map_err(unwritable(to))?;
            }
        }
    }
    file.sync_all().map_err(unwritable(to))
}

fn unwritable(path: &Path) -> impl FnOnce(io::Error) -> CommandError {
    let to = path.display().to_string();
    move |source| CommandError::Write { to, source }
}
