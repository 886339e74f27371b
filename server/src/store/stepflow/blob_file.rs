//! The file of one blob: its content, what is known of it as JSON, and the content's length, so that the content can be
//! read alone, and what is known of it without the content.
//!
//! ```text
//! content … {"blob_type":"data","filename":"a.json"} 0d 00 00 00 00 00 00 00
//! ```

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write};

use serde::{Deserialize, Serialize};

/// The bytes of the length at the end, little-endian.
const LENGTH_BYTES: usize = 8;

/// The most bytes of metadata that are read, 64 KiB: a name has up to 1 KiB.
pub const MAX_METADATA_BYTES: usize = 64 << 10;

/// What is known of a blob. An orchestrator may come to know more, which is left alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    pub blob_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
}

/// Writes a whole file.
pub fn write(mut file: impl Write, content: &[u8], metadata: &Metadata) -> io::Result<()> {
    file.write_all(content)?;
    file.write_all(&serde_json::to_vec(metadata)?)?;
    file.write_all(&(content.len() as u64).to_le_bytes())
}

/// Reads a whole file. What is wrong with it is said in the inner result.
pub fn read(mut file: File) -> io::Result<Result<(Metadata, Vec<u8>), String>> {
    let mut bytes = Vec::new();
    let size = usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
    bytes.try_reserve_exact(size)?;
    file.read_to_end(&mut bytes)?;
    Ok(split(bytes))
}

fn split(mut bytes: Vec<u8>) -> Result<(Metadata, Vec<u8>), String> {
    let metadata_end = bytes.len().checked_sub(LENGTH_BYTES).ok_or_else(too_short)?;
    let metadata_bytes = metadata_length(&bytes[metadata_end..], metadata_end as u64)?;
    let content_end = metadata_end - metadata_bytes;
    let metadata = parse(&bytes[content_end..metadata_end])?;
    bytes.truncate(content_end);
    Ok((metadata, bytes))
}

/// Reads the end of a file: what is known of the blob, and its size in bytes.
pub fn read_metadata(mut file: File) -> io::Result<Result<(Metadata, u64), String>> {
    let Some(metadata_end) = file.metadata()?.len().checked_sub(LENGTH_BYTES as u64) else {
        return Ok(Err(too_short()));
    };
    let mut length = [0; LENGTH_BYTES];
    file.seek(SeekFrom::Start(metadata_end))?;
    file.read_exact(&mut length)?;
    let metadata_bytes = match metadata_length(&length, metadata_end) {
        Ok(metadata_bytes) => metadata_bytes,
        Err(fault) => return Ok(Err(fault)),
    };
    let size = metadata_end - metadata_bytes as u64;
    let mut metadata = vec![0; metadata_bytes];
    file.seek(SeekFrom::Start(size))?;
    file.read_exact(&mut metadata)?;
    Ok(parse(&metadata).map(|metadata| (metadata, size)))
}

/// The bytes of the metadata, which ends where the length at the end of the file begins.
fn metadata_length(length: &[u8], metadata_end: u64) -> Result<usize, String> {
    let length = u64::from_le_bytes(length.try_into().map_err(|_| too_short())?);
    let metadata = metadata_end.checked_sub(length).and_then(|metadata| usize::try_from(metadata).ok());
    match metadata {
        Some(metadata) if metadata <= MAX_METADATA_BYTES => Ok(metadata),
        Some(metadata) => Err(format!("its metadata has {metadata} bytes, and the limit is {MAX_METADATA_BYTES}")),
        None => Err(format!("its file says that the content has {length} bytes, and is not that long")),
    }
}

fn parse(metadata: &[u8]) -> Result<Metadata, String> {
    serde_json::from_slice(metadata).map_err(|error| format!("its metadata cannot be read: {error}"))
}

fn too_short() -> String {
    "its file is too short".into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(blob_type: &str, filename: Option<&str>) -> Metadata {
        Metadata { blob_type: blob_type.into(), filename: filename.map(str::to_owned) }
    }

    type Read<T> = Result<(Metadata, T), String>;

    /// What both ways of reading a file say.
    fn read_both(bytes: &[u8]) -> (Read<Vec<u8>>, Read<u64>) {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("file");
        std::fs::write(&path, bytes).expect("a file");
        let open = || File::open(&path).expect("a file");
        (read(open()).expect("a read"), read_metadata(open()).expect("a read"))
    }

    #[test]
    fn a_file_is_that_of_an_orchestrator() {
        let rows = [
            (b"{}".as_slice(), metadata("data", None), b"{}{\"blob_type\":\"data\"}\x02\0\0\0\0\0\0\0".as_slice()),
            (
                b"\0",
                metadata("binary", Some("a b")),
                b"\0{\"blob_type\":\"binary\",\"filename\":\"a b\"}\x01\0\0\0\0\0\0\0",
            ),
            (b"", metadata("binary", None), b"{\"blob_type\":\"binary\"}\0\0\0\0\0\0\0\0"),
        ];
        for (content, metadata, expected) in rows {
            let mut written = Vec::new();
            write(&mut written, content, &metadata).expect("a write");
            assert_eq!(written, expected, "{}", written.escape_ascii());
            let size = content.len() as u64;
            assert_eq!(read_both(&written), (Ok((metadata.clone(), content.to_vec())), Ok((metadata, size))));
        }
    }

    #[test]
    fn metadata_may_hold_more_than_is_known() {
        let file = b"{\"filename\":null,\"content_type\":\"a/b\",\"blob_type\":\"binary\"}\0\0\0\0\0\0\0\0";
        assert_eq!(read_both(file), (Ok((metadata("binary", None), vec![])), Ok((metadata("binary", None), 0))));
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said() {
        let mut too_much = vec![b' '; MAX_METADATA_BYTES + 1];
        too_much.extend([0; LENGTH_BYTES]);
        let rows = [
            (b"".as_slice(), "its file is too short"),
            (b"\0\0\0\0\0\0\0", "its file is too short"),
            (b"{}\x03\0\0\0\0\0\0\0", "its file says that the content has 3 bytes, and is not that long"),
            (b"{}\x02\0\0\0\0\0\0\0", "its metadata cannot be read: EOF while parsing a value at line 1 column 0"),
            (b"{}\0\0\0\0\0\0\0\0", "its metadata cannot be read: missing field `blob_type` at line 1 column 2"),
            (&too_much, "its metadata has 65537 bytes, and the limit is 65536"),
        ];
        for (file, expected) in rows {
            assert_eq!(read_both(file), (Err(expected.into()), Err(expected.into())), "{}", file.escape_ascii());
        }
    }
}
