//! How an orchestrator's SQLite database is opened, and used beside it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use isoblob_server::store::EmbeddedStore;
use rusqlite::{Connection, TransactionBehavior};
use tempfile::TempDir;
use tokio::time::timeout;

use super::{open, refusal};
use crate::store::{binary_of, sqlite_location};

fn database() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("stepflow.db");
    (dir, path)
}

fn journal_mode(path: &Path) -> String {
    let connection = Connection::open(path).expect("a database");
    connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).expect("a pragma")
}

#[tokio::test]
async fn a_database_that_is_missing_is_made_only_where_the_url_says_so() {
    let (_dir, path) = database();
    let path = path.display();
    let expected = format!(
        "there is no database {path}; start the orchestrator first, which makes it, or end the URL with `?mode=rwc`"
    );
    for parameters in ["", "?mode=rw"] {
        assert_eq!(refusal(&format!("stepflow+sqlite:{path}{parameters}")).await, expected);
    }
    let store = open(&format!("stepflow+sqlite:{path}?mode=rwc")).await.expect("a store");
    store.put(binary_of(3), None).await.expect("a put");
    drop(store);
    let store = open(&format!("stepflow+sqlite://{path}")).await.expect("a store");
    assert_eq!(store.get(binary_of(3).id()).await.expect("a get").map(|read| read.blob), Some(binary_of(3)));
}

#[tokio::test]
async fn a_database_of_something_else_is_refused() {
    let (dir, path) = database();
    let expected = |path: &Path| {
        format!("{} is not the database of a Stepflow orchestrator of release 0.10 or later", path.display())
    };
    let check = async |path: &Path| {
        assert_eq!(refusal(&format!("stepflow+sqlite:{}?mode=rwc", path.display())).await, expected(path));
    };
    let connection = Connection::open(&path).expect("a database");
    connection.execute_batch("CREATE TABLE things (name TEXT)").expect("SQL");
    check(&path).await;
    // What an orchestrator had before release 0.10.
    connection.execute_batch("CREATE TABLE blobs (id TEXT, data TEXT, blob_type TEXT)").expect("SQL");
    check(&path).await;
    let text = dir.path().join("text");
    std::fs::write(&text, "no database at all, but long enough to be looked at as one").expect("a file");
    check(&text).await;
    drop(EmbeddedStore::open(&dir.path().join("embedded")).expect("a store"));
    check(&dir.path().join("embedded/blobs.sqlite3")).await;
}

#[tokio::test]
async fn the_table_is_made_where_the_orchestrator_has_not_made_it() {
    let (dir, path) = database();
    let connection = Connection::open(&path).expect("a database");
    connection
        .execute_batch("CREATE TABLE _stepflow_migrations (name TEXT); CREATE TABLE runs (id TEXT)")
        .expect("SQL");
    let store = open(&format!("stepflow+sqlite:{}", path.display())).await.expect("a store");
    store.put(binary_of(1), None).await.expect("a put");
    // The migration that comes later: it finds what it would make.
    connection
        .execute_batch(
            "CREATE TABLE IF NOT EXISTS blobs (id TEXT PRIMARY KEY);
            CREATE INDEX IF NOT EXISTS idx_blobs_type ON blobs(blob_type)",
        )
        .expect("SQL");
    let count: i64 = connection.query_row("SELECT count(*) FROM blobs", (), |row| row.get(0)).expect("a row");
    assert_eq!(count, 1);
    drop(dir);
}

/// It is the orchestrator's to choose.
#[tokio::test]
async fn the_journal_mode_is_left_as_it_is() {
    for mode in ["wal", "delete"] {
        let (dir, path) = database();
        let connection = Connection::open(&path).expect("a database");
        connection.pragma_update_and_check(None, "journal_mode", mode, |_| Ok(())).expect("a pragma");
        let store = open(&sqlite_location(dir.path())).await.expect("a store");
        store.put(binary_of(1), None).await.expect("a put");
        assert_eq!(journal_mode(&path), mode);
        // An orchestrator that starts later sets its own.
        connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(())).expect("a pragma");
        store.put(binary_of(2), None).await.expect("a put");
        assert_eq!(journal_mode(&path), "wal");
        assert!(store.get(binary_of(1).id()).await.expect("a get").is_some());
    }
}

#[tokio::test]
async fn a_put_waits_for_an_orchestrator_that_writes() {
    let (dir, path) = database();
    let store = open(&sqlite_location(dir.path())).await.expect("a store");
    let mut connection = Connection::open(&path).expect("a database");
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).expect("a transaction");
    transaction.execute("INSERT INTO blobs (id, data) VALUES ('a', 'b')", ()).expect("a row");
    let mut put = store.put(binary_of(1), None);
    timeout(Duration::from_millis(100), &mut put).await.expect_err("the database is locked");
    assert_eq!(store.get(binary_of(1).id()).await.expect("a get"), None);
    transaction.commit().expect("a commit");
    put.await.expect("a put");
}
