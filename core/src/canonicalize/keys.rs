//! [`KnownKeys`]: the keys met so far, and which came after which.
//!
//! Objects of one kind have the same keys in the same order, over and over. So a key is first compared with the one that
//! followed its predecessor the last time; if it is that one, there is no need to look for its end, nor to compare it
//! with its predecessor again.

use alloc::vec::Vec;
use core::ops::Range;

use super::string::Key;
use super::window::{WINDOW_BYTES, window};

/// The number of keys that are known at a time. When one more is met, all are forgotten.
const KEYS: usize = 512;

/// The number of places in the table that finds a key by its hash.
const SLOTS: usize = 2 * KEYS;

/// The number of places at which a key may be, from the one that its hash says.
const PROBES: usize = 4;

/// Which key it is. Equal indices mean equal keys, also after keys were forgotten.
pub(super) type Index = u32;

/// The index of no key: of the whole document, which no key names, and of keys that are not kept.
pub(super) const NO_KEY: Index = 0;

/// The key that is likely to come next.
#[derive(Clone, Copy)]
pub(super) struct Foreseen {
    index: Index,
    /// Whether it belongs after the one before it.
    in_order: bool,
}

impl Foreseen {
    const NOTHING: Self = Self { index: NO_KEY, in_order: true };
}

/// The key of a member.
#[derive(Clone, Copy)]
pub(super) struct Met {
    pub(super) index: Index,
    /// Whether it belongs after the key before it.
    pub(super) in_order: bool,
    /// Where the text goes on after its colon.
    pub(super) end: usize,
    /// What is likely to follow it.
    pub(super) next: Foreseen,
}

/// The keys met so far.
pub(super) struct KnownKeys {
    known: Vec<Known>,
    /// The index of the first of them.
    first_index: Index,
    /// By hash, one more than the position in `known`, or 0.
    slots: [u16; SLOTS],
    /// The key that came first in the last object that no key names.
    first_of_nameless: Index,
}

struct Known {
    /// The first [`WINDOW_BYTES`] of the key with its quotes and colon, and which of their bits count where it is shorter.
    head: u128,
    mask: u128,
    /// Where in the text it is.
    start: u32,
    /// The length with the quotes and the colon.
    len: u32,
    /// The key that came first in the object that was the value of this one, or an element of it, the last time.
    first: Index,
    /// The key that came after this one the last time.
    next: Foreseen,
}

impl KnownKeys {
    pub(super) fn new() -> Self {
        Self { known: Vec::new(), first_index: NO_KEY + 1, slots: [0; SLOTS], first_of_nameless: NO_KEY }
    }

    #[inline(always)]
    fn get(&self, index: Index) -> Option<&Known> {
        self.known.get(index.wrapping_sub(self.first_index) as usize)
    }

    fn get_mut(&mut self, index: Index) -> Option<&mut Known> {
        self.known.get_mut(index.wrapping_sub(self.first_index) as usize)
    }

    /// The key that an object is likely to begin with that is in the value of the key `parent`.
    #[inline(always)]
    pub(super) fn first_in(&self, parent: Index) -> Foreseen {
        let index = self.get(parent).map_or(self.first_of_nameless, |parent| parent.first);
        Foreseen { index, in_order: true }
    }

    /// The key whose opening quote is at an offset of the text, if it is the one foreseen.
    #[inline(always)]
    pub(super) fn recognize(&self, text: &[u8], at: usize, foreseen: Foreseen) -> Option<Met> {
        let known = self.get(foreseen.index)?;
        // Near the end of the text, where fewer bytes are left, nothing is recognized.
        let head = u128::from_le_bytes(*window(text, at)?);
        if (head ^ known.head) & known.mask != 0 {
            return None;
        }
        let len = known.len as usize;
        if len > WINDOW_BYTES && !is_same(text.get(at..at + len)?, text.get(known.start as usize..)?) {
            return None;
        }
        Some(Met { index: foreseen.index, in_order: foreseen.in_order, end: at + len, next: known.next })
    }

    /// Notes a key that was not foreseen, after the key `last` or first in the value of the key `parent`. The text goes
    /// on at `end` after its colon.
    pub(super) fn learn(
        &mut self,
        text: &[u8],
        parent: Index,
        last: Option<Index>,
        key: Key,
        in_order: bool,
        end: usize,
    ) -> Met {
        let index = self.find_or_add(text, key);
        match last {
            Some(last) => {
                if let Some(last) = self.get_mut(last) {
                    last.next = Foreseen { index, in_order };
                }
            }
            None => match self.get_mut(parent) {
                Some(parent) => parent.first = index,
                None => self.first_of_nameless = index,
            },
        }
        let next = self.get(index).map_or(Foreseen::NOTHING, |known| known.next);
        Met { index, in_order, end, next }
    }

    /// The index of a key. What has escapes, or whitespace before its colon, is rare and not kept.
    fn find_or_add(&mut self, text: &[u8], key: Key) -> Index {
        let Range { start, end } = key.range();
        if key.escaped || text.get(end + 1) != Some(&b':') {
            return NO_KEY;
        }
        let start = start - 1;
        let bytes = &text[start..end + 2];
        let first = hash(bytes);
        for slot in (first..first + PROBES).map(|slot| slot % SLOTS) {
            let Some(position) = usize::from(self.slots[slot]).checked_sub(1) else {
                return self.add(bytes, start, slot);
            };
            let known = &self.known[position];
            let known = known.start as usize..(known.start + known.len) as usize;
            if known.len() == bytes.len() && text[known] == *bytes {
                return self.first_index + position as Index;
            }
        }
        NO_KEY
    }

    fn add(&mut self, bytes: &[u8], start: usize, slot: usize) -> Index {
        if self.known.len() == KEYS {
            self.first_index += KEYS as Index;
            self.known.clear();
            self.slots = [0; SLOTS];
        }
        let mut head = [0; WINDOW_BYTES];
        let len = bytes.len().min(WINDOW_BYTES);
        head[..len].copy_from_slice(&bytes[..len]);
        self.known.push(Known {
            head: u128::from_le_bytes(head),
            mask: u128::MAX >> (8 * (WINDOW_BYTES - len)),
            start: start as u32,
            len: bytes.len() as u32,
            first: NO_KEY,
            next: Foreseen::NOTHING,
        });
        self.slots[slot] = self.known.len() as u16;
        self.first_index + self.known.len() as Index - 1
    }
}

/// Whether a key is the one with which some bytes begin, where the first [`WINDOW_BYTES`] of both are the same.
#[inline(always)]
fn is_same(key: &[u8], bytes: &[u8]) -> bool {
    if key.len() > 2 * WINDOW_BYTES {
        return bytes.starts_with(key);
    }
    let tail = |bytes: &[u8]| bytes.last_chunk::<WINDOW_BYTES>().map(|tail| u128::from_le_bytes(*tail));
    bytes.get(..key.len()).and_then(tail) == tail(key)
}

/// The place in the table from which on a key is looked for.
fn hash(bytes: &[u8]) -> usize {
    let word = match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(first), Some(last)) => u64::from_le_bytes(*first) ^ u64::from_le_bytes(*last).rotate_left(23),
        _ => bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    };
    let mixed = (word ^ (bytes.len() as u64) << 56).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 48) as usize % SLOTS
}
