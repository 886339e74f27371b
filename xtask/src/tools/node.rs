//! Node.

use anyhow::{Context, ensure};

use crate::tools::command::Tool;

/// The oldest version of Node that the package's tools run on.
const OLDEST: (u32, u32) = (20, 19);

/// Makes sure that Node is here and new enough, and returns its version.
///
/// # Errors
///
/// A sentence that says which Node to install.
pub fn ensure() -> anyhow::Result<String> {
    let (major, minor) = OLDEST;
    let advice =
        format!("Install Node {major}.{minor} or newer, with npm: nodejs.org, or your distribution's package.");
    let version = Tool::new("node").arg("--version").advice(advice.as_str()).read()?;
    let version = version.trim();
    let release = release(version).with_context(|| format!("`node --version` printed {version:?}"))?;
    ensure!(release >= OLDEST, "Node {version} is too old.\n  {advice}");
    Ok(version.to_owned())
}

/// The major and the minor version.
fn release(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.strip_prefix('v')?.split('.').map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_release() {
        for (version, expected) in [
            ("v20.20.2", Some((20, 20))),
            ("v24.0.0-nightly2025", Some((24, 0))),
            ("20.1.0", None),
            ("v20", None),
            ("v", None),
            ("", None),
        ] {
            assert_eq!(release(version), expected, "{version:?}");
        }
        assert!(release("v20.9.0") < Some(OLDEST));
        assert!(release("v22.12.0") > Some(OLDEST));
    }
}
