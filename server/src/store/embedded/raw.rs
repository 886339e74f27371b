//! The rows of the database as they are, right or wrong: for who copies and checks them.

use isoblob_core::{BlobId, BlobType};
use rusqlite::{Connection, Row};

use super::rows::{rank, type_of, unknown_coding};
use crate::store::coding::Coding;
use crate::store::{StoreStats, Totals};
use crate::{Filename, FilenameError};

/// What a row says.
pub struct RawRow {
    pub rank: i64,
    pub size: i64,
    filename: Option<String>,
    /// `None` where the content is in a file.
    pub content: Option<Vec<u8>>,
    coding: i64,
}

impl RawRow {
    /// The type, if it is one.
    pub fn blob_type(&self) -> Option<BlobType> {
        type_of(self.rank)
    }

    /// How the content is kept, if it is in one of the ways that there are; otherwise what is wrong.
    pub fn coding(&self) -> Result<Coding, String> {
        Coding::of(self.coding).ok_or_else(|| unknown_coding(self.coding))
    }

    /// The filename, if it is one.
    pub fn filename(&self) -> Result<Option<Filename>, FilenameError> {
        self.filename.clone().map(Filename::new).transpose()
    }
}

/// Reads a row.
pub fn read(connection: &Connection, id: BlobId) -> rusqlite::Result<RawRow> {
    const SELECT: &str = "SELECT type, size, filename, content, coding FROM blobs WHERE id = ?1";
    let mut select = connection.prepare_cached(SELECT)?;
    select.query_row([id.as_bytes()], |row| {
        // A name that is not UTF-8 is a bad one.
        let filename = row.get_ref(2)?.as_bytes_or_null()?.map(|name| String::from_utf8_lossy(name).into_owned());
        Ok(RawRow { rank: row.get(0)?, size: row.get(1)?, filename, content: row.get(3)?, coding: row.get(4)? })
    })
}

/// The ids of all rows.
pub fn ids(connection: &Connection) -> rusqlite::Result<Vec<BlobId>> {
    connection.prepare("SELECT id FROM blobs")?.query_map((), |row| row.get(0).map(BlobId::from_bytes))?.collect()
}

/// The rows whose content is in a file, and how it is kept there. One that says a way that there is not has no file.
pub fn files(connection: &Connection) -> rusqlite::Result<Vec<(BlobId, Coding)>> {
    let mut select = connection.prepare("SELECT id, coding FROM blobs WHERE content IS NULL")?;
    let file = |row: &Row<'_>| Ok((BlobId::from_bytes(row.get(0)?), Coding::of(row.get(1)?).unwrap_or(Coding::Plain)));
    select.query_map((), file)?.collect()
}

/// How many rows there are.
pub fn count(connection: &Connection) -> rusqlite::Result<u64> {
    connection.query_row("SELECT count(*) FROM blobs", (), |row| row.get(0).map(i64::unsigned_abs))
}

/// Puts right what a row says.
pub fn correct(
    connection: &Connection,
    id: BlobId,
    blob_type: BlobType,
    size: u64,
    filename: Option<&Filename>,
) -> rusqlite::Result<()> {
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    connection
        .prepare_cached("UPDATE blobs SET type = ?2, size = ?3, filename = ?4 WHERE id = ?1")?
        .execute((id.as_bytes(), rank(blob_type), size, filename.map(Filename::as_str)))
        .map(drop)
}

/// Removes a row.
pub fn remove(connection: &Connection, id: BlobId) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM blobs WHERE id = ?1")?.execute([id.as_bytes()]).map(drop)
}

/// What the database has counted.
pub fn totals(connection: &Connection) -> rusqlite::Result<StoreStats> {
    stats(connection, "SELECT type, blobs, bytes FROM totals")
}

/// What there is.
pub fn count_by_type(connection: &Connection) -> rusqlite::Result<StoreStats> {
    stats(connection, "SELECT type, count(*), sum(size) FROM blobs GROUP BY type")
}

fn stats(connection: &Connection, select: &str) -> rusqlite::Result<StoreStats> {
    let number = |row: &Row<'_>, column| row.get(column).map(|count: i64| u64::try_from(count).unwrap_or(0));
    let mut select = connection.prepare_cached(select)?;
    let mut rows = select.query(())?;
    let mut stats = StoreStats::default();
    while let Some(row) = rows.next()? {
        if let Some(blob_type) = type_of(row.get(0)?) {
            stats.add(blob_type, Totals { blobs: number(row, 1)?, bytes: number(row, 2)? });
        }
    }
    Ok(stats)
}

/// Puts right what the database has counted.
pub fn set_totals(connection: &Connection, blob_type: BlobType, totals: Totals) -> rusqlite::Result<()> {
    let number = |count| i64::try_from(count).unwrap_or(i64::MAX);
    connection
        .execute(
            "INSERT INTO totals VALUES (?1, ?2, ?3)
            ON CONFLICT (type) DO UPDATE SET blobs = excluded.blobs, bytes = excluded.bytes",
            (rank(blob_type), number(totals.blobs), number(totals.bytes)),
        )
        .map(drop)
}
