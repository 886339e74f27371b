//! `cargo xtask wasm`: the npm package, of which `wasm/npm/generated` and `wasm/npm/dist` are made.

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

/// The modules: their names, and the features of the crate that they are made with. The bindings have the name, and the
/// module beside them has `_bg` behind it.
const MODULES: [(&str, &str); 2] = [("isoblob", ""), ("inspect", "inspect")];

/// Builds the modules, binds them to JavaScript, optimizes them and builds the package around them.
///
/// # Errors
///
/// When there is no compiler for the target, or one of these steps fails.
pub fn package(workspace: &Workspace) -> anyhow::Result<()> {
    let toolchain = toolchain::ensure()?;
    let modules = workspace.target.join("xtask/modules");
    make_empty(&modules)?;
    for (name, features) in MODULES {
        let module = step::step(&format!("wasm module {name}"), || build::build(workspace, &toolchain, features))?;
        copy(&module, &modules.join(name))?;
    }
    npm::install(workspace, PACKAGE)?;

    let package = workspace.root.join(PACKAGE);
    let title = "npm package";
    let stamp = Stamp::outside(workspace.stamp("package"), inputs(&package, &modules)?, package.join("dist"));
    if stamp.is_current() {
        step::unchanged(title);
        return Ok(());
    }
    step::step(title, || {
        let generated = package.join("generated");
        make_empty(&generated)?;
        for (name, _) in MODULES {
            bind::bind(&modules.join(name), name, &generated)?;
            optimize::optimize(workspace, &generated.join(format!("{name}_bg.wasm")))?;
        }
        make_empty(&package.join("dist"))?;
        npm::script(&package, "build").run()?;
        stamp.set()
    })
}

/// What the package is made from: the modules, the sources, and the tools with their settings.
fn inputs(package: &Path, modules: &Path) -> anyhow::Result<Inputs> {
    let inputs = Inputs::default()
        .text("bind", include_str!("wasm/bind.rs"))
        .text("optimize", include_str!("wasm/optimize.rs"))
        .tree(modules, &[])?
        .tree(&package.join("src"), &[])?;
    ["build.js", "package.json", "package-lock.json", "tsconfig.json"]
        .iter()
        .try_fold(inputs, |inputs, name| inputs.file(&package.join(name)))
}

fn make_empty(directory: &Path) -> anyhow::Result<()> {
    if directory.exists() {
        fs::remove_dir_all(directory).with_context(|| format!("cannot remove {}", directory.display()))?;
    }
    fs::create_dir_all(directory).with_context(|| format!("cannot create {}", directory.display()))
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::copy(from, to).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(())
}
