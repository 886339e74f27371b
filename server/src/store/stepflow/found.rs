//! [`Found`]: what is stored beside a blob's content.

use std::time::SystemTime;

use isoblob_core::{Blob, BlobId, VerifyError};

use crate::Filename;
use crate::store::{BlobInfo, StoreError, StoredBlob};

/// What is stored beside a blob's content, before anything of it was checked.
pub struct Found {
    pub blob_type: String,
    pub filename: Option<String>,
    pub created: SystemTime,
}

impl Found {
    /// The blob, if these bytes are it.
    pub fn verify(self, id: BlobId, bytes: Vec<u8>) -> Result<StoredBlob, StoreError> {
        let BlobInfo { blob_type, filename, created, .. } = self.info(id, bytes.len() as u64)?;
        let blob = Blob::verify_any_form(id, blob_type, bytes).map_err(|error| match error {
            VerifyError::Mismatch(mismatch) => corrupt(id, mismatch.to_string()),
            VerifyError::NotJson(cause) => StoreError::NotJson { id, blob_type, cause },
        })?;
        Ok(StoredBlob { blob, filename, created })
    }

    /// What it says of the blob, which has this many bytes.
    pub fn info(self, id: BlobId, size: u64) -> Result<BlobInfo, StoreError> {
        let Self { blob_type, filename, created } = self;
        let blob_type = blob_type.parse().map_err(|_| corrupt(id, format!("it has the unknown type {blob_type:?}")))?;
        // An orchestrator keeps names that no header can tell. The blob is none the worse.
        let filename = filename.and_then(|name| Filename::new(name).ok());
        Ok(BlobInfo { blob_type, size, filename, created })
    }
}

pub fn corrupt(id: BlobId, cause: String) -> StoreError {
    StoreError::Corrupt { id, cause }
}
