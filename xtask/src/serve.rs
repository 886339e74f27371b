//! `cargo xtask serve`: from a fresh clone to a page in the browser.

use std::env;
use std::ffi::OsString;

use crate::page;
use crate::server;
use crate::tools::command::Tool;
use crate::workspace::Workspace;

/// How the server is told where to keep blobs; its flag `--store` goes before it.
const STORE: &str = "ISOBLOB_STORE";

/// Where blobs are kept, relative to the workspace. Outside of `target`, so that `cargo clean` deletes nobody's data.
const DEFAULT_STORE: &str = "isoblob-data";

/// Builds everything and becomes the server, which gets signals and whose line with the address is the last.
///
/// # Errors
///
/// When something cannot be built, or the server cannot be started.
pub fn serve(workspace: &Workspace, flags: &[OsString]) -> anyhow::Result<()> {
    let binary = workspace.exclusively(|| {
        page::build(workspace)?;
        server::build(workspace)
    })?;
    let store = env::var_os(STORE).unwrap_or_else(|| workspace.root.join(DEFAULT_STORE).into());
    Err(Tool::new(binary).arg("serve").args(flags).env(STORE, store).exec())
}
