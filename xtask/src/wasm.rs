//! `cargo xtask wasm`: the generated part of the npm package, `wasm/npm/dist`.

mod bind;
mod build;
mod debian;
mod optimize;
mod toolchain;

use std::fs;
use std::path::Path;

use anyhow::Context;

use crate::stamp::{Inputs, Stamp};
use crate::step;
use crate::tools::npm;
use crate::workspace::Workspace;

/// The npm package's sources, relative to the workspace.
pub const PACKAGE: &str = "wasm/npm";

/// The name that the bindings, and the module beside them with `_bg` behind it, have in `dist`.
const STEM: &str = "isoblob";

/// Builds the module, binds it to JavaScript, optimizes it and puts all of it into `wasm/npm/dist`.
///
/// # Errors
///
/// When there is no compiler for the target, or one of these steps fails.
pub fn package(workspace: &Workspace) -> anyhow::Result<()> {
    let toolchain = toolchain::ensure()?;
    let module = step::step("wasm module", || build::build(workspace, &toolchain))?;
    npm::install(workspace, PACKAGE)?;

    let dist = workspace.root.join(PACKAGE).join("dist");
    let title = "JavaScript bindings";
    let stamp = Stamp::outside(workspace.stamp("bindings"), inputs(workspace, &module)?, dist.clone());
    if stamp.is_current() {
        step::unchanged(title);
        return Ok(());
    }
    step::step(title, || {
        let made = workspace.target.join("xtask/bound");
        make_empty(&made)?;
        bind::bind(&module, STEM, &made)?;
        optimize::optimize(workspace, &made.join(format!("{STEM}_bg.wasm")))?;
        make_empty(&dist)?;
        copy_files(&made, &dist)?;
        stamp.set()
    })
}

/// What the bindings are made from: the module, and the tools with their settings.
fn inputs(workspace: &Workspace, module: &Path) -> anyhow::Result<Inputs> {
    Inputs::default()
        .text("bind", include_str!("wasm/bind.rs"))
        .text("optimize", include_str!("wasm/optimize.rs"))
        .file(module)?
        .file(&workspace.root.join("Cargo.lock"))?
        .file(&workspace.root.join(PACKAGE).join("package-lock.json"))
}

fn make_empty(directory: &Path) -> anyhow::Result<()> {
    if directory.exists() {
        fs::remove_dir_all(directory).with_context(|| format!("cannot remove {}", directory.display()))?;
    }
    fs::create_dir_all(directory).with_context(|| format!("cannot create {}", directory.display()))
}

fn copy_files(from: &Path, to: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, copy) = (entry.path(), to.join(entry.file_name()));
        fs::copy(&source, &copy).with_context(|| format!("cannot copy {} to {}", source.display(), copy.display()))?;
    }
    Ok(())
}
