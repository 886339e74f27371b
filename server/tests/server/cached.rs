//! The cache in front of the embedded store, beyond the contract of every store, which holds for it, too.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use isoblob_core::{Blob, BlobId, BlobType};
use isoblob_server::Filename;
use isoblob_server::http::{AppState, HttpConfig, app};
use isoblob_server::store::{
    BlobInfo, CachedStore, ListQuery, ListedBlob, MAX_ROW_BYTES, MemoryStore, OpenBlob, PutOutcome, Store, StoreError,
    StoreLocation, StoreStats,
};
use tokio::sync::Semaphore;
use tokio::task::{JoinSet, yield_now};

use crate::store::{binary_of, name};
use crate::support::{get, put_bytes};

/// A store in memory whose reads and puts can be held up.
#[derive(Debug)]
struct HeldUp {
    store: MemoryStore,
    /// A read that has found its blob takes a permit before it returns.
    reads: Semaphore,
    /// A put takes a permit before it begins.
    puts: Semaphore,
    /// How many reads came this far.
    opened: Semaphore,
}

impl HeldUp {
    fn new(reads: usize, puts: usize) -> Arc<Self> {
        Arc::new(Self {
            store: MemoryStore::default(),
            reads: Semaphore::new(reads),
            puts: Semaphore::new(puts),
            opened: Semaphore::new(0),
        })
    }
}

async fn take(permits: &Semaphore) {
    permits.acquire().await.expect("it is never closed").forget();
}

#[async_trait]
impl Store for HeldUp {
    async fn put(&self, blob: Blob, filename: Option<Filename>) -> Result<PutOutcome, StoreError> {
        take(&self.puts).await;
        self.store.put(blob, filename).await
    }

    async fn open(&self, id: BlobId) -> Result<Option<OpenBlob>, StoreError> {
        let found = self.store.open(id).await;
        self.opened.add_permits(1);
        take(&self.reads).await;
        found
    }

    async fn head(&self, id: BlobId) -> Result<Option<BlobInfo>, StoreError> {
        self.store.head(id).await
    }

    async fn list(&self, query: ListQuery) -> Result<Option<Vec<ListedBlob>>, StoreError> {
        self.store.list(query).await
    }

    async fn stats(&self) -> Result<StoreStats, StoreError> {
        self.store.stats().await
    }

    async fn health(&self) -> Result<(), StoreError> {
        self.store.health().await
    }
}

fn typed(blob_type: BlobType) -> Blob {
    Blob::verify(BlobId::of(b"{}"), blob_type, b"{}".to_vec()).expect("its own id")
}

async fn type_of(store: &dyn Store) -> BlobType {
    store.get(BlobId::of(b"{}")).await.expect("a get").expect("a blob").blob.blob_type()
}

/// What was read before a put is not what is answered after it.
#[tokio::test]
async fn a_read_that_a_put_overtakes_leaves_nothing() {
    let held_up = HeldUp::new(0, 2);
    let store = Arc::new(CachedStore::new(Arc::clone(&held_up) as Arc<dyn Store>, 1 << 20));
    store.put(typed(BlobType::Data), None).await.expect("a put");
    let reader = Arc::clone(&store);
    let read = tokio::spawn(async move { type_of(&*reader).await });
    take(&held_up.opened).await;
    store.put(typed(BlobType::Flow), None).await.expect("a put");
    held_up.reads.add_permits(10);
    assert_eq!(read.await.expect("a task"), BlobType::Data, "it began before the put");
    assert_eq!(type_of(&*store).await, BlobType::Flow);
}

/// The store goes on with a put that nobody waits for any more, and what it betters is seen.
#[tokio::test]
async fn a_put_that_nobody_waits_for_is_seen() {
    let held_up = HeldUp::new(10, 1);
    let store = CachedStore::new(Arc::clone(&held_up) as Arc<dyn Store>, 1 << 20);
    store.put(typed(BlobType::Data), None).await.expect("a put");
    assert_eq!(type_of(&store).await, BlobType::Data);
    let mut put = store.put(typed(BlobType::Flow), Some(name("a.json")));
    tokio::select! {
        biased;
        outcome = &mut put => panic!("{outcome:?} before it could begin"),
        () = yield_now() => drop(put),
    }
    held_up.puts.add_permits(1);
    while store.get(BlobId::of(b"{}")).await.expect("a get").expect("a blob").filename.is_none() {
        held_up.reads.add_permits(1);
        yield_now().await;
    }
    assert_eq!(type_of(&store).await, BlobType::Flow);
}

/// Readers that never rest, and puts each of which is to be seen once it is acknowledged.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_a_put_betters_is_seen_at_once() {
    const DONE: u32 = 2000;
    let store = Arc::new(CachedStore::new(Arc::new(MemoryStore::default()), 1 << 20));
    let current = Arc::new(AtomicU32::new(0));
    let blob = |number: u32, blob_type| {
        let bytes = number.to_string().into_bytes();
        Blob::verify(BlobId::of(&bytes), blob_type, bytes).expect("its own id")
    };
    let mut readers = JoinSet::new();
    for _ in 0..3 {
        let (store, current) = (Arc::clone(&store), Arc::clone(&current));
        readers.spawn(async move {
            loop {
                match current.load(Ordering::Relaxed) {
                    DONE => break,
                    number => drop(store.get(blob(number, BlobType::Binary).id()).await.expect("a get")),
                }
                yield_now().await;
            }
        });
    }
    for number in 0..DONE {
        current.store(number, Ordering::Relaxed);
        for (blob_type, filename) in [(BlobType::Binary, None), (BlobType::Data, None), (BlobType::Flow, Some("a"))] {
            let put = blob(number, blob_type);
            let id = put.id();
            store.put(put, filename.map(name)).await.expect("a put");
            let read = store.get(id).await.expect("a get").expect("a blob");
            assert_eq!((read.blob.blob_type(), read.filename), (blob_type, filename.map(name)));
            assert_eq!(store.head(id).await.expect("a head").expect("a blob").blob_type, blob_type);
        }
    }
    current.store(DONE, Ordering::Relaxed);
    readers.join_all().await;
}

#[tokio::test]
async fn no_more_is_kept_than_was_said() {
    const BYTES: u64 = 1 << 20;
    let store = CachedStore::new(Arc::new(MemoryStore::default()), BYTES);
    for size in (0..2000).chain([100_000, 200_000, 2 << 20]) {
        let blob = binary_of(size);
        store.put(blob.clone(), None).await.expect("a put");
        for _ in 0..2 {
            assert_eq!(store.get(blob.id()).await.expect("a get").expect("a blob").blob, blob);
            assert!(store.bytes() <= BYTES, "{} after {size}", store.bytes());
        }
    }
    assert!(store.bytes() > BYTES / 2, "{}", store.bytes());
}

/// How many reads memory answered, and how many it did not, as `/metrics` tells after some reads of a blob.
async fn hits_and_misses(cache_bytes: u64, size: usize, reads: usize) -> Option<(u64, u64)> {
    let dir = tempfile::tempdir().expect("a directory");
    let location = StoreLocation::Directory(dir.path().into());
    let store = location.open_cached(cache_bytes).await.expect("a store");
    let app = app(AppState::new(store, HttpConfig::default()));
    put_bytes(&app, binary_of(size).bytes(), None).await;
    for _ in 0..reads {
        let path = format!("/api/v1/blobs/{}", binary_of(size).id());
        let answer = get(&app, &path, &[("accept", "application/octet-stream")]).await;
        assert!(answer.body == binary_of(size).bytes());
    }
    let metrics = get(&app, "/metrics", &[]).await;
    let number = |name: &str| {
        let line = metrics.text().lines().find_map(|line| line.strip_prefix(&format!("isoblob_store_cache_{name} ")));
        line.map(|number| number.parse().expect("a number"))
    };
    Some((number("hits_total")?, number("misses_total")?))
}

#[tokio::test]
async fn hits_are_counted() {
    assert_eq!(hits_and_misses(1 << 20, 1000, 5).await, Some((4, 1)));
    assert_eq!(hits_and_misses(10 << 20, MAX_ROW_BYTES, 5).await, Some((4, 1)));
    assert_eq!(hits_and_misses(10 << 20, MAX_ROW_BYTES + 1, 5).await, Some((0, 5)), "what is large is not kept");
    assert_eq!(hits_and_misses(0, 1000, 5).await, None, "there is no cache");
}
