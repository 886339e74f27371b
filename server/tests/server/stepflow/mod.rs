//! The stores of Stepflow's orchestrators: what one wrote, and how they are opened. That the real ones write this, and
//! read what isoblob does, is in `tests/stepflow` and `tests/stepflow13`.

mod files;
mod postgres;
mod served;
mod sqlite;

use std::any::Any;
use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use isoblob_core::BlobId;
use isoblob_server::store::{OpenError, Store, StoreLocation};
use rusqlite::Connection;
use sqlx::PgPool;

use crate::postgres::Cluster;
use crate::store::sqlite_location;

/// An orchestrator's store beside isoblob's of the same place.
pub struct Shared {
    pub name: &'static str,
    pub store: Arc<dyn Store>,
    place: Place,
    _keep: Box<dyn Any>,
}

enum Place {
    Sqlite(PathBuf),
    Postgres(PgPool),
    Files(PathBuf),
}

/// An empty store of every kind.
pub async fn shared() -> [Shared; 3] {
    let (sqlite, files, postgres) =
        (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"), Cluster::start());
    let store = async |location: &str| open(location).await.expect("a store");
    let pool = PgPool::connect(&postgres.url("")).await.expect("a connection");
    [
        Shared {
            name: "sqlite",
            store: store(&sqlite_location(sqlite.path())).await,
            place: Place::Sqlite(sqlite.path().join("stepflow.db")),
            _keep: Box::new(sqlite),
        },
        Shared {
            name: "files",
            store: store(&format!("stepflow+file:{}", files.path().display())).await,
            place: Place::Files(files.path().into()),
            _keep: Box::new(files),
        },
        Shared {
            name: "postgres",
            store: store(&format!("stepflow+{}", postgres.url(""))).await,
            place: Place::Postgres(pool),
            _keep: Box::new(postgres),
        },
    ]
}

pub async fn open(location: &str) -> Result<Arc<dyn Store>, OpenError> {
    location.parse::<StoreLocation>().expect("a location").open().await
}

/// Why a store cannot be opened, with its causes.
pub async fn refusal(location: &str) -> String {
    let error = open(location).await.expect_err("it is refused");
    let causes = std::iter::successors(error.source(), |&error| error.source());
    causes.fold(error.to_string(), |all, cause| format!("{all}: {cause}"))
}

impl Shared {
    /// Stores some bytes under an id, as an orchestrator does.
    pub async fn plant(&self, id: BlobId, content: &[u8], blob_type: &str, filename: Option<&str>) {
        const INSERT: &str = "INSERT INTO blobs (id, data, blob_type, filename) VALUES ($1, $2, $3, $4)";
        let name = id.to_string();
        match &self.place {
            Place::Sqlite(path) => {
                let connection = Connection::open(path).expect("a database");
                connection.execute(INSERT, (name, content, blob_type, filename)).expect("a row");
            }
            Place::Postgres(pool) => {
                let insert = sqlx::query(INSERT).bind(name).bind(content).bind(blob_type).bind(filename);
                insert.execute(pool).await.expect("a row");
            }
            Place::Files(dir) => {
                let shard = dir.join(&name[..2]);
                fs::create_dir_all(&shard).expect("a directory");
                let metadata = match filename {
                    None => format!(r#"{{"blob_type":"{blob_type}"}}"#),
                    Some(filename) => {
                        let filename = serde_json::to_string(filename).expect("JSON");
                        format!(r#"{{"blob_type":"{blob_type}","filename":{filename}}}"#)
                    }
                };
                let length = (content.len() as u64).to_le_bytes();
                let file = [content, metadata.as_bytes(), &length].concat();
                fs::write(shard.join(format!("{name}.blob")), file).expect("a file");
            }
        }
    }

    /// Damages the content of a blob, and leaves all else.
    pub async fn damage(&self, id: BlobId) {
        const UPDATE: &str = "UPDATE blobs SET data = $1 WHERE id = $2";
        let name = id.to_string();
        match &self.place {
            Place::Sqlite(path) => {
                let connection = Connection::open(path).expect("a database");
                connection.execute(UPDATE, (b"damaged".as_slice(), name)).expect("a row");
            }
            Place::Postgres(pool) => {
                sqlx::query(UPDATE).bind(b"damaged".as_slice()).bind(name).execute(pool).await.expect("a row");
            }
            Place::Files(dir) => {
                let path = dir.join(&name[..2]).join(format!("{name}.blob"));
                let mut file = fs::read(&path).expect("a file");
                file[0] ^= 1;
                fs::write(path, file).expect("a file");
            }
        }
    }

    /// What an orchestrator reads: content, type, filename.
    pub async fn read(&self, id: BlobId) -> (Vec<u8>, String, Option<String>) {
        const SELECT: &str = "SELECT data, blob_type, filename FROM blobs WHERE id = $1";
        let name = id.to_string();
        match &self.place {
            Place::Sqlite(path) => {
                let connection = Connection::open(path).expect("a database");
                let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
                connection.query_row(SELECT, [name], row).expect("a row")
            }
            Place::Postgres(pool) => sqlx::query_as(SELECT).bind(name).fetch_one(pool).await.expect("a row"),
            Place::Files(dir) => {
                let mut file = fs::read(dir.join(&name[..2]).join(format!("{name}.blob"))).expect("a file");
                let length = file.split_off(file.len() - 8);
                let length = u64::from_le_bytes(length.try_into().expect("eight bytes"));
                let metadata = file.split_off(usize::try_from(length).expect("a length"));
                let metadata: serde_json::Value = serde_json::from_slice(&metadata).expect("JSON");
                let member = |name: &str| metadata.get(name).map(|name| name.as_str().expect("a string").to_owned());
                (file, member("blob_type").expect("a type"), member("filename"))
            }
        }
    }
}

/// The whole second of a time, which is what orchestrators write.
pub fn second_of(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).expect("after the epoch").as_secs()
}
