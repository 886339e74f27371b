//! Where the compiler for `wasm32-unknown-unknown` comes from.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail, ensure};

use super::debian;
use crate::step;
use crate::tools::apt;
use crate::tools::command::{self, Tool};

/// What the wasm package is compiled for.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// Forces one source of the compiler.
const VARIABLE: &str = "ISOBLOB_WASM_TOOLCHAIN";

/// How long rustup may take to download the target.
const RUSTUP_LIMIT: Duration = Duration::from_mins(5);

/// A compiler that has the target.
pub struct Toolchain {
    /// The compiler's path; `None` is the one that cargo uses anyway.
    pub rustc: Option<PathBuf>,
}

#[derive(Debug, PartialEq, Eq)]
enum Source {
    FirstThatWorks,
    Active,
    Rustup,
    Debian,
}

/// Returns a compiler that has the target, after installing or building one where that is needed.
///
/// # Errors
///
/// A sentence that says what was tried and what to install.
pub fn ensure() -> anyhow::Result<Toolchain> {
    match source(env::var(VARIABLE).ok().as_deref())? {
        Source::FirstThatWorks => first_that_works(),
        Source::Active => {
            ensure!(active_has_target(), "the active Rust toolchain has no target {TARGET} ({VARIABLE} is active)");
            Ok(Toolchain { rustc: None })
        }
        Source::Rustup => {
            add_by_rustup()?;
            Ok(Toolchain { rustc: None })
        }
        Source::Debian => Ok(Toolchain { rustc: Some(debian::ensure()?) }),
    }
}

fn source(variable: Option<&str>) -> anyhow::Result<Source> {
    Ok(match variable {
        None | Some("") => Source::FirstThatWorks,
        Some("active") => Source::Active,
        Some("rustup") => Source::Rustup,
        Some("debian") => Source::Debian,
        Some(other) => bail!("{VARIABLE} is {other:?}, and it may be active, rustup or debian"),
    })
}

fn first_that_works() -> anyhow::Result<Toolchain> {
    if active_has_target() {
        return Ok(Toolchain { rustc: None });
    }
    // It is there because rustup did not work, and asking rustup again would take a network.
    if let Some(rustc) = debian::cached()? {
        return Ok(Toolchain { rustc: Some(rustc) });
    }
    let Err(rustup) = add_by_rustup() else {
        return Ok(Toolchain { rustc: None });
    };
    let sentence = format!("no Rust compiler for {TARGET}: run `rustup target add {TARGET}` where rustup can download");
    if !apt::is_here() {
        return Err(rustup.context(format!("{sentence} (this is not Debian, whose packages would do as well)")));
    }
    step::note(&format!("{rustup:#}; Debian's packages are next"));
    Ok(Toolchain { rustc: Some(debian::ensure().context(sentence)?) })
}

fn active_has_target() -> bool {
    has_target(env::var_os("RUSTC").as_deref().unwrap_or("rustc".as_ref()))
}

/// Whether a compiler has the target's standard library.
pub fn has_target(rustc: &OsStr) -> bool {
    let Ok(directory) = Tool::new(rustc).args(["--print", "target-libdir", "--target", TARGET]).read() else {
        return false;
    };
    let Ok(entries) = fs::read_dir(directory.trim()) else {
        return false;
    };
    entries.flatten().any(|entry| {
        let path = entry.path();
        path.extension() == Some("rlib".as_ref())
            && path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("libcore-"))
    })
}

fn add_by_rustup() -> anyhow::Result<()> {
    if command::find("rustup").is_none() {
        bail!("there is no rustup");
    }
    step::step("wasm target by rustup", || {
        Tool::new("rustup").args(["target", "add", TARGET]).run_within(RUSTUP_LIMIT)?;
        ensure!(active_has_target(), "rustup added {TARGET} to a toolchain that is not the active one");
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_names_a_source() {
        for (variable, expected) in [
            (None, Source::FirstThatWorks),
            (Some(""), Source::FirstThatWorks),
            (Some("active"), Source::Active),
            (Some("rustup"), Source::Rustup),
            (Some("debian"), Source::Debian),
        ] {
            assert_eq!(source(variable).expect("it is one of them"), expected, "{variable:?}");
        }
        let error = source(Some("Debian")).expect_err("names are lowercase");
        assert_eq!(error.to_string(), r#"ISOBLOB_WASM_TOOLCHAIN is "Debian", and it may be active, rustup or debian"#);
    }

    #[test]
    fn a_compiler_that_is_not_there_has_no_target() {
        assert!(!has_target("isoblob-no-such-rustc".as_ref()));
    }
}
