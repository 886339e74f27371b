//! Puts of new JSON blobs of 1 KiB, beside Stepflow's own server with each of its stores that last.

use serde_json::json;
use tempfile::TempDir;

use crate::turns::{Contender, print};
use crate::{process, wrk};

/// Prints the table.
pub fn bench() {
    let files = TempDir::new().expect("a directory");
    let path = |name: &str| files.path().join(name);
    let isoblob = process::isoblob(&path("isoblob"));
    let database = format!("sqlite:{}?mode=rwc", path("stepflow.db").display());
    let sqlite = process::stepflow(&json!({ "type": "sqlite", "databaseUrl": database }));
    let memory = json!({ "type": "inMemory" });
    let files = json!({ "type": "filesystem", "directory": path("stepflow") });
    let unsynced = process::stepflow(&json!({ "metadata": memory, "journal": memory, "blobs": files }));
    let contenders: Vec<Contender<'_>> = vec![
        ("isoblob, durable", Box::new(|turn| wrk::puts(&isoblob.blobs(), turn))),
        ("Stepflow in SQLite", Box::new(|turn| wrk::puts(&sqlite.blobs(), turn))),
        ("Stepflow in files, never synced", Box::new(|turn| wrk::puts(&unsynced.blobs(), turn))),
    ];
    print("puts of 1 KiB", contenders);
}
