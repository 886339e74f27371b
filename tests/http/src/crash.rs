//! What survives when the server does not: restarts, and `kill -9` under load.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;

use fastrand::Rng;
use tempfile::TempDir;

use crate::client::{BYTES, Client, sha256};
use crate::process::Server;
use crate::scaled;

#[test]
fn a_restart_keeps_everything() {
    let store = TempDir::new().unwrap();
    let server = Server::on(store.path());
    let client = Client::of(&server);
    let flow = br#"{"data":{"steps":[]},"blobType":"flow","filename":"flow.json"}"#;
    let ids = [
        client.put(b"{\"a\":505874924095815681}"),
        client.stored(&client.post(flow)),
        client.put_binary(b"\0\xff", &[("x-blob-filename", "two.bin")]),
        client.put_binary(&vec![7; 1 << 20], &[]),
    ];
    let everything = |client: &Client| {
        ids.each_ref()
            .map(|id| (client.raw(id), client.envelope(id).body, client.envelope(id).header("etag").to_owned()))
    };
    let before = everything(&client);
    server.terminate();
    assert!(server.wait().success());

    let server = Server::on(store.path());
    let client = Client::of(&server);
    assert!(everything(&client) == before);
    // And it is as writable as before.
    assert_eq!(client.put(b"{\"a\":505874924095815681}"), ids[0]);
    client.put(b"[\"new\"]");
}

/// What a writer was about to put, and whether it was told that it is stored.
struct Attempt {
    content: Vec<u8>,
    acknowledged: bool,
}

/// Each round ends with `kill -9` after a random number of puts, while sixteen writers have puts under way.
#[test]
fn kill_keeps_every_acknowledged_blob_whole() {
    let rounds = scaled(6, 300);
    let store = TempDir::new().unwrap();
    let mut random = Rng::with_seed(9);
    let mut attempts = Vec::new();
    for round in 0..rounds {
        let server = Server::on(store.path());
        let begun = attempts.len();
        attempts.extend(write_until_killed(server, round, random.usize(1..400)));

        // What the store is after every crash, not only after the last.
        let server = Server::on(store.path());
        let client = Client::of(&server);
        check(&client, &attempts[begun..]);
        assert!(client.put(format!("\"after round {round}\"").as_bytes()).len() == 64);
        server.kill();
    }
    // No later crash has taken what an earlier one left.
    check(&Client::of(&Server::on(store.path())), &attempts);
    let acknowledged = attempts.iter().filter(|attempt| attempt.acknowledged).count();
    assert!(acknowledged > 100 && attempts.len() > acknowledged, "{acknowledged} of {}", attempts.len());
}

/// Every blob is whole, or was never acknowledged and is not there.
fn check(client: &Client, attempts: &[Attempt]) {
    for Attempt { content, acknowledged } in attempts {
        let answer = client.get(&format!("/api/v1/blobs/{}", sha256(content)), &[("accept", BYTES)]);
        match answer.status {
            200 => assert!(answer.body == *content, "a blob is whole or not there"),
            status => assert!(!acknowledged && status == 404, "lost after an answer: {}", answer.text()),
        }
    }
}

/// Puts from sixteen threads until `kills_after` of them are acknowledged, then kills the server under the rest.
fn write_until_killed(server: Server, round: u64, kills_after: usize) -> Vec<Attempt> {
    const WRITERS: u64 = 16;
    let client = Client::of(&server);
    let killed = AtomicBool::new(false);
    let (acknowledge, acknowledged) = mpsc::channel();
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (client, killed, acknowledge) = (client.clone(), &killed, acknowledge.clone());
                scope.spawn(move || {
                    let mut random = Rng::with_seed(round * WRITERS + writer);
                    let mut attempts = Vec::new();
                    while !killed.load(Ordering::Relaxed) {
                        let content = content(&mut random);
                        let answer = client.try_send("POST", "/api/v1/blobs", &[("content-type", BYTES)], &content);
                        let acknowledged = answer.is_ok_and(|answer| answer.status == 200);
                        attempts.push(Attempt { content, acknowledged });
                        if !acknowledged || acknowledge.send(()).is_err() {
                            break;
                        }
                    }
                    attempts
                })
            })
            .collect();
        // So that the writers' senders are all there are, and their end is the end of waiting for them.
        drop(acknowledge);
        for () in acknowledged.iter().take(kills_after) {}
        server.kill();
        killed.store(true, Ordering::Relaxed);
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    })
}

/// Bytes that are small enough for a row, mostly, and now and then large enough for a file of their own.
fn content(random: &mut Rng) -> Vec<u8> {
    let length = if random.u8(..) < 16 { random.usize(300_000..600_000) } else { random.usize(0..4096) };
    let mut content = vec![0; length + 8];
    random.fill(&mut content);
    content
}
