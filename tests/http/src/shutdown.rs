//! How the server ends, and when it does not begin.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use tempfile::TempDir;

use crate::client::{Client, begin_put, sha256};
use crate::process::{Server, serve};

#[test]
fn it_finishes_what_is_under_way_and_ends_well() {
    let store = TempDir::new().unwrap();
    let server = Server::on(store.path());
    let address = server.address;
    let body = br#"{"data":"half of it comes before the signal, half after"}"#;
    let (first, second) = body.split_at(20);

    let mut connection = begin_put(address, body.len());
    connection.get_mut().write_all(first).unwrap();
    server.terminate();
    wait_until_refused(address);
    connection.get_mut().write_all(second).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let id = sha256(b"\"half of it comes before the signal, half after\"");
    assert!(answer.ends_with(&format!("{{\"blobId\":\"{id}\"}}")), "{answer}");
    assert_eq!(server.wait().code(), Some(0));

    let server = Server::on(store.path());
    assert_eq!(sha256(&Client::of(&server).raw(&id)), id);
}

/// Returns once the server no longer accepts connections.
fn wait_until_refused(address: SocketAddr) {
    while TcpStream::connect(address).is_ok() {
        std::thread::yield_now();
    }
}

#[test]
fn idle_connections_do_not_keep_it() {
    let server = Server::in_memory();
    let client = Client::of(&server);
    client.put(b"{}");
    // One connection that was used and is kept, and one that never said a word.
    let silent = TcpStream::connect(server.address).unwrap();
    server.terminate();
    assert_eq!(server.wait().code(), Some(0));
    drop((client, silent));
}

#[test]
fn a_store_belongs_to_one_process() {
    let store = TempDir::new().unwrap();
    let path = store.path().to_str().unwrap();
    let server = Server::on(store.path());
    let id = Client::of(&server).put(b"{}");
    let output = serve("127.0.0.1:0", path).output().unwrap();
    let (code, said, log) = (output.status.code(), output.stdout, String::from_utf8(output.stderr).unwrap());
    assert!(code.is_some_and(|code| code != 0) && said.is_empty(), "{code:?} {log}");
    assert!(log.contains(path) && log.contains("another process"), "it says which store, and why: {log}");
    assert_eq!(Client::of(&server).raw(&id), b"{}", "the first is not disturbed");
    server.kill();

    // A process that was killed does not leave the store locked.
    let server = Server::on(store.path());
    assert_eq!(Client::of(&server).raw(&id), b"{}");
}

#[test]
fn a_port_that_is_taken_is_a_clear_error() {
    let server = Server::in_memory();
    let address = server.address.to_string();
    let output = serve(&address, "memory:").output().unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && output.stdout.is_empty());
    assert!(log.contains(&address), "{log}");
}
