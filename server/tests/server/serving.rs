//! The command as a process: [`isoblob`], and a server that it runs, [`Serving`].

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// The command with these arguments, whatever the environment of the tests sets.
pub fn isoblob(args: &[&str]) -> Command {
    let is_setting = |name: &str| name.starts_with("ISOBLOB_") || name.starts_with("OTEL_");
    let rest = std::env::vars_os().filter(|(name, _)| !is_setting(&name.to_string_lossy()));
    let mut command = Command::new(env!("CARGO_BIN_EXE_isoblob"));
    command.args(args).env_clear().envs(rest);
    command
}

/// A server on a free port, which ends with its test.
pub struct Serving {
    child: Child,
    /// What it said once it was ready.
    pub line: String,
    /// The host and port that it said.
    pub address: String,
    files: TempDir,
}

impl Serving {
    /// Starts a server over a store in memory, unless the flags name another.
    pub fn start(flags: &[&str], environment: &[(&str, &str)]) -> Self {
        let files = tempfile::tempdir().expect("a directory");
        let log = File::create(files.path().join("log")).expect("a file");
        let mut command = isoblob(&["serve", "--listen", "127.0.0.1:0"]);
        let defaults: &[&str] = if flags.contains(&"--store") { &[] } else { &["--store", "memory:"] };
        command.args(defaults).args(flags).envs(environment.iter().copied());
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().expect("the command runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        let address = line.split_once("://").and_then(|(_, rest)| rest.split('/').next()).unwrap_or_default().into();
        let server = Self { child, line, address, files };
        assert!(server.line.starts_with("isoblob is serving "), "{}", server.log());
        server
    }

    /// What it answers to a request that closes its connection.
    pub fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        stream.write_all(request.as_bytes()).expect("a write");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("a read");
        answer
    }

    /// What it answers to a `GET`.
    pub fn get(&self, path: &str) -> String {
        self.ask(&format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.address))
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.files.path().join("log")).expect("a log")
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("a process");
    }

    /// Tells it to end, waits until it has done so in peace, and returns its log.
    pub fn terminate(mut self) -> String {
        self.signal(Signal::TERM);
        let status = self.child.wait().expect("a process");
        assert!(status.success(), "{status}: {}", self.log());
        self.log()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // Where the test has ended it already, there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
