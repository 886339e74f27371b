//! The care of stores by the commands `backup`, `export`, `import` and `fsck`, as processes.

use std::fs;
use std::path::{Path, PathBuf};

use isoblob_core::{Blob, BlobId, BlobType, Limits};
use isoblob_server::store::{EmbeddedStore, ListQuery, ListedBlob, MAX_ROW_BYTES, Store, StoreLocation};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::serving::{Serving, isoblob};
use crate::store::{binary_of, name, sqlite_location};

const LARGE: usize = MAX_ROW_BYTES + 7;

/// What a command prints with its status, `DIR` being the directory that it runs in.
fn run(dir: &Path, command: &str) -> (i32, String) {
    let args: Vec<_> = command.split(' ').collect();
    let output = isoblob(&args).current_dir(dir).output().expect("the command runs");
    let text = String::from_utf8([output.stdout, output.stderr].concat()).expect("UTF-8");
    (output.status.code().expect("it ends by itself"), text)
}

#[track_caller]
fn check(dir: &Path, command: &str, status: i32, expected: &str) {
    assert_eq!(run(dir, command), (status, expected.to_owned()), "isoblob {command}");
}

fn flow() -> Blob {
    Blob::flow(br#"{"steps":[]}"#, Limits::default()).expect("a flow")
}

fn data() -> Blob {
    Blob::data(format!("\"{}\"", "x".repeat(LARGE)).as_bytes(), Limits::default()).expect("JSON")
}

/// One blob of each kind that there is, in `DIR/store`.
async fn filled() -> TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    fill(&EmbeddedStore::open(&dir.path().join("store")).expect("a store")).await;
    dir
}

async fn fill(store: &dyn Store) {
    for (blob, filename) in [
        (binary_of(5), Some(name("a \"b\".bin"))),
        (flow(), None),
        (binary_of(LARGE), None),
        (data(), Some(name("large.json"))),
    ] {
        store.put(blob, filename).await.expect("a put");
    }
}

/// Everything that a store holds, read and verified.
async fn everything(location: &str) -> Vec<(ListedBlob, Blob)> {
    let store = location.parse::<StoreLocation>().expect("a location").open().await.expect("a store");
    let listed = store.list(ListQuery { blob_type: None, after: None, limit: 100 }).await.expect("a list");
    let mut all = Vec::new();
    for listed in listed.expect("a page") {
        let read = store.get(listed.id).await.expect("a get").expect("a blob");
        all.push((listed, read.blob));
    }
    all
}

fn path(dir: &TempDir, name: &str) -> String {
    dir.path().join(name).to_str().expect("UTF-8").to_owned()
}

fn file_of(store: &Path, id: BlobId) -> PathBuf {
    let name = id.to_string();
    store.join("files").join(&name[..2]).join(name)
}

#[tokio::test]
async fn a_store_that_is_served_is_backed_up() {
    let dir = filled().await;
    let before = everything(&path(&dir, "store")).await;
    let server = Serving::start(&["--store", &path(&dir, "store")], &[]);
    check(dir.path(), "backup --store store --to copy", 0, "4 blobs; of the large ones, 2 linked and 0 copied\n");
    let put = "POST /api/v1/blobs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\
        connection: close\r\n\r\n{\"data\":1}";
    assert!(server.ask(put).starts_with("HTTP/1.1 200 "));
    assert_eq!(everything(&path(&dir, "copy")).await, before, "what came later is not in it");
    let line = "{\"blobs\":5,\"linked\":2,\"copied\":0,\"missing\":[]}\n";
    check(dir.path(), "backup --store store --to another/place --json", 0, line);
    server.terminate();
    assert_eq!(everything(&path(&dir, "another/place")).await, everything(&path(&dir, "store")).await);
    check(dir.path(), "fsck --store copy", 0, &format!("4 blobs, {} bytes; 0 faults, 0 repaired\n", bytes()));
}

fn bytes() -> usize {
    5 + 12 + LARGE + LARGE + 2
}

/// Where a link cannot be made, the file is copied.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_backup_on_another_file_system_has_copies() {
    let dir = filled().await;
    let memory = tempfile::tempdir_in("/dev/shm").expect("another file system");
    let to = memory.path().join("copy");
    let command = format!("backup --store store --to {}", to.display());
    check(dir.path(), &command, 0, "4 blobs; of the large ones, 0 linked and 2 copied\n");
    assert_eq!(everything(to.to_str().expect("UTF-8")).await, everything(&path(&dir, "store")).await);
}

#[tokio::test]
async fn what_cannot_be_backed_up_is_told() {
    let dir = filled().await;
    check(dir.path(), "backup --store none --to copy", 2, "isoblob: there is no store in none\n");
    let expected = "isoblob: store is not empty; give a directory that is empty or does not exist\n";
    check(dir.path(), "backup --store store --to store", 2, expected);
    let large = binary_of(LARGE).id();
    fs::remove_file(file_of(&dir.path().join("store"), large)).expect("a file");
    let expected =
        format!("blob {large} is corrupt: its file is missing\n4 blobs; of the large ones, 1 linked and 0 copied\n");
    check(dir.path(), "backup --store store --to copy", 1, &expected);
}

/// A backup that was not finished is not taken for a store.
#[tokio::test]
async fn half_a_backup_is_no_store() {
    let dir = tempfile::tempdir().expect("a directory");
    fs::write(dir.path().join("blobs.sqlite3.partial"), "").expect("a file");
    fs::create_dir(dir.path().join("files")).expect("a directory");
    let error = EmbeddedStore::open(dir.path()).expect_err("not a store").to_string();
    assert!(error.ends_with("holds files that are not of a store; give a directory that is empty or does not exist"));
}

#[tokio::test]
async fn what_is_exported_is_imported() {
    let dir = filled().await;
    let before = everything(&path(&dir, "store")).await;
    check(dir.path(), "export --store store --to out", 0, "4 blobs, 0 damaged\n");
    for blob in [binary_of(5), flow(), binary_of(LARGE), data()] {
        let written = fs::read(dir.path().join("out").join(blob.id().to_string())).expect("a file");
        assert!(written == blob.bytes(), "{blob:?}");
    }
    let index = fs::read_to_string(dir.path().join("out/index.jsonl")).expect("a file");
    let (id, created) = (binary_of(5).id(), before[3].0.info.created());
    let line =
        format!(r#"{{"blobId":"{id}","blobType":"binary","size":5,"filename":"a \"b\".bin","created":"{created}"}}"#);
    assert_eq!((index.lines().count(), index.lines().last()), (4, Some(&*line)));
    assert_eq!(fs::read_dir(dir.path().join("out")).expect("a directory").count(), 5, "and nothing else");

    for location in ["again".to_owned(), sqlite_location(Path::new("."))] {
        check(dir.path(), &format!("import --store {location} --from out"), 0, "4 blobs, 0 left out\n");
        let location = location.replace("./", &format!("{}/", dir.path().display()));
        let location = if location == "again" { path(&dir, "again") } else { location };
        let mut after = everything(&location).await;
        for ((listed, _), (expected, _)) in after.iter_mut().zip(&before) {
            listed.info.created = expected.info.created;
        }
        assert_eq!(after, before, "{location}");
    }
    check(dir.path(), "import --store again --from out", 0, "4 blobs, 0 left out\n");
    let (status, error) = run(dir.path(), "export --store store --to out");
    assert_eq!((status, error.contains("cannot write out: ")), (2, true), "{error}");
}

#[tokio::test]
async fn what_is_not_the_blob_of_its_name_is_left_out() {
    let dir = filled().await;
    check(dir.path(), "export --store store --to out", 0, "4 blobs, 0 damaged\n");
    let file = |id: BlobId| dir.path().join("out").join(id.to_string());
    let (large, small) = (binary_of(LARGE).id(), binary_of(5).id());
    fs::write(file(large), vec![7; LARGE]).expect("a file");
    fs::remove_file(file(flow().id())).expect("a file");
    fs::write(file(small), "other").expect("a file");
    // What the index does not name.
    let (json, text) = (BlobId::of(b"[1]"), BlobId::of(b"[1.0]"));
    fs::write(file(json), "[1]").expect("a file");
    fs::write(file(text), "[1.0]").expect("a file");
    let expected = format!(
        "{small} is left out: its bytes hash to {}\n{} is left out: there is no such file\n{large} is left out: its bytes \
        hash to {}\n3 blobs, 3 left out\n",
        BlobId::of(b"other"),
        flow().id(),
        BlobId::of(&vec![7; LARGE]),
    );
    check(dir.path(), "import --store again --from out", 1, &expected);
    let again = everything(&path(&dir, "again")).await;
    let type_of = |id| again.iter().find(|(listed, _)| listed.id == id).map(|(listed, _)| listed.info.blob_type);
    assert_eq!(
        [json, text, large, data().id()].map(type_of),
        [Some(BlobType::Data), Some(BlobType::Binary), None, Some(BlobType::Data)]
    );
}

/// Only an orchestrator's store keeps JSON in the form in which it came.
#[tokio::test]
async fn json_in_another_form_goes_where_it_is_kept() {
    let dir = tempfile::tempdir().expect("a directory");
    let location = sqlite_location(dir.path());
    drop(location.parse::<StoreLocation>().expect("a location").open().await.expect("a store"));
    let id = BlobId::of(b"[1.0]");
    let database = Connection::open(dir.path().join("stepflow.db")).expect("a database");
    database.execute("INSERT INTO blobs (id, data) VALUES (?1, '[1.0]')", [id.to_string()]).expect("a row");
    let finding = format!("blob {id} is JSON in another form than the canonical one\n");
    let summary = "1 blobs, 5 bytes; 0 faults, 0 repaired\n";
    check(dir.path(), &format!("fsck --store {location}"), 0, &format!("{finding}{summary}"));
    check(dir.path(), &format!("export --store {location} --to out"), 0, "1 blobs, 0 damaged\n");
    let why = "it is JSON in another form than the canonical one, which only an orchestrator's store keeps";
    check(dir.path(), "import --store again --from out", 1, &format!("{id} is left out: {why}\n0 blobs, 1 left out\n"));
    fs::create_dir(dir.path().join("other")).expect("a directory");
    let other = sqlite_location(&dir.path().join("other"));
    check(dir.path(), &format!("import --store {other} --from out"), 0, "1 blobs, 0 left out\n");
    let copied = everything(&other).await;
    assert_eq!((copied[0].1.bytes(), copied[0].1.is_canonical()), (&b"[1.0]"[..], false));
}

/// Damages a store, and checks what `fsck` finds, what `fsck --repair` does, and that all is well then.
async fn damaged(damage: impl Fn(&Path, &Connection), finding: &str, lost: Option<BlobId>) {
    let dir = filled().await;
    let store = dir.path().join("store");
    let before = everything(&path(&dir, "store")).await;
    damage(&store, &Connection::open(store.join("blobs.sqlite3")).expect("a database"));
    let sound = before.iter().filter(|(listed, _)| Some(listed.id) != lost).cloned().collect::<Vec<_>>();
    let bytes: u64 = sound.iter().map(|(listed, _)| listed.info.size).sum();
    let summary = |repaired| format!("{finding}4 blobs, {bytes} bytes; 1 faults, {repaired} repaired\n");
    check(dir.path(), "fsck --store store", 1, &summary(0));
    check(dir.path(), "fsck --store store", 1, &summary(0));
    check(dir.path(), "fsck --store store --repair", 1, &summary(1));
    let expected = format!("{} blobs, {bytes} bytes; 0 faults, 0 repaired\n", sound.len());
    check(dir.path(), "fsck --store store", 0, &expected);
    assert_eq!(everything(&path(&dir, "store")).await, sound);
    if let Some(id) = lost {
        let left = store.join("quarantine").join(id.to_string());
        assert!(
            left.exists() || left.with_extension("zst").exists() || finding.contains("cannot be read"),
            "what is left of it is kept"
        );
    }
}

#[tokio::test]
async fn damage_is_found_and_put_aside() {
    let (small, large, json) = (binary_of(5).id(), binary_of(LARGE).id(), data().id());
    let set = |sql: &'static str, id: BlobId| {
        move |_: &Path, database: &Connection| {
            assert_eq!(database.execute(sql, [id.as_bytes()]), Ok(1), "{sql}");
        }
    };
    let other = BlobId::of(b"other");
    let finding = format!("blob {small} is corrupt: the bytes hash to {other}, not to {small}\n");
    damaged(set("UPDATE blobs SET content = CAST('other' AS BLOB) WHERE id = ?1", small), &finding, Some(small)).await;

    let sevens = vec![7; LARGE];
    let finding = format!("blob {large} is corrupt: the bytes hash to {}, not to {large}\n", BlobId::of(&sevens));
    damaged(|store, _| fs::write(file_of(store, large), &sevens).expect("a file"), &finding, Some(large)).await;

    // It is compressed.
    let finding = format!("blob {json} is corrupt: it cannot be decompressed: Unknown frame descriptor\n");
    let overwrite = |store: &Path, _: &Connection| {
        fs::write(file_of(store, json).with_extension("zst"), "other").expect("a file");
    };
    damaged(overwrite, &finding, Some(json)).await;
    let unknown = format!("blob {small} is corrupt: its row has the unknown coding 7\n");
    damaged(set("UPDATE blobs SET coding = 7 WHERE id = ?1", small), &unknown, Some(small)).await;

    let gone = "No such file or directory (os error 2)";
    let finding = format!("blob {large} is corrupt: its file cannot be read: {gone}\n");
    damaged(|store, _| fs::remove_file(file_of(store, large)).expect("a file"), &finding, Some(large)).await;
}

#[tokio::test]
async fn what_is_said_wrongly_of_a_sound_blob_is_put_right() {
    let (small, large, flow) = (binary_of(5).id(), binary_of(LARGE).id(), flow().id());
    let rows = [
        ("UPDATE blobs SET size = 6 WHERE id = ?1", small, "its row says that it has 6 bytes, and it has 5"),
        ("UPDATE blobs SET size = 6 WHERE id = ?1", large, "its row says that it has 6 bytes, and it has 262151"),
        ("UPDATE blobs SET type = 2 WHERE id = ?1", small, "it is said to be flow, and is binary"),
        ("UPDATE blobs SET type = 1 WHERE id = ?1", large, "it is said to be data, and is binary"),
    ];
    for (sql, id, cause) in rows {
        let damage = |_: &Path, database: &Connection| {
            assert_eq!(database.execute(sql, [id.as_bytes()]), Ok(1), "{sql}");
        };
        damaged(damage, &format!("blob {id} is sound, but {cause}\n"), None).await;
    }
    let totals = |_: &Path, database: &Connection| {
        assert_eq!(database.execute("UPDATE totals SET blobs = 9 WHERE type = 2", ()), Ok(1));
    };
    let finding = "the store counts 9 blobs of type flow with 12 bytes, and has 1 with 12\n";
    damaged(totals, finding, None).await;
    assert_eq!(flow, BlobId::of(br#"{"steps":[]}"#));
}

#[tokio::test]
async fn a_file_of_no_blob_is_put_aside() {
    let stray = BlobId::of(b"stray");
    let name = stray.to_string();
    let damage = |store: &Path, _: &Connection| {
        let path = file_of(store, stray);
        fs::create_dir_all(path.parent().expect("a shard")).expect("a directory");
        fs::write(path, "stray").expect("a file");
    };
    damaged(damage, &format!("files/{}/{name} belongs to no blob\n", &name[..2]), None).await;
}

#[tokio::test]
async fn a_damaged_database_is_told() {
    let change = async |sql: &str| {
        let dir = filled().await;
        let connection = Connection::open(dir.path().join("store/blobs.sqlite3")).expect("a database");
        connection.pragma_update(None, "writable_schema", true).expect("a pragma");
        assert_eq!(connection.execute(sql, ()), Ok(1));
        dir
    };
    // The pages of an index that is not there.
    let dir = change("DELETE FROM sqlite_schema WHERE name = 'blobs_by_type'").await;
    let (status, text) = run(dir.path(), "fsck --store store --json");
    let expected = "{\"finding\":\"database\",\"fault\":true,\"message\":\"the database is damaged: ";
    assert!(status == 1 && text.starts_with(expected) && text.contains("never used"), "{text}");
    assert!(text.ends_with("\"faults\":1,\"repaired\":0}\n"), "{text}");
    // An index that nothing can be read by.
    let dir = change("UPDATE sqlite_schema SET rootpage = 1 WHERE name = 'blobs_by_type'").await;
    let expected = "isoblob: cannot open the database of the store in store: database disk image is malformed";
    let (status, text) = run(dir.path(), "fsck --store store");
    assert!(status == 2 && text.starts_with(expected), "{text}");
}

#[tokio::test]
async fn a_store_that_cannot_be_checked_is_told() {
    let dir = filled().await;
    check(dir.path(), "fsck --store none", 2, "isoblob: there is no store in none\n");
    let open = EmbeddedStore::open(&dir.path().join("store")).expect("a store");
    for command in ["fsck --store store", "export --store store --to out"] {
        check(dir.path(), command, 2, "isoblob: the store in store is in use by another process\n");
    }
    drop(open);
    let location = sqlite_location(dir.path());
    let expected =
        "isoblob: a Stepflow orchestrator's store is not repaired here: only it knows what else relies on it\n";
    check(dir.path(), &format!("fsck --store {location} --repair"), 2, expected);
}

/// What an orchestrator's directory has that cannot be read.
#[tokio::test]
async fn files_of_an_orchestrator_that_cannot_be_read_are_told() {
    let dir = tempfile::tempdir().expect("a directory");
    let id = BlobId::of(b"");
    let shard = dir.path().join(&id.to_string()[..2]);
    fs::create_dir(&shard).expect("a directory");
    fs::write(shard.join(format!("{id}.blob")), "short").expect("a file");
    let command = format!("fsck --store stepflow+file:{}", dir.path().display());
    let finding = format!("blob {id} is corrupt: its file is too short\n");
    check(dir.path(), &command, 1, &format!("{finding}1 blobs, 0 bytes; 1 faults, 0 repaired\n"));
}

/// A blob that is damaged is left out of an export, and told.
#[tokio::test]
async fn what_is_damaged_is_not_exported() {
    let dir = filled().await;
    let large = binary_of(LARGE).id();
    fs::write(file_of(&dir.path().join("store"), large), vec![7; LARGE]).expect("a file");
    let hash = BlobId::of(&vec![7; LARGE]);
    let expected = format!("blob {large} is corrupt: the bytes hash to {hash}, not to {large}\n3 blobs, 1 damaged\n");
    check(dir.path(), "export --store store --to out", 1, &expected);
    assert_eq!(fs::read_dir(dir.path().join("out")).expect("a directory").count(), 4);
}
