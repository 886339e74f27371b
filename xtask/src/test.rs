//! `cargo xtask test`: every test, in every language.

use std::path::{Path, PathBuf};

use crate::page;
use crate::report::Report;
use crate::server;
use crate::tools::command::Tool;
use crate::tools::{cargo, chromium, kubectl, npm, postgres, python};
use crate::workspace::Workspace;

/// The tests in Node and Chromium, relative to the workspace.
const JAVASCRIPT: &str = "tests/js";

/// The tests with Stepflow's own SDK and orchestrator, relative to the workspace: of release 0.11, which reach blobs by
/// HTTP, and of 0.13, which do by gRPC.
const STEPFLOW: &str = "tests/stepflow";
const STEPFLOW_13: &str = "tests/stepflow13";

/// The image and the manifests, relative to the workspace.
const DEPLOY: &str = "tests/deploy";

/// The API beside its document, relative to the workspace.
const OPENAPI: &str = "tests/openapi";

/// The canonical form beside that of other implementations, relative to the workspace.
const PEERS: &str = "tests/peers";

/// Runs every test and prints a summary.
///
/// # Errors
///
/// When a test failed, or what it needs could not be had.
pub fn test(workspace: &Workspace) -> anyhow::Result<()> {
    let mut report = Report::default();
    run(workspace, &mut report);
    report.finish()
}

/// Runs every test; without what all of them are about, none.
pub fn run(workspace: &Workspace, report: &mut Report) {
    let build = || workspace.exclusively(|| Environment::prepare(workspace));
    let Some(environment) = report.check("wasm package, page and server", build) else {
        return;
    };
    report.check("Rust tests", || rust(workspace, &environment));
    report.check("Rust examples in the docs", || doctests(workspace));
    report.check("JavaScript tests in Node and Chromium", || javascript(workspace, &environment));
    report.check("Python tests with Stepflow by HTTP", || with_server(workspace, &environment, "stepflow", STEPFLOW));
    report.check("Python tests with Stepflow by gRPC", || {
        with_server(workspace, &environment, "stepflow13", STEPFLOW_13)
    });
    report.check("deployment", || deploy(workspace, &environment));
    report.check("the API beside its document", || with_server(workspace, &environment, "openapi", OPENAPI));
    report.check("other canonicalizers", || peers(workspace));
}

/// What tests are told in their environment.
struct Environment {
    /// The server as it is released: `ISOBLOB_BIN`.
    server: PathBuf,
}

impl Environment {
    fn prepare(workspace: &Workspace) -> anyhow::Result<Self> {
        page::build(workspace)?;
        Ok(Self { server: server::build(workspace)? })
    }

    fn of(&self, tool: Tool) -> Tool {
        tool.env("ISOBLOB_BIN", &self.server)
    }
}

fn rust(workspace: &Workspace, environment: &Environment) -> anyhow::Result<()> {
    workspace.exclusively(postgres::ensure)?;
    let runner: &[&str] = if cargo::has("nextest") { &["nextest", "run"] } else { &["test", "--tests"] };
    let tool = cargo::command().args(runner).args(["--workspace", "--no-fail-fast"]).directory(&workspace.root);
    environment.of(tool).run_for_output()
}

fn doctests(workspace: &Workspace) -> anyhow::Result<()> {
    cargo::command()
        .args(["test", "--doc", "--workspace", "--no-fail-fast"])
        .directory(&workspace.root)
        .run_for_output()
}

fn javascript(workspace: &Workspace, environment: &Environment) -> anyhow::Result<()> {
    let chromium = chromium::ensure()?;
    workspace.exclusively(|| npm::install(workspace, JAVASCRIPT))?;
    let tool = npm::script(&workspace.root.join(JAVASCRIPT), "test").env("CHROMIUM", chromium);
    environment.of(tool).run_for_output()
}

fn with_server(workspace: &Workspace, environment: &Environment, name: &str, folder: &str) -> anyhow::Result<()> {
    environment.of(pytest(workspace, name, folder)?).run_for_output()
}

fn deploy(workspace: &Workspace, environment: &Environment) -> anyhow::Result<()> {
    kubectl::ensure()?;
    environment.of(pytest(workspace, "deploy", DEPLOY)?).run_for_output()
}

fn peers(workspace: &Workspace) -> anyhow::Result<()> {
    workspace.exclusively(|| npm::install(workspace, PEERS))?;
    pytest(workspace, "peers", PEERS)?.run_for_output()
}

/// Stepflow's server, of release 0.11, from the wheel that the tests with it install.
///
/// # Errors
///
/// When the wheel cannot be installed.
pub fn stepflow_server(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let python = environment(workspace, "stepflow", STEPFLOW)?;
    let package = Tool::new(python).args(["-c", "import stepflow_orchestrator as it; print(*it.__path__)"]).read()?;
    Ok(Path::new(package.trim()).join("bin/stepflow-server"))
}

/// Python with what the requirements of a folder name.
fn environment(workspace: &Workspace, name: &str, folder: &str) -> anyhow::Result<PathBuf> {
    python::environment(workspace, name, &Path::new(folder).join("requirements.txt"))
}

/// Pytest in a folder of the workspace, with what its requirements name.
fn pytest(workspace: &Workspace, name: &str, folder: &str) -> anyhow::Result<Tool> {
    let python = workspace.exclusively(|| environment(workspace, name, folder))?;
    Ok(Tool::new(python).args(["-m", "pytest"]).directory(workspace.root.join(folder)))
}
