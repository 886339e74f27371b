//! [`Sending`]: what a client is sent, which it may not leave lying.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::AsyncWrite;
use tokio::time::{Sleep, sleep};

/// A writer that fails where it takes nothing for too long.
pub struct Sending<W> {
    writer: W,
    patience: Duration,
    /// Since when it takes nothing, until when it may.
    given_up: Option<Pin<Box<Sleep>>>,
}

impl<W> Sending<W> {
    pub fn new(writer: W, patience: Duration) -> Self {
        Self { writer, patience, given_up: None }
    }

    fn watch<T>(&mut self, context: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.given_up = None;
            return written;
        }
        let patience = self.patience;
        let given_up = self.given_up.get_or_insert_with(|| Box::pin(sleep(patience)));
        given_up.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<W: AsyncWrite + Unpin> AsyncWrite for Sending<W> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.writer).poll_write(context, bytes);
        self.watch(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.writer).poll_write_vectored(context, parts);
        self.watch(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.writer.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.writer).poll_flush(context);
        self.watch(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.writer).poll_shutdown(context);
        self.watch(context, shut)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};
    use tokio::time::Instant;

    use super::*;

    const PATIENCE: Duration = Duration::from_mins(1);

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_is_given_up() {
        let (client, server) = duplex(10);
        let start = Instant::now();
        let error = Sending::new(server, PATIENCE).write_all(&[0; 11]).await.expect_err("nobody reads");
        assert_eq!((error.kind(), start.elapsed()), (io::ErrorKind::TimedOut, PATIENCE));
        drop(client);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_is_slow_but_steady_is_served() {
        let (mut client, server) = duplex(1);
        let serving = async { Sending::new(server, PATIENCE).write_all(&[7; 10]).await };
        let read = async {
            let mut read = [0; 10];
            for byte in &mut read {
                sleep(PATIENCE.mul_f64(0.9)).await;
                *byte = client.read_u8().await.expect("a byte");
            }
            read
        };
        let (result, read) = tokio::join!(serving, read);
        result.expect("the client reads");
        assert_eq!(read, [7; 10]);
    }
}
