//! The crate `isoblob-wasm`, compiled for WebAssembly.

use std::env;
use std::path::PathBuf;

use anyhow::Context;

use super::toolchain::{TARGET, Toolchain};
use crate::tools::cargo;
use crate::workspace::Workspace;

/// Compiles the crate and returns the path of the module.
///
/// # Errors
///
/// When the crate does not compile.
pub fn build(workspace: &Workspace, toolchain: &Toolchain) -> anyhow::Result<PathBuf> {
    let tool = cargo::command()
        .directory(&workspace.root)
        .args(["build", "--package", "isoblob-wasm", "--profile", "wasm", "--target", TARGET, "--target-dir"])
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
    let cargo_home = cargo_home()?;
    let flags = [
        // SHA-256 and the scanning of strings have code for it, and every browser and Node since 2021 runs it.
        "-Ctarget-feature=+simd128".to_owned(),
        // The module holds the paths of sources, for panics; they are no business of who downloads it.
        format!("--remap-path-prefix={}=/cargo", cargo_home.display()),
        format!("--remap-path-prefix={}=/isoblob", workspace.root.display()),
    ];
    Ok(flags.join("\x1f"))
}

/// Where cargo keeps the sources of dependencies.
pub fn cargo_home() -> anyhow::Result<PathBuf> {
    let default = || env::home_dir().map(|home| home.join(".cargo"));
    env::var_os("CARGO_HOME").map(PathBuf::from).or_else(default).context("there is neither CARGO_HOME nor HOME")
}
