//! [`Buffer`]: the bytes of a body, in memory.

use std::io;
use std::mem;
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

/// The map that is kept. There is one at most, and none is kept while it is in use again: a body that comes slowly may have
/// it, of which the budget counts but what has come.
static SPARE: Mutex<Spare> = Mutex::new(Spare::None);

#[derive(Debug)]
enum Spare {
    None,
    Kept { map: MmapMut, since: Instant },
    Lent,
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
pub struct Map {
    map: Option<MmapMut>,
    lent: bool,
}

impl Map {
    /// At least so many bytes: those that were kept, or new ones.
    fn new(bytes: usize) -> io::Result<Self> {
        if let Some(map) = spare().lend(bytes) {
            return Ok(Self { map: Some(map), lent: true });
        }
        let map = MmapMut::map_anon(bytes)?;
        // A kernel without huge pages refuses the advice, and gives small ones.
        #[cfg(target_os = "linux")]
        let _ = map.advise(memmap2::Advice::HugePage);
        Ok(Self { map: Some(map), lent: false })
    }

    fn bytes(&self) -> &[u8] {
        self.map.as_deref().unwrap_or_default()
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        self.map.as_deref_mut().unwrap_or_default()
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        let mut spare = spare();
        if self.lent {
            *spare = Spare::None;
        }
        // Without a clock nothing is kept, as nobody would let go of it.
        if let (Some(map), Ok(runtime)) = (self.map.take(), Handle::try_current())
            && spare.wants(&map)
        {
            *spare = Spare::Kept { map, since: Instant::now() };
            runtime.spawn(async {
                sleep(SPARE_TIME).await;
                self::spare().expire();
            });
        }
    }
}

impl Spare {
    /// Hands out the map, if it has so many bytes.
    fn lend(&mut self, bytes: usize) -> Option<MmapMut> {
        match mem::replace(self, Self::Lent) {
            Self::Kept { map, .. } if map.len() >= bytes => Some(map),
            other => {
                *self = other;
                None
            }
        }
    }

    /// Whether another map would better be kept.
    fn wants(&self, other: &MmapMut) -> bool {
        other.len() <= SPARE_BYTES
            && match self {
                Self::None => true,
                Self::Kept { map, .. } => map.len() < other.len(),
                Self::Lent => false,
            }
    }

    /// Lets go of the map, if nobody has wanted it for a while.
    fn expire(&mut self) {
        if matches!(self, Self::Kept { since, .. } if since.elapsed() >= SPARE_TIME) {
            *self = Self::None;
        }
    }
}

fn spare() -> MutexGuard<'static, Spare> {
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
            buffer
        };
        let whole = Some(bytes.len());
        let kept = receive(whole).as_ptr();
        let again = receive(whole);
        assert_eq!(again.as_ptr(), kept);
        for expected in [None, Some(0), Some(SMALL_BYTES + 1)] {
            receive(expected);
        }
        assert!(matches!(*spare(), Spare::Lent));
        drop(again);
        assert!(matches!(*spare(), Spare::Kept { .. }));
        sleep(2 * SPARE_TIME).await;
        assert!(matches!(*spare(), Spare::None));
    }
}
