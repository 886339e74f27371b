//! How an orchestrator's PostgreSQL database is reached and used beside it.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, chown};

use isoblob_server::store::PutOutcome;
use sqlx::PgPool;

use super::{open, refusal};
use crate::postgres::{Cluster, other_user};
use crate::store::binary_of;

fn location(cluster: &Cluster, parameters: &str) -> String {
    format!("stepflow+{}", cluster.url(parameters))
}

/// A port that was free just now. PostgreSQL cannot choose one by itself.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port()
}

#[tokio::test]
async fn a_server_that_is_not_there_is_a_clear_sentence() {
    let port = free_port();
    let url = format!("postgres://stepflow:secret@127.0.0.1:{port}/flows");
    assert_eq!(
        refusal(&format!("stepflow+{url}")).await,
        format!(
            "cannot use the database postgres://stepflow@127.0.0.1:{port}/flows: error communicating with database: \
            Connection refused (os error 111)"
        )
    );
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_given_up() {
    // It takes connections, and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("an address").port();
    assert_eq!(
        refusal(&format!("stepflow+postgres://stepflow@127.0.0.1:{port}/flows")).await,
        format!("the database postgres://stepflow@127.0.0.1:{port}/flows does not answer within 5 s")
    );
}

#[tokio::test]
async fn a_server_that_restarts_is_found_again() {
    let cluster = Cluster::start();
    let store = open(&location(&cluster, "")).await.expect("a store");
    store.put(binary_of(1), None).await.expect("a put");
    cluster.stop();
    store.put(binary_of(2), None).await.expect_err("there is no server");
    store.health().await.expect_err("there is no server");
    cluster.launch();
    store.health().await.expect("health");
    assert_eq!(store.put(binary_of(2), None).await.expect("a put"), PutOutcome::New);
    assert_eq!(store.get(binary_of(1).id()).await.expect("a get").map(|read| read.blob), Some(binary_of(1)));
}

#[tokio::test]
async fn the_table_is_made_once_and_only_where_it_is_missing() {
    let cluster = Cluster::start();
    let pool = PgPool::connect(&cluster.url("")).await.expect("a connection");
    let location = location(&cluster, "");
    let (one, other) = tokio::join!(open(&location), open(&location));
    one.and(other).expect("two stores");
    // An orchestrator's default, which is what it leaves the time to.
    sqlx::query("INSERT INTO blobs (id, data) VALUES ('a', '')").execute(&pool).await.expect("a row");
    let (blob_type, created): (String, String) =
        sqlx::query_as("SELECT blob_type, created_at FROM blobs").fetch_one(&pool).await.expect("a row");
    assert_eq!((&*blob_type, created.len()), ("data", "2026-01-31 23:59:59".len()), "{created}");

    // Who may use the table need not be who may make it.
    sqlx::query("CREATE ROLE guest LOGIN").execute(&pool).await.expect("a role");
    sqlx::query("GRANT SELECT, INSERT, UPDATE ON blobs TO guest").execute(&pool).await.expect("a grant");
    let guest = location.replace("stepflow@", "guest@");
    let store = open(&guest).await.expect("a store");
    store.put(binary_of(1), None).await.expect("a put");
    sqlx::query("DROP TABLE blobs").execute(&pool).await.expect("no table");
    let message = refusal(&guest).await;
    let expected = "/postgres has no table `blobs`, and it cannot be made; start the orchestrator first, which makes it: \
        error returned from database: permission denied for schema public";
    assert!(message.contains(expected), "{message}");
}

#[tokio::test]
async fn a_table_of_something_else_is_refused() {
    let cluster = Cluster::start();
    let pool = PgPool::connect(&cluster.url("")).await.expect("a connection");
    let sql = "CREATE TABLE blobs (id TEXT, data TEXT, blob_type TEXT, filename TEXT, created_at TEXT)";
    sqlx::query(sql).execute(&pool).await.expect("a table");
    let message = refusal(&location(&cluster, "")).await;
    assert!(
        message.ends_with("/postgres is not the database of a Stepflow orchestrator of release 0.10 or later"),
        "{message}"
    );
}

/// A put is durable also where a server, a role or the URL says that commits need not wait for the disk.
#[tokio::test]
async fn a_commit_waits_for_the_disk() {
    let cluster = Cluster::start();
    let store = open(&location(&cluster, "&options=-c%20synchronous_commit%3Doff")).await.expect("a store");
    let pool = PgPool::connect(&cluster.url("")).await.expect("a connection");
    let trigger = "
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF current_setting('synchronous_commit') = 'off' THEN RAISE 'not durable'; END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER durable BEFORE INSERT ON blobs FOR EACH ROW EXECUTE FUNCTION refuse();
    ";
    sqlx::raw_sql(trigger).execute(&pool).await.expect("a trigger");
    store.put(binary_of(1), None).await.expect("a durable put");
    sqlx::raw_sql("SET synchronous_commit = off; INSERT INTO blobs (id, data) VALUES ('a', '')")
        .execute(&pool)
        .await
        .expect_err("the trigger is there");
}

#[tokio::test]
async fn tls_is_used_as_the_url_says() {
    let signed = rcgen::generate_simple_self_signed(vec!["localhost".into()]).expect("a certificate");
    let port = free_port();
    let settings = format!("-c listen_addresses=127.0.0.1 -c port={port} -c ssl=on");
    let _cluster = Cluster::start_with(&settings, |data| {
        for (file, text) in [("server.crt", signed.cert.pem()), ("server.key", signed.signing_key.serialize_pem())] {
            let path = data.join(file);
            fs::write(&path, text).expect("a file");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("permissions");
            if let Some((user, group)) = other_user() {
                chown(&path, Some(user), Some(group)).expect("root may");
            }
        }
    });
    let authority = tempfile::NamedTempFile::new().expect("a file");
    fs::write(&authority, signed.cert.pem()).expect("a file");
    let url =
        |host: &str, parameters: &str| format!("stepflow+postgres://stepflow@{host}:{port}/postgres?{parameters}");
    let known = format!("sslmode=verify-full&sslrootcert={}", authority.path().display());
    open(&url("localhost", &known)).await.expect("a store").put(binary_of(1), None).await.expect("a put");
    open(&url("127.0.0.1", "sslmode=require")).await.expect("a store").health().await.expect("health");
    for (host, parameters, expected) in [
        ("localhost", "sslmode=verify-full", "invalid peer certificate: UnknownIssuer"),
        ("127.0.0.1", &known, "invalid peer certificate: certificate not valid for name"),
    ] {
        let message = refusal(&url(host, parameters)).await;
        assert!(message.contains(expected), "{message}");
    }

    let plain = Cluster::start();
    let message = refusal(&location(&plain, "&sslmode=require")).await;
    assert!(message.contains("TLS"), "{message}");
}
