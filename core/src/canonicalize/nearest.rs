//! [`nearest`]: the nearest double of a decimal, in little code, for the decimals that are not spelled beside themselves.
//!
//! The standard library's parser has ten kilobytes of tables, a quarter of what a page may load; one parser for pages and
//! another for servers could disagree. Here the decimal is multiplied by powers of ten to 64 bits, with a bound on the
//! error. Where the bound leaves a doubt, two whole numbers of any size are divided. The standard library is what the tests
//! compare it with.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "numbers are cut into words, and counts of bits and digits are small"
)]

use alloc::vec::Vec;

use super::shortest::POWERS;

/// The number of significant digits, 768, past which others only tell whether a decimal is beyond those: what lies half
/// way between two doubles has 767 at most.
const MAX_DIGITS: usize = 768;

/// The number of digits, 19, that a word of 64 bits always holds.
const WORD_DIGITS: usize = 19;

/// The exponent, of two, of the last bit of the least double, and of the greatest.
const MIN_EXPONENT: i32 = -1074;
const MAX_EXPONENT: i32 = 971;

/// The nearest double of a number of JSON; ties go to even. Infinity where that is 2^1024.
pub(super) fn nearest(literal: &[u8]) -> f64 {
    let (sign, literal) = literal.strip_prefix(b"-").map_or((1.0, literal), |rest| (-1.0, rest));
    let decimal = Decimal::read(literal);
    let magnitude = match decimal.point {
        // Below half of the least double, and beyond the greatest.
        _ if decimal.digits.is_empty() => 0.0,
        ..=-324 => 0.0,
        310.. => f64::INFINITY,
        _ => decimal.approximate().unwrap_or_else(|| decimal.divide()),
    };
    sign * magnitude
}

/// A decimal: 0.digits × 10^point.
struct Decimal {
    /// The values of the digits, of which the first is no zero; at most one more than [`MAX_DIGITS`].
    digits: Vec<u8>,
    point: i32,
}

impl Decimal {
    fn read(literal: &[u8]) -> Self {
        let mut decimal = Self { digits: Vec::new(), point: 0 };
        let mut is_fraction = false;
        let mut bytes = literal.iter();
        for byte in bytes.by_ref() {
            match byte {
                b'.' => is_fraction = true,
                b'0' if decimal.digits.is_empty() => decimal.point -= i32::from(is_fraction),
                b'0'..=b'9' => {
                    decimal.push(byte - b'0');
                    decimal.point += i32::from(!is_fraction);
                }
                _ => break,
            }
        }
        decimal.point = decimal.point.saturating_add(exponent(bytes.as_slice()));
        decimal
    }

    fn push(&mut self, digit: u8) {
        match self.digits.len() {
            ..MAX_DIGITS => self.digits.push(digit),
            MAX_DIGITS if digit > 0 => self.digits.push(digit),
            _ => {}
        }
    }

    /// The exponent of ten of the last digit.
    fn exponent(&self) -> i32 {
        self.point - self.digits.len() as i32
    }

    /// The nearest double, if 64 bits of the decimal tell.
    fn approximate(&self) -> Option<f64> {
        let first = &self.digits[..self.digits.len().min(WORD_DIGITS)];
        let digits = first.iter().fold(0, |value, digit| value * 10 + u64::from(*digit));
        let mut number =
            Approximation { bits: digits << digits.leading_zeros(), exponent: -(digits.leading_zeros() as i32) };
        let exponent = self.point - first.len() as i32;
        let largest = POWERS.len() - 1;
        let mut left = exponent.unsigned_abs() as usize;
        // In units of the last bit. Of 19 digits the last is at most 2^-59 of the number, and so are those behind it.
        let mut doubt = if self.digits.len() > first.len() { 32 } else { 0 };
        while left > 0 {
            let power = &POWERS[left.min(largest)];
            left -= left.min(largest);
            number = if exponent > 0 {
                let zeros = power.value.leading_zeros();
                number.times(power.value << zeros, -(zeros as i32))
            } else {
                number.times(power.inverse, -63 - power.bits as i32)
            };
            // Either factor may be wrong by 2^-63 of it, and so may the product.
            doubt += 4;
        }
        // What is dropped may be all of the bits, and zeros before them.
        let half = 1_u128 << (number.dropped() - 1);
        let rest = u128::from(number.bits) & (2 * half - 1);
        (doubt == 0 || rest.abs_diff(half) > doubt).then(|| number.round(false))
    }

    /// The nearest double, by an exact division.
    fn divide(&self) -> f64 {
        let mut number = Whole(Vec::new());
        for digit in &self.digits {
            number.multiply_add(10, u32::from(*digit));
        }
        let mut divisor = Whole(vec![1]);
        let exponent = self.exponent();
        let scaled = if exponent > 0 { &mut number } else { &mut divisor };
        scaled.scale(exponent.unsigned_abs());
        let shift = divisor.len() as i32 - number.len() as i32;
        let shifted = if shift > 0 { &mut number } else { &mut divisor };
        shifted.shift_left(shift.unsigned_abs());
        let mut bits = 0;
        for _ in 0..u64::BITS {
            let fits = number.subtract(&divisor);
            bits = bits << 1 | u64::from(fits);
            number.shift_left(1);
        }
        let is_more = number.0.iter().any(|word| *word > 0);
        Approximation { bits, exponent: -63 - shift }.round(is_more)
    }
}

/// The value of what stands after an `e`, if anything does.
fn exponent(text: &[u8]) -> i32 {
    let (sign, digits) = match text {
        [b'-', digits @ ..] => (-1, digits),
        [b'+', digits @ ..] | digits => (1, digits),
    };
    digits.iter().fold(0_i32, |value, digit| value.saturating_mul(10).saturating_add(sign * i32::from(digit - b'0')))
}

/// About bits × 2^exponent, where the first or second bit is 1.
#[derive(Clone, Copy)]
struct Approximation {
    bits: u64,
    exponent: i32,
}

impl Approximation {
    fn times(self, bits: u64, exponent: i32) -> Self {
        let product = u128::from(self.bits) * u128::from(bits);
        let zeros = product.leading_zeros();
        Self { bits: (product << zeros >> 64) as u64, exponent: self.exponent + exponent + 64 - zeros as i32 }
    }

    /// The number of bits at the end that a double has no place for, at least 10.
    fn dropped(self) -> u32 {
        let beyond_normal = 11_u32.saturating_sub(self.bits.leading_zeros());
        beyond_normal.max((MIN_EXPONENT - self.exponent).max(0).unsigned_abs())
    }

    /// The nearest double of this, or of a little more.
    fn round(self, is_more: bool) -> f64 {
        let dropped = self.dropped();
        if dropped > u64::BITS {
            return 0.0;
        }
        let bits = u128::from(self.bits);
        let half = 1 << (dropped - 1);
        let (kept, rest) = (bits >> dropped, bits & (2 * half - 1));
        let up = rest > half || rest == half && (is_more || kept & 1 == 1);
        let exponent = self.exponent + dropped as i32;
        if exponent > MAX_EXPONENT {
            return f64::INFINITY;
        }
        (kept as u64 + u64::from(up)) as f64 * power_of_two(exponent)
    }
}

/// 2^exponent, from [`MIN_EXPONENT`] to [`MAX_EXPONENT`].
fn power_of_two(exponent: i32) -> f64 {
    const FRACTION_BITS: i32 = f64::MANTISSA_DIGITS as i32 - 1;
    let is_subnormal = exponent < f64::MIN_EXP - 1;
    let (bits, shift) =
        if is_subnormal { (1, exponent - MIN_EXPONENT) } else { (exponent + f64::MAX_EXP - 1, FRACTION_BITS) };
    f64::from_bits(u64::from(bits.unsigned_abs()) << shift)
}

/// A whole number of any size, its lowest 32 bits first.
struct Whole(Vec<u32>);

impl Whole {
    fn multiply_add(&mut self, factor: u32, summand: u32) {
        let mut carry = u64::from(summand);
        for word in &mut self.0 {
            carry += u64::from(*word) * u64::from(factor);
            *word = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    /// Multiplies by a power of ten.
    fn scale(&mut self, exponent: u32) {
        for _ in 0..exponent / 9 {
            self.multiply_add(1_000_000_000, 0);
        }
        self.multiply_add(10_u32.pow(exponent % 9), 0);
    }

    /// The number of bits from the first that is 1.
    fn len(&self) -> u32 {
        let last = self.0.last().map_or(0, |word| word.leading_zeros());
        u32::BITS * self.0.len() as u32 - last
    }

    fn shift_left(&mut self, bits: u32) {
        for _ in 0..bits / 31 {
            self.multiply_add(1 << 31, 0);
        }
        self.multiply_add(1 << (bits % 31), 0);
    }

    /// Subtracts another number, if it is no more than this.
    fn subtract(&mut self, other: &Self) -> bool {
        let is_less = self.0.len() == other.0.len() && self.0.iter().rev().lt(other.0.iter().rev());
        if self.0.len() < other.0.len() || is_less {
            return false;
        }
        let mut borrow = 0_i64;
        for (index, word) in self.0.iter_mut().enumerate() {
            borrow += i64::from(*word) - other.0.get(index).copied().map_or(0, i64::from);
            *word = borrow as u32;
            borrow >>= 32;
        }
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(literal: &str) {
        let expected: f64 = literal.parse().expect("a number");
        let found = nearest(literal.as_bytes());
        assert_eq!(found.to_bits(), expected.to_bits(), "{literal}: {found:e}, not {expected:e}");
        let decimal = Decimal::read(literal.trim_start_matches('-').as_bytes());
        if (-323..310).contains(&decimal.point) && !decimal.digits.is_empty() {
            assert_eq!(decimal.divide().to_bits(), expected.abs().to_bits(), "{literal}, exactly");
        }
    }

    /// `SplitMix64` (Steele, Lea and Flood, 2014).
    fn random_bits(state: &mut u64) -> u64 {
        *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (*state ^ *state >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    #[test]
    fn is_the_standard_librarys() {
        for literal in [
            "0",
            "-0",
            "0.0e5",
            "1",
            "-1",
            "1e1",
            "1E+1",
            "10e-1",
            "0.1",
            "123.456e-7",
            "1e22",
            "1e23",
            "9007199254740993",
            "9007199254740992.5",
            "9007199254740993.0000000000000000000000000000000001",
            "5e-324",
            "2.47e-324",
            "2.4703282292062327e-324",
            "2.4703282292062328e-324",
            "2.2250738585072011e-308",
            "2.2250738585072014e-308",
            "1.7976931348623157e308",
            "1.7976931348623158e308",
            "1.7976931348623159e308",
            "1e308",
            "1e309",
            "1e310",
            "1e-400",
            "1e99999999999",
            "1e-99999999999",
            "0e99999999999",
            "1.00000000000000011102230246251565",
            "1.00000000000000011102230246251566",
            "1.00000000000000011102230246251564",
        ] {
            check(literal);
        }
        let zeros = "0".repeat(400);
        check(&format!("0.{zeros}123e400"));
        check(&format!("123{zeros}e-400"));
        check(&format!("0.{zeros}1"));
        check(&format!("1{zeros}"));
    }

    #[test]
    fn is_the_standard_librarys_for_random_doubles_and_their_neighbours() {
        let mut state = 8785;
        for _ in 0..200_000 {
            let double = f64::from_bits(random_bits(&mut state));
            if double.is_finite() {
                check(&format!("{double:e}"));
                check(&format!("{double:.16e}"));
                check(&format!("{double:.25e}"));
            }
        }
        for _ in 0..200_000 {
            let digits = random_bits(&mut state) >> (random_bits(&mut state) % 60);
            check(&format!("{digits}e{}", random_bits(&mut state) as i32 % 360));
        }
    }

    #[test]
    fn is_the_standard_librarys_below_normal_doubles() {
        let mut state = 1074;
        for bits in 0..500 {
            let (low, high) = (f64::from_bits(bits), f64::from_bits(bits + 1));
            let half = halfway(low, high);
            let (digits, exponent) = half.split_once('e').expect("it has an exponent");
            for len in [1, 17, 18, 19, 20, 21, 40, 300] {
                let len = len.min(digits.trim_start_matches('0').len());
                let first = &digits.trim_start_matches('0')[..len];
                let left = digits.trim_start_matches('0').len() - len;
                let exponent = exponent.parse::<i32>().expect("an exponent") + i32::try_from(left).expect("few digits");
                check(&format!("{first}e{exponent}"));
                check(&format!("{first}1e{}", exponent - 1));
            }
        }
        for _ in 0..100_000 {
            let double = f64::from_bits(random_bits(&mut state) >> (12 + random_bits(&mut state) % 52));
            check(&format!("{double:.16e}"));
            check(&format!("{double:.18e}"));
            check(&format!("{double:.25e}"));
        }
    }

    #[test]
    fn ties_go_to_even_whatever_the_number_of_digits() {
        let mut state = 754;
        for _ in 0..2_000 {
            // All of its digits: 767 at most, of which the last ones decide.
            let low = f64::from_bits(random_bits(&mut state) & (u64::MAX >> 2));
            let high = f64::from_bits(low.to_bits() + 1);
            let half = halfway(low, high);
            check(&half);
            check(&half.replacen('e', "000000000000000000000000000000000000000000000000000000000000000000001e", 1));
            let (digits, exponent) = half.split_once('e').expect("it has an exponent");
            check(&format!("{}e{exponent}", &digits[..digits.len() - 1]));
        }
    }

    /// The number in the middle of two neighbours, with all of its digits.
    fn halfway(low: f64, high: f64) -> String {
        let exact = |double: f64| {
            let text = format!("{double:.1200}");
            let (whole, fraction) = text.split_once('.').expect("it has a point");
            format!("{whole}{fraction}").parse::<num_bigint::BigUint>().expect("digits")
        };
        format!("{}e-1201", (exact(low) + exact(high)) * 5_u32)
    }
}
