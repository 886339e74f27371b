//! The order of an object's members: by the UTF-16 code units of their keys (RFC 8785, section 3.2.3).
//!
//! An object whose members come in order costs a comparison a member. One whose members do not is sorted when it
//! closes: its members are ranges of the output, and are moved there. Objects of one kind have the same keys in the same
//! order over and over, so the order that was found for some sequence of keys is kept for the next object that has it.
//!
//! So that an object inside many others is not moved once for each of them, the larger objects stay as they were written
//! until the end, and then each is written once more in its order.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Range;

use super::keys::{Index, NO_KEY};
use super::string::{Key, Units};
use crate::view::{string_end, value_end};

/// The length, in bytes, from which on an object is not sorted where it stands but at the end.
const LARGE_BYTES: usize = 1 << 16;

/// The number of members past which an object forgets where they start, so that the memory for a long object does not
/// grow with it. They are found again in the output if the object has to be sorted.
const REMEMBERED_MEMBERS: usize = 512;

/// The number of sequences of keys whose order is kept.
const SHAPES: usize = 32;

/// The most keys of such a sequence.
const SHAPE_KEYS: usize = 64;

/// What is remembered of the members of the objects being read.
#[derive(Default)]
pub(super) struct Members {
    /// The members of the open objects, those of the innermost last. Objects that forgot theirs have none here.
    open: Vec<Start>,
    shapes: Vec<Shape>,
    /// The containers of [`LARGE_BYTES`] or more that have closed, by where in the output they start.
    large: BTreeMap<usize, Large>,
    sorting: Vec<Member>,
    sorted: Vec<u8>,
}

/// Where a member starts in the output, and which key it has.
#[derive(Clone, Copy)]
struct Start {
    at: u32,
    key: Index,
}

/// A sequence of keys, and the order in which they belong.
#[derive(Clone, Default)]
struct Shape {
    keys: Vec<Index>,
    order: Vec<u8>,
}

/// A large container in the output.
struct Large {
    end: usize,
    /// Where the members start, in the order of their keys, if that is not the order in which they stand.
    order: Option<Vec<u32>>,
}

/// An object being read.
pub(super) struct Object {
    /// The offset of its bracket in the output.
    start: usize,
    /// The number of members remembered before its own.
    base: usize,
    members: usize,
    in_order: bool,
}

/// A member of a small object, by offsets from the object's start.
struct Member {
    /// The first eight bytes of the key, ranked: they sort as the key does unless they are equal.
    prefix: u64,
    start: u16,
    key_end: u16,
    /// Where the next member starts, behind the comma, or the object ends.
    end: u16,
    /// The number of members before it.
    index: u16,
}

/// An object has a key twice.
pub(super) struct RepeatedKey;

impl Object {
    /// Whether the members came in the order of their keys, and no key twice.
    #[inline(always)]
    pub(super) fn is_in_order(&self) -> bool {
        self.in_order
    }

    #[inline(always)]
    fn is_remembered(&self) -> bool {
        self.members <= REMEMBERED_MEMBERS
    }
}

impl Members {
    /// Begins an object whose bracket is at this offset of the output.
    #[inline(always)]
    pub(super) fn open_object(&self, start: usize) -> Object {
        Object { start, base: self.open.len(), members: 0, in_order: true }
    }

    /// Notes a member that starts at this offset of the output.
    #[inline(always)]
    pub(super) fn push(&mut self, object: &mut Object, start: usize, key: Index, in_order: bool) {
        object.members += 1;
        object.in_order &= in_order;
        if object.is_remembered() {
            self.open.push(Start { at: start as u32, key });
        } else {
            self.forget(object);
        }
    }

    #[inline(always)]
    fn forget(&mut self, object: &Object) {
        self.open.truncate(object.base);
    }

    /// Ends an array.
    #[inline(always)]
    pub(super) fn close_array(&mut self, start: usize, end: usize) {
        if end - start >= LARGE_BYTES {
            self.large.insert(start, Large { end, order: None });
        }
    }

    /// Ends an object whose members are in order.
    #[inline(always)]
    pub(super) fn close_in_order(&mut self, object: &Object, end: usize) {
        self.forget(object);
        self.close_array(object.start, end);
    }

    /// Sorts the members of an object with which the output ends.
    pub(super) fn sort(&mut self, object: &Object, output: &mut [u8]) -> Result<(), RepeatedKey> {
        if output.len() - object.start < LARGE_BYTES {
            if !object.is_remembered() {
                let starts = self.find_starts(object, output);
                self.open.extend(starts.iter().map(|&at| Start { at, key: NO_KEY }));
            }
            self.sort_small(object, &mut output[object.start..])?;
        } else {
            let order = Some(self.sort_large(object, output)?);
            self.large.insert(object.start, Large { end: output.len(), order });
        }
        self.forget(object);
        Ok(())
    }

    /// Finds the order of the members of a large object.
    fn sort_large(&self, object: &Object, output: &[u8]) -> Result<Vec<u32>, RepeatedKey> {
        let mut order = if object.is_remembered() {
            self.open[object.base..].iter().map(|start| start.at).collect()
        } else {
            self.find_starts(object, output)
        };
        let compare = |one: u32, other: u32| compare_members(output, one as usize, other as usize);
        order.sort_unstable_by(|&one, &other| compare(one, other));
        if order.windows(2).any(|pair| compare(pair[0], pair[1]).is_eq()) { Err(RepeatedKey) } else { Ok(order) }
    }

    /// Finds where the members start of an object with which the output ends.
    fn find_starts(&self, object: &Object, output: &[u8]) -> Vec<u32> {
        let mut starts = Vec::with_capacity(object.members);
        let mut at = object.start + 1;
        while at < output.len() {
            starts.push(at as u32);
            at = self.member_end(output, at) + 1;
        }
        starts
    }

    /// Sorts the members of a small object where it stands.
    fn sort_small(&mut self, object: &Object, output: &mut [u8]) -> Result<(), RepeatedKey> {
        let starts = &self.open[object.base..];
        let place = starts[0].key.wrapping_add(starts.len() as u32) as usize % SHAPES;
        self.sorted.clear();
        match self.shapes.get(place) {
            Some(shape) if shape.is_of(starts) => {
                for &index in &shape.order {
                    let start = starts[usize::from(index)].at as usize - object.start;
                    let next = starts.get(usize::from(index) + 1).map(|next| next.at as usize - object.start);
                    push_member(&mut self.sorted, &output[start..next.unwrap_or(output.len())]);
                }
            }
            _ => {
                list_members(starts, object.start, output, &mut self.sorting);
                sort_members(&mut self.sorting, output)?;
                for member in &self.sorting {
                    push_member(&mut self.sorted, &output[member.start.into()..member.end.into()]);
                }
                self.keep_shape(object, place);
            }
        }
        let members = self.sorted.len() - 1;
        output[1..=members].copy_from_slice(&self.sorted[..members]);
        Ok(())
    }

    /// Keeps the order just found for the sequence of keys of an object.
    fn keep_shape(&mut self, object: &Object, place: usize) {
        let starts = &self.open[object.base..];
        if starts.len() > SHAPE_KEYS || starts.iter().any(|start| start.key == NO_KEY) {
            return;
        }
        self.shapes.resize(SHAPES, Shape::default());
        let shape = &mut self.shapes[place];
        shape.keys.clear();
        shape.keys.extend(starts.iter().map(|start| start.key));
        shape.order.clear();
        shape.order.extend(self.sorting.iter().map(|member| member.index as u8));
    }

    /// The output with the members of every large object in order.
    pub(super) fn settle(&mut self, output: Vec<u8>) -> Vec<u8> {
        if self.large.values().all(|large| large.order.is_none()) {
            self.large.clear();
            return output;
        }
        let mut output = output;
        output.shrink_to_fit();
        let mut settled = Vec::with_capacity(output.len());
        self.settle_range(&output, 0..output.len(), &mut settled);
        self.large.clear();
        settled
    }

    fn settle_range(&self, output: &[u8], range: Range<usize>, settled: &mut Vec<u8>) {
        let mut at = range.start;
        while let Some((start, end, order)) = self.next_disordered(at..range.end) {
            settled.extend_from_slice(&output[at..=start]);
            for (index, member) in order.iter().map(|&start| start as usize).enumerate() {
                if index > 0 {
                    settled.push(b',');
                }
                self.settle_range(output, member..self.member_end(output, member), settled);
            }
            settled.push(b'}');
            at = end;
        }
        settled.extend_from_slice(&output[at..range.end]);
    }

    /// The first large object in a range of the output whose members are not in order: its start, end and order.
    fn next_disordered(&self, range: Range<usize>) -> Option<(usize, usize, &[u32])> {
        self.large.range(range).find_map(|(&start, large)| Some((start, large.end, large.order.as_deref()?)))
    }

    /// The end of the member that starts at an offset of the output: of the comma or bracket after it.
    fn member_end(&self, output: &[u8], start: usize) -> usize {
        let value = string_end(output, start) + 1;
        self.large.get(&value).map_or_else(|| value_end(output, value), |large| large.end)
    }
}

impl Shape {
    fn is_of(&self, starts: &[Start]) -> bool {
        self.keys.len() == starts.len() && starts.iter().zip(&self.keys).all(|(start, key)| start.key == *key)
    }
}

/// Lists the members of a small object, as they stand, to be sorted.
fn list_members(starts: &[Start], object_start: usize, output: &[u8], members: &mut Vec<Member>) {
    members.clear();
    for (index, start) in starts.iter().enumerate() {
        let start = start.at as usize - object_start;
        let end = starts.get(index + 1).map_or(output.len(), |next| next.at as usize - object_start);
        let key_end = string_end(output, start) - 1;
        let prefix = ranked_prefix(&output[start + 1..key_end]);
        // A small object is shorter than LARGE_BYTES.
        let [start, key_end, end, index] = [start, key_end, end, index].map(|offset| offset as u16);
        members.push(Member { prefix, start, key_end, end, index });
    }
}

/// Sorts the members of a small object.
fn sort_members(members: &mut [Member], output: &[u8]) -> Result<(), RepeatedKey> {
    let escaped = members.iter().any(|member| member.key(output).contains(&b'\\'));
    let compare = |one: &Member, other: &Member| {
        let [left, right] = [one, other].map(|member| member.key(output));
        if escaped {
            compare_escaped(left, right)
        } else {
            one.prefix.cmp(&other.prefix).then_with(|| compare_plain(left, right))
        }
    };
    members.sort_unstable_by(compare);
    if members.windows(2).any(|pair| compare(&pair[0], &pair[1]).is_eq()) { Err(RepeatedKey) } else { Ok(()) }
}

/// Appends a member, given with the comma or bracket after it.
#[inline(always)]
fn push_member(sorted: &mut Vec<u8>, member: &[u8]) {
    sorted.extend_from_slice(member);
    if let Some(last) = sorted.last_mut() {
        *last = b',';
    }
}

impl Member {
    fn key<'o>(&self, output: &'o [u8]) -> &'o [u8] {
        &output[usize::from(self.start) + 1..self.key_end.into()]
    }
}

/// The order of two keys of a text, the first given by the offset of its opening quote.
pub(super) fn compare_keys(text: &[u8], one_at: usize, other: Key) -> Ordering {
    let one = &text[one_at + 1..string_end(text, one_at) - 1];
    let other_key = &text[other.range()];
    if other.escaped || one.contains(&b'\\') { compare_escaped(one, other_key) } else { compare_plain(one, other_key) }
}

/// The order of two members of canonical JSON by the keys with which they start.
fn compare_members(output: &[u8], one: usize, other: usize) -> Ordering {
    let [left, right] = [one, other].map(|start| &output[start + 1..string_end(output, start) - 1]);
    if left.contains(&b'\\') || right.contains(&b'\\') {
        compare_escaped(left, right)
    } else {
        compare_plain(left, right)
    }
}

#[cold]
fn compare_escaped(left: &[u8], right: &[u8]) -> Ordering {
    let [left, right] = [left, right].map(|rest| Units { rest, low: None });
    left.cmp(right)
}

/// The order, by UTF-16 code units, of two strings in UTF-8 without escapes.
fn compare_plain(left: &[u8], right: &[u8]) -> Ordering {
    let mut at = 0;
    while let (Some(one), Some(other)) = (left[at..].first_chunk(), right[at..].first_chunk()) {
        let [one, other] = [one, other].map(|chunk| u64::from_be_bytes(*chunk));
        if one != other {
            let shift = (one ^ other).leading_zeros() & !7;
            let [one, other] = [one, other].map(|word| rank((word << shift >> 56) as u8));
            return one.cmp(&other);
        }
        at += 8;
    }
    let [rest, other_rest] = [&left[at..], &right[at..]].map(|rest| rest.iter().map(|&byte| rank(byte)));
    rest.cmp(other_rest)
}

/// A byte of UTF-8 as it compares in UTF-16: the characters from U+E000 to U+FFFF, which begin with 0xEE and 0xEF, come
/// after those beyond, which begin with 0xF0 to 0xF4 and are surrogates there.
const fn rank(byte: u8) -> u8 {
    if byte & 0xFE == 0xEE { byte + 0x10 } else { byte }
}

/// The first eight bytes of a string without escapes, ranked, as a number; zeros where it is shorter.
#[inline(always)]
fn ranked_prefix(key: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    match key.first_chunk() {
        Some(chunk) => bytes = *chunk,
        None => bytes[..key.len()].copy_from_slice(key),
    }
    if bytes.is_ascii() { u64::from_be_bytes(bytes) } else { u64::from_be_bytes(bytes.map(rank)) }
}
