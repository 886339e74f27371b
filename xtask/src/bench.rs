//! `cargo xtask bench`: the server beside its peers.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, ensure};

use crate::server;
use crate::test;
use crate::tools::command::{self, Tool};
use crate::tools::{apt, cargo};
use crate::workspace::Workspace;

/// Builds the server, has the peers, and prints tables of `server/BENCHMARKS.md`: those that are named, or all.
///
/// # Errors
///
/// When a peer cannot be had, or the benchmark fails.
pub fn bench(workspace: &Workspace, tables: &[String]) -> anyhow::Result<()> {
    let (server, nginx, stepflow) = workspace.exclusively(|| {
        if command::find("wrk").is_none() {
            apt::install(&["wrk"])?;
        }
        Ok((server::build(workspace)?, nginx(workspace)?, test::stepflow_server(workspace)?))
    })?;
    cargo::command()
        .args(["bench", "--package", "isoblob-server-bench", "--"])
        .args(tables)
        .directory(&workspace.root)
        .env("ISOBLOB_BIN", server)
        .env("NGINX_BIN", nginx)
        .env("STEPFLOW_SERVER_BIN", stepflow)
        .run_for_output()
}

/// nginx from `PATH`, or from Debian's package, which is unpacked and not installed: that would start it.
fn nginx(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    if let Some(nginx) = command::find("nginx") {
        return Ok(nginx);
    }
    let directory = workspace.target.join("nginx");
    let nginx = directory.join("usr/sbin/nginx");
    if !command::is_executable(&nginx) {
        ensure!(apt::is_here(), "the benchmark needs nginx in PATH");
        fs::create_dir_all(&directory).with_context(|| format!("cannot create {}", directory.display()))?;
        apt::download(["nginx".to_owned()], &directory)?;
        for package in fs::read_dir(&directory)?.flatten().filter(|entry| entry.path().extension().is_some()) {
            Tool::new("dpkg-deb").arg("--extract").arg(package.path()).arg(&directory).run()?;
        }
    }
    Ok(nginx)
}
