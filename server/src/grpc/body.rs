//! The bodies of calls: [`Steady`], which may not fall silent, and for which memory is held; [`UntilDrained`], which may,
//! but ends with the server.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use futures_util::future::BoxFuture;
use hyper::body::{Frame, SizeHint};
use tokio::sync::Mutex;
use tokio::time::{Instant, Sleep, sleep};
use tonic::Status;

use crate::http::AppState;
use crate::http::error::ApiError;
use crate::http::memory::{JSON_FACTOR, Reservation};

/// What a call holds of the memory that all requests share, until it is answered.
pub type Held = Arc<Mutex<Reservation>>;

/// What a call holds before it brings anything. How long its message is, its head does not say.
pub fn nothing_held(state: &AppState) -> Held {
    let mut memory = state.reservation();
    memory.expect(JSON_FACTOR.saturating_mul(state.config().max_body_bytes as u64));
    Arc::new(Mutex::new(memory))
}

/// What is not let pass before its memory is held.
type Waiting = (Frame<Bytes>, BoxFuture<'static, Result<(), ApiError>>);

/// A body that fails once it brings nothing for some time, or finds no memory. Its errors are those that the call ends
/// with.
pub struct Steady {
    body: Body,
    idle_timeout: Duration,
    given_up: Pin<Box<Sleep>>,
    memory: Held,
    /// The bytes that came.
    bytes: u64,
    /// A frame, and the memory that is waited for before it is let pass.
    waiting: Option<Waiting>,
}

impl Steady {
    pub fn new(body: Body, idle_timeout: Duration, memory: Held) -> Self {
        Self { body, idle_timeout, given_up: Box::pin(sleep(idle_timeout)), memory, bytes: 0, waiting: None }
    }

    /// Has a frame wait for memory.
    fn hold(&mut self, frame: Frame<Bytes>) {
        self.bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
        let (memory, bytes) = (Arc::clone(&self.memory), JSON_FACTOR.saturating_mul(self.bytes));
        self.waiting = Some((frame, Box::pin(async move { memory.lock().await.hold(bytes).await })));
    }
}

impl HttpBody for Steady {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if self.waiting.is_none() {
            match Pin::new(&mut self.body).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => self.hold(frame),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(ApiError::body_broken(error).into()))),
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => {
                    ready!(self.given_up.as_mut().poll(context));
                    return Poll::Ready(Some(Err(ApiError::body_stalled(self.idle_timeout).into())));
                }
            }
        }
        let Some((_, held)) = &mut self.waiting else { return Poll::Ready(None) };
        let held = ready!(held.as_mut().poll(context));
        let given_up = Instant::now() + self.idle_timeout;
        self.given_up.as_mut().reset(given_up);
        let frame = self.waiting.take().map(|(frame, _)| frame);
        Poll::Ready(held.map_err(Status::from).map(|()| frame).transpose())
    }

    fn is_end_stream(&self) -> bool {
        self.waiting.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A body that ends once the server takes no new work: that of a call which a client keeps open to ask now and then.
pub struct UntilDrained {
    body: Body,
    drained: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl UntilDrained {
    pub fn new(body: Body, state: AppState) -> Self {
        Self { body, drained: Box::pin(async move { state.drained().await }) }
    }
}

impl HttpBody for UntilDrained {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            return Poll::Ready(frame);
        }
        self.drained.as_mut().poll(context).map(|()| None)
    }
}
