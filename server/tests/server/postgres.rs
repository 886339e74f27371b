//! A PostgreSQL server of a test's own.

use std::env;
use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// Where Debian has the programs of each version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// The user that root becomes, as PostgreSQL refuses to run for root.
const USER: &str = "postgres";

/// A PostgreSQL server on a socket in a directory of its own, as long as it is kept. It does not wait for the disk.
pub struct Cluster {
    dir: TempDir,
    programs: PathBuf,
    settings: String,
}

impl Cluster {
    /// Starts a server that listens on nothing but its socket.
    pub fn start() -> Self {
        Self::start_with("-c listen_addresses=", |_| {})
    }

    /// Starts a server with settings, once its directory was prepared.
    pub fn start_with(settings: &str, prepare: impl FnOnce(&Path)) -> Self {
        let cluster =
            Self { dir: tempfile::tempdir().expect("a directory"), programs: programs(), settings: settings.into() };
        if let Some((user, group)) = other_user() {
            chown(cluster.dir.path(), Some(user), Some(group)).expect("root may");
        }
        let args = ["--no-sync", "--no-instructions", "--auth=trust", "--username=stepflow", "--encoding=UTF8"];
        cluster.run(cluster.program("initdb").args(args).arg("--locale=C").arg("--pgdata").arg(cluster.data()));
        prepare(&cluster.data());
        cluster.launch();
        cluster
    }

    /// Starts the server, and returns once it answers.
    pub fn launch(&self) {
        let options = format!("-c fsync=off -k {} {}", self.dir.path().display(), self.settings);
        let log = self.dir.path().join("log");
        self.run(self.control("start").arg("--log").arg(log).arg("--options").arg(options));
    }

    /// Ends the server, with its connections.
    pub fn stop(&self) {
        self.run(self.control("stop").arg("--mode=fast"));
    }

    /// The URL of a database, with more parameters.
    pub fn url(&self, parameters: &str) -> String {
        format!("postgres://stepflow@localhost/postgres?host={}{parameters}", self.dir.path().display())
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn control(&self, verb: &str) -> Command {
        let mut command = self.program("pg_ctl");
        command.arg(verb).arg("--wait").arg("--silent").arg("--pgdata").arg(self.data());
        command
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.current_dir(self.dir.path());
        if let Some((user, group)) = other_user() {
            command.uid(user).gid(group);
        }
        command
    }

    fn run(&self, command: &mut Command) {
        let Output { status, stderr, .. } = command.output().expect("it runs");
        let log = || fs::read_to_string(self.dir.path().join("log")).unwrap_or_default();
        assert!(status.success(), "{command:?}: {status}\n{}{}", String::from_utf8_lossy(&stderr), log());
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // One that has stopped has no file of its process any more.
        if self.data().join("postmaster.pid").exists() {
            self.run(self.control("stop").arg("--mode=immediate"));
        }
    }
}

/// The directory of PostgreSQL's programs: in `PATH`, or the newest of Debian.
fn programs() -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    if let Some(dir) = env::split_paths(&path).find(|dir| dir.join("initdb").exists()) {
        return dir;
    }
    let versions =
        fs::read_dir(DEBIAN).into_iter().flatten().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let newest = versions.filter_map(|version| version.parse::<u32>().ok()).max();
    let newest = newest.expect("these tests need PostgreSQL's server: `cargo xtask test` installs it");
    Path::new(DEBIAN).join(newest.to_string()).join("bin")
}

/// The ids of the user that the server runs for, where that is another one.
pub fn other_user() -> Option<(u32, u32)> {
    let id = |args: &[&str]| {
        let output = Command::new("id").args(args).output().expect("`id` runs");
        String::from_utf8_lossy(&output.stdout).trim().parse().unwrap_or_else(|_| panic!("there is no user {USER}"))
    };
    (id(&["-u"]) == 0).then(|| (id(&["-u", USER]), id(&["-g", USER])))
}
