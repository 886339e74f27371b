use isoblob_core::Blob;

use super::*;
use crate::Filename;
use crate::store::embedded::{rows, schema};
use crate::timestamp;

fn job(text: &str) -> (Job, oneshot::Receiver<Answer>) {
    let blob = Blob::binary(text.to_owned());
    let (answer, answered) = oneshot::channel();
    let row = NewRow {
        id: blob.id(),
        blob_type: blob.blob_type(),
        size: blob.bytes().len() as u64,
        created: timestamp::now(),
        filename: Filename::new(text).ok(),
        content: Some(blob.into_bytes().into()),
        coding: Coding::Plain,
    };
    (Job { row, answer }, answered)
}

/// Commits one put for each text, in one batch, into a database that was prepared with some SQL. Returns the answers
/// and what the database then holds.
fn check(sql: &str, texts: &[&str]) -> (Vec<String>, Vec<String>) {
    let dir = tempfile::tempdir().expect("a directory");
    let mut connection = schema::open_writer(dir.path()).expect("a database");
    connection.execute_batch(sql).expect("SQL");
    let (batch, answers): (Vec<_>, Vec<_>) = texts.iter().map(|text| job(text)).unzip();
    commit(&mut connection, rows::STATEMENTS, batch);
    assert!(connection.is_autocommit(), "a transaction was left open");
    let counted = "
        SELECT (SELECT sum(blobs) FROM totals) = count(*) AND (SELECT sum(bytes) FROM totals) = total(size) FROM blobs
    ";
    let is_counted: bool = connection.query_row(counted, (), |row| row.get(0)).expect("a row");
    assert!(is_counted, "what is held is not what is counted");
    let answers = answers.into_iter().map(|mut answer| match answer.try_recv().expect("an answer") {
        Ok(outcome) => format!("{outcome:?}"),
        Err(StoreError::Failed(cause) | StoreError::Full(cause)) => cause.to_string(),
        Err(error) => error.to_string(),
    });
    let answers = answers.collect();
    let mut select = connection.prepare("SELECT filename FROM blobs ORDER BY seq").expect("a query");
    let held = select.query_map((), |row| row.get(0)).expect("rows").map(|name| name.expect("a row"));
    (answers, held.collect())
}

/// A trigger that does something to the put of `bad`.
fn on_bad(action: &str) -> String {
    format!("CREATE TRIGGER bad BEFORE INSERT ON blobs WHEN new.filename = 'bad' BEGIN {action}; END")
}

#[test]
fn a_batch_is_one_commit() {
    let (answers, held) = check("", &["a", "b", "a"]);
    assert_eq!(answers, ["New", "New", "Existing"]);
    assert_eq!(held, ["a", "b"]);
}

#[test]
fn a_put_that_fails_does_so_alone() {
    let (answers, held) = check(&on_bad("SELECT RAISE(ABORT, 'refused')"), &["a", "bad", "b"]);
    assert_eq!(answers, ["New", "refused", "New"]);
    assert_eq!(held, ["a", "b"]);
}

/// SQLite undoes a whole transaction by itself where a statement meets a full disk or an I/O error. The puts before the
/// one at fault must not be answered as if they were still there, nor fail for it.
#[test]
fn a_put_that_undoes_the_transaction_fails_alone_too() {
    let (answers, mut held) = check(&on_bad("SELECT RAISE(ROLLBACK, 'undone')"), &["a", "bad", "b", "c"]);
    assert_eq!(answers, ["New", "undone", "New", "New"]);
    held.sort_unstable();
    assert_eq!(held, ["a", "b", "c"]);
}

#[test]
fn a_commit_that_fails_fails_every_put() {
    let deferred = "
        CREATE TABLE parent (id INTEGER PRIMARY KEY);
        CREATE TABLE child (id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
    ";
    let sql = deferred.to_owned() + &on_bad("INSERT INTO child VALUES (1)");
    let (answers, held) = check(&sql, &["a", "bad", "b"]);
    assert_eq!(answers, ["FOREIGN KEY constraint failed"; 3]);
    assert_eq!(held, [""; 0]);
}

#[test]
fn a_batch_without_room_is_full() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut connection = schema::open_writer(dir.path()).expect("a database");
    let pages: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0)).expect("a count");
    connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).expect("a limit");
    let (large, mut answer) = job(&"x".repeat(100_000));
    commit(&mut connection, rows::STATEMENTS, vec![large]);
    assert!(matches!(answer.try_recv(), Ok(Err(StoreError::Full(_)))));

    connection.pragma_update_and_check(None, "max_page_count", 1_000_000, |_| Ok(())).expect("a limit");
    let (large, mut answer) = job(&"x".repeat(100_000));
    commit(&mut connection, rows::STATEMENTS, vec![large]);
    assert!(matches!(answer.try_recv(), Ok(Ok(PutOutcome::New))));
}

/// A writer whose database was prepared with some SQL.
fn writer(sql: &str) -> (tempfile::TempDir, Writer) {
    let dir = tempfile::tempdir().expect("a directory");
    let connection = schema::open_writer(dir.path()).expect("a database");
    connection.execute_batch(sql).expect("SQL");
    (dir, Writer::spawn(connection, rows::STATEMENTS).expect("a thread"))
}

#[tokio::test]
async fn health_is_that_something_can_be_written() {
    let (_dir, sound) = writer("");
    sound.health().await.expect("a write");
    let (_dir, broken) = writer("PRAGMA query_only = ON");
    let error = broken.health().await.expect_err("nothing can be written");
    let cause = std::error::Error::source(&error).expect("a cause").to_string();
    assert_eq!(cause, "attempt to write a readonly database");
}
