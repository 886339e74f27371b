//! `isoblob import`: the files of an export, put into a store.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use futures_util::future::join_all;
use isoblob_core::{Blob, BlobId, BlobType, validate_flow};

use super::content::LIMITS;
use super::progress::Progress;
use super::store::{INDEX, StoreArgs, runtime};
use super::{Answer, CommandError};
use crate::Filename;
use crate::http::blobs::ListItem;
use crate::store::{MAX_ROW_BYTES, SPOOL_BLOCK_BYTES, Spool, Spooled, Store, StoreLocation};

/// Blobs that are put at once, so that they share the store's syncs.
const PUTS_AT_ONCE: usize = 64;

/// The command line of `isoblob import`.
#[derive(Args, Clone, Debug)]
pub struct ImportArgs {
    #[command(flatten)]
    store: StoreArgs,

    /// The directory of the files
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
}

/// A blob that is to be put.
struct Entry {
    id: BlobId,
    /// As the index has it. It tells no type of a file that it does not name.
    blob_type: Option<BlobType>,
    filename: Option<Filename>,
    size: u64,
}

/// Why a file is left out.
struct Refused {
    id: BlobId,
    why: String,
}

impl ImportArgs {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Answer, CommandError> {
        let entries = entries(&self.from)?;
        runtime()?.block_on(async {
            let store = self.store.store.open().await?;
            let form = match self.store.store {
                // An orchestrator keeps JSON as it came.
                StoreLocation::Stepflow(_) => JsonForm::Any,
                StoreLocation::Memory | StoreLocation::Directory(_) => JsonForm::Canonical,
            };
            let progress = Progress::of("importing", Some(entries.iter().map(|entry| entry.size).sum()));
            let (mut blobs, mut refused) = (0_u64, 0_u64);
            // A large blob would be passed by the small ones that come after it, and lists have them in the order of
            // their puts.
            let is_small = |entry: &Entry| entry.size <= MAX_ROW_BYTES as u64;
            let runs = entries.chunk_by(|one, other| is_small(one) && is_small(other));
            for run in runs.flat_map(|run| run.chunks(PUTS_AT_ONCE)) {
                for put in join_all(run.iter().map(|entry| self.put(&*store, entry, form))).await {
                    match put? {
                        Ok(()) => blobs += 1,
                        Err(Refused { id, why }) => {
                            refused += 1;
                            writeln!(out, "{id} is left out: {why}")?;
                        }
                    }
                }
                progress.advance(run.iter().map(|entry| entry.size).sum());
            }
            writeln!(out, "{blobs} blobs, {refused} left out")?;
            Ok((refused == 0).into())
        })
    }

    async fn put(&self, store: &dyn Store, entry: &Entry, form: JsonForm) -> Result<Result<(), Refused>, CommandError> {
        let Entry { id, blob_type, size, .. } = *entry;
        let filename = entry.filename.clone();
        let path = self.from.join(id.to_string());
        let refused = |why: String| Ok(Err(Refused { id, why }));
        if blob_type == Some(BlobType::Binary)
            && size > MAX_ROW_BYTES as u64
            && let Some(spool) = store.spool().await?
        {
            let spooled = gather(&path, spool).await?;
            if spooled.id() != id {
                return refused(format!("its bytes hash to {}", spooled.id()));
            }
            return Ok(store.put_spooled(spooled, filename).await.map(|_| Ok(()))?);
        }
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return refused("there is no such file".into()),
            bytes => bytes.map_err(unreadable(&path))?,
        };
        match blob_of(id, blob_type, bytes, form) {
            Ok(blob) => Ok(store.put(blob, filename).await.map(|_| Ok(()))?),
            Err(why) => refused(why),
        }
    }
}

async fn gather(path: &Path, mut spool: Spool) -> Result<Spooled, CommandError> {
    let mut file = File::open(path).map_err(unreadable(path))?;
    let mut buffer = vec![0; SPOOL_BLOCK_BYTES];
    loop {
        match file.read(&mut buffer).map_err(unreadable(path))? {
            0 => return Ok(spool.finish().await?),
            count => spool.write(&buffer[..count]).await?,
        }
    }
}

/// The forms of JSON that a store keeps.
#[derive(Clone, Copy, PartialEq, Eq)]
enum JsonForm {
    Canonical,
    Any,
}

/// The blob that bytes are said to be, or why they are not.
fn blob_of(id: BlobId, blob_type: Option<BlobType>, bytes: Vec<u8>, form: JsonForm) -> Result<Blob, String> {
    let found = BlobId::of(&bytes);
    if found != id {
        return Err(format!("its bytes hash to {found}"));
    }
    let Some(blob_type) = blob_type else {
        let json = Blob::data(&bytes, LIMITS).ok().filter(|json| json.id() == id);
        return Ok(json.unwrap_or_else(|| Blob::binary(bytes)));
    };
    let blob = Blob::verify_any_form(id, blob_type, bytes).map_err(|error| error.to_string())?;
    if !blob.is_canonical() && form == JsonForm::Canonical {
        return Err(
            "it is JSON in another form than the canonical one, which only an orchestrator's store keeps".into()
        );
    }
    if blob_type == BlobType::Flow && form == JsonForm::Canonical {
        validate_flow(blob.bytes()).map_err(|error| error.to_string())?;
    }
    Ok(blob)
}

/// What is to be put, the oldest first.
fn entries(from: &Path) -> Result<Vec<Entry>, CommandError> {
    let index = from.join(INDEX);
    let lines = match fs::read_to_string(&index) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        lines => lines.map_err(unreadable(&index))?,
    };
    let mut entries = Vec::new();
    for line in lines.lines().rev() {
        let broken = |error: serde_json::Error| unreadable(&index)(error.into());
        let ListItem { blob_id, blob_type, size, filename, .. } = serde_json::from_str(line).map_err(broken)?;
        let filename = filename.map(Filename::new).transpose();
        let filename = filename.map_err(|error| unreadable(&index)(io::Error::other(error)))?;
        entries.push(Entry { id: blob_id, blob_type: Some(blob_type), filename, size });
    }
    let named: HashSet<BlobId> = entries.iter().map(|entry| entry.id).collect();
    for file in fs::read_dir(from).map_err(unreadable(from))? {
        let file = file.map_err(unreadable(from))?;
        let id = file.file_name().to_str().and_then(|name| name.parse().ok());
        if let Some(id) = id.filter(|id| !named.contains(id)) {
            let size = file.metadata().map_err(unreadable(&file.path()))?.len();
            entries.push(Entry { id, blob_type: None, filename: None, size });
        }
    }
    Ok(entries)
}

fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> CommandError {
    let from = path.display().to_string();
    move |source| CommandError::Read { from, source }
}
