//! [`StepflowLocation`]: where an orchestrator keeps its blobs, as its own configuration says it.

use std::error::Error;
use std::fmt;
use std::iter;
use std::path::PathBuf;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use sqlx::postgres::PgConnectOptions;

/// What a location of an orchestrator's store begins with.
pub const SCHEME_PREFIX: &str = "stepflow+";

/// Where an orchestrator keeps its blobs: `stepflow+` and what its `storageConfig` names.
///
/// ```
/// use isoblob_server::store::StepflowLocation;
///
/// let location: StepflowLocation = "stepflow+postgres://stepflow:secret@db/flows?sslmode=require".parse().unwrap();
/// // A password is not shown.
/// assert_eq!(location.to_string(), "stepflow+postgres://stepflow@db:5432/flows");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepflowLocation {
    /// `sqlite:PATH`: the `databaseUrl` of a storage of type `sqlite`.
    Sqlite(SqliteUrl),
    /// `postgres://…`: the `databaseUrl` of a storage of type `postgres`.
    Postgres(PostgresUrl),
    /// `file:DIR`: the `directory` of a storage of type `filesystem`.
    Files(PathBuf),
}

/// A SQLite database, as sqlx writes it: `sqlite:PATH` or `sqlite://PATH`, with `?mode=rwc` where it may be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqliteUrl {
    /// The file.
    pub path: PathBuf,
    /// What is done where there is no such file.
    pub missing: MissingDatabase,
}

/// What is done where there is no database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingDatabase {
    /// The store is not opened: `mode=rw`, or no mode.
    Refuse,
    /// It is made: `mode=rwc`.
    Create,
}

/// A PostgreSQL database, as sqlx and libpq write it. Its password is shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl(String);

impl PostgresUrl {
    /// How to connect, with what the environment and `~/.pgpass` add where the URL leaves it out.
    pub(super) fn options(&self) -> PgConnectOptions {
        self.0.parse().expect("it was parsed when it was made")
    }
}

impl FromStr for PostgresUrl {
    type Err = ParseLocationError;

    /// # Errors
    ///
    /// The text is not a URL, or one of its parameters is wrong.
    fn from_str(text: &str) -> Result<Self, ParseLocationError> {
        match text.parse::<PgConnectOptions>() {
            Ok(_) => Ok(Self(text.into())),
            Err(error) => {
                // Around it sqlx says, more than once, that it is an error of configuration.
                let causes = iter::successors(Some(&error as &dyn Error), |&error| error.source());
                let cause = causes.last().map(ToString::to_string).unwrap_or_default();
                Err(ParseLocationError(format!("the database's URL cannot be read: {cause}")))
            }
        }
    }
}

impl FromStr for SqliteUrl {
    type Err = ParseLocationError;

    /// # Errors
    ///
    /// The path is missing, or in memory; or a parameter is none that is known.
    fn from_str(text: &str) -> Result<Self, ParseLocationError> {
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        if path.trim_start_matches('/') == ":memory:" {
            return Err(ParseLocationError("an orchestrator's `:memory:` is its own; name a file".into()));
        }
        let mut missing = MissingDatabase::Refuse;
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            missing = match parameter {
                "mode=rw" => MissingDatabase::Refuse,
                "mode=rwc" => MissingDatabase::Create,
                _ => {
                    let message = format!("of a SQLite URL only `mode=rw` and `mode=rwc` are read, not `{parameter}`");
                    return Err(ParseLocationError(message));
                }
            };
        }
        Ok(Self { path: path_of(path)?, missing })
    }
}

impl FromStr for StepflowLocation {
    type Err = ParseLocationError;

    /// # Errors
    ///
    /// The text does not begin with `stepflow+` and a scheme that is known, or what follows is wrong.
    fn from_str(text: &str) -> Result<Self, ParseLocationError> {
        let url = text.strip_prefix(SCHEME_PREFIX).unwrap_or_default();
        match url.split_once(':') {
            Some(("sqlite", rest)) => Ok(Self::Sqlite(rest.parse()?)),
            Some(("file", rest)) => Ok(Self::Files(path_of(rest)?)),
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres(url.parse()?)),
            _ => Err(ParseLocationError("after `stepflow+` comes sqlite:PATH, postgres://… or file:DIR".into())),
        }
    }
}

/// The path of a URL, which two slashes may stand before.
fn path_of(text: &str) -> Result<PathBuf, ParseLocationError> {
    let path = percent_decode_str(text.strip_prefix("//").unwrap_or(text)).decode_utf8();
    let path = path.map_err(|_| ParseLocationError("the path is not UTF-8".into()))?;
    if path.is_empty() {
        return Err(ParseLocationError("the path is missing".into()));
    }
    Ok(PathBuf::from(&*path))
}

impl fmt::Display for StepflowLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(SqliteUrl { path, .. }) => write!(f, "{SCHEME_PREFIX}sqlite:{}", path.display()),
            Self::Postgres(url) => write!(f, "{SCHEME_PREFIX}{url}"),
            Self::Files(dir) => write!(f, "{SCHEME_PREFIX}file:{}", dir.display()),
        }
    }
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = self.options();
        let (user, port) = (options.get_username(), options.get_port());
        match options.get_socket() {
            Some(socket) => write!(f, "postgres://{user}@{}:{port}", socket.display())?,
            None => write!(f, "postgres://{user}@{}:{port}", options.get_host())?,
        }
        // Without one it is that of the user's name.
        options.get_database().map_or(Ok(()), |database| write!(f, "/{database}"))
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresUrl({self})")
    }
}

/// Why a text is not the location of an orchestrator's store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseLocationError(String);

impl fmt::Display for ParseLocationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for ParseLocationError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn sqlite(path: &str, missing: MissingDatabase) -> StepflowLocation {
        StepflowLocation::Sqlite(SqliteUrl { path: path.into(), missing })
    }

    #[test]
    fn locations_are_those_of_an_orchestrator() {
        use MissingDatabase::{Create, Refuse};
        let rows = [
            ("stepflow+sqlite:flows.db", sqlite("flows.db", Refuse)),
            ("stepflow+sqlite:/var/flows.db?mode=rwc", sqlite("/var/flows.db", Create)),
            ("stepflow+sqlite:///var/flows.db?mode=rw", sqlite("/var/flows.db", Refuse)),
            ("stepflow+sqlite://flows%20of%20mine.db", sqlite("flows of mine.db", Refuse)),
            ("stepflow+file:/var/blobs", StepflowLocation::Files("/var/blobs".into())),
            ("stepflow+file:///var/blobs", StepflowLocation::Files("/var/blobs".into())),
        ];
        for (text, expected) in rows {
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        let rows = [
            ("postgres://u:secret@h/d", "postgres://u@h:5432/d"),
            ("postgresql://u@h:6543/d?password=secret&sslmode=verify-full", "postgres://u@h:6543/d"),
            ("postgres://u:secret@localhost/d?host=/run/postgresql", "postgres://u@/run/postgresql:5432/d"),
        ];
        for (text, expected) in rows {
            let location: StepflowLocation = format!("stepflow+{text}").parse().expect(text);
            assert_eq!(location.to_string(), format!("stepflow+{expected}"));
            assert!(!format!("{location:?}").contains("secret"), "{location:?}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let forms = "after `stepflow+` comes sqlite:PATH, postgres://… or file:DIR";
        let rows = [
            ("stepflow+", forms),
            ("stepflow+mysql://h/d", forms),
            ("stepflow+sqlite:", "the path is missing"),
            ("stepflow+file://", "the path is missing"),
            ("stepflow+file:%ff", "the path is not UTF-8"),
            ("stepflow+sqlite::memory:", "an orchestrator's `:memory:` is its own; name a file"),
            ("stepflow+sqlite:a?mode=ro", "of a SQLite URL only `mode=rw` and `mode=rwc` are read, not `mode=ro`"),
            ("stepflow+postgres://h:port/d", "the database's URL cannot be read: invalid port number"),
            (
                "stepflow+postgres://h/d?sslmode=on",
                "the database's URL cannot be read: unknown value \"on\" for `ssl_mode`",
            ),
        ];
        for (text, expected) in rows {
            assert_eq!(text.parse::<StepflowLocation>().expect_err(text).to_string(), expected, "{text}");
        }
    }
}
