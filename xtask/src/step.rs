//! Progress: a line when a step begins, a line with the time it took when it ends.

use std::time::{Duration, Instant};

/// Runs one step between its two lines of progress.
///
/// # Errors
///
/// The step's own, with the step's name before it.
pub fn step<T>(title: &str, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    eprintln!("xtask: {title} …");
    let begun = Instant::now();
    let result = work();
    let outcome = if result.is_ok() { "done in" } else { "failed after" };
    eprintln!("xtask: {title}: {outcome} {}", seconds(begun.elapsed()));
    result.map_err(|error| error.context(format!("{title} failed")))
}

/// Says in one line that a step had nothing to do.
pub fn unchanged(title: &str) {
    eprintln!("xtask: {title}: unchanged");
}

/// Says something that is worth knowing between steps.
pub fn note(text: &str) {
    eprintln!("xtask: {text}");
}

/// A duration for people: tenths of a second below a minute, then minutes and seconds.
pub fn seconds(duration: Duration) -> String {
    let whole = duration.as_secs();
    if whole < 60 { format!("{:.1} s", duration.as_secs_f64()) } else { format!("{} min {} s", whole / 60, whole % 60) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_short() {
        for (milliseconds, text) in [(0, "0.0 s"), (1_240, "1.2 s"), (60_000, "1 min 0 s"), (754_900, "12 min 34 s")] {
            assert_eq!(seconds(Duration::from_millis(milliseconds)), text);
        }
    }

    #[test]
    fn a_failure_names_its_step() {
        let error = step("tea", || -> anyhow::Result<()> { anyhow::bail!("no water") }).expect_err("it bails");
        assert_eq!(format!("{error:#}"), "tea failed: no water");
    }
}
