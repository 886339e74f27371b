//! Debian's packages: installing them, and asking what apt knows.

use std::path::Path;

use crate::tools::command::{self, Tool};

/// Whether this machine has apt and dpkg.
pub fn is_here() -> bool {
    command::find("apt-get").is_some() && command::find("dpkg-deb").is_some()
}

/// Installs packages, with fresh package lists where the present ones do not do.
///
/// # Errors
///
/// A sentence that says what to install, where this user may not or apt cannot.
pub fn install(packages: &[&str]) -> anyhow::Result<()> {
    let advice = format!("Install it by hand: {}", packages.join(" "));
    let install = || {
        let tool = as_root("apt-get")?.env("DEBIAN_FRONTEND", "noninteractive");
        tool.args(["install", "--yes", "--no-install-recommends"]).args(packages).advice(advice.as_str()).run()
    };
    if packages.iter().all(|package| candidate(package).is_some()) && install().is_ok() {
        return Ok(());
    }
    update()?;
    install()
}

/// Downloads packages into a directory, without installing them.
///
/// # Errors
///
/// When apt does not know one of them, or cannot reach its sources.
pub fn download(packages: impl IntoIterator<Item = String>, directory: &Path) -> anyhow::Result<()> {
    // apt would fetch as another user, who may not write here, and warns that it does not.
    let tool = Tool::new("apt-get").args(["--quiet", "--option", "APT::Sandbox::User=", "download"]);
    tool.args(packages).directory(directory).run()
}

/// Fetches the package lists anew.
///
/// # Errors
///
/// When this user may not, or apt cannot reach its sources.
pub fn update() -> anyhow::Result<()> {
    let tool = as_root("apt-get")?.args(["update", "--quiet"]);
    tool.advice("apt cannot fetch its package lists: look at the network and at /etc/apt.").run()
}

/// The version of a package that apt would install, if apt knows the package.
pub fn candidate(package: &str) -> Option<String> {
    parse_candidate(&Tool::new("apt-cache").env("LC_ALL", "C").args(["policy", package]).read().ok()?)
}

/// The first package named in `package`'s dependencies that begins with `prefix` and goes on with a digit.
pub fn dependency(package: &str, version: &str, prefix: &str) -> Option<String> {
    let record = Tool::new("apt-cache").args(["show", &format!("{package}={version}")]).read().ok()?;
    parse_dependency(&record, prefix)
}

fn as_root(program: &str) -> anyhow::Result<Tool> {
    if Tool::new("id").arg("-u").read()?.trim() == "0" {
        return Ok(Tool::new(program));
    }
    if Tool::new("sudo").args(["-n", "true"]).succeeds() {
        return Ok(Tool::new("sudo").args(["-n", "--preserve-env=DEBIAN_FRONTEND", program]));
    }
    anyhow::bail!("only root may run {program}, and sudo asks for a password here")
}

fn parse_candidate(policy: &str) -> Option<String> {
    let candidate = policy.lines().find_map(|line| line.trim().strip_prefix("Candidate: "))?;
    (candidate != "(none)").then(|| candidate.to_owned())
}

fn parse_dependency(record: &str, prefix: &str) -> Option<String> {
    let depends = record.lines().find_map(|line| line.strip_prefix("Depends: "))?;
    let names = depends.split([',', '|']).filter_map(|part| part.split_whitespace().next());
    let mut matching = names.filter(|name| {
        name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
    });
    matching.next().map(|name| name.split_once(':').map_or(name, |(name, _architecture)| name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_candidate() {
        let known = "rust-web-src:\n  Installed: (none)\n  Candidate: 1.96.0+dfsg1-1~deb12u2\n  Version table:\n";
        for (policy, version) in [
            (known, Some("1.96.0+dfsg1-1~deb12u2")),
            ("rust-web-src:\n  Installed: (none)\n  Candidate: (none)\n", None),
            ("", None),
        ] {
            assert_eq!(parse_candidate(policy).as_deref(), version, "{policy:?}");
        }
    }

    #[test]
    fn reads_the_first_dependency_of_a_kind() {
        let record = "Package: libstd-rust-web-1.96\nPre-Depends: x1\nDepends: libc6 (>= 2.36), libllvm-doc | libllvm22:amd64 \
                      (>= 1:22), libllvm21\nDescription: Depends: libllvm9\n\nPackage: old\nDepends: libllvm1\n";
        for (prefix, name) in
            [("libllvm", Some("libllvm22")), ("libc", Some("libc6")), ("libstd-rust-web-", None), ("x", None)]
        {
            assert_eq!(parse_dependency(record, prefix).as_deref(), name, "{prefix}");
        }
        assert_eq!(parse_dependency("Package: nothing\n", "lib"), None);
    }
}
