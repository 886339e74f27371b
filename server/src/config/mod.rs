//! The command line, which is the configuration: [`Cli`], and the settings of `isoblob serve` by topic.
//!
//! A flag goes before an environment variable, that before the file of `--settings`, and that before the default. The
//! three have one list of names: `--max-body-bytes`, `ISOBLOB_MAX_BODY_BYTES`, and `max-body-bytes: 1000` in the file.

mod access;
mod limits;
mod log;
mod serve;
mod settings;
mod variables;

use std::ffi::OsString;
use std::time::Duration;

use clap::builder::TypedValueParser as _;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::call::CallArgs;
use crate::cli::AskCommand;
use settings::Settings;

pub use access::{AccessArgs, AccessError, ParseHostError, ParseOriginError};
pub use limits::LimitArgs;
pub use log::{LogArgs, LogFormat};
pub use serve::{ServeArgs, ServeConfigError};
pub use settings::SettingsError;

/// Content-addressed storage for JSON: the same data has the same id, and whoever reads it can check it.
#[derive(Debug, Parser)]
#[command(name = "isoblob", version, propagate_version = true, after_help = STATUS)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const STATUS: &str = "\
Exit status:
  0  yes, or done
  1  no: a text is refused, a file has another id, two files differ; `serve` and `call`: what is wrong here
  2  a wrong command line, or a file that cannot be read or written
  3  a server that cannot be reached, or does not keep the protocol
  4  a server that refuses, or a component that failed";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve blobs over HTTP and gRPC, with a page to store and open them
    ///
    /// Prints one line on standard output once it accepts connections, and logs to standard error. SIGTERM or SIGINT
    /// ends it: it takes no more connections, finishes what is under way, and exits with 0. SIGHUP has it read tokens
    /// and certificates again at once.
    ///
    /// A flag goes before its environment variable, that before the file of --settings, and that before the default.
    Serve(Box<ServeArgs>),

    /// Call a component of a Stepflow component server, as the runtime does
    ///
    /// Initializes the component server, tells it where blobs are, executes the component, and prints its output. Ends
    /// with 3 where the component server cannot be reached or does not speak the protocol, and with 4 where the
    /// component failed.
    Call(Box<CallArgs>),

    /// What this machine can tell of a file, and what a server holds.
    #[command(flatten)]
    Ask(AskCommand),
}

impl Cli {
    /// Reads a command line, its first word being the program's name, and the file of `--settings` that it names.
    ///
    /// # Errors
    ///
    /// A setting is wrong, or the file cannot be used. Asking for help or the version is one of clap's errors, too.
    pub fn read(args: impl IntoIterator<Item = impl Into<OsString>>) -> Result<Self, CliError> {
        let args: Vec<OsString> = args.into_iter().map(Into::into).collect();
        let cli = Self::try_parse_from(&args)?;
        let Command::Serve(serve) = &cli.command else { return Ok(cli) };
        let Some(file) = &serve.settings else { return Ok(cli) };
        let command = Settings::read(file)?.apply(Self::command())?;
        // What was right without the file is wrong by it.
        let wrong = |error: clap::Error| SettingsError::value(file, &error);
        let matches = command.try_get_matches_from(&args).map_err(wrong)?;
        Ok(Self::from_arg_matches(&matches).map_err(wrong)?)
    }
}

/// The variables of the environment that are named like settings, and are none.
pub fn unknown_variables() -> Vec<String> {
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    variables::unknown(&Cli::command(), names)
}

/// Why there is nothing to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CliError {
    /// The command line or the environment is wrong, or asks for help.
    #[error(transparent)]
    CommandLine(#[from] clap::Error),
    /// The file of `--settings` is wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
}

/// Whole seconds, up to a day.
pub(crate) fn seconds(least: u64) -> impl clap::builder::TypedValueParser<Value = Duration> {
    clap::value_parser!(u64).range(least..=24 * 60 * 60).map(Duration::from_secs)
}

#[cfg(test)]
mod tests;
