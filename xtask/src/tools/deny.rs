//! cargo-deny: the licences and sources of everything that the workspace depends on.

use crate::tools::cargo;
use crate::tools::command::Tool;
use crate::workspace::Workspace;

/// The version that is installed where there is none.
const VERSION: &str = "0.20.2";

/// Checks what `deny.toml` says. Advisories are not among it: their database is a git repository, and this check must
/// say the same with and without a network.
///
/// # Errors
///
/// When a dependency breaks a rule, or cargo-deny cannot be installed.
pub fn check(workspace: &Workspace) -> anyhow::Result<()> {
    let tool = Tool::new(cargo::installed("cargo-deny", VERSION)?).args([
        "--workspace",
        "check",
        "bans",
        "licenses",
        "sources",
    ]);
    tool.directory(&workspace.root).run_for_output()
}
