//! What the server's memory comes to when much is asked of it at once, and who is answered meanwhile.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::thread;

use rustix::process::{Resource, getrlimit, setrlimit};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::client::{BYTES, Client, JSON};
use crate::process::Server;
use crate::scaled;

const MEBIBYTE: u64 = 1 << 20;

/// A block of content. That of two numbers differs.
fn block(number: u64) -> Vec<u8> {
    let mut block = vec![0; 1 << 20];
    fastrand::Rng::with_seed(number).fill(&mut block);
    block
}

/// Sends the head of a put, and nothing of its body.
fn put(address: SocketAddr, content_type: &str, bytes: u64) -> BufReader<TcpStream> {
    let mut connection = TcpStream::connect(address).unwrap();
    let head = format!(
        "POST /api/v1/blobs HTTP/1.1\r\nhost: {address}\r\ncontent-type: {content_type}\r\ncontent-length: {bytes}\r\n\r\n"
    );
    connection.write_all(head.as_bytes()).unwrap();
    BufReader::new(connection)
}

/// Reads the head of an answer: its status and headers, each on a line.
fn head(connection: &mut BufReader<TcpStream>) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && connection.read_line(&mut head).unwrap() > 0 {}
    head
}

/// 1 GiB goes in and comes out, in either form, within 64 MiB of memory above that of a server that did nothing.
#[test]
fn a_large_blob_takes_little_memory() {
    const BLOCKS: u64 = 1024;
    let store = TempDir::new().unwrap();
    let server = Server::start(store.path().to_str().unwrap(), &[]);
    let idle = server.peak_memory();
    let address = server.address;

    let mut hasher = Sha256::new();
    let mut connection = put(address, BYTES, BLOCKS * MEBIBYTE);
    for number in 0..BLOCKS {
        let block = block(number);
        hasher.update(&block);
        connection.get_mut().write_all(&block).unwrap();
    }
    let id = hex::encode(hasher.finalize());
    let answer = head(&mut connection);
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let mut body = vec![0; 77];
    connection.read_exact(&mut body).unwrap();
    assert_eq!(String::from_utf8(body).unwrap(), format!("{{\"blobId\":\"{id}\"}}"));

    let get = format!("GET /api/v1/blobs/{id} HTTP/1.1\r\nhost: {address}\r\naccept: {BYTES}\r\n\r\n");
    connection.get_mut().write_all(get.as_bytes()).unwrap();
    let answer = head(&mut connection);
    assert!(answer.contains(&format!("\r\ncontent-length: {}\r\n", BLOCKS * MEBIBYTE)), "{answer}");
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    for _ in 0..BLOCKS {
        connection.read_exact(&mut buffer).unwrap();
        hasher.update(&buffer);
    }
    assert_eq!(hex::encode(hasher.finalize()), id);

    let get = format!("GET /api/v1/blobs/{id} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    connection.get_mut().write_all(get.as_bytes()).unwrap();
    let (mut bytes, mut end) = (0, Vec::new());
    loop {
        let count = connection.read(&mut buffer).unwrap();
        if count == 0 {
            break;
        }
        bytes += count as u64;
        end.extend_from_slice(&buffer[count.saturating_sub(200)..count]);
        end.drain(..end.len().saturating_sub(200));
    }
    let end = String::from_utf8(end).unwrap();
    assert!(end.ends_with(&format!("\",\"blobType\":\"binary\",\"blobId\":\"{id}\"}}")), "{end}");
    assert!(bytes > BLOCKS * MEBIBYTE * 4 / 3, "{bytes}");

    let taken = server.peak_memory() - idle;
    assert!(taken < 64 * MEBIBYTE, "{} MiB above idle", taken / MEBIBYTE);
}

/// JSON bodies that would take many times the budget together: each is stored or told to come again, small ones pass.
#[test]
fn a_flood_of_large_bodies_stays_within_the_budget() {
    // With its envelope, the largest body that is taken has no more.
    let blocks = scaled(16, 255);
    let budget = scaled(64, 1024) * MEBIBYTE;
    let store = TempDir::new().unwrap();
    let server = Server::start(store.path().to_str().unwrap(), &["--memory-bytes", &budget.to_string()]);
    let (idle, address) = (server.peak_memory(), server.address);
    let block = vec![b'x'; 1 << 20];

    let answers: Vec<_> = thread::scope(|scope| {
        let senders: Vec<_> = (0..16)
            .map(|sender| {
                let block = &block;
                scope.spawn(move || {
                    let (before, after) = (format!("{{\"data\":\"{sender}"), "\"}");
                    let bytes = blocks * MEBIBYTE + (before.len() + after.len()) as u64;
                    let mut connection = put(address, JSON, bytes);
                    let pieces = std::iter::once(before.as_bytes())
                        .chain((0..blocks).map(|_| block.as_slice()))
                        .chain([after.as_bytes()]);
                    // What is refused may be closed before all of it was sent.
                    let _ = pieces.into_iter().try_for_each(|piece| connection.get_mut().write_all(piece));
                    head(&mut connection)
                })
            })
            .collect();
        for number in 0..50 {
            assert!(Client::of(&server).put(format!("[{number}]").as_bytes()).len() == 64);
        }
        senders.into_iter().map(|sender| sender.join().unwrap()).collect()
    });
    let stored = answers.iter().filter(|answer| answer.starts_with("HTTP/1.1 200 ")).count();
    let refused = answers.iter().filter(|answer| answer.starts_with("HTTP/1.1 503 "));
    let refused = refused.inspect(|answer| assert!(answer.contains("\r\nretry-after: 1\r\n"), "{answer}")).count();
    assert!(stored > 0 && stored + refused == answers.len(), "{answers:?}");
    let taken = server.peak_memory() - idle;
    assert!(taken < budget + 64 * MEBIBYTE, "{} MiB above idle, {stored} stored", taken / MEBIBYTE);
}

/// Connections that say nothing, and senders that stop in the middle of a large body, keep nobody from being served.
#[test]
fn those_who_wait_take_little() {
    let (idle_connections, slow_senders) = scaled((1000, 200), (10_000, 1000));
    let files = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, rustix::process::Rlimit { current: files.maximum, ..files }).unwrap();
    let store = TempDir::new().unwrap();
    let server = Server::on(store.path());
    let (idle, address) = (server.peak_memory(), server.address);
    let silent: Vec<_> = (0..idle_connections).map(|_| TcpStream::connect(address).unwrap()).collect();
    let slow: Vec<_> = (0..slow_senders)
        .map(|number| {
            let mut connection = put(address, if number % 2 == 0 { BYTES } else { JSON }, 200 * MEBIBYTE);
            connection.get_mut().write_all(br#"{"data":[1"#).unwrap();
            connection
        })
        .collect();
    let client = Client::of(&server);
    for number in 0..50 {
        let id = client.put(format!("[{number}]").as_bytes());
        assert_eq!(client.raw(&id), format!("[{number}]").as_bytes());
    }
    let taken = server.peak_memory() - idle;
    assert!(taken < 128 * MEBIBYTE, "{} MiB above idle", taken / MEBIBYTE);
    drop((silent, slow));
}
