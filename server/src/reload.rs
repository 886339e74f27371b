//! What is read from files again when they change: [`Reloadable`], and its [`Current`] value.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use crate::shutdown::Hangups;

/// How often the files are looked at. They are small, and compared by content: a file that is replaced, or reached by
/// another symbolic link, as Kubernetes does it, is noticed like one that is written.
pub const RELOAD_INTERVAL: Duration = Duration::from_secs(5);

type Cause = Box<dyn Error + Send + Sync>;

/// A value that may be replaced while it is used.
pub struct Current<T>(watch::Receiver<Arc<T>>);

impl<T> Current<T> {
    /// A value that is never replaced.
    pub fn fixed(value: T) -> Self {
        Self(watch::channel(Arc::new(value)).1)
    }

    /// What it is now.
    pub fn get(&self) -> Arc<T> {
        Arc::clone(&self.0.borrow())
    }
}

impl<T> Clone for Current<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: fmt::Debug> fmt::Debug for Current<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

/// A value that is read from files, and read again when they change.
pub struct Reloadable<T> {
    what: &'static str,
    files: Vec<PathBuf>,
    parse: fn(&[Vec<u8>]) -> Result<T, Cause>,
    /// What the files held when they were last looked at, or why they could not be read.
    seen: Result<Vec<Vec<u8>>, String>,
    value: watch::Sender<Arc<T>>,
}

impl<T: Send + Sync + 'static> Reloadable<T> {
    /// Reads the value for the first time.
    ///
    /// # Errors
    ///
    /// A file cannot be read, or what they hold is refused.
    pub fn load(
        what: &'static str,
        files: Vec<PathBuf>,
        parse: fn(&[Vec<u8>]) -> Result<T, Cause>,
    ) -> Result<(Current<T>, Self), LoadError> {
        let names = names(&files);
        let contents = read(&files).map_err(|error| LoadError::new(&names, error))?;
        let value = parse(&contents).map_err(|error| LoadError::new(&names, error))?;
        let (value, current) = watch::channel(Arc::new(value));
        Ok((Current(current), Self { what, files, parse, seen: Ok(contents), value }))
    }
}

/// Something that can be read again.
pub trait Reload: Send {
    /// Looks at the files. Where they changed for the better the value is replaced; what is wrong with them is logged
    /// once, and the value kept.
    fn reload(&mut self);
}

impl<T: Send + Sync + 'static> Reload for Reloadable<T> {
    fn reload(&mut self) {
        let found = read(&self.files).map_err(|error| error.to_string());
        if found == self.seen {
            return;
        }
        let parsed = match &found {
            Ok(contents) => (self.parse)(contents),
            Err(message) => Err(message.as_str().into()),
        };
        self.seen = found;
        let (what, files) = (self.what, names(&self.files));
        match parsed {
            Ok(value) => {
                self.value.send_replace(Arc::new(value));
                tracing::info!("took up new {what} from {files}");
            }
            Err(error) => tracing::error!("kept the {what} as they were: {files}: {error}"),
        }
    }
}

/// Keeps values up to date, for as long as it is polled: every [`RELOAD_INTERVAL`], and when the process is told to.
pub async fn keep_current(mut values: Vec<Box<dyn Reload>>, mut hangups: Hangups) {
    let mut ticks = interval(RELOAD_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick(), if !values.is_empty() => {}
            () = hangups.next() => tracing::info!("SIGHUP: reading tokens and certificates again"),
        }
        let look = tokio::task::spawn_blocking(move || {
            for value in &mut values {
                value.reload();
            }
            values
        });
        values = match look.await {
            Ok(values) => values,
            Err(error) => return tracing::error!(%error, "tokens and certificates are not read again any more"),
        };
    }
}

fn read(files: &[PathBuf]) -> io::Result<Vec<Vec<u8>>> {
    files.iter().map(std::fs::read).collect()
}

fn names(files: &[PathBuf]) -> String {
    files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(" and ")
}

/// Why a value could not be read for the first time.
#[derive(Debug, thiserror::Error)]
#[error("{from}")]
pub struct LoadError {
    from: String,
    source: Cause,
}

impl LoadError {
    pub(crate) fn new(from: &str, source: impl Into<Cause>) -> Self {
        Self { from: from.into(), source: source.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(files: &[Vec<u8>]) -> Result<u8, Cause> {
        Ok(str::from_utf8(&files[0])?.parse()?)
    }

    #[test]
    fn a_value_follows_its_file_and_survives_a_bad_one() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("number");
        std::fs::write(&file, "1").expect("a file");
        let (current, mut reloadable) = Reloadable::load("numbers", vec![file.clone()], number).expect("a number");
        assert_eq!(*current.get(), 1);
        for (content, expected) in [("2", 2), ("2", 2), ("x", 2), ("3", 3)] {
            std::fs::write(&file, content).expect("a file");
            reloadable.reload();
            assert_eq!(*current.get(), expected, "{content}");
        }
        std::fs::remove_file(&file).expect("a file");
        reloadable.reload();
        assert_eq!(*current.get(), 3);
        std::fs::write(&file, "4").expect("a file");
        reloadable.reload();
        assert_eq!(*current.get(), 4);
    }

    #[test]
    fn a_value_that_is_wrong_at_first_is_refused() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("number");
        let check = |expected: &str| {
            let error = Reloadable::load("numbers", vec![file.clone()], number).err().expect(expected);
            let source = error.source().expect("a cause").to_string();
            assert_eq!(format!("{error}: {source}"), format!("{}: {expected}", file.display()));
        };
        check("No such file or directory (os error 2)");
        std::fs::write(&file, "300").expect("a file");
        check("number too large to fit in target type");
    }
}
