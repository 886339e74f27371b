//! `cargo xtask page`: the page, `www/dist`, which the server holds.

use crate::stamp::{Inputs, Stamp};
use crate::step;
use crate::tools::npm;
use crate::wasm;
use crate::workspace::Workspace;

/// The page's sources, relative to the workspace.
pub const SOURCES: &str = "www";

/// Builds the npm package, and from it the page.
///
/// # Errors
///
/// When one of the steps fails.
pub fn build(workspace: &Workspace) -> anyhow::Result<()> {
    wasm::package(workspace)?;
    npm::install(workspace, SOURCES)?;

    let sources = workspace.root.join(SOURCES);
    let inputs = Inputs::default()
        .tree(&sources, &["node_modules", "dist"])?
        .tree(&workspace.root.join(wasm::PACKAGE), &["node_modules"])?;
    let stamp = Stamp::outside(workspace.stamp("page"), inputs, sources.join("dist"));
    if stamp.is_current() {
        step::unchanged("page");
        return Ok(());
    }
    step::step("page", || {
        npm::script(&sources, "build").run()?;
        stamp.set()
    })
}
