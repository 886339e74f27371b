//! `cargo xtask`: everything in this workspace that is not `cargo build`.
//!
//! A step ensures what it needs before it runs, says what it does on standard error with the time it took, and does
//! nothing where nothing changed. Standard output carries results alone: what the test runners print, the summary, and
//! the line of the server. Runs on Linux and macOS.

mod bench;
mod ci;
mod cli;
mod deep;
mod fuzz;
mod page;
mod report;
mod serve;
mod server;
mod stamp;
mod step;
mod test;
mod tools;
mod wasm;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Arguments, Verb};
use crate::workspace::Workspace;

fn main() -> ExitCode {
    match run(Arguments::parse().verb) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: error: {error}");
            for cause in error.chain().skip(1) {
                eprintln!("  because: {cause}");
            }
            ExitCode::FAILURE
        }
    }
}

fn run(verb: Verb) -> anyhow::Result<()> {
    let workspace = Workspace::discover()?;
    match verb {
        Verb::Serve { flags } => serve::serve(&workspace, &flags),
        Verb::Test => test::test(&workspace),
        Verb::Fuzz { target, seconds } => fuzz::fuzz(&workspace, target.as_deref(), seconds),
        Verb::Bench { tables } => bench::bench(&workspace, &tables),
        Verb::Deep => deep::deep(&workspace),
        Verb::Ci => ci::ci(&workspace),
        Verb::Wasm => workspace.exclusively(|| wasm::package(&workspace)),
        Verb::Page => workspace.exclusively(|| page::build(&workspace)),
    }
}
