//! [`StepflowPostgresStore`]: the table `blobs` of an orchestrator's PostgreSQL database.
//!
//! Through sqlx, as the orchestrator does: so a URL means here what it means there, TLS and all.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use isoblob_core::{Blob, BlobId, BlobType};
use sqlx::postgres::{PgPool, PgPoolOptions, PgRow};
use sqlx::{Connection as _, PgConnection, Row as _};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::found::{Found, corrupt};
use super::{PostgresUrl, StepflowOpenError, created_at};
use crate::store::{
    BlobInfo, ListQuery, ListedBlob, OpenBlob, OpenError, PutOutcome, Store, StoreError, StoreStats, Totals,
};
use crate::{Filename, timestamp};

/// The most connections, as many as an orchestrator has by default.
const MAX_CONNECTIONS: u32 = 10;

/// How long to wait for a connection: for a free one, and for a server that is not there.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The advisory lock of the orchestrator's migration `001_create_blob_tables`. Two that make one table at once would
/// otherwise fail.
const MIGRATION_LOCK: i64 = 0x5323_21d4_8a18_05ce;

/// What that migration makes.
const TABLE: &str = "
CREATE TABLE IF NOT EXISTS blobs (
    id TEXT PRIMARY KEY,
    data BYTEA NOT NULL,
    blob_type TEXT NOT NULL DEFAULT 'data',
    filename TEXT,
    created_at TEXT DEFAULT to_char(NOW() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')
)
";
const INDEX: &str = "CREATE INDEX IF NOT EXISTS idx_blobs_type ON blobs(blob_type)";

/// Whether there is the table, and whether it is the orchestrator's.
const LOOK: &str = "
SELECT count(*) > 0, 5 = count(*) FILTER (WHERE (attname, atttypid) IN (
    ('id', 'text'::regtype), ('data', 'bytea'::regtype), ('blob_type', 'text'::regtype),
    ('filename', 'text'::regtype), ('created_at', 'text'::regtype)
)) FROM pg_attribute WHERE attrelid = to_regclass('blobs')
";

/// Answers whether the row is new, or nothing where there was nothing to better. The names of the types sort as the types
/// do.
const PUT: &str = r#"
INSERT INTO blobs AS kept (id, data, blob_type, filename, created_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO UPDATE SET
    data = excluded.data,
    blob_type = greatest(kept.blob_type COLLATE "C", excluded.blob_type),
    filename = coalesce(kept.filename, excluded.filename)
WHERE kept.data <> excluded.data OR kept.blob_type COLLATE "C" < excluded.blob_type
    OR (kept.filename IS NULL AND excluded.filename IS NOT NULL)
RETURNING xmax = 0
"#;

const GET: &str = "SELECT blob_type, filename, created_at, data FROM blobs WHERE id = $1";

const HEAD: &str = "SELECT blob_type, filename, created_at, octet_length(data)::bigint FROM blobs WHERE id = $1";

/// The rows that are blobs: an orchestrator to come may keep others. The times sort as texts do.
const LIST: &str = r#"
SELECT blob_type, filename, created_at, octet_length(data)::bigint, id FROM blobs
WHERE blob_type = ANY($1) AND id ~ '^[0-9a-f]{64}$'
    AND ($2 IS NULL OR (coalesce(created_at, '') COLLATE "C", id COLLATE "C") < ($2, $3))
ORDER BY coalesce(created_at, '') COLLATE "C" DESC, id COLLATE "C" DESC LIMIT $4
"#;

const STATS: &str = "SELECT blob_type, count(*), sum(octet_length(data))::bigint FROM blobs WHERE blob_type = ANY($1) GROUP BY blob_type";

/// A commit returns once it is on the server's disk, also where the server is set to do without.
const DURABLE: &str =
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

/// The blobs of an orchestrator's PostgreSQL database.
pub struct StepflowPostgresStore {
    url: PostgresUrl,
    pool: PgPool,
}

impl StepflowPostgresStore {
    /// Connects to an orchestrator's database, and makes its table of blobs where it has none yet.
    ///
    /// # Errors
    ///
    /// The server cannot be reached, or does not let us in; or the table is not an orchestrator's, or cannot be made.
    pub async fn open(url: &PostgresUrl) -> Result<Self, OpenError> {
        let timed_out = |_| StepflowOpenError::Timeout { url: url.clone(), seconds: CONNECT_TIMEOUT.as_secs() };
        timeout(CONNECT_TIMEOUT, prepare(url)).await.map_err(timed_out)??;
        let pool = PgPoolOptions::new()
            .max_connections(MAX_CONNECTIONS)
            .acquire_timeout(CONNECT_TIMEOUT)
            .after_connect(|connection, _| {
                Box::pin(async move { sqlx::query(DURABLE).execute(connection).await.map(|_| ()) })
            })
            .connect_lazy_with(url.options());
        Ok(Self { url: url.clone(), pool })
    }

    async fn find(&self, id: BlobId, select: &'static str) -> Result<Option<PgRow>, StoreError> {
        sqlx::query(select).bind(id.to_string()).fetch_optional(&self.pool).await.map_err(|error| failed(id, error))
    }
}

/// Looks at the table, and makes it where an orchestrator would.
async fn prepare(url: &PostgresUrl) -> Result<(), StepflowOpenError> {
    let failed = |cause| StepflowOpenError::Postgres { url: url.clone(), cause };
    let mut connection = PgConnection::connect_with(&url.options()).await.map_err(failed)?;
    let (exists, is_stepflow): (bool, bool) = sqlx::query_as(LOOK).fetch_one(&mut connection).await.map_err(failed)?;
    if !exists {
        make_table(&mut connection).await.map_err(|cause| StepflowOpenError::NoTable { url: url.clone(), cause })?;
    } else if !is_stepflow {
        return Err(StepflowOpenError::Foreign(url.to_string()));
    }
    connection.close().await.map_err(failed)
}

async fn make_table(connection: &mut PgConnection) -> sqlx::Result<()> {
    let mut transaction = connection.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(MIGRATION_LOCK).execute(&mut *transaction).await?;
    sqlx::query(TABLE).execute(&mut *transaction).await?;
    sqlx::query(INDEX).execute(&mut *transaction).await?;
    transaction.commit().await
}

#[async_trait]
impl Store for StepflowPostgresStore {
    async fn put(&self, blob: Blob, filename: Option<Filename>) -> Result<PutOutcome, StoreError> {
        let (id, blob_type) = (blob.id(), blob.blob_type());
        let put = sqlx::query_scalar(PUT)
            .bind(id.to_string())
            .bind(Vec::from(blob.into_bytes()))
            .bind(blob_type.as_str())
            .bind(filename.as_ref().map(Filename::as_str))
            .bind(created_at::write(timestamp::now()));
        match put.fetch_optional(&self.pool).await.map_err(|error| failed(id, error))? {
            Some(true) => Ok(PutOutcome::New),
            Some(false) | None => Ok(PutOutcome::Existing),
        }
    }

    async fn open(&self, id: BlobId) -> Result<Option<OpenBlob>, StoreError> {
        let Some(row) = self.find(id, GET).await? else { return Ok(None) };
        let found = found(&row).map_err(|error| failed(id, error))?;
        let content = row.try_get(3).map_err(|error| failed(id, error))?;
        spawn_blocking(move || found.verify(id, content).map(OpenBlob::Whole).map(Some))
            .await
            .map_err(StoreError::failed)?
    }

    async fn head(&self, id: BlobId) -> Result<Option<BlobInfo>, StoreError> {
        let Some(row) = self.find(id, HEAD).await? else { return Ok(None) };
        let found = found(&row).map_err(|error| failed(id, error))?;
        let size: i64 = row.try_get(3).map_err(|error| failed(id, error))?;
        found.info(id, size.unsigned_abs()).map(Some)
    }

    async fn list(&self, query: ListQuery) -> Result<Option<Vec<ListedBlob>>, StoreError> {
        const TIME: &str = "SELECT coalesce(created_at, '') FROM blobs WHERE id = $1";
        let mut after: Option<(String, String)> = None;
        if let Some(id) = query.after {
            let Some(row) = self.find(id, TIME).await? else { return Ok(None) };
            after = Some((row.try_get(0).map_err(StoreError::failed)?, id.to_string()));
        }
        let (time, id) = after.unzip();
        let types = match query.blob_type {
            None => BlobType::ALL.to_vec(),
            Some(blob_type) => vec![blob_type],
        };
        let select = sqlx::query(LIST)
            .bind(names(&types))
            .bind(time)
            .bind(id)
            .bind(i64::try_from(query.limit).unwrap_or(i64::MAX));
        let rows = select.fetch_all(&self.pool).await.map_err(StoreError::failed)?;
        rows.iter().map(listed).collect::<Result<_, _>>().map(Some)
    }

    async fn stats(&self) -> Result<StoreStats, StoreError> {
        let select = sqlx::query_as(STATS).bind(names(&BlobType::ALL));
        let rows: Vec<(String, i64, i64)> = select.fetch_all(&self.pool).await.map_err(StoreError::failed)?;
        let mut stats = StoreStats::default();
        for (blob_type, blobs, bytes) in rows {
            let blob_type = blob_type.parse().map_err(StoreError::failed)?;
            stats.add(blob_type, Totals { blobs: blobs.unsigned_abs(), bytes: bytes.unsigned_abs() });
        }
        Ok(stats)
    }

    async fn health(&self) -> Result<(), StoreError> {
        self.head(BlobId::of(b"")).await.map(|_| ())
    }
}

fn names(types: &[BlobType]) -> Vec<&'static str> {
    types.iter().map(|blob_type| blob_type.as_str()).collect()
}

fn listed(row: &PgRow) -> Result<ListedBlob, StoreError> {
    let id: BlobId = row.try_get::<&str, _>(4).map_err(StoreError::failed)?.parse().map_err(StoreError::failed)?;
    let failed = |error| failed(id, error);
    let size: i64 = row.try_get(3).map_err(failed)?;
    Ok(ListedBlob { id, info: found(row).map_err(failed)?.info(id, size.unsigned_abs())? })
}

/// What a row has beside the content.
fn found(row: &PgRow) -> sqlx::Result<Found> {
    Ok(Found { blob_type: row.try_get(0)?, filename: row.try_get(1)?, created: created_at::read(row.try_get(2)?) })
}

fn failed(id: BlobId, error: sqlx::Error) -> StoreError {
    match error.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref() {
        // disk_full
        Some("53100") => StoreError::Full(std::sync::Arc::new(error)),
        // data_corrupted, index_corrupted
        Some("XX001" | "XX002") => corrupt(id, error.to_string()),
        _ => StoreError::failed(error),
    }
}

impl fmt::Debug for StepflowPostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StepflowPostgresStore({})", self.url)
    }
}
