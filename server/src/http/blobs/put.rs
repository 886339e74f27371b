//! `POST /api/v1/blobs` and `PUT /api/v1/blobs/{id}`: store a blob, and answer once it is durable.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use isoblob_core::{Blob, BlobId, Limits, PutRequest, PutResponse};
use tokio::task::spawn_blocking;

use super::X_BLOB_FILENAME;
use super::id_path::IdPath;
use crate::Filename;
use crate::compute::compute;
use crate::http::body::Binary;
use crate::http::buffer::canonical_memory;
use crate::http::error::{ApiError, Reason};
use crate::http::memory::Reservation;
use crate::http::openapi::schema;
use crate::http::spare::Loan;
use crate::http::{AppState, body};
use crate::store::{PutOutcome, Spooled, StoreError};

/// Stores a blob
///
/// The answer comes once it is durable. JSON is stored in its canonical form. Positions of errors in `data` count from
/// its first byte. The body may be compressed with gzip, br or zstd, which `Content-Encoding` then says.
#[utoipa::path(
    post,
    path = "/api/v1/blobs",
    operation_id = "putBlob",
    tag = "blobs",
    params(
        ("x-blob-filename" = Option<schema::Filename>, Header, description = "Where the body has no `filename`."),
    ),
    request_body(content(
        (schema::PutRequest = "application/json"),
        (schema::Bytes = "application/octet-stream"),
    )),
    responses((status = 200, description = "It is durable.", body = schema::PutResponse)),
    extensions(("x-reasons" = json!(["invalid_filename", "store_full"]))),
)]
pub async fn post(State(state): State<AppState>, request: Request) -> Result<Json<PutResponse>, ApiError> {
    let mut memory = state.reservation();
    let received = read(&state, request, &mut memory).await?;
    let blob_id = received.id();
    received.store(&state).await?;
    Ok(Json(PutResponse { blob_id }))
}

/// Stores a blob, if it has this id
///
/// For a client that has computed the id. The body is that of a `POST`.
#[utoipa::path(
    put,
    path = "/api/v1/blobs/{id}",
    operation_id = "putBlobById",
    tag = "blobs",
    params(
        ("id" = schema::BlobId, Path),
        ("x-blob-filename" = Option<schema::Filename>, Header, description = "Where the body has no `filename`."),
    ),
    request_body(content(
        (schema::PutRequest = "application/json"),
        (schema::Bytes = "application/octet-stream"),
    )),
    responses(
        (status = 200, description = "It was there.", body = schema::PutResponse),
        (status = 201, description = "It is durable.", body = schema::PutResponse),
    ),
    extensions(("x-reasons" = json!(["id_mismatch", "invalid_filename", "store_full"]))),
)]
pub async fn put(
    State(state): State<AppState>,
    id: Result<IdPath, ApiError>,
    request: Request,
) -> Result<(StatusCode, Json<PutResponse>), ApiError> {
    let id = match id {
        Ok(IdPath(id)) => id,
        Err(error) => return Err(body::refuse(request, error)),
    };
    let mut memory = state.reservation();
    let received = read(&state, request, &mut memory).await?;
    if received.id() != id {
        return Err(ApiError::id_mismatch(id, received.id()));
    }
    // RFC 9110, section 9.3.4.
    let status = match received.store(&state).await? {
        PutOutcome::New => StatusCode::CREATED,
        PutOutcome::Existing => StatusCode::OK,
    };
    Ok((status, Json(PutResponse { blob_id: id })))
}

/// The blob that a request brought, with its filename.
enum Received {
    /// Perhaps in memory that is lent.
    Whole(Blob, Option<Filename>, Option<Loan<Vec<u8>>>),
    Spooled(Spooled, Option<Filename>),
}

impl Received {
    fn id(&self) -> BlobId {
        match self {
            Self::Whole(blob, ..) => blob.id(),
            Self::Spooled(spooled, _) => spooled.id(),
        }
    }

    async fn store(self, state: &AppState) -> Result<PutOutcome, StoreError> {
        match self {
            Self::Whole(blob, filename, None) => state.store().put(blob, filename).await,
            Self::Whole(blob, filename, Some(loan)) => {
                let bytes = blob.clone().into_bytes();
                let outcome = state.store().put(blob, filename).await;
                give_back(bytes, loan);
                outcome
            }
            Self::Spooled(spooled, filename) => state.store().put_spooled(spooled, filename).await,
        }
    }
}

/// Gives back the memory in which a blob was, unless the store has kept it.
fn give_back(bytes: Bytes, mut loan: Loan<Vec<u8>>) {
    // Of so much the system has work to do, if it is not kept.
    spawn_blocking(move || {
        if let Ok(memory) = bytes.try_into_mut() {
            *loan.memory_mut() = Some(memory.into());
        }
    });
}

/// Reads the blob that a request brings, for which memory is held.
async fn read(state: &AppState, request: Request, memory: &mut Reservation) -> Result<Received, ApiError> {
    let (content, filename) = match admit(request.headers()) {
        Ok(admitted) => admitted,
        Err(error) => return Err(body::refuse(request, error)),
    };
    let (parts, body) = request.into_parts();
    match content {
        Content::Bytes => match body::read_binary(&parts.headers, body, state, memory).await? {
            Binary::Whole(bytes) => {
                Ok(Received::Whole(compute(bytes.len(), move || Blob::binary(bytes)).await?, filename, None))
            }
            Binary::Spooled(spooled) => Ok(Received::Spooled(spooled, filename)),
        },
        Content::Envelope => {
            let bytes = body::read(&parts.headers, body, state.config(), memory).await?;
            let limits = Limits { max_text_bytes: state.config().max_body_bytes };
            let mut loan = canonical_memory(bytes.len());
            let lent = loan.as_mut().and_then(|loan| loan.memory_mut().take()).unwrap_or_default();
            let read = compute(bytes.len(), move || PutRequest::parse_into(lent, &bytes, limits));
            let put = read.await??;
            Ok(Received::Whole(put.blob, filename_of(put.filename)?.or(filename), loan))
        }
    }
}

/// What a request says that its body is.
enum Content {
    /// `application/json`: the envelope.
    Envelope,
    /// `application/octet-stream`: the blob itself.
    Bytes,
}

/// Looks at the headers, before the body is read.
fn admit(headers: &HeaderMap) -> Result<(Content, Option<Filename>), ApiError> {
    let media_type = body::media_type(headers);
    let content = if media_type.eq_ignore_ascii_case(b"application/json") {
        Content::Envelope
    } else if media_type.eq_ignore_ascii_case(b"application/octet-stream") {
        Content::Bytes
    } else {
        return Err(body::unsupported(headers, "a put is of application/json or application/octet-stream"));
    };
    Ok((content, filename_header(headers)?))
}

fn filename_header(headers: &HeaderMap) -> Result<Option<Filename>, ApiError> {
    let Some(value) = headers.get(X_BLOB_FILENAME) else { return Ok(None) };
    let name = str::from_utf8(value.as_bytes());
    filename_of(Some(name.map_err(|_| ApiError::new(Reason::InvalidFilename, "the filename is not UTF-8"))?.into()))
}

/// The filename of a put. An empty name is none.
pub fn filename_of(name: Option<String>) -> Result<Option<Filename>, ApiError> {
    name.filter(|name| !name.is_empty())
        .map(Filename::new)
        .transpose()
        .map_err(|error| ApiError::new(Reason::InvalidFilename, error.to_string()))
}
