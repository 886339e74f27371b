//! A disk without room: what was stored stays, what is not stored is refused, and with room all goes on.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::client::{BYTES, Client, sha256};
use crate::process::Server;

/// Says where the small disk is, to the process that has it.
const SMALL_DISK: &str = "ISOBLOB_SMALL_DISK";

/// What mounts a small disk, and runs a program that has it. Nobody else sees it, and it is gone with the program.
const MOUNT: &str = "mount -t tmpfs -o size=16m none \"$ISOBLOB_SMALL_DISK\" && exec \"$@\"";

/// The ways to a mount namespace: for whoever may make one of his own, and for whom sudo lets.
const WAYS: [&[&str]; 2] =
    [&["unshare", "--map-root-user", "--mount"], &["sudo", "-n", "--preserve-env", "unshare", "--mount"]];

/// Runs this test again, in a process that has a small disk.
fn on_a_small_disk(test: &str) {
    let dir = TempDir::new().unwrap();
    let allowed = |way: &&&[&str]| {
        let output = Command::new(way[0]).args(&way[1..]).arg("true").output();
        output.is_ok_and(|output| output.status.success())
    };
    let way = WAYS.iter().find(allowed).expect("`unshare --mount`, by the kernel's leave or sudo's");
    let status = Command::new(way[0])
        .args(&way[1..])
        .args(["sh", "-c", MOUNT, "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(SMALL_DISK, dir.path())
        .status()
        .unwrap();
    assert!(status.success(), "{status}");
}

/// Puts blobs of a size until one is refused, and returns those that were not.
fn fill(client: &Client, size: usize, first: usize) -> Vec<Vec<u8>> {
    let mut stored = Vec::new();
    for number in first.. {
        let content: Vec<u8> = number.to_le_bytes().into_iter().cycle().take(size).collect();
        let answer = client.try_send("POST", "/api/v1/blobs", &[("content-type", BYTES)], &content).unwrap();
        if answer.status != 200 {
            answer.error(507, "store_full");
            client.get(&format!("/api/v1/blobs/{}", sha256(&content)), &[("accept", BYTES)]).error(404, "not_found");
            break;
        }
        stored.push(content);
    }
    stored
}

#[test]
fn a_full_disk_loses_nothing() {
    let Some(disk) = std::env::var_os(SMALL_DISK).map(PathBuf::from) else {
        return on_a_small_disk("full::a_full_disk_loses_nothing");
    };
    let store = disk.join("store");
    // Room that comes back.
    let filler = disk.join("filler");
    fs::write(&filler, vec![1; 4 << 20]).unwrap();

    let server = Server::on(&store);
    let client = Client::of(&server);
    let mut stored = fill(&client, 1 << 20, 0);
    let large = stored.len();
    stored.extend(fill(&client, 3000, 1_000_000));
    assert!(large > 2 && stored.len() > large + 20, "{large} large ones of {}", stored.len());
    let check = |client: &Client, stored: &[Vec<u8>]| {
        for content in stored {
            assert!(client.raw(&sha256(content)) == *content);
        }
        let stats = client.get("/api/v1/stats", &[]).json();
        assert_eq!(stats["blobs"], stored.len(), "{stats}");
    };
    check(&client, &stored);
    assert_eq!(fs::read_dir(store.join("partial")).unwrap().count(), 0, "what was refused takes no room");

    // A server that starts on a full disk serves what is there.
    server.kill();
    let server = Server::on(&store);
    let client = Client::of(&server);
    check(&client, &stored);

    fs::remove_file(filler).unwrap();
    stored.extend(fill(&client, 1 << 20, 2_000_000));
    assert!(stored.len() > large + 2, "with room, puts go on");
    check(&client, &stored);
    server.terminate();
    assert!(server.wait().success());
    check(&Client::of(&Server::on(&store)), &stored);
}
