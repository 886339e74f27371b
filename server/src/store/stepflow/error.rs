//! [`StepflowOpenError`]: why an orchestrator's store could not be opened.

use std::path::PathBuf;

use super::PostgresUrl;

/// Why an orchestrator's store could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StepflowOpenError {
    /// The file is not there, and may not be made.
    #[error(
        "there is no database {}; start the orchestrator first, which makes it, or end the URL with `?mode=rwc`",
        .0.display()
    )]
    NoDatabase(PathBuf),
    /// The database holds something that is not an orchestrator's.
    #[error("{0} is not the database of a Stepflow orchestrator of release 0.10 or later")]
    Foreign(String),
    /// SQLite refused.
    #[error("cannot open the database {}", .path.display())]
    Sqlite {
        /// The database.
        path: PathBuf,
        /// Why it failed.
        source: rusqlite::Error,
    },
    /// PostgreSQL refused, or cannot be reached.
    #[error("cannot use the database {url}: {cause}")]
    Postgres {
        /// The database.
        url: PostgresUrl,
        /// Why it failed, with what lies behind that.
        cause: sqlx::Error,
    },
    /// There is no table, and PostgreSQL does not let us make it.
    #[error(
        "the database {url} has no table `blobs`, and it cannot be made; start the orchestrator first, which makes it: \
        {cause}"
    )]
    NoTable {
        /// The database.
        url: PostgresUrl,
        /// Why it cannot be made, with what lies behind that.
        cause: sqlx::Error,
    },
    /// PostgreSQL does not answer.
    #[error("the database {url} does not answer within {seconds} s")]
    Timeout {
        /// The database.
        url: PostgresUrl,
        /// How long it was waited for.
        seconds: u64,
    },
}
