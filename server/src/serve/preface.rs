//! [`Preface`]: the beginning of a connection, by which HTTP/2 is told from HTTP/1, and which may not be held back.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, ReadBuf};
use tokio::time::{Sleep, sleep};

/// What a client of HTTP/2 sends first (RFC 9113, section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A reader that fails where its first bytes leave it open for too long whether they are the preface.
pub struct Preface<R> {
    reader: R,
    /// What the bytes that came have left of the preface.
    rest: &'static [u8],
    /// `None` once it is decided.
    given_up: Option<Pin<Box<Sleep>>>,
}

impl<R> Preface<R> {
    pub fn new(reader: R, patience: Duration) -> Self {
        Self { reader, rest: PREFACE, given_up: Some(Box::pin(sleep(patience))) }
    }

    fn consider(&mut self, bytes: &[u8]) {
        let rest = self.rest.strip_prefix(bytes).unwrap_or_default();
        self.rest = rest;
        // An end decides it too.
        if rest.is_empty() || bytes.is_empty() {
            self.given_up = None;
        }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Preface<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.reader).poll_read(context, buffer);
        if let Some(given_up) = &mut self.given_up {
            match &read {
                Poll::Ready(_) => self.consider(&buffer.filled()[before..]),
                Poll::Pending if given_up.as_mut().poll(context).is_ready() => {
                    return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
                }
                Poll::Pending => {}
            }
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};
    use tokio::time::Instant;

    use super::*;

    const PATIENCE: Duration = Duration::from_mins(1);

    /// Reads to an error or, where there is none, for longer than the patience lasts.
    async fn check(sent: &[u8], expected: Option<io::ErrorKind>) {
        let start = Instant::now();
        let (mut client, server) = duplex(100);
        client.write_all(sent).await.expect("a write");
        let mut reader = Preface::new(server, PATIENCE);
        let mut read = Vec::new();
        let result = tokio::time::timeout(2 * PATIENCE, reader.read_to_end(&mut read)).await;
        let error = result.ok().map(|result| result.expect_err("the client has not ended").kind());
        assert_eq!((error, &*read), (expected, sent), "{}", sent.escape_ascii());
        assert_eq!(start.elapsed(), if expected.is_some() { PATIENCE } else { 2 * PATIENCE });
    }

    #[tokio::test(start_paused = true)]
    async fn only_what_is_undecided_is_given_up() {
        check(b"", Some(io::ErrorKind::TimedOut)).await;
        check(b"P", Some(io::ErrorKind::TimedOut)).await;
        check(&PREFACE[..PREFACE.len() - 1], Some(io::ErrorKind::TimedOut)).await;
        check(PREFACE, None).await;
        check(b"PO", None).await;
        check(b"GET / HTTP/1.1\r\n\r\n", None).await;
        check(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n-", None).await;
    }
}
