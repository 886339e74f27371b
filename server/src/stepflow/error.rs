//! [`ConfigError`]: what is wrong with a configuration, and where.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use serde_saphyr::UserMessageFormatter;

/// Why a `stepflow-config.yml` cannot be used: one sentence that names the file, the path in it, and the line.
#[derive(Debug)]
pub struct ConfigError {
    file: Option<PathBuf>,
    fault: Fault,
}

/// What is wrong.
#[derive(Debug)]
pub(super) enum Fault {
    /// The file cannot be read.
    Read(io::Error),
    /// It is not YAML.
    Yaml(Box<serde_saphyr::Error>),
    /// It is a value that is not one of those that are allowed there.
    Value { place: Place, what: String },
}

/// Where a value is: the keys on the way to it, and its place in the text.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub path: String,
    pub line: u64,
    pub column: u64,
}

impl ConfigError {
    pub(super) fn new(fault: Fault) -> Self {
        Self { file: None, fault }
    }

    pub(super) fn in_file(self, path: &Path) -> Self {
        Self { file: Some(path.to_owned()), ..self }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}: ", file.display())?;
        }
        match &self.fault {
            Fault::Read(_) => f.write_str("cannot read the configuration"),
            Fault::Yaml(error) => f.write_str(&error.render_with_formatter(&UserMessageFormatter)),
            Fault::Value { place: Place { path, line, column }, what } => {
                write!(f, "{path}: {what}, at line {line} column {column}")
            }
        }
    }
}

impl Error for ConfigError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.fault {
            Fault::Read(error) => Some(error),
            _ => None,
        }
    }
}
