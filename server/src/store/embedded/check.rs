//! [`check`]: whether everything in a store is what it should be, and what is done about what is not.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use isoblob_core::{BlobId, BlobType, IdHasher, Limits, MAX_TEXT_BYTES, canonicalize, validate_flow};
use rusqlite::{Connection, ErrorCode};

use super::directory::StoreDirectory;
use super::files::BlobFiles;
use super::raw::{self, RawRow};
use super::schema::{self, DATABASE};
use crate::store::OpenError;
use crate::store::check::{CheckMode, CheckSummary, Finding};
use crate::store::coding::{Coding, ContentFile};
use crate::store::disk::{make_all, sync_dir};
use crate::store::large::undecodable;

/// The directory to which `--repair` moves what cannot be served, in the store's directory.
const QUARANTINE: &str = "quarantine";

/// Reads everything, and tells what is wrong with it. Nobody else may have the store open.
///
/// With [`CheckMode::Repair`] what cannot be served is moved to `quarantine` in the store's directory, and what is said
/// wrongly of a sound blob is put right. A sound blob is never touched otherwise.
pub fn check(dir: &Path, mode: CheckMode, tell: &mut dyn FnMut(&Finding)) -> Result<CheckSummary, OpenError> {
    if !dir.join(DATABASE).exists() {
        return Err(OpenError::Missing(dir.into()));
    }
    let directory = StoreDirectory::open(dir)?;
    let connection = schema::open_writer(directory.path())?;
    let mut check = Check { dir, connection, files: BlobFiles::at(dir), mode, tell, summary: CheckSummary::default() };
    check.database().map_err(schema::database_error(dir))?;
    let mut with_file = HashSet::new();
    for id in raw::ids(&check.connection).map_err(schema::database_error(dir))? {
        check.blob(id, &mut with_file)?;
    }
    check.strays(&with_file)?;
    check.totals().map_err(schema::database_error(dir))?;
    Ok(check.summary)
}

struct Check<'a> {
    dir: &'a Path,
    connection: Connection,
    files: BlobFiles,
    mode: CheckMode,
    tell: &'a mut dyn FnMut(&Finding),
    summary: CheckSummary,
}

/// What is known of a blob's content once it was read.
struct Content {
    id: BlobId,
    size: u64,
    /// The greatest type that it can be read as, up to that which it is said to have.
    blob_type: BlobType,
}

impl Check<'_> {
    fn tell(&mut self, finding: &Finding) {
        self.summary.faults += u64::from(finding.is_fault());
        (self.tell)(finding);
    }

    /// What SQLite itself finds. It is nothing that is put right here.
    fn database(&mut self) -> rusqlite::Result<()> {
        let mut found = Vec::new();
        self.connection.pragma_query(None, "integrity_check", |row| {
            found.push(row.get::<_, String>(0)?);
            Ok(())
        })?;
        for line in found.into_iter().filter(|line| line != "ok") {
            self.tell(&Finding::Database(line));
        }
        Ok(())
    }

    fn blob(&mut self, id: BlobId, with_file: &mut HashSet<(BlobId, Coding)>) -> Result<(), OpenError> {
        self.summary.blobs += 1;
        let row = match raw::read(&self.connection, id) {
            Ok(row) => row,
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) => {
                return self.unreadable(id, error.to_string(), None);
            }
            Err(error) => return Err(schema::database_error(self.dir)(error)),
        };
        match self.content(id, &row, with_file) {
            Ok(content) if content.id == id => self.said_of(id, &row, &content),
            Ok(content) => self.unreadable(id, format!("the bytes hash to {}, not to {id}", content.id), Some(&row)),
            Err(cause) => self.unreadable(id, cause, Some(&row)),
        }
    }

    /// Reads what a row has, or why that cannot be.
    fn content(&self, id: BlobId, row: &RawRow, with_file: &mut HashSet<(BlobId, Coding)>) -> Result<Content, String> {
        let (said, coding) = (row.blob_type().unwrap_or_default(), row.coding()?);
        if let Some(kept) = &row.content {
            let bytes = coding.decode(kept.clone()).map_err(|error| undecodable(&error))?;
            return Ok(identify(&bytes, said));
        }
        with_file.insert((id, coding));
        identify_file(&self.files.path(id, coding), coding, id, said).map_err(|error| match error.raw_os_error() {
            Some(_) => format!("its file cannot be read: {error}"),
            None => undecodable(&error),
        })
    }

    /// Compares what a row says of a sound blob with the blob.
    fn said_of(&mut self, id: BlobId, row: &RawRow, content: &Content) -> Result<(), OpenError> {
        self.summary.bytes += content.size;
        let mut faults = Vec::new();
        match row.blob_type() {
            Some(said) if said == content.blob_type => {}
            Some(said) => faults.push(format!("it is said to be {said}, and is {}", content.blob_type)),
            None => faults.push(format!("its row has the unknown type {}", row.rank)),
        }
        if u64::try_from(row.size) != Ok(content.size) {
            faults.push(format!("its row says that it has {} bytes, and it has {}", row.size, content.size));
        }
        if row.filename().is_err() {
            faults.push("its row has a bad filename".into());
        }
        if faults.is_empty() {
            return Ok(());
        }
        self.tell(&Finding::WrongRow { id, cause: faults.join("; ") });
        if self.mode == CheckMode::Repair {
            let filename = row.filename().unwrap_or_default();
            raw::correct(&self.connection, id, content.blob_type, content.size, filename.as_ref())
                .map_err(schema::database_error(self.dir))?;
            self.summary.repaired += 1;
        }
        Ok(())
    }

    /// A blob that cannot be served. What is left of it goes to the quarantine, and its row goes.
    fn unreadable(&mut self, id: BlobId, cause: String, row: Option<&RawRow>) -> Result<(), OpenError> {
        self.tell(&Finding::Corrupt { id, cause });
        let Some(row) = row.filter(|_| self.mode == CheckMode::Repair) else { return Ok(()) };
        let coding = row.coding().unwrap_or(Coding::Plain);
        let kept = self.quarantine()?.join(id.to_string() + coding.suffix());
        let moved = match &row.content {
            Some(bytes) => write_synced(&kept, bytes),
            None => match fs::rename(self.files.path(id, coding), &kept) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                moved => moved,
            },
        };
        moved.and_then(|()| sync_dir(&self.dir.join(QUARANTINE))).map_err(OpenError::io("write", &kept))?;
        raw::remove(&self.connection, id).map_err(schema::database_error(self.dir))?;
        self.summary.repaired += 1;
        Ok(())
    }

    /// Files of no blob.
    fn strays(&mut self, with_file: &HashSet<(BlobId, Coding)>) -> Result<(), OpenError> {
        let mut strays = Vec::new();
        self.files.walk(|path, blob| {
            if blob.is_none_or(|blob| !with_file.contains(&blob)) {
                strays.push((path.to_path_buf(), blob));
            }
            Ok(())
        })?;
        for (path, blob) in strays {
            let name = path.strip_prefix(self.dir).unwrap_or(&path).to_path_buf();
            self.tell(&Finding::Stray(name));
            // What has another name than that of a blob is not ours to move.
            if let Some((id, coding)) = blob
                && self.mode == CheckMode::Repair
            {
                let kept = self.quarantine()?.join(id.to_string() + coding.suffix());
                fs::rename(&path, kept).map_err(OpenError::io("move", &path))?;
                self.summary.repaired += 1;
            }
        }
        Ok(())
    }

    /// What the database has counted, beside what there is.
    fn totals(&mut self) -> rusqlite::Result<()> {
        let (said, counted) = (raw::totals(&self.connection)?, raw::count_by_type(&self.connection)?);
        for blob_type in BlobType::ALL {
            let (said, counted) = (said.of(blob_type), counted.of(blob_type));
            if said != counted {
                self.tell(&Finding::WrongTotals { blob_type, said, counted });
                if self.mode == CheckMode::Repair {
                    raw::set_totals(&self.connection, blob_type, counted)?;
                    self.summary.repaired += 1;
                }
            }
        }
        Ok(())
    }

    fn quarantine(&self) -> Result<PathBuf, OpenError> {
        let quarantine = self.dir.join(QUARANTINE);
        make_all(&quarantine)?;
        Ok(quarantine)
    }
}

fn identify(bytes: &[u8], said: BlobType) -> Content {
    Content { id: BlobId::of(bytes), size: bytes.len() as u64, blob_type: greatest_type(bytes, said) }
}

/// Only what is known to be the blob is read into memory.
fn identify_file(path: &Path, coding: Coding, id: BlobId, said: BlobType) -> io::Result<Content> {
    let mut hasher = Hashing { hasher: IdHasher::new() };
    let mut content = ContentFile::new(File::open(path)?, coding)?;
    let size = io::copy(&mut content, &mut hasher)?;
    let found = hasher.hasher.finish();
    if said == BlobType::Binary || found != id {
        return Ok(Content { id: found, size, blob_type: said });
    }
    let mut bytes = Vec::new();
    content.at(0)?.take(size).read_to_end(&mut bytes)?;
    Ok(identify(&bytes, said))
}

/// The greatest type that content can be read as, up to one.
fn greatest_type(bytes: &[u8], most: BlobType) -> BlobType {
    let is_canonical =
        || canonicalize(bytes, Limits { max_text_bytes: MAX_TEXT_BYTES }).is_ok_and(|canonical| *canonical == *bytes);
    match most {
        BlobType::Flow if is_canonical() && validate_flow(bytes).is_ok() => BlobType::Flow,
        BlobType::Data | BlobType::Flow if is_canonical() => BlobType::Data,
        _ => BlobType::Binary,
    }
}

/// Takes bytes for their id alone.
struct Hashing {
    hasher: IdHasher,
}

impl io::Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hasher.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
