//! Keeps web pages of other origins away from the server: by the request's `Host` and `Origin`.

use std::net::{IpAddr, SocketAddr};

use axum::extract::Request;
use axum::http::header::{HOST, ORIGIN};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue};

use super::error::{ApiError, Reason};

/// Which `Host` a request may name.
///
/// A name that an attacker holds can be made to resolve to a loopback address; the page that was loaded under the name
/// could then read and write a local store as its own (DNS rebinding). What a browser cannot be made to do is to send
/// another `Host` than that name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostPolicy {
    /// Any: the server is reached under names that it does not know.
    Any,
    /// `localhost`, a name under it, or a loopback address: the server listens on loopback alone.
    Loopback,
    /// Those, or one of these names or addresses, in lowercase and without a port.
    Named(Vec<String>),
}

impl HostPolicy {
    /// The policy of a server that listens at this address.
    pub fn of(listen: SocketAddr) -> Self {
        if listen.ip().is_loopback() { Self::Loopback } else { Self::Any }
    }

    fn allows(&self, host: &Authority) -> bool {
        match self {
            Self::Any => true,
            Self::Loopback => is_loopback(host),
            Self::Named(names) => is_loopback(host) || names.iter().any(|name| name.eq_ignore_ascii_case(host.host())),
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Any => "answers to any host".into(),
            Self::Loopback => "listens on loopback and answers to localhost".into(),
            Self::Named(names) => format!("answers to localhost and {}", names.join(", ")),
        }
    }
}

/// Refuses a request that a page of another origin may have sent.
///
/// Answers carry no CORS headers for it, so such a page cannot read them, and puts need a content type that browsers do
/// not send across origins unasked; this refuses the rest.
pub fn check(request: &Request, policy: &HostPolicy, allowed_origins: &[HeaderValue]) -> Result<(), ApiError> {
    let host = host(request)?;
    if *policy != HostPolicy::Any && !host.as_ref().is_some_and(|host| policy.allows(host)) {
        let named = host.map_or_else(|| "no host".into(), |host| format!("the host {host}"));
        let message = format!("the request names {named}; this server {}", policy.describe());
        return Err(ApiError::new(Reason::ForeignHost, message));
    }
    match request.headers().get(ORIGIN) {
        None => Ok(()),
        Some(origin) if allowed_origins.contains(origin) => Ok(()),
        Some(origin) if host.is_some_and(|host| is_origin_of(origin.as_bytes(), &host)) => Ok(()),
        Some(origin) => {
            let message = format!("requests of pages from {} are refused", origin.as_bytes().escape_ascii());
            Err(ApiError::new(Reason::ForeignOrigin, message))
        }
    }
}

/// The host that a request names: in its target, which overrides the header (RFC 9112, section 3.2.2), or there.
fn host(request: &Request) -> Result<Option<Authority>, ApiError> {
    if let Some(authority) = request.uri().authority() {
        return Ok(Some(authority.clone()));
    }
    host_header(request.headers())
        .transpose()
        .map_err(|()| ApiError::new(Reason::ForeignHost, "the Host header does not name a host"))
}

fn host_header(headers: &HeaderMap) -> Option<Result<Authority, ()>> {
    let mut values = headers.get_all(HOST).iter();
    let value = values.next()?;
    if values.next().is_some() {
        return Some(Err(()));
    }
    Some(Authority::try_from(value.as_bytes()).map_err(|_| ()))
}

fn is_loopback(host: &Authority) -> bool {
    let name = host.host();
    // RFC 6761, section 6.3: names under localhost resolve to loopback.
    let is_localhost = |name: &str| {
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        name == "localhost" || name.ends_with(".localhost")
    };
    match name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => is_localhost(name),
    }
}

/// Whether an origin (RFC 6454, section 6.2) is that of pages under this host. The scheme is left out of it: a proxy in
/// front may have added TLS.
fn is_origin_of(origin: &[u8], host: &Authority) -> bool {
    [&b"http://"[..], b"https://"]
        .into_iter()
        .filter_map(|scheme| origin.strip_prefix(scheme))
        .any(|authority| authority.eq_ignore_ascii_case(host.as_str().as_bytes()))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::response::IntoResponse as _;

    use super::*;

    fn verdict(policy: &HostPolicy, headers: &[(&str, &str)]) -> u16 {
        let request = headers.iter().fold(Request::get("/"), |request, (name, value)| request.header(*name, *value));
        let request = request.body(Body::empty()).expect("a request");
        let allowed = [HeaderValue::from_static("https://app.example.org")];
        check(&request, policy, &allowed).map_or_else(|error| error.into_response().status().as_u16(), |()| 200)
    }

    #[test]
    fn on_loopback_only_names_of_loopback_are_answered() {
        let rows = [
            ("localhost", 200),
            ("localhost:7837", 200),
            ("LocalHost.:7837", 200),
            ("blobs.localhost:80", 200),
            ("127.0.0.1:7837", 200),
            ("127.8.9.10", 200),
            ("[::1]:7837", 200),
            ("example.org", 421),
            ("localhost.example.org:7837", 421),
            ("notlocalhost", 421),
            ("127.0.0.1.example.org", 421),
            ("192.168.0.1:7837", 421),
            ("0.0.0.0:7837", 421),
            ("[::]:7837", 421),
            ("", 421),
            ("local host", 421),
            ("localhost/x", 421),
        ];
        for (host, expected) in rows {
            assert_eq!(verdict(&HostPolicy::Loopback, &[("host", host)]), expected, "{host}");
        }
        assert_eq!(verdict(&HostPolicy::Loopback, &[]), 421);
        assert_eq!(verdict(&HostPolicy::Loopback, &[("host", "localhost"), ("host", "example.org")]), 421);
        assert_eq!(verdict(&HostPolicy::Any, &[("host", "example.org")]), 200);
        assert_eq!(verdict(&HostPolicy::Any, &[]), 200);
    }

    #[test]
    fn a_host_that_is_named_is_answered_beside_those_of_loopback() {
        let policy = HostPolicy::Named(vec!["blobs.example.org".into(), "[2001:db8::1]".into()]);
        let rows = [
            ("blobs.example.org", 200),
            ("Blobs.Example.Org:7837", 200),
            ("[2001:db8::1]:80", 200),
            ("localhost", 200),
            ("example.org", 421),
            ("other.blobs.example.org", 421),
        ];
        for (host, expected) in rows {
            assert_eq!(verdict(&policy, &[("host", host)]), expected, "{host}");
        }
    }

    #[test]
    fn only_pages_of_this_host_are_answered() {
        let rows = [
            ("http://localhost:7837", 200),
            ("https://localhost:7837", 200),
            ("http://LOCALHOST:7837", 200),
            ("http://localhost:5173", 403),
            ("http://localhost", 403),
            ("http://127.0.0.1:7837", 403),
            ("http://example.org", 403),
            ("https://app.example.org", 200),
            ("https://app.example.org:443", 403),
            ("http://app.example.org", 403),
            ("null", 403),
            ("", 403),
        ];
        for (origin, expected) in rows {
            for policy in [HostPolicy::Loopback, HostPolicy::Any] {
                let headers = [("host", "localhost:7837"), ("origin", origin)];
                assert_eq!(verdict(&policy, &headers), expected, "{origin} {policy:?}");
            }
        }
    }

    #[test]
    fn a_policy_follows_from_the_address() {
        let of = |address: &str| HostPolicy::of(address.parse().expect("an address"));
        assert_eq!(of("127.0.0.1:0"), HostPolicy::Loopback);
        assert_eq!(of("[::1]:80"), HostPolicy::Loopback);
        assert_eq!(of("0.0.0.0:80"), HostPolicy::Any);
        assert_eq!(of("10.0.0.1:80"), HostPolicy::Any);
    }
}
