//! One page of a store's blobs: [`ListQuery`] asks for it, [`ListedBlob`] is a line of it.

use isoblob_core::{BlobId, BlobType};

use super::BlobInfo;

/// Which blobs to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListQuery {
    /// Those of this type alone.
    pub blob_type: Option<BlobType>,
    /// Those that come after this blob, which is the last of the page before.
    pub after: Option<BlobId>,
    /// At most so many.
    pub limit: usize,
}

/// A blob that is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedBlob {
    /// The blob.
    pub id: BlobId,
    /// What is known of it.
    pub info: BlobInfo,
}
