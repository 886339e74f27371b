//! `stepflow.v1.BlobService`: Stepflow's blobs by gRPC.

use std::borrow::Cow;

use isoblob_core::{Blob, BlobId, BlobType, ErrorKind, Limits, MAX_TEXT_BYTES, canonicalize};
use tonic::metadata::MetadataValue;
use tonic::{Request, Response, Status};

use super::proto::blob_service_server::BlobService;
use super::proto::get_blob_response::Content as Answered;
use super::proto::put_blob_request::Content as Given;
use super::proto::{GetBlobRequest, GetBlobResponse, PutBlobRequest, PutBlobResponse};
use super::{status, value};
use crate::Filename;
use crate::compute::compute;
use crate::http::AppState;
use crate::http::blobs::{X_BLOB_CANONICAL, filename_of};
use crate::http::error::{ApiError, Reason};
use crate::store::StoredBlob;

/// The service over a store.
#[derive(Clone, Debug)]
pub struct Blobs(AppState);

impl Blobs {
    pub fn new(state: AppState) -> Self {
        Self(state)
    }
}

#[tonic::async_trait]
impl BlobService for Blobs {
    async fn put_blob(&self, request: Request<PutBlobRequest>) -> Result<Response<PutBlobResponse>, Status> {
        let PutBlobRequest { content, blob_type, filename, content_type: _ } = request.into_inner();
        let given = content.ok_or_else(|| ApiError::new(INVALID, "the request has no content"))?;
        let blob_type = match &*blob_type {
            "" => BlobType::default(),
            name => name.parse().map_err(|error| ApiError::new(INVALID, format!("{error}")))?,
        };
        let stored_filename = filename_of(filename.clone())?;
        let (Given::JsonData(bytes) | Given::RawData(bytes)) = &given;
        let blob = compute(bytes.len(), move || blob_of(given, blob_type)).await??;
        let blob_id = blob.id().to_string();
        self.0.store().put(blob, stored_filename).await.map_err(ApiError::from)?;
        Ok(Response::new(PutBlobResponse { blob_id, filename }))
    }

    async fn get_blob(&self, request: Request<GetBlobRequest>) -> Result<Response<GetBlobResponse>, Status> {
        let id: BlobId = request.into_inner().blob_id.parse().map_err(|_| ApiError::invalid_id())?;
        let mut memory = self.0.reservation();
        let StoredBlob { blob, filename, .. } = self.0.read(id, &mut memory).await?;
        let (blob_type, canonical) = (blob.blob_type(), blob.is_canonical());
        let content = compute(blob.bytes().len(), move || answer_of(blob)).await??;
        let mut response = Response::new(GetBlobResponse {
            content: Some(content),
            blob_type: blob_type.to_string(),
            blob_id: id.to_string(),
            filename: filename.as_ref().map(Filename::as_str).map(str::to_owned),
            content_type: (blob_type == BlobType::Binary).then(|| "application/octet-stream".into()),
        });
        if !canonical {
            response.metadata_mut().insert(X_BLOB_CANONICAL, MetadataValue::from_static("false"));
        }
        Ok(response)
    }
}

/// The reason of a request that is no put, which HTTP gives for its envelope.
const INVALID: Reason = Reason::Text(ErrorKind::InvalidEnvelope);

/// The limit of a text that came in a message is that of the message, which is checked before it is read.
const LIMITS: Limits = Limits { max_text_bytes: MAX_TEXT_BYTES };

/// The blob that a put gives.
fn blob_of(given: Given, blob_type: BlobType) -> Result<Blob, Status> {
    match (given, blob_type) {
        (Given::RawData(bytes), BlobType::Binary) => Ok(Blob::binary(bytes)),
        (Given::RawData(text), BlobType::Data) => Blob::data(&text, LIMITS).map_err(|error| status::of_text(&error)),
        (Given::RawData(text), BlobType::Flow) => Blob::flow(&text, LIMITS).map_err(|error| status::of_text(&error)),
        (Given::JsonData(message), blob_type) => {
            let text = value::to_json(&message).map_err(Status::from)?;
            let blob = match blob_type {
                BlobType::Data => Blob::data(&text, LIMITS),
                BlobType::Flow => Blob::flow(&text, LIMITS),
                BlobType::Binary => Blob::data(&text, LIMITS).map(|data| Blob::binary(data.into_bytes())),
            };
            blob.map_err(|error| status::of_value(&error))
        }
    }
}

/// What a get answers.
fn answer_of(blob: Blob) -> Result<Answered, Status> {
    match blob.blob_type() {
        BlobType::Binary => Ok(Answered::RawData(blob.into_bytes().into())),
        BlobType::Data | BlobType::Flow => {
            // A `Value` does not tell forms apart.
            let canonical = if blob.is_canonical() {
                Cow::Borrowed(blob.bytes())
            } else {
                canonicalize(blob.bytes(), LIMITS).map_err(ApiError::internal)?
            };
            value::of_json(&canonical).map(Answered::JsonData)
        }
    }
}
