//! The one thread that writes rows: whatever waits is committed as one transaction, so concurrent puts share one sync.

use std::io;
use std::thread::JoinHandle;
use std::time::SystemTime;

use isoblob_core::{BlobId, BlobType};
use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use crate::Filename;
use crate::store::{PutOutcome, StoreError};

/// Puts that wait for the thread. More wait for room, each with its blob in the memory of its own request.
const QUEUE_PUTS: usize = 1024;

/// The most puts of one transaction.
const BATCH_PUTS: usize = 512;

/// Bytes of content after which a transaction takes no more puts.
const BATCH_BYTES: usize = 16 << 20;

/// A row to write.
pub struct NewRow {
    pub id: BlobId,
    pub blob_type: BlobType,
    pub size: u64,
    pub created: SystemTime,
    pub filename: Option<Filename>,
    /// `None` where the content is in a file.
    pub content: Option<Vec<u8>>,
}

/// Writes a row, or betters the one that is there. At most one of its statements may change anything: one that fails
/// changes nothing, so that one put needs no savepoint to fail alone.
pub type WriteRow = fn(&Connection, &NewRow) -> rusqlite::Result<PutOutcome>;

type Answer = Result<PutOutcome, StoreError>;

struct Job {
    row: NewRow,
    answer: oneshot::Sender<Answer>,
}

/// The way to the writing thread, which ends when this is dropped.
pub struct Writer {
    /// `None` only while it is dropped.
    queue: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub fn spawn(connection: Connection, write: WriteRow) -> io::Result<Self> {
        let (queue, jobs) = mpsc::channel(QUEUE_PUTS);
        let thread = std::thread::Builder::new().name("store-writer".into());
        let thread = thread.spawn(move || run(connection, write, jobs))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Writes a row, and returns once it is durable.
    pub async fn write(&self, row: NewRow) -> Answer {
        let (answer, answered) = oneshot::channel();
        self.queue().send(Job { row, answer }).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }

    /// [`write`](Self::write) for a thread that may block.
    pub fn write_blocking(&self, row: NewRow) -> Answer {
        let (answer, answered) = oneshot::channel();
        self.queue().blocking_send(Job { row, answer }).map_err(|_| stopped())?;
        answered.blocking_recv().map_err(|_| stopped())?
    }

    pub fn health(&self) -> Result<(), StoreError> {
        if self.queue().is_closed() { Err(stopped()) } else { Ok(()) }
    }

    fn queue(&self) -> &mpsc::Sender<Job> {
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

fn run(mut connection: Connection, write: WriteRow, mut jobs: mpsc::Receiver<Job>) {
    while let Some(first) = jobs.blocking_recv() {
        let mut bytes = size(&first);
        let mut batch = vec![first];
        while batch.len() < BATCH_PUTS
            && bytes < BATCH_BYTES
            && let Ok(job) = jobs.try_recv()
        {
            bytes += size(&job);
            batch.push(job);
        }
        commit(&mut connection, write, batch);
    }
}

fn size(job: &Job) -> usize {
    job.row.content.as_ref().map_or(0, Vec::len)
}

/// Writes a batch, and answers every job of it.
fn commit(connection: &mut Connection, write: WriteRow, mut batch: Vec<Job>) {
    while !batch.is_empty() {
        match attempt(connection, write, &batch) {
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

fn attempt(connection: &mut Connection, write: WriteRow, batch: &[Job]) -> Attempt {
    let all = |error: rusqlite::Error| {
        let error = StoreError::from(error);
        Attempt::Done(vec![Err(error); batch.len()])
    };
    let transaction = match connection.transaction_with_behavior(TransactionBehavior::Immediate) {
        Ok(transaction) => transaction,
        Err(error) => return all(error),
    };
    let mut answers = Vec::with_capacity(batch.len());
    for (by, job) in batch.iter().enumerate() {
        match write(&transaction, &job.row) {
            Err(error) if transaction.is_autocommit() => return Attempt::Undone { by, error },
            answer => answers.push(answer.map_err(StoreError::from)),
        }
    }
    match transaction.commit() {
        Ok(()) => Attempt::Done(answers),
        Err(error) => all(error),
    }
}

#[cfg(test)]
#[path = "writer/tests.rs"]
mod tests;
