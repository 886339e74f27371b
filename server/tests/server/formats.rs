//! What any released version wrote is read for ever after: `tests/fixtures` holds a store of each format.

use std::fs;
use std::path::Path;

use isoblob_core::{Blob, BlobType, Limits};
use isoblob_server::store::{EmbeddedStore, ListQuery, PutOutcome, Store as _, backup};

use crate::store::name;

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a directory");
    for entry in fs::read_dir(from).expect("a directory") {
        let (path, to) = (entry.expect("an entry").path(), to.to_owned());
        let to = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).expect("a copy");
        }
    }
}

/// What each of them holds, newest first, with the filename; but the first, which is there from format 3 on.
fn blobs() -> [(Blob, Option<&'static str>); 6] {
    let digits = |count| (0..count).map(|number| (number % 10).to_string()).collect::<Vec<_>>().join(",");
    let data = |text: &str| Blob::data(text.as_bytes(), Limits::default()).expect("JSON");
    let flow = r#"{"steps":[{"component":"/builtin/eval","id":"one"}]}"#;
    [
        (data(&format!("[{}]", digits(14_000))), None),
        (Blob::binary(vec![0; 300_000]), None),
        (data(&format!("[{}]", digits(140_000))), Some("large.json")),
        (Blob::flow(flow.as_bytes(), Limits::default()).expect("a flow"), None),
        (data(r#"{"a":505874924095815681,"b":[1,"é"]}"#), Some("a \"b\".json")),
        (Blob::binary(Vec::new()), None),
    ]
}

#[tokio::test]
async fn a_store_of_each_format_is_read() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let formats = fs::read_dir(&fixtures).expect("a directory").map(|entry| entry.expect("an entry").path());
    let formats: Vec<_> = formats.filter(|path| path.is_dir()).collect();
    assert!(!formats.is_empty());
    for format in formats {
        let dir = tempfile::tempdir().expect("a directory");
        let place = dir.path().join("store");
        copy(&format, &place);
        let backup_place = dir.path().join("backup");
        backup(&place, &backup_place).expect("a backup");
        // As it was, and as it is once it was brought up.
        for place in [&place, &place, &backup_place] {
            let store = EmbeddedStore::open(place).expect("a store");
            let listed = store.list(ListQuery { blob_type: None, after: None, limit: 10 }).await.expect("a list");
            let listed = listed.expect("a page");
            let new = usize::from(!format.ends_with("format-2"));
            assert_eq!(listed.len(), 5 + new, "{}", format.display());
            let stats = store.stats().await.expect("stats");
            assert_eq!(
                BlobType::ALL.map(|blob_type| stats.of(blob_type).blobs),
                [2, 2 + new as u64, 1],
                "{}",
                format.display()
            );
            for ((blob, filename), listed) in blobs().into_iter().skip(1 - new).zip(listed) {
                assert_eq!((listed.id, listed.info.blob_type), (blob.id(), blob.blob_type()));
                assert_eq!(listed.info.size, blob.bytes().len() as u64);
                let created = listed.info.created.duration_since(std::time::UNIX_EPOCH).expect("after the epoch");
                assert!(created.as_secs() > 1_795_000_000, "{created:?}");
                let read = store.get(blob.id()).await.expect("a get").expect("a blob");
                assert_eq!((read.filename, read.created), (filename.map(name), listed.info.created));
                assert_eq!(read.blob, blob);
                assert_eq!(store.put(blob, None).await.expect("a put"), PutOutcome::Existing);
            }
        }
    }
}
