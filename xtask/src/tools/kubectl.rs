//! kubectl, of which the tests use what needs no cluster: `kubectl kustomize`.

use anyhow::{Context, bail};

use crate::step;
use crate::tools::{apt, command};

/// Makes sure that kubectl is in `PATH`, and installs Debian's where there is none.
///
/// # Errors
///
/// A sentence where there is none and none can be installed.
pub fn ensure() -> anyhow::Result<()> {
    let sentence = "the tests of deploy/kubernetes need kubectl 1.22 or newer: install it (kubernetes.io)";
    if command::find("kubectl").is_some() {
        return Ok(());
    }
    if !apt::is_here() {
        bail!(sentence);
    }
    step::step("kubectl from Debian", || apt::install(&["kubernetes-client"])).context(sentence)
}
