//! Content codings (RFC 9110, section 8.4.1), both ways: [`Coding::encode`] what is answered, [`Coding::decode`] what is
//! sent.

use std::error::Error;
use std::io;
use std::pin::Pin;

use async_compression::Level;
use async_compression::tokio::bufread::{
    BrotliDecoder, BrotliEncoder, GzipDecoder, GzipEncoder, ZstdDecoder, ZstdEncoder,
};
use async_compression::zstd::DParameter;
use axum::body::{Body, Bytes, HttpBody as _};
use axum::http::header::{ACCEPT_ENCODING, ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_LENGTH, ETAG, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use tokio::io::AsyncRead;
use tokio_stream::{Stream, StreamExt as _};
use tokio_util::io::{ReaderStream, StreamReader};

use super::blobs::REPR_DIGEST;
use super::conditional::weaken;
use super::error::{ApiError, Reason};
use super::weighted;

/// The least bytes that are worth compressing, 1,400: fewer go into one packet as they are.
const MIN_COMPRESSED_BYTES: u64 = 1400;

/// The bytes that are compressed or decompressed at once, 32 KiB: a fraction of a millisecond of work.
const CHUNK_BYTES: usize = 32 << 10;

/// The largest window of a sender's zstd, 2^23 bytes, as RFC 9659, section 3, has it.
const MAX_ZSTD_WINDOW_LOG: u32 = 23;

/// How content is compressed on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// RFC 1952.
    Gzip,
    /// Brotli, RFC 7932.
    Br,
    /// RFC 8878.
    Zstd,
}

impl Coding {
    /// Every coding, the one last that is the best of those that a client likes the same.
    const ALL: [Self; 3] = [Self::Gzip, Self::Br, Self::Zstd];

    /// All of them by name, for `Accept-Encoding`.
    pub const NAMES: &str = "gzip, br, zstd";

    fn as_str(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Br => "br",
            Self::Zstd => "zstd",
        }
    }

    /// The coding that a client likes best for its answer, by its `Accept-Encoding` (RFC 9110, section 12.5.3). `None`
    /// where it accepts none, or likes content as it is better.
    pub fn accepted(headers: &HeaderMap) -> Option<Self> {
        if !headers.contains_key(ACCEPT_ENCODING) {
            return None;
        }
        let weight = |name: &str| {
            let of = |name: &str| {
                weighted::list(headers, ACCEPT_ENCODING).find(|(other, _)| other.eq_ignore_ascii_case(name))
            };
            of(name).or_else(|| of("*")).map(|(_, weight)| weight)
        };
        let (best, coding) = Self::ALL
            .map(|coding| (weight(coding.as_str()).unwrap_or(0), coding))
            .into_iter()
            .max_by_key(|(weight, _)| *weight)?;
        (best > 0 && best >= weight("identity").unwrap_or(0)).then_some(coding)
    }

    /// The coding of a request's body. `None` where it is as it is.
    ///
    /// # Errors
    ///
    /// A coding that is not known, or several, one over the other.
    pub fn of_content(headers: &HeaderMap) -> Result<Option<Self>, ApiError> {
        let mut values = headers.get_all(CONTENT_ENCODING).into_iter();
        let Some(value) = values.next() else { return Ok(None) };
        let name = value.as_bytes();
        // RFC 9110, section 8.4.1.3.
        let plain = if name.eq_ignore_ascii_case(b"x-gzip") { b"gzip" } else { name };
        let coding = Self::ALL.into_iter().find(|coding| plain.eq_ignore_ascii_case(coding.as_str().as_bytes()));
        match (values.next(), coding) {
            (None, Some(coding)) => Ok(Some(coding)),
            (None, None) if name.is_empty() || name.eq_ignore_ascii_case(b"identity") => Ok(None),
            _ => {
                let message = format!("a body in the encoding {} is not read", name.escape_ascii());
                Err(ApiError::new(Reason::UnsupportedContentEncoding, message))
            }
        }
    }

    /// Compresses an answer, where that is worth it and its handler says, by `Vary`, that it depends on
    /// `Accept-Encoding`, as caches must know in any case.
    pub fn compress(self, response: Response) -> Response {
        if !is_worth_it(&response) {
            return response;
        }
        let (mut parts, body) = response.into_parts();
        let headers = &mut parts.headers;
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(self.as_str()));
        headers.remove(CONTENT_LENGTH);
        // These say something of other bytes (RFC 9110, sections 8.8.3.3 and 14.3; RFC 9530, section 3).
        headers.remove(ACCEPT_RANGES);
        headers.remove(REPR_DIGEST);
        if let Some(etag) = headers.get_mut(ETAG) {
            *etag = weaken(etag);
        }
        Response::from_parts(parts, self.encode(body))
    }

    /// The qualities are those at which a core of a server encodes some 100 MB/s.
    fn encode(self, body: Body) -> Body {
        let content = StreamReader::new(body.into_data_stream().map(|data| data.map_err(io::Error::other)));
        match self {
            Self::Gzip => stream(GzipEncoder::with_quality(content, Level::Precise(4))),
            Self::Br => stream(BrotliEncoder::with_quality(content, Level::Precise(4))),
            Self::Zstd => stream(ZstdEncoder::with_quality(content, Level::Precise(3))),
        }
    }

    /// Decompresses what a request's body brings. Where anything follows the compressed content, that is an error.
    pub fn decode<'b>(self, body: impl Data + 'b) -> impl Stream<Item = io::Result<Bytes>> + Send + Unpin + 'b {
        let content = StreamReader::new(body.map(|data| data.map_err(io::Error::other)));
        let decoder: Pin<Box<dyn AsyncRead + Send + 'b>> = match self {
            Self::Gzip => {
                let mut decoder = GzipDecoder::new(content);
                decoder.multiple_members(true);
                Box::pin(decoder)
            }
            Self::Br => {
                let mut decoder = BrotliDecoder::new(content);
                decoder.multiple_members(true);
                Box::pin(decoder)
            }
            Self::Zstd => {
                let mut decoder = ZstdDecoder::with_params(content, &[DParameter::window_log_max(MAX_ZSTD_WINDOW_LOG)]);
                decoder.multiple_members(true);
                Box::pin(decoder)
            }
        };
        ReaderStream::with_capacity(decoder, CHUNK_BYTES)
    }

    /// Why a body could not be decoded: it broke off, or is not in this coding.
    pub fn refuse(self, error: io::Error) -> ApiError {
        if error.get_ref().is_some_and(<dyn Error + Send + Sync>::is::<axum::Error>) {
            return ApiError::body_broken(error);
        }
        let message = format!("the body is not {}, as its Content-Encoding says", self.as_str());
        ApiError::new(Reason::InvalidBody, message).because(error)
    }
}

/// What a body brings, piece by piece.
pub trait Data: Stream<Item = Result<Bytes, axum::Error>> + Send + Unpin {}

impl<S: Stream<Item = Result<Bytes, axum::Error>> + Send + Unpin> Data for S {}

fn is_worth_it(response: &Response) -> bool {
    let headers = response.headers();
    let varies = headers.get(VARY).is_some_and(|vary| vary.as_bytes().ends_with(b"accept-encoding"));
    let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let length = length.or_else(|| response.body().size_hint().exact());
    response.status() == StatusCode::OK && varies && length.is_none_or(|length: u64| length >= MIN_COMPRESSED_BYTES)
}

fn stream(reader: impl AsyncRead + Send + 'static) -> Body {
    Body::from_stream(ReaderStream::with_capacity(reader, CHUNK_BYTES))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_coding_that_is_accepted_is_chosen() {
        let rows = [
            ("", None),
            ("identity", None),
            ("deflate, compress", None),
            ("gzip", Some(Coding::Gzip)),
            ("GZIP", Some(Coding::Gzip)),
            ("gzip, deflate, br", Some(Coding::Br)),
            ("gzip, deflate, br, zstd", Some(Coding::Zstd)),
            ("zstd;q=0.5, gzip", Some(Coding::Gzip)),
            ("zstd;q=0, br;q=0, gzip;q=0.001", Some(Coding::Gzip)),
            ("gzip;q=0", None),
            ("*", Some(Coding::Zstd)),
            ("*, zstd;q=0", Some(Coding::Br)),
            ("*;q=0", None),
            ("*;q=0, br", Some(Coding::Br)),
            ("identity, gzip;q=0.5", None),
            ("identity;q=0.5, gzip;q=0.5", Some(Coding::Gzip)),
            ("identity;q=0", None),
        ];
        for (accept, expected) in rows {
            let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, accept.parse().expect("a header"))]);
            assert_eq!(Coding::accepted(&headers), expected, "{accept}");
        }
        assert_eq!(Coding::accepted(&HeaderMap::new()), None);
        assert_eq!(Coding::ALL.map(Coding::as_str).join(", "), Coding::NAMES);
    }
}
