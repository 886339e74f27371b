//! Cargo, and the files that it makes.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::Value;

use crate::step;
use crate::tools::command::{self, Tool};
use crate::workspace;

/// The cargo that runs this program.
pub fn command() -> Tool {
    Tool::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Whether cargo has a subcommand that is a program of its own, such as `nextest`.
pub fn has(subcommand: &str) -> bool {
    let program = format!("cargo-{subcommand}");
    let beside = env::home_dir().map(|home| home.join(".cargo/bin").join(&program));
    command::find(&program).is_some() || beside.is_some_and(|path| command::is_executable(&path))
}

/// A program of this name, a cargo subcommand that is installed into the user's cache where there is none.
///
/// # Errors
///
/// When it cannot be installed.
pub fn installed(program: &str, version: &str) -> anyhow::Result<PathBuf> {
    let tools = workspace::cache()?.join("tools");
    let cached = tools.join("bin").join(program);
    if let Some(path) = command::find(program).or_else(|| command::is_executable(&cached).then(|| cached.clone())) {
        return Ok(path);
    }
    step::step(&format!("{program} (once, a few minutes)"), || {
        // Unoptimized: it compiles in half the time, and what it looks at is small.
        let args = ["install", program, "--version", version, "--locked", "--debug", "--root"];
        command().args(args).arg(&tools).run()
    })?;
    Ok(cached)
}

/// Runs a `cargo build` command and returns the file that ends with `ending` among those it made for `target`.
///
/// # Errors
///
/// When the build fails or makes no such file.
pub fn build(tool: Tool, target: &str, ending: &str) -> anyhow::Result<PathBuf> {
    let messages = tool.arg("--message-format=json-render-diagnostics").read_showing_progress()?;
    artifact(&messages, target, ending).with_context(|| format!("cargo built no file *{ending} of {target}"))
}

/// The file in cargo's JSON messages that was made for a target and ends with `ending`.
fn artifact(messages: &str, target: &str, ending: &str) -> Option<PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let made =
        messages.filter(|message| message["reason"] == "compiler-artifact" && message["target"]["name"] == target);
    let files = made.flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default());
    let mut paths = files.filter_map(|file| file.as_str().map(PathBuf::from));
    paths.rfind(|path| is_named(path, ending))
}

fn is_named(path: &Path, ending: &str) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGES: &str = r#"
{"reason":"compiler-artifact","target":{"name":"isoblob_server"},"filenames":["/t/release/libisoblob_server.rlib"]}
{"reason":"build-script-executed","package_id":"x"}
{"reason":"compiler-artifact","target":{"name":"isoblob"},"filenames":["/t/release/isoblob","/t/release/isoblob.dwp"]}
{"reason":"compiler-artifact","target":{"name":"isoblob_wasm"},"filenames":["/t/libisoblob_wasm.rlib","/t/isoblob_wasm.wasm"]}
{"reason":"build-finished","success":true}
"#;

    #[test]
    fn finds_the_file_that_was_made() {
        for (target, ending, path) in [
            ("isoblob", "isoblob", Some("/t/release/isoblob")),
            ("isoblob_wasm", ".wasm", Some("/t/isoblob_wasm.wasm")),
            ("isoblob_server", ".wasm", None),
            ("other", "other", None),
        ] {
            assert_eq!(artifact(MESSAGES, target, ending), path.map(PathBuf::from), "{target} {ending}");
        }
    }
}
