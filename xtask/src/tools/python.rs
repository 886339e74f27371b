//! Python, in a virtual environment of its own for each set of requirements.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::stamp::{Inputs, Stamp};
use crate::step;
use crate::tools::apt;
use crate::tools::command::Tool;
use crate::workspace::Workspace;

/// The oldest Python that Stepflow's SDK runs on.
const OLDEST: (u32, u32) = (3, 11);

/// Prints the version, and fails where a virtual environment cannot be made with it.
const PROBE: &str = "import sys, venv, ensurepip; print(*sys.version_info[:2])";

/// Makes the virtual environment `target/venv/<name>` with what `requirements` (relative to the workspace) names, unless
/// it is there, and returns its Python.
///
/// # Errors
///
/// A sentence where there is no fitting Python, or pip cannot install.
pub fn environment(workspace: &Workspace, name: &str, requirements: &Path) -> anyhow::Result<PathBuf> {
    let base = ensure()?;
    let requirements = workspace.root.join(requirements);
    let directory = workspace.target.join("venv").join(name);
    let python = directory.join("bin/python");
    let title = format!("Python packages of {name}");

    let inputs = Inputs::default().text("python", &base).file(&requirements)?;
    let stamp = Stamp::inside(directory.join(".isoblob-stamp"), inputs);
    if stamp.is_current() && python.exists() {
        step::unchanged(&title);
        return Ok(python);
    }
    step::step(&title, || {
        if directory.exists() {
            fs::remove_dir_all(&directory).with_context(|| format!("cannot remove {}", directory.display()))?;
        }
        Tool::new(&base).args(["-m", "venv"]).arg(&directory).run()?;
        install(&python, &requirements)?;
        stamp.set()
    })?;
    Ok(python)
}

fn install(python: &Path, requirements: &Path) -> anyhow::Result<()> {
    Tool::new(python)
        .args(["-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--requirement"])
        .arg(requirements)
        .advice("pip could not install the requirements: look at the network and `pip config list`.")
        .run()
}

/// The first Python that is new enough and can make virtual environments; Debian's is installed where there is none.
fn ensure() -> anyhow::Result<String> {
    if let Some(python) = fitting() {
        return Ok(python);
    }
    let (major, minor) = OLDEST;
    let sentence = format!("the tests with Stepflow need Python {major}.{minor} or newer with venv");
    if !apt::is_here() {
        bail!("{sentence}: install it (python.org, or your distribution's package)");
    }
    step::step("Python from Debian", || apt::install(&["python3", "python3-venv"])).context(sentence.clone())?;
    fitting().with_context(|| format!("{sentence}, and this Debian's is older"))
}

fn fitting() -> Option<String> {
    let candidates = ["python3", "/usr/bin/python3", "python3.14", "python3.13", "python3.12", "python3.11"];
    let probe = |python: &&str| Tool::new(python).args(["-c", PROBE]).read().is_ok_and(|text| is_new_enough(&text));
    candidates.into_iter().find(probe).map(str::to_owned)
}

fn is_new_enough(version: &str) -> bool {
    let numbers: Vec<u32> = version.split_whitespace().filter_map(|number| number.parse().ok()).collect();
    matches!(numbers[..], [major, minor] if (major, minor) >= OLDEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_versions_as_numbers() {
        for (version, enough) in
            [("3 11\n", true), ("3 9\n", false), ("3 20\n", true), ("4 0\n", true), ("2 7\n", false), ("", false)]
        {
            assert_eq!(is_new_enough(version), enough, "{version:?}");
        }
    }
}
