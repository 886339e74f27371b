//! The crate `isoblob-wasm`, compiled for WebAssembly.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::toolchain::{TARGET, Toolchain};
use crate::tools::cargo;
use crate::workspace::Workspace;

/// Compiles the crate with these features and returns the path of the module, where the next one will be, too.
///
/// # Errors
///
/// When the crate does not compile.
pub fn build(workspace: &Workspace, toolchain: &Toolchain, features: &str) -> anyhow::Result<PathBuf> {
    let tool = cargo::command()
        .directory(&workspace.root)
        .args(["build", "--package", "isoblob-wasm", "--features", features, "--profile", "wasm", "--target", TARGET])
        .arg("--target-dir")
        // A directory of its own: another compiler must not make the native build start over.
        .arg(workspace.target.join("wasm"))
        .without_env("RUSTFLAGS")
        .env("CARGO_ENCODED_RUSTFLAGS", flags(workspace)?);
    let tool = match &toolchain.rustc {
        Some(rustc) => tool.env("RUSTC", rustc),
        None => tool,
    };
    cargo::build(tool, "isoblob_wasm", ".wasm")
}

/// The compiler's flags, separated as cargo wants them, so that a path may contain spaces.
fn flags(workspace: &Workspace) -> anyhow::Result<String> {
    let mut flags = vec![
        // SHA-256 and the scanning of strings have code for it, and every browser and Node since 2021 runs it.
        "-Ctarget-feature=+simd128".to_owned(),
    ];
    // The module holds the paths of sources, for panics; they are no business of who downloads it.
    let mut hide = |path: &Path, name: &str| flags.push(format!("--remap-path-prefix={}={name}", path.display()));
    hide(&workspace.root, "/isoblob");
    hide(&cargo_home()?, "/cargo");
    for registry in fs::read_dir(cargo_home()?.join("registry/src")).into_iter().flatten().flatten() {
        hide(&registry.path(), "");
    }
    Ok(flags.join("\x1f"))
}

/// Where cargo keeps the sources of dependencies.
pub fn cargo_home() -> anyhow::Result<PathBuf> {
    let default = || env::home_dir().map(|home| home.join(".cargo"));
    env::var_os("CARGO_HOME").map(PathBuf::from).or_else(default).context("there is neither CARGO_HOME nor HOME")
}
