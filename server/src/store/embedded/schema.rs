//! The database of the embedded store: its tables, its format version, and how a connection to it is set up.

use std::ffi::c_int;
use std::fs::File;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::checkpoint::Copier;
use crate::store::OpenError;

/// The name of the database in the store's directory.
pub const DATABASE: &str = "blobs.sqlite3";

/// The format that this version reads and writes, in the database's `user_version`: how many of [`STEPS`] it took.
#[expect(clippy::cast_possible_wrap, reason = "it is a few")]
const FORMAT: i64 = STEPS.len() as i64;

/// "iblb", in the database's `application_id`: `file blobs.sqlite3` shows it.
const APPLICATION_ID: i64 = 0x6962_6c62;

/// Bytes. Measured at 16 concurrent durable puts: 4 KiB pages write less to the log for each small put than 16 KiB ones.
const PAGE_BYTES: i64 = 4096;

/// Pages of the log after which they are copied into the database, 32 MiB: so many that a page which is often
/// written is copied once, so few that opening after a crash stays quick.
pub const CHECKPOINT_PAGES: c_int = 8192;

/// Bytes that the log keeps on the disk after it was copied.
const LOG_KEPT_BYTES: i64 = 64 << 20;

/// How long to wait for another process that looks into the database.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// KiB of pages that the writing connection caches. The system caches the files besides, and SQLite looks through all of
/// its own cache in nearly every commit: for pages beyond the end, which balancing a tree makes it think there are.
const WRITER_CACHE_KIB: i64 = 4 << 10;

/// KiB of pages that each reading connection caches. The system caches the files besides.
const READER_CACHE_KIB: i64 = 2 << 10;

/// What leads from each format to the next. A step that was ever released stays as it is.
const STEPS: [&str; 3] = [BLOBS, LISTING, CODING];

const BLOBS: &str = "
CREATE TABLE blobs (
    -- The order of the first puts.
    seq INTEGER PRIMARY KEY,
    -- The SHA-256 of the content.
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
    -- 0 binary, 1 data, 2 flow.
    type INTEGER NOT NULL CHECK (type BETWEEN 0 AND 2),
    -- The bytes of the content.
    size INTEGER NOT NULL,
    -- The time of the first put, in milliseconds since the Unix epoch.
    created INTEGER NOT NULL,
    filename TEXT,
    -- NULL where the content is the file files/<first two digits of the id>/<id>.
    content BLOB
) STRICT;
";

const LISTING: &str = "
-- The blobs of one type in the order of the first puts.
CREATE INDEX blobs_by_type ON blobs (type, seq);

-- How much there is of each type.
CREATE TABLE totals (
    type INTEGER PRIMARY KEY CHECK (type BETWEEN 0 AND 2),
    blobs INTEGER NOT NULL,
    bytes INTEGER NOT NULL
) STRICT;
INSERT INTO totals VALUES (0, 0, 0), (1, 0, 0), (2, 0, 0);
UPDATE totals SET blobs = counted.blobs, bytes = counted.bytes
FROM (SELECT type, count(*) AS blobs, sum(size) AS bytes FROM blobs GROUP BY type) AS counted
WHERE totals.type = counted.type;

CREATE TRIGGER blobs_count_insert AFTER INSERT ON blobs BEGIN
    UPDATE totals SET blobs = blobs + 1, bytes = bytes + new.size WHERE type = new.type;
END;
CREATE TRIGGER blobs_count_delete AFTER DELETE ON blobs BEGIN
    UPDATE totals SET blobs = blobs - 1, bytes = bytes - old.size WHERE type = old.type;
END;
CREATE TRIGGER blobs_count_update AFTER UPDATE OF type, size ON blobs
WHEN old.type <> new.type OR old.size <> new.size BEGIN
    UPDATE totals SET blobs = blobs - 1, bytes = bytes - old.size WHERE type = old.type;
    UPDATE totals SET blobs = blobs + 1, bytes = bytes + new.size WHERE type = new.type;
END;
";

const CODING: &str = "
-- How the content is kept: 0 as it is, 1 compressed by zstd. What else may be there is checked as it is read: here, a
-- constraint would have every row of an older store read.
ALTER TABLE blobs ADD COLUMN coding INTEGER NOT NULL DEFAULT 0;

-- A trigger for each row costs a sixth of its put. What is inserted is counted by who inserts, many rows at once.
DROP TRIGGER blobs_count_insert;
";

/// Opens the database for writing, creates it where there is none, and brings one of an older format up to this one.
pub fn open_writer(dir: &Path) -> Result<Connection, OpenError> {
    let mut connection = connect(dir, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
    let found = identify(&connection).map_err(database_error(dir))?;
    match found {
        Found::Nothing => connection.pragma_update(None, "page_size", PAGE_BYTES).map_err(database_error(dir))?,
        Found::Store(1..=FORMAT) => {}
        Found::Store(found) => return Err(OpenError::UnknownFormat { dir: dir.into(), found, known: FORMAT }),
        Found::Foreign => return Err(OpenError::Foreign(dir.into())),
    }
    configure_writer(&connection).and_then(|()| bring_up(&mut connection)).map_err(database_error(dir))?;
    Ok(connection)
}

/// Writes to the database what it says already, and returns once that is durable: it then takes other writes, too.
pub fn probe(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "user_version", FORMAT)
}

/// Opens the database of a store for reading, which may be in use.
pub fn open_existing(dir: &Path) -> Result<Connection, OpenError> {
    if !dir.join(DATABASE).exists() {
        return Err(OpenError::Missing(dir.into()));
    }
    let connection = open_reader(dir)?;
    match identify(&connection).map_err(database_error(dir))? {
        Found::Store(1..=FORMAT) => Ok(connection),
        Found::Store(found) => Err(OpenError::UnknownFormat { dir: dir.into(), found, known: FORMAT }),
        Found::Nothing | Found::Foreign => Err(OpenError::Foreign(dir.into())),
    }
}

/// Opens the database for a thread that copies the log into it. It must exist.
pub fn open_copier(dir: &Path) -> Result<Copier, OpenError> {
    let connection = connect(dir, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // The log is on the disk before it is copied.
    connection.pragma_update(None, "synchronous", "full").map_err(database_error(dir))?;
    let path = dir.join(DATABASE);
    let database = File::open(&path).map_err(OpenError::io("open", path))?;
    Ok(Copier::new(connection, database))
}

/// Opens the database for reading. It must exist.
pub fn open_reader(dir: &Path) -> Result<Connection, OpenError> {
    let connection = connect(dir, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.pragma_update(None, "cache_size", -READER_CACHE_KIB).map_err(database_error(dir))?;
    Ok(connection)
}

fn connect(dir: &Path, flags: OpenFlags) -> Result<Connection, OpenError> {
    // Each connection is used by one thread at a time, so SQLite need not lock it.
    Connection::open_with_flags(dir.join(DATABASE), flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .and_then(|connection| connection.busy_timeout(BUSY_TIMEOUT).map(|()| connection))
        .map_err(database_error(dir))
}

enum Found {
    Nothing,
    Store(i64),
    Foreign,
}

fn identify(connection: &Connection) -> rusqlite::Result<Found> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let is_database = |error: &rusqlite::Error| error.sqlite_error_code() != Some(rusqlite::ErrorCode::NotADatabase);
    let application_id = match pragma("application_id") {
        Err(error) if !is_database(&error) => return Ok(Found::Foreign),
        answer => answer?,
    };
    Ok(match (application_id, pragma("schema_version")?) {
        (APPLICATION_ID, _) => Found::Store(pragma("user_version")?),
        // The page size and the journal mode may be set already, if the process died before it made the tables.
        (0, 0) => Found::Nothing,
        _ => Found::Foreign,
    })
}

/// Takes the steps from the database's format on, which is 0 where it is empty, in one transaction: a crash leaves it in
/// that format or in this one.
pub fn bring_up(connection: &mut Connection) -> rusqlite::Result<()> {
    let format = connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))?;
    if format == FORMAT {
        return Ok(());
    }
    let transaction = Transaction::new(connection, TransactionBehavior::Immediate)?;
    for (_, step) in (0..FORMAT).zip(STEPS).skip_while(|(number, _)| *number < format) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", FORMAT)?;
    transaction.commit()
}

fn configure_writer(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    // A commit returns once the log is on the disk.
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "journal_size_limit", LOG_KEPT_BYTES)?;
    connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)
}

/// Says of which store an error of its database is.
pub fn database_error(dir: &Path) -> impl FnOnce(rusqlite::Error) -> OpenError {
    let dir = dir.to_path_buf();
    move |source| OpenError::Database { dir, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On a store that is made, and on one that is opened.
    #[test]
    fn a_commit_waits_for_the_disk() {
        let dir = tempfile::tempdir().expect("a directory");
        for _ in 0..2 {
            let connection = open_writer(dir.path()).expect("a database");
            let number =
                |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).expect("a pragma");
            let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).expect("a pragma");
            assert_eq!((mode.as_str(), number("synchronous"), number("page_size")), ("wal", 2, PAGE_BYTES));
        }
    }

    #[test]
    fn a_reader_cannot_write() {
        let dir = tempfile::tempdir().expect("a directory");
        let _writer = open_writer(dir.path()).expect("a database");
        let error = open_reader(dir.path()).expect("a reader").execute("DELETE FROM blobs", ()).expect_err("read only");
        assert_eq!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::ReadOnly));
    }
}
