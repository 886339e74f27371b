//! [`StoreStats`]: how much a store holds.

use isoblob_core::BlobType;

/// How many blobs of each type there are, and how large they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreStats {
    /// In the order of [`BlobType::ALL`].
    types: [Totals; BlobType::ALL.len()],
}

/// The size of some blobs together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// How many there are.
    pub blobs: u64,
    /// The bytes of their contents, however these are kept.
    pub bytes: u64,
}

impl StoreStats {
    /// The blobs of one type.
    pub fn of(&self, blob_type: BlobType) -> Totals {
        self.types[blob_type as usize]
    }

    /// All blobs.
    pub fn total(&self) -> Totals {
        let mut total = Totals::default();
        self.types.iter().for_each(|totals| total.add(*totals));
        total
    }

    /// Counts blobs of one type.
    pub fn add(&mut self, blob_type: BlobType, totals: Totals) {
        self.types[blob_type as usize].add(totals);
    }
}

impl Totals {
    fn add(&mut self, more: Self) {
        self.blobs += more.blobs;
        self.bytes += more.bytes;
    }
}
