//! What an orchestrator stored is served, and what isoblob stored is what an orchestrator expects.

use std::sync::Arc;
use std::time::SystemTime;

use isoblob_core::{Blob, BlobId, BlobType, Limits};
use isoblob_server::grpc::proto::GetBlobRequest;
use isoblob_server::grpc::proto::blob_service_client::BlobServiceClient;
use isoblob_server::grpc::proto::get_blob_response::Content;
use isoblob_server::http::{AppState, HttpConfig, app};
use isoblob_server::store::{PutOutcome, StoreError};
use prost::Message as _;
use prost_types::Value;
use prost_types::value::Kind;
use serde_json::json;
use tonic::Code;
use tonic::transport::Endpoint;

use super::{Shared, second_of, shared};
use crate::store::name;
use crate::support::{LONG, OCTETS, Server, ask, get};

const UNCANONICAL: &str = r#"{"b":1.0,"a":[1e21,"\u00e9"]}"#;

#[tokio::test]
async fn what_an_orchestrator_stored_is_read_in_the_form_it_has() {
    let long = "x".repeat(2000);
    let rows = [
        (r#"{"a":1,"b":2}"#.as_bytes(), BlobType::Data, None, None, true),
        (UNCANONICAL.as_bytes(), BlobType::Data, Some("a b.json"), Some("a b.json"), false),
        (br#"{"steps":[],"name":"n"}"#, BlobType::Flow, None, None, false),
        (b"\0\xff", BlobType::Binary, Some("n\u{e9}"), Some("n\u{e9}"), true),
        // Names that no header can tell.
        (b"1", BlobType::Binary, Some("two\nlines"), None, true),
        (b"2", BlobType::Binary, Some(&long), None, true),
        (b"", BlobType::Binary, Some(""), None, true),
    ];
    for shared in shared().await {
        for (content, blob_type, filename, kept, canonical) in rows {
            let case = format!("{} {}", shared.name, content.escape_ascii());
            let (id, before) = (BlobId::of(content), second_of(SystemTime::now()));
            shared.plant(id, content, blob_type.as_str(), filename).await;
            let read = shared.store.get(id).await.expect("a get").expect("a blob");
            assert_eq!((read.blob.bytes(), read.blob.blob_type()), (content, blob_type), "{case}");
            assert_eq!(
                (read.filename.as_ref(), read.blob.is_canonical()),
                (kept.map(name).as_ref(), canonical),
                "{case}"
            );
            assert!((before..=second_of(SystemTime::now())).contains(&second_of(read.created)), "{case}");
            let head = shared.store.head(id).await.expect("a head").expect("a blob");
            assert_eq!((head.blob_type, head.size), (blob_type, content.len() as u64), "{case}");
            assert_eq!((head.filename, head.created), (read.filename, read.created), "{case}");
        }
    }
}

#[tokio::test]
async fn what_isoblob_stored_is_what_an_orchestrator_expects() {
    for shared in shared().await {
        let blob = Blob::data(UNCANONICAL.as_bytes(), Limits::default()).expect("JSON");
        let id = blob.id();
        shared.store.put(blob, Some(name("a.json"))).await.expect("a put");
        let expected = r#"{"a":[1e+21,"é"],"b":1}"#;
        assert_eq!(shared.read(id).await, (expected.into(), "data".into(), Some("a.json".into())), "{}", shared.name);
        let blob = Blob::binary(b"\0".to_vec());
        let id = blob.id();
        shared.store.put(blob, None).await.expect("a put");
        assert_eq!(shared.read(id).await, (b"\0".to_vec(), "binary".into(), None), "{}", shared.name);
    }
}

/// Whatever an orchestrator knew of a blob stays, unless there is more to know.
#[tokio::test]
async fn a_put_of_what_an_orchestrator_stored_betters_it() {
    let text = "{}";
    for shared in shared().await {
        let id = BlobId::of(text.as_bytes());
        shared.plant(id, text.as_bytes(), "data", Some("first")).await;
        let created = shared.store.head(id).await.expect("a head").expect("a blob").created;
        for (blob, expected) in [
            (Blob::binary(text), "data"),
            (Blob::flow(text.as_bytes(), Limits::default()).expect("a flow"), "flow"),
            (Blob::data(text.as_bytes(), Limits::default()).expect("JSON"), "flow"),
        ] {
            let outcome = shared.store.put(blob, Some(name("second"))).await.expect("a put");
            assert_eq!(outcome, PutOutcome::Existing, "{}", shared.name);
            let read = shared.read(id).await;
            assert_eq!(read, (text.into(), expected.into(), Some("first".into())), "{}", shared.name);
        }
        assert_eq!(shared.store.head(id).await.expect("a head").expect("a blob").created, created, "{}", shared.name);
    }
}

async fn corruption(shared: &Shared, id: BlobId) -> String {
    match shared.store.get(id).await {
        Err(error @ (StoreError::Corrupt { .. } | StoreError::NotJson { .. })) => error.to_string(),
        other => panic!("{}: {other:?}", shared.name),
    }
}

#[tokio::test]
async fn damage_is_found_and_repaired_by_the_next_put() {
    for shared in shared().await {
        let blob = Blob::data(b"[1]", Limits::default()).expect("JSON");
        let id = blob.id();
        shared.store.put(blob.clone(), Some(name("a"))).await.expect("a put");
        shared.damage(id).await;
        let message = corruption(&shared, id).await;
        let expected = format!("blob {id} is corrupt: the bytes hash to ");
        assert!(message.starts_with(&expected), "{}: {message}", shared.name);
        let outcome = shared.store.put(blob.clone(), None).await.expect("a put");
        let read = shared.store.get(id).await.expect("a get").expect("a blob");
        assert_eq!(
            (outcome, read.blob, read.filename),
            (PutOutcome::Existing, blob, Some(name("a"))),
            "{}",
            shared.name
        );
    }
}

#[tokio::test]
async fn what_contradicts_itself_is_corrupt() {
    for shared in shared().await {
        let check = async |content: &[u8], blob_type: &str, expected: &str| {
            let id = BlobId::of(content);
            shared.plant(id, content, blob_type, None).await;
            assert_eq!(corruption(&shared, id).await, format!("blob {id} {expected}"), "{}", shared.name);
        };
        check(b"a", "picture", "is corrupt: it has the unknown type \"picture\"").await;
        check(
            b"not JSON",
            "data",
            "is stored as data, and cannot be read as JSON: expected `true`, `false` or `null`, found `o`, at line 1 column 2 (byte 1)",
        )
        .await;
        check(
            br#"{"a":1,"a":2}"#,
            "flow",
            "is stored as flow, and cannot be read as JSON: the object has this key already, at line 1 column 8 \
            (byte 7), in `/a`",
        )
        .await;
    }
}

#[tokio::test]
async fn http_marks_what_is_not_canonical() {
    for shared in shared().await {
        let (canonical, uncanonical, broken) = (r#"{"a":1}"#, UNCANONICAL, "not JSON");
        for content in [canonical, uncanonical, broken] {
            shared.plant(BlobId::of(content.as_bytes()), content.as_bytes(), "data", None).await;
        }
        let app = app(AppState::new(Arc::clone(&shared.store), HttpConfig::default()));
        for (content, mark) in [(canonical, None), (uncanonical, Some("false"))] {
            let id = BlobId::of(content.as_bytes());
            let path = format!("/api/v1/blobs/{id}");
            let raw = get(&app, &path, &[("accept", OCTETS)]).await;
            assert_eq!((raw.text(), raw.header("x-blob-canonical")), (content, mark), "{}", shared.name);
            let envelope = get(&app, &path, &[]).await;
            let expected = format!(r#"{{"data":{content},"blobType":"data","blobId":"{id}"}}"#);
            assert_eq!((envelope.text(), envelope.header("x-blob-canonical")), (&*expected, mark), "{}", shared.name);
            // It reads no bytes, so it does not tell.
            let head = ask(&app, "HEAD", &path, &[]).await;
            assert_eq!((head.status, head.header("x-blob-canonical")), (200, None), "{}", shared.name);
        }
        let id = BlobId::of(broken.as_bytes());
        let answer = get(&app, &format!("/api/v1/blobs/{id}"), &[("accept", OCTETS)]).await;
        let message = format!(
            "blob {id} is stored as data, and cannot be read as JSON: expected `true`, `false` or `null`, found `o`, at line 1 \
            column 2 (byte 1)"
        );
        let expected = json!({"code": 500, "message": message, "reason": "corrupt_blob"});
        let body: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
        assert_eq!((answer.status, body), (500, expected), "{}", shared.name);
    }
}

#[tokio::test]
async fn grpc_tells_the_values_of_what_is_not_canonical() {
    for shared in shared().await {
        for (content, blob_type) in [(UNCANONICAL, "data"), ("\"a\"", "data"), ("not JSON", "flow")] {
            shared.plant(BlobId::of(content.as_bytes()), content.as_bytes(), blob_type, None).await;
        }
        let server = Server::start(Arc::clone(&shared.store), HttpConfig::default(), LONG).await;
        let endpoint = Endpoint::from_shared(format!("http://{}", server.address)).expect("an address");
        let mut client = BlobServiceClient::new(endpoint.connect().await.expect("a connection"));
        let mut get = async |content: &str| {
            let blob_id = BlobId::of(content.as_bytes()).to_string();
            client.get_blob(GetBlobRequest { blob_id }).await
        };
        let response = get(UNCANONICAL).await.expect("a blob");
        let mark = response.metadata().get("x-blob-canonical").map(|mark| mark.as_bytes().to_vec());
        let Some(Content::JsonData(value)) = response.into_inner().content else { panic!("{}", shared.name) };
        let value = Value::decode(&*value).expect("a value").kind;
        let Some(Kind::StructValue(object)) = value else { panic!("{}: {value:?}", shared.name) };
        assert_eq!(
            (mark.as_deref(), &object.fields["b"].kind),
            (Some(b"false".as_slice()), &Some(Kind::NumberValue(1.0)))
        );

        let response = get("\"a\"").await.expect("a blob");
        assert_eq!(response.metadata().get("x-blob-canonical"), None, "{}", shared.name);
        assert_eq!(get("not JSON").await.expect_err("no JSON").code(), Code::DataLoss, "{}", shared.name);
    }
}
