//! [`Client`]: the requests that the tests make, and [`Answer`], all that came back.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use ureq::Agent;
use ureq::http::{HeaderMap, Method, Request};

use crate::process::Server;

/// The media type of a blob's own bytes.
pub const BYTES: &str = "application/octet-stream";

/// The media type of an envelope.
pub const JSON: &str = "application/json";

/// No answer takes longer, so that a server that hangs fails the test instead of stopping it.
const TIMEOUT: Duration = Duration::from_mins(1);

/// An HTTP client of one server. Clones share its connections.
#[derive(Clone)]
pub struct Client {
    agent: Agent,
    address: SocketAddr,
}

/// All that came back.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, whole.
    pub body: Vec<u8>,
}

impl Client {
    /// A client of this server.
    pub fn of(server: &Server) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(TIMEOUT))
            .max_idle_connections_per_host(32)
            .build();
        Self { agent: config.new_agent(), address: server.address }
    }

    /// The URL of a path that begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Makes a request.
    ///
    /// # Errors
    ///
    /// There was no answer, or none that is HTTP.
    pub fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer, ureq::Error> {
        let method: Method = method.parse().expect("a method");
        let has_body = method == Method::POST || method == Method::PUT || !body.is_empty();
        let request =
            headers.iter().fold(Request::builder().method(method).uri(self.url(path)), |request, (name, value)| {
                request.header(*name, value.as_bytes())
            });
        let response = if has_body {
            self.agent.run(request.body(body).expect("a request"))
        } else {
            self.agent.run(request.body(()).expect("a request"))
        };
        let (parts, mut body) = response?.into_parts();
        let body = body.with_config().limit(u64::MAX).read_to_vec()?;
        Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
    }

    /// Makes a request that is answered.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.try_send(method, path, headers, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// Makes a GET request.
    pub fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", path, headers, b"")
    }

    /// Posts a JSON body, whatever comes back.
    pub fn post(&self, body: &[u8]) -> Answer {
        self.send("POST", "/api/v1/blobs", &[("content-type", JSON)], body)
    }

    /// Stores a JSON text, and returns its id once it has checked that what is stored hashes to it.
    pub fn put(&self, text: &[u8]) -> String {
        self.stored(&self.post(&[b"{\"data\":", text, b"}"].concat()))
    }

    /// Stores bytes, and returns their id once it has checked that what is stored hashes to it.
    pub fn put_binary(&self, content: &[u8], headers: &[(&str, &str)]) -> String {
        let headers = [&[("content-type", BYTES)], headers].concat();
        self.stored(&self.send("POST", "/api/v1/blobs", &headers, content))
    }

    /// The id in the answer to a put. Whatever the tests store, the SHA-256 of the raw get is the id.
    pub fn stored(&self, answer: &Answer) -> String {
        assert_eq!((answer.status, answer.content_type()), (200, JSON), "{}", answer.text());
        let id = answer.json()["blobId"].as_str().expect("an id").to_owned();
        assert_eq!(sha256(&self.raw(&id)), id);
        id
    }

    /// The envelope of a blob.
    pub fn envelope(&self, id: &str) -> Answer {
        let answer = self.get(&format!("/api/v1/blobs/{id}"), &[]);
        assert_eq!((answer.status, answer.content_type()), (200, JSON), "{}", answer.text());
        answer
    }

    /// The bytes of a blob.
    pub fn raw(&self, id: &str) -> Vec<u8> {
        let answer = self.get(&format!("/api/v1/blobs/{id}"), &[("accept", BYTES)]);
        assert_eq!((answer.status, answer.content_type()), (200, BYTES), "{}", answer.text());
        answer.body
    }
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {}", self.text()))
    }

    /// The value of a header, empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("ASCII"))
    }

    /// The value of the header `content-type`.
    pub fn content_type(&self) -> &str {
        self.header("content-type")
    }

    /// Checks that this is an error as the API has them, and returns its body.
    pub fn error(&self, status: u16, reason: &str) -> Value {
        assert_eq!((self.status, self.content_type()), (status, JSON), "{}", self.text());
        let error = self.json();
        assert_eq!((&error["code"], &error["reason"]), (&status.into(), &reason.into()), "{error}");
        assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{error}");
        assert_eq!(self.header("cache-control"), "no-store", "an error is not kept");
        error
    }
}

/// Sends the head of a JSON put, and returns once the server has asked for the body (RFC 9110, section 10.1.1): it is
/// handling the request.
pub fn begin_put(address: SocketAddr, content_length: usize) -> BufReader<TcpStream> {
    let connection = TcpStream::connect(address).unwrap();
    connection.set_read_timeout(Some(TIMEOUT)).unwrap();
    let mut connection = BufReader::new(connection);
    let head = format!(
        "POST /api/v1/blobs HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
         content-length: {content_length}\r\nexpect: 100-continue\r\n\r\n"
    );
    connection.get_mut().write_all(head.as_bytes()).unwrap();
    let mut lines = String::new();
    while !lines.ends_with("\r\n\r\n") {
        assert_ne!(connection.read_line(&mut lines).unwrap(), 0, "{lines}");
    }
    assert!(lines.starts_with("HTTP/1.1 100 "), "{lines}");
    connection
}

/// Sends these bytes over a connection of their own, and returns all that comes back until the server closes it.
pub fn exchange(address: SocketAddr, request: &[u8]) -> String {
    let mut connection = TcpStream::connect(address).unwrap();
    connection.set_read_timeout(Some(TIMEOUT)).unwrap();
    connection.write_all(request).unwrap();
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// The SHA-256 of bytes in lowercase hex, which is how an id is written.
pub fn sha256(content: &[u8]) -> String {
    hex::encode(Sha256::digest(content))
}
