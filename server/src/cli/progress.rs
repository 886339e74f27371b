//! [`Progress`]: a bar on standard error, where somebody watches and it takes long.

use std::io::{self, IsTerminal as _, Read};

use indicatif::{ProgressBar, ProgressStyle};

/// The fewest bytes that are worth a bar.
const LONG_BYTES: u64 = 16 << 20;

const KNOWN: &str = "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
const UNKNOWN: &str = "{msg} {spinner} {bytes} {bytes_per_sec}";

/// A bar that is gone when it is dropped.
#[derive(Debug)]
pub struct Progress(ProgressBar);

impl Progress {
    /// Of work on so many bytes, where that is known.
    pub fn of(doing: &'static str, bytes: Option<u64>) -> Self {
        if !io::stderr().is_terminal() || bytes.is_some_and(|bytes| bytes < LONG_BYTES) {
            return Self(ProgressBar::hidden());
        }
        let (bar, template) = match bytes {
            Some(bytes) => (ProgressBar::new(bytes), KNOWN),
            None => (ProgressBar::no_length(), UNKNOWN),
        };
        let style = ProgressStyle::with_template(template).expect("the template is one of indicatif's");
        Self(bar.with_style(style).with_message(doing))
    }

    /// So many bytes more are done.
    pub fn advance(&self, bytes: u64) {
        self.0.inc(bytes);
    }

    /// A reader whose bytes are counted.
    pub fn count<R: Read>(&self, reader: R) -> impl Read + use<R> {
        self.0.wrap_read(reader)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
