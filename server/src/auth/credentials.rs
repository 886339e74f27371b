//! [`Credentials`]: the token of a request.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// What a request says of who sends it.
#[derive(PartialEq, Eq)]
pub enum Credentials {
    /// Nothing.
    None,
    /// Something that holds no token.
    Unreadable,
    /// A token, which may be wrong.
    Token(Vec<u8>),
}

impl Credentials {
    /// Reads `Authorization: Bearer TOKEN` (RFC 6750) or `Authorization: Basic …` (RFC 7617), of which the password is
    /// the token, or, as in `http://TOKEN@host`, the name where the password is empty.
    pub fn of(headers: &HeaderMap) -> Self {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        match (values.next(), values.next()) {
            (None, _) => Self::None,
            (Some(value), None) => token(value.as_bytes()).map_or(Self::Unreadable, Self::Token),
            (Some(_), Some(_)) => Self::Unreadable,
        }
    }
}

fn token(value: &[u8]) -> Option<Vec<u8>> {
    let space = value.iter().position(|byte| *byte == b' ')?;
    let (scheme, rest) = (&value[..space], value[space..].trim_ascii());
    if scheme.eq_ignore_ascii_case(b"bearer") {
        return Some(rest.to_vec());
    }
    if !scheme.eq_ignore_ascii_case(b"basic") {
        return None;
    }
    let pair = BASE64_STANDARD.decode(rest).ok()?;
    let colon = pair.iter().position(|byte| *byte == b':')?;
    let (name, password) = (&pair[..colon], &pair[colon + 1..]);
    Some(if password.is_empty() { name.to_vec() } else { password.to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_as_bearer_or_as_a_password() {
        let rows = [
            ("Bearer secret", Some("secret")),
            ("bearer  secret ", Some("secret")),
            ("Basic bmFtZTpzZWNyZXQ=", Some("secret")),
            ("BASIC OnNlY3JldA==", Some("secret")),
            ("Basic c2VjcmV0Og==", Some("secret")),
            ("Basic bjpzZWM6cmV0", Some("sec:ret")),
            ("Basic c2VjcmV0", None),
            ("Basic %", None),
            ("Digest secret", None),
            ("secret", None),
            ("", None),
        ];
        for (value, expected) in rows {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, value.parse().expect("a header"))]);
            let expected = expected.map_or(Credentials::Unreadable, |token| Credentials::Token(token.into()));
            assert!(Credentials::of(&headers) == expected, "{value}");
        }
        assert!(Credentials::of(&HeaderMap::new()) == Credentials::None);
    }

    #[test]
    fn two_headers_are_none() {
        let mut headers = HeaderMap::new();
        headers.append(AUTHORIZATION, "Bearer one".parse().expect("a header"));
        headers.append(AUTHORIZATION, "Bearer two".parse().expect("a header"));
        assert!(Credentials::of(&headers) == Credentials::Unreadable);
    }
}
