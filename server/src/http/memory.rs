//! [`MemoryBudget`]: the memory that requests may take together.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
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
#[derive(Clone, Debug)]
pub struct MemoryBudget {
    steps: Arc<Semaphore>,
    all: u32,
}

impl MemoryBudget {
    /// A budget of so many bytes, which are counted in steps of 256 KiB.
    pub fn new(bytes: u64) -> Self {
        let all = u32::try_from(bytes / STEP_BYTES).unwrap_or(u32::MAX).max(1);
        Self { steps: Arc::new(Semaphore::new(all as usize)), all }
    }

    /// What a request holds: nothing yet. It goes back when it is dropped.
    pub fn reservation(&self) -> Reservation {
        Reservation { budget: self.clone(), held: None }
    }
}

/// What one request holds of a budget.
#[derive(Debug)]
pub struct Reservation {
    budget: MemoryBudget,
    held: Option<OwnedSemaphorePermit>,
}

impl Reservation {
    /// Holds as many bytes as these, if it does not already, and waits for others to let go of them where that is
    /// needed. What is more than the whole budget has the whole of it.
    ///
    /// # Errors
    ///
    /// They did not for 10 seconds.
    pub async fn hold(&mut self, bytes: u64) -> Result<(), ApiError> {
        let wanted = bytes.saturating_sub(FREE_BYTES).div_ceil(STEP_BYTES);
        let wanted = u32::try_from(wanted).unwrap_or(u32::MAX).min(self.budget.all);
        let held = self.held.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let Some(more) = wanted.checked_sub(u32::try_from(held).unwrap_or(u32::MAX)).filter(|more| *more > 0) else {
            return Ok(());
        };
        let permits = timeout(PATIENCE, Arc::clone(&self.budget.steps).acquire_many_owned(more)).await;
        let permits = permits.map_err(|_| overloaded())?.map_err(ApiError::internal)?;
        match &mut self.held {
            None => self.held = Some(permits),
            Some(held) => held.merge(permits),
        }
        Ok(())
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
