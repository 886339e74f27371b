//! The commands beside `serve` and `call`, as processes.

use std::fs::File;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};

use isoblob_core::BlobId;

use crate::serving::{Serving, isoblob};

/// What a command says, with `DIR` for the directory that it runs in: its status, standard output, standard error.
#[derive(Debug, PartialEq, Eq)]
struct Said(i32, String, String);

fn said(status: i32, out: &str, error: &str) -> Said {
    Said(status, out.into(), error.into())
}

/// Runs a command in a directory, with something on its standard input.
fn run_in(dir: &Path, args: &[&str], input: &str) -> Said {
    let mut command = isoblob(args);
    command.current_dir(dir).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command runs");
    // A command that does not read its input may have ended.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("the command ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Said(output.status.code().expect("it ends by itself"), text(output.stdout), text(output.stderr))
}

fn run(args: &[&str], input: &str) -> Said {
    run_in(&std::env::temp_dir(), args, input)
}

/// A directory with these files.
fn dir(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    for (name, content) in files {
        std::fs::write(dir.path().join(name), content).expect("a file");
    }
    dir
}

const TEXT: &str = r#"{"b": [1.0, 505874924095815681], "a": "\u00e9"}"#;
const CANONICAL: &str = r#"{"a":"é","b":[1,505874924095815681]}"#;

fn id() -> String {
    BlobId::of(CANONICAL.as_bytes()).to_string()
}

#[test]
fn ids_are_of_the_canonical_form_or_of_bytes() {
    let dir = dir(&[("a.json", TEXT), ("b.json", CANONICAL)]);
    let (id, bytes) = (id(), BlobId::of(TEXT.as_bytes()));
    assert_eq!(run(&["id"], TEXT), said(0, &format!("{id}\n"), ""));
    assert_eq!(run_in(dir.path(), &["id", "a.json"], ""), said(0, &format!("{id}\n"), ""));
    let both = format!("{id}  a.json\n{id}  b.json\n");
    assert_eq!(run_in(dir.path(), &["id", "a.json", "b.json"], ""), said(0, &both, ""));
    let line = format!("{{\"blobId\":\"{bytes}\",\"file\":\"a.json\"}}\n");
    assert_eq!(run_in(dir.path(), &["id", "--type", "binary", "--json", "a.json"], ""), said(0, &line, ""));

    let repeated = "isoblob: standard input: the object has this key already, at line 1 column 8 (byte 7), in `/a`\n";
    assert_eq!(run(&["id", "-"], r#"{"a":1,"a":2}"#), said(1, "", repeated));
    let flow = "isoblob: standard input: ";
    let refused = run(&["id", "--type", "flow"], "[]");
    assert!(refused.0 == 1 && refused.2.starts_with(flow), "{refused:?}");
    let missing = "isoblob: cannot read nowhere.json: No such file or directory (os error 2)\n";
    assert_eq!(run(&["id", "nowhere.json"], ""), said(2, "", missing));
}

/// A file that is larger than the memory which the command may have.
#[test]
fn a_large_file_is_hashed_in_little_memory() {
    let dir = dir(&[]);
    let path = dir.path().join("zeros");
    File::create(&path).and_then(|file| file.set_len(1 << 30)).expect("a file");
    let limited = format!("ulimit -v {}; exec \"$0\" \"$@\"", (512 << 20) >> 10);
    let mut command = Command::new("sh");
    command.args(["-c", &limited, env!("CARGO_BIN_EXE_isoblob"), "id", "--type", "binary"]).arg(&path);
    let output = command.output().expect("the command runs");
    // `head -c 1073741824 /dev/zero | sha256sum`
    let expected = "49bc20df15e412a64472421e13fe86ff1c5165e18b2afccf160d4dc19fe68a14\n";
    assert_eq!((str::from_utf8(&output.stdout), str::from_utf8(&output.stderr)), (Ok(expected), Ok("")));
}

#[test]
fn the_canonical_form_is_printed_as_it_is() {
    assert_eq!(run(&["canonicalize"], TEXT), said(0, CANONICAL, ""));
    let error = "isoblob: standard input: expected a value, found `]`, at line 1 column 5 (byte 4), in `/1`\n";
    assert_eq!(run(&["canonicalize"], "[1, ]"), said(1, "", error));
}

#[test]
fn a_file_verifies_or_does_not() {
    let (id, other) = (id(), BlobId::of(b"[]"));
    assert_eq!(run(&["verify", &id], TEXT), said(0, &format!("standard input is {id}\n"), ""));
    let not = format!("standard input is not {id}: its id is {other}\n");
    assert_eq!(run(&["verify", &id, "-"], "[ ]"), said(1, &not, ""));
    let line = format!(
        "{{\"verified\":false,\"expected\":\"{id}\",\"blobId\":\"{}\",\"file\":\"standard input\"}}\n",
        BlobId::of(TEXT.as_bytes())
    );
    assert_eq!(run(&["verify", "--json", "--type", "binary", &id], TEXT), said(1, &line, ""));
    let usage = run(&["verify", &id.to_uppercase()], TEXT);
    assert!(usage.0 == 2 && usage.2.starts_with("error: invalid value "), "{usage:?}");
}

#[test]
fn one_file_is_explained_by_what_is_changed() {
    let expected = format!(
        "{}\n\
        whitespace is left out: 4 times, first at line 1 column 6, in `/b`\n\
        members are sorted: once, at line 1 column 34, in `/a`\n\
        escapes are decoded, or spelled another way: once, at line 1 column 40, in `/a`\n\
        numbers are spelled another way: once, at line 1 column 8, in `/b/0`\n",
        id()
    );
    assert_eq!(run(&["explain"], TEXT), said(1, &expected, ""));
    let canonical = format!("{}\nIt is its own canonical form.\n", id());
    assert_eq!(run(&["explain"], CANONICAL), said(0, &canonical, ""));
    let line = format!("{{\"blobId\":\"{}\",\"canonical\":true,\"changes\":[]}}\n", id());
    assert_eq!(run(&["explain", "--json"], CANONICAL), said(0, &line, ""));
}

#[test]
fn two_files_are_explained_by_where_they_differ() {
    let dir = dir(&[("a.json", TEXT), ("b.json", CANONICAL), ("c.json", r#"{"a":"e","b":[1],"c":{}}"#), ("d", "[")]);
    let explain = |args: &[&str]| run_in(dir.path(), &[&["explain"], args].concat(), "");
    let (one, other) = (id(), BlobId::of(br#"{"a":"e","b":[1],"c":{}}"#));
    assert_eq!(explain(&["a.json", "b.json"]), said(0, &format!("Both are {one}.\n"), ""));
    let differences = format!(
        "- {one}\n+ {other}\n\
        /a: \"é\" in the first, \"e\" in the second\n\
        /b/1: only in the first\n\
        /c: only in the second\n"
    );
    assert_eq!(explain(&["a.json", "c.json"]), said(1, &differences, ""));
    let json = explain(&["--json", "a.json", "c.json"]);
    let line: serde_json::Value = serde_json::from_str(&json.1).expect("JSON");
    assert_eq!((json.0, &line["oneBlob"], line["differences"].as_array().map(Vec::len)), (1, &false.into(), Some(3)));
    let refused = explain(&["a.json", "d"]);
    assert!(refused.0 == 1 && refused.2.starts_with("isoblob: d: "), "{refused:?}");
}

#[test]
fn what_is_put_is_got_again_verified() {
    let dir = dir(&[("a.json", TEXT), ("b.bin", "\u{1}content")]);
    let server = Serving::start(&[], &[]);
    let url = format!("http://{}", server.address);
    let run = |args: &[&str]| run_in(dir.path(), &[&[args[0], "--url", &url], &args[1..]].concat(), "");
    let (id, bytes) = (id(), BlobId::of("\u{1}content".as_bytes()).to_string());
    assert_eq!(run(&["put", "a.json"]), said(0, &format!("{id}\n"), ""));
    let line = format!("{{\"blobId\":\"{bytes}\",\"blobType\":\"binary\",\"file\":\"b.bin\"}}\n");
    assert_eq!(run(&["put", "--type", "binary", "--filename", "né.bin", "--json", "b.bin"]), said(0, &line, ""));

    assert_eq!(run(&["get", &id]), said(0, CANONICAL, ""));
    assert_eq!(run(&["get", &bytes, "--output", "copy"]), said(0, "", ""));
    assert_eq!(std::fs::read(dir.path().join("copy")).expect("a file"), "\u{1}content".as_bytes());
    let line = format!("{{\"blobId\":\"{id}\",\"blobType\":\"data\",\"size\":37,\"file\":\"copy\"}}\n");
    assert_eq!(run(&["get", &id, "--json", "--output", "copy"]), said(0, &line, ""));
    assert_eq!(std::fs::read_to_string(dir.path().join("copy")).expect("a file"), CANONICAL);

    let none = BlobId::of(b"none").to_string();
    let refused = format!("isoblob: {url}/api/v1/blobs refused, with status 404: there is no blob {none}\n");
    assert_eq!(run(&["get", &none, "--output", "none"]), said(4, "", &refused));
    assert!(!dir.path().join("none").exists(), "nothing is left");
    let unwritable = run(&["get", &id, "--output", "nowhere/none"]);
    assert!(unwritable.0 == 2 && unwritable.2.starts_with("isoblob: cannot write nowhere/none: "), "{unwritable:?}");
}

#[test]
fn a_token_comes_by_flag_by_variable_or_in_the_url() {
    let environment = [("ISOBLOB_TOKENS", "write:write-0123456789abcdef read:read-0123456789abcdef")];
    let server = Serving::start(&[], &environment);
    let (url, address) = (format!("http://{}/api/v1/blobs", server.address), &server.address);
    let put = |args: &[&str]| run(&[&["put"], args].concat(), "[]");
    let stored = said(0, &format!("{}\n", BlobId::of(b"[]")), "");
    assert_eq!(put(&["--url", &url, "--token", "write-0123456789abcdef"]), stored);
    assert_eq!(put(&["--url", &format!("http://:write-0123456789abcdef@{address}")]), stored);
    assert_eq!(put(&["--url", &format!("http://write%2D0123456789abcdef@{address}/")]), stored);
    let mut command = isoblob(&["get", &BlobId::of(b"[]").to_string(), "--url", &url]);
    let output = command.env("ISOBLOB_TOKEN", "read-0123456789abcdef").output().expect("the command runs");
    assert_eq!(output.stdout, b"[]");

    let refused = format!("isoblob: {url} refused, with status 401: ");
    let none = put(&["--url", &url]);
    let message = "this needs a token, as Bearer or as the password of HTTP Basic\n";
    assert_eq!(none, said(4, "", &format!("{refused}{message}")));
    let wrong = put(&["--url", &format!("http://:another-0123456789abcdef@{address}")]);
    assert_eq!(wrong, said(4, "", &format!("{refused}the token is not known\n")));
    let log = server.terminate();
    assert!(!log.contains("0123456789abcdef"), "a token is in the log: {log}");
}

/// A server that answers everything in one way.
fn answering(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut request = [0; 4096];
            let _ = std::io::Read::read(&mut stream, &mut request);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    format!("http://{address}")
}

#[test]
fn other_bytes_are_never_handed_out() {
    let dir = dir(&[]);
    let url = answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}");
    let (id, found) = (id(), BlobId::of(b"{}"));
    let error =
        format!("isoblob: {url}/api/v1/blobs answered with bytes of the id {found}, where {id} was asked for\n");
    assert_eq!(run_in(dir.path(), &["get", "--url", &url, &id], ""), said(3, "", &error));
    assert_eq!(run_in(dir.path(), &["get", "--url", &url, &id, "-o", "copy"], ""), said(3, "", &error));
    assert_eq!(std::fs::read_dir(dir.path()).expect("a directory").count(), 0, "nothing is left");

    let cut = answering("HTTP/1.1 200 OK\r\ncontent-length: 3\r\nconnection: close\r\n\r\n{}");
    let broken = run(&["get", "--url", &cut, &id], "");
    assert!(broken.0 == 3 && broken.1.is_empty(), "{broken:?}");
    assert!(broken.2.starts_with(&format!("isoblob: no answer from {cut}/api/v1/blobs: ")), "{broken:?}");
}

#[test]
fn a_server_that_is_none_is_told_apart() {
    let id = id();
    let url = answering("HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello");
    let error = format!("isoblob: {url}/api/v1/blobs answered with something else than expected: hello\n");
    assert_eq!(run(&["put", "--url", &url], "[]"), said(3, "", &error));
    let other = r#"{"blobId":"0000000000000000000000000000000000000000000000000000000000000000"}"#;
    let url = answering(
        "HTTP/1.1 200 OK\r\ncontent-length: 77\r\nconnection: close\r\n\r\n\
        {\"blobId\":\"0000000000000000000000000000000000000000000000000000000000000000\"}",
    );
    assert_eq!(other.len(), 77);
    let error = format!(
        "isoblob: {url}/api/v1/blobs answered with the id {} to what has the id {}\n",
        "0".repeat(64),
        BlobId::of(b"[]")
    );
    assert_eq!(run(&["put", "--url", &url], "[]"), said(3, "", &error));

    let taken = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
    let gone = run(&["get", "--url", &format!("http://{taken}"), &id], "");
    let expected = format!("isoblob: no answer from http://{taken}/api/v1/blobs: ");
    assert!(gone.0 == 3 && gone.2.starts_with(&expected), "{gone:?}");
    let usage = run(&["get", "--url", "localhost:7837", &id], "");
    let expected =
        "error: invalid value 'localhost:7837' for '--url <URL>': a blob API's URL begins with http:// or https://\n";
    assert!(usage.0 == 2 && usage.2.starts_with(expected), "{usage:?}");
}

/// The script of each shell is one that the shell takes.
#[test]
fn shells_complete_command_lines() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let Said(status, script, error) = run(&["completions", shell], "");
        assert_eq!((status, &*error), (0, ""), "{shell}");
        assert!(script.contains("canonicalize") && script.contains("tokens-file"), "{shell}: {script}");
    }
    let Said(_, script, _) = run(&["completions", "bash"], "");
    let complete = "COMP_WORDS=(isoblob serve --max-bo) COMP_CWORD=2\n\
        _isoblob isoblob --max-bo serve; echo \"${COMPREPLY[@]}\"\n";
    let output = Command::new("bash").args(["-c", &format!("{script}\n{complete}")]).output().expect("bash");
    assert_eq!(str::from_utf8(&output.stdout), Ok("--max-body-bytes\n"));
}

/// Over TLS the server must be one that the system trusts.
#[test]
fn a_server_is_asked_over_tls() {
    let dir = dir(&[]);
    let pair = rcgen::generate_simple_self_signed(vec!["localhost".into()]).expect("a certificate");
    let path = |name: &str| dir.path().join(name).to_str().expect("UTF-8").to_owned();
    std::fs::write(path("cert.pem"), pair.cert.pem()).expect("a file");
    std::fs::write(path("key.pem"), pair.signing_key.serialize_pem()).expect("a file");
    let server = Serving::start(&["--tls-cert", &path("cert.pem"), "--tls-key", &path("key.pem")], &[]);
    assert_eq!(server.line, format!("isoblob is serving https://{}/ from memory:\n", server.address));
    let url = format!("https://localhost:{}", server.address.rsplit(':').next().expect("a port"));
    let put = |trusted: Option<String>| {
        let mut command = isoblob(&["put", "--url", &url]);
        command.envs(trusted.map(|file| ("SSL_CERT_FILE", file))).stdin(Stdio::null());
        std::fs::write(path("a.json"), "[]").expect("a file");
        command.arg(path("a.json")).output().expect("the command runs")
    };
    let trusting = put(Some(path("cert.pem")));
    let stored = format!("{}\n", BlobId::of(b"[]"));
    assert_eq!((str::from_utf8(&trusting.stdout), str::from_utf8(&trusting.stderr)), (Ok(&*stored), Ok("")));
    let wary = put(None);
    let message = String::from_utf8(wary.stderr).expect("UTF-8");
    let expected = format!("isoblob: no answer from {url}/api/v1/blobs: ");
    assert!(wary.status.code() == Some(3) && message.starts_with(&expected), "{message}");
    assert!(message.contains("invalid peer certificate: UnknownIssuer"), "{message}");
    let log = server.terminate();
    assert!(log.contains(&format!(" component servers reach these blobs at {url}/api/v1/blobs")), "{log}");
}
