//! Numbers: the published sequence of doubles, and decimals that are as hard to round as decimals can be.

mod reference;
mod sequence;

use isoblob_core::{ErrorKind, Limits, canonicalize};
use num_bigint::BigUint;
use reference::reference;

fn canonical(literal: &str) -> String {
    let canonical = canonicalize(literal.as_bytes(), Limits::default()).unwrap_or_else(|error| panic!("{error}"));
    String::from_utf8(canonical.into_owned()).expect("UTF-8")
}

#[test]
fn the_first_million_doubles_of_the_published_sequence() {
    let mut passed = Vec::new();
    sequence::check(1_000_000, |length| passed.push(length));
    assert_eq!(passed, [1_000, 10_000, 100_000, 1_000_000]);
}

#[test]
fn twenty_thousand_doubles_come_back_as_they_went_in() {
    for double in sequence::doubles().take(20_000) {
        for literal in [format!("{double:e}"), format!("{double:?}"), format!("{double:.16E}")] {
            let canonical = canonical(&literal);
            let back: f64 = canonical.parse().expect("a number");
            // Minus zero is zero.
            assert_eq!(back.to_bits(), (double + 0.0).to_bits(), "{literal} became {canonical}");
        }
    }
}

/// A decimal, exactly: digits times a power of ten.
#[derive(Clone)]
struct Decimal {
    digits: BigUint,
    exponent: i32,
}

impl Decimal {
    /// The number that is this many times 2^-1075, the half of the least double.
    fn from_units(units: &BigUint) -> Self {
        // 2^-1075 is 5^1075 times 10^-1075.
        Self { digits: units * BigUint::from(5_u32).pow(1075), exponent: -1075 }
    }

    /// With a digit so far away that no double is near enough to tell.
    fn a_little_more(&self) -> Self {
        Self { digits: &self.digits * 10_u32 + 1_u32, exponent: self.exponent - 1 }
    }

    fn a_little_less(&self) -> Self {
        Self { digits: &self.digits * 10_u32 - 1_u32, exponent: self.exponent - 1 }
    }

    /// Some of the ways to write it.
    fn spellings(&self) -> [String; 5] {
        let digits = self.digits.to_string();
        let exponent = self.exponent;
        let (first, rest) = digits.split_at(1);
        let scientific = i32::try_from(rest.len()).expect("a moderate length") + exponent;
        let padded = format!("{digits:0>1080}");
        let (whole, fraction) = padded.split_at(padded.len() - usize::try_from(-exponent).expect("a fraction"));
        let whole = whole.trim_start_matches('0');
        let whole = if whole.is_empty() { "0" } else { whole };
        [
            format!("{whole}.{fraction}"),
            format!("{first}.{rest}0e{scientific}"),
            format!("{digits}e{exponent}"),
            format!("{digits}{zeros}.{zeros}E{exponent:+05}", zeros = "0".repeat(400), exponent = exponent - 400),
            format!("0.{}{digits}e+{}", "0".repeat(1200), scientific + 1201),
        ]
        .map(|spelling| spelling.replace("e+-", "e-"))
    }
}

/// A double in units of 2^-1075; infinity stands for 2^1024.
fn units(bits: u64) -> BigUint {
    let (exponent, fraction) = (bits >> 52, bits & ((1 << 52) - 1));
    let significand = if exponent == 0 { fraction } else { fraction | 1 << 52 };
    BigUint::from(significand) << exponent.max(1)
}

/// Checks how the decimals between a double and the next one are rounded.
fn check_midpoint_after(bits: u64) {
    let midpoint = Decimal::from_units(&((units(bits) + units(bits + 1)) >> 1_u32));
    let [lower, upper] = [bits, bits + 1].map(|bits| canonical(&format!("{:e}", f64::from_bits(bits))));
    let even = if bits.is_multiple_of(2) { &lower } else { &upper };
    for (decimal, expected) in
        [(midpoint.a_little_less(), &lower), (midpoint.clone(), even), (midpoint.a_little_more(), &upper)]
    {
        for spelling in decimal.spellings() {
            assert_eq!(&canonical(&spelling), expected, "after {bits:#x}: {spelling}");
        }
    }
}

#[test]
fn midpoints_of_neighbours_go_to_the_even_one_and_their_surroundings_to_the_nearer_one() {
    // Subnormals, every boundary between exponents with its neighbours, and doubles of the sequence.
    (0..100).for_each(check_midpoint_after);
    for exponent in (1..2047_u64).step_by(13).chain([1, 2, 2045, 2046]) {
        for neighbour in 0..3 {
            check_midpoint_after((exponent << 52) + neighbour - 1);
        }
    }
    for double in sequence::doubles().skip(3_000).take(500) {
        check_midpoint_after(double.abs().to_bits());
    }
}

/// Checks a decimal, positive and negative, against the reference.
fn check_decimal(decimal: &str) {
    let array = format!("[{decimal},-{decimal},0.10]");
    let expected = reference(array.as_bytes(), usize::MAX).expect("an array of numbers");
    assert_eq!(canonical(&array).as_bytes(), expected, "{array}");
}

#[test]
fn decimals_of_few_digits_more_than_a_double_has() {
    // The bits of each double of the sequence, with an exponent that makes it at least 2^-19 and less than 2^62.
    for (step, double) in sequence::doubles().skip(3_000).take(2_000).enumerate() {
        let exponent = 1023 - 19 + (step as u64) % 81;
        let double = f64::from_bits(double.to_bits() << 12 >> 12 | exponent << 52);
        for scale in 1..=20 {
            check_decimal(&format!("{double:.scale$}"));
        }
    }
}

#[test]
fn decimals_of_few_digits_more_than_a_double_has_near_midpoints() {
    for (step, double) in sequence::doubles().skip(3_000).take(800).enumerate() {
        let exponent = 1023 - 19 + (step as u64) % 81;
        let bits = double.to_bits() << 12 >> 12 | exponent << 52;
        let midpoint = Decimal::from_units(&((units(bits) + units(bits + 1)) >> 1_u32));
        let [plain, ..] = midpoint.spellings();
        let (whole, fraction) = plain.split_once('.').expect("a point");
        for scale in 1..=20 {
            let below = format!("{whole}{}", &fraction[..scale]);
            let above = (below.parse::<BigUint>().expect("digits") + 1_u32).to_string();
            for digits in [below, format!("{above:0>width$}", width = scale + 1)] {
                let (whole, fraction) = digits.split_at(digits.len() - scale);
                check_decimal(&format!("{}.{fraction}", whole.parse::<u64>().expect("a whole number")));
            }
        }
    }
}

#[test]
fn decimals_beside_powers_of_two_and_of_ten() {
    for power in (-19..62).map(|exponent| 2_f64.powi(exponent)).chain((-5..19).map(|exponent| 10_f64.powi(exponent))) {
        let bits = power.to_bits();
        for double in (bits - 2..=bits + 2).map(f64::from_bits) {
            for scale in 1..=20 {
                check_decimal(&format!("{double:.scale$}"));
            }
        }
    }
}

#[test]
fn the_midpoint_after_the_greatest_double_is_out_of_range() {
    let greatest = f64::MAX.to_bits();
    let midpoint = Decimal::from_units(&((units(greatest) + units(greatest + 1)) >> 1_u32));
    for spelling in midpoint.a_little_less().spellings() {
        assert_eq!(canonical(&spelling), "1.7976931348623157e+308", "{spelling}");
    }
    for spelling in midpoint.spellings().into_iter().chain(midpoint.a_little_more().spellings()) {
        for literal in [format!("-{spelling}"), spelling] {
            let error = canonicalize(literal.as_bytes(), Limits::default()).expect_err(&literal);
            assert_eq!(error.kind(), ErrorKind::NumberOutOfRange, "{literal}");
        }
    }
}

#[test]
fn integers_around_every_power_of_two_keep_their_digits() {
    for exponent in 0..1024_u32 {
        let power = BigUint::from(1_u32) << exponent;
        for integer in [&power - 1_u32, power.clone(), &power + 1_u32] {
            let literal = integer.to_string();
            assert_eq!(canonical(&literal), literal);
            if literal != "0" {
                assert_eq!(canonical(&format!("-{literal}")), format!("-{literal}"));
            }
        }
    }
    let limit = BigUint::from(1_u32) << 1024_u32;
    let greatest = (&limit - 1_u32).to_string();
    assert_eq!(canonical(&greatest), greatest);
    for beyond in [limit.clone(), &limit + 1_u32, &limit * 10_u32] {
        let error = canonicalize(beyond.to_string().as_bytes(), Limits::default()).expect_err("out of range");
        assert_eq!(error.kind(), ErrorKind::NumberOutOfRange);
    }
}

#[test]
fn long_spellings_of_small_numbers() {
    for zeros in [1, 17, 18, 19, 20, 308, 309, 400, 767, 768, 769, 770, 1_000, 20_000] {
        let zero = "0".repeat(zeros);
        for (literal, expected) in [
            (format!("1.{zero}"), "1"),
            (format!("1.{zero}e0"), "1"),
            (format!("1{zero}e-{zeros}"), "1"),
            (format!("1{zero}.{zero}e-{zeros}"), "1"),
            (format!("0.{zero}1e{}", zeros + 1), "1"),
            (format!("-0.{zero}"), "0"),
            (format!("0.{zero}e{zeros}"), "0"),
            (format!("1e{zero}"), "1"),
            (format!("1e-{zero}2"), "0.01"),
            (format!("1.5{zero}1"), if zeros < 15 { "1.501" } else { "1.5" }),
            (format!("9007199254740992.{zero}1"), "9007199254740992"),
            (format!("9007199254740993.{zero}1"), "9007199254740994"),
            (format!("9007199254740993.{zero}0"), "9007199254740992"),
        ] {
            assert_eq!(canonical(&literal), expected, "{literal}");
            assert_eq!(reference(literal.as_bytes(), usize::MAX), Ok(expected.as_bytes().to_vec()), "{literal}");
        }
    }
}
