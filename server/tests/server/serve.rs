//! Connections, over real sockets.

use std::sync::Arc;
use std::time::Duration;

use isoblob_server::http::HttpConfig;
use isoblob_server::serve::ServeConfig;
use isoblob_server::store::MemoryStore;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{LONG, Server};

async fn start(max_body_bytes: usize, drain_timeout: Duration) -> Server {
    let config = HttpConfig { max_body_bytes, ..HttpConfig::default() };
    Server::start(Arc::new(MemoryStore::default()), config, drain_timeout).await
}

/// A connection that has sent this much.
async fn connect(server: &Server, sent: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.expect("a connection");
    stream.write_all(sent).await.expect("a write");
    stream
}

/// Reads one answer, to the end of its body, which is one line that ends in a brace.
async fn answer(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    while !text.ends_with('}') {
        let mut buffer = [0; 4096];
        let count = stream.read(&mut buffer).await.expect("a read");
        assert_ne!(count, 0, "the connection ended after {text}");
        text.push_str(str::from_utf8(&buffer[..count]).expect("ASCII"));
    }
    text
}

const HEAD: &str = "POST /api/v1/blobs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/octet-stream\r\n";

#[tokio::test]
async fn what_is_under_way_is_finished_and_nothing_more_is_taken() {
    let server = start(1000, LONG).await;
    let mut idle = connect(&server, b"GET /none HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    assert!(answer(&mut idle).await.starts_with("HTTP/1.1 404 "));
    // The server is in the middle of this request: it has asked for the body.
    let mut busy =
        connect(&server, format!("{HEAD}expect: 100-continue\r\ncontent-length: 2\r\n\r\n").as_bytes()).await;
    let mut proceed = [0; 25];
    busy.read_exact(&mut proceed).await.expect("a read");
    assert_eq!(&proceed, b"HTTP/1.1 100 Continue\r\n\r\n");

    server.stop.send(()).expect("a server");
    assert_eq!(idle.read(&mut [0]).await.expect("a read"), 0, "an idle connection is closed");
    assert!(!server.served.is_finished());
    TcpStream::connect(server.address).await.expect_err("no more connections");
    busy.write_all(b"{}").await.expect("a write");
    let text = answer(&mut busy).await;
    assert!(text.starts_with("HTTP/1.1 200 ") && text.contains("\r\nconnection: close\r\n"), "{text}");
    assert_eq!(busy.read(&mut [0]).await.expect("a read"), 0);
    assert_eq!(server.served.await.expect("a server"), 0);
}

#[tokio::test]
async fn what_does_not_end_is_cut_off() {
    let server = start(1000, Duration::from_millis(1)).await;
    let mut busy =
        connect(&server, format!("{HEAD}expect: 100-continue\r\ncontent-length: 2\r\n\r\n").as_bytes()).await;
    busy.read_exact(&mut [0; 25]).await.expect("a read");
    server.stop.send(()).expect("a server");
    assert_eq!(server.served.await.expect("a server"), 1);
}

/// A client that sends all of its body before it reads must find the answer, not a connection that was reset.
#[tokio::test]
async fn a_refusal_reaches_a_client_that_is_still_sending() {
    let server = start(1000, LONG).await;
    let length = 8 << 20;
    let refusals = [
        (format!("{HEAD}content-length: {length}\r\n\r\n"), "HTTP/1.1 413 "),
        (HEAD.replace("octet-stream", "xml") + &format!("content-length: {length}\r\n\r\n"), "HTTP/1.1 415 "),
        (format!("{HEAD}content-encoding: deflate\r\ncontent-length: {length}\r\n\r\n"), "HTTP/1.1 415 "),
        (format!("{HEAD}content-encoding: gzip\r\ncontent-length: {length}\r\n\r\n"), "HTTP/1.1 400 "),
        (HEAD.replace("POST", "PATCH") + &format!("content-length: {length}\r\n\r\n"), "HTTP/1.1 405 "),
    ];
    for (head, expected) in refusals {
        let mut stream = connect(&server, head.as_bytes()).await;
        stream.write_all(&vec![b'x'; length]).await.expect("the server reads on");
        let text = answer(&mut stream).await;
        assert!(text.starts_with(expected), "{text}");
    }
}

/// A client that asks before it sends is refused without having sent anything.
#[tokio::test]
async fn a_refusal_comes_in_place_of_a_hundred_continue() {
    let server = start(1000, LONG).await;
    let head = format!("{HEAD}expect: 100-continue\r\ncontent-length: 1001\r\n\r\n");
    let text = answer(&mut connect(&server, head.as_bytes()).await).await;
    assert!(text.starts_with("HTTP/1.1 413 "), "{text}");
}

/// A server whose connections have these limits.
async fn start_with(connections: ServeConfig) -> Server {
    Server::with(Arc::new(MemoryStore::default()), HttpConfig::default(), connections).await
}

#[tokio::test]
async fn one_connection_too_many_waits_until_another_ends() {
    let server = start_with(ServeConfig { max_connections: 1, ..ServeConfig::default() }).await;
    let request = b"GET /none HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let mut first = connect(&server, request).await;
    answer(&mut first).await;
    // The system takes it, the server does not.
    let mut second = connect(&server, request).await;
    first.write_all(request).await.expect("a write");
    answer(&mut first).await;
    assert_eq!(second.try_read(&mut [0]).expect_err("no answer").kind(), std::io::ErrorKind::WouldBlock);
    drop(first);
    assert!(answer(&mut second).await.starts_with("HTTP/1.1 404 "));
}

#[tokio::test]
async fn a_head_that_does_not_come_is_given_up() {
    let server = start_with(ServeConfig { header_timeout: Duration::from_millis(50), ..ServeConfig::default() }).await;
    for sent in [&b""[..], b"G", b"GET / HTTP/1.1\r\nhost: ", b"PRI * HTTP/2.0\r\n"] {
        let mut stream = connect(&server, sent).await;
        let mut rest = Vec::new();
        // The end may come as a reset.
        let _ = stream.read_to_end(&mut rest).await;
        assert_eq!(rest, b"", "{}", sent.escape_ascii());
    }
}

#[tokio::test]
async fn an_answer_that_is_not_taken_is_given_up() {
    let send_idle_timeout = Duration::from_millis(50);
    let server = start_with(ServeConfig { send_idle_timeout, drain_timeout: LONG, ..ServeConfig::default() }).await;
    let content = vec![b'x'; 16 << 20];
    let mut stream = connect(&server, format!("{HEAD}content-length: {}\r\n\r\n", content.len()).as_bytes()).await;
    stream.write_all(&content).await.expect("a write");
    answer(&mut stream).await;
    let get = format!(
        "GET /api/v1/blobs/{} HTTP/1.1\r\nhost: localhost\r\naccept: application/octet-stream\r\n\r\n",
        isoblob_core::BlobId::of(&content)
    );
    stream.write_all(get.as_bytes()).await.expect("a write");
    stream.readable().await.expect("the answer begins");
    // The connection ends though nobody reads on: otherwise it would hold up the end of the server.
    server.stop.send(()).expect("a server");
    assert_eq!(server.served.await.expect("a server"), 0);
    drop(stream);
}
