//! The order of an object's members: by the UTF-16 code units of their keys (RFC 8785, section 3.2.3).
//!
//! An object whose members come in order costs a comparison a member. One whose members do not is sorted when it
//! closes: its members are ranges of the output, and are moved there. Objects of one kind have the same keys in the same
//! order over and over, so the order that was found for some sequence of keys is kept for the next object that has it.
//!
//! So that an object inside many others is not moved once for each of them, the larger objects stay as they were written
//! until the end, and then each is written once more in its order.

use alloc::vec::Vec;
use core::ops::Range;

use super::keys::{Index, NO_KEY};
use super::sort::{Ranked, RepeatedKey, sort};
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
    /// The containers of [`LARGE_BYTES`] or more that have closed, in the order of their starts.
    large: Vec<Large>,
    sorting: Vec<Ranked>,
    order: Vec<u16>,
    sorted: Vec<u8>,
}

/// Where a member starts in the output, and which key it has.
#[derive(Clone, Copy)]
struct Start {
    at: u32,
    key: Index,
}

/// A sequence of keys, and in the order in which they belong their places in it.
#[derive(Clone, Default)]
struct Shape {
    keys: Vec<Index>,
    order: Vec<u16>,
}

/// A large container in the output.
struct Large {
    start: usize,
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
            self.add_large(Large { start, end, order: None });
        }
    }

    /// Adds a large container, which is behind or around those that are there. So many are only inside of one as the text
    /// has [`LARGE_BYTES`] for each, at every depth.
    fn add_large(&mut self, large: Large) {
        let place = self.large_from(large.start);
        self.large.insert(place, large);
    }

    /// The index of the first large container that starts at an offset of the output or behind it.
    fn large_from(&self, start: usize) -> usize {
        self.large.partition_point(|large| large.start < start)
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
                let members = self.find_members(object, output);
                self.open.extend(members.iter().map(|member| Start { at: member.start, key: NO_KEY }));
            }
            self.sort_small(object, output)?;
        } else {
            let order = Some(self.sort_large(object, output)?);
            self.add_large(Large { start: object.start, end: output.len(), order });
        }
        self.forget(object);
        Ok(())
    }

    /// Finds the order of the members of a large object.
    fn sort_large(&self, object: &Object, output: &[u8]) -> Result<Vec<u32>, RepeatedKey> {
        let mut members = if object.is_remembered() {
            self.open[object.base..].iter().map(|start| Ranked::at(start.at)).collect()
        } else {
            self.find_members(object, output)
        };
        sort(&mut members, output)?;
        let mut order: Vec<u32> = members.into_iter().map(|member| member.start).collect();
        order.shrink_to_fit();
        Ok(order)
    }

    /// Finds the members of an object with which the output ends.
    fn find_members(&self, object: &Object, output: &[u8]) -> Vec<Ranked> {
        let mut members = Vec::with_capacity(object.members);
        let mut at = object.start + 1;
        while at < output.len() {
            members.push(Ranked::at(at as u32));
            at = self.member_end(output, at) + 1;
        }
        members
    }

    /// Sorts the members of a small object where it stands.
    fn sort_small(&mut self, object: &Object, output: &mut [u8]) -> Result<(), RepeatedKey> {
        let starts = &self.open[object.base..];
        let place = starts[0].key.wrapping_add(starts.len() as u32) as usize % SHAPES;
        let known = self.shapes.get(place).filter(|shape| shape.is_of(starts));
        if known.is_none() {
            self.sorting.clear();
            self.sorting.extend(starts.iter().map(|start| Ranked::at(start.at)));
            sort(&mut self.sorting, output)?;
            let place_of = |member: &Ranked| starts.partition_point(|start| start.at < member.start) as u16;
            self.order.clear();
            self.order.extend(self.sorting.iter().map(place_of));
        }
        self.sorted.clear();
        for &index in known.map_or(&self.order, |shape| &shape.order) {
            let index = usize::from(index);
            let end = starts.get(index + 1).map_or(output.len(), |next| next.at as usize);
            // The member and the comma or bracket after it.
            self.sorted.extend_from_slice(&output[starts[index].at as usize..end]);
            if let Some(last) = self.sorted.last_mut() {
                *last = b',';
            }
        }
        let members = self.sorted.len() - 1;
        output[object.start + 1..][..members].copy_from_slice(&self.sorted[..members]);
        if known.is_none() {
            self.keep_shape(object, place);
        }
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
        shape.order.clone_from(&self.order);
    }

    /// The output with the members of every large object in order.
    pub(super) fn settle(self, mut output: Vec<u8>) -> Vec<u8> {
        if self.large.iter().all(|large| large.order.is_none()) {
            return output;
        }
        output.shrink_to_fit();
        let mut settled = Vec::with_capacity(output.len());
        self.hand_out_settled(&output, &mut |piece| settled.extend_from_slice(piece));
        settled
    }

    /// Hands out the output in pieces, with the members of every large object in order.
    pub(super) fn hand_out_settled(&self, output: &[u8], hand_out: &mut dyn FnMut(&[u8])) {
        self.hand_out_range(output, 0..output.len(), hand_out);
    }

    fn hand_out_range(&self, output: &[u8], range: Range<usize>, hand_out: &mut dyn FnMut(&[u8])) {
        let mut at = range.start;
        while let Some((start, end, order)) = self.next_disordered(at..range.end) {
            hand_out(&output[at..=start]);
            for (index, member) in order.iter().map(|&start| start as usize).enumerate() {
                if index > 0 {
                    hand_out(b",");
                }
                self.hand_out_range(output, member..self.member_end(output, member), hand_out);
            }
            hand_out(b"}");
            at = end;
        }
        hand_out(&output[at..range.end]);
    }

    /// The first large object in a range of the output whose members are not in order: its start, end and order.
    fn next_disordered(&self, range: Range<usize>) -> Option<(usize, usize, &[u32])> {
        let mut inside = self.large[self.large_from(range.start)..].iter().take_while(|large| large.start < range.end);
        inside.find_map(|large| Some((large.start, large.end, large.order.as_deref()?)))
    }

    /// The end of the member that starts at an offset of the output: of the comma or bracket after it.
    fn member_end(&self, output: &[u8], start: usize) -> usize {
        let value = string_end(output, start) + 1;
        match self.large.get(self.large_from(value)) {
            Some(large) if large.start == value => large.end,
            _ => value_end(output, value),
        }
    }
}

impl Shape {
    fn is_of(&self, starts: &[Start]) -> bool {
        self.keys.len() == starts.len() && starts.iter().zip(&self.keys).all(|(start, key)| start.key == *key)
    }
}
