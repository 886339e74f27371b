//! Checks that all run, whatever the ones before them said, and a summary of them.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::bail;

use crate::step;

/// The outcomes of checks, in the order in which they ran.
#[derive(Default)]
pub struct Report {
    rows: Vec<Row>,
}

struct Row {
    name: &'static str,
    /// Why it did not pass.
    failure: Option<String>,
    took: Duration,
}

impl Report {
    /// Runs one check and remembers how it ended; why it failed is shown with the summary, which much that is printed may
    /// come before. Returns what the check made, if it passed.
    pub fn check<T>(&mut self, name: &'static str, check: impl FnOnce() -> anyhow::Result<T>) -> Option<T> {
        let begun = Instant::now();
        let result = step::step(name, check);
        let failure = result.as_ref().err().map(|error| format!("{error:#}"));
        if let Some(line) = failure.as_deref().and_then(|failure| failure.lines().next()) {
            eprintln!("xtask: {line}");
        }
        self.rows.push(Row { name, failure, took: begun.elapsed() });
        result.ok()
    }

    /// Prints the summary.
    ///
    /// # Errors
    ///
    /// When a check failed: a sentence that names each that did.
    pub fn finish(self) -> anyhow::Result<()> {
        for failure in self.rows.iter().filter_map(|row| row.failure.as_deref()) {
            println!("\nxtask: {failure}");
        }
        println!("\n{}", self.summary());
        let failed: Vec<_> = self.rows.iter().filter(|row| row.failure.is_some()).map(|row| row.name).collect();
        if failed.is_empty() { Ok(()) } else { bail!("failed: {}", failed.join(", ")) }
    }

    fn summary(&self) -> String {
        let width = self.rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
        let mut text = String::new();
        for Row { name, failure, took } in &self.rows {
            let outcome = if failure.is_none() { "ok" } else { "FAILED" };
            writeln!(text, "  {name:width$}  {outcome:6}  {}", step::seconds(*took)).expect("a String takes all text");
        }
        let passed = self.rows.iter().filter(|row| row.failure.is_none()).count();
        write!(text, "xtask: {passed} of {} passed", self.rows.len()).expect("a String takes all text");
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_runs_and_the_failed_ones_are_named() {
        let mut report = Report::default();
        assert_eq!(report.check("one", || Ok(1)), Some(1));
        assert_eq!(report.check::<()>("two", || bail!("no")), None);
        assert_eq!(report.check("three", || Ok(3)), Some(3));
        for row in &mut report.rows {
            row.took = Duration::from_millis(1_500);
        }
        assert_eq!(
            report.summary(),
            "  one    ok      1.5 s\n  two    FAILED  1.5 s\n  three  ok      1.5 s\nxtask: 2 of 3 passed"
        );
        assert_eq!(report.finish().expect_err("two failed").to_string(), "failed: two");
    }

    #[test]
    fn all_passed_is_success() {
        let mut report = Report::default();
        report.check("one", || Ok(()));
        report.finish().expect("nothing failed");
    }
}
