//! Connections: taken, served over HTTP/1.1 or HTTP/2, and let go of in peace.

mod preface;

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use axum::response::Response;
use hyper::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tower::Service;

use self::preface::Preface;

/// How long a connection may take to bring a request's head, and lie idle between two requests.
const HEADER_TIMEOUT: Duration = Duration::from_mins(1);

/// How often a client of HTTP/2 is asked whether it is still there, and how long it may take to say so.
const PING_INTERVAL: Duration = Duration::from_mins(1);
const PING_TIMEOUT: Duration = Duration::from_secs(20);

/// How long to wait where a connection cannot be taken because the process has too many files open.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves an app, such as [`App`](crate::app::App), until `stop` resolves, then finishes what is under way for up to `drain_timeout`.
///
/// Returns how many connections had to be cut off.
///
/// Clients speak HTTP/1.1 or, knowing that the server does, HTTP/2 (RFC 9113, section 3.3).
pub async fn serve<A>(listener: TcpListener, app: A, stop: impl Future<Output = ()>, drain_timeout: Duration) -> usize
where
    A: Service<Request<Incoming>, Response = Response, Error = Infallible> + Clone + Send + 'static,
    A::Future: Send,
{
    let server = server();
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            stream = accept(&listener) => {
                let connection =
                    server.serve_connection(TokioIo::new(prepare(stream)), TowerToHyperService::new(app.clone()));
                let connection = graceful.watch(connection.into_owned());
                tokio::spawn(async move {
                    if let Err(error) = connection.await {
                        // The client went away, or did not speak HTTP.
                        tracing::debug!(%error, "connection failed");
                    }
                });
            }
            () = &mut stop => break,
        }
    }
    drop(listener);
    let connections = graceful.count();
    match timeout(drain_timeout, graceful.shutdown()).await {
        Ok(()) => 0,
        Err(_) => connections,
    }
}

fn server() -> auto::Builder<TokioExecutor> {
    let mut server = auto::Builder::new(TokioExecutor::new());
    server.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
    server.http2().timer(TokioTimer::new()).keep_alive_interval(PING_INTERVAL).keep_alive_timeout(PING_TIMEOUT);
    server
}

fn prepare(stream: TcpStream) -> impl AsyncRead + AsyncWrite + Unpin {
    // Without it small answers wait some 40 ms for the client's acknowledgement of the one before.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "cannot set TCP_NODELAY");
    }
    let (reader, writer) = stream.into_split();
    tokio::io::join(Preface::new(reader, HEADER_TIMEOUT), writer)
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot take connections");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
