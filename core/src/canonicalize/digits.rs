//! Decimal digits, many at a time.

use wide::u8x16;

use super::shortest::{MAX_DIGITS, POWERS};
use super::window::{WINDOW_BYTES, window};

/// The end of the digits at an offset of a text, if they are fewer than [`WINDOW_BYTES`].
#[inline(always)]
pub(super) fn short_digits(text: &[u8], at: usize) -> Option<usize> {
    let count = leading_digits(window(text, at)?);
    (count < WINDOW_BYTES).then_some(at + count)
}

/// The number of digits before the first other byte.
#[inline(always)]
pub(super) fn leading_digits(window: &[u8; WINDOW_BYTES]) -> usize {
    let values = u8x16::from(*window) - u8x16::splat(b'0');
    let digits = values.min(u8x16::splat(9)).simd_eq(values);
    (!digits.to_bitmask()).trailing_zeros() as usize
}

/// The end of the digits before an offset, behind a point, once the zeros there are left out.
#[inline(always)]
pub(super) fn without_zeros(text: &[u8], mut at: usize) -> usize {
    while text[at - 1] == b'0' {
        at -= 1;
    }
    at
}

/// The value of the digits of a decimal, on both sides of its point, if they are few enough for [`shortest`].
#[inline(always)]
pub(super) fn significand(text: &[u8], digits: usize, point: usize, end: usize) -> Option<u64> {
    let (whole, scale) = (point - digits, end - point - 1);
    if whole + scale > MAX_DIGITS {
        return None;
    }
    Some(value(text, digits, whole)? * POWERS[scale].value + value(text, point + 1, scale)?)
}

/// The value of 1 to 24 digits, if the text is long enough behind them.
#[inline(always)]
fn value(text: &[u8], at: usize, count: usize) -> Option<u64> {
    // Not by `window`: where an offset is known to be in the text, this asks but once.
    let window: &[u8; WINDOW_BYTES] = text.get(at..)?.first_chunk()?;
    let digits = u128::from_le_bytes(*window);
    let (first, second) = (digits as u64, (digits >> 64) as u64);
    if count <= 8 {
        return Some(eight_digits(first << (64 - 8 * count)));
    }
    let behind = count.min(16) - 8;
    let value = eight_digits(first) * POWERS[behind].value + eight_digits(second << (64 - 8 * behind));
    if count <= 16 {
        return Some(value);
    }
    let rest = u64::from_le_bytes(*text.get(at + 16..)?.first_chunk()?) << (64 - 8 * (count - 16));
    Some(value * POWERS[count - 16].value + eight_digits(rest))
}

/// The value of eight digits, the first in the lowest byte. A zero byte counts as a zero.
#[inline(always)]
const fn eight_digits(word: u64) -> u64 {
    // Neighbours are added up, the former ten, a hundred and ten thousand times.
    let ones = word & 0x0F0F_0F0F_0F0F_0F0F;
    let twos = (ones * 10 + (ones >> 8)) & 0x00FF_00FF_00FF_00FF;
    let fours = (twos * 100 + (twos >> 16)) & 0x0000_FFFF_0000_FFFF;
    (fours * 10_000 + (fours >> 32)) & 0xFFFF_FFFF
}
