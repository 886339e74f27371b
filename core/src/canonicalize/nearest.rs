//! [`nearest`]: the nearest double of a number.
//!
//! The standard library's parser is as exact and as fast, but brings ten kilobytes of tables into a module that a page
//! loads. This one has them natively only, and comes to the same.

/// The exponents of ten, 10^9 to either side, beyond which others tell no more: a text has fewer digits.
const MAX_EXPONENT: i32 = 1_000_000_000;

/// The nearest double of a number of JSON; ties go to even, whatever the number of digits. Infinity where that is 2^1024.
pub(super) fn nearest(literal: &str) -> f64 {
    let literal = literal.as_bytes();
    let (sign, literal) = literal.strip_prefix(b"-").map_or((1.0, literal), |rest| (-1.0, rest));
    let (significand, exponent) = split(literal, |byte| matches!(byte, b'e' | b'E'));
    let (integer, fraction) = split(significand, |byte| *byte == b'.');
    let leading = integer.iter().take_while(|digit| **digit == b'0').count();
    let trailing = fraction.iter().rev().take_while(|digit| **digit == b'0').count();
    let (integer, fraction) = (&integer[leading..], &fraction[..fraction.len() - trailing]);
    sign * minimal_lexical::parse_float::<f64, _, _>(integer.iter(), fraction.iter(), exponent_of(exponent))
}

/// What stands before a byte, and what behind it.
fn split(text: &[u8], is_between: impl Fn(&u8) -> bool) -> (&[u8], &[u8]) {
    match text.iter().position(is_between) {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, &[]),
    }
}

/// The value of what stands behind an `e`, 0 where nothing does.
fn exponent_of(text: &[u8]) -> i32 {
    let (sign, digits) = match text {
        [b'-', digits @ ..] => (-1, digits),
        [b'+', digits @ ..] | digits => (1, digits),
    };
    let push = |value: i32, digit: &u8| value.saturating_mul(10).saturating_add(i32::from(digit - b'0'));
    sign * digits.iter().fold(0, |value, digit| push(value, digit).min(MAX_EXPONENT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(literal: &str) {
        let expected: f64 = literal.parse().expect("a number");
        let found = nearest(literal);
        assert_eq!(found.to_bits(), expected.to_bits(), "{literal}: {found:e}, not {expected:e}");
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
