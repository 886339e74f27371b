//! Content codings, of answers and of requests.

use std::sync::Arc;
use std::time::Duration;

use async_compression::Level;
use async_compression::tokio::bufread::{
    BrotliDecoder, BrotliEncoder, GzipDecoder, GzipEncoder, ZstdDecoder, ZstdEncoder,
};
use async_compression::zstd::CParameter;
use axum::Router;
use axum::body::{Body, Bytes};
use isoblob_core::BlobId;
use isoblob_server::http::{AppState, HttpConfig, app};
use isoblob_server::store::MemoryStore;
use tokio::io::AsyncReadExt as _;

use crate::support::{Answer, JSON, OCTETS, ask, call, get, memory_app, path_of, post, put_bytes, stored};

const RAW: (&str, &str) = ("accept", OCTETS);
const CODINGS: [&str; 3] = ["gzip", "br", "zstd"];

async fn encode(coding: &str, content: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::new();
    let result = match coding {
        "gzip" => GzipEncoder::new(content).read_to_end(&mut encoded).await,
        "br" => BrotliEncoder::with_quality(content, Level::Fastest).read_to_end(&mut encoded).await,
        _ => ZstdEncoder::new(content).read_to_end(&mut encoded).await,
    };
    result.expect("encoded");
    encoded
}

async fn decode(coding: &str, content: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::new();
    let result = match coding {
        "gzip" => GzipDecoder::new(content).read_to_end(&mut decoded).await,
        "br" => BrotliDecoder::new(content).read_to_end(&mut decoded).await,
        _ => ZstdDecoder::new(content).read_to_end(&mut decoded).await,
    };
    result.expect("decoded");
    decoded
}

/// JSON of some thousand bytes.
fn json() -> String {
    format!("[{}0]", r#"{"name":"value"},"#.repeat(200))
}

#[tokio::test]
async fn an_answer_is_compressed_as_its_client_likes() {
    let app = memory_app();
    let id = stored(&app, &json()).await;
    for accept in [JSON, OCTETS] {
        let plain = get(&app, &path_of(id), &[("accept", accept)]).await;
        let etag = &plain.headers["etag"];
        assert_eq!((plain.header("content-encoding"), plain.header("vary")), (None, Some("accept, accept-encoding")));
        for coding in CODINGS {
            let asked = [("accept", accept), ("accept-encoding", coding)];
            let mut answer = get(&app, &path_of(id), &asked).await;
            assert!(answer.body.len() < plain.body.len() / 10, "{coding} {}", answer.body.len());
            assert_eq!(decode(coding, &answer.body).await, plain.body, "{coding}");
            // It has other bytes, so nothing is said of it that is true of those of the blob alone.
            let mut expected = plain.headers.clone();
            expected.remove("repr-digest");
            expected.remove("accept-ranges");
            expected.remove("content-length");
            expected.insert("content-encoding".into(), coding.into());
            expected.insert("etag".into(), format!("W/{etag}"));
            expected.insert("x-request-id".into(), answer.headers["x-request-id"].clone());
            assert_eq!(answer.headers, expected, "{coding}");

            let mut head = ask(&app, "HEAD", &path_of(id), &asked).await;
            head.headers.remove("x-request-id");
            answer.headers.remove("x-request-id");
            assert_eq!((head.status, &head.headers, &*head.body), (200, &answer.headers, &b""[..]), "{coding}");
        }
    }
}

#[tokio::test]
async fn a_client_that_has_the_compressed_answer_is_not_sent_it_again() {
    let app = memory_app();
    let id = stored(&app, &json()).await;
    for accept in [JSON, OCTETS] {
        let asked = [("accept", accept), ("accept-encoding", "gzip")];
        let etag = get(&app, &path_of(id), &asked).await.headers["etag"].clone();
        let answer = get(&app, &path_of(id), &[asked[0], asked[1], ("if-none-match", &etag)]).await;
        assert_eq!((answer.status, answer.header("etag")), (304, Some(&*etag)), "{accept}");
        assert_eq!(answer.header("vary"), Some("accept, accept-encoding"));
        assert_eq!(answer.header("content-encoding"), None);
    }
}

#[tokio::test]
async fn what_is_small_or_no_text_or_a_part_or_an_error_is_answered_as_it_is() {
    let app = memory_app();
    let all = ("accept-encoding", "gzip, br, zstd");
    // With what is around it 1,399 bytes, and 1,400.
    let [small, enough] = [1296, 1297].map(|size| format!("\"{}\"", "x".repeat(size - 2)));
    for (text, coding) in [(&small, None), (&enough, Some("zstd"))] {
        let id = stored(&app, text).await;
        assert_eq!(get(&app, &path_of(id), &[all]).await.header("content-encoding"), coding);
        let length = get(&app, &path_of(id), &[]).await.body.len();
        assert_eq!(length, if coding.is_some() { 1400 } else { 1399 });
    }

    let bytes = [7; 5000];
    put_bytes(&app, &bytes, None).await;
    let raw = get(&app, &path_of(BlobId::of(&bytes)), &[RAW, all]).await;
    assert_eq!((raw.header("content-encoding"), raw.header("vary"), &*raw.body), (None, Some("accept"), &bytes[..]));
    let envelope = get(&app, &path_of(BlobId::of(&bytes)), &[all]).await;
    assert_eq!(envelope.header("content-encoding"), Some("zstd"), "base64 is text");

    let id = stored(&app, &json()).await;
    let part = get(&app, &path_of(id), &[RAW, all, ("range", "bytes=0-1999")]).await;
    assert_eq!((part.status, part.header("content-encoding"), part.body.len()), (206, None, 2000));
    assert_eq!(part.header("etag"), Some(&*format!("\"{id}\"")));
    // A weak validator is no validator of a part (RFC 9110, section 13.1.5).
    let weak = format!("W/\"{id}\"");
    let whole = get(&app, &path_of(id), &[RAW, all, ("range", "bytes=0-1999"), ("if-range", &weak)]).await;
    assert_eq!((whole.status, whole.header("content-encoding")), (200, Some("zstd")));

    let long = format!("/{}", "x".repeat(5000));
    let error = get(&app, &long, &[all]).await;
    assert_eq!((error.status, error.header("content-encoding")), (404, None));
}

#[tokio::test]
async fn lists_values_and_batches_are_compressed_too() {
    let app = memory_app();
    let gzip = ("accept-encoding", "gzip");
    let id = stored(&app, &json()).await;
    let value = get(&app, &format!("{}/value", path_of(id)), &[gzip]).await;
    assert_eq!(decode("gzip", &value.body).await, json().as_bytes());
    let request = axum::http::Request::post("/api/v1/batch/get").header("content-type", JSON).header(gzip.0, gzip.1);
    let body = Body::from(format!(r#"{{"blobIds":["{id}"]}}"#));
    let blobs = call(&app, request.body(body).expect("a request")).await;
    let envelope = get(&app, &path_of(id), &[]).await;
    assert_eq!(decode("gzip", &blobs.body).await, format!(r#"{{"blobs":[{}]}}"#, envelope.text()).as_bytes());
    for number in 0..100 {
        stored(&app, &number.to_string()).await;
    }
    let list = get(&app, "/api/v1/blobs", &[gzip]).await;
    assert_eq!(list.header("content-encoding"), Some("gzip"));
    let plain = get(&app, "/api/v1/blobs", &[]).await;
    assert_eq!((decode("gzip", &list.body).await, plain.header("vary")), (plain.body.clone(), Some("accept-encoding")));
}

async fn put_encoded(app: &Router, coding: &str, content_type: &str, body: impl Into<Body>) -> Answer {
    call(app, post(content_type).header("content-encoding", coding).body(body.into()).expect("a request")).await
}

#[tokio::test]
async fn a_body_may_be_compressed() {
    let app = memory_app();
    let id = BlobId::of(json().as_bytes());
    let expected = format!(r#"{{"blobId":"{id}"}}"#);
    for coding in CODINGS {
        let envelope = encode(coding, format!(r#"{{"data": {}}}"#, json()).as_bytes()).await;
        for name in [coding.to_owned(), coding.to_uppercase()] {
            let answer = put_encoded(&app, &name, JSON, envelope.clone()).await;
            assert_eq!((answer.status, answer.text()), (200, &*expected), "{coding}");
        }
        let raw = encode(coding, json().as_bytes()).await;
        assert_eq!(put_encoded(&app, coding, OCTETS, raw).await.text(), expected, "{coding}");
        let empty = encode(coding, b"").await;
        let answer = put_encoded(&app, coding, OCTETS, empty).await;
        assert_eq!(answer.text(), format!(r#"{{"blobId":"{}"}}"#, BlobId::of(b"")), "{coding}");
    }
    let old = encode("gzip", json().as_bytes()).await;
    assert_eq!(put_encoded(&app, "x-gzip", OCTETS, old).await.text(), expected);
    // RFC 1952, section 2.2, and RFC 8878, section 3: one after another.
    for coding in ["gzip", "zstd"] {
        let twice = [encode(coding, b"one").await, encode(coding, b"two").await].concat();
        let answer = put_encoded(&app, coding, OCTETS, twice).await;
        assert_eq!(answer.text(), format!(r#"{{"blobId":"{}"}}"#, BlobId::of(b"onetwo")), "{coding}");
    }
}

#[tokio::test]
async fn a_body_that_is_not_what_it_says_stores_nothing() {
    let app = memory_app();
    for coding in CODINGS {
        let whole = encode(coding, json().as_bytes()).await;
        let mut flipped = whole.clone();
        flipped[0] ^= 0xff;
        let followed = [&whole[..], b"\xff\xff\xff\xff"].concat();
        for body in [&whole[..whole.len() / 2], &flipped, &followed, b"\xff\xff\xff\xffplain"] {
            let answer = put_encoded(&app, coding, OCTETS, body.to_vec()).await;
            let expected = format!(
                r#"{{"code":400,"message":"the body is not {coding}, as its Content-Encoding says","reason":"invalid_body"}}"#
            );
            assert_eq!((answer.status, answer.text()), (400, &*expected), "{}", body.escape_ascii());
        }
    }
    assert_eq!(get(&app, "/api/v1/blobs", &[]).await.text(), r#"{"blobs":[]}"#);
}

#[tokio::test]
async fn a_client_is_told_which_codings_are_read() {
    let answer = put_encoded(&memory_app(), "compress", OCTETS, "x").await;
    assert_eq!((answer.status, answer.header("accept-encoding")), (415, Some("gzip, br, zstd")));
}

/// The limit is on what a body comes to, and holds while it does.
#[tokio::test]
async fn a_bomb_is_refused_at_the_limit() {
    const LIMIT: usize = 1 << 20;
    let config = HttpConfig { max_body_bytes: LIMIT, ..HttpConfig::default() };
    let app = app(AppState::new(Arc::new(MemoryStore::default()), config));
    for coding in CODINGS {
        let bomb = encode(coding, &vec![0; 64 << 20]).await;
        assert!(bomb.len() < LIMIT / 10, "{coding} {}", bomb.len());
        let answer = put_encoded(&app, coding, OCTETS, bomb).await;
        let expected = r#"{"code":413,"message":"the body has more than 1048576 bytes","reason":"body_too_large"}"#;
        assert_eq!((answer.status, answer.text()), (413, expected), "{coding}");
        let fits = encode(coding, &vec![0; LIMIT]).await;
        assert_eq!(put_encoded(&app, coding, OCTETS, fits).await.status, 200, "{coding}");
    }
}

/// A small body must not make the server set aside a large window: RFC 9659 has 8 MiB as the most.
#[tokio::test]
async fn a_window_larger_than_the_rfc_allows_is_refused() {
    let app = memory_app();
    let encoded = async |window_log| {
        let content = vec![0; 16 << 20];
        let parameters = [CParameter::window_log(window_log)];
        let mut frame = Vec::new();
        let mut encoder = ZstdEncoder::with_quality_and_params(&content[..], Level::Fastest, &parameters);
        encoder.read_to_end(&mut frame).await.expect("encoded");
        frame
    };
    assert_eq!(put_encoded(&app, "zstd", OCTETS, encoded(23).await).await.status, 200);
    assert_eq!(put_encoded(&app, "zstd", OCTETS, encoded(24).await).await.status, 400);
}

/// As without a coding: what brings nothing for too long is given up.
#[tokio::test(start_paused = true)]
async fn a_compressed_body_that_stalls_is_given_up() {
    let config = HttpConfig { body_idle_timeout: Duration::from_secs(5), ..HttpConfig::default() };
    let app = app(AppState::new(Arc::new(MemoryStore::default()), config));
    let (mut sender, channel) = http_body_util::channel::Channel::<Bytes, std::io::Error>::new(1);
    sender.send_data(Bytes::from_static(b"\x1f\x8b")).await.expect("a reader");
    let answer = put_encoded(&app, "gzip", OCTETS, Body::new(channel)).await;
    let expected = r#"{"code":408,"message":"the body brought nothing for 5 seconds","reason":"body_timeout"}"#;
    assert_eq!((answer.status, answer.text()), (408, expected));
    drop(sender);
}

#[tokio::test]
async fn a_compressed_body_that_breaks_off_is_told_so() {
    let app = memory_app();
    let (mut sender, channel) = http_body_util::channel::Channel::<Bytes, std::io::Error>::new(1);
    let send = async {
        sender.send_data(Bytes::from_static(b"\x1f\x8b")).await.expect("a reader");
        sender.abort(std::io::Error::other("the client went away"));
    };
    let (answer, ()) = tokio::join!(put_encoded(&app, "gzip", OCTETS, Body::new(channel)), send);
    let expected = r#"{"code":400,"message":"the body ended before its end","reason":"invalid_body"}"#;
    assert_eq!((answer.status, answer.text()), (400, expected));
}
