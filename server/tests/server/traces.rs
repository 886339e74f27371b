//! Traces, sent by the process to a collector that is real as far as OTLP goes.

use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::mpsc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;

use crate::serving::Serving;

/// A collector, and what it is sent.
struct Collector {
    url: String,
    requests: mpsc::Receiver<ExportTraceServiceRequest>,
    _runtime: tokio::runtime::Runtime,
}

impl Collector {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        listener.set_nonblocking(true).expect("a listener");
        let (sender, requests) = mpsc::channel();
        let collect =
            async |State(sender): State<mpsc::Sender<ExportTraceServiceRequest>>, headers: HeaderMap, body: Bytes| {
                assert_eq!(headers["content-type"], "application/x-protobuf");
                sender.send(ExportTraceServiceRequest::decode(body).expect("spans")).expect("the test waits");
                ExportTraceServiceResponse::default().encode_to_vec()
            };
        let app = Router::new().route("/v1/traces", post(collect)).with_state(sender);
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let _guard = runtime.enter();
        let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
        runtime.spawn(async { axum::serve(listener, app).await });
        Self { url, requests, _runtime: runtime }
    }

    /// All spans that were sent, by name, and the name of the service. The server must have ended.
    fn spans(&self) -> (HashMap<String, Span>, String) {
        let (mut spans, mut service) = (HashMap::new(), String::new());
        for resource_spans in self.requests.try_iter().flat_map(|request| request.resource_spans) {
            service = attribute(&resource_spans.resource.expect("a resource").attributes, "service.name");
            let found = resource_spans.scope_spans.into_iter().flat_map(|scope| scope.spans);
            spans.extend(found.map(|span| (span.name.clone(), span)));
        }
        (spans, service)
    }
}

fn attribute(attributes: &[KeyValue], key: &str) -> String {
    let found = attributes.iter().find(|attribute| attribute.key == key);
    match found.and_then(|found| found.value.clone()?.value) {
        Some(any_value::Value::StringValue(text)) => text,
        Some(any_value::Value::IntValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    }
}

const TRACE: u128 = 0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c;
const PARENT: u64 = 0xb7ad_6b71_6920_3331;

/// Has a server answer a request of a trace, and end.
fn serve(flags: &[&str], environment: &[(&str, &str)]) {
    let server = Serving::start(flags, environment);
    let request = format!(
        "POST /api/v1/blobs HTTP/1.1\r\nhost: {}\r\ntraceparent: 00-{TRACE:032x}-{PARENT:016x}-01\r\nx-request-id: the-request\r\n\
        content-type: application/octet-stream\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi",
        server.address
    );
    let answer = server.ask(&request);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let log = server.terminate();
    assert!(!log.contains("ERROR") && !log.contains("store.put"), "{log}");
}

fn check(collector: &Collector, service: &str) {
    let (spans, named) = collector.spans();
    assert_eq!(named, service);
    let request = &spans["POST /api/v1/blobs"];
    assert_eq!(request.trace_id, TRACE.to_be_bytes());
    assert_eq!(request.parent_span_id, PARENT.to_be_bytes());
    let expected = [
        ("http.request.method", "POST"),
        ("http.route", "/api/v1/blobs"),
        ("http.response.status_code", "200"),
        ("url.path", "/api/v1/blobs"),
        ("isoblob.request_id", "the-request"),
    ];
    for (key, value) in expected {
        assert_eq!(attribute(&request.attributes, key), value, "{key}");
    }
    let put = &spans["store.put"];
    assert_eq!((&put.trace_id, &put.parent_span_id), (&request.trace_id, &request.span_id));
    assert_eq!(attribute(&put.attributes, "blob.size"), "2");
}

#[test]
fn a_trace_is_continued_to_the_collector_of_the_setting() {
    let collector = Collector::start();
    serve(&["--otlp-endpoint", &collector.url], &[]);
    check(&collector, "isoblob");
}

#[test]
fn a_trace_is_continued_to_the_collector_of_the_environment() {
    let collector = Collector::start();
    let environment = [("OTEL_EXPORTER_OTLP_ENDPOINT", &*collector.url), ("OTEL_SERVICE_NAME", "blobs")];
    serve(&[], &environment);
    check(&collector, "blobs");
}
