//! What the embedded store promises beyond the contract of every store: about its directory, and about damage.

use std::error::Error as _;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use futures_util::TryStreamExt as _;
use isoblob_core::{Blob, BlobId, BlobType, Limits};
use isoblob_server::store::{
    EmbeddedStore, ListQuery, MAX_ROW_BYTES, OpenBlob, OpenError, PutOutcome, Store as _, StoreError, Totals,
};
use rusqlite::Connection;

use crate::store::{binary_of, name};

const SMALL: usize = 1000;
const LARGE: usize = MAX_ROW_BYTES + 1;
const NO_FILES: [PathBuf; 0] = [];

/// Opens a store that no one has open. A process that another test starts may hold on to its lock for a moment, from its
/// fork to its exec.
fn open(dir: &Path) -> EmbeddedStore {
    loop {
        match EmbeddedStore::open(dir) {
            Err(OpenError::InUse(_)) => std::thread::yield_now(),
            opened => return opened.expect("a store"),
        }
    }
}

fn database(dir: &Path) -> Connection {
    Connection::open(dir.join("blobs.sqlite3")).expect("a database")
}

fn file_of(dir: &Path, id: BlobId) -> PathBuf {
    let name = id.to_string();
    dir.join("files").join(&name[..2]).join(name)
}

/// The names of all files under a directory, from it on.
fn files_under(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(files_under(&path)) } else { found.push(path) }
    }
    found
}

/// The message of an error with its causes.
fn chain(error: &OpenError) -> String {
    error.source().map_or(error.to_string(), |cause| format!("{error}: {cause}"))
}

#[tokio::test]
async fn a_store_is_made_where_there_is_none_and_keeps_its_blobs() {
    let dir = tempfile::tempdir().expect("a directory");
    let dir = dir.path().join("some/where");
    let store = open(&dir);
    for size in [0, SMALL, LARGE] {
        store.put(binary_of(size), Some(name("a.bin"))).await.expect("a put");
    }
    let head = store.head(binary_of(LARGE).id()).await.expect("a head");
    drop(store);

    let store = open(&dir);
    for size in [0, SMALL, LARGE] {
        let read = store.get(binary_of(size).id()).await.expect("a get").expect("a blob");
        assert_eq!((read.blob, read.filename), (binary_of(size), Some(name("a.bin"))));
    }
    assert_eq!(store.head(binary_of(LARGE).id()).await.expect("a head"), head);
    assert_eq!(store.put(binary_of(SMALL), None).await.expect("a put"), PutOutcome::Existing);
}

#[tokio::test]
async fn content_up_to_the_threshold_is_in_a_row_and_larger_content_in_a_file() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = open(dir.path());
    store.put(binary_of(MAX_ROW_BYTES), None).await.expect("a put");
    assert_eq!(files_under(&dir.path().join("files")), NO_FILES);
    let large = binary_of(MAX_ROW_BYTES + 1);
    store.put(large.clone(), None).await.expect("a put");
    let path = file_of(dir.path(), large.id());
    assert_eq!(files_under(&dir.path().join("files")), std::slice::from_ref(&path));
    assert_eq!(files_under(&dir.path().join("partial")), NO_FILES);
    assert_eq!(fs::read(path).expect("a file"), large.bytes());
}

#[test]
fn a_second_opening_is_refused_until_the_first_is_closed() {
    let dir = tempfile::tempdir().expect("a directory");
    let first = open(dir.path());
    let error = EmbeddedStore::open(dir.path()).expect_err("in use");
    assert_eq!(chain(&error), format!("the store in {} is in use by another process", dir.path().display()));
    drop(first);
    open(dir.path());
}

#[test]
fn a_directory_of_something_else_is_left_as_it_is() {
    let dir = tempfile::tempdir().expect("a directory");
    fs::create_dir(dir.path().join("partial")).expect("a directory");
    fs::write(dir.path().join("partial/thesis.txt"), "the only copy").expect("a file");
    let error = EmbeddedStore::open(dir.path()).expect_err("not a store");
    let expected = "holds files that are not of a store; give a directory that is empty or does not exist";
    assert_eq!(chain(&error), format!("{} {expected}", dir.path().display()));
    assert_eq!(files_under(dir.path()), [dir.path().join("partial/thesis.txt")]);
}

#[test]
fn a_new_file_system_is_an_empty_directory() {
    let dir = tempfile::tempdir().expect("a directory");
    fs::create_dir(dir.path().join("lost+found")).expect("a directory");
    open(dir.path());
}

#[test]
fn what_is_not_a_directory_is_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("file");
    fs::write(&path, "").expect("a file");
    let error = EmbeddedStore::open(&path).expect_err("a file");
    assert_eq!(chain(&error), format!("cannot create {}: File exists (os error 17)", path.display()));
}

#[test]
fn a_database_of_something_else_is_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    database(dir.path()).execute_batch("CREATE TABLE things (name TEXT)").expect("SQL");
    let error = EmbeddedStore::open(dir.path()).expect_err("not a store");
    assert!(matches!(error, OpenError::Foreign(_)), "{error:?}");

    let dir = tempfile::tempdir().expect("a directory");
    fs::write(dir.path().join("blobs.sqlite3"), "no database at all, but long enough to be looked at as one")
        .expect("a file");
    let error = EmbeddedStore::open(dir.path()).expect_err("not a store");
    assert!(matches!(error, OpenError::Foreign(_)), "{error:?}");
}

#[test]
fn a_format_of_the_future_is_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    drop(open(dir.path()));
    database(dir.path()).pragma_update(None, "user_version", 4).expect("a pragma");
    let error = EmbeddedStore::open(dir.path()).expect_err("unknown");
    let expected = format!("the store in {} has format 4; this version reads format 3", dir.path().display());
    assert_eq!(chain(&error), expected);
}

/// What the first version wrote is read for ever after.
#[tokio::test]
async fn a_store_of_format_1_is_brought_up() {
    const FORMAT_1: &str = "
        PRAGMA application_id = 1768057954;
        PRAGMA user_version = 1;
        CREATE TABLE blobs (
            seq INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
            type INTEGER NOT NULL CHECK (type BETWEEN 0 AND 2),
            size INTEGER NOT NULL,
            created INTEGER NOT NULL,
            filename TEXT,
            content BLOB
        ) STRICT;
        INSERT INTO blobs VALUES
            (1, x'44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a', 2, 2, 1000, 'a.json', x'7b7d'),
            (7, x'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 0, 0, 1001, NULL, x'');
    ";
    let dir = tempfile::tempdir().expect("a directory");
    database(dir.path()).execute_batch(FORMAT_1).expect("SQL");
    for _ in 0..2 {
        let store = open(dir.path());
        assert_eq!(store.get(BlobId::of(b"{}")).await.expect("a get").expect("a blob").blob.bytes(), b"{}");
        let query = ListQuery { blob_type: None, after: None, limit: 10 };
        let listed = store.list(query).await.expect("a list").expect("a page");
        assert_eq!(listed.iter().map(|blob| blob.id).collect::<Vec<_>>(), [BlobId::of(b""), BlobId::of(b"{}")]);
        let query = ListQuery { blob_type: Some(BlobType::Flow), ..query };
        assert_eq!(store.list(query).await.expect("a list").expect("a page"), listed[1..]);
        let stats = store.stats().await.expect("stats");
        let counts = BlobType::ALL.map(|blob_type| (stats.of(blob_type).blobs, stats.of(blob_type).bytes));
        assert_eq!(counts, [(1, 0), (0, 0), (1, 2)]);
    }
    let version: i64 =
        database(dir.path()).pragma_query_value(None, "user_version", |row| row.get(0)).expect("a pragma");
    assert_eq!(version, 3);
}

/// A page costs what it holds, and the counts cost nothing, however many blobs there are.
#[test]
fn lists_and_counts_do_not_walk_the_table() {
    let dir = tempfile::tempdir().expect("a directory");
    drop(open(dir.path()));
    let connection = database(dir.path());
    let plan = |select: &str| -> String {
        let mut explain = connection.prepare(&format!("EXPLAIN QUERY PLAN {select}")).expect("a query");
        let steps = explain.query_map((), |row| row.get::<_, String>(3)).expect("a plan");
        steps.map(|step| step.expect("a step")).collect::<Vec<_>>().join("; ")
    };
    let page = "SELECT type, size, created, filename, id FROM blobs WHERE seq < 9";
    assert_eq!(plan(&format!("{page} ORDER BY seq DESC LIMIT 9")), "SEARCH blobs USING INTEGER PRIMARY KEY (rowid<?)",);
    assert_eq!(
        plan(&format!("{page} AND type = 2 ORDER BY seq DESC LIMIT 9")),
        "SEARCH blobs USING INDEX blobs_by_type (type=? AND seq<?)",
    );
    assert_eq!(plan("SELECT type, blobs, bytes FROM totals"), "SCAN totals");
}

/// A repair of content that was damaged in size does not change what is counted for good.
#[tokio::test]
async fn a_repair_and_a_removal_are_counted() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = open(dir.path());
    let total = async || store.stats().await.expect("stats").total();
    store.put(binary_of(SMALL), None).await.expect("a put");
    store.put(binary_of(SMALL + 1), None).await.expect("a put");
    database(dir.path()).execute("UPDATE blobs SET size = 7, content = x'00' WHERE size = 1000", ()).expect("SQL");
    assert_eq!(total().await, Totals { blobs: 2, bytes: 1008 });
    store.put(binary_of(SMALL), None).await.expect("a put");
    assert_eq!(total().await, Totals { blobs: 2, bytes: 2001 });
    database(dir.path()).execute("DELETE FROM blobs WHERE size = 1000", ()).expect("SQL");
    assert_eq!(total().await, Totals { blobs: 1, bytes: 1001 });
}

/// The process may have died after it set the journal mode and before it made the tables.
#[test]
fn a_database_without_tables_is_a_store_to_be_made() {
    let dir = tempfile::tempdir().expect("a directory");
    database(dir.path()).pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(())).expect("a pragma");
    open(dir.path());
}

#[tokio::test]
async fn what_interrupted_puts_left_is_removed() {
    let dir = tempfile::tempdir().expect("a directory");
    let kept = binary_of(LARGE);
    let store = open(dir.path());
    store.put(kept.clone(), None).await.expect("a put");
    drop(store);

    // A large put died after it named its file, another before that; someone left a note.
    let orphan = binary_of(LARGE + 1);
    let orphan_file = file_of(dir.path(), orphan.id());
    fs::create_dir_all(orphan_file.parent().expect("a shard")).expect("a directory");
    fs::write(&orphan_file, orphan.bytes()).expect("a file");
    fs::write(dir.path().join("partial").join(format!("{}.0", orphan.id())), "half").expect("a file");
    let note = file_of(dir.path(), kept.id()).with_file_name("note.txt");
    fs::write(&note, "do not touch").expect("a file");

    let store = open(dir.path());
    let mut left = files_under(&dir.path().join("files"));
    left.sort();
    assert_eq!(left, [file_of(dir.path(), kept.id()), note]);
    assert_eq!(files_under(&dir.path().join("partial")), NO_FILES);
    assert_eq!(store.get(orphan.id()).await.expect("a get"), None);
    assert_eq!(store.get(kept.id()).await.expect("a get").expect("a blob").blob, kept);
}

#[tokio::test]
async fn a_file_without_a_row_is_not_served() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = open(dir.path());
    let orphan = binary_of(LARGE);
    let path = file_of(dir.path(), orphan.id());
    fs::create_dir_all(path.parent().expect("a shard")).expect("a directory");
    fs::write(&path, orphan.bytes()).expect("a file");
    assert_eq!(store.get(orphan.id()).await.expect("a get"), None);
    assert_eq!(store.head(orphan.id()).await.expect("a head"), None);
    // A put takes it over.
    assert_eq!(store.put(orphan.clone(), None).await.expect("a put"), PutOutcome::New);
    assert_eq!(store.get(orphan.id()).await.expect("a get").expect("a blob").blob, orphan);
}

/// Stores a blob, damages it, and returns what a get then says. Checks that another put of the blob repairs it.
async fn damage(size: usize, damage: impl Fn(&Path, BlobId)) -> String {
    let dir = tempfile::tempdir().expect("a directory");
    let blob = binary_of(size);
    let store = open(dir.path());
    store.put(blob.clone(), None).await.expect("a put");
    damage(dir.path(), blob.id());
    let error = store.get(blob.id()).await.expect_err("a damaged blob");
    assert!(matches!(&error, StoreError::Corrupt { id, .. } if *id == blob.id()), "{error:?}");

    assert_eq!(store.put(blob.clone(), None).await.expect("a put"), PutOutcome::Existing);
    assert_eq!(store.get(blob.id()).await.expect("a get").expect("a blob").blob, blob);
    error.to_string()
}

#[tokio::test]
async fn a_damaged_row_is_an_error_that_names_the_blob() {
    let id = binary_of(SMALL).id();
    let set = |content: &'static [u8]| {
        move |dir: &Path, id: BlobId| {
            let changed =
                database(dir).execute("UPDATE blobs SET content = ?1 WHERE id = ?2", (content, id.as_bytes()));
            assert_eq!(changed, Ok(1));
        }
    };
    for content in [&b""[..], b"other"] {
        let expected = format!("blob {id} is corrupt: the bytes hash to {}, not to {id}", BlobId::of(content));
        assert_eq!(damage(SMALL, set(content)).await, expected);
    }
    let flip = |dir: &Path, id: BlobId| {
        let connection = database(dir);
        let select = "SELECT content FROM blobs WHERE id = ?1";
        let mut content: Vec<u8> = connection.query_row(select, [id.as_bytes()], |row| row.get(0)).expect("a row");
        content[SMALL / 2] ^= 1;
        connection.execute("UPDATE blobs SET content = ?1 WHERE id = ?2", (content, id.as_bytes())).expect("an update");
    };
    assert!(damage(SMALL, flip).await.starts_with(&format!("blob {id} is corrupt: the bytes hash to ")));
}

#[tokio::test]
async fn a_damaged_file_is_an_error_that_names_the_blob() {
    let id = binary_of(LARGE).id();
    let wrong_length = format!("blob {id} is corrupt: its file is missing, or does not have its {LARGE} bytes");
    let remove = |dir: &Path, id| fs::remove_file(file_of(dir, id)).expect("a file");
    assert_eq!(damage(LARGE, remove).await, wrong_length);
    for length in [0, LARGE as u64 - 1, LARGE as u64 + 1] {
        let resize = |dir: &Path, id| {
            let file = File::options().write(true).open(file_of(dir, id)).expect("a file");
            file.set_len(length).expect("a length");
        };
        assert_eq!(damage(LARGE, resize).await, wrong_length, "{length}");
    }
    let flip = |dir: &Path, id| {
        let mut bytes = fs::read(file_of(dir, id)).expect("a file");
        bytes[LARGE / 2] ^= 1;
        fs::write(file_of(dir, id), bytes).expect("a file");
    };
    assert!(damage(LARGE, flip).await.starts_with(&format!("blob {id} is corrupt: the bytes hash to ")));
}

/// What SQLite itself finds damaged, it must not make look like a blob that is not there.
#[tokio::test]
async fn a_damaged_page_is_an_error_that_names_the_blob() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = open(dir.path());
    let blob = binary_of(MAX_ROW_BYTES);
    store.put(blob.clone(), None).await.expect("a put");
    drop(store);
    let path = dir.path().join("blobs.sqlite3");
    let mut bytes = fs::read(&path).expect("a file");
    // Past the pages of the schema and the roots: the pages that the content overflows to.
    bytes[5 * 4096..].fill(0xff);
    fs::write(&path, bytes).expect("a file");

    let error = open(dir.path()).get(blob.id()).await.expect_err("a damaged blob");
    assert!(matches!(&error, StoreError::Corrupt { id, .. } if *id == blob.id()), "{error:?}");
}

/// The thread that writes rows does not touch files, so what is small passes what is large. Here the large put is held up
/// for as long as it takes: where its file is to be, there is a pipe that nobody writes to.
#[cfg(unix)]
#[tokio::test]
async fn a_small_put_passes_a_large_one() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = open(dir.path());
    let large = binary_of(LARGE);
    let pipe = file_of(dir.path(), large.id());
    fs::create_dir_all(pipe.parent().expect("a shard")).expect("a directory");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());

    let mut large_put = store.put(large.clone(), None);
    tokio::select! {
        biased;
        result = &mut large_put => panic!("{result:?} before it could open its file"),
        () = std::future::ready(()) => {}
    }
    assert_eq!(store.put(binary_of(SMALL), None).await.expect("a put"), PutOutcome::New);
    assert_eq!(store.get(large.id()).await.expect("a get"), None);

    let release = tokio::task::spawn_blocking(move || File::options().write(true).open(pipe));
    assert_eq!(large_put.await.expect("a put"), PutOutcome::New);
    release.await.expect("a thread").expect("a pipe");
    assert_eq!(store.get(large.id()).await.expect("a get").expect("a blob").blob, large);
}

/// JSON that becomes smaller, of some size.
fn json_of(size: usize) -> Blob {
    let mut text: String = (0_u64..).map(|number| format!("{number},")).take(size).collect();
    text.truncate(size - 2);
    Blob::data(format!("\"{text}\"").as_bytes(), Limits::default()).expect("JSON")
}

/// How content is kept, in how many bytes of a row, if it is in one.
fn kept(dir: &Path, id: BlobId) -> (i64, Option<i64>) {
    let select = "SELECT coding, length(content) FROM blobs WHERE id = ?1";
    let row = database(dir).query_row(select, [id.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)));
    row.expect("a row")
}

fn compressed_file_of(dir: &Path, id: BlobId) -> PathBuf {
    file_of(dir, id).with_extension("zst")
}

#[tokio::test]
async fn json_is_compressed_and_nobody_sees_it() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = open(dir.path());
    let (small, medium, large) = (json_of(1000), json_of(100_000), json_of(1 << 20));
    for blob in [&small, &medium, &large] {
        store.put(blob.clone(), None).await.expect("a put");
        assert_eq!(store.put(blob.clone(), None).await.expect("a put"), PutOutcome::Existing);
        assert_eq!(store.get(blob.id()).await.expect("a get").expect("a blob").blob, *blob);
        let size = store.head(blob.id()).await.expect("a head").expect("a blob").size;
        assert_eq!(size, blob.bytes().len() as u64);
    }
    assert_eq!(kept(dir.path(), small.id()), (0, Some(1000)));
    let (coding, bytes) = kept(dir.path(), medium.id());
    assert!(coding == 1 && bytes.is_some_and(|bytes| bytes < 50_000), "{bytes:?}");
    assert_eq!(kept(dir.path(), large.id()), (1, None));
    let file = compressed_file_of(dir.path(), large.id());
    assert_eq!(files_under(&dir.path().join("files")), std::slice::from_ref(&file));
    // Any zstd reads it.
    assert_eq!(zstd::stream::decode_all(File::open(file).expect("a file")).expect("zstd"), large.bytes());
    assert_eq!(store.stats().await.expect("stats").total(), Totals { blobs: 3, bytes: 1000 + 100_000 + (1 << 20) });
    drop(store);
    assert_eq!(open(dir.path()).get(large.id()).await.expect("a get").expect("a blob").blob, large);
}

#[tokio::test]
async fn a_part_of_what_is_compressed_is_read() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = open(dir.path());
    let large = json_of(1 << 20);
    store.put(large.clone(), None).await.expect("a put");
    for range in [0..1 << 20, 0..1, 7..7, 1000..900_000, (1 << 20) - 1..1 << 20] {
        let Some(OpenBlob::Large(found)) = store.open(large.id()).await.expect("a get") else { panic!("it is large") };
        let pieces: Vec<_> =
            found.verified(range.clone()).await.expect("a sound blob").try_collect().await.expect("it");
        let at = |position| usize::try_from(position).expect("a position");
        assert!(pieces.concat() == large.bytes()[at(range.start)..at(range.end)], "{range:?}");
    }
}

/// One content is in one file, whichever way and in whichever order it came.
#[tokio::test]
async fn what_came_as_bytes_and_as_json_is_in_one_file() {
    let json = json_of(1 << 20);
    let bytes = Blob::binary(json.bytes().to_vec());
    for (first, second, coding) in [(&json, &bytes, 1), (&bytes, &json, 0)] {
        let dir = tempfile::tempdir().expect("a directory");
        let store = open(dir.path());
        store.put(first.clone(), None).await.expect("a put");
        let mut spool = store.spool().await.expect("a spool").expect("there is one");
        spool.write(json.bytes()).await.expect("a write");
        for outcome in [
            store.put(second.clone(), None).await,
            store.put_spooled(spool.finish().await.expect("a spool"), None).await,
        ] {
            assert_eq!(outcome.expect("a put"), PutOutcome::Existing);
        }
        assert_eq!(files_under(&dir.path().join("files")).len(), 1);
        assert_eq!(kept(dir.path(), json.id()), (coding, None));
        assert_eq!(store.get(json.id()).await.expect("a get").expect("a blob").blob, json);
    }
}

/// What a bomb, or any other damage, says is an error that names the blob, and the next put repairs it.
#[tokio::test]
async fn damage_of_what_is_compressed_is_an_error_that_names_the_blob() {
    let zeros = |size| zstd::bulk::compress(&vec![0; size], 1).expect("zstd");
    let (medium, large) = (json_of(100_000), json_of(1 << 20));
    let (small_bomb, wide_bomb) = (zeros(MAX_ROW_BYTES + 1), zeros(100 << 20));
    let mut bomb = zstd::stream::write::Encoder::new(Vec::new(), 1).expect("zstd");
    bomb.window_log(10).expect("zstd");
    std::io::copy(&mut std::io::repeat(0).take(100 << 20), &mut bomb).expect("zstd");
    let bomb = bomb.finish().expect("zstd");
    let wrong_size = format!("its file is missing, or does not have its {} bytes", 1 << 20);
    let rows: [(&Blob, &[u8], &str); 7] = [
        (&medium, b"other content", "it cannot be decompressed: Unknown frame descriptor"),
        (
            &medium,
            &small_bomb,
            "it cannot be decompressed: Destination buffer is too small: 262145 bytes needed, 262144 given",
        ),
        (&medium, &zeros(7), &format!("the bytes hash to {}, not to {}", BlobId::of(&[0; 7]), medium.id())),
        (&large, b"other content", "it cannot be decompressed: Unknown frame descriptor"),
        (&large, &zeros(7), &wrong_size),
        (&large, &wide_bomb, "it cannot be decompressed: Frame requires too much memory for decoding"),
        (&large, &bomb, &wrong_size),
    ];
    for (blob, damaged, cause) in rows {
        let dir = tempfile::tempdir().expect("a directory");
        let store = open(dir.path());
        store.put(blob.clone(), None).await.expect("a put");
        if kept(dir.path(), blob.id()).1.is_some() {
            database(dir.path()).execute("UPDATE blobs SET content = ?1", [damaged]).expect("SQL");
        } else {
            fs::write(compressed_file_of(dir.path(), blob.id()), damaged).expect("a file");
        }
        let error = store.get(blob.id()).await.expect_err("a damaged blob");
        assert_eq!(error.to_string(), format!("blob {} is corrupt: {cause}", blob.id()));
        if let Ok(Some(OpenBlob::Large(found))) = store.open(blob.id()).await {
            let error = found.verified(0..1).await.map(drop).expect_err("a damaged blob");
            assert_eq!(error.to_string(), format!("blob {} is corrupt: {cause}", blob.id()));
        }
        assert_eq!(store.put(blob.clone(), None).await.expect("a put"), PutOutcome::Existing);
        assert_eq!(store.get(blob.id()).await.expect("a get").expect("a blob").blob, *blob);
    }
}

#[tokio::test]
async fn a_way_of_keeping_content_that_there_is_not_is_an_error() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = open(dir.path());
    let id = binary_of(SMALL).id();
    store.put(binary_of(SMALL), None).await.expect("a put");
    database(dir.path()).execute("UPDATE blobs SET coding = 7", ()).expect("SQL");
    let error = store.get(id).await.expect_err("unknown").to_string();
    assert_eq!(error, format!("blob {id} is corrupt: its row has the unknown coding 7"));
    store.put(binary_of(SMALL), None).await.expect("a put");
    assert_eq!(store.get(id).await.expect("a get").expect("a blob").blob, binary_of(SMALL));
}
