//! [`Spare`]: large memory that is kept for the next request that needs some.

use std::io;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use memmap2::MmapMut;
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep};

/// The most bytes that are kept, 128 MiB, and for how long.
const SPARE_BYTES: usize = 128 << 20;
const SPARE_TIME: Duration = Duration::from_secs(5);

/// Memory that is worth keeping.
pub trait Memory: Send + 'static {
    /// How much there is.
    fn bytes(&self) -> usize;
}

impl Memory for MmapMut {
    fn bytes(&self) -> usize {
        self.len()
    }
}

impl Memory for Vec<u8> {
    fn bytes(&self) -> usize {
        self.capacity()
    }
}

/// A place for memory of one kind. There is one piece at most, and none while it is in use again: who has it may be slow,
/// and the budget counts only what was written to it.
#[derive(Debug)]
pub struct Spare<M>(Mutex<Place<M>>);

#[derive(Debug)]
enum Place<M> {
    Empty,
    Kept { memory: M, since: Instant },
    Lent,
}

impl<M: Memory> Spare<M> {
    /// A place where there is nothing yet.
    pub const fn new() -> Self {
        Self(Mutex::new(Place::Empty))
    }

    /// Hands out so many bytes: those that are kept, or new ones.
    pub fn lend(&'static self, bytes: usize, new: impl FnOnce() -> io::Result<M>) -> io::Result<Loan<M>> {
        let kept = self.place().lend(bytes);
        let was_kept = kept.is_some();
        Ok(Loan { memory: Some(kept.map_or_else(new, Ok)?), was_kept, spare: self })
    }

    fn place(&self) -> MutexGuard<'_, Place<M>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<M: Memory> Place<M> {
    fn lend(&mut self, bytes: usize) -> Option<M> {
        match mem::replace(self, Self::Lent) {
            Self::Kept { memory, .. } if memory.bytes() >= bytes => Some(memory),
            other => {
                *self = other;
                None
            }
        }
    }

    /// Whether other memory would better be kept.
    fn wants(&self, other: &M) -> bool {
        other.bytes() <= SPARE_BYTES
            && match self {
                Self::Empty => true,
                Self::Kept { memory, .. } => memory.bytes() < other.bytes(),
                Self::Lent => false,
            }
    }

    /// Lets go of what nobody has wanted for a while.
    fn expire(&mut self) {
        if matches!(self, Self::Kept { since, .. } if since.elapsed() >= SPARE_TIME) {
            *self = Self::Empty;
        }
    }
}

/// Memory that is kept, perhaps, when this is dropped.
#[derive(Debug)]
pub struct Loan<M: Memory> {
    memory: Option<M>,
    was_kept: bool,
    spare: &'static Spare<M>,
}

impl<M: Memory> Loan<M> {
    /// The memory, unless it was taken out.
    pub fn memory(&self) -> Option<&M> {
        self.memory.as_ref()
    }

    /// The memory, to be written to or taken out.
    pub fn memory_mut(&mut self) -> &mut Option<M> {
        &mut self.memory
    }
}

impl<M: Memory> Drop for Loan<M> {
    fn drop(&mut self) {
        let mut place = self.spare.place();
        if self.was_kept {
            *place = Place::Empty;
        }
        // Without a clock nothing is kept, as nobody would let go of it.
        if let (Some(memory), Ok(runtime)) = (self.memory.take(), Handle::try_current())
            && place.wants(&memory)
        {
            *place = Place::Kept { memory, since: Instant::now() };
            let spare = self.spare;
            runtime.spawn(async move {
                sleep(SPARE_TIME).await;
                spare.place().expire();
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What there is to lend.
    fn lend(spare: &'static Spare<Vec<u8>>, bytes: usize) -> Loan<Vec<u8>> {
        spare.lend(bytes, || Ok(Vec::with_capacity(bytes))).expect("memory")
    }

    fn kept(spare: &Spare<Vec<u8>>) -> Option<usize> {
        match &*spare.place() {
            Place::Kept { memory, .. } => Some(memory.bytes()),
            Place::Empty | Place::Lent => None,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_largest_is_kept_for_a_while() {
        static SPARE: Spare<Vec<u8>> = Spare::new();
        drop((lend(&SPARE, 10), lend(&SPARE, 30), lend(&SPARE, 20)));
        assert_eq!(kept(&SPARE), Some(30));
        let [again, other] = [lend(&SPARE, 25), lend(&SPARE, 25)];
        assert_eq!([&again, &other].map(|loan| loan.memory().map(Memory::bytes)), [Some(30), Some(25)]);
        drop(other);
        assert_eq!(kept(&SPARE), None, "one is in use");
        drop(again);
        assert_eq!(kept(&SPARE), Some(30));
        sleep(SPARE_TIME / 2).await;
        drop(lend(&SPARE, 1));
        sleep(SPARE_TIME * 3 / 4).await;
        assert_eq!(kept(&SPARE), Some(30), "it was wanted meanwhile");
        sleep(SPARE_TIME).await;
        assert_eq!(kept(&SPARE), None);
    }

    #[tokio::test]
    async fn what_is_taken_out_or_too_large_is_not_kept() {
        static SPARE: Spare<Vec<u8>> = Spare::new();
        drop(lend(&SPARE, SPARE_BYTES + 1));
        assert_eq!(kept(&SPARE), None);
        lend(&SPARE, 10).memory_mut().take();
        assert_eq!(kept(&SPARE), None);
        drop(lend(&SPARE, SPARE_BYTES));
        lend(&SPARE, 10).memory_mut().take();
        drop(lend(&SPARE, 10));
        assert_eq!(kept(&SPARE), Some(10), "the place was free again");
    }
}
