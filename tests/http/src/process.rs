//! [`Server`]: one `isoblob serve`, and the ways it ends.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// What the server prints on standard output once it accepts connections, before its URL.
const READY: &str = "isoblob is serving ";

/// A running server. It is killed when the test lets go of it.
pub struct Server {
    child: Child,
    /// Where it accepts connections.
    pub address: SocketAddr,
    /// The line that said so.
    pub ready: String,
    log: PathBuf,
    _files: TempDir,
}

impl Server {
    /// Starts a server that keeps its blobs in memory.
    pub fn in_memory() -> Self {
        Self::start("memory:", &[])
    }

    /// Starts a server on a directory.
    pub fn on(store: &Path) -> Self {
        Self::start(store.to_str().expect("the path of a temporary directory is UTF-8"), &[])
    }

    /// Starts a server on a free port, and returns once it has said that it accepts connections.
    pub fn start(store: &str, options: &[&str]) -> Self {
        let files = TempDir::new().unwrap();
        let log = files.path().join("log");
        let mut child = serve("127.0.0.1:0", store)
            .args(options)
            .stdout(Stdio::piped())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .expect("the binary runs");
        let mut ready = String::new();
        BufReader::new(child.stdout.take().expect("it is piped")).read_line(&mut ready).unwrap();
        let url = ready.strip_prefix(READY).and_then(|rest| rest.split_once(" from "));
        let Some((url, _)) = url else {
            // Already gone, or about to be told to go.
            let _ = child.kill();
            let _ = child.wait();
            panic!("the server said {ready:?} and logged {}", fs::read_to_string(&log).unwrap());
        };
        let address = url.strip_prefix("http://").and_then(|rest| rest.strip_suffix('/')).expect(url);
        Self { child, address: address.parse().expect(address), ready: ready.clone(), log, _files: files }
    }

    /// `kill -9`, and the server is gone.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends SIGTERM, and does not wait.
    pub fn terminate(&self) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, Signal::TERM).unwrap();
    }

    /// Waits until the server has ended of its own accord.
    pub fn wait(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// The most memory that it has had so far, in bytes.
    #[cfg(target_os = "linux")]
    pub fn peak_memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        1024 * peak.expect("the kernel tells it").parse::<u64>().unwrap()
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail where the test has ended the server already, as it should be.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<_> = log.lines().rev().take(20).collect();
            eprintln!("the end of the log of {}:", self.address);
            lines.iter().rev().for_each(|line| eprintln!("{line}"));
        }
    }
}

/// The command line of a server.
pub fn serve(listen: &str, store: &str) -> Command {
    let mut command = Command::new(binary());
    command.args(["serve", "--listen", listen, "--store", store]).stdin(Stdio::null());
    command
}

/// The binary under test: the one that `ISOBLOB_BIN` names, else the one that cargo builds now.
fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| std::env::var_os("ISOBLOB_BIN").map_or_else(build, PathBuf::from))
}

fn build() -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .args(["build", "--package", "isoblob-server", "--message-format", "json-render-diagnostics"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "cargo cannot build the server");
    let artifact = |line: &[u8]| {
        let message: serde_json::Value = serde_json::from_slice(line).unwrap();
        let is_binary = message["target"]["name"] == "isoblob" && message["target"]["kind"][0] == "bin";
        is_binary.then(|| message["executable"].as_str().map(PathBuf::from)).flatten()
    };
    let lines = output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.filter_map(artifact).next_back().expect("isoblob-server has a binary `isoblob`")
}
