//! Bodies whose bytes are counted: those of requests by [`counted`], those of answers by [`counted_ahead`].

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use prometheus_client::metrics::counter::Counter;

/// A body whose bytes are counted as they pass.
pub fn counted(body: Body, counter: &Counter) -> Body {
    if body.is_end_stream() { body } else { Body::new(Counted { body, counter: counter.clone() }) }
}

/// A body whose bytes are counted: at once where their number is known, which spares most answers the detour; otherwise
/// as they pass.
pub fn counted_ahead(body: Body, counter: &Counter) -> Body {
    let Some(bytes) = body.size_hint().exact() else { return counted(body, counter) };
    counter.inc_by(bytes);
    body
}

struct Counted {
    body: Body,
    counter: Counter,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if let Some(Ok(frame)) = &frame {
            self.counter.inc_by(frame.data_ref().map_or(0, |data| data.len() as u64));
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
