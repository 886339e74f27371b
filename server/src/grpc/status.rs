//! What a call is refused with: gRPC's code and message, and, as `google.rpc.ErrorInfo`, the reason that HTTP gives.

use std::collections::HashMap;
use std::fmt::Write as _;

use isoblob_core::{Error, ErrorKind, Position};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::http::error::{ApiError, Cause, Reason};

/// Who says what a reason means, in `google.rpc.ErrorInfo`.
const DOMAIN: &str = "isoblob";

/// The longest JSON Pointer that is told, in bytes: a status travels in headers, which are small. A longer one is left
/// out.
const MAX_POINTER_BYTES: usize = 512;

/// A status with its reason in `snake_case`, which `ErrorInfo` wants in capitals, and its place.
pub fn refuse(code: Code, reason: &str, what: &str, position: Option<Position>, pointer: Option<&str>) -> Status {
    let pointer = pointer.filter(|pointer| pointer.len() <= MAX_POINTER_BYTES);
    let mut message = what.to_owned();
    let mut place = HashMap::new();
    let mut tell = |name: &str, value: String| place.insert(name.to_owned(), value);
    if let Some(Position { offset, line, column }) = position {
        let _ = write!(message, ", at line {line} column {column} (byte {offset})");
        tell("line", line.to_string());
        tell("column", column.to_string());
        tell("offset", offset.to_string());
    }
    if let Some(pointer) = pointer {
        tell("pointer", pointer.to_owned());
        if !pointer.is_empty() {
            let _ = write!(message, ", in `{pointer}`");
        }
    }
    let details = ErrorDetails::with_error_info(reason.to_ascii_uppercase(), DOMAIN, place);
    Status::with_error_details(code, message, details)
}

/// Of a JSON text that the core refuses.
pub fn of_text(error: &Error) -> Status {
    refuse(code(Reason::Text(error.kind())), error.kind().as_str(), error.what(), error.position(), error.pointer())
}

/// Of a `google.protobuf.Value` whose JSON the core refuses: its sender has not seen the text that positions are of.
pub fn of_value(error: &Error) -> Status {
    refuse(code(Reason::Text(error.kind())), error.kind().as_str(), error.what(), None, error.pointer())
}

impl From<ApiError> for Status {
    fn from(error: ApiError) -> Self {
        let ApiError { reason, message, position: _, pointer: _, mismatch: _, cause } = error;
        let mut status = refuse(code(reason), reason.as_str(), &message, None, None);
        if let Some(Cause(cause)) = cause {
            status.set_source(cause);
        }
        status
    }
}

fn code(reason: Reason) -> Code {
    match reason {
        Reason::Text(ErrorKind::TooLarge)
        | Reason::BodyTooLarge
        | Reason::BatchFull
        | Reason::StoreFull
        | Reason::RateLimited { .. } => Code::ResourceExhausted,
        Reason::Text(_)
        | Reason::InvalidId
        | Reason::InvalidFilename
        | Reason::InvalidBody
        | Reason::InvalidQuery
        | Reason::InvalidCursor
        | Reason::InvalidPointer => Code::InvalidArgument,
        Reason::NotFound | Reason::NoSuchValue => Code::NotFound,
        Reason::NotJson | Reason::IdMismatch => Code::FailedPrecondition,
        Reason::RangeNotSatisfiable => Code::OutOfRange,
        Reason::MethodNotAllowed | Reason::UnsupportedMediaType | Reason::UnsupportedContentEncoding => {
            Code::Unimplemented
        }
        Reason::BodyTimeout => Code::DeadlineExceeded,
        Reason::ForeignHost | Reason::ForeignOrigin | Reason::InsufficientScope(_) => Code::PermissionDenied,
        Reason::Unauthorized => Code::Unauthenticated,
        Reason::CorruptBlob => Code::DataLoss,
        Reason::NotReady | Reason::Overloaded => Code::Unavailable,
        Reason::Internal => Code::Internal,
    }
}

/// The status that a call ends with, given that which came from the service.
///
/// What tonic refuses by itself has no details. Of that, a message beyond the limit is `OUT_OF_RANGE`, and one that
/// cannot be read `INTERNAL`: a fault of the request, as are the same over HTTP.
pub fn settle(status: Status, max_body_bytes: usize) -> Status {
    let refused = match (status.code(), status.details().is_empty()) {
        (Code::OutOfRange, true) => {
            ApiError::new(Reason::BodyTooLarge, format!("the message has more than {max_body_bytes} bytes"))
        }
        (Code::Internal, true) => ApiError::new(Reason::InvalidBody, format!("not a message: {}", status.message())),
        _ => return status,
    };
    refused.into()
}
