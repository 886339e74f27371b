//! [`Settings`]: the file of `--settings`, which gives the flags of `isoblob serve` other defaults.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use clap::Command;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_saphyr::{Spanned, UserMessageFormatter, options};

/// A YAML mapping from the names of flags, without the dashes, to their values.
#[derive(Debug)]
pub struct Settings {
    file: PathBuf,
    values: BTreeMap<String, Spanned<Value>>,
}

impl Settings {
    /// Reads the file at this path.
    pub fn read(path: &Path) -> Result<Self, SettingsError> {
        let file = path.to_owned();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(source) => return Err(SettingsError::Read { file, source }),
        };
        // A file of nothing but comments is YAML's null.
        let values = serde_saphyr::from_str_with_options::<Option<_>>(&text, options! { with_snippet: false });
        match values {
            Ok(values) => Ok(Self { file, values: values.unwrap_or_default() }),
            Err(error) => {
                let message = error.render_with_formatter(&UserMessageFormatter);
                Err(SettingsError::Yaml { file, message })
            }
        }
    }

    /// Makes these values the defaults of `serve`.
    pub fn apply(self, command: Command) -> Result<Command, SettingsError> {
        let Self { file, values } = self;
        let serve = command.find_subcommand("serve").expect("there is `isoblob serve`");
        let is_known = |name: &str| {
            let mut flags = serve.get_arguments().filter_map(|flag| flag.get_long());
            name != SETTINGS && flags.any(|flag| flag == name)
        };
        if let Some((name, value)) = values.iter().find(|(name, _)| !is_known(name)) {
            let (name, line) = (name.clone(), value.referenced.line());
            return Err(SettingsError::Unknown { file, name, line });
        }
        Ok(command.mut_subcommand("serve", |serve| {
            values.into_iter().fold(serve, |serve, (name, value)| {
                serve.mut_arg(name.replace('-', "_"), |flag| flag.default_values(value.value.0))
            })
        }))
    }
}

/// The flag that names the file, which is none of its settings.
const SETTINGS: &str = "settings";

/// What the command line would have: one word, or one for each time that the flag is given.
#[derive(Debug)]
struct Value(Vec<String>);

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or a list of values")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value(vec![value.to_string()]))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value(vec![value.to_string()]))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value(vec![value.to_string()]))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value(vec![value.to_string()]))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value(vec![value.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let mut words = Vec::new();
        while let Some(Value(element)) = sequence.next_element()? {
            words.extend(element);
        }
        Ok(Value(words))
    }
}

/// Why the file of `--settings` cannot be followed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// It cannot be read.
    #[error("{}: cannot read the settings", .file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is not a mapping of YAML.
    #[error("{}: {message}", .file.display())]
    Yaml {
        /// The file.
        file: PathBuf,
        /// What is wrong, and where.
        message: String,
    },
    /// It has a setting that there is not.
    #[error("{}: there is no setting `{name}`, at line {line}; `isoblob serve --help` lists them", .file.display())]
    Unknown {
        /// The file.
        file: PathBuf,
        /// The name.
        name: String,
        /// The line, the first being 1.
        line: u64,
    },
    /// It has a setting of a wrong value.
    #[error("{}: {message}", .file.display())]
    Value {
        /// The file.
        file: PathBuf,
        /// What clap says of the flag.
        message: String,
    },
}

impl SettingsError {
    pub(super) fn value(file: &Path, error: &clap::Error) -> Self {
        let text = error.to_string();
        let message = text.lines().next().unwrap_or_default();
        Self::Value { file: file.into(), message: message.strip_prefix("error: ").unwrap_or(message).into() }
    }
}
