//! The bodies of calls: [`Steady`], which may not fall silent; [`UntilDrained`], which may, but ends with the server.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep};
use tonic::Status;

use crate::http::AppState;
use crate::http::error::ApiError;

/// A body that fails once it brings nothing for some time. Its errors are those that the call ends with.
pub struct Steady {
    body: Body,
    idle_timeout: Duration,
    given_up: Pin<Box<Sleep>>,
}

impl Steady {
    pub fn new(body: Body, idle_timeout: Duration) -> Self {
        Self { body, idle_timeout, given_up: Box::pin(sleep(idle_timeout)) }
    }
}

impl HttpBody for Steady {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            let given_up = Instant::now() + self.idle_timeout;
            self.given_up.as_mut().reset(given_up);
            return Poll::Ready(frame.map(|frame| frame.map_err(|error| ApiError::body_broken(error).into())));
        }
        ready!(self.given_up.as_mut().poll(context));
        Poll::Ready(Some(Err(ApiError::body_stalled(self.idle_timeout).into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
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
