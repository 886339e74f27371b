//! Sorting members by the UTF-16 code units of their keys (RFC 8785, section 3.2.3).

use core::cmp::Ordering;

use super::string::{Key, Units};
use crate::view::string_end;

/// A member to sort.
pub(super) struct Ranked {
    /// Bytes of the key, as they compare: the first eight behind those that all the keys have in common. They sort as
    /// the keys do unless they are equal. Two halves, so that they need no padding.
    prefix: [u32; 2],
    /// Where the member starts in the output.
    pub(super) start: u32,
}

/// An object has a key twice.
pub(super) struct RepeatedKey {
    /// The number of members before the first that repeats a key.
    pub(super) member: usize,
}

impl Ranked {
    /// The member that starts at an offset of the output.
    pub(super) fn at(start: u32) -> Self {
        Self { prefix: [0; 2], start }
    }

    fn key<'o>(&self, output: &'o [u8]) -> &'o [u8] {
        let start = self.start as usize;
        &output[start + 1..string_end(output, start) - 1]
    }
}

/// Sorts all the members of an object.
pub(super) fn sort(members: &mut [Ranked], output: &[u8]) -> Result<(), RepeatedKey> {
    let escaped = members.iter().any(|member| member.key(output).contains(&b'\\'));
    if !escaped {
        rank_all(members, output);
    }
    // Equal keys in the order in which they stand.
    let in_order = |one: &Ranked, other: &Ranked| {
        let keys = compare(one, other, escaped, output);
        keys.then(one.start.cmp(&other.start))
    };
    #[cfg(not(target_family = "wasm"))]
    members.sort_unstable_by(in_order);
    #[cfg(target_family = "wasm")]
    heapsort(members, in_order);
    let equal = members.windows(2).filter(|pair| compare(&pair[0], &pair[1], escaped, output).is_eq());
    match equal.map(|pair| pair[1].start).min() {
        None => Ok(()),
        Some(first) => {
            let member = members.iter().filter(|member| member.start < first).count();
            Err(RepeatedKey { member })
        }
    }
}

/// Heapsort (Williams, 1964), in a tenth of the code that the standard library's sorting brings into a module.
#[cfg(any(test, target_family = "wasm"))]
fn heapsort<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let len = items.len();
    // First every parent sinks, from the last to the first; then the greatest goes behind the others, again and again.
    for step in (0..len + len / 2).rev() {
        let (mut parent, end) = if step >= len { (step - len, len) } else { (0, step) };
        if step < len {
            items.swap(0, step);
        }
        while let Some(mut child) = Some(2 * parent + 1).filter(|child| *child < end) {
            if child + 1 < end && compare(&items[child], &items[child + 1]).is_lt() {
                child += 1;
            }
            if compare(&items[parent], &items[child]).is_ge() {
                break;
            }
            items.swap(parent, child);
            parent = child;
        }
    }
}

/// The order of the keys of two members. In a module it is not repeated at every place where sorting compares.
#[cfg_attr(target_family = "wasm", inline(never))]
fn compare(one: &Ranked, other: &Ranked, escaped: bool, output: &[u8]) -> Ordering {
    one.prefix.cmp(&other.prefix).then_with(|| {
        let [left, right] = [one, other].map(|member| member.key(output));
        if escaped { compare_escaped(left, right) } else { compare_plain(left, right) }
    })
}

/// Finds the prefixes of members without escapes in their keys.
fn rank_all(members: &mut [Ranked], output: &[u8]) {
    let Some(first) = members.first().map(|member| member.key(output)) else { return };
    let common = members.iter().fold(first.len(), |common, member| {
        let same = first[..common].iter().zip(member.key(output)).take_while(|(one, other)| one == other);
        same.count()
    });
    for member in members {
        let prefix = ranked_prefix(&member.key(output)[common..]);
        member.prefix = [(prefix >> 32) as u32, prefix as u32];
    }
}

/// The first eight bytes of a string without escapes, ranked, as a number; zeros where it is shorter.
fn ranked_prefix(key: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    match key.first_chunk() {
        Some(chunk) => bytes = *chunk,
        None => bytes[..key.len()].copy_from_slice(key),
    }
    if bytes.is_ascii() { u64::from_be_bytes(bytes) } else { u64::from_be_bytes(bytes.map(rank)) }
}

/// The order of two keys of a text, the first given by the offset of its opening quote.
pub(super) fn compare_keys(text: &[u8], one_at: usize, other: Key) -> Ordering {
    let one = &text[one_at + 1..string_end(text, one_at) - 1];
    let other_key = &text[other.range()];
    if other.escaped || one.contains(&b'\\') { compare_escaped(one, other_key) } else { compare_plain(one, other_key) }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heapsort_sorts() {
        for len in 0..200 {
            // Multiples of a prime, beyond another: scattered, some of them equal.
            let scattered: Vec<usize> = (0..len).map(|number| number * 7919 % 131).collect();
            for mut items in [scattered.clone(), (0..len).collect(), (0..len).rev().collect(), vec![1; len]] {
                let mut expected = items.clone();
                expected.sort_unstable();
                heapsort(&mut items, usize::cmp);
                assert_eq!(items, expected);
            }
        }
    }
}
