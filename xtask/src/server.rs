//! The server's binary.

use std::path::PathBuf;

use crate::step;
use crate::tools::cargo;
use crate::workspace::Workspace;

/// Builds `isoblob` as it is released, with the page in it, and returns its path.
///
/// # Errors
///
/// When it does not compile.
pub fn build(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    step::step("server", || {
        let tool =
            cargo::command().directory(&workspace.root).args(["build", "--release", "--package", "isoblob-server"]);
        cargo::build(tool, "isoblob", "isoblob")
    })
}
