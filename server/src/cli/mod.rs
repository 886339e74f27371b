//! The commands beside `serve` and `call`: what this machine can tell of a file, what a server holds, and the care of
//! stores.
//!
//! Each ends with a status that scripts can use: 0 for yes, and for done; 1 for no, as of a text that is refused or two
//! that differ; 2 for a wrong command line or a file that cannot be read or written; 3 for a server that cannot be
//! reached or does not keep the protocol, such as one that sends other bytes than those of the id; 4 for a server that
//! refuses.

mod backup;
mod canonicalize;
mod client;
mod completions;
mod content;
mod error;
mod explain;
mod export;
mod fsck;
mod get;
mod hashing;
mod id;
mod import;
mod ls;
mod progress;
mod put;
mod server;
mod source;
mod store;
mod verify;

use std::io::{self, Write};

use clap::Subcommand;

pub use backup::BackupArgs;
pub use canonicalize::CanonicalizeArgs;
pub use completions::CompletionsArgs;
pub use error::CommandError;
pub use explain::ExplainArgs;
pub use export::ExportArgs;
pub use fsck::FsckArgs;
pub use get::GetArgs;
pub use id::IdArgs;
pub use import::ImportArgs;
pub use ls::LsArgs;
pub use put::PutArgs;
pub use server::{ParseServerUrlError, ServerArgs, ServerUrl};
pub use source::Source;
pub use verify::VerifyArgs;

/// The commands.
#[derive(Clone, Debug, Subcommand)]
pub enum AskCommand {
    /// Print the ids of files, without a server
    ///
    /// The id of JSON is that of its canonical form. Of binary content it is that of the bytes, which may be more than
    /// fit into memory.
    Id(IdArgs),

    /// Print the canonical form of JSON, without a server
    Canonicalize(CanonicalizeArgs),

    /// Say whether a file has an id, without a server; the status is 1 where it has not
    Verify(VerifyArgs),

    /// Say what canonicalization changes in a file, or where two differ, without a server
    ///
    /// The status is 1 where it changes something, and where two files are two blobs.
    Explain(ExplainArgs),

    /// Store files in a server, and print their ids
    ///
    /// The ids are computed here, too, and the server must agree.
    Put(PutArgs),

    /// Read a blob from a server, and hand it out once it is verified
    Get(GetArgs),

    /// List the blobs of a server, newest first
    Ls(LsArgs),

    /// Copy a store into a directory as it is now, while it may be served
    ///
    /// The copy is a store itself. On the same file system it shares the files of large blobs with the store, which
    /// never change; so for safety from a broken disk, let it be on another, or copy it there.
    Backup(BackupArgs),

    /// Write the blobs of a store as files, each named by its id
    ///
    /// Nothing of ours is needed to read them: `sha256sum` shows that each is the blob of its name. Types, filenames and
    /// times are in `index.jsonl`, a line for each blob, newest first. The status is 1 where a blob is damaged, which is
    /// then left out.
    Export(ExportArgs),

    /// Put the files of an export into a store
    ///
    /// Each must be the blob of its name; the status is 1 where one is not, which is then left out. Files that
    /// `index.jsonl` does not name are put, too: as `data` where they are canonical JSON, else as `binary`.
    Import(ImportArgs),

    /// Read every blob of a store, and tell what is wrong with it
    ///
    /// Nothing may have the store open. The status is 1 where anything is wrong, also where it was put right.
    Fsck(FsckArgs),

    /// Print what a shell needs to complete command lines
    ///
    /// For bash: `source <(isoblob completions bash)`.
    Completions(CompletionsArgs),
}

impl AskCommand {
    /// Does what the command line says, and prints what it finds.
    ///
    /// It takes the thread until it is done, and is not for async threads.
    ///
    /// # Errors
    ///
    /// Each has an [exit code](CommandError::exit_code) of its kind.
    pub fn run(&self, out: &mut dyn Write) -> Result<Answer, CommandError> {
        match self {
            Self::Id(args) => args.run(out),
            Self::Canonicalize(args) => args.run(out),
            Self::Verify(args) => args.run(out),
            Self::Explain(args) => args.run(out),
            Self::Put(args) => args.run(out),
            Self::Get(args) => args.run(out),
            Self::Ls(args) => args.run(out),
            Self::Backup(args) => args.run(out),
            Self::Export(args) => args.run(out),
            Self::Import(args) => args.run(out),
            Self::Fsck(args) => args.run(out),
            Self::Completions(args) => args.run(out),
        }
    }
}

/// What a command found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is so, or it is done.
    Yes,
    /// It is not so.
    No,
}

impl From<bool> for Answer {
    fn from(is_so: bool) -> Self {
        if is_so { Self::Yes } else { Self::No }
    }
}

/// How a command says what it found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// For people.
    Text,
    /// For machines: a JSON object a line.
    Json,
}

/// The flag that every command has which says something.
#[derive(clap::Args, Clone, Copy, Debug)]
pub struct FormArgs {
    /// Print JSON, an object a line
    #[arg(long)]
    json: bool,
}

impl FormArgs {
    fn form(self) -> Form {
        if self.json { Form::Json } else { Form::Text }
    }
}

/// Prints a value as a line of JSON.
fn print_json(out: &mut dyn Write, value: &impl serde::Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    writeln!(out)
}
