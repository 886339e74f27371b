//! [`StepflowSqliteStore`]: the table `blobs` of an orchestrator's SQLite database.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use isoblob_core::{Blob, BlobId};
use prometheus_client::registry::Registry;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _, Row, TransactionBehavior};

use super::found::{Found, corrupt};
use super::location::{MissingDatabase, SqliteUrl};
use super::{StepflowOpenError, created_at};
use crate::store::coding::Coding;
use crate::store::sqlite::{NewRow, Readers, Statements, Writer};
use crate::store::{
    BlobInfo, ListQuery, ListedBlob, OpenBlob, OpenError, PutOutcome, Store, StoreError, StoreStats, Totals,
};
use crate::{Filename, timestamp};

/// How long to wait for the orchestrator where it writes, or reads without a write-ahead log.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// What the orchestrator's migration `001_create_blob_tables` makes.
const TABLES: &str = "
CREATE TABLE IF NOT EXISTS blobs (
    id TEXT PRIMARY KEY,
    data BLOB NOT NULL,
    blob_type TEXT NOT NULL DEFAULT 'data',
    filename TEXT,
    created_at TEXT DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX IF NOT EXISTS idx_blobs_type ON blobs(blob_type);
";

const INSERT: &str = "
INSERT INTO blobs (id, data, blob_type, filename, created_at) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO NOTHING
";

/// Does nothing where there is nothing to better. The names of the types sort as the types do.
const IMPROVE: &str = "
UPDATE blobs SET data = ?2, blob_type = max(blob_type, ?3), filename = coalesce(filename, ?4)
WHERE id = ?1 AND (data IS NOT ?2 OR blob_type < ?3 OR (filename IS NULL AND ?4 IS NOT NULL))
";

/// The rows that are blobs: an orchestrator to come may keep others. By the rowid, which is the order of the puts; `+`
/// keeps SQLite from the index over types, which has another.
const LIST: &str = "
SELECT blob_type, filename, created_at, octet_length(data), id FROM blobs
WHERE rowid < ?1 AND +blob_type IN ('binary', 'data', 'flow') AND length(id) = 64 AND id NOT GLOB '*[^0-9a-f]*'
ORDER BY rowid DESC LIMIT ?2
";

const LIST_TYPE: &str = "
SELECT blob_type, filename, created_at, octet_length(data), id FROM blobs
WHERE rowid < ?1 AND blob_type = ?3 AND length(id) = 64 AND id NOT GLOB '*[^0-9a-f]*'
ORDER BY rowid DESC LIMIT ?2
";

/// The blobs of an orchestrator's SQLite database.
///
/// The orchestrator may use it at the same time. Its journal mode and all else that it keeps is left as it is.
pub struct StepflowSqliteStore {
    path: PathBuf,
    readers: Arc<Readers>,
    // Dropped after the readers, so that the last connection to close is one that can tidy the log away.
    writer: Writer,
}

impl StepflowSqliteStore {
    /// Opens an orchestrator's database, and makes its table of blobs where it has none yet.
    ///
    /// It does file I/O, so it has no place on an async thread.
    ///
    /// # Errors
    ///
    /// There is no database, and the URL does not say to make one; or it is not an orchestrator's.
    pub fn open(url: &SqliteUrl) -> Result<Self, OpenError> {
        let path = &url.path;
        let foreign = || StepflowOpenError::Foreign(path.display().to_string());
        let refused = |source: rusqlite::Error| match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => foreign(),
            _ => StepflowOpenError::Sqlite { path: path.clone(), source },
        };
        if url.missing == MissingDatabase::Refuse && !path.exists() {
            return Err(StepflowOpenError::NoDatabase(path.clone()).into());
        }
        let mut connection = connect(url).map_err(refused)?;
        match prepare(&mut connection).map_err(refused)? {
            Schema::Stepflow => {}
            Schema::Foreign => return Err(foreign().into()),
        }
        let readers = Readers::open(|| connect(url)).map_err(refused)?;
        // An orchestrator counts nothing.
        let statements = Statements { write, count: |_, _| Ok(()), probe };
        let writer = Writer::spawn(connection, statements).map_err(OpenError::io("start a thread for", path))?;
        Ok(Self { path: path.clone(), readers, writer })
    }
}

/// Whose tables a database has.
enum Schema {
    Stepflow,
    Foreign,
}

/// Begins to write, and writes nothing: the database is the orchestrator's.
fn probe(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK")
}

fn connect(url: &SqliteUrl) -> rusqlite::Result<Connection> {
    let create = match url.missing {
        MissingDatabase::Refuse => OpenFlags::empty(),
        MissingDatabase::Create => OpenFlags::SQLITE_OPEN_CREATE,
    };
    // Each connection is used by one thread at a time, so SQLite need not lock it.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | create;
    let connection = Connection::open_with_flags(&url.path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // Of this connection alone: a commit returns once it is on the disk.
    connection.pragma_update(None, "synchronous", "full")?;
    Ok(connection)
}

/// Makes the table where an orchestrator would, and looks at the one that is there.
fn prepare(connection: &mut Connection) -> rusqlite::Result<Schema> {
    let has_table = |connection: &Connection, condition: &str| {
        let select = format!("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND {condition}");
        connection.prepare(&select)?.exists(())
    };
    if !has_table(connection, "name = 'blobs'")? {
        let is_empty = !has_table(connection, "name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")?;
        if !is_empty && !has_table(connection, "name = '_stepflow_migrations'")? {
            return Ok(Schema::Foreign);
        }
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(TABLES)?;
        transaction.commit()?;
    }
    match connection.prepare("SELECT id, data, blob_type, filename, created_at FROM blobs") {
        Err(rusqlite::Error::SqlInputError { .. }) => Ok(Schema::Foreign),
        columns => columns.map(|_| Schema::Stepflow),
    }
}

/// Writes a row, or betters the one that is there.
fn write(connection: &Connection, row: &NewRow) -> rusqlite::Result<PutOutcome> {
    let (id, blob_type) = (row.id.to_string(), row.blob_type.as_str());
    let (filename, content) = (row.filename.as_ref().map(Filename::as_str), row.content.as_deref());
    let created = created_at::write(row.created);
    let inserted = connection.prepare_cached(INSERT)?.execute((&id, content, blob_type, filename, created))?;
    if inserted == 1 {
        return Ok(PutOutcome::New);
    }
    connection.prepare_cached(IMPROVE)?.execute((&id, content, blob_type, filename))?;
    Ok(PutOutcome::Existing)
}

/// Reads the rows of a page. `None` where there is no row that they are to come after.
fn list(connection: &Connection, query: ListQuery) -> Result<Option<Vec<ListedBlob>>, StoreError> {
    let before = match query.after {
        None => Some(i64::MAX),
        Some(id) => {
            let mut find = connection.prepare_cached("SELECT rowid FROM blobs WHERE id = ?1")?;
            find.query_row([id.to_string()], |row| row.get(0)).optional()?
        }
    };
    let Some(before) = before else { return Ok(None) };
    let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
    let mut select = connection.prepare_cached(if query.blob_type.is_some() { LIST_TYPE } else { LIST })?;
    let mut rows = match query.blob_type {
        None => select.query((before, limit))?,
        Some(blob_type) => select.query((before, limit, blob_type.as_str()))?,
    };
    let mut listed = Vec::new();
    while let Some(row) = rows.next()? {
        let id: BlobId = row.get::<_, String>(4)?.parse().map_err(StoreError::failed)?;
        let size = row.get::<_, i64>(3)?.unsigned_abs();
        listed.push(ListedBlob { id, info: found(row)?.info(id, size)? });
    }
    Ok(Some(listed))
}

/// Counts the rows, all of which are walked.
fn stats(connection: &Connection) -> Result<StoreStats, StoreError> {
    let select = "SELECT blob_type, count(*), sum(octet_length(data)) FROM blobs GROUP BY blob_type";
    let mut select = connection.prepare_cached(select)?;
    let mut rows = select.query(())?;
    let mut stats = StoreStats::default();
    while let Some(row) = rows.next()? {
        if let Ok(blob_type) = row.get::<_, String>(0)?.parse() {
            let count = |column| row.get(column).map(i64::unsigned_abs);
            stats.add(blob_type, Totals { blobs: count(1)?, bytes: count(2)? });
        }
    }
    Ok(stats)
}

/// What a row has beside the content.
fn found(row: &Row<'_>) -> rusqlite::Result<Found> {
    let created: Option<String> = row.get(2)?;
    Ok(Found { blob_type: row.get(0)?, filename: row.get(1)?, created: created_at::read(created.as_deref()) })
}

/// Reads what a row has of a blob, and one more column.
fn find<T>(
    connection: &Connection,
    id: BlobId,
    select: &str,
    column: fn(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<(Found, T)>, StoreError> {
    let read = |row: &Row<'_>| Ok((found(row)?, column(row)?));
    let found = connection
        .prepare_cached(select)
        .and_then(|mut statement| statement.query_row([id.to_string()], read).optional());
    found.map_err(|error| match error.sqlite_error_code() {
        // What SQLite met on the way to this blob is damaged.
        Some(ErrorCode::DatabaseCorrupt) => corrupt(id, error.to_string()),
        _ => error.into(),
    })
}

#[async_trait]
impl Store for StepflowSqliteStore {
    async fn put(&self, blob: Blob, filename: Option<Filename>) -> Result<PutOutcome, StoreError> {
        let row = NewRow {
            id: blob.id(),
            blob_type: blob.blob_type(),
            size: blob.bytes().len() as u64,
            created: timestamp::now(),
            filename,
            content: Some(blob.into_bytes().into()),
            coding: Coding::Plain,
        };
        self.writer.write(row).await
    }

    async fn open(&self, id: BlobId) -> Result<Option<OpenBlob>, StoreError> {
        const SELECT: &str = "SELECT blob_type, filename, created_at, data FROM blobs WHERE id = ?1";
        let read = move |connection: &Connection| {
            let content = |row: &Row<'_>| Ok(row.get_ref(3)?.as_bytes()?.to_vec());
            find(connection, id, SELECT, content)?.map(|(found, content)| found.verify(id, content)).transpose()
        };
        Ok(self.readers.run(read).await?.map(OpenBlob::Whole))
    }

    async fn head(&self, id: BlobId) -> Result<Option<BlobInfo>, StoreError> {
        const SELECT: &str = "SELECT blob_type, filename, created_at, octet_length(data) FROM blobs WHERE id = ?1";
        let read = move |connection: &Connection| {
            let size = |row: &Row<'_>| row.get::<_, i64>(3).map(i64::unsigned_abs);
            find(connection, id, SELECT, size)?.map(|(found, size)| found.info(id, size)).transpose()
        };
        self.readers.run(read).await
    }

    async fn list(&self, query: ListQuery) -> Result<Option<Vec<ListedBlob>>, StoreError> {
        self.readers.run(move |connection| list(connection, query)).await
    }

    async fn stats(&self) -> Result<StoreStats, StoreError> {
        self.readers.run(stats).await
    }

    async fn health(&self) -> Result<(), StoreError> {
        self.writer.health().await?;
        self.head(BlobId::of(b"")).await.map(|_| ())
    }

    fn register(&self, registry: &mut Registry) {
        self.writer.register(registry);
    }
}

impl fmt::Debug for StepflowSqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StepflowSqliteStore({})", self.path.display())
    }
}
