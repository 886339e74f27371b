//! gRPC, over real sockets, with a client of its own.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderValue, Uri};
use isoblob_core::{Blob, BlobId, BlobType};
use isoblob_server::grpc::proto::blob_service_client::BlobServiceClient;
use isoblob_server::grpc::proto::get_blob_response::Content as Answered;
use isoblob_server::grpc::proto::put_blob_request::Content as Given;
use isoblob_server::grpc::proto::{GetBlobRequest, GetBlobResponse, PutBlobRequest, PutBlobResponse};
use isoblob_server::http::{HostPolicy, HttpConfig};
use isoblob_server::store::{MemoryStore, Store, StoreError};
use prost::Message as _;
use prost_types::value::Kind;
use prost_types::{ListValue, Struct, Value};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_types::StatusExt as _;

use crate::support::{FailingStore, LONG, Server};

const NO_ID: &str = "0000000000000000000000000000000000000000000000000000000000000000";

async fn start(store: impl Store) -> Server {
    Server::start(Arc::new(store), HttpConfig::default(), LONG).await
}

async fn channel(server: &Server) -> Channel {
    let endpoint = Endpoint::from_shared(format!("http://{}", server.address)).expect("an address");
    endpoint.connect().await.expect("a connection")
}

async fn client(server: &Server) -> BlobServiceClient<Channel> {
    BlobServiceClient::new(channel(server).await).max_decoding_message_size(usize::MAX)
}

/// A client of a server over an empty store in memory.
async fn memory_client() -> BlobServiceClient<Channel> {
    client(&start(MemoryStore::default()).await).await
}

fn number(number: f64) -> Value {
    Value { kind: Some(Kind::NumberValue(number)) }
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let fields = members.map(|(key, value)| (key.to_owned(), value)).into();
    Value { kind: Some(Kind::StructValue(Struct { fields })) }
}

fn json(value: &Value) -> Given {
    Given::JsonData(value.encode_to_vec())
}

fn raw(bytes: impl Into<Vec<u8>>) -> Given {
    Given::RawData(bytes.into())
}

fn put_request(content: Given, blob_type: &str) -> PutBlobRequest {
    PutBlobRequest { content: Some(content), blob_type: blob_type.into(), filename: None, content_type: None }
}

async fn put(client: &mut BlobServiceClient<Channel>, content: Given, blob_type: &str) -> Result<String, Status> {
    let response = client.put_blob(put_request(content, blob_type)).await?;
    Ok(response.into_inner().blob_id)
}

async fn get(client: &mut BlobServiceClient<Channel>, blob_id: impl ToString) -> Result<GetBlobResponse, Status> {
    client.get_blob(GetBlobRequest { blob_id: blob_id.to_string() }).await.map(tonic::Response::into_inner)
}

/// What HTTP/1.1 says, on the same port: the whole answer.
async fn http(server: &Server, request: &str) -> String {
    let mut stream = TcpStream::connect(server.address).await.expect("a connection");
    stream.write_all(request.as_bytes()).await.expect("a write");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("a read");
    answer
}

async fn http_put(server: &Server, data: &str) -> String {
    let body = format!(r#"{{"data":{data}}}"#);
    let head =
        "POST /api/v1/blobs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nconnection: close\r\n";
    let answer = http(server, &format!("{head}content-length: {}\r\n\r\n{body}", body.len())).await;
    let id = answer.rsplit_once(r#"{"blobId":""#).and_then(|(_, rest)| rest.strip_suffix(r#""}"#));
    id.unwrap_or_else(|| panic!("{answer}")).to_owned()
}

#[track_caller]
fn check_refused<T: std::fmt::Debug>(result: Result<T, Status>, code: Code, reason: &str, message: &str) {
    let status = result.expect_err(message);
    let info = status.get_details_error_info().expect("a reason");
    assert_eq!((status.code(), &*info.reason, status.message()), (code, reason, message));
    assert_eq!(info.domain, "isoblob");
}

#[tokio::test]
async fn json_has_the_id_that_it_has_by_http() {
    let server = start(MemoryStore::default()).await;
    let mut client = client(&server).await;
    let list = |values| Value { kind: Some(Kind::ListValue(ListValue { values })) };
    let text = Value { kind: Some(Kind::StringValue("Zoë \u{1F600}".into())) };
    let value = object([("z", list(vec![number(1.0), number(0.1), number(1e300)])), ("é", text), ("", object([]))]);
    let id = put(&mut client, json(&value), "data").await.expect("a put");
    assert_eq!(http_put(&server, r#"{"é": "Zo\u00eb 😀", "": {}, "z": [1, 1e-1, 1E300]}"#).await, id);
    assert_eq!(id, BlobId::of(r#"{"":{},"z":[1,0.1,1e+300],"é":"Zoë 😀"}"#.as_bytes()).to_string());

    let GetBlobResponse { content, blob_type, blob_id, filename, content_type } =
        get(&mut client, &id).await.expect("a get");
    let Some(Answered::JsonData(message)) = content else { panic!("{content:?}") };
    assert_eq!(Value::decode(&*message), Ok(value));
    assert_eq!((&*blob_type, blob_id, filename, content_type), ("data", id, None, None));
}

#[tokio::test]
async fn each_type_is_answered_as_what_it_is() {
    let mut client = memory_client().await;
    let flow = br#"{"steps":[{"id":"a","component":"/builtin/eval"}]}"#;
    let flow_value = object([("steps", Value { kind: Some(Kind::ListValue(ListValue::default())) })]);
    let rows = [
        (json(&number(1.0)), "", b"1".to_vec(), "data"),
        (raw(*b" [1.0, 2] "), "", b"[1,2]".to_vec(), "data"),
        (raw(*b" [1.0, 3] "), "data", b"[1,3]".to_vec(), "data"),
        (raw(*flow), "flow", br#"{"steps":[{"component":"/builtin/eval","id":"a"}]}"#.to_vec(), "flow"),
        (json(&flow_value), "flow", br#"{"steps":[]}"#.to_vec(), "flow"),
        (raw(*b"\x00\xff{"), "binary", b"\x00\xff{".to_vec(), "binary"),
        (raw(*b""), "binary", vec![], "binary"),
        (json(&object([("b", number(1.0)), ("a", number(2.0))])), "binary", br#"{"a":2,"b":1}"#.to_vec(), "binary"),
        (raw(vec![b'x'; 5 << 20]), "binary", vec![b'x'; 5 << 20], "binary"),
    ];
    for (content, blob_type, bytes, expected) in rows {
        let id = put(&mut client, content, blob_type).await.expect("a put");
        assert_eq!(id, BlobId::of(&bytes).to_string());
        let answer = get(&mut client, id).await.expect("a get");
        assert_eq!(answer.blob_type, expected);
        match answer.content.expect("a content") {
            Answered::RawData(answered) => {
                assert_eq!((expected, &*answer.content_type.expect("a type")), ("binary", "application/octet-stream"));
                assert_eq!(answered, bytes);
            }
            Answered::JsonData(message) => {
                assert_ne!(expected, "binary");
                let again = put(&mut client, Given::JsonData(message), expected).await.expect("a put");
                assert_eq!(again, BlobId::of(&bytes).to_string());
            }
        }
    }
}

#[tokio::test]
async fn the_first_filename_stays() {
    let mut client = memory_client().await;
    let named = |filename: &str| PutBlobRequest {
        filename: Some(filename.into()),
        content_type: Some("text/plain".into()),
        ..put_request(raw(*b"{}"), "data")
    };
    for filename in ["", "naïve.json", "other.json"] {
        let PutBlobResponse { blob_id, filename: answered } =
            client.put_blob(named(filename)).await.expect("a put").into_inner();
        assert_eq!((blob_id, answered.as_deref()), (BlobId::of(b"{}").to_string(), Some(filename)));
    }
    let answer = get(&mut client, BlobId::of(b"{}")).await.expect("a get");
    assert_eq!(answer.filename.as_deref(), Some("naïve.json"));
    let message = "a filename is 1 to 1024 bytes of UTF-8 without control characters";
    check_refused(client.put_blob(named("a\r\nb")).await, Code::InvalidArgument, "INVALID_FILENAME", message);
}

#[tokio::test]
async fn what_is_refused_says_why_and_where() {
    let mut client = memory_client().await;
    let flow = object([("steps", number(1.0))]);
    let rows = [
        (
            raw(*b"{\"a\":1,\n\"a\":2}"),
            "data",
            "DUPLICATE_KEY",
            "the object has this key already, at line 2 column 1 (byte 8), in `/a`",
        ),
        (
            raw(*b"nope"),
            "",
            "UNEXPECTED_CHARACTER",
            "expected `true`, `false` or `null`, found `o`, at line 1 column 2 (byte 1)",
        ),
        (raw(*b"{\"steps\":1}"), "flow", "INVALID_FLOW", "`steps` must be an array, not a number, in `/steps`"),
        (json(&flow), "flow", "INVALID_FLOW", "`steps` must be an array, not a number, in `/steps`"),
        (json(&object([("n", number(f64::NAN))])), "data", "NUMBER_NOT_FINITE", "NaN is no number of JSON, in `/n`"),
        (json(&Value { kind: None }), "data", "INVALID_BODY", "a Value has no kind"),
        // {"k": true} in a Struct twice.
        (
            Given::JsonData(b"\x2a\x12\x0a\x07\x0a\x01k\x12\x02\x20\x01\x0a\x07\x0a\x01k\x12\x02\x20\x01".to_vec()),
            "data",
            "DUPLICATE_KEY",
            "the object has this key already, in `/k`",
        ),
        (raw(*b"{}"), "workflow", "INVALID_ENVELOPE", "a blob type is `data`, `flow` or `binary`"),
    ];
    for (content, blob_type, reason, message) in rows {
        check_refused(put(&mut client, content, blob_type).await, Code::InvalidArgument, reason, message);
    }
    let nothing = PutBlobRequest::default();
    let message = "the request has no content";
    check_refused(client.put_blob(nothing).await, Code::InvalidArgument, "INVALID_ENVELOPE", message);

    let status = put(&mut client, raw(*b"[1,]"), "data").await.expect_err("no JSON");
    let mut place: Vec<_> = status.get_details_error_info().expect("a reason").metadata.into_iter().collect();
    place.sort();
    let expected = [("column", "4"), ("line", "1"), ("offset", "3"), ("pointer", "/1")];
    assert_eq!(place, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let mut client = memory_client().await;
    let message = format!("there is no blob {NO_ID}");
    check_refused(get(&mut client, NO_ID).await, Code::NotFound, "NOT_FOUND", &message);
    for id in ["", "xyz", &"A".repeat(64)] {
        let message = "a blob id is 64 lowercase hex digits";
        check_refused(get(&mut client, id).await, Code::InvalidArgument, "INVALID_ID", message);
    }
}

#[tokio::test]
async fn a_number_that_is_no_double_is_told_by_http_alone() {
    let server = start(MemoryStore::default()).await;
    let mut client = client(&server).await;
    let data = r#"{"a":[1,505874924095815681]}"#;
    // Put as a text, it is what it is by HTTP.
    let id = put(&mut client, raw(data), "data").await.expect("a put");
    assert_eq!(http_put(&server, data).await, id);
    let status = get(&mut client, &id).await.expect_err("no double");
    assert_eq!(status.get_details_error_info().expect("a reason").metadata["pointer"], "/a/1");
    let message =
        "a double, which is what protobuf has for numbers, does not hold 505874924095815681; HTTP tells it, in `/a/1`";
    check_refused::<()>(Err(status), Code::FailedPrecondition, "INEXACT_NUMBER", message);

    let id = http_put(&server, "[9007199254740994, 100000000000000000000]").await;
    assert!(get(&mut client, id).await.is_ok());
}

#[tokio::test]
async fn a_message_may_have_as_many_bytes_as_a_body() {
    let config = HttpConfig { max_body_bytes: 1000, ..HttpConfig::default() };
    let server = Server::start(Arc::new(MemoryStore::default()), config, LONG).await;
    let mut client = client(&server).await;
    let around = put_request(raw(vec![b'x'; 900]), "binary").encoded_len() - 900;
    put(&mut client, raw(vec![b'x'; 1000 - around]), "binary").await.expect("as many as the limit");
    for length in [1001 - around, 8 << 20] {
        let refused = put(&mut client, raw(vec![b'x'; length]), "binary").await;
        let message = "the message has more than 1000 bytes";
        check_refused(refused, Code::ResourceExhausted, "BODY_TOO_LARGE", message);
    }
}

#[tokio::test]
async fn a_message_that_stalls_is_given_up() {
    let config = HttpConfig { body_idle_timeout: Duration::from_millis(1), ..HttpConfig::default() };
    let server = Server::start(Arc::new(MemoryStore::default()), config, LONG).await;
    let channel = channel(&server).await;
    let mut grpc = tonic::client::Grpc::new(channel);
    grpc.ready().await.expect("a connection");
    let path = "/stepflow.v1.BlobService/PutBlob".parse().expect("a path");
    let codec = tonic_prost::ProstCodec::<PutBlobRequest, PutBlobResponse>::default();
    let silence = Request::new(tokio_stream::pending());
    let refused = grpc.client_streaming(silence, path, codec).await;
    let message = "the body brought nothing for 0.001 seconds";
    check_refused(refused, Code::DeadlineExceeded, "BODY_TIMEOUT", message);
}

#[tokio::test]
async fn bytes_that_are_no_message_are_the_fault_of_the_request() {
    let server = start(MemoryStore::default()).await;
    let mut grpc = tonic::client::Grpc::new(channel(&server).await);
    grpc.ready().await.expect("a connection");
    let path = "/stepflow.v1.BlobService/GetBlob".parse().expect("a path");
    // Its field 1 is a number.
    let codec = tonic_prost::ProstCodec::<HealthStatus, GetBlobResponse>::default();
    let status = grpc.unary(Request::new(HealthStatus { number: 1 }), path, codec).await.expect_err("no message");
    let info = status.get_details_error_info().expect("a reason");
    assert_eq!((status.code(), &*info.reason), (Code::InvalidArgument, "INVALID_BODY"));
    assert!(status.message().starts_with("not a message: failed to decode Protobuf message: "), "{}", status.message());

    let path = "/stepflow.v1.BlobService/DeleteBlob".parse().expect("a path");
    grpc.ready().await.expect("a connection");
    let codec = tonic_prost::ProstCodec::<GetBlobRequest, GetBlobResponse>::default();
    let status = grpc.unary(Request::new(GetBlobRequest::default()), path, codec).await.expect_err("no method");
    assert_eq!(status.code(), Code::Unimplemented);
    let path = "/stepflow.v1.RunsService/GetRun".parse().expect("a path");
    grpc.ready().await.expect("a connection");
    let codec = tonic_prost::ProstCodec::<GetBlobRequest, GetBlobResponse>::default();
    let status = grpc.unary(Request::new(GetBlobRequest::default()), path, codec).await.expect_err("no service");
    let message = "there is no /stepflow.v1.RunsService/GetRun";
    assert_eq!((status.code(), status.message()), (Code::Unimplemented, message));
}

#[derive(Clone, PartialEq, prost::Message)]
struct HealthStatus {
    #[prost(int32, tag = "1")]
    number: i32,
}

#[tokio::test]
async fn a_store_that_fails_is_told_without_its_cause() {
    let id = BlobId::of(b"{}");
    let cause = || Arc::new(std::io::Error::other("secret"));
    let rows = [
        (
            StoreError::Corrupt { id, cause: "secret".into() },
            Code::DataLoss,
            "CORRUPT_BLOB",
            &*format!("what is stored under {id} does not hash to it"),
        ),
        (StoreError::Full(cause()), Code::ResourceExhausted, "STORE_FULL", "the store is full"),
        (
            StoreError::Failed(cause()),
            Code::Internal,
            "INTERNAL",
            "the server failed; its log says why, under this request's id",
        ),
    ];
    for (error, code, reason, message) in rows {
        let mut client = client(&start(FailingStore(error)).await).await;
        check_refused(get(&mut client, id).await, code, reason, message);
        let mut request = Request::new(put_request(raw(*b"{}"), "data"));
        request.metadata_mut().insert("x-request-id", "mine-1".parse().expect("a value"));
        let status = client.put_blob(request).await.expect_err("a store that fails");
        assert_eq!(status.metadata().get("x-request-id"), Some(&"mine-1".parse().expect("a value")));
        assert!(!format!("{status:?}").contains("secret"), "{status:?}");
        check_refused::<()>(Err(status), code, reason, message);
    }
}

#[tokio::test]
async fn a_loopback_server_answers_to_localhost_alone() {
    let config = HttpConfig { host_policy: HostPolicy::Loopback, ..HttpConfig::default() };
    let server = Server::start(Arc::new(MemoryStore::default()), config, LONG).await;
    let origin = |host: &str| format!("http://{host}:{}", server.address.port()).parse::<Uri>().expect("a URI");
    let endpoint = Endpoint::from_shared(format!("http://{}", server.address)).expect("an address");
    for host in ["localhost", "127.0.0.1", "blobs.localhost"] {
        let channel = endpoint.clone().origin(origin(host)).connect().await.expect("a connection");
        let missing = get(&mut BlobServiceClient::new(channel), NO_ID).await;
        assert_eq!(missing.expect_err("nothing").code(), Code::NotFound, "{host}");
    }
    let channel = endpoint.clone().origin(origin("example.org")).connect().await.expect("a connection");
    let port = server.address.port();
    let message = format!(
        "the request names the host example.org:{port}; this server listens on loopback and answers to localhost"
    );
    let refused = get(&mut BlobServiceClient::new(channel), NO_ID).await;
    check_refused(refused, Code::PermissionDenied, "FOREIGN_HOST", &message);
}

async fn health(channel: &Channel, service: &str) -> Result<ServingStatus, Status> {
    let request = HealthCheckRequest { service: service.into() };
    let answer = HealthClient::new(channel.clone()).check(request).await?.into_inner();
    Ok(answer.status())
}

#[tokio::test]
async fn health_is_that_of_the_store() {
    let well = channel(&start(MemoryStore::default()).await).await;
    let full = StoreError::Full(Arc::new(std::io::Error::other("full")));
    let ill = channel(&start(FailingStore(full)).await).await;
    for service in ["", "stepflow.v1.BlobService"] {
        assert_eq!(health(&well, service).await.expect("a status"), ServingStatus::Serving);
        assert_eq!(health(&ill, service).await.expect("a status"), ServingStatus::NotServing);
    }
    let unknown = health(&well, "stepflow.v1.RunsService").await;
    check_refused(unknown, Code::NotFound, "NOT_FOUND", "there is no such service");
}

/// A call that stays open must not keep the server from ending.
#[tokio::test]
async fn whoever_watches_is_told_that_the_server_drains() {
    let server = start(MemoryStore::default()).await;
    let channel = channel(&server).await;
    let watch = async |service: &str| {
        let request = HealthCheckRequest { service: service.into() };
        HealthClient::new(channel.clone()).watch(request).await.expect("a stream").into_inner()
    };
    let (mut known, mut unknown) = (watch("").await, watch("other").await);
    let told = async |stream: &mut tonic::Streaming<_>| {
        let answer: Option<tonic_health::pb::HealthCheckResponse> = stream.message().await.expect("an answer");
        answer.map(|answer| answer.status())
    };
    assert_eq!(told(&mut known).await, Some(ServingStatus::Serving));
    assert_eq!(told(&mut unknown).await, Some(ServingStatus::ServiceUnknown));
    server.stop.send(()).expect("a server");
    assert_eq!(told(&mut known).await, Some(ServingStatus::NotServing));
    assert_eq!((told(&mut known).await, told(&mut unknown).await), (None, None));
    assert_eq!(server.served.await.expect("a server"), 0);
}

#[tokio::test]
async fn reflection_lists_the_services_and_describes_ours() {
    let server = start(MemoryStore::default()).await;
    let mut client = ServerReflectionClient::new(channel(&server).await);
    let mut ask = async |request| {
        let request = ServerReflectionRequest { host: String::new(), message_request: Some(request) };
        let mut answers =
            client.server_reflection_info(tokio_stream::once(request)).await.expect("a stream").into_inner();
        answers.message().await.expect("an answer").expect("an answer").message_response.expect("a response")
    };
    let MessageResponse::ListServicesResponse(services) = ask(MessageRequest::ListServices(String::new())).await else {
        panic!("a list");
    };
    let mut names: Vec<_> = services.service.into_iter().map(|service| service.name).collect();
    names.sort();
    assert_eq!(names, ["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "stepflow.v1.BlobService"]);

    let symbol = MessageRequest::FileContainingSymbol("stepflow.v1.BlobService".into());
    let MessageResponse::FileDescriptorResponse(found) = ask(symbol).await else { panic!("a description") };
    let file = prost_types::FileDescriptorProto::decode(&*found.file_descriptor_proto[0]).expect("a description");
    let fields: Vec<_> = file
        .message_type
        .iter()
        .flat_map(|message| message.field.iter().map(|field| (message.name(), field.name(), field.number())))
        .collect();
    let expected = [
        ("PutBlobRequest", "json_data", 1),
        ("PutBlobRequest", "raw_data", 5),
        ("PutBlobRequest", "blob_type", 2),
        ("PutBlobRequest", "filename", 3),
        ("PutBlobRequest", "content_type", 4),
        ("PutBlobResponse", "blob_id", 1),
        ("PutBlobResponse", "filename", 2),
        ("GetBlobRequest", "blob_id", 1),
        ("GetBlobResponse", "json_data", 1),
        ("GetBlobResponse", "raw_data", 6),
        ("GetBlobResponse", "blob_type", 2),
        ("GetBlobResponse", "blob_id", 3),
        ("GetBlobResponse", "filename", 4),
        ("GetBlobResponse", "content_type", 5),
    ];
    assert_eq!(fields, expected);
    // As its users see it, not as the server reads it.
    assert_eq!(file.message_type[0].field[0].type_name(), ".google.protobuf.Value");
}

#[tokio::test]
async fn a_call_under_way_is_finished_and_the_connection_closed() {
    let server = start(MemoryStore::default()).await;
    let channel = channel(&server).await;
    let mut grpc = tonic::client::Grpc::new(channel.clone());
    grpc.ready().await.expect("a connection");
    let (sender, messages) = tokio::sync::mpsc::channel(1);
    let path = "/stepflow.v1.BlobService/PutBlob".parse().expect("a path");
    let codec = tonic_prost::ProstCodec::<PutBlobRequest, PutBlobResponse>::default();
    let messages = tokio_stream::wrappers::ReceiverStream::new(messages);
    let call = tokio::spawn(async move { grpc.client_streaming(Request::new(messages), path, codec).await });
    // The connection is the call's alone, so once another was answered the server has the call too.
    assert_eq!(health(&channel, "").await.expect("a status"), ServingStatus::Serving);

    server.stop.send(()).expect("a server");
    sender.send(put_request(raw(*b"{}"), "data")).await.expect("a call");
    drop(sender);
    let response: PutBlobResponse = call.await.expect("a call").expect("an answer").into_inner();
    assert_eq!(response.blob_id, BlobId::of(b"{}").to_string());
    // The client still holds the connection.
    assert_eq!(server.served.await.expect("a server"), 0);
    drop(channel);
}

/// The page and the API are served over HTTP/2 too, on the port of HTTP/1.1 and gRPC.
#[tokio::test]
async fn one_port_speaks_every_protocol() {
    let store = MemoryStore::default();
    let blob = Blob::verify(BlobId::of(b"[1]"), BlobType::Data, b"[1]".to_vec()).expect("its id");
    store.put(blob, None).await.expect("a put");
    let server = start(store).await;
    let mut client = client(&server).await;
    assert!(get(&mut client, BlobId::of(b"[1]")).await.is_ok());

    let path = format!("/api/v1/blobs/{}", BlobId::of(b"[1]"));
    let raw = "host: localhost\r\naccept: application/octet-stream\r\nconnection: close\r\n\r\n";
    let answer = http(&server, &format!("GET {path} HTTP/1.1\r\n{raw}")).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\n[1]"), "{answer}");

    let stream = TcpStream::connect(server.address).await.expect("a connection");
    let io = hyper_util::rt::TokioIo::new(stream);
    let executor = hyper_util::rt::TokioExecutor::new();
    let (mut http2, connection) = hyper::client::conn::http2::handshake(executor, io).await.expect("HTTP/2");
    tokio::spawn(connection);
    let request = axum::http::Request::get(format!("http://{}{path}", server.address));
    let request = request.header("accept", "application/octet-stream").body(axum::body::Body::empty());
    let response = http2.send_request(request.expect("a request")).await.expect("an answer");
    assert_eq!(response.version(), axum::http::Version::HTTP_2);
    assert_eq!(response.headers().get("x-blob-type"), Some(&HeaderValue::from_static("data")));
    let body = http_body_util::BodyExt::collect(response.into_body()).await.expect("a body").to_bytes();
    assert_eq!(body, "[1]");
}

/// A client that keeps its call open does not hold up the end of the server.
#[tokio::test]
async fn an_idle_reflection_call_ends_with_the_server() {
    let server = start(MemoryStore::default()).await;
    let mut client = ServerReflectionClient::new(channel(&server).await);
    let list = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let requests = tokio_stream::StreamExt::chain(tokio_stream::once(list), tokio_stream::pending());
    let mut answers = client.server_reflection_info(requests).await.expect("a call").into_inner();
    answers.message().await.expect("a message").expect("an answer");
    server.stop.send(()).expect("a server");
    assert_eq!(answers.message().await.expect("the call ends well"), None);
    drop(client);
    assert_eq!(server.served.await.expect("a server"), 0);
}
