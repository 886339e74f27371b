//! Connections: taken, served over HTTP/1.1 or HTTP/2, with or without TLS, and let go of in peace.

mod preface;
mod sending;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::response::Response;
use hyper::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use prometheus_client::metrics::gauge::Gauge;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tower::{Service, ServiceExt as _};

use self::preface::Preface;
use self::sending::Sending;
pub use crate::tls::TlsConfig;

/// How often a client of HTTP/2 is asked whether it is still there, and how long it may take to say so.
const PING_INTERVAL: Duration = Duration::from_mins(1);
const PING_TIMEOUT: Duration = Duration::from_secs(20);

/// How long to wait where a connection cannot be taken because the process has too many files open.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The limits of connections.
#[derive(Clone, Debug)]
pub struct ServeConfig {
    /// The most connections at once, 16,384 unless told otherwise. More wait, in the system's backlog.
    pub max_connections: u32,
    /// How long a connection may take for its TLS handshake and for the head of each request, and lie idle between two
    /// requests of HTTP/1.1, one minute unless told otherwise.
    pub header_timeout: Duration,
    /// How long a client may take nothing of what it is sent, 30 seconds unless told otherwise.
    pub send_idle_timeout: Duration,
    /// How long requests under way have to end, once the server is told to, 20 seconds unless told otherwise.
    pub drain_timeout: Duration,
    /// The certificate that connections are encrypted with; `None`, and so unencrypted, unless told otherwise.
    pub tls: Option<TlsConfig>,
    /// Counts the connections that are open.
    pub connections: Gauge,
}

impl Default for ServeConfig {
    fn default() -> Self {
        Self {
            max_connections: 16_384,
            header_timeout: Duration::from_mins(1),
            send_idle_timeout: Duration::from_secs(30),
            drain_timeout: Duration::from_secs(20),
            tls: None,
            connections: Gauge::default(),
        }
    }
}

/// Serves an app, such as [`App`](crate::app::App), until `stop` resolves, then finishes what is under way.
///
/// Returns how many connections had to be cut off.
///
/// Clients speak HTTP/1.1 or HTTP/2, which they choose by TLS or, without it, know (RFC 9113, section 3.3). Requests
/// have the client's address as [`ConnectInfo`].
pub async fn serve<A>(listener: TcpListener, app: A, stop: impl Future<Output = ()>, config: ServeConfig) -> usize
where
    A: Service<Request<Incoming>, Response = Response, Error = Infallible> + Clone + Send + 'static,
    A::Future: Send,
{
    let drain_timeout = config.drain_timeout;
    let places = Arc::new(Semaphore::new(config.max_connections as usize));
    let graceful = GracefulShutdown::new();
    let stopping = watch::Sender::new(());
    let door = Door { server: server(&config), config };
    let mut stop = std::pin::pin!(stop);
    loop {
        tokio::select! {
            (stream, client, place) = accept(&listener, &places) => {
                let (door, app, watcher, stopping) =
                    (door.clone(), app.clone(), graceful.watcher(), stopping.subscribe());
                tokio::spawn(async move {
                    let _place = place;
                    door.config.connections.inc();
                    door.serve(stream, client, app, watcher, stopping).await;
                    door.config.connections.dec();
                });
            }
            () = &mut stop => break,
        }
    }
    drop((listener, stopping));
    let connections = graceful.count();
    match timeout(drain_timeout, graceful.shutdown()).await {
        Ok(()) => 0,
        Err(_) => connections,
    }
}

/// What every connection is served with.
#[derive(Clone)]
struct Door {
    server: auto::Builder<TokioExecutor>,
    config: ServeConfig,
}

impl Door {
    /// Serves a connection to its end. `stopping` ends when the server stops.
    async fn serve<A>(
        &self,
        stream: TcpStream,
        client: SocketAddr,
        app: A,
        watcher: Watcher,
        mut stopping: watch::Receiver<()>,
    ) where
        A: Service<Request<Incoming>, Response = Response, Error = Infallible> + Clone + Send + 'static,
        A::Future: Send,
    {
        // Without it small answers wait some 40 ms for the client's acknowledgement of the one before.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot set TCP_NODELAY");
        }
        let Some(tls) = &self.config.tls else {
            let (reader, writer) = stream.into_split();
            return self.converse(reader, writer, client, app, watcher).await;
        };
        let handshake = TlsAcceptor::from(tls.get()).accept(stream);
        let stream = tokio::select! {
            shaken = timeout(self.config.header_timeout, handshake) => match shaken {
                Ok(Ok(stream)) => stream,
                Ok(Err(error)) => return tracing::debug!(%error, "TLS handshake failed"),
                Err(_) => return tracing::debug!("TLS handshake took too long"),
            },
            _ = stopping.changed() => return,
        };
        let (reader, writer) = tokio::io::split(stream);
        self.converse(reader, writer, client, app, watcher).await;
    }

    async fn converse<R, W, A>(&self, reader: R, writer: W, client: SocketAddr, app: A, watcher: Watcher)
    where
        R: AsyncRead + Unpin + Send + 'static,
        W: AsyncWrite + Unpin + Send + 'static,
        A: Service<Request<Incoming>, Response = Response, Error = Infallible> + Clone + Send + 'static,
        A::Future: Send,
    {
        let reader = Preface::new(reader, self.config.header_timeout);
        let writer = Sending::new(writer, self.config.send_idle_timeout);
        let app = app.map_request(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(client));
            request
        });
        let stream = TokioIo::new(tokio::io::join(reader, writer));
        let connection = self.server.serve_connection(stream, TowerToHyperService::new(app));
        if let Err(error) = watcher.watch(connection.into_owned()).await {
            // The client went away, or did not speak HTTP.
            tracing::debug!(%error, "connection failed");
        }
    }
}

fn server(config: &ServeConfig) -> auto::Builder<TokioExecutor> {
    let mut server = auto::Builder::new(TokioExecutor::new());
    server.http1().timer(TokioTimer::new()).header_read_timeout(config.header_timeout);
    server.http2().timer(TokioTimer::new()).keep_alive_interval(PING_INTERVAL).keep_alive_timeout(PING_TIMEOUT);
    server
}

/// Takes a connection, when there is a place for it.
async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    let place = Arc::clone(places).acquire_owned().await.expect("it is never closed");
    loop {
        match listener.accept().await {
            Ok((stream, client)) => return (stream, client, place),
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
