//! What a request is refused with: [`ApiError`] inside, [`ErrorBody`] on the wire.

use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use axum::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use isoblob_core::{BlobId, ErrorKind, Mismatch, Position};
use serde::Serialize;
use utoipa::ToSchema;

use super::coding::Coding;
use super::openapi::schema;
use crate::auth::Scope;
use crate::store::StoreError;

/// Why a request is refused. Every reason has one status, and none is a success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A text that the core refuses.
    Text(ErrorKind),
    InvalidId,
    InvalidFilename,
    InvalidBody,
    InvalidQuery,
    InvalidCursor,
    InvalidPointer,
    NotFound,
    NoSuchValue,
    NotJson,
    IdMismatch,
    RangeNotSatisfiable,
    BatchFull,
    MethodNotAllowed,
    BodyTimeout,
    BodyTooLarge,
    UnsupportedMediaType,
    UnsupportedContentEncoding,
    ForeignHost,
    ForeignOrigin,
    Unauthorized,
    InsufficientScope(Scope),
    RateLimited {
        retry_after_secs: u64,
    },
    Overloaded,
    CorruptBlob,
    StoreFull,
    NotReady,
    Internal,
}

impl Reason {
    /// Those that are of no text.
    const OTHERS: [Self; 27] = [
        Self::InvalidId,
        Self::InvalidFilename,
        Self::InvalidBody,
        Self::InvalidQuery,
        Self::InvalidCursor,
        Self::InvalidPointer,
        Self::NotFound,
        Self::NoSuchValue,
        Self::NotJson,
        Self::IdMismatch,
        Self::RangeNotSatisfiable,
        Self::BatchFull,
        Self::MethodNotAllowed,
        Self::BodyTimeout,
        Self::BodyTooLarge,
        Self::UnsupportedMediaType,
        Self::UnsupportedContentEncoding,
        Self::ForeignHost,
        Self::ForeignOrigin,
        Self::Unauthorized,
        Self::InsufficientScope(Scope::Write),
        Self::RateLimited { retry_after_secs: 1 },
        Self::Overloaded,
        Self::CorruptBlob,
        Self::StoreFull,
        Self::NotReady,
        Self::Internal,
    ];

    /// Every reason.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::OTHERS.into_iter().chain(ErrorKind::ALL.map(Self::Text))
    }

    /// The status that it is answered with.
    pub fn status(self) -> StatusCode {
        match self {
            Self::Text(ErrorKind::TooLarge) | Self::BodyTooLarge | Self::BatchFull => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Text(_)
            | Self::InvalidId
            | Self::InvalidFilename
            | Self::InvalidBody
            | Self::InvalidQuery
            | Self::InvalidCursor
            | Self::InvalidPointer => StatusCode::BAD_REQUEST,
            Self::NotFound | Self::NoSuchValue => StatusCode::NOT_FOUND,
            Self::NotJson | Self::IdMismatch => StatusCode::CONFLICT,
            Self::RangeNotSatisfiable => StatusCode::RANGE_NOT_SATISFIABLE,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::BodyTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::UnsupportedMediaType | Self::UnsupportedContentEncoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::ForeignHost => StatusCode::MISDIRECTED_REQUEST,
            Self::ForeignOrigin | Self::InsufficientScope(_) => StatusCode::FORBIDDEN,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::CorruptBlob | Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::StoreFull => StatusCode::INSUFFICIENT_STORAGE,
            Self::NotReady | Self::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The stable name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text(kind) => kind.as_str(),
            Self::InvalidId => "invalid_id",
            Self::InvalidFilename => "invalid_filename",
            Self::InvalidBody => "invalid_body",
            Self::InvalidQuery => "invalid_query",
            Self::InvalidCursor => "invalid_cursor",
            Self::InvalidPointer => "invalid_pointer",
            Self::NotFound => "not_found",
            Self::NoSuchValue => "no_such_value",
            Self::NotJson => "not_json",
            Self::IdMismatch => "id_mismatch",
            Self::RangeNotSatisfiable => "range_not_satisfiable",
            Self::BatchFull => "batch_full",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::BodyTimeout => "body_timeout",
            Self::BodyTooLarge => "body_too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::UnsupportedContentEncoding => "unsupported_content_encoding",
            Self::ForeignHost => "foreign_host",
            Self::ForeignOrigin => "foreign_origin",
            Self::Unauthorized => "unauthorized",
            Self::InsufficientScope(_) => "insufficient_scope",
            Self::RateLimited { .. } => "rate_limited",
            Self::Overloaded => "overloaded",
            Self::CorruptBlob => "corrupt_blob",
            Self::StoreFull => "store_full",
            Self::NotReady => "not_ready",
            Self::Internal => "internal",
        }
    }
}

/// When a client that met an overload may come again.
const OVERLOAD_RETRY_SECS: u64 = 1;

/// A request that is refused: what its sender is told, and what only the log is.
#[derive(Debug)]
pub struct ApiError {
    pub reason: Reason,
    pub message: Cow<'static, str>,
    pub position: Option<Position>,
    pub pointer: Option<String>,
    pub mismatch: Option<Box<Mismatch>>,
    pub cause: Option<Cause>,
}

/// Why a request failed, for the log. [`door`](super::door) takes it out of the answer.
#[derive(Clone, Debug)]
pub struct Cause(pub Arc<dyn Error + Send + Sync>);

impl ApiError {
    pub fn new(reason: Reason, message: impl Into<Cow<'static, str>>) -> Self {
        Self { reason, message: message.into(), position: None, pointer: None, mismatch: None, cause: None }
    }

    pub fn internal(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::new(Reason::Internal, "the server failed; its log says why, under this request's id").because(cause)
    }

    /// There is no blob with this id.
    pub fn missing(id: BlobId) -> Self {
        Self::new(Reason::NotFound, format!("there is no blob {id}"))
    }

    /// What was given is not an id.
    pub fn invalid_id() -> Self {
        Self::new(Reason::InvalidId, "a blob id is 64 lowercase hex digits")
    }

    /// A put under an id that is not that of its content.
    pub fn id_mismatch(expected: BlobId, actual: BlobId) -> Self {
        let message = format!("the content has the id {actual}, not {expected}");
        Self { mismatch: Some(Box::new(Mismatch { expected, actual })), ..Self::new(Reason::IdMismatch, message) }
    }

    /// A body brought nothing for some time.
    pub fn body_stalled(idle_timeout: Duration) -> Self {
        let message = format!("the body brought nothing for {} seconds", idle_timeout.as_secs_f64());
        Self::new(Reason::BodyTimeout, message)
    }

    /// A body broke off.
    pub fn body_broken(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::new(Reason::InvalidBody, "the body ended before its end").because(cause)
    }

    /// Under a JSON Pointer.
    pub fn at(self, pointer: String) -> Self {
        Self { pointer: Some(pointer), ..self }
    }

    pub fn because(self, cause: impl Error + Send + Sync + 'static) -> Self {
        Self { cause: Some(Cause(Arc::new(cause))), ..self }
    }
}

impl From<isoblob_core::Error> for ApiError {
    fn from(error: isoblob_core::Error) -> Self {
        Self {
            reason: Reason::Text(error.kind()),
            message: error.to_string().into(),
            position: error.position(),
            pointer: error.pointer().map(String::from),
            mismatch: None,
            cause: None,
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Corrupt { id, .. } => {
                Self::new(Reason::CorruptBlob, format!("what is stored under {id} does not hash to it")).because(error)
            }
            StoreError::NotJson { .. } => Self::new(Reason::CorruptBlob, error.to_string()),
            StoreError::Full(_) => Self::new(Reason::StoreFull, "the store is full").because(error),
            StoreError::Failed(_) => Self::internal(error),
        }
    }
}

/// The body of every answer that is an error, as `application/json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Error)]
#[serde(rename_all = "camelCase")]
pub struct ErrorBody<'a> {
    /// The HTTP status.
    pub code: u16,
    /// A sentence for a person.
    pub message: &'a str,
    /// A stable name in `snake_case` for a program.
    pub reason: &'a str,
    /// The line of the text where the fault is, the first being 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The character of the line, the first being 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// The number of bytes before the fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<usize>,
    /// The JSON Pointer (RFC 6901) of the value at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<&'a str>,
    /// The id under which content was put that has another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::BlobId>)]
    pub expected_blob_id: Option<BlobId>,
    /// The id that the content has.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::BlobId>)]
    pub actual_blob_id: Option<BlobId>,
}

impl ApiError {
    /// What the client is told.
    pub fn body(&self) -> ErrorBody<'_> {
        ErrorBody {
            code: self.reason.status().as_u16(),
            message: &self.message,
            reason: self.reason.as_str(),
            line: self.position.map(|at| at.line),
            column: self.position.map(|at| at.column),
            offset: self.position.map(|at| at.offset),
            pointer: self.pointer.as_deref(),
            expected_blob_id: self.mismatch.as_ref().map(|mismatch| mismatch.expected),
            actual_blob_id: self.mismatch.as_ref().map(|mismatch| mismatch.actual),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let json = serde_json::to_vec(&self.body()).expect("a body of strings and numbers is JSON");
        let mut response = (self.reason.status(), json).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match self.reason {
            // RFC 7694, section 3: what would have been accepted.
            Reason::UnsupportedContentEncoding => {
                headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(Coding::NAMES));
            }
            // RFC 9110, section 15.5.9: the rest of the body is not waited for.
            Reason::BodyTimeout => {
                headers.insert(CONNECTION, HeaderValue::from_static("close"));
            }
            // RFC 6750, section 3; RFC 7617, section 2.
            Reason::Unauthorized => {
                headers.append(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"isoblob\""));
                headers
                    .append(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"isoblob\", charset=\"UTF-8\""));
            }
            Reason::InsufficientScope(scope) => {
                let challenge = format!("Bearer realm=\"isoblob\", error=\"insufficient_scope\", scope=\"{scope}\"");
                let challenge = HeaderValue::try_from(challenge).expect("the name of a scope is a header's value");
                headers.insert(WWW_AUTHENTICATE, challenge);
            }
            Reason::RateLimited { retry_after_secs } => {
                headers.insert(RETRY_AFTER, retry_after_secs.into());
            }
            Reason::Overloaded => {
                headers.insert(RETRY_AFTER, OVERLOAD_RETRY_SECS.into());
            }
            _ => {}
        }
        response.extensions_mut().insert(self.reason);
        if let Some(cause) = self.cause {
            response.extensions_mut().insert(cause);
        }
        response
    }
}
