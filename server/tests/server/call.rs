//! `isoblob call`, against component servers that do what they should and that do not.

use std::net::SocketAddr;
use std::process::Command;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use clap::Parser as _;
use http_body_util::channel::Channel;
use isoblob_core::Limits;
use isoblob_core::handshake::ComponentServer;
use isoblob_core::rpc::{Message, RpcError};
use isoblob_server::call::{CallError, call};
use isoblob_server::config::{Cli, Command as Subcommand};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// Calls the component server at this address.
fn call_at(address: SocketAddr, args: &[&str]) -> Result<String, CallError> {
    let url = format!("http://{address}");
    let line = ["isoblob", "call", &url].into_iter().chain(args.iter().copied());
    match Cli::try_parse_from(line).expect("a command line").command {
        Subcommand::Call(args) => call(&args),
        _ => unreachable!("it says call"),
    }
}

/// Starts an application on a port of its own, and calls a component there.
async fn call_app(app: Router, args: &'static [&'static str]) -> Result<String, CallError> {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let serving = tokio::spawn(async move { axum::serve(listener, app).await });
    let called = tokio::task::spawn_blocking(move || call_at(address, args)).await.expect("a call");
    serving.abort();
    called
}

/// A component server: of the components `/where`, which says where blobs are, and `/ask`, which first asks the runtime
/// for something.
#[derive(Clone, Default)]
struct Worker {
    server: Arc<Mutex<ComponentServer>>,
    /// Where the answer to what `/ask` asks goes.
    asked: Arc<Mutex<Option<oneshot::Sender<String>>>>,
}

async fn receive(State(worker): State<Worker>, headers: HeaderMap, body: Bytes) -> Response {
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(headers["accept"], "application/json, text/event-stream");
    let message = Message::parse(&body, Limits::default()).expect("a message");
    let mut server = worker.server.lock().expect("a server");
    if let Some(answer) = server.receive(&message) {
        return ([("content-type", "application/json; charset=utf-8")], answer).into_response();
    }
    match message {
        Message::Request { id, method, params: Some(params) } if method == "components/execute" => {
            assert!(matches!(*server, ComponentServer::Initialized(_)), "initialized comes first");
            if params.contains(r#""component":"/ask""#) {
                return ask(&worker, Message::Success { id, result: r#"{"output":"done"}"# }.to_string());
            }
            let answer = match server.blob_api_url() {
                Ok(url) => Message::Success { id, result: &format!(r#"{{"output":"{url}"}}"#) }.to_string(),
                Err(error) => {
                    let error = RpcError { code: -32100, message: error.to_string(), data: None };
                    Message::Failure { id: Some(id), error }.to_string()
                }
            };
            ([("content-type", "application/json")], answer).into_response()
        }
        Message::Failure { .. } => {
            assert_eq!(headers["stepflow-instance-id"], "instance-1");
            let asked = worker.asked.lock().expect("a channel").take().expect("it was asked");
            asked.send(message.to_string()).expect("it waits");
            StatusCode::ACCEPTED.into_response()
        }
        _ => StatusCode::ACCEPTED.into_response(),
    }
}

/// An event stream that goes on once the runtime has answered what it asks.
fn ask(worker: &Worker, response: String) -> Response {
    let (answer, answered) = oneshot::channel();
    *worker.asked.lock().expect("a channel") = Some(answer);
    let (mut sender, body) = Channel::<Bytes>::new(4);
    tokio::spawn(async move {
        // Cut in the middle of a line, and of its end.
        let asked =
            ": hello\r\n\r\ndata: {\"jsonrpc\":\"2.0\",\"id\":\"q\",\"method\":\"runs/get\",|\"params\":{}}\r|\n\r\n";
        for part in asked.split('|') {
            sender.send_data(part.to_owned().into()).await.expect("it is read");
        }
        let refusal = answered.await.expect("an answer");
        assert!(refusal.contains(r#""id":"q","error":{"code":-32601,"message":"`runs/get` needs"#), "{refusal}");
        let notification = r#"{"jsonrpc":"2.0","method":"progress"}"#;
        let rest = format!("data: {notification}\n\ndata: {response}\n\n");
        sender.send_data(rest.into()).await.expect("it is read");
    });
    ([("content-type", "text/event-stream"), ("stepflow-instance-id", "instance-1")], Body::new(body)).into_response()
}

async fn call_worker(args: &'static [&'static str]) -> Result<String, String> {
    let app = Router::new().fallback(receive).with_state(Worker::default());
    call_app(app, args).await.map_err(|error| error.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_server_learns_where_blobs_are() {
    let url = "http://blobs.example.org/api/v1/blobs";
    let told = call_worker(&["/where", "--blob-api-url", "http://blobs.example.org/api/v1/blobs"]).await;
    assert_eq!(told, Ok(format!("\"{url}\"")));
    let told = call_worker(&["where", "--serve"]).await.expect("a URL");
    assert!(told.starts_with("\"http://localhost:") && told.ends_with("/api/v1/blobs\""), "{told}");
    let error = call_worker(&["/where"]).await.expect_err("no URL");
    assert_eq!(
        error,
        "the component /where failed: the runtime gave no blobApiUrl when it initialized this component server; \
        set blobApi.url in its configuration (code -32100)\n\
        It was not told where blobs are: --serve, --blob-api-url or --config says it."
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_in_the_stream_is_answered_before_the_stream_goes_on() {
    assert_eq!(call_worker(&["/ask"]).await, Ok("\"done\"".into()));
}

/// What is said of a component server that gives this answer, whatever it is sent.
async fn check(status: u16, content_type: &'static str, body: &'static str, expected: &str) {
    let status = StatusCode::from_u16(status).expect("a status");
    let answer = move || async move { (status, [("content-type", content_type), ("location", "/")], body) };
    let error = call_app(Router::new().fallback(answer), &["/x"]).await.expect_err(body);
    assert_eq!((error.to_string().as_str(), error.exit_code()), (expected, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_speak_the_protocol_is_said() {
    const JSON: &str = "application/json";
    const EVENTS: &str = "text/event-stream";
    check(200, "text/html", " <h1>Hi</h1>\n", "the component server answered 200 OK: <h1>Hi</h1>").await;
    check(307, "", "", "the component server answered 307 Temporary Redirect: ").await;
    check(406, JSON, r#"{"error":"No"}"#, r#"the component server answered 406 Not Acceptable: {"error":"No"}"#).await;
    check(
        200,
        JSON,
        r#"{"error":"No"}"#,
        "the component server does not speak the protocol as expected: a message must have the `jsonrpc` \"2.0\"",
    )
    .await;
    check(
        500,
        JSON,
        r#"{"jsonrpc":"2.0","id":"1","error":{"code":-32603,"message":"Internal error: no"}}"#,
        "the component server refused to be initialized: Internal error: no (code -32603)",
    )
    .await;
    check(
        200,
        JSON,
        r#"{"jsonrpc":"2.0","id":"1","result":{"serverProtocolVersion":2}}"#,
        "the component server does not speak the protocol as expected: \
        the component server speaks version 2 of the protocol, and 1 is the greatest known here",
    )
    .await;
    check(200, EVENTS, "data: {\"jsonrpc\":\"2.0\"", "the component server ended its event stream without a response")
        .await;
    check(
        200,
        EVENTS,
        "data: {}\n\n",
        "the component server answered with something else than JSON-RPC: a message must have the `jsonrpc` \"2.0\"",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_server_that_says_nothing_is_given_up() {
    let silent = || std::future::pending::<()>();
    let error = call_app(Router::new().fallback(silent), &["/x", "--timeout-secs", "1"]).await.expect_err("no answer");
    assert!(error.to_string().starts_with("no answer from the component server at http://127.0.0.1:"), "{error}");
    assert!(
        std::error::Error::source(&error).is_some_and(|cause| cause.to_string().starts_with("timeout")),
        "{error:?}"
    );
    assert_eq!(error.exit_code(), 3);
}

#[test]
fn the_status_says_who_is_at_fault() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let nobody = format!("http://{free}");
    let dir = tempfile::tempdir().expect("a directory");
    let config = dir.path().join("stepflow-config.yml");
    std::fs::write(&config, "blobApi:\n  enabled: yes\n").expect("a file");
    let config = config.to_str().expect("UTF-8");
    let check = |args: &[&str], status: i32, message: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_isoblob")).arg("call").args(args).output().expect("it runs");
        let error = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(status), &b""[..]), "{args:?}: {error}");
        assert!(error.starts_with(message), "{error}");
    };
    check(&[&nobody, "/x", "--input", "[1,]"], 3, "isoblob: no answer from the component server at http://127.0.0.1:");
    check(&[&nobody, "/x", "--input", "@/nowhere"], 1, "isoblob: cannot read the input from /nowhere: No such file");
    let wrong =
        format!("isoblob: {config}: blobApi.enabled: expected true or false, found \"yes\", at line 2 column 12\n");
    check(&[&nobody, "/x", "--config", config], 1, &wrong);
    check(&[&nobody, "/x", "--serve", "--store", config], 1, "isoblob: cannot ");
    check(&["https://localhost", "/x"], 2, "error: invalid value 'https://localhost' for '<WORKER_URL>'");
    check(&[&nobody, "/x", "--blob-api-url", "localhost"], 2, "error: invalid value 'localhost' for '--blob-api-url");
    check(&[&nobody, "/x", "--store", "memory:"], 2, "error: the following required arguments were not provided:");
}
