//! The limits on requests. Each has its test.

use std::io;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use http_body_util::channel::{Channel, Sender};
use isoblob_core::BlobId;
use isoblob_server::http::{AppState, HttpConfig, app};
use isoblob_server::store::MemoryStore;
use tokio::time::{Instant, sleep};

use crate::support::{Answer, JSON, OCTETS, call, get, post};

const LIMIT: usize = 1000;
const IDLE: Duration = Duration::from_secs(5);
const TOO_LARGE: &str = r#"{"code":413,"message":"the body has more than 1000 bytes","reason":"body_too_large"}"#;

fn limited() -> Router {
    let config = HttpConfig { max_body_bytes: LIMIT, body_idle_timeout: IDLE, ..HttpConfig::default() };
    app(AppState::new(Arc::new(MemoryStore::default()), config))
}

/// Puts a body whose length is not told before, while `send` brings it.
async fn put_streamed<F: Future<Output = ()>>(
    app: &Router,
    send: impl FnOnce(Sender<Bytes, io::Error>) -> F,
) -> Answer {
    let (sender, channel) = Channel::<Bytes, io::Error>::new(1);
    let request = post(OCTETS).body(Body::new(channel)).expect("a request");
    tokio::join!(call(app, request), send(sender)).0
}

#[tokio::test]
async fn a_body_may_have_as_many_bytes_as_the_limit() {
    let app = limited();
    let body = vec![b'x'; LIMIT];
    let expected = format!(r#"{{"blobId":"{}"}}"#, BlobId::of(&body));
    let told = call(&app, post(OCTETS).body(Body::from(body.clone())).expect("a request")).await;
    assert_eq!((told.status, told.text()), (200, &*expected));
    let streamed = put_streamed(&app, async |mut sender| {
        for part in body.chunks(LIMIT / 3) {
            sender.send_data(Bytes::copy_from_slice(part)).await.expect("a reader");
        }
    });
    let streamed = streamed.await;
    assert_eq!((streamed.status, streamed.text()), (200, &*expected));
}

#[tokio::test]
async fn a_body_that_says_it_is_longer_is_refused_before_it_is_read() {
    let app = limited();
    for content_type in [JSON, OCTETS] {
        let answer = call(&app, post(content_type).body(Body::from(vec![b'x'; LIMIT + 1])).expect("a request")).await;
        assert_eq!((answer.status, answer.text()), (413, TOO_LARGE));
    }
    let path = format!("/api/v1/blobs/{}", BlobId::of(&[b'x'; LIMIT + 1]));
    assert_eq!(get(&app, &path, &[]).await.status, 404);
}

#[tokio::test]
async fn a_body_that_turns_out_longer_is_refused_while_it_comes() {
    let app = limited();
    let answer = put_streamed(&app, async |mut sender| {
        // It never ends; the answer comes before.
        while sender.send_data(Bytes::from_static(&[b'x'; 300])).await.is_ok() {}
    });
    let answer = answer.await;
    assert_eq!((answer.status, answer.text()), (413, TOO_LARGE));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_stalls_is_given_up() {
    let start = Instant::now();
    let app = limited();
    let answer = put_streamed(&app, async |mut sender| {
        sender.send_data(Bytes::from_static(b"x")).await.expect("a reader");
        sleep(2 * IDLE).await;
        assert!(sender.send_data(Bytes::from_static(b"y")).await.is_err(), "nobody reads any more");
    });
    let answer = answer.await;
    let expected = r#"{"code":408,"message":"the body brought nothing for 5 seconds","reason":"body_timeout"}"#;
    assert_eq!((answer.status, answer.text()), (408, expected));
    assert_eq!(answer.header("connection"), Some("close"));
    assert!(start.elapsed() >= IDLE);
}

/// The limit is on silence, not on the time that a large body takes.
#[tokio::test(start_paused = true)]
async fn a_body_that_is_slow_but_steady_is_read() {
    let app = limited();
    let answer = put_streamed(&app, async |mut sender| {
        for _ in 0..10 {
            sender.send_data(Bytes::from_static(b"x")).await.expect("a reader");
            sleep(IDLE.mul_f64(0.9)).await;
        }
    });
    assert_eq!(answer.await.status, 200);
}

#[tokio::test]
async fn a_body_that_breaks_off_stores_nothing() {
    let app = limited();
    let answer = put_streamed(&app, async |mut sender| {
        sender.send_data(Bytes::from_static(b"half")).await.expect("a reader");
        sender.abort(io::Error::other("the client went away"));
    });
    let answer = answer.await;
    let expected = r#"{"code":400,"message":"the body ended before its end","reason":"invalid_body"}"#;
    assert_eq!((answer.status, answer.text()), (400, expected));
    let path = format!("/api/v1/blobs/{}", BlobId::of(b"half"));
    assert_eq!(get(&app, &path, &[]).await.status, 404);
}

#[tokio::test]
async fn one_request_too_many_at_once_is_refused() {
    let config = HttpConfig { max_requests: 1, ..HttpConfig::default() };
    let app = app(AppState::new(Arc::new(MemoryStore::default()), config));
    let answer = put_streamed(&app, async |mut sender| {
        sender.send_data(Bytes::from_static(b"x")).await.expect("a reader");
        // The put is under way: this was taken only once the first was.
        sender.send_data(Bytes::from_static(b"y")).await.expect("a reader");
        let refused = get(&app, "/", &[]).await;
        let expected =
            r#"{"code":503,"message":"the server has as many requests as it can take","reason":"overloaded"}"#;
        assert_eq!((refused.status, refused.text()), (503, expected));
        assert_eq!(refused.header("retry-after"), Some("1"));
        assert_eq!(get(&app, "/livez", &[]).await.status, 200, "whoever is busy lives");
    });
    assert_eq!(answer.await.status, 200);
    assert_eq!(get(&app, "/", &[]).await.status, 200, "the first has made room");
}

#[tokio::test]
async fn one_request_too_many_per_second_is_refused() {
    let config = HttpConfig { max_requests_per_second: NonZeroU32::new(2), ..HttpConfig::default() };
    let app = app(AppState::new(Arc::new(MemoryStore::default()), config));
    let ask = async |client: &str, path: &str| {
        let client: SocketAddr = client.parse().expect("an address");
        let request = axum::http::Request::get(path).extension(ConnectInfo(client)).body(Body::empty());
        call(&app, request.expect("a request")).await
    };
    for _ in 0..2 {
        assert_eq!(ask("192.0.2.1:1", "/").await.status, 200);
    }
    let refused = ask("192.0.2.1:2", "/").await;
    let expected = r#"{"code":429,"message":"this client sends requests too fast","reason":"rate_limited"}"#;
    assert_eq!((refused.status, refused.text()), (429, expected));
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(ask("192.0.2.2:1", "/").await.status, 200, "others are served");
    assert_eq!(ask("192.0.2.1:3", "/livez").await.status, 200, "health is");
}

/// Small ones pass while a large one has all memory; another large one waits, and is told to come again.
#[tokio::test(start_paused = true)]
async fn a_body_that_finds_no_memory_is_refused_and_may_come_again() {
    let memory_bytes = 1 << 20;
    let config = HttpConfig { memory_bytes, body_idle_timeout: Duration::from_mins(1), ..HttpConfig::default() };
    let app = app(AppState::new(Arc::new(MemoryStore::default()), config));
    let large = Bytes::from(vec![b'1'; 400 << 10]);
    let first = put_streamed(&app, async |mut sender| {
        // There is room for one piece on the way, so the first of these has come.
        for piece in [large.clone(), Bytes::from_static(b"2"), Bytes::from_static(b"3")] {
            sender.send_data(piece).await.expect("a reader");
        }
        let small = call(&app, post(JSON).body(Body::from(r#"{"data":1}"#)).expect("a request")).await;
        assert_eq!(small.status, 200, "{}", small.text());
        let body = [br#"{"data":""#, &large[..], br#""}"#].concat();
        let second = call(&app, post(JSON).body(Body::from(body)).expect("a request")).await;
        let message = "other requests hold all memory that there is for them; try again";
        let expected = format!(r#"{{"code":503,"message":"{message}","reason":"overloaded"}}"#);
        assert_eq!((second.status, second.text(), second.header("retry-after")), (503, &*expected, Some("1")));
        drop(sender);
    });
    assert_eq!(first.await.status, 200);
    let again = call(&app, post(OCTETS).body(Body::from(large)).expect("a request")).await;
    assert_eq!(again.status, 200, "memory comes back");
}
