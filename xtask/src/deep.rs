//! `cargo xtask deep`: the tests of crashes and of load, as long as they are worth: `kill -9` hundreds of times, thousands
//! of connections, a flood of the largest bodies.

use crate::server;
use crate::tools::cargo;
use crate::workspace::Workspace;

/// Runs them against the server as it is released.
///
/// # Errors
///
/// When a test fails, or the server cannot be built.
pub fn deep(workspace: &Workspace) -> anyhow::Result<()> {
    let server = workspace.exclusively(|| server::build(workspace))?;
    cargo::command()
        .args(["test", "--package", "isoblob-tests", "--", "crash::", "load::"])
        .directory(&workspace.root)
        .env("ISOBLOB_BIN", server)
        .env("ISOBLOB_DEEP", "1")
        .run_for_output()
}
