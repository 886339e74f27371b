//! Load by `wrk`, from one thread.

use std::fs;
use std::process::Command;

use tempfile::TempDir;

/// The number of connections, each with one request under way.
const CONNECTIONS: usize = 64;

/// How long one measurement takes, in seconds.
const SECONDS: usize = 2;

/// Has each request put another blob of 1 KiB: its number is of the turn and of the request.
const PUTS: &str = r#"
local turn, number, rest = 0, 0, string.rep("x", 1000)
local headers = { ["Content-Type"] = "application/json" }
function init(arguments) turn = arguments[1] end
function request()
  number = number + 1
  local body = string.format('{"data":{"n":"%04d-%08d","rest":"%s"}}', turn, number, rest)
  return wrk.format("POST", nil, headers, body)
end
"#;

/// The requests for one URL that are answered a second.
pub fn gets(url: &str, header: &str) -> f64 {
    run(&["--header", header, url])
}

/// The puts of new blobs of 1 KiB to a URL that are answered a second. No other turn puts the same blobs.
pub fn puts(url: &str, turn: usize) -> f64 {
    let files = TempDir::new().expect("a directory");
    let script = files.path().join("puts.lua");
    fs::write(&script, PUTS).expect("a file");
    run(&["--script", script.to_str().expect("a path in UTF-8"), url, "--", &turn.to_string()])
}

fn run(arguments: &[&str]) -> f64 {
    let (connections, duration) = (CONNECTIONS.to_string(), format!("{SECONDS}s"));
    let load = ["--threads", "1", "--connections", &connections, "--duration", &duration, "--timeout", "30s"];
    let output = Command::new("wrk").args(load).args(arguments).output().expect("wrk runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "wrk failed: {said}");
    for trouble in ["Non-2xx", "Socket errors"] {
        assert!(!said.contains(trouble), "not every request was answered well: {said}");
    }
    let rate = said.lines().find_map(|line| line.strip_prefix("Requests/sec:"));
    rate.and_then(|rate| rate.trim().parse().ok()).expect("wrk says how many requests there were")
}
