//! [`BlobApiUrl`]: where blobs are.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

/// The URL under which a component server reaches blobs: it puts with `POST {url}` and gets with `GET {url}/{id}`.
///
/// # Invariants
///
/// - It begins with `http://` or `https://`, which Stepflow's SDK asks for, and names a host.
/// - It does not end with a slash, and has no query or fragment, as `/{id}` is appended to it.
/// - It holds nothing but ASCII letters, digits and punctuation.
///
/// ```
/// use isoblob_core::handshake::BlobApiUrl;
///
/// let url: BlobApiUrl = "http://localhost:7837/api/v1/blobs".parse()?;
/// assert_eq!(url.as_str(), "http://localhost:7837/api/v1/blobs");
/// assert!("localhost:7837/api/v1/blobs".parse::<BlobApiUrl>().is_err());
/// # Ok::<(), isoblob_core::handshake::ParseBlobApiUrlError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BlobApiUrl(String);

impl BlobApiUrl {
    /// The URL as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BlobApiUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for BlobApiUrl {
    type Err = ParseBlobApiUrlError;

    /// # Errors
    ///
    /// The text breaks one of the invariants.
    fn from_str(text: &str) -> Result<Self, ParseBlobApiUrlError> {
        let rest = ["http://", "https://"].iter().find_map(|scheme| text.strip_prefix(scheme));
        let authority = rest.ok_or(ParseBlobApiUrlError::Scheme)?.split('/').next().unwrap_or_default();
        // What may come before the host, and the port behind it.
        let host = authority.rsplit('@').next().unwrap_or_default();
        if host.is_empty() || host.starts_with(':') {
            return Err(ParseBlobApiUrlError::Host);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ParseBlobApiUrlError::Character);
        }
        if text.contains(['?', '#']) || text.ends_with('/') {
            return Err(ParseBlobApiUrlError::End);
        }
        Ok(Self(text.to_owned()))
    }
}

/// Why a text is not the URL of a blob API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseBlobApiUrlError {
    /// It does not begin with `http://` or `https://`.
    Scheme,
    /// It names no host.
    Host,
    /// It holds something other than ASCII letters, digits and punctuation.
    Character,
    /// It ends with a slash, or has a query or a fragment.
    End,
}

impl fmt::Display for ParseBlobApiUrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheme => "a blob API's URL begins with http:// or https://",
            Self::Host => "a blob API's URL names a host",
            Self::Character => "a blob API's URL is of ASCII letters, digits and punctuation",
            Self::End => "a blob API's URL ends where `/` and an id can follow: without a slash, `?` or `#`",
        })
    }
}

impl core::error::Error for ParseBlobApiUrlError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_what_an_id_can_follow() {
        let check = |text: &str, expected: Result<(), ParseBlobApiUrlError>| {
            let found = text.parse::<BlobApiUrl>();
            assert_eq!(found.as_ref().map(|url| assert_eq!(url.to_string(), text)).map_err(|error| *error), expected);
        };
        check("http://localhost:7837/api/v1/blobs", Ok(()));
        check("https://user:secret@blobs.example.org/api/v1/blobs", Ok(()));
        check("http://[::1]:80", Ok(()));
        for text in ["", "localhost:7837", "ftp://a/b", "HTTP//a", "${BLOB_URL}", "http:/a"] {
            check(text, Err(ParseBlobApiUrlError::Scheme));
        }
        for text in ["http://", "http:///api", "http://:80/api", "http://user@/api"] {
            check(text, Err(ParseBlobApiUrlError::Host));
        }
        for text in ["http://a/b c", "http://ä/b", "http://a/\n"] {
            check(text, Err(ParseBlobApiUrlError::Character));
        }
        for text in ["http://a/", "http://a/b/", "http://a/b?c", "http://a/b#c"] {
            check(text, Err(ParseBlobApiUrlError::End));
        }
    }
}
