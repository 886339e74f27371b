//! [`Coding`]: how content is kept on the disk, as it is or, where that pays, compressed.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom, Write as _};
use std::sync::{Mutex, PoisonError};

use isoblob_core::{Blob, BlobType};
use zstd::bulk::{Compressor, Decompressor};
use zstd::stream::read::Decoder;
use zstd::stream::write::Encoder;

use super::{MAX_ROW_BYTES, direct};

/// The least bytes of JSON that are compressed, 4 KiB: what is smaller takes longer than the disk that it spares.
const MIN_COMPRESSED_BYTES: usize = 4 << 10;

/// The most bytes of JSON that are compressed without a look at them, 8 MiB: that takes up to twice as long as the
/// canonical form and the hash of it, so a put of what is much larger might mostly wait for zstd.
const MAX_UNSEEN_BYTES: usize = 8 << 20;

/// JSON that is larger is compressed where samples of it come to one byte in so many: such as consists of objects of one
/// kind does, with which zstd is done before the disk would be; such as consists of numbers does not.
const LARGE_WORTH: usize = 4;

/// The threads that compress it together.
const LARGE_WORKERS: u32 = 2;

/// How many samples there are, evenly spread, and of how many bytes each.
const SAMPLES: usize = 8;
const SAMPLE_BYTES: usize = 1 << WINDOW_LOG;

/// Compressed content is kept where it spares at least one byte in so many; otherwise the content is, as it is.
const WORTH: usize = 8;

/// The level of zstd that is fastest but for those that compress hardly: JSON becomes some four times smaller.
const LEVEL: i32 = 1;

/// The compressors that are kept for the next rows, of half a MiB each: to make one takes as long as to use it.
const IDLE_COMPRESSORS: usize = 4;

static IDLE: Mutex<Vec<Compressor<'static>>> = Mutex::new(Vec::new());

/// The window of zstd, 2^16 bytes, which whoever reads a file holds in memory. With a larger one files are hardly smaller.
const WINDOW_LOG: u32 = 16;

/// How content is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Coding {
    /// As it is.
    Plain,
    /// As one frame of zstd (RFC 8878).
    Zstd,
}

impl Coding {
    /// All that there are.
    pub const ALL: [Self; 2] = [Self::Plain, Self::Zstd];

    /// The number that stands for it in the database.
    pub fn number(self) -> i64 {
        match self {
            Self::Plain => 0,
            Self::Zstd => 1,
        }
    }

    /// The coding that a number stands for, if there is one.
    pub fn of(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|coding| coding.number() == number)
    }

    /// What the names of files end with.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Zstd => ".zst",
        }
    }

    /// The content of a row, which has up to [`MAX_ROW_BYTES`], whatever a damaged one says.
    pub fn decode(self, bytes: Vec<u8>) -> io::Result<Vec<u8>> {
        match self {
            Self::Plain => Ok(bytes),
            Self::Zstd => Decompressor::new()?.decompress(&bytes, MAX_ROW_BYTES),
        }
    }
}

fn is_worth_trying(blob: &Blob) -> io::Result<bool> {
    let bytes = blob.bytes();
    // Bytes of which nothing is known are mostly compressed already.
    if blob.blob_type() == BlobType::Binary || bytes.len() < MIN_COMPRESSED_BYTES {
        return Ok(false);
    }
    if bytes.len() <= MAX_UNSEEN_BYTES {
        return Ok(true);
    }
    let samples = bytes.chunks_exact(bytes.len() / SAMPLES).take(SAMPLES).map(|part| &part[..SAMPLE_BYTES]);
    let compressed: usize = samples.map(|sample| Ok(compress(sample)?.len())).sum::<io::Result<_>>()?;
    Ok(compressed <= SAMPLES * SAMPLE_BYTES / LARGE_WORTH)
}

fn is_worth_it(size: usize, compressed: usize) -> bool {
    compressed <= size - size / WORTH
}

/// The bytes that are kept of a blob, in memory.
pub fn encode(blob: Blob) -> io::Result<(Coding, Vec<u8>)> {
    if is_worth_trying(&blob)? {
        let compressed = compress(blob.bytes())?;
        if is_worth_it(blob.bytes().len(), compressed.len()) {
            return Ok((Coding::Zstd, compressed));
        }
    }
    Ok((Coding::Plain, blob.into_bytes().into()))
}

fn compress(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let idle = || IDLE.lock().unwrap_or_else(PoisonError::into_inner);
    let taken = idle().pop();
    let mut compressor = taken.map_or_else(|| Compressor::new(LEVEL), Ok)?;
    let compressed = compressor.compress(bytes);
    let mut idle = idle();
    if idle.len() < IDLE_COMPRESSORS {
        idle.push(compressor);
    }
    compressed
}

/// Writes what is kept of a blob into an empty file.
pub fn write(blob: &Blob, file: &mut File) -> io::Result<Coding> {
    let bytes = blob.bytes();
    let is_large = bytes.len() > MAX_UNSEEN_BYTES;
    if is_worth_trying(blob)? {
        let mut encoder = Encoder::new(&mut *file, LEVEL)?;
        encoder.set_pledged_src_size(Some(bytes.len() as u64))?;
        encoder.window_log(WINDOW_LOG)?;
        if is_large {
            encoder.multithread(LARGE_WORKERS)?;
        }
        encoder.write_all(bytes)?;
        encoder.finish()?;
        let compressed = usize::try_from(file.stream_position()?).unwrap_or(usize::MAX);
        if is_worth_it(bytes.len(), compressed) {
            return Ok(Coding::Zstd);
        }
        file.rewind()?;
        file.set_len(0)?;
    }
    if is_large {
        direct::write(bytes, file)?;
    } else {
        file.write_all(bytes)?;
    }
    Ok(Coding::Plain)
}

/// Reads the content of a file, however it is kept there.
pub struct ContentFile(Reader);

enum Reader {
    Plain(File),
    Zstd(Decoder<'static, BufReader<File>>),
}

impl ContentFile {
    /// The content from its first byte on, of a file that is read from its first byte on.
    pub fn new(file: File, coding: Coding) -> io::Result<Self> {
        Ok(Self(match coding {
            Coding::Plain => Reader::Plain(file),
            Coding::Zstd => {
                let mut decoder = Decoder::with_buffer(BufReader::with_capacity(1 << WINDOW_LOG, file))?;
                // Whatever a damaged file says.
                decoder.window_log_max(WINDOW_LOG)?;
                Reader::Zstd(decoder)
            }
        }))
    }

    /// The content from another byte on. What is compressed is decompressed up to there.
    pub fn at(self, position: u64) -> io::Result<Self> {
        match self.0 {
            Reader::Plain(mut file) => {
                file.seek(SeekFrom::Start(position))?;
                Self::new(file, Coding::Plain)
            }
            Reader::Zstd(decoder) => {
                let mut file = decoder.into_inner().into_inner();
                file.rewind()?;
                let mut again = Self::new(file, Coding::Zstd)?;
                io::copy(&mut again.by_ref().take(position), &mut io::sink())?;
                Ok(again)
            }
        }
    }
}

impl fmt::Debug for ContentFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let coding = if matches!(self.0, Reader::Plain(_)) { Coding::Plain } else { Coding::Zstd };
        f.debug_tuple("ContentFile").field(&coding).finish()
    }
}

impl Read for ContentFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.0 {
            Reader::Plain(file) => file.read(buffer),
            Reader::Zstd(decoder) => decoder.read(buffer),
        }
    }
}

#[cfg(test)]
mod tests {
    use isoblob_core::BlobId;

    use super::*;

    fn blob(blob_type: BlobType, bytes: Vec<u8>) -> Blob {
        Blob::verify(BlobId::of(&bytes), blob_type, bytes).expect("its own id")
    }

    /// Digits without a pattern, of which each takes nearly half of its byte when compressed.
    fn digits(count: usize) -> Vec<u8> {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            b'0' + u8::try_from((state >> 16) % 10).expect("a digit")
        };
        (0..count).map(|_| next()).collect()
    }

    /// Bytes without a pattern.
    fn noise(count: usize) -> Vec<u8> {
        (0..).flat_map(|number: u64| *BlobId::of(&number.to_le_bytes()).as_bytes()).take(count).collect()
    }

    #[test]
    fn json_is_compressed_where_that_pays() {
        use BlobType::{Binary, Data, Flow};
        let (least, unseen) = (MIN_COMPRESSED_BYTES, MAX_UNSEEN_BYTES);
        let rows = [
            (Data, vec![b'1'; least], Coding::Zstd),
            (Flow, vec![b'1'; least], Coding::Zstd),
            (Data, vec![b'1'; least - 1], Coding::Plain),
            (Binary, vec![b'1'; least], Coding::Plain),
            (Data, digits(least), Coding::Zstd),
            (Data, noise(least), Coding::Plain),
            (Data, vec![b'1'; MAX_ROW_BYTES], Coding::Zstd),
            (Data, noise(MAX_ROW_BYTES), Coding::Plain),
        ];
        for (blob_type, bytes, expected) in rows {
            let (coding, kept) = encode(blob(blob_type, bytes.clone())).expect("a coding");
            assert_eq!(coding, expected, "{blob_type}, {} bytes", bytes.len());
            assert!(kept.len() <= bytes.len());
            assert!(coding.decode(kept).expect("content") == bytes);
            in_a_file(blob_type, &bytes, expected);
        }
        in_a_file(Data, &digits(unseen), Coding::Zstd);
        in_a_file(Data, &digits(unseen + 1), Coding::Plain);
        in_a_file(Data, &vec![b'1'; unseen + 1], Coding::Zstd);
    }

    fn in_a_file(blob_type: BlobType, bytes: &[u8], expected: Coding) {
        let mut file = tempfile::tempfile().expect("a file");
        let coding = write(&blob(blob_type, bytes.to_vec()), &mut file).expect("a coding");
        assert_eq!(coding, expected, "{blob_type}, {} bytes", bytes.len());
        file.rewind().expect("a file");
        let mut content = ContentFile::new(file, coding).expect("content");
        let mut read = Vec::new();
        content.read_to_end(&mut read).expect("content");
        assert!(read == bytes);
        read.clear();
        content.at(1000).expect("content").read_to_end(&mut read).expect("content");
        assert!(read == bytes[1000..]);
    }

    /// What a damaged row or file says does not take memory.
    #[test]
    fn what_is_larger_than_it_may_be_is_not_decompressed() {
        let compressed = Compressor::new(LEVEL).and_then(|mut zstd| zstd.compress(&vec![0; MAX_ROW_BYTES + 1]));
        let error = Coding::Zstd.decode(compressed.expect("bytes")).expect_err("too large");
        assert_eq!(error.to_string(), "Destination buffer is too small: 262145 bytes needed, 262144 given");

        let mut file = tempfile::tempfile().expect("a file");
        let mut encoder = Encoder::new(&mut file, LEVEL).expect("an encoder");
        encoder.window_log(WINDOW_LOG + 1).expect("a window");
        for _ in 0..100 {
            encoder.write_all(&noise(1 << 16)).expect("a write");
        }
        encoder.finish().expect("a write");
        file.rewind().expect("a file");
        let mut content = ContentFile::new(file, Coding::Zstd).expect("content");
        let error = content.read_to_end(&mut Vec::new()).expect_err("a window too large");
        assert_eq!(error.to_string(), "Frame requires too much memory for decoding");
    }
}
