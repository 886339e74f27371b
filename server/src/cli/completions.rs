//! `isoblob completions`: what a shell needs to complete command lines.

use std::io::Write;

use clap::{Args, CommandFactory as _};
use clap_complete::{Shell, generate};

use super::{Answer, CommandError};
use crate::config::Cli;

/// The command line of `isoblob completions`.
#[derive(Args, Clone, Debug)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

impl CompletionsArgs {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Answer, CommandError> {
        // `generate` panics where it cannot write, as to a pipe that is closed.
        let mut script = Vec::new();
        generate(self.shell, &mut Cli::command(), "isoblob", &mut script);
        out.write_all(&script)?;
        Ok(Answer::Yes)
    }
}
