//! `cargo xtask ci`: what CI runs, and what a person runs before a push.

use crate::fuzz;
use crate::page;
use crate::report::Report;
use crate::test;
use crate::tools::{cargo, deny, npm};
use crate::workspace::Workspace;

/// How long each fuzz target runs: enough to meet again what it met before.
const FUZZ_SECONDS: u32 = 20;

/// Runs every check and every test, and prints a summary.
///
/// # Errors
///
/// When one of them failed.
pub fn ci(workspace: &Workspace) -> anyhow::Result<()> {
    let cargo = |args: &[&str]| cargo::command().args(args).directory(&workspace.root);
    let mut report = Report::default();
    report.check("format", || cargo(&["fmt", "--all", "--check"]).advice("Run `cargo fmt --all`.").run_for_output());
    report.check("clippy", || {
        cargo(&["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]).run_for_output()
    });
    report.check("docs", || {
        cargo(&["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "--deny warnings").run_for_output()
    });
    report.check("licences and sources of dependencies", || deny::check(workspace));
    test::run(workspace, &mut report);
    // After the tests, which build the npm package whose types the page uses.
    report
        .check("types of the page", || npm::script(&workspace.root.join(page::SOURCES), "typecheck").run_for_output());
    report.check("fuzzing", || fuzz::fuzz(workspace, None, FUZZ_SECONDS));
    report.finish()
}
