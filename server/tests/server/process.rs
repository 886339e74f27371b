//! The command, as a process.

use std::process::Output;

use rustix::process::Signal;

use crate::serving::{Serving, isoblob};

fn run(args: &[&str]) -> Output {
    isoblob(args).output().expect("the command runs")
}

/// What is logged must not change what is done.
#[test]
fn a_server_that_logs_nothing_serves() {
    let server = Serving::start(&["--log", "off"], &[]);
    assert_eq!(server.line, format!("isoblob is serving http://{}/ from memory:\n", server.address));
    // More than one, in case the server ends after the first.
    for _ in 0..3 {
        let answer = server.get("/livez");
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\nlive\n"), "{answer}");
    }
    assert_eq!(server.terminate(), "");
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

/// A file that `--config` may name.
fn config(text: &str) -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("stepflow-config.yml");
    std::fs::write(&file, text).expect("a file");
    let path = file.to_str().expect("UTF-8").to_owned();
    (dir, path)
}

#[test]
fn a_server_says_under_which_url_component_servers_reach_it() {
    let check = |text: &str, expected: &dyn Fn(&str) -> String| {
        let (_dir, file) = config(text);
        let server = Serving::start(&["--config", &file], &[]);
        let port = server.address.rsplit(':').next().expect("a port").to_owned();
        let expected = format!(" component servers reach these blobs at {}", expected(&port));
        let log = server.terminate();
        assert!(log.lines().next().is_some_and(|line| line.ends_with(&expected)), "{log}");
    };
    check("plugins: {}\n", &|port| format!("http://localhost:{port}/api/v1/blobs"));
    let url = "blobApi: {url: 'http://${NOT_SET:-blobs}:80/api/v1/blobs'}\n";
    check(url, &|_| "http://blobs:80/api/v1/blobs".into());
}

#[test]
fn a_server_refuses_to_follow_a_file_that_it_cannot() {
    let check = |text: &str, expected: &str| {
        let (_dir, file) = config(text);
        let output = run(&["serve", "--listen", "127.0.0.1:0", "--store", "memory:", "--config", &file]);
        let message = String::from_utf8(output.stderr).expect("UTF-8").replace(&file, "FILE");
        assert_eq!((output.status.code(), &*message, &*output.stdout), (Some(1), expected, &b""[..]), "{text}");
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

/// A server that is told to takes up new tokens, and keeps the old ones where the new are wrong.
#[test]
fn tokens_are_read_again_when_the_process_is_told_to() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("tokens");
    std::fs::write(&file, "read:the-first-0123456789").expect("a file");
    let server = Serving::start(&["--tokens-file", file.to_str().expect("UTF-8")], &[]);
    let ask = |token: &str| {
        let answer = server.ask(&format!(
            "GET /metrics HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n"
        ));
        answer[9..12].to_owned()
    };
    let until_logged = |text: &str| {
        while !server.log().contains(text) {
            std::thread::yield_now();
        }
    };
    assert_eq!([ask("the-first-0123456789"), ask("the-other-0123456789")], ["200", "401"]);
    std::fs::write(&file, "read:the-other-0123456789").expect("a file");
    server.signal(Signal::HUP);
    until_logged("took up new tokens from ");
    assert_eq!([ask("the-first-0123456789"), ask("the-other-0123456789")], ["401", "200"]);
    std::fs::write(&file, "read:").expect("a file");
    server.signal(Signal::HUP);
    until_logged("kept the tokens as they were: ");
    assert_eq!([ask("the-first-0123456789"), ask("the-other-0123456789")], ["401", "200"]);
    let log = server.terminate();
    assert!(!log.contains("0123456789"), "a token is in the log: {log}");
}

#[test]
fn a_log_of_json_has_an_object_a_line() {
    let server = Serving::start(&["--log-format", "json"], &[]);
    let request = "GET /nowhere?q HTTP/1.1\r\nhost: localhost\r\nx-request-id: mine\r\nconnection: close\r\n\r\n";
    let answer = server.ask(request);
    assert!(answer.contains("\r\nx-request-id: mine\r\n"), "{answer}");
    let log = server.terminate();
    let lines: Vec<serde_json::Value> =
        log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect();
    let access = lines.iter().find(|line| line["target"] == "isoblob::access").expect("the request");
    let found = ["method", "path", "status", "client", "request"].map(|name| access[name].to_string());
    assert_eq!(found, ["\"GET\"", "\"/nowhere\"", "404", "\"127.0.0.1\"", "\"mine\""]);
}
