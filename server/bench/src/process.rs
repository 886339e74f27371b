//! The servers that are measured, each a process of its own.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tempfile::TempDir;

/// A server that runs, and ends with this value.
pub struct Running {
    child: Child,
    /// Its root, without a slash at the end.
    pub root: String,
    _files: TempDir,
}

impl Running {
    /// Where it has blobs.
    pub fn blobs(&self) -> String {
        format!("{}/api/v1/blobs", self.root)
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().expect("it runs");
    }

    /// What the kernel says of its memory, in bytes: `VmRSS` now, `VmHWM` at most so far.
    pub fn memory(&self, field: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("Linux");
        let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':')).expect("the field");
        1024 * line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number of kB")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail where it has ended by itself, of which the benchmark has heard already. nginx ends its workers only
        // where it is asked to end.
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        let _ = self.child.wait();
    }
}

/// isoblob as it is released, over a store. Neither it nor its peers log each request.
pub fn isoblob(store: &Path) -> Running {
    let files = TempDir::new().expect("a directory");
    let mut child = Command::new(program("ISOBLOB_BIN"))
        .args(["serve", "--listen", "127.0.0.1:0", "--log", "info,isoblob::access=off", "--store"])
        .arg(store)
        .env_remove("ISOBLOB_BIN")
        .stdout(Stdio::piped())
        .stderr(File::create(files.path().join("log")).expect("a file"))
        .spawn()
        .expect("isoblob runs");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("it is piped")).read_line(&mut line).expect("a line");
    let address = line.strip_prefix("isoblob is serving http://").and_then(|rest| rest.split_once('/'));
    let (address, _) = address.expect("isoblob says where it serves");
    Running { child, root: format!("http://{address}"), _files: files }
}

/// nginx, with one file at `/blob`, as many workers as there are cores, and connections that it does not end.
pub fn nginx(file: &[u8]) -> Running {
    let files = TempDir::new().expect("a directory");
    let address = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
    let (path, configuration) = (files.path().display(), files.path().join("nginx.conf"));
    fs::write(files.path().join("blob"), file).expect("a file");
    let text = format!(
        "daemon off; worker_processes auto; pid {path}/pid; error_log {path}/log; user root;
         events {{ }}
         http {{
             access_log off; sendfile on; keepalive_requests 1000000000;
             client_body_temp_path {path}/1; proxy_temp_path {path}/2; fastcgi_temp_path {path}/3;
             uwsgi_temp_path {path}/4; scgi_temp_path {path}/5;
             server {{ listen {address}; root {path}; }}
         }}"
    );
    fs::write(&configuration, text).expect("a file");
    let mut command = Command::new(program("NGINX_BIN"));
    let child = command.arg("-c").arg(configuration).arg("-p").arg(files.path()).stderr(Stdio::null()).spawn();
    let running = Running { child: child.expect("nginx runs"), root: format!("http://{address}"), _files: files };
    while TcpStream::connect(address).is_err() {
        thread::sleep(Duration::from_millis(10));
    }
    running
}

/// Stepflow's own server, with the storage that its configuration describes.
pub fn stepflow(storage: &serde_json::Value) -> Running {
    let files = TempDir::new().expect("a directory");
    let mut child = Command::new(program("STEPFLOW_SERVER_BIN"))
        .args(["--port", "0", "--log-level", "error", "--config-stdin"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(File::create(files.path().join("log")).expect("a file"))
        .spawn()
        .expect("Stepflow's server runs");
    let configuration =
        json!({ "plugins": {}, "routes": {}, "storageConfig": storage, "blobApi": { "enabled": true } });
    child.stdin.take().expect("it is piped").write_all(configuration.to_string().as_bytes()).expect("it reads");
    let mut said = BufReader::new(child.stdout.take().expect("it is piped")).lines().map_while(Result::ok);
    let port = said.find_map(|line| serde_json::from_str::<serde_json::Value>(&line).ok()?["port"].as_u64());
    let root = format!("http://127.0.0.1:{}", port.expect("Stepflow's server says its port"));
    Running { child, root, _files: files }
}

/// Posts JSON, and returns the JSON that is answered.
pub fn post(url: &str, json: &str) -> serde_json::Value {
    let mut response = ureq::post(url).content_type("application/json").send(json).expect("a good answer");
    serde_json::from_str(&response.body_mut().read_to_string().expect("text")).expect("JSON")
}

/// Posts JSON by a connection of its own, with as little in between as can be.
pub fn post_at_once(running: &Running, json: &str) {
    let address = running.root.strip_prefix("http://").expect("a root");
    let mut stream = TcpStream::connect(address).expect("it listens");
    let head = format!(
        "POST /api/v1/blobs HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        json.len()
    );
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(json.as_bytes())).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

fn program(variable: &str) -> OsString {
    let Some(path) = std::env::var_os(variable) else {
        eprintln!("{variable} must name a program; `cargo xtask bench` sets it");
        std::process::exit(2);
    };
    path
}
