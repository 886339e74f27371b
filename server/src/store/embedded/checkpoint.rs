//! [`Checkpointer`]: copies the log into the database while rows are written.
//!
//! SQLite by itself leaves that to the commit that finds the log long, and every put waits meanwhile: some 40 ms for each
//! 32 MiB. Here a thread copies what the log has, with a connection of its own, and the first commit after that copies what
//! has come to it since, which is little. Then all of the log is in the database, and the next commit begins it anew.
//! (<https://sqlite.org/wal.html>, "Avoiding Excessively Large WAL Files")

use std::ffi::c_int;
use std::fs::File;
use std::io;
use std::sync::mpsc::{self, Receiver, SyncSender, TryRecvError};
use std::thread::{Builder, JoinHandle};

use rusqlite::hooks::Wal;
use rusqlite::wal::CheckpointMode;
use rusqlite::{Connection, DEFAULT_NAME};

/// How often what the log has is copied before a commit copies the rest: what comes to it the first time takes about a
/// tenth as long to copy, and of what comes to it then there is next to nothing.
const ROUNDS: usize = 2;

/// The thread that copies. Its work ends with the connection that writes, which must be closed before this is dropped.
pub struct Checkpointer {
    /// `None` only while it is dropped.
    thread: Option<JoinHandle<Copier>>,
}

impl Checkpointer {
    /// Has the log copied whenever a connection that writes has brought it to so many pages.
    pub fn spawn(writer: &mut Connection, copier: Copier, pages: c_int) -> io::Result<Self> {
        let (want, wanted) = mpsc::sync_channel(1);
        let (finish, finished) = mpsc::sync_channel(1);
        let run = move || copier.copy_while(&wanted, &finish);
        let thread = Builder::new().name("store-checkpoint".into()).spawn(run)?;
        let mut log = Log { pages, asked: false, want, finished };
        let hook = move |wal: &mut Wal, pages: c_int| {
            log.committed(wal, pages);
            Ok(())
        };
        writer.wal_hook(Some(hook)).map_err(io::Error::other)?;
        Ok(Self { thread: Some(thread) })
    }
}

impl Drop for Checkpointer {
    /// Closes its connection only now: of two that close at once neither would tidy the log away.
    fn drop(&mut self) {
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread that copies the store's log had panicked");
        }
    }
}

/// What copies the log.
pub struct Copier {
    connection: Connection,
    // Dropped after the connection: to close a file takes away all locks that the process has on it.
    database: File,
}

impl Copier {
    /// A copier with its own connection to a database, and its file.
    pub fn new(connection: Connection, database: File) -> Self {
        Self { connection, database }
    }

    fn copy_while(self, wanted: &Receiver<()>, finish: &SyncSender<()>) -> Self {
        for () in wanted {
            // What is not copied stays in the log, and is tried again.
            if let Err(error) = (0..ROUNDS).try_for_each(|_| self.copy()) {
                tracing::warn!(error = &*error, "the store's log cannot be copied into its database");
            }
            if finish.send(()).is_err() {
                break;
            }
        }
        self
    }

    fn copy(&self) -> Result<(), Box<dyn std::error::Error>> {
        self.connection.wal_checkpoint_v2(DEFAULT_NAME, CheckpointMode::PASSIVE)?;
        // SQLite leaves that to who copies the end of the log.
        Ok(self.database.sync_data()?)
    }
}

/// What the connection that writes knows of the log.
struct Log {
    /// From how many pages on it is copied.
    pages: c_int,
    /// Whether the thread was asked, and has not been heard of since.
    asked: bool,
    want: SyncSender<()>,
    finished: Receiver<()>,
}

impl Log {
    /// After a commit that left it with so many pages.
    fn committed(&mut self, wal: &mut Wal, pages: c_int) {
        if pages < self.pages {
            return;
        }
        if !self.asked && self.want.send(()).is_ok() {
            self.asked = true;
            return;
        }
        // Where the thread is no more, the commit copies all of it.
        if !matches!(self.finished.try_recv(), Err(TryRecvError::Empty)) {
            self.asked = false;
            if let Err(error) = wal.checkpoint() {
                tracing::warn!(%error, "the rest of the store's log cannot be copied into its database");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::embedded::schema;

    #[test]
    fn the_log_stays_short_under_writes_without_a_pause_and_is_gone_at_the_end() {
        const PAGES: c_int = 64;
        const COMMITS: u32 = 600;
        let dir = tempfile::tempdir().expect("a directory");
        let mut writer = schema::open_writer(dir.path()).expect("a database");
        let copier = schema::open_copier(dir.path()).expect("a database");
        let checkpointer = Checkpointer::spawn(&mut writer, copier, PAGES).expect("a thread");
        let insert =
            "INSERT INTO blobs (id, type, size, created, content) VALUES (randomblob(32), 0, ?1, 0, zeroblob(?1))";
        for _ in 0..COMMITS {
            writer.execute(insert, [40_000]).expect("a row");
        }
        let log = dir.path().join("blobs.sqlite3-wal");
        let bytes = log.metadata().expect("a log").len();
        assert!(bytes < u64::from(COMMITS) * 40_000 / 2, "a log of {bytes} bytes");
        drop(writer);
        drop(checkpointer);
        assert!(!log.exists());
        let reader = schema::open_reader(dir.path()).expect("a database");
        let count: u32 = reader.query_row("SELECT count(*) FROM blobs", (), |row| row.get(0)).expect("a row");
        assert_eq!(count, COMMITS);
    }

    #[test]
    fn without_the_thread_a_commit_copies_the_log() {
        let dir = tempfile::tempdir().expect("a directory");
        let mut writer = schema::open_writer(dir.path()).expect("a database");
        let ((want, _), (_, finished)) = (mpsc::sync_channel(1), mpsc::sync_channel(1));
        let mut log = Log { pages: 64, asked: false, want, finished };
        let hook = move |wal: &mut Wal, pages: c_int| {
            log.committed(wal, pages);
            Ok(())
        };
        writer.wal_hook(Some(hook)).expect("a hook");
        for _ in 0..200 {
            writer.execute("UPDATE totals SET blobs = blobs + 1", ()).expect("a row");
        }
        let bytes = dir.path().join("blobs.sqlite3-wal").metadata().expect("a log").len();
        assert!(bytes < 80 * 4096, "a log of {bytes} bytes");
    }
}
