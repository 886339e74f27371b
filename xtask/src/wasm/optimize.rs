//! `wasm-opt`, from the npm package `binaryen` that the lock file of `wasm/npm` pins.

use std::fs;
use std::path::Path;

use anyhow::Context;

use super::PACKAGE;
use crate::step;
use crate::tools::command::Tool;
use crate::workspace::Workspace;

/// The features that the module uses come from its section `target_features`, which goes last.
const FLAGS: [&str; 4] = ["-O3", "--strip-debug", "--strip-producers", "--strip-target-features"];

/// Optimizes a module in place.
///
/// # Errors
///
/// When wasm-opt refuses the module.
pub fn optimize(workspace: &Workspace, module: &Path) -> anyhow::Result<()> {
    let before = size(module)?;
    Tool::new(workspace.root.join(PACKAGE).join("node_modules/.bin/wasm-opt"))
        .args(FLAGS)
        .arg(module)
        .arg("--output")
        .arg(module)
        .run()?;
    step::note(&format!("wasm-opt made {before} bytes {} bytes", size(module)?));
    Ok(())
}

fn size(file: &Path) -> anyhow::Result<u64> {
    Ok(fs::metadata(file).with_context(|| format!("there is no {}", file.display()))?.len())
}
