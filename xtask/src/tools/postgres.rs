//! The server of `PostgreSQL` that tests start for themselves.

use std::fs;

use anyhow::{Context, bail};

use crate::step;
use crate::tools::{apt, command};

/// Where Debian has the programs of each version, which it leaves out of `PATH`.
const DEBIAN: &str = "/usr/lib/postgresql";

/// Makes sure that the server's programs are here, in `PATH` or where Debian has them; installs Debian's where they are not.
///
/// # Errors
///
/// A sentence where there are none and none can be installed.
pub fn ensure() -> anyhow::Result<()> {
    if is_here() {
        return Ok(());
    }
    let sentence = "the tests of the store in PostgreSQL need its server: install it, with `initdb` in PATH";
    if !apt::is_here() {
        bail!(sentence);
    }
    step::step("PostgreSQL from Debian", || apt::install(&["postgresql"])).context(sentence)?;
    if is_here() { Ok(()) } else { bail!(sentence) }
}

fn is_here() -> bool {
    let versions = fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    let mut programs = versions.map(|version| version.path().join("bin/initdb"));
    command::find("initdb").is_some() || programs.any(|program| command::is_executable(&program))
}
