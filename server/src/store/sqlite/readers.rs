//! The connections that read: a fixed number, each used by one blocking thread at a time.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::store::StoreError;

/// The connections, which bound how many reads run at once and how much memory they take.
pub struct Readers {
    idle: Mutex<Vec<Connection>>,
    free: Arc<Semaphore>,
}

impl Readers {
    /// As many connections as the cores can use, each opened by `open`.
    pub fn open<E>(open: impl Fn() -> Result<Connection, E>) -> Result<Arc<Self>, E> {
        let cores = thread::available_parallelism().map_or(2, usize::from);
        let count = (2 * cores).clamp(4, 16);
        let idle = (0..count).map(|_| open()).collect::<Result<Vec<_>, E>>()?;
        Ok(Arc::new(Self { idle: Mutex::new(idle), free: Arc::new(Semaphore::new(count)) }))
    }

    /// Runs a read on a blocking thread, when a connection is free.
    pub async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit = Arc::clone(&self.free).acquire_owned().await.map_err(StoreError::failed)?;
        let lease = Lease::take(Arc::clone(self), permit);
        tokio::task::spawn_blocking(move || read(lease.connection())).await.map_err(StoreError::failed)?
    }
}

/// A connection that goes back when it is dropped, also by a panic.
struct Lease {
    /// `None` only while it is dropped.
    connection: Option<Connection>,
    readers: Arc<Readers>,
    _permit: OwnedSemaphorePermit,
}

impl Lease {
    fn take(readers: Arc<Readers>, permit: OwnedSemaphorePermit) -> Self {
        let connection = readers.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Self { connection, readers, _permit: permit }
    }

    fn connection(&self) -> &Connection {
        self.connection.as_ref().expect("there are as many permits as connections")
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // Fields are dropped after this, so the connection is back before its permit is.
        self.readers.idle.lock().unwrap_or_else(PoisonError::into_inner).extend(self.connection.take());
    }
}
