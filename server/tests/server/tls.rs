//! TLS, over real sockets, with certificates that the tests make.

use std::path::Path;
use std::sync::Arc;

use isoblob_server::http::HttpConfig;
use isoblob_server::reload::Reload;
use isoblob_server::serve::ServeConfig;
use isoblob_server::store::MemoryStore;
use isoblob_server::tls::{TlsConfig, TlsFiles};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::support::{LONG, Server};

/// Writes a new certificate for localhost and its key, and returns both in PEM.
fn certify(dir: &Path) -> (String, String) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["localhost".into()]).expect("a certificate");
    let pair = (cert.pem(), signing_key.serialize_pem());
    std::fs::write(dir.join("cert.pem"), &pair.0).expect("a file");
    std::fs::write(dir.join("key.pem"), &pair.1).expect("a file");
    pair
}

fn load(dir: &Path) -> Result<(TlsConfig, Box<dyn Reload>), String> {
    let files = TlsFiles { cert: dir.join("cert.pem"), key: dir.join("key.pem") };
    files.load().map_err(|error| {
        let cause = std::error::Error::source(&error).expect("a cause").to_string();
        format!("{error}: {cause}").replace(dir.to_str().expect("UTF-8"), "DIR")
    })
}

async fn start(tls: TlsConfig) -> Server {
    let connections = ServeConfig { tls: Some(tls), drain_timeout: LONG, ..ServeConfig::default() };
    Server::with(Arc::new(MemoryStore::default()), HttpConfig::default(), connections).await
}

/// Connects as a client that trusts one certificate and speaks these protocols.
async fn connect(server: &Server, trusted: &str, protocols: &[&[u8]]) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(trusted.as_bytes()).expect("PEM")).expect("a certificate");
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().expect("versions").with_root_certificates(roots);
    let mut config = builder.with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    let stream = TcpStream::connect(server.address).await?;
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("localhost").expect("a name"), stream).await
}

/// Asks whether the server lives.
async fn ask(mut stream: TlsStream<TcpStream>) -> String {
    stream.write_all(b"GET /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await.expect("a write");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("a read");
    answer
}

#[tokio::test]
async fn a_client_chooses_its_protocol() {
    let dir = tempfile::tempdir().expect("a directory");
    let (cert, _) = certify(dir.path());
    let server = start(load(dir.path()).expect("a pair").0).await;
    let stream = connect(&server, &cert, &[b"http/1.1"]).await.expect("a connection");
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    let answer = ask(stream).await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\nlive\n"), "{answer}");

    let stream = connect(&server, &cert, &[b"http/1.1", b"h2"]).await.expect("a connection");
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let stream = hyper_util::rt::TokioIo::new(stream);
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(hyper_util::rt::TokioExecutor::new(), stream).await.expect("HTTP/2");
    tokio::spawn(connection);
    let request = axum::http::Request::get("https://localhost/livez").body(axum::body::Body::empty());
    let response = sender.send_request(request.expect("a request")).await.expect("an answer");
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn a_new_pair_is_taken_up_and_a_bad_one_is_not() {
    let dir = tempfile::tempdir().expect("a directory");
    let (first, first_key) = certify(dir.path());
    let (tls, mut reload) = load(dir.path()).expect("a pair");
    let server = start(tls).await;
    let open = connect(&server, &first, &[]).await.expect("a connection");

    // A key that is not the certificate's, as there is between two writes.
    let (second, _) = certify(dir.path());
    std::fs::write(dir.path().join("key.pem"), &first_key).expect("a file");
    reload.reload();
    ask(connect(&server, &first, &[]).await.expect("the first pair is kept")).await;

    let (third, _) = certify(dir.path());
    reload.reload();
    for old in [&first, &second] {
        connect(&server, old, &[]).await.expect_err("the third pair is another");
    }
    ask(connect(&server, &third, &[]).await.expect("the third pair is taken up")).await;
    let answer = ask(open).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "an open connection goes on: {answer}");
}

#[test]
fn a_bad_pair_is_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let check = |expected: &str| {
        let error = load(dir.path()).map(|_| ()).expect_err(expected);
        assert_eq!(error, format!("DIR/cert.pem and DIR/key.pem: {expected}"));
    };
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).expect("a file");
    check("No such file or directory (os error 2)");
    let (_, key) = certify(dir.path());
    certify(dir.path());
    write("key.pem", &key);
    check("the certificate and the key cannot be used: keys may not be consistent: KeyMismatch");
    write("key.pem", "no key");
    check("the second file holds no private key in PEM");
    write("cert.pem", "no certificate");
    check("the first file holds no certificate in PEM");
}

/// A client that opens a connection and says nothing does not keep the server from ending.
#[tokio::test]
async fn a_silent_client_does_not_hold_the_end_up() {
    let dir = tempfile::tempdir().expect("a directory");
    let (cert, _) = certify(dir.path());
    let server = start(load(dir.path()).expect("a pair").0).await;
    let _silent = TcpStream::connect(server.address).await.expect("a connection");
    // Connections are taken in their order.
    ask(connect(&server, &cert, &[]).await.expect("a connection")).await;
    server.stop.send(()).expect("a server");
    assert_eq!(server.served.await.expect("a server"), 0);
}
