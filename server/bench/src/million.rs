//! What a server takes before anyone asks: memory, and time to start on a store of a million blobs.

use std::time::Instant;

use tempfile::TempDir;

use crate::process;

/// The number of blobs in the store.
const BLOBS: usize = 1_000_000;

/// How many of them one batch puts.
const BATCH: usize = 1000;

/// Prints the table.
pub fn bench() {
    let store = TempDir::new().expect("a directory");
    let isoblob = process::isoblob(store.path());
    println!("| | |\n| --- | --- |");
    println!("| memory, an empty store | {} MB |", isoblob.memory("VmRSS") / 1_000_000);
    for first in (0..BLOBS).step_by(BATCH) {
        let blobs: Vec<String> = (first..first + BATCH).map(|n| format!("{{\"data\":{{\"n\":{n}}}}}")).collect();
        let batch = format!("{}/api/v1/batch/put", isoblob.root);
        process::post(&batch, &format!("{{\"blobs\":[{}]}}", blobs.join(",")));
    }
    // While there is a log that no checkpoint has moved into the database.
    isoblob.kill();
    for how in ["after `kill -9`", "after that"] {
        let begun = Instant::now();
        let isoblob = process::isoblob(store.path());
        println!("| start to ready, a million blobs, {how} | {} ms |", begun.elapsed().as_millis());
        println!("| memory then | {} MB |", isoblob.memory("VmRSS") / 1_000_000);
    }
    println!();
}
