//! Times as an orchestrator writes them: `2026-01-31 23:59:59`, in UTC.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// A time to store, to the millisecond. One that no calendar has, which only a clock that is not set tells, is the epoch.
pub fn write(time: SystemTime) -> String {
    Timestamp::try_from(time).unwrap_or_default().strftime("%Y-%m-%d %H:%M:%S%.3f").to_string()
}

/// A stored time. One that is missing or cannot be read is the epoch: it is no reason not to serve the blob.
pub fn read(text: Option<&str>) -> SystemTime {
    let time = text.and_then(|text| text.parse::<DateTime>().ok());
    let time = time.and_then(|time| time.to_zoned(TimeZone::UTC).ok());
    time.map_or(UNIX_EPOCH, |time| time.timestamp().into())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn reads_what_orchestrators_write_and_what_it_writes_itself() {
        let second = UNIX_EPOCH + Duration::from_secs(1_769_903_999);
        assert_eq!(read(Some("2026-01-31 23:59:59")), second);
        let time = second + Duration::from_millis(25);
        assert_eq!(write(time), "2026-01-31 23:59:59.025");
        assert_eq!(read(Some(&write(time))), time);
    }

    #[test]
    fn what_is_no_time_is_the_epoch() {
        for text in [None, Some(""), Some("yesterday"), Some("2026-02-30 00:00:00")] {
            assert_eq!(read(text), UNIX_EPOCH, "{text:?}");
        }
    }
}
