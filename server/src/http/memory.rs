//! [`MemoryBudget`]: the memory that requests may take together.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use slab::Slab;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::error::{ApiError, Reason};

/// The bytes of which each request may hold so many without asking, 64 KiB: so small ones pass when large ones wait.
/// How many requests there are has a limit of its own.
const FREE_BYTES: u64 = 64 << 10;

/// The bytes that are asked for at once, 256 KiB.
const STEP_BYTES: u64 = 256 << 10;

/// The bytes that a JSON text takes for each of its own, at most: as it came, in its canonical form, and what putting
/// its members in order takes; or as it is read, and as it is answered.
pub const JSON_FACTOR: u64 = 3;

/// How long a request waits for memory, before it is refused.
const PATIENCE: Duration = Duration::from_secs(10);

/// The memory that requests may take together for what they bring and what they ask for.
///
/// A body takes memory as it comes, so that who sends slowly holds little. Several that grow together could then each
/// hold some and wait for the rest. So each says first what it may come to, and no memory is given after which they could
/// not all be given theirs, one after the other: Dijkstra's banker's algorithm (EWD 623).
#[derive(Clone, Debug)]
pub struct MemoryBudget(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// The whole budget, in steps.
    all: u64,
    ledger: Mutex<Ledger>,
    /// Tells those who wait that there may be memory for them.
    returned: Notify,
}

/// Who holds what, in steps.
#[derive(Debug)]
struct Ledger {
    free: u64,
    holders: Slab<Holder>,
}

#[derive(Debug)]
struct Holder {
    held: u64,
    /// What it may come to, and never less than it holds.
    claim: u64,
}

impl MemoryBudget {
    /// A budget of so many bytes, which are counted in steps of 256 KiB.
    pub fn new(bytes: u64) -> Self {
        let all = (bytes / STEP_BYTES).max(1);
        let ledger = Mutex::new(Ledger { free: all, holders: Slab::new() });
        Self(Arc::new(Shared { all, ledger, returned: Notify::new() }))
    }

    /// What a request holds: nothing yet. It goes back when it is dropped.
    pub fn reservation(&self) -> Reservation {
        Reservation { shared: Arc::clone(&self.0), claim: 0, held: 0, key: None }
    }
}

impl Shared {
    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The steps of so many bytes. What is more than the whole budget has the whole of it.
    fn steps(&self, bytes: u64) -> u64 {
        bytes.saturating_sub(FREE_BYTES).div_ceil(STEP_BYTES).min(self.all)
    }
}

impl Ledger {
    /// Gives a holder as much as it wants in all, if that is safe.
    fn give(&mut self, key: usize, wanted: u64) -> bool {
        let held = self.holders[key].held;
        if wanted - held > self.free {
            return false;
        }
        self.exchange(key, held, wanted);
        let safe = self.is_safe();
        if !safe {
            self.exchange(key, wanted, held);
        }
        safe
    }

    fn exchange(&mut self, key: usize, from: u64, to: u64) {
        self.free = self.free + from - to;
        self.holders[key].held = to;
    }

    /// Whether each can come to its claim, from what is free and what those before it give back.
    fn is_safe(&self) -> bool {
        let mut holders: Vec<_> = self.holders.iter().map(|(_, it)| (it.claim - it.held, it.held)).collect();
        holders.sort_unstable();
        let mut free = self.free;
        holders.into_iter().all(|(missing, held)| {
            let fits = missing <= free;
            free += held;
            fits
        })
    }
}

/// What one request holds of a budget.
#[derive(Debug)]
pub struct Reservation {
    shared: Arc<Shared>,
    claim: u64,
    held: u64,
    /// Its place in the ledger, once it asked for something.
    key: Option<usize>,
}

impl Reservation {
    /// Says that from now on no more than these bytes will be held. Without it, that is what is asked for next.
    pub fn expect(&mut self, bytes: u64) {
        self.claim = self.shared.steps(bytes).max(self.held);
        if let Some(key) = self.key {
            self.shared.ledger().holders[key].claim = self.claim;
            self.shared.returned.notify_waiters();
        }
    }

    /// Holds as many bytes as these, if it does not already, and waits for others to let go of them where that is
    /// needed. What is more than the whole budget has the whole of it.
    ///
    /// # Errors
    ///
    /// They did not for 10 seconds.
    pub async fn hold(&mut self, bytes: u64) -> Result<(), ApiError> {
        let wanted = self.shared.steps(bytes);
        if wanted <= self.held {
            return Ok(());
        }
        self.claim = self.claim.max(wanted);
        timeout(PATIENCE, self.grow(wanted)).await.map_err(|_| overloaded())
    }

    async fn grow(&mut self, wanted: u64) {
        let shared = Arc::clone(&self.shared);
        loop {
            // Before the ledger is looked at, so that nothing is given back unseen.
            let returned = shared.returned.notified();
            if self.try_grow(wanted) {
                return;
            }
            returned.await;
        }
    }

    fn try_grow(&mut self, wanted: u64) -> bool {
        let mut ledger = self.shared.ledger();
        let key = *self.key.get_or_insert_with(|| ledger.holders.insert(Holder { held: 0, claim: 0 }));
        ledger.holders[key].claim = self.claim;
        let given = ledger.give(key, wanted);
        if given {
            self.held = wanted;
        }
        given
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let Some(key) = self.key else { return };
        let mut ledger = self.shared.ledger();
        ledger.free += ledger.holders.remove(key).held;
        drop(ledger);
        self.shared.returned.notify_waiters();
    }
}

fn overloaded() -> ApiError {
    ApiError::new(Reason::Overloaded, "other requests hold all memory that there is for them; try again")
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    const MEBIBYTE: u64 = 1 << 20;

    #[tokio::test(start_paused = true)]
    async fn who_finds_no_memory_waits_for_it_and_is_refused() {
        let budget = MemoryBudget::new(MEBIBYTE);
        let (mut one, mut other) = (budget.reservation(), budget.reservation());
        one.hold(MEBIBYTE).await.expect("memory");
        let start = Instant::now();
        let error = other.hold(MEBIBYTE).await.expect_err("there is none");
        assert_eq!((error.reason, start.elapsed()), (Reason::Overloaded, PATIENCE));
        let waiting = tokio::spawn(async move { other.hold(MEBIBYTE).await });
        tokio::task::yield_now().await;
        drop(one);
        waiting.await.expect("a task").expect("memory");
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_small_passes_and_what_grows_is_counted_once() {
        let budget = MemoryBudget::new(MEBIBYTE);
        let mut large = budget.reservation();
        for bytes in [0, FREE_BYTES, FREE_BYTES + 1, FREE_BYTES + STEP_BYTES, 5, MEBIBYTE] {
            large.hold(bytes).await.expect("memory");
        }
        budget.reservation().hold(FREE_BYTES).await.expect("it is not counted");
        budget.reservation().hold(FREE_BYTES + 1).await.expect_err("the large one has all");
    }

    #[tokio::test(start_paused = true)]
    async fn those_that_grow_together_all_come_to_an_end() {
        let budget = MemoryBudget::new(4 * MEBIBYTE);
        let growing = (0..16).map(|_| {
            let mut memory = budget.reservation();
            tokio::spawn(async move {
                memory.expect(3 * MEBIBYTE);
                for bytes in (0..=3 * MEBIBYTE).step_by(1 << 16) {
                    memory.hold(bytes).await.expect("memory, as nobody waits for long");
                    tokio::task::yield_now().await;
                }
            })
        });
        let growing: Vec<_> = growing.collect();
        for task in growing {
            task.await.expect("a task");
        }
        budget.reservation().hold(4 * MEBIBYTE).await.expect("all of it came back");
    }

    #[tokio::test(start_paused = true)]
    async fn who_stops_half_way_keeps_back_only_who_needs_what_it_holds() {
        let budget = MemoryBudget::new(4 * MEBIBYTE);
        let (mut slow, mut large, mut medium) = (budget.reservation(), budget.reservation(), budget.reservation());
        slow.expect(4 * MEBIBYTE);
        slow.hold(MEBIBYTE).await.expect("memory");
        large.expect(4 * MEBIBYTE);
        large.hold(MEBIBYTE).await.expect_err("neither could come to an end");
        medium.expect(2 * MEBIBYTE);
        medium.hold(2 * MEBIBYTE).await.expect("it comes to an end before the others");
        slow.expect(MEBIBYTE);
        large.hold(MEBIBYTE).await.expect("the others need no more");
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_more_than_the_budget_has_it_for_itself() {
        let budget = MemoryBudget::new(MEBIBYTE);
        let mut small = budget.reservation();
        small.hold(FREE_BYTES + 1).await.expect("memory");
        let mut large = budget.reservation();
        large.hold(100 * MEBIBYTE).await.expect_err("another has some");
        drop(small);
        large.hold(u64::MAX).await.expect("it has all");
        budget.reservation().hold(FREE_BYTES + 1).await.expect_err("there is none");
    }
}
