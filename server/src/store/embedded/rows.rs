//! The rows of the database: how one is written, and how one is read.

use isoblob_core::{Blob, BlobId, BlobType};
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::{raw, schema};
use crate::store::coding::Coding;
use crate::store::large::undecodable;
use crate::store::sqlite::{NewRow, Statements};
use crate::store::{BlobInfo, ListQuery, ListedBlob, PutOutcome, StoreError, StoreStats, StoredBlob, Totals};
use crate::{Filename, timestamp};

/// What the writing thread does with the rows.
pub const STATEMENTS: Statements = Statements { write, count, probe: schema::probe };

const INSERT: &str = "
INSERT INTO blobs (id, type, size, created, filename, content, coding) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (id) DO NOTHING
";

/// Does nothing where there is nothing to better. Content that differs from content of the same id is damaged, or kept in
/// another way.
const IMPROVE: &str = "
UPDATE blobs SET type = max(type, ?2), size = ?3, filename = coalesce(filename, ?4), content = ?5, coding = ?6
WHERE id = ?1
AND (type < ?2 OR size <> ?3 OR (filename IS NULL AND ?4 IS NOT NULL) OR content IS NOT ?5 OR coding <> ?6)
";

/// Writes a row, or betters the one that is there.
fn write(connection: &Connection, row: &NewRow) -> rusqlite::Result<PutOutcome> {
    let id = row.id.as_bytes();
    let rank = rank(row.blob_type);
    let size = i64::try_from(row.size).expect("a blob in memory has fewer than 2^63 bytes");
    let filename = row.filename.as_ref().map(Filename::as_str);
    let content = row.content.as_deref();
    let (created, coding) = (timestamp::to_millis(row.created), row.coding.number());
    let inserted = connection.prepare_cached(INSERT)?.execute((id, rank, size, created, filename, content, coding))?;
    if inserted == 1 {
        return Ok(PutOutcome::New);
    }
    connection.prepare_cached(IMPROVE)?.execute((id, rank, size, filename, content, coding))?;
    Ok(PutOutcome::Existing)
}

/// Counts rows that were inserted.
fn count(connection: &Connection, inserted: &StoreStats) -> rusqlite::Result<()> {
    const COUNT: &str = "UPDATE totals SET blobs = blobs + ?2, bytes = bytes + ?3 WHERE type = ?1";
    for blob_type in BlobType::ALL {
        let Totals { blobs, bytes } = inserted.of(blob_type);
        if blobs > 0 {
            let [blobs, bytes] = [blobs, bytes].map(u64::cast_signed);
            connection.prepare_cached(COUNT)?.execute((rank(blob_type), blobs, bytes))?;
        }
    }
    Ok(())
}

/// What a row says, before anything of it was checked.
pub struct FoundRow {
    pub info: BlobInfo,
    /// `None` where the content is in a file.
    pub content: Option<Vec<u8>>,
    /// How the content is kept, here or there.
    pub coding: Coding,
}

impl FoundRow {
    /// The blob, if what is kept is it.
    pub fn verify(self, id: BlobId, kept: Vec<u8>) -> Result<StoredBlob, StoreError> {
        let bytes = self.coding.decode(kept).map_err(|error| corrupt(id, undecodable(&error)))?;
        let BlobInfo { blob_type, filename, created, .. } = self.info;
        let blob = Blob::verify(id, blob_type, bytes).map_err(|mismatch| corrupt(id, mismatch.to_string()))?;
        Ok(StoredBlob { blob, filename, created })
    }
}

/// Reads a row with its content.
pub fn read(connection: &Connection, id: BlobId) -> Result<Option<FoundRow>, StoreError> {
    const SELECT: &str = "SELECT type, size, created, filename, content, coding FROM blobs WHERE id = ?1";
    let Some((info, (content, number))) = find(connection, SELECT, id, |row| Ok((row.get(4)?, row.get(5)?)))? else {
        return Ok(None);
    };
    let info = info.map_err(|cause| corrupt(id, cause))?;
    let coding = Coding::of(number).ok_or_else(|| corrupt(id, unknown_coding(number)))?;
    Ok(Some(FoundRow { info, content, coding }))
}

/// Reads a row without its content.
pub fn head(connection: &Connection, id: BlobId) -> Result<Option<BlobInfo>, StoreError> {
    const SELECT: &str = "SELECT type, size, created, filename FROM blobs WHERE id = ?1";
    find(connection, SELECT, id, |_| Ok(()))?.map(|(info, ())| info.map_err(|cause| corrupt(id, cause))).transpose()
}

/// Reads the rows of a page, the newest first. `None` where there is no row that they are to come after.
pub fn list(connection: &Connection, query: ListQuery) -> Result<Option<Vec<ListedBlob>>, StoreError> {
    let before = match query.after {
        None => Some(i64::MAX),
        Some(id) => {
            let mut find = connection.prepare_cached("SELECT seq FROM blobs WHERE id = ?1")?;
            find.query_row([id.as_bytes()], |row| row.get(0)).optional()?
        }
    };
    let Some(before) = before else { return Ok(None) };
    let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
    let listed = |row: &Row<'_>| Ok((BlobId::from_bytes(row.get(4)?), info(row)?));
    let rows: Vec<_> = match query.blob_type {
        None => connection.prepare_cached(LIST)?.query_map((before, limit), listed)?.collect::<Result<_, _>>()?,
        Some(blob_type) => {
            let mut select = connection.prepare_cached(LIST_TYPE)?;
            select.query_map((before, limit, rank(blob_type)), listed)?.collect::<Result<_, _>>()?
        }
    };
    let checked = rows.into_iter().map(|(id, info)| match info {
        Ok(info) => Ok(ListedBlob { id, info }),
        Err(cause) => Err(corrupt(id, cause)),
    });
    checked.collect::<Result<_, _>>().map(Some)
}

const LIST: &str = "SELECT type, size, created, filename, id FROM blobs WHERE seq < ?1 ORDER BY seq DESC LIMIT ?2";

const LIST_TYPE: &str =
    "SELECT type, size, created, filename, id FROM blobs WHERE seq < ?1 AND type = ?3 ORDER BY seq DESC LIMIT ?2";

/// Reads what was counted.
pub fn stats(connection: &Connection) -> Result<StoreStats, StoreError> {
    Ok(raw::totals(connection)?)
}

/// Whether there is a row whose content is in a file, kept in this way.
pub fn has_file(connection: &Connection, id: BlobId, coding: Coding) -> rusqlite::Result<bool> {
    const SELECT: &str = "SELECT 1 FROM blobs WHERE id = ?1 AND content IS NULL AND coding = ?2";
    connection.prepare_cached(SELECT)?.exists((id.as_bytes(), coding.number()))
}

/// What is wrong where a row says that content is kept in a way that there is not.
pub fn unknown_coding(number: i64) -> String {
    format!("its row has the unknown coding {number}")
}

type InfoOrFault = Result<BlobInfo, String>;

fn find<T>(
    connection: &Connection,
    select: &str,
    id: BlobId,
    content: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<(InfoOrFault, T)>, StoreError> {
    connection
        .prepare_cached(select)
        .and_then(|mut found| found.query_row([id.as_bytes()], |row| Ok((info(row)?, content(row)?))).optional())
        .map_err(|error| match error.sqlite_error_code() {
            // What SQLite met on the way to this blob is damaged.
            Some(rusqlite::ErrorCode::DatabaseCorrupt) => corrupt(id, error.to_string()),
            _ => error.into(),
        })
}

fn info(row: &Row<'_>) -> rusqlite::Result<InfoOrFault> {
    let (rank, size, created, filename): (i64, i64, i64, Option<String>) =
        (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
    let Some(blob_type) = type_of(rank) else {
        return Ok(Err(format!("its row has the unknown type {rank}")));
    };
    let Ok(size) = u64::try_from(size) else { return Ok(Err(format!("its row has the size {size}"))) };
    let filename = match filename.map(Filename::new).transpose() {
        Ok(filename) => filename,
        Err(error) => return Ok(Err(format!("its row has a bad filename: {error}"))),
    };
    Ok(Ok(BlobInfo { blob_type, size, filename, created: timestamp::from_millis(created) }))
}

/// The number that stands for a type, in the order of [`BlobType`].
pub const fn rank(blob_type: BlobType) -> i64 {
    match blob_type {
        BlobType::Binary => 0,
        BlobType::Data => 1,
        BlobType::Flow => 2,
    }
}

/// The type that a number stands for, if there is one.
pub fn type_of(rank: i64) -> Option<BlobType> {
    BlobType::ALL.into_iter().find(|&blob_type| self::rank(blob_type) == rank)
}

pub fn corrupt(id: BlobId, cause: String) -> StoreError {
    StoreError::Corrupt { id, cause }
}
