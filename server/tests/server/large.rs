//! Blobs that are in files: they go to the store and come from it piece by piece.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::Request;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures_util::StreamExt as _;
use http_body_util::BodyExt as _;
use http_body_util::channel::Channel;
use isoblob_core::{Blob, BlobId, BlobType};
use isoblob_server::http::{AppState, HttpConfig, app};
use isoblob_server::store::{EmbeddedStore, LargeBlob, MAX_ROW_BYTES, MemoryStore, OpenBlob, Store};
use tempfile::TempDir;
use tower::ServiceExt as _;

use crate::store::binary_of;
use crate::support::{Answer, OCTETS, ask, call, get, path_of, post, put_bytes};

/// More than a few pieces, and a piece that is not whole.
const LARGE: usize = 3 * MAX_ROW_BYTES + 1;

const MAX_BODY: usize = MAX_ROW_BYTES + 1000;

fn limits() -> HttpConfig {
    HttpConfig {
        max_body_bytes: MAX_BODY,
        max_binary_bytes: LARGE as u64,
        memory_bytes: 1 << 20,
        ..HttpConfig::default()
    }
}

fn embedded() -> (TempDir, Arc<EmbeddedStore>, Router) {
    let dir = tempfile::tempdir().expect("a directory");
    let store = Arc::new(EmbeddedStore::open(dir.path()).expect("a store"));
    let app = app(AppState::new(Arc::clone(&store) as Arc<dyn Store>, limits()));
    (dir, store, app)
}

/// Everything that is being written, and everything that was.
fn files(dir: &Path) -> (usize, usize) {
    let count = |dir: PathBuf| fs::read_dir(dir).expect("a directory").count();
    let shards = fs::read_dir(dir.join("files")).expect("a directory");
    (count(dir.join("partial")), shards.map(|shard| count(shard.expect("a shard").path())).sum())
}

/// Puts bytes whose number is not told before, a few at a time.
async fn put_streamed(app: &Router, bytes: &[u8]) -> Answer {
    let (mut sender, channel) = Channel::<Bytes, io::Error>::new(1);
    let send = async move {
        for piece in bytes.chunks(60_000) {
            if sender.send_data(Bytes::copy_from_slice(piece)).await.is_err() {
                break;
            }
        }
    };
    tokio::join!(call(app, post(OCTETS).body(Body::new(channel)).expect("a request")), send).0
}

#[tokio::test]
async fn a_large_blob_is_the_same_however_it_came() {
    for size in [MAX_ROW_BYTES, MAX_ROW_BYTES + 1, LARGE] {
        let (dir, store, app) = embedded();
        let blob = binary_of(size);
        let expected = format!(r#"{{"blobId":"{}"}}"#, blob.id());
        let told = put_bytes(&app, blob.bytes(), Some("a.bin")).await;
        assert_eq!((told.status, told.text()), (200, &*expected), "{size}");
        let again = put_streamed(&app, blob.bytes()).await;
        assert_eq!((again.status, again.text()), (200, &*expected), "{size}");
        let read = store.get(blob.id()).await.expect("a get").expect("a blob");
        assert_eq!((read.blob, read.filename), (blob.clone(), Some(crate::store::name("a.bin"))), "{size}");
        assert_eq!(files(dir.path()), (0, usize::from(size > MAX_ROW_BYTES)), "{size}");

        let mut put = Request::put(path_of(blob.id())).header("content-type", OCTETS);
        let answer = call(&app, put.body(Body::from(blob.bytes().to_vec())).expect("a request")).await;
        assert_eq!(answer.status, 200, "{size}");
        put = Request::put(path_of(BlobId::of(b""))).header("content-type", OCTETS);
        let other = binary_of(size - 1);
        let answer = call(&app, put.body(Body::from(other.bytes().to_vec())).expect("a request")).await;
        assert_eq!(answer.status, 409, "{size}");
        assert_eq!(store.head(other.id()).await.expect("a head"), None, "{size}");
        assert_eq!(files(dir.path()), (0, usize::from(size > MAX_ROW_BYTES)), "{size}");
    }
}

#[tokio::test]
async fn limits_are_of_the_way_that_a_blob_takes() {
    let (dir, _store, embedded) = embedded();
    let memory = app(AppState::new(Arc::new(MemoryStore::default()), limits()));
    let check = async |app: &Router, size: usize, limit: Option<usize>| {
        let expected = match limit {
            None => (200, format!(r#"{{"blobId":"{}"}}"#, binary_of(size).id())),
            Some(limit) => {
                let message = format!("the body has more than {limit} bytes");
                (413, format!(r#"{{"code":413,"message":"{message}","reason":"body_too_large"}}"#))
            }
        };
        for answer in
            [put_bytes(app, binary_of(size).bytes(), None).await, put_streamed(app, binary_of(size).bytes()).await]
        {
            assert_eq!((answer.status, answer.text()), (expected.0, &*expected.1), "{size}");
        }
    };
    check(&embedded, LARGE, None).await;
    check(&embedded, LARGE + 1, Some(LARGE)).await;
    check(&memory, MAX_BODY, None).await;
    check(&memory, MAX_BODY + 1, Some(MAX_BODY)).await;
    assert_eq!(files(dir.path()), (0, 1), "what was refused left nothing");
}

#[tokio::test]
async fn a_large_blob_is_answered_in_every_form() {
    let (_dir, store, app) = embedded();
    // As long as leaves each remainder of three.
    for size in [LARGE, LARGE + 1, LARGE + 2] {
        let blob = binary_of(size);
        let id = blob.id();
        store.put(blob.clone(), None).await.expect("a put");
        let raw = get(&app, &path_of(id), &[("accept", OCTETS)]).await;
        assert_eq!((raw.status, raw.header("x-blob-type")), (200, Some("binary")));
        assert!(raw.body == blob.bytes(), "{size}");
        let envelope = get(&app, &path_of(id), &[]).await;
        let data = BASE64_STANDARD.encode(blob.bytes());
        assert!(envelope.text() == format!(r#"{{"data":"{data}","blobType":"binary","blobId":"{id}"}}"#), "{size}");
        for (form, answer) in [(OCTETS, raw), ("*/*", envelope)] {
            let head = ask(&app, "HEAD", &path_of(id), &[("accept", form)]).await;
            assert_eq!(head.header("content-length"), Some(&*answer.body.len().to_string()), "{size}");
        }
    }
    let text = format!("\"{}\"", "x".repeat(LARGE)).into_bytes();
    let blob = Blob::verify(BlobId::of(&text), BlobType::Data, text).expect("its own id");
    store.put(blob.clone(), Some(crate::store::name("a.json"))).await.expect("a put");
    let envelope = get(&app, &path_of(blob.id()), &[]).await;
    let data = str::from_utf8(blob.bytes()).expect("UTF-8");
    let expected = format!(r#"{{"data":{data},"blobType":"data","blobId":"{}","filename":"a.json"}}"#, blob.id());
    assert!(envelope.text() == expected);
}

#[tokio::test]
async fn a_part_of_a_large_blob_is_answered() {
    let (_dir, store, app) = embedded();
    let blob = binary_of(LARGE);
    store.put(blob.clone(), None).await.expect("a put");
    for (range, part) in [
        ("0-0", 0..1),
        ("0-129023", 0..129_024),
        ("129023-129024", 129_023..129_025),
        ("5-400000", 5..400_001),
        ("786432-", LARGE - 1..LARGE),
        ("-300000", LARGE - 300_000..LARGE),
        ("0-", 0..LARGE),
    ] {
        let headers = [("accept", OCTETS), ("range", &*format!("bytes={range}"))];
        let answer = get(&app, &path_of(blob.id()), &headers).await;
        let content_range = format!("bytes {}-{}/{LARGE}", part.start, part.end - 1);
        assert_eq!((answer.status, answer.header("content-range")), (206, Some(&*content_range)));
        assert!(answer.body == blob.bytes()[part], "{range}");
    }
    let answer = get(&app, &path_of(blob.id()), &[("accept", OCTETS), ("range", "bytes=786433-")]).await;
    assert_eq!((answer.status, answer.header("content-range")), (416, Some("bytes */786433")));
}

/// Flips a bit of a file.
fn flip(dir: &Path, id: BlobId, at: usize) {
    let name = id.to_string();
    let path = dir.join("files").join(&name[..2]).join(name);
    let mut bytes = fs::read(&path).expect("a file");
    bytes[at] ^= 1;
    fs::write(path, bytes).expect("a file");
}

#[tokio::test]
async fn nothing_of_a_damaged_blob_is_answered() {
    let (dir, store, app) = embedded();
    let blob = binary_of(LARGE);
    let id = blob.id();
    store.put(blob, None).await.expect("a put");
    flip(dir.path(), id, LARGE - 1);
    let message = format!("what is stored under {id} does not hash to it");
    let expected = format!(r#"{{"code":500,"message":"{message}","reason":"corrupt_blob"}}"#);
    let rows: [&[(&str, &str)]; 3] = [&[], &[("accept", OCTETS)], &[("accept", OCTETS), ("range", "bytes=0-0")]];
    for headers in rows {
        let answer = get(&app, &path_of(id), headers).await;
        assert_eq!((answer.status, answer.text()), (500, &*expected));
    }
    let metrics = get(&app, "/metrics", &[]).await;
    assert!(metrics.text().contains("\nisoblob_gets_total{outcome=\"corrupt\"} 3\n"), "{}", metrics.text());
}

async fn open(store: &EmbeddedStore, id: BlobId) -> LargeBlob {
    match store.open(id).await.expect("an opening") {
        Some(OpenBlob::Large(blob)) => blob,
        other => panic!("{other:?}"),
    }
}

/// The disk may tell another story when it is asked again: of the whole, and of a part that comes before the damage or has it.
#[tokio::test]
async fn what_changes_after_it_was_verified_breaks_off() {
    let size = LARGE as u64;
    for (range, at, is_seen) in [(0..size, 0, true), (0..size, LARGE - 1, true), (9..size, 9, true), (0..9, 9, false)] {
        let (dir, store, _app) = embedded();
        let blob = binary_of(LARGE);
        store.put(blob.clone(), None).await.expect("a put");
        let stream = open(&store, blob.id()).await.verified(range.clone()).await.expect("a sound blob");
        flip(dir.path(), blob.id(), at);
        let pieces: Vec<_> = stream.collect().await;
        let last = pieces.last().expect("a piece");
        let bytes: usize = pieces.iter().flatten().map(Bytes::len).sum();
        assert_eq!(last.is_err(), is_seen, "{range:?} {at}");
        assert_eq!((bytes as u64) < range.end - range.start, is_seen, "{range:?} {at}");
    }
}

/// An answer that breaks off is not taken for one that is whole.
#[tokio::test]
async fn an_answer_that_breaks_off_says_so() {
    let (dir, store, app) = embedded();
    let blob = binary_of(LARGE);
    store.put(blob.clone(), None).await.expect("a put");
    for accept in [OCTETS, "application/json"] {
        let request = Request::get(path_of(blob.id())).header("accept", accept).body(Body::empty()).expect("a request");
        let response = app.clone().oneshot(request).await.expect("an app does not fail");
        assert_eq!(response.status(), 200);
        flip(dir.path(), blob.id(), 7);
        let error = response.into_body().collect().await.expect_err("it breaks off");
        assert_eq!(error.to_string(), format!("blob {} is corrupt: its bytes changed while they were read", blob.id()));
        flip(dir.path(), blob.id(), 7);
    }
}
