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
    let expected =
        "error: invalid value 's3://bucket' for '--store <DIR|memory:>': a store is a directory or `memory:`\n";
    assert!(message.starts_with(expected), "{message}");
}
