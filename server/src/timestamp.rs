//! Times as they are stored: whole milliseconds since the Unix epoch.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The time, to the millisecond.
pub fn now() -> SystemTime {
    from_millis(to_millis(SystemTime::now()))
}

/// A stored time. One before the epoch, which no store writes, is the epoch.
pub fn from_millis(millis: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

/// A time to store. One before the epoch, which only a clock that is not set tells, is the epoch.
pub fn to_millis(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
