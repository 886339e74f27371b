//! Gets of one blob of 1 KiB, beside nginx with the same bytes in a file.

use tempfile::TempDir;

use crate::turns::{Contender, print};
use crate::{process, wrk};

/// Prints the table.
pub fn bench() {
    let text = format!("\"{}\"", "x".repeat(1022));
    let store = TempDir::new().expect("a directory");
    let (isoblob, nginx) = (process::isoblob(store.path()), process::nginx(text.as_bytes()));
    let stored = process::post(&isoblob.blobs(), &format!("{{\"data\":{text}}}"));
    let url = format!("{}/{}", isoblob.blobs(), stored["blobId"].as_str().expect("an id"));
    let contenders: Vec<Contender<'_>> = vec![
        ("isoblob, raw", Box::new(|_| wrk::gets(&url, "accept: application/octet-stream"))),
        ("isoblob, in an envelope", Box::new(|_| wrk::gets(&url, "accept: application/json"))),
        ("nginx, a file", Box::new(|_| wrk::gets(&format!("{}/blob", nginx.root), "accept: */*"))),
    ];
    print("gets of 1 KiB", contenders);
}
