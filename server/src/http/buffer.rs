//! [`Buffer`]: the bytes of a body, in memory.

use std::io;
use std::ops::Deref;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use memmap2::MmapMut;
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep};

/// How many bytes are not mapped, 2 MiB: as many as the huge pages of most systems have.
const SMALL_BYTES: usize = 2 << 20;

/// The largest map that is kept for the next body, 128 MiB, and for how long.
const SPARE_BYTES: usize = 128 << 20;
const SPARE_TIME: Duration = Duration::from_secs(5);

/// The map that is kept, and since when.
static SPARE: Mutex<Option<(Instant, MmapMut)>> = Mutex::new(None);

/// Bytes that come one after the other.
///
/// Where they are many, to be given new memory for them takes as long as to receive them, and several times as long in a
/// virtual machine whose host takes back what is free. So they are mapped in huge pages, if the system has them, and a map
/// is kept for a while.
#[derive(Debug)]
pub enum Buffer {
    /// Few.
    Small(Vec<u8>),
    /// Many: the first `len` of a map.
    Mapped { map: Map, len: usize },
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
            let mut map = Map::new(expected.filter(|bytes| *bytes >= end).unwrap_or(2 * end))?;
            let len = self.len();
            map.bytes_mut()[..len].copy_from_slice(self);
            *self = Self::Mapped { map, len };
        }
        match self {
            Self::Small(bytes) => bytes.extend_from_slice(data),
            Self::Mapped { map, len } => {
                map.bytes_mut()[*len..end].copy_from_slice(data);
                *len = end;
            }
        }
        Ok(())
    }

    fn capacity(&self) -> usize {
        match self {
            Self::Small(_) => SMALL_BYTES,
            Self::Mapped { map, .. } => map.bytes().len(),
        }
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Small(bytes) => bytes,
            Self::Mapped { map, len } => &map.bytes()[..*len],
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

/// Mapped memory, which holds whatever was there before.
#[derive(Debug)]
pub struct Map(Option<MmapMut>);

impl Map {
    /// At least so many bytes: those that were kept, or new ones.
    fn new(bytes: usize) -> io::Result<Self> {
        if let Some((_, map)) = spare().take_if(|(_, map)| map.len() >= bytes) {
            return Ok(Self(Some(map)));
        }
        let map = MmapMut::map_anon(bytes)?;
        // A kernel without huge pages refuses the advice, and gives small ones.
        #[cfg(target_os = "linux")]
        let _ = map.advise(memmap2::Advice::HugePage);
        Ok(Self(Some(map)))
    }

    fn bytes(&self) -> &[u8] {
        self.0.as_deref().unwrap_or_default()
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        self.0.as_deref_mut().unwrap_or_default()
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        let map = self.0.take().filter(|map| map.len() <= SPARE_BYTES);
        // Without a clock nothing is kept, as nobody would let go of it.
        if let (Some(map), Ok(runtime)) = (map, Handle::try_current()) {
            *spare() = Some((Instant::now(), map));
            runtime.spawn(async {
                sleep(SPARE_TIME).await;
                spare().take_if(|(since, _)| since.elapsed() >= SPARE_TIME);
            });
        }
    }
}

fn spare() -> MutexGuard<'static, Option<(Instant, MmapMut)>> {
    SPARE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    // One test, as all share the map that is kept.
    #[tokio::test(start_paused = true)]
    async fn keeps_what_comes_whatever_was_expected_and_a_map_for_a_while() {
        let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(3 * SMALL_BYTES + 1).collect();
        let receive = |expected| {
            let mut buffer = Buffer::default();
            for (index, piece) in bytes.chunks(100_000).enumerate() {
                buffer.extend(piece, expected).expect("memory");
                assert_eq!(matches!(buffer, Buffer::Small(_)), buffer.len() <= SMALL_BYTES, "{index}");
            }
            assert!(*buffer == *bytes, "{expected:?}");
            buffer.as_ptr()
        };
        let whole = Some(bytes.len());
        let first = receive(whole);
        assert_eq!(receive(whole), first);
        for expected in [None, Some(0), Some(SMALL_BYTES + 1)] {
            receive(expected);
        }
        assert!(spare().is_some());
        sleep(2 * SPARE_TIME).await;
        assert!(spare().is_none());
    }
}
