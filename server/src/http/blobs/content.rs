//! [`Content`]: the bytes of a blob that was found, and the forms in which they are answered.

use std::ops::Range;

use axum::body::{Body, Bytes};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures_util::stream::{StreamExt as _, TryStreamExt as _, once};
use isoblob_core::{Blob, BlobEnvelope, BlobId, BlobType, EnvelopeFrame};

use crate::Filename;
use crate::compute::compute;
use crate::http::error::ApiError;
use crate::http::sized::sized;
use crate::store::{BlobInfo, LargeBlob, StoreError};

/// The bytes of a blob that was found.
pub enum Content {
    /// In memory, verified.
    Whole(Blob),
    /// In a file. They are verified before the first of them is answered, and again as they are.
    Large(LargeBlob),
}

impl Content {
    /// A part of the bytes, which is within them.
    pub async fn part(self, range: Range<u64>) -> Result<Body, ApiError> {
        match self {
            Self::Whole(blob) => {
                let at = |position| usize::try_from(position).map_err(ApiError::internal);
                Ok(blob.into_bytes().slice(at(range.start)?..at(range.end)?).into())
            }
            Self::Large(blob) => {
                let bytes = range.end - range.start;
                Ok(sized(blob.verified(range).await?, bytes))
            }
        }
    }

    /// The envelope.
    pub async fn envelope(self, id: BlobId, info: &BlobInfo) -> Result<Body, ApiError> {
        match self {
            Self::Whole(blob) => Ok(envelope(blob, info.filename.as_ref()).await?.into()),
            Self::Large(blob) => {
                let EnvelopeFrame { head, tail } = frame(id, info);
                let around = |bytes: Bytes| once(async { Ok::<_, StoreError>(bytes) });
                let encode = match info.blob_type {
                    BlobType::Data | BlobType::Flow => |data| data,
                    // A piece has a multiple of three bytes, so that none but the last is padded.
                    BlobType::Binary => |data: Bytes| BASE64_STANDARD.encode(data).into(),
                };
                let data = blob.verified(0..info.size).await?.map_ok(encode);
                let envelope = around(head.into()).chain(data).chain(around(tail.into()));
                Ok(sized(envelope, envelope_length(id, info)))
            }
        }
    }
}

/// What stands around the data in a blob's envelope.
fn frame(id: BlobId, info: &BlobInfo) -> EnvelopeFrame {
    EnvelopeFrame::new(id, info.blob_type, info.filename.as_ref().map(Filename::as_str))
}

/// The length of a blob's envelope.
pub fn envelope_length(id: BlobId, info: &BlobInfo) -> u64 {
    let EnvelopeFrame { head, tail } = frame(id, info);
    (head.len() + tail.len()) as u64
        + match info.blob_type {
            BlobType::Data | BlobType::Flow => info.size,
            // RFC 4648, section 4: four characters for every three bytes or fewer.
            BlobType::Binary => info.size.div_ceil(3) * 4,
        }
}

/// The envelope of a blob in memory.
pub async fn envelope(blob: Blob, filename: Option<&Filename>) -> Result<Vec<u8>, ApiError> {
    let bytes = blob.bytes().len();
    let filename = filename.cloned();
    compute(bytes, move || BlobEnvelope { blob: &blob, filename: filename.as_ref().map(Filename::as_str) }.to_json())
        .await
}
