//! [`Output`]: the canonical bytes, copied from the text in the longest runs there are.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::ahead::Ahead;

/// The number of bytes by which the output grows at least, or by as much as it has: beyond, it grows by a tenth, so that
/// the memory spent stays near what is needed.
const GROWTH_BYTES: usize = 1 << 20;

/// The length, in bytes, up to which a run is copied as if it had this length.
const SHORT_BYTES: usize = 48;

/// What has been written. The text from `pending` to where the reader stands is canonical as it is and will be copied
/// in one piece when something else must be written, or at the end.
pub(super) struct Output<'t> {
    text: &'t [u8],
    bytes: Vec<u8>,
    /// Whether their memory is the caller's, who knows best how much of it there should be.
    is_lent: bool,
    pending: usize,
    ahead: Ahead,
}

impl<'t> Output<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        Self { text, bytes: Vec::new(), is_lent: false, pending: 0, ahead: Ahead::off() }
    }

    /// Hashes the text from an offset on while it is read, for as long as it is canonical.
    pub(super) fn hash_ahead(&mut self, start: usize) {
        self.ahead = Ahead::from(start);
    }

    /// Writes into memory of the caller, until what is written is handed out.
    pub(super) fn lend(&mut self, buffer: Vec<u8>) {
        self.bytes = buffer;
        self.bytes.clear();
        self.is_lent = self.bytes.capacity() > 0;
    }

    /// Notes that the reader stands at an offset of the text.
    #[inline(always)]
    pub(super) fn read_to(&mut self, at: usize) {
        self.ahead.read_to(self.text, at);
    }

    /// The number of bytes written when the reader stands at an offset of the text.
    #[inline(always)]
    pub(super) fn len(&self, at: usize) -> usize {
        self.bytes.len() + (at - self.pending)
    }

    /// Copies what is pending up to an offset of the text, and hands out all that has been written.
    #[inline]
    pub(super) fn flush(&mut self, at: usize) -> &mut [u8] {
        self.ahead.stop();
        let len = at - self.pending;
        match self.text.get(self.pending..).and_then(<[u8]>::first_chunk::<SHORT_BYTES>) {
            // Most runs are short, and quickest to copy with what follows them, which is dropped.
            Some(block) if len <= SHORT_BYTES => {
                let end = self.bytes.len() + len;
                self.reserve(SHORT_BYTES);
                self.bytes.extend_from_slice(block);
                self.bytes.truncate(end);
            }
            _ => {
                self.reserve(len);
                self.bytes.extend_from_slice(&self.text[self.pending..at]);
            }
        }
        self.pending = at;
        &mut self.bytes
    }

    /// Leaves out a range of the text.
    #[inline]
    pub(super) fn skip(&mut self, from: usize, to: usize) {
        self.flush(from);
        self.pending = to;
    }

    /// Writes these bytes in place of a range of the text.
    #[inline]
    pub(super) fn replace(&mut self, from: usize, to: usize, with: &[u8]) {
        self.skip(from, to);
        self.reserve(with.len());
        self.bytes.extend_from_slice(with);
    }

    #[inline(always)]
    fn reserve(&mut self, more: usize) {
        if self.bytes.capacity() - self.bytes.len() < more {
            self.grow(more);
        }
    }

    #[cold]
    fn grow(&mut self, more: usize) {
        let len = self.bytes.len();
        let step = if len > 0 { len / 10 } else { estimate(&self.text[self.pending..]) };
        self.bytes.reserve_exact(more.max(step).max(GROWTH_BYTES.min(len)));
    }

    /// Forgets what was written and what is pending before an offset of the text.
    pub(super) fn discard(&mut self, at: usize) {
        self.bytes.clear();
        self.pending = at;
    }

    /// Hands out what is written when the reader stands at an offset of the text: a part of the text if that is all there
    /// is, else in a buffer of about its size.
    pub(super) fn take(&mut self, at: usize) -> Cow<'t, [u8]> {
        if self.bytes.is_empty() {
            let start = core::mem::replace(&mut self.pending, at);
            return Cow::Borrowed(&self.text[start..at]);
        }
        self.flush(at);
        let is_lent = core::mem::take(&mut self.is_lent);
        let mut bytes = core::mem::take(&mut self.bytes);
        if !is_lent && bytes.capacity() - bytes.len() > GROWTH_BYTES + bytes.len() / 10 {
            bytes.shrink_to_fit();
        }
        Cow::Owned(bytes)
    }

    /// [`take`](Self::take), but what is a part of the text is copied.
    pub(super) fn take_owned(&mut self, at: usize) -> Vec<u8> {
        match self.take(at) {
            Cow::Borrowed(canonical) => {
                let mut bytes = core::mem::take(&mut self.bytes);
                self.is_lent = false;
                bytes.extend_from_slice(canonical);
                bytes
            }
            Cow::Owned(bytes) => bytes,
        }
    }

    /// What has been hashed ahead, if what was handed out is a part of the text.
    pub(super) fn take_ahead(&mut self) -> Ahead {
        core::mem::replace(&mut self.ahead, Ahead::off())
    }
}

/// About how long the canonical form of a text will be, by how much of it, in samples, seems to be whitespace between
/// tokens or escapes of characters that need none. Of a short text it is the length, as there is little to save.
fn estimate(text: &[u8]) -> usize {
    const SAMPLES: usize = 64;
    const SAMPLE_BYTES: usize = 256;
    const WINDOW_BYTES: usize = 6;
    if text.len() <= GROWTH_BYTES {
        return text.len();
    }
    let saved = |window: &[u8]| match window {
        [b'\\', b'u', b'0', b'0', b'0' | b'1', _] => 0,
        [b'\\', b'u', b'0', b'0', b'2'..=b'7', _] => 5,
        [b'\\', b'u', b'0', b'0'..=b'7', _, _] | [b'\\', b'u', b'd' | b'D', b'8'..=b'f', _, _] => 4,
        [b'\\', b'u', ..] => 3,
        [b':' | b',' | b'[' | b'{' | b' ' | b'\n' | b'\r' | b'\t', b' ' | b'\n' | b'\r' | b'\t', ..] => 1,
        _ => 0,
    };
    let samples = text.chunks(text.len() / SAMPLES).map(|chunk| &chunk[..chunk.len().min(SAMPLE_BYTES)]);
    let saved: usize = samples.flat_map(|sample| sample.windows(WINDOW_BYTES)).map(saved).sum();
    let estimate = text.len() - text.len() / (SAMPLES * (SAMPLE_BYTES - WINDOW_BYTES + 1)) * saved;
    // A little more costs less than to move all of it when that was too little.
    text.len().min(estimate + estimate / 32)
}
