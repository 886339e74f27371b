//! How an orchestrator's directory is used beside it.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use isoblob_core::{Blob, Limits};
use isoblob_server::store::PutOutcome;
use tokio::task::JoinSet;

use super::{open, refusal};
use crate::store::{binary_of, name};

fn location(dir: &Path) -> String {
    format!("stepflow+file:{}", dir.display())
}

fn path_of(dir: &Path, blob: &Blob) -> PathBuf {
    let id = blob.id().to_string();
    dir.join(&id[..2]).join(format!("{id}.blob"))
}

#[tokio::test]
async fn a_file_is_an_orchestrators_to_the_byte() {
    let dir = tempfile::tempdir().expect("a directory");
    let dir = dir.path().join("made/by/isoblob");
    let store = open(&location(&dir)).await.expect("a store");
    let blob = Blob::binary(b"content".to_vec());
    store.put(blob.clone(), Some(name("a.bin"))).await.expect("a put");
    let path = path_of(&dir, &blob);
    let expected = b"content{\"blob_type\":\"binary\",\"filename\":\"a.bin\"}\x07\0\0\0\0\0\0\0";
    assert_eq!(fs::read(&path).expect("a file"), expected);
    // As any file that is made under the umask of this process, so that an orchestrator of another user reads it.
    let other = dir.join("other");
    File::create(&other).expect("a file");
    let mode = |path: &Path| fs::metadata(path).expect("a file").permissions().mode();
    assert_eq!(mode(&path), mode(&other));
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_corrupt_until_it_is_put_again() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = open(&location(dir.path())).await.expect("a store");
    let blob = binary_of(100);
    for damage in [b"".as_slice(), b"{}\xff\0\0\0\0\0\0\0", b"\0\0\0\0\0\0\0\0"] {
        store.put(blob.clone(), None).await.expect("a put");
        fs::write(path_of(dir.path(), &blob), damage).expect("a file");
        let expected = format!("blob {} is corrupt: its ", blob.id());
        for error in [store.get(blob.id()).await.err(), store.head(blob.id()).await.err()] {
            let message = error.expect("damage").to_string();
            assert!(message.starts_with(&expected), "{message}");
        }
        assert_eq!(store.put(blob.clone(), None).await.expect("a put"), PutOutcome::Existing);
        assert_eq!(store.get(blob.id()).await.expect("a get").map(|read| read.blob), Some(blob.clone()));
    }
}

/// Two processes of isoblob over one directory are two stores over it.
#[tokio::test(flavor = "multi_thread")]
async fn stores_over_one_directory_do_not_undo_one_another() {
    let dir = tempfile::tempdir().expect("a directory");
    let stores =
        [open(&location(dir.path())).await.expect("a store"), open(&location(dir.path())).await.expect("a store")];
    for round in 0..20_u8 {
        let text = format!("[{round}]").into_bytes();
        let types = [Blob::binary(text.clone()), Blob::data(&text, Limits::default()).expect("JSON")];
        let id = types[0].id();
        let mut puts = JoinSet::new();
        for store in &stores {
            for blob in &types {
                for filename in [None, Some(name("a"))] {
                    let (store, blob) = (Arc::clone(store), blob.clone());
                    puts.spawn(async move { store.put(blob, filename).await.expect("a put") });
                }
            }
        }
        let outcomes = puts.join_all().await;
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == PutOutcome::New).count(), 1, "{outcomes:?}");
        let read = stores[0].get(id).await.expect("a get").expect("a blob");
        assert_eq!((read.blob, read.filename), (types[1].clone(), Some(name("a"))));
    }
}

#[tokio::test]
async fn what_died_while_it_was_written_is_removed_after_a_day() {
    let dir = tempfile::tempdir().expect("a directory");
    drop(open(&location(dir.path())).await.expect("a store"));
    let partial = |name: &str, age: Duration| {
        let path = dir.path().join(".isoblob").join(name);
        let file = File::create(&path).expect("a file");
        file.set_modified(SystemTime::now() - age).expect("a time");
        path
    };
    let hours = |hours| Duration::from_hours(hours);
    let (old, new, other) = (partial("a.partial", hours(25)), partial("b.partial", hours(23)), partial("c", hours(25)));
    drop(open(&location(dir.path())).await.expect("a store"));
    assert_eq!((old.exists(), new.exists(), other.exists()), (false, true, true));
}

#[tokio::test]
async fn what_is_not_a_directory_is_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("file");
    fs::write(&path, "").expect("a file");
    let expected = format!("cannot create {}: File exists (os error 17)", path.display());
    assert_eq!(refusal(&location(&path)).await, expected);
}
