//! The one thread that writes rows: whatever waits is committed as one transaction, so concurrent puts share one sync.

use std::io;
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use isoblob_core::{BlobId, BlobType};
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use crate::Filename;
use crate::store::coding::Coding;
use crate::store::{PutOutcome, StoreError, StoreStats, Totals};

/// Puts that wait for the thread. More wait for room, each with its blob in the memory of its own request.
const QUEUE_PUTS: usize = 1024;

/// The most puts of one transaction.
const BATCH_PUTS: usize = 512;

/// Bytes of content after which a transaction takes no more puts.
const BATCH_BYTES: usize = 16 << 20;

/// How long a probe says of the next put that it succeeds: whoever asks more often does not have the disk written to.
const PROBE_INTERVAL: Duration = Duration::from_secs(1);

/// A row to write.
pub struct NewRow {
    pub id: BlobId,
    pub blob_type: BlobType,
    pub size: u64,
    pub created: SystemTime,
    pub filename: Option<Filename>,
    /// `None` where the content is in a file.
    pub content: Option<Vec<u8>>,
    /// How the content is kept, here or there.
    pub coding: Coding,
}

/// What the thread does with a store's tables.
#[derive(Clone, Copy)]
pub struct Statements {
    /// Writes a row, or betters the one that is there. At most one of its statements may change anything: one that
    /// fails changes nothing, so that one put needs no savepoint to fail alone.
    pub write: fn(&Connection, &NewRow) -> rusqlite::Result<PutOutcome>,
    /// Counts the rows that a transaction inserted, once for all of them.
    pub count: fn(&Connection, &StoreStats) -> rusqlite::Result<()>,
    /// Finds out whether rows can be written.
    pub probe: fn(&Connection) -> rusqlite::Result<()>,
}

type Answer = Result<PutOutcome, StoreError>;

struct Job {
    row: NewRow,
    answer: oneshot::Sender<Answer>,
}

/// What the thread is asked to do.
enum Task {
    Put(Job),
    /// To find out whether it could.
    Probe(oneshot::Sender<Result<(), StoreError>>),
}

/// The way to the writing thread, which ends when this is dropped.
pub struct Writer {
    /// `None` only while it is dropped.
    queue: Option<mpsc::Sender<Task>>,
    commit_puts: Histogram,
    /// When it was last found to write.
    probed: Mutex<Option<Instant>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub fn spawn(connection: Connection, statements: Statements) -> io::Result<Self> {
        let (queue, tasks) = mpsc::channel(QUEUE_PUTS);
        let commit_puts = Histogram::new(exponential_buckets(1.0, 2.0, 10));
        let counted = commit_puts.clone();
        let run = move || run(connection, statements, tasks, &counted);
        let thread = std::thread::Builder::new().name("store-writer".into()).spawn(run)?;
        Ok(Self { queue: Some(queue), commit_puts, probed: Mutex::new(None), thread: Some(thread) })
    }

    /// Writes a row, and returns once it is durable.
    pub async fn write(&self, row: NewRow) -> Answer {
        let (answer, answered) = oneshot::channel();
        self.queue().send(Task::Put(Job { row, answer })).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }

    /// [`write`](Self::write) for a thread that may block.
    pub fn write_blocking(&self, row: NewRow) -> Answer {
        let (answer, answered) = oneshot::channel();
        self.queue().blocking_send(Task::Put(Job { row, answer })).map_err(|_| stopped())?;
        answered.blocking_recv().map_err(|_| stopped())?
    }

    /// Whether the thread writes, as of now or just before.
    pub async fn health(&self) -> Result<(), StoreError> {
        let last = *self.probed.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_some_and(|last| last.elapsed() < PROBE_INTERVAL) {
            return Ok(());
        }
        let (answer, answered) = oneshot::channel();
        self.queue().send(Task::Probe(answer)).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())??;
        *self.probed.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        Ok(())
    }

    /// Tells how many puts share a commit.
    pub fn register(&self, registry: &mut Registry) {
        registry.register("commit_puts", "The puts that were committed together", self.commit_puts.clone());
    }

    fn queue(&self) -> &mpsc::Sender<Task> {
        self.queue.as_ref().expect("the queue is there until the writer is dropped")
    }
}

impl Drop for Writer {
    /// Waits for what was taken on, so that the store is closed when it is dropped.
    fn drop(&mut self) {
        self.queue = None;
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the store's writing thread had panicked");
        }
    }
}

fn stopped() -> StoreError {
    StoreError::failed("the store's writing thread has stopped")
}

fn run(mut connection: Connection, statements: Statements, mut tasks: mpsc::Receiver<Task>, commit_puts: &Histogram) {
    while let Some(task) = tasks.blocking_recv() {
        let mut batch = Vec::new();
        let mut bytes = 0;
        let mut next = Some(task);
        while let Some(task) = next {
            match task {
                Task::Put(job) => {
                    bytes += size(&job);
                    batch.push(job);
                }
                // Who asked may have gone away.
                Task::Probe(answer) => drop(answer.send((statements.probe)(&connection).map_err(StoreError::from))),
            }
            let has_room = batch.len() < BATCH_PUTS && bytes < BATCH_BYTES;
            next = if has_room { tasks.try_recv().ok() } else { None };
        }
        if batch.is_empty() {
            continue;
        }
        #[expect(clippy::cast_precision_loss, reason = "up to BATCH_PUTS")]
        commit_puts.observe(batch.len() as f64);
        commit(&mut connection, statements, batch);
    }
}

fn size(job: &Job) -> usize {
    job.row.content.as_ref().map_or(0, Vec::len)
}

/// Writes a batch, and answers every job of it.
fn commit(connection: &mut Connection, statements: Statements, mut batch: Vec<Job>) {
    while !batch.is_empty() {
        match attempt(connection, statements, &batch) {
            Attempt::Done(answers) => {
                for (job, answer) in batch.drain(..).zip(answers) {
                    reply(job, answer);
                }
            }
            // The others are written again without the one that SQLite undid the transaction for.
            Attempt::Undone { by, error } => reply(batch.swap_remove(by), Err(error.into())),
        }
    }
}

fn reply(job: Job, answer: Answer) {
    // Who asked may have gone away; the put stays done.
    let _ = job.answer.send(answer);
}

enum Attempt {
    /// An answer for each job, in order.
    Done(Vec<Answer>),
    /// One job made SQLite undo the whole transaction.
    Undone { by: usize, error: rusqlite::Error },
}

fn attempt(connection: &mut Connection, statements: Statements, batch: &[Job]) -> Attempt {
    let all = |error: rusqlite::Error| {
        let error = StoreError::from(error);
        Attempt::Done(vec![Err(error); batch.len()])
    };
    let transaction = match connection.transaction_with_behavior(TransactionBehavior::Immediate) {
        Ok(transaction) => transaction,
        Err(error) => return all(error),
    };
    let mut answers = Vec::with_capacity(batch.len());
    let mut inserted = StoreStats::default();
    for (by, job) in batch.iter().enumerate() {
        match (statements.write)(&transaction, &job.row) {
            Err(error) if transaction.is_autocommit() => return Attempt::Undone { by, error },
            answer => {
                if let Ok(PutOutcome::New) = answer {
                    inserted.add(job.row.blob_type, Totals { blobs: 1, bytes: job.row.size });
                }
                answers.push(answer.map_err(StoreError::from));
            }
        }
    }
    match (statements.count)(&transaction, &inserted).and_then(|()| transaction.commit()) {
        Ok(()) => Attempt::Done(answers),
        Err(error) => all(error),
    }
}

#[cfg(test)]
#[path = "writer/tests.rs"]
mod tests;
