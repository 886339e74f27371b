//! Reads a request's body within its limits.

use std::mem;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, EXPECT};
use axum::http::{HeaderMap, HeaderValue};
use http_body_util::BodyExt as _;
use tokio::task::coop::consume_budget;
use tokio::time::timeout;
use tokio_stream::{Stream, StreamExt as _};

use super::buffer::Buffer;
use super::coding::Coding;
use super::error::{ApiError, Reason};
use super::memory::{JSON_FACTOR, Reservation};
use super::state::{AppState, HttpConfig};
use crate::store::{MAX_ROW_BYTES, SPOOL_BLOCK_BYTES, Spool, Spooled};

/// How much of a refused body is read and thrown away, and for how long: closing the connection on bytes that were not
/// read would destroy the answer on its way to the client.
const LINGER_BYTES: usize = 64 << 20;
const LINGER_TIME: Duration = Duration::from_secs(10);

/// Reads the body of a request into memory: to its end, or to the limit. One that was compressed is decompressed on the
/// way, and the limit is on what it comes to. Memory is held for JSON.
pub async fn read(
    headers: &HeaderMap,
    body: Body,
    config: &HttpConfig,
    memory: &mut Reservation,
) -> Result<Buffer, ApiError> {
    let limit = config.max_body_bytes as u64;
    let mut held = Held { bytes: Buffer::default(), expected: None, memory, factor: JSON_FACTOR, limit };
    receive(headers, body, config, &mut held).await?;
    Ok(held.bytes)
}

/// The content of a binary blob.
pub enum Binary {
    /// In memory: it is small, or the store takes it so.
    Whole(Bytes),
    /// In a file of the store.
    Spooled(Spooled),
}

/// Reads the body of a request, which is a binary blob: like [`read`], but what is large goes to the store as it comes.
pub async fn read_binary(
    headers: &HeaderMap,
    body: Body,
    state: &AppState,
    memory: &mut Reservation,
) -> Result<Binary, ApiError> {
    let held = Held { bytes: Buffer::default(), expected: None, memory, factor: 1, limit: u64::MAX };
    let mut gathered = Gathered { state, held, way: Way::Open, size: 0 };
    receive(headers, body, state.config(), &mut gathered).await?;
    match gathered.way {
        Way::Spool(spool) => Ok(Binary::Spooled(spool.finish().await?)),
        Way::Open | Way::Memory => Ok(Binary::Whole(gathered.held.bytes.into())),
    }
}

/// Takes what a body brings.
trait Sink {
    /// Is told how many bytes come, where that is known.
    async fn expect(&mut self, bytes: Option<u64>) -> Result<(), ApiError>;

    /// Takes the next ones.
    async fn take(&mut self, data: &[u8]) -> Result<(), ApiError>;
}

/// A sink in memory.
struct Held<'a> {
    bytes: Buffer,
    /// How many come, where that is known.
    expected: Option<usize>,
    memory: &'a mut Reservation,
    /// The memory that is held for each byte.
    factor: u64,
    limit: u64,
}

impl Held<'_> {
    fn check(&self, bytes: u64) -> Result<(), ApiError> {
        if bytes > self.limit { Err(too_large(self.limit)) } else { Ok(()) }
    }
}

impl Sink for Held<'_> {
    async fn expect(&mut self, bytes: Option<u64>) -> Result<(), ApiError> {
        self.expected = bytes.and_then(|bytes| bytes.try_into().ok());
        let bytes = bytes.unwrap_or(self.limit);
        self.check(bytes)?;
        self.memory.expect(self.factor.saturating_mul(bytes));
        Ok(())
    }

    async fn take(&mut self, data: &[u8]) -> Result<(), ApiError> {
        let bytes = (self.bytes.len() + data.len()) as u64;
        self.check(bytes)?;
        self.memory.hold(self.factor.saturating_mul(bytes)).await?;
        self.bytes.extend(data, self.expected).map_err(ApiError::internal)
    }
}

/// A sink that is in memory, and in a file of the store once it is large, where the store has files.
struct Gathered<'a> {
    state: &'a AppState,
    held: Held<'a>,
    way: Way,
    /// The bytes that were taken.
    size: u64,
}

/// The way of a binary blob to the store.
enum Way {
    /// Not known yet: it is small so far.
    Open,
    Memory,
    Spool(Spool),
}

impl Gathered<'_> {
    /// The most bytes that are taken before the way is decided: as many as a store has in memory in any case, and within
    /// the limit of either way.
    fn undecided_bytes(&self) -> u64 {
        let HttpConfig { max_body_bytes, max_binary_bytes, .. } = *self.state.config();
        max_binary_bytes.min(max_body_bytes.min(MAX_ROW_BYTES) as u64)
    }

    async fn decide(&mut self) -> Result<(), ApiError> {
        self.way = if let Some(mut spool) = self.state.store().spool().await? {
            self.held.limit = self.state.config().max_binary_bytes;
            let blocks = 2 * SPOOL_BLOCK_BYTES as u64;
            self.held.memory.expect(blocks);
            self.held.memory.hold(blocks).await?;
            spool.write(&mem::take(&mut self.held.bytes)).await?;
            Way::Spool(spool)
        } else {
            self.held.limit = self.state.config().max_body_bytes as u64;
            Way::Memory
        };
        Ok(())
    }
}

impl Sink for Gathered<'_> {
    async fn expect(&mut self, bytes: Option<u64>) -> Result<(), ApiError> {
        self.held.expect(bytes).await?;
        match bytes {
            Some(bytes) if bytes > self.undecided_bytes() => {
                self.decide().await?;
                self.held.check(bytes)
            }
            _ => Ok(()),
        }
    }

    async fn take(&mut self, data: &[u8]) -> Result<(), ApiError> {
        self.size += data.len() as u64;
        if matches!(self.way, Way::Open) && self.size > self.undecided_bytes() {
            self.decide().await?;
        }
        self.held.check(self.size)?;
        match &mut self.way {
            Way::Spool(spool) => Ok(spool.write(data).await?),
            Way::Open | Way::Memory => self.held.take(data).await,
        }
    }
}

/// Brings a body to a sink.
async fn receive(headers: &HeaderMap, body: Body, config: &HttpConfig, sink: &mut impl Sink) -> Result<(), ApiError> {
    let expected = body.size_hint().exact();
    let mut data = body.into_data_stream();
    let received = async {
        match Coding::of_content(headers)? {
            None => {
                sink.expect(expected).await?;
                pour(&mut data, config, ApiError::body_broken, sink).await
            }
            Some(coding) => {
                sink.expect(None).await?;
                pour(coding.decode(&mut data), config, |error| coding.refuse(error), sink).await
            }
        }
    };
    let received = received.await;
    // The rest of a body that stalls is not waited for.
    if received.as_ref().is_err_and(|error| error.reason != Reason::BodyTimeout) {
        linger(headers, Body::new(data));
    }
    received
}

async fn pour<E>(
    mut content: impl Stream<Item = Result<Bytes, E>> + Unpin,
    config: &HttpConfig,
    broken: impl Fn(E) -> ApiError,
    sink: &mut impl Sink,
) -> Result<(), ApiError> {
    loop {
        let next = timeout(config.body_idle_timeout, content.next()).await;
        match next.map_err(|_| ApiError::body_stalled(config.body_idle_timeout))? {
            None => return Ok(()),
            Some(data) => {
                let data = data.map_err(&broken)?;
                sink.take(&data).await?;
            }
        }
        // What was compressed a thousandfold comes without a pause.
        consume_budget().await;
    }
}

fn too_large(limit: u64) -> ApiError {
    ApiError::new(Reason::BodyTooLarge, format!("the body has more than {limit} bytes"))
}

/// The media type that a request says its body has, empty where it says none.
pub fn media_type(headers: &HeaderMap) -> &[u8] {
    let value = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    value.split(|&byte| byte == b';').next().unwrap_or_default().trim_ascii()
}

/// The error of a body of another media type than those that are read.
pub fn unsupported(headers: &HeaderMap, read: &str) -> ApiError {
    let given = match media_type(headers) {
        b"" => "names no content type".into(),
        other => format!("is of {}", other.escape_ascii()),
    };
    ApiError::new(Reason::UnsupportedMediaType, format!("{read}, and this one {given}"))
}

/// Refuses a request whose body was not looked at.
pub fn refuse(request: Request, error: ApiError) -> ApiError {
    let (parts, body) = request.into_parts();
    linger(&parts.headers, body);
    error
}

/// Lets the rest of a refused body come, while the answer is on its way.
fn linger(headers: &HeaderMap, mut body: Body) {
    // A client that asks first is told no by the answer, and sends nothing.
    if body.is_end_stream() || headers.contains_key(EXPECT) {
        return;
    }
    let discard = async move {
        let mut left = LINGER_BYTES;
        while let Some(Ok(frame)) = body.frame().await {
            let Some(less) = left.checked_sub(frame.data_ref().map_or(0, Bytes::len)) else { break };
            left = less;
        }
    };
    tokio::spawn(timeout(LINGER_TIME, discard));
}
