//! The flag `--store`, and the runtime that stores need.

use std::io;

use clap::Args;
use tokio::runtime::{Builder, Runtime};

use crate::store::StoreLocation;

/// The name of the index of an export, in its directory.
pub const INDEX: &str = "index.jsonl";

/// Which store a command is about.
#[derive(Args, Clone, Debug)]
pub struct StoreArgs {
    /// The store, as `isoblob serve --store` has it
    #[arg(
        long,
        env = "ISOBLOB_STORE",
        value_name = "DIR|URL",
        default_value = "./isoblob-data",
        hide_env_values = true
    )]
    pub store: StoreLocation,
}

/// What a store's work is done on.
pub fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}
