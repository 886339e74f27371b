//! The flag `--type`, and what it makes of a file.

use std::io;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use isoblob_core::{Blob, BlobId, BlobType, Limits, MAX_TEXT_BYTES};

use super::hashing::Hashing;
use super::progress::Progress;
use super::{CommandError, Source};

/// As much as the core reads: a server may read less.
pub const LIMITS: Limits = Limits { max_text_bytes: MAX_TEXT_BYTES };

/// What files hold.
#[derive(Args, Clone, Copy, Debug)]
pub struct TypeArgs {
    /// What the content is: JSON, a Stepflow workflow, or bytes as they are
    #[arg(long = "type", value_name = "TYPE", default_value = "data", value_parser = blob_type_parser())]
    pub blob_type: BlobType,
}

/// Takes the names of types.
pub fn blob_type_parser() -> impl TypedValueParser<Value = BlobType> {
    let names = PossibleValuesParser::new(BlobType::ALL.map(BlobType::as_str));
    names.map(|name| name.parse::<BlobType>().expect("each is the name of a type"))
}

impl TypeArgs {
    /// The id of what a source holds. Bytes are hashed as they are read, whatever their number.
    pub fn identify(self, source: &Source) -> Result<BlobId, CommandError> {
        if self.blob_type != BlobType::Binary {
            return Ok(self.read(source)?.id());
        }
        let (reader, size) = source.open()?;
        let progress = Progress::of("hashing", size);
        let mut reader = Hashing::new(progress.count(reader));
        io::copy(&mut reader, &mut io::sink()).map_err(|error| source.unreadable(error))?;
        Ok(reader.id())
    }

    /// The blob that a source holds, whole in memory.
    pub fn read(self, source: &Source) -> Result<Blob, CommandError> {
        let bytes = source.read()?;
        let blob = match self.blob_type {
            BlobType::Binary => return Ok(Blob::binary(bytes)),
            BlobType::Data => Blob::data(&bytes, LIMITS),
            BlobType::Flow => Blob::flow(&bytes, LIMITS),
        };
        blob.map_err(|error| source.refused(error))
    }
}
