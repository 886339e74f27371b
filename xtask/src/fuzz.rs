//! `cargo xtask fuzz`: the fuzz targets of the core, each for some time.

use std::fs;

use anyhow::{Context, bail};

use crate::tools::cargo;
use crate::tools::command::Tool;
use crate::workspace::Workspace;

/// The version of cargo-fuzz that is installed where there is none.
const VERSION: &str = "0.13.2";

/// The targets, which `core/fuzz/README.md` describes.
const TARGETS: [&str; 6] = ["batch", "canonicalize", "envelope", "flow", "id", "message"];

/// Runs the target with this name, or all of them, each for so many seconds.
///
/// # Errors
///
/// When a target finds an input that fails, or cargo-fuzz cannot be had.
pub fn fuzz(workspace: &Workspace, target: Option<&str>, seconds: u32) -> anyhow::Result<()> {
    let program = cargo::installed("cargo-fuzz", VERSION)?;
    let core = workspace.root.join("core");
    let chosen: Vec<_> = TARGETS.into_iter().filter(|name| target.is_none_or(|target| target == *name)).collect();
    if chosen.is_empty() {
        bail!("there is no such fuzz target; there are {}", TARGETS.join(", "));
    }
    for name in chosen {
        let (corpus, seeds) = (format!("fuzz/corpus/{name}"), format!("fuzz/seeds/{name}"));
        fs::create_dir_all(core.join(&corpus)).with_context(|| format!("cannot create core/{corpus}"))?;
        Tool::new(&program)
            .args(["fuzz", "run", name, &corpus, &seeds, "--", "-dict=fuzz/json.dict"])
            .arg(format!("-max_total_time={seconds}"))
            .directory(&core)
            .env("CARGO_TARGET_DIR", workspace.target.join("fuzz"))
            // The sanitizer's flag is unstable; this lets a stable compiler take it.
            .env("RUSTC_BOOTSTRAP", "1")
            .run_for_output()?;
    }
    Ok(())
}
