//! The command, as a process.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};

fn isoblob(args: &[&str]) -> Command {
    // Whatever the environment of the tests sets, the flags are the whole configuration.
    let settings = std::env::vars_os().filter(|(name, _)| !name.to_string_lossy().starts_with("ISOBLOB_"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_isoblob"));
    command.args(args).env_clear().envs(settings);
    command
}

fn run(args: &[&str]) -> Output {
    isoblob(args).output().expect("the command runs")
}

/// A process that ends with its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().and_then(|()| self.0.wait()).expect("the process ends");
    }
}

/// What is logged must not change what is done.
#[test]
fn a_server_that_logs_nothing_serves() {
    let mut command = isoblob(&["serve", "--listen", "127.0.0.1:0", "--store", "memory:", "--log", "off"]);
    let mut server = Running(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command runs"));
    let mut line = String::new();
    let stdout = server.0.stdout.take().expect("a pipe");
    BufReader::new(stdout).read_line(&mut line).expect("a line");
    let address =
        line.strip_prefix("isoblob is serving http://").and_then(|rest| rest.strip_suffix("/ from memory:\n"));
    let address = address.unwrap_or_else(|| panic!("{line}"));

    // More than one, in case the server ends after the first.
    for _ in 0..3 {
        let mut stream = TcpStream::connect(address).expect("a connection");
        let request = format!("GET /livez HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("a write");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("a read");
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\nlive\n"), "{answer}");
    }
    server.0.kill().expect("the process ends");
    let mut log = String::new();
    server.0.stderr.take().expect("a pipe").read_to_string(&mut log).expect("a read");
    assert_eq!(log, "");
}

#[test]
fn a_store_that_cannot_be_opened_is_one_clear_sentence() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().to_str().expect("UTF-8");
    let in_use = isoblob_server::store::EmbeddedStore::open(dir.path()).expect("a store");
    let output = run(&["serve", "--listen", "127.0.0.1:0", "--store", path]);
    let expected = format!("isoblob: the store in {path} is in use by another process\n");
    assert_eq!((output.status.code(), str::from_utf8(&output.stderr)), (Some(1), Ok(&*expected)));
    assert_eq!(output.stdout, b"");
    drop(in_use);
}

#[test]
fn an_address_that_is_taken_is_one_clear_sentence() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let output = run(&["serve", "--listen", &address, "--store", "memory:"]);
    let expected = format!("isoblob: cannot listen on {address}: Address already in use (os error 98)\n");
    assert_eq!((output.status.code(), str::from_utf8(&output.stderr)), (Some(1), Ok(&*expected)));
}

#[test]
fn a_wrong_setting_ends_with_status_2() {
    let output = run(&["serve", "--store", "s3://bucket"]);
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8(output.stderr).expect("UTF-8");
    let expected = "error: invalid value 's3://bucket' for '--store <DIR|URL>': a store is a directory, `memory:`, or a \
        Stepflow orchestrator's: `stepflow+` and its URL\n";
    assert!(message.starts_with(expected), "{message}");
}

/// Starts a server that follows this file, and hands out the first line of its log.
fn first_line_of_log(config: &str) -> (String, String) {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("stepflow-config.yml");
    std::fs::write(&file, config).expect("a file");
    let args = ["serve", "--listen", "127.0.0.1:0", "--store", "memory:", "--config"];
    let mut command = isoblob(&args);
    command.arg(&file).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut server = Running(command.spawn().expect("the command runs"));
    let (mut log, mut line) = (String::new(), String::new());
    BufReader::new(server.0.stderr.take().expect("a pipe")).read_line(&mut log).expect("a line");
    BufReader::new(server.0.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
    (log.replace(file.to_str().expect("UTF-8"), "FILE"), line)
}

#[test]
fn a_server_says_under_which_url_component_servers_reach_it() {
    let (log, line) = first_line_of_log("plugins: {}\n");
    let port = line.strip_prefix("isoblob is serving http://127.0.0.1:").and_then(|rest| rest.split('/').next());
    let port = port.unwrap_or_else(|| panic!("{line}"));
    let url = format!(" component servers reach these blobs at http://localhost:{port}/api/v1/blobs\n");
    assert!(log.ends_with(&url), "{log}");

    let (log, _) = first_line_of_log("blobApi: {url: 'http://${NOT_SET:-blobs}:80/api/v1/blobs'}\n");
    assert!(log.ends_with(" component servers reach these blobs at http://blobs:80/api/v1/blobs\n"), "{log}");
}

#[test]
fn a_server_refuses_to_follow_a_file_that_it_cannot() {
    let check = |config: &str, expected: &str| {
        let (log, line) = first_line_of_log(config);
        assert_eq!((log.as_str(), line.as_str()), (expected, ""), "{config}");
    };
    check(
        "blobApi: {enabled: false, url: 'http://blobs/api/v1/blobs'}\n",
        "isoblob: FILE: blobApi.enabled is false, so who follows this file serves no blobs, and finds them at \
        http://blobs/api/v1/blobs; the service that has them there starts without --config\n",
    );
    check(
        "blobApi: {enabled: false}\n",
        "isoblob: FILE: blobApi.enabled: with false, blobApi.url must say where blobs are, at line 1 column 20\n",
    );
    check("a: [1\n", "isoblob: FILE: unclosed bracket '[' at line 1, column 4\n");
    check(
        "blobApi: {}\nblobApi: {}\n",
        "isoblob: FILE: duplicate mapping key `blobApi` is not allowed here at line 2, column 1\n",
    );
}

#[test]
fn a_server_that_others_can_reach_does_not_start_unguarded() {
    let output = run(&["serve", "--listen", "0.0.0.0:0", "--store", "memory:"]);
    let expected = "isoblob: whoever reaches 0.0.0.0:0 could read and write blobs: give tokens (--tokens-file), or say \
        that this is meant (--allow-anonymous)\n";
    assert_eq!((output.status.code(), str::from_utf8(&output.stderr)), (Some(1), Ok(expected)));

    let mut command = isoblob(&["serve", "--listen", "0.0.0.0:0", "--store", "memory:"]);
    let output = command.env("ISOBLOB_TOKENS", "write:short").output().expect("the command runs");
    let expected = "isoblob: ISOBLOB_TOKENS: line 1: a token has 16 to 256 letters, digits or -._~+/=\n";
    assert_eq!((output.status.code(), str::from_utf8(&output.stderr)), (Some(1), Ok(expected)));
}

/// The value of a flag, of a variable, and in a file: the first that there is holds.
#[test]
fn a_flag_goes_before_the_environment_and_that_before_the_file() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("isoblob.yml");
    std::fs::write(&file, "store: s3://of-file\n").expect("a file");
    let rows = [
        (Some("s3://of-flag"), Some("s3://of-variable"), "error: invalid value 's3://of-flag'"),
        (None, Some("s3://of-variable"), "error: invalid value 's3://of-variable'"),
        (None, None, "isoblob: FILE: invalid value 's3://of-file'"),
    ];
    for (flag, variable, expected) in rows {
        let mut command = isoblob(&["serve", "--listen", "127.0.0.1:0"]);
        command.env("ISOBLOB_SETTINGS", &file).envs(variable.map(|value| ("ISOBLOB_STORE", value)));
        command.args(flag.into_iter().flat_map(|value| ["--store", value]));
        let output = command.output().expect("the command runs");
        let message = String::from_utf8(output.stderr).expect("UTF-8");
        let message = message.replace(file.to_str().expect("UTF-8"), "FILE");
        assert!(output.status.code() == Some(2) && message.starts_with(expected), "{message}");
    }
}
