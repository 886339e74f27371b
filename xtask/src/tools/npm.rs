//! npm: packages exactly as a lock file says, and the scripts of a package.

use std::path::Path;

use crate::stamp::{Inputs, Stamp};
use crate::step;
use crate::tools::command::Tool;
use crate::tools::node;
use crate::workspace::Workspace;

/// Installs what the lock file in `directory` (relative to the workspace) names, unless that is what is there.
///
/// # Errors
///
/// When Node is missing or npm cannot install.
pub fn install(workspace: &Workspace, directory: &str) -> anyhow::Result<()> {
    let package = workspace.root.join(directory);
    let title = format!("npm packages of {directory}");
    let node = node::ensure()?;
    let inputs = Inputs::default()
        .text("node", &node)
        .file(&package.join("package.json"))?
        .file(&package.join("package-lock.json"))?;
    // npm empties node_modules before it installs, so that a stamp in there lives exactly as long as its packages.
    let stamp = Stamp::inside(package.join("node_modules/.isoblob-stamp"), inputs);
    if stamp.is_current() {
        step::unchanged(&title);
        return Ok(());
    }
    step::step(&title, || {
        npm(&package, &["ci", "--no-audit", "--no-fund", "--prefer-offline"])
            .advice("npm could not install what package-lock.json names: look at the network and `npm config list`.")
            .run()?;
        stamp.set()
    })
}

/// A script of the package in `directory` (an absolute path).
pub fn script(directory: &Path, name: &str) -> Tool {
    npm(directory, &["run", "--silent", name])
}

fn npm(directory: &Path, args: &[&str]) -> Tool {
    Tool::new("npm").args(args).directory(directory)
}
