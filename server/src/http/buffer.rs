//! [`Buffer`]: the bytes of a body, in memory; [`canonical_memory`] for the canonical form of one.

use std::io;
use std::ops::Deref;

use axum::body::Bytes;
use memmap2::MmapMut;

use super::spare::{Loan, Spare};

/// How many bytes are not mapped, 2 MiB: as many as the huge pages of most systems have.
const SMALL_BYTES: usize = 2 << 20;

/// The least bytes that are asked for where there are more, 33 MiB: so many glibc gives back as soon as they are let go of,
/// where the heap of a thread may hold less for good. What is not written to takes no memory.
const LEAST_BYTES: usize = 33 << 20;

static BODIES: Spare<MmapMut> = Spare::new();

static CANONICAL_FORMS: Spare<Vec<u8>> = Spare::new();

/// Memory for the canonical form of a text of so many bytes, if they are many, and the system has as much.
pub fn canonical_memory(bytes: usize) -> Option<Loan<Vec<u8>>> {
    let new = || {
        let mut memory = Vec::new();
        memory.try_reserve_exact(bytes.max(LEAST_BYTES))?;
        Ok(memory)
    };
    if bytes > SMALL_BYTES { CANONICAL_FORMS.lend(bytes, new).ok() } else { None }
}

/// Bytes that come one after the other.
///
/// Where they are many, to be given new memory for them takes as long as to receive them, and several times as long in a
/// virtual machine whose host takes back what is free. So they are mapped in huge pages, if the system has them, and a map
/// is kept for a while.
#[derive(Debug)]
pub enum Buffer {
    /// Few.
    Small(Vec<u8>),
    /// Many: the first `len` of a map, which holds whatever was there before.
    Mapped { map: Loan<MmapMut>, len: usize },
}

impl Default for Buffer {
    fn default() -> Self {
        Self::Small(Vec::new())
    }
}

impl Buffer {
    /// Takes the next bytes. What is mapped now has room for as many as are expected in all.
    ///
    /// # Errors
    ///
    /// The system has no memory for them.
    pub fn extend(&mut self, data: &[u8], expected: Option<usize>) -> io::Result<()> {
        let end = self.len() + data.len();
        if end > self.capacity() {
            let mut map = map(expected.filter(|bytes| *bytes >= end).unwrap_or(2 * end))?;
            let len = self.len();
            bytes_mut(&mut map)[..len].copy_from_slice(self);
            *self = Self::Mapped { map, len };
        }
        match self {
            Self::Small(bytes) => bytes.extend_from_slice(data),
            Self::Mapped { map, len } => {
                bytes_mut(map)[*len..end].copy_from_slice(data);
                *len = end;
            }
        }
        Ok(())
    }

    fn capacity(&self) -> usize {
        match self {
            Self::Small(_) => SMALL_BYTES,
            Self::Mapped { map, .. } => bytes(map).len(),
        }
    }
}

fn map(bytes: usize) -> io::Result<Loan<MmapMut>> {
    BODIES.lend(bytes, || {
        let map = MmapMut::map_anon(bytes)?;
        // A kernel without huge pages refuses the advice, and gives small ones.
        #[cfg(target_os = "linux")]
        let _ = map.advise(memmap2::Advice::HugePage);
        Ok(map)
    })
}

fn bytes(map: &Loan<MmapMut>) -> &[u8] {
    map.memory().map(Deref::deref).unwrap_or_default()
}

fn bytes_mut(map: &mut Loan<MmapMut>) -> &mut [u8] {
    map.memory_mut().as_deref_mut().unwrap_or_default()
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Small(bytes) => bytes,
            Self::Mapped { map, len } => &bytes(map)[..*len],
        }
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl From<Buffer> for Bytes {
    fn from(buffer: Buffer) -> Self {
        match buffer {
            Buffer::Small(bytes) => bytes.into(),
            Buffer::Mapped { .. } => Self::from_owner(buffer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // One test, as all share the map that is kept.
    #[tokio::test]
    async fn keeps_what_comes_whatever_was_expected_and_the_map() {
        let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(3 * SMALL_BYTES + 1).collect();
        let receive = |expected| {
            let mut buffer = Buffer::default();
            for (index, piece) in bytes.chunks(100_000).enumerate() {
                buffer.extend(piece, expected).expect("memory");
                assert_eq!(matches!(buffer, Buffer::Small(_)), buffer.len() <= SMALL_BYTES, "{index}");
            }
            assert!(*buffer == *bytes, "{expected:?}");
            buffer
        };
        let whole = Some(bytes.len());
        let kept = receive(whole).as_ptr();
        assert_eq!(receive(whole).as_ptr(), kept);
        for expected in [None, Some(0), Some(SMALL_BYTES + 1)] {
            receive(expected);
        }
    }

    #[tokio::test]
    async fn a_canonical_form_has_memory_that_is_given_back() {
        assert!(canonical_memory(SMALL_BYTES).is_none());
        let capacity = |bytes| canonical_memory(bytes).and_then(|loan| loan.memory().map(Vec::capacity));
        assert_eq!(capacity(SMALL_BYTES + 1), Some(LEAST_BYTES));
        assert_eq!(capacity(LEAST_BYTES + 1), Some(LEAST_BYTES + 1));
        assert_eq!(capacity(SMALL_BYTES + 1), Some(LEAST_BYTES + 1), "it was kept");
    }
}
