//! [`Scope`]: what a token allows.

use std::fmt;

use axum::http::Method;

/// What a token allows, from least to most: each allows what those before it do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Reading blobs, listings, metrics and the page.
    Read,
    /// Storing blobs.
    Write,
    /// Everything.
    Admin,
}

impl Scope {
    /// Every scope, from least to most.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Admin];

    /// The name of the scope.
    ///
    /// ```
    /// assert_eq!(isoblob_server::auth::Scope::Write.as_str(), "write");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Whether a request is about the health of the process, which its supervisor asks for without a token.
pub fn is_health(path: &str) -> bool {
    matches!(path, "/livez" | "/readyz") || path.starts_with("/grpc.health.v1.Health/")
}

/// The scope that a request needs, by HTTP or gRPC; `None` where it needs no token.
///
/// What is not known to read needs [`Scope::Write`].
pub fn needed(method: &Method, path: &str) -> Option<Scope> {
    let reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
        || matches!(path, "/api/v1/batch/missing" | "/api/v1/batch/get" | "/stepflow.v1.BlobService/GetBlob")
        || path.starts_with("/grpc.reflection.");
    match (is_health(path), reads) {
        (true, _) => None,
        (false, true) => Some(Scope::Read),
        (false, false) => Some(Scope::Write),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scope_allows_what_those_before_it_do() {
        assert!(Scope::ALL.is_sorted());
        assert_eq!(Scope::ALL.map(Scope::as_str), ["read", "write", "admin"]);
    }

    #[test]
    fn what_is_not_known_to_read_needs_to_write() {
        let rows = [
            (Method::GET, "/api/v1/blobs/00", Some(Scope::Read)),
            (Method::HEAD, "/api/v1/blobs/00", Some(Scope::Read)),
            (Method::GET, "/metrics", Some(Scope::Read)),
            (Method::GET, "/", Some(Scope::Read)),
            (Method::POST, "/api/v1/blobs", Some(Scope::Write)),
            (Method::PUT, "/api/v1/blobs/00", Some(Scope::Write)),
            (Method::POST, "/api/v1/batch/missing", Some(Scope::Read)),
            (Method::POST, "/api/v1/batch/get", Some(Scope::Read)),
            (Method::POST, "/api/v1/batch/put", Some(Scope::Write)),
            (Method::POST, "/livez/other", Some(Scope::Write)),
            (Method::GET, "/livez", None),
            (Method::GET, "/readyz", None),
            (Method::POST, "/stepflow.v1.BlobService/GetBlob", Some(Scope::Read)),
            (Method::POST, "/stepflow.v1.BlobService/PutBlob", Some(Scope::Write)),
            (Method::POST, "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", Some(Scope::Read)),
            (Method::POST, "/grpc.health.v1.Health/Check", None),
            (Method::POST, "/stepflow.v1.BlobService/Other", Some(Scope::Write)),
            (Method::from_bytes(b"OTHER").expect("a method"), "/", Some(Scope::Write)),
        ];
        for (method, path, expected) in rows {
            assert_eq!(needed(&method, path), expected, "{method} {path}");
        }
    }
}
