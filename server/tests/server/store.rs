//! The contract of `Store`, which every backend keeps.

use std::any::Any;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use isoblob_core::{Blob, BlobId, BlobType};
use isoblob_server::Filename;
use isoblob_server::store::{
    BlobInfo, CachedStore, EmbeddedStore, ListQuery, ListedBlob, MAX_ROW_BYTES, PutOutcome, Store, StoreLocation,
    StoreStats, StoredBlob, Totals,
};
use tokio::task::JoinSet;

use crate::postgres::Cluster;

/// The sizes about which a backend may do something of its own.
const SIZES: [usize; 7] = [0, 1, 1000, MAX_ROW_BYTES - 1, MAX_ROW_BYTES, MAX_ROW_BYTES + 1, 5 << 20];

struct Backend {
    name: &'static str,
    store: Arc<dyn Store>,
    /// What is there as long as the store is: a directory, a server.
    _place: Box<dyn Any>,
}

/// An empty store of every backend.
async fn backends() -> [Backend; 6] {
    let dir = || tempfile::tempdir().expect("a directory");
    let (embedded, cached, sqlite, files, postgres) = (dir(), dir(), dir(), dir(), Cluster::start());
    let in_front_of_it = CachedStore::new(Arc::new(EmbeddedStore::open(cached.path()).expect("a store")), 10 << 20);
    let backend = async |name, location: String, place| {
        let location: StoreLocation = location.parse().expect("a location");
        Backend { name, store: location.open().await.expect("a store"), _place: place }
    };
    [
        backend("memory", "memory:".into(), Box::new(())).await,
        backend("embedded", embedded.path().display().to_string(), Box::new(embedded)).await,
        Backend { name: "cached", store: Arc::new(in_front_of_it), _place: Box::new(cached) },
        backend("stepflow+sqlite", sqlite_location(sqlite.path()), Box::new(sqlite)).await,
        backend("stepflow+file", format!("stepflow+file:{}", files.path().display()), Box::new(files)).await,
        backend("stepflow+postgres", format!("stepflow+{}", postgres.url("")), Box::new(postgres)).await,
    ]
}

/// An orchestrator's SQLite database in a directory, which is made if it is missing.
pub fn sqlite_location(dir: &Path) -> String {
    format!("stepflow+sqlite:{}/stepflow.db?mode=rwc", dir.display())
}

/// A JSON text of some size, the same each time.
fn json_of(size: usize) -> Vec<u8> {
    assert!(size >= 2);
    let mut text = vec![b'x'; size];
    (text[0], text[size - 1]) = (b'"', b'"');
    text
}

pub fn binary_of(size: usize) -> Blob {
    Blob::binary((0..=250).cycle().take(size).collect::<Vec<u8>>())
}

/// The blob of one JSON text as each type.
fn typed(text: &[u8], blob_type: BlobType) -> Blob {
    Blob::verify(BlobId::of(text), blob_type, text.to_vec()).expect("its own id")
}

pub fn name(text: &str) -> Filename {
    Filename::new(text).expect("a filename")
}

#[tokio::test]
async fn what_was_put_is_read() {
    for Backend { name: backend, store, .. } in backends().await {
        for size in SIZES {
            let blob = binary_of(size);
            let before = SystemTime::now() - Duration::from_millis(1);
            assert_eq!(store.get(blob.id()).await.expect("a get"), None, "{backend} {size}");
            assert_eq!(store.head(blob.id()).await.expect("a head"), None, "{backend} {size}");
            let outcome = store.put(blob.clone(), Some(name("a.bin"))).await.expect("a put");
            assert_eq!(outcome, PutOutcome::New, "{backend} {size}");

            let read = store.get(blob.id()).await.expect("a get").expect("a blob");
            let created = read.created;
            assert!((before..=SystemTime::now()).contains(&created), "{backend} {size}");
            assert_eq!(
                read,
                StoredBlob { blob: blob.clone(), filename: Some(name("a.bin")), created },
                "{backend} {size}"
            );
            let info =
                BlobInfo { blob_type: BlobType::Binary, size: size as u64, filename: Some(name("a.bin")), created };
            assert_eq!(store.head(blob.id()).await.expect("a head"), Some(info), "{backend} {size}");
        }
        store.health().await.expect("health");
    }
}

#[tokio::test]
async fn a_put_of_what_is_there_keeps_the_first_time() {
    for Backend { name: backend, store, .. } in backends().await {
        for size in SIZES {
            let blob = binary_of(size);
            store.put(blob.clone(), None).await.expect("a put");
            let first = store.head(blob.id()).await.expect("a head");
            let outcome = store.put(blob.clone(), None).await.expect("a put");
            assert_eq!(outcome, PutOutcome::Existing, "{backend} {size}");
            assert_eq!(store.head(blob.id()).await.expect("a head"), first, "{backend} {size}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn puts_of_one_content_at_once_keep_one_copy() {
    for Backend { name: backend, store, .. } in backends().await {
        for size in SIZES {
            let blob = binary_of(size);
            let mut puts = JoinSet::new();
            for _ in 0..16 {
                let (store, blob) = (Arc::clone(&store), blob.clone());
                puts.spawn(async move { store.put(blob, None).await.expect("a put") });
            }
            let outcomes = puts.join_all().await;
            let new = outcomes.iter().filter(|outcome| **outcome == PutOutcome::New).count();
            assert_eq!((outcomes.len(), new), (16, 1), "{backend} {size}");
            let read = store.get(blob.id()).await.expect("a get").expect("a blob");
            assert_eq!(read.blob, blob, "{backend} {size}");
        }
    }
}

#[tokio::test]
async fn the_greatest_type_stays_in_every_order() {
    use BlobType::{Binary, Data, Flow};
    let orders = [
        [Binary, Data, Flow],
        [Binary, Flow, Data],
        [Data, Binary, Flow],
        [Data, Flow, Binary],
        [Flow, Binary, Data],
        [Flow, Data, Binary],
    ];
    for Backend { name: backend, store, .. } in backends().await {
        for large in [0, MAX_ROW_BYTES] {
            for (number, order) in orders.into_iter().enumerate() {
                let text = json_of(large + 2 + number);
                let mut greatest = Binary;
                for blob_type in order {
                    store.put(typed(&text, blob_type), None).await.expect("a put");
                    greatest = greatest.max(blob_type);
                    let id = BlobId::of(&text);
                    let head = store.head(id).await.expect("a head").expect("a blob");
                    let read = store.get(id).await.expect("a get").expect("a blob");
                    assert_eq!(head.blob_type, greatest, "{backend} {order:?} after {blob_type}");
                    assert_eq!(read.blob, typed(&text, greatest), "{backend} {order:?} after {blob_type}");
                }
            }
        }
    }
}

#[tokio::test]
async fn the_first_filename_stays() {
    for Backend { name: backend, store, .. } in backends().await {
        for size in [3, MAX_ROW_BYTES + 1] {
            let rows = [
                (None, None),
                (Some(name("first")), Some(name("first"))),
                (Some(name("second")), Some(name("first"))),
                (None, Some(name("first"))),
            ];
            for (given, kept) in rows {
                store.put(binary_of(size), given.clone()).await.expect("a put");
                let head = store.head(binary_of(size).id()).await.expect("a head").expect("a blob");
                assert_eq!(head.filename, kept, "{backend} {size} {given:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_puts_at_once_are_all_kept() {
    for Backend { name: backend, store, .. } in backends().await {
        let mut puts = JoinSet::new();
        for number in 0..2000_u32 {
            let store = Arc::clone(&store);
            puts.spawn(async move {
                // Each content comes twice.
                let blob = Blob::binary((number / 2).to_le_bytes().to_vec());
                let id = blob.id();
                store.put(blob, None).await.expect("a put");
                assert!(store.get(id).await.expect("a get").is_some(), "an acknowledged put is seen");
            });
        }
        assert_eq!(puts.join_all().await.len(), 2000, "{backend}");
    }
}

/// The put is done by the store, whether or not anyone waits for it.
#[tokio::test]
async fn a_put_that_nobody_waits_for_is_whole_or_absent() {
    for Backend { name: backend, store, .. } in backends().await {
        for size in SIZES {
            let blob = binary_of(size);
            let put = store.put(blob.clone(), None);
            let dropped = tokio::time::timeout(Duration::ZERO, put).await;
            if let Some(read) = store.get(blob.id()).await.expect("a get") {
                assert_eq!(read.blob, blob, "{backend} {size} {dropped:?}");
            }
            // Behind it in the queue, and again after it.
            store.put(blob.clone(), None).await.expect("a put");
            let read = store.get(blob.id()).await.expect("a get").expect("a blob");
            assert_eq!(read.blob, blob, "{backend} {size}");
        }
    }
}

/// Everything, in pages of a size.
async fn list(store: &dyn Store, blob_type: Option<BlobType>, limit: usize) -> Vec<ListedBlob> {
    let mut all: Vec<ListedBlob> = Vec::new();
    loop {
        let query = ListQuery { blob_type, after: all.last().map(|last| last.id), limit };
        let page = store.list(query).await.expect("a list").expect("a blob that it comes after");
        assert!(page.len() <= limit);
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

/// Stores a blob, and returns in another millisecond: some stores tell the order of puts by their times alone.
async fn put_in_its_own_time(store: &dyn Store, blob: Blob, filename: Option<Filename>) {
    let id = blob.id();
    store.put(blob, filename).await.expect("a put");
    let info = store.head(id).await.expect("a head").expect("a blob");
    while SystemTime::now() < info.created + Duration::from_millis(1) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_was_put_last_is_listed_first() {
    for Backend { name: backend, store, .. } in backends().await {
        let mut expected = Vec::new();
        for (number, size) in SIZES.into_iter().enumerate().filter(|(_, size)| *size >= 2) {
            let blob = typed(&json_of(size), BlobType::ALL[number % 3]);
            let filename = (number % 2 == 0).then(|| name("a.json"));
            put_in_its_own_time(&*store, blob.clone(), filename).await;
            let info = store.head(blob.id()).await.expect("a head").expect("a blob");
            expected.insert(0, ListedBlob { id: blob.id(), info });
        }
        // What is put again keeps its place.
        store.put(typed(&json_of(1000), BlobType::Binary), None).await.expect("a put");
        for limit in [1, 2, 4, 5, 100] {
            assert_eq!(list(&*store, None, limit).await, expected, "{backend} {limit}");
            for blob_type in BlobType::ALL {
                let of_type: Vec<_> =
                    expected.iter().filter(|blob| blob.info.blob_type == blob_type).cloned().collect();
                assert_eq!(list(&*store, Some(blob_type), limit).await, of_type, "{backend} {limit} {blob_type}");
            }
        }
        let after = Some(BlobId::of(b"absent"));
        assert_eq!(
            store.list(ListQuery { blob_type: None, after, limit: 1 }).await.expect("a list"),
            None,
            "{backend}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn puts_between_two_pages_change_neither() {
    for Backend { name: backend, store, .. } in backends().await {
        for number in 0..100_u32 {
            put_in_its_own_time(&*store, Blob::binary(number.to_le_bytes().to_vec()), None).await;
        }
        let writer = Arc::clone(&store);
        let puts = tokio::spawn(async move {
            for number in 100..400_u32 {
                put_in_its_own_time(&*writer, Blob::binary(number.to_le_bytes().to_vec()), None).await;
            }
        });
        let listed = list(&*store, None, 7).await;
        puts.await.expect("puts");
        let expected = (0..400_u32).rev().map(|number| BlobId::of(&number.to_le_bytes()));
        // The first page had as many new ones as there were by then; from there on, none is missing and none comes twice.
        let expected: Vec<_> = expected.skip_while(|id| *id != listed[0].id).collect();
        assert_eq!(listed.iter().map(|blob| blob.id).collect::<Vec<_>>(), expected, "{backend}");
    }
}

#[tokio::test]
async fn what_there_is_is_counted() {
    for Backend { name: backend, store, .. } in backends().await {
        assert_eq!(store.stats().await.expect("stats"), StoreStats::default(), "{backend}");
        let check = async |counts: [(u64, u64); 3]| {
            let stats = store.stats().await.expect("stats");
            for ((blobs, bytes), blob_type) in counts.into_iter().zip(BlobType::ALL) {
                assert_eq!(stats.of(blob_type), Totals { blobs, bytes }, "{backend} {blob_type}");
            }
            let (blobs, bytes) = counts.into_iter().fold((0, 0), |sum, next| (sum.0 + next.0, sum.1 + next.1));
            assert_eq!(stats.total(), Totals { blobs, bytes }, "{backend}");
        };
        let large = MAX_ROW_BYTES as u64 + 1;
        let large_text = json_of(MAX_ROW_BYTES + 1);
        for blob in [typed(b"{}", BlobType::Binary), typed(b"[1]", BlobType::Data), typed(&large_text, BlobType::Data)]
        {
            store.put(blob.clone(), None).await.expect("a put");
            store.put(blob, Some(name("again"))).await.expect("a put");
        }
        check([(1, 2), (2, 3 + large), (0, 0)]).await;
        store.put(typed(b"{}", BlobType::Flow), None).await.expect("a put");
        store.put(typed(b"{}", BlobType::Data), None).await.expect("a put");
        check([(0, 0), (2, 3 + large), (1, 2)]).await;
        store.put(typed(&large_text, BlobType::Flow), None).await.expect("a put");
        check([(0, 0), (1, 3), (2, 2 + large)]).await;
    }
}
