//! [`write`]: large content, written past the system's cache of pages.
//!
//! That cache wants a new page for every 4 KiB, which can take longer to come by than the disk takes to write: several
//! times as long in a virtual machine whose host takes back what is free. And it lets go of others for them, of blobs that
//! are read often.

use std::fs::File;
use std::io::{self, Write as _};

/// Writes bytes into an empty file.
#[cfg(target_os = "linux")]
pub fn write(bytes: &[u8], file: &mut File) -> io::Result<()> {
    let rest = linux::write_blocks(bytes, file)?;
    file.write_all(rest)
}

/// Writes bytes into an empty file. Other systems than Linux have other ways past their cache, and are let be.
#[cfg(not(target_os = "linux"))]
pub fn write(bytes: &[u8], file: &mut File) -> io::Result<()> {
    file.write_all(bytes)
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::File;
    use std::io::{self, Seek as _, SeekFrom, Write as _};

    use memmap2::MmapMut;
    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

    /// How many bytes are written at once, 1 MiB: from mapped memory, as only what is aligned to a page is written past
    /// the cache.
    const BLOCK_BYTES: usize = 1 << 20;

    /// Writes the blocks that are whole, and returns what is left: all of it where the file system has no way past its
    /// cache.
    pub fn write_blocks<'a>(bytes: &'a [u8], file: &mut File) -> io::Result<&'a [u8]> {
        let flags = fcntl_getfl(&*file)?;
        if fcntl_setfl(&*file, flags | OFlags::DIRECT).is_err() {
            return Ok(bytes);
        }
        let left = write_each_block(bytes, file);
        fcntl_setfl(&*file, flags)?;
        left
    }

    fn write_each_block<'a>(bytes: &'a [u8], file: &mut File) -> io::Result<&'a [u8]> {
        let mut block = MmapMut::map_anon(BLOCK_BYTES)?;
        let (blocks, mut rest) = bytes.as_chunks::<BLOCK_BYTES>();
        for (index, bytes_of_block) in blocks.iter().enumerate() {
            block.copy_from_slice(bytes_of_block);
            match file.write_all(&block) {
                // The disk wants more than pages, or wrote but a part of this block.
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                    let written = index * BLOCK_BYTES;
                    file.seek(SeekFrom::Start(written as u64))?;
                    rest = &bytes[written..];
                    break;
                }
                written => written?,
            }
        }
        Ok(rest)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Seek as _};

    use super::*;

    #[test]
    fn writes_all_bytes_whatever_their_number() {
        let bytes: Vec<u8> = (0..=u8::MAX).cycle().take((2 << 20) + 4097).collect();
        for size in [0, 1, 4096, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 2 << 20, bytes.len()] {
            let mut file = tempfile::tempfile().expect("a file");
            write(&bytes[..size], &mut file).expect("room");
            file.write_all(b"more").expect("room");
            let mut read = Vec::new();
            file.rewind().expect("a file");
            file.read_to_end(&mut read).expect("a file");
            assert!(read == [&bytes[..size], b"more"].concat(), "{size}");
        }
    }
}
