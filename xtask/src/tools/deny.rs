//! cargo-deny: the licences and sources of everything that the workspace depends on.

use std::path::PathBuf;

use crate::step;
use crate::tools::cargo;
use crate::tools::command::{self, Tool};
use crate::workspace::{self, Workspace};

/// The version that is installed where there is none.
const VERSION: &str = "0.20.2";

/// Checks what `deny.toml` says. Advisories are not among it: their database is a git repository, and this check must
/// say the same with and without a network.
///
/// # Errors
///
/// When a dependency breaks a rule, or cargo-deny cannot be installed.
pub fn check(workspace: &Workspace) -> anyhow::Result<()> {
    let tool = Tool::new(ensure()?).args(["--workspace", "check", "bans", "licenses", "sources"]);
    tool.directory(&workspace.root).run_for_output()
}

fn ensure() -> anyhow::Result<PathBuf> {
    let tools = workspace::cache()?.join("tools");
    let program = tools.join("bin/cargo-deny");
    if let Some(path) =
        command::find("cargo-deny").or_else(|| command::is_executable(&program).then(|| program.clone()))
    {
        return Ok(path);
    }
    step::step("cargo-deny (once, a few minutes)", || {
        // Unoptimized: it compiles in half the time, and this workspace is small.
        cargo::command()
            .args(["install", "cargo-deny", "--version", VERSION, "--locked", "--debug", "--root"])
            .arg(&tools)
            .run()
    })?;
    Ok(program)
}
