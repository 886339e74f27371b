//! [`sized`]: a body that comes in pieces, and whose length is known.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use futures_util::stream::{Stream, StreamExt as _};
use hyper::body::{Frame, SizeHint};

/// A body of this many bytes, which come from a stream. Where the stream fails, the answer breaks off.
pub fn sized<E>(stream: impl Stream<Item = Result<Bytes, E>> + Send + 'static, bytes: u64) -> Body
where
    E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
{
    Body::new(Sized { stream: Box::pin(stream), left: bytes })
}

struct Sized<S> {
    stream: Pin<Box<S>>,
    left: u64,
}

impl<S, E> HttpBody for Sized<S>
where
    S: Stream<Item = Result<Bytes, E>>,
{
    type Data = Bytes;
    type Error = E;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, E>>> {
        self.stream.poll_next_unpin(context).map_ok(|data| {
            self.left -= data.len() as u64;
            Frame::data(data)
        })
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
