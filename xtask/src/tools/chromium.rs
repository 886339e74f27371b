//! The browser that the tests drive.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, bail};

use crate::step;
use crate::tools::{apt, command};

/// The names under which distributions install it.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// The path of a Chromium: the one that `CHROMIUM` or `CHROME` names, one in `PATH`, or Debian's, installed now.
///
/// # Errors
///
/// A sentence where there is none and none can be installed.
pub fn ensure() -> anyhow::Result<PathBuf> {
    for variable in ["CHROMIUM", "CHROME"] {
        if let Some(path) = env::var_os(variable).map(PathBuf::from) {
            if command::is_executable(&path) {
                return Ok(path);
            }
            bail!("{variable} is {}, which is not a program", path.display());
        }
    }
    if let Some(path) = in_path() {
        return Ok(path);
    }
    let sentence = "the tests in the browser need Chromium: install it, or name one in CHROMIUM";
    if !apt::is_here() {
        bail!(sentence);
    }
    step::step("Chromium from Debian", || apt::install(&["chromium"])).context(sentence)?;
    in_path().context(sentence)
}

fn in_path() -> Option<PathBuf> {
    NAMES.into_iter().find_map(command::find)
}
