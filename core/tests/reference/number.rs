//! Numbers by exact integers: no floating-point arithmetic decides a digit, and nothing of `std` rounds.
//!
//! Every double is a multiple of 2^-1074, and every midpoint of two neighbours one of 2^-1075. Counted in that unit,
//! doubles and midpoints are integers, and a decimal is a fraction of integers.

use std::cmp::Ordering;

use num_bigint::{BigInt, BigUint};

/// The bits of infinity, which as a count of units stand for 2^1024.
const INFINITY: u64 = 0x7ff0_0000_0000_0000;

/// The canonical spelling of a number that the grammar allows, unless it is too large.
pub fn canonical(literal: &str) -> Option<String> {
    let (sign, magnitude) = match literal.strip_prefix('-') {
        Some(magnitude) => ("-", magnitude),
        None => ("", literal),
    };
    if magnitude.bytes().all(|byte| byte.is_ascii_digit()) {
        let integer = integer(magnitude);
        let limit = BigUint::from(2_u32).pow(1024);
        return (integer < limit).then(|| if magnitude == "0" { "0".to_owned() } else { format!("{sign}{magnitude}") });
    }
    let bits = nearest(magnitude)?;
    Some(if bits == 0 { "0".to_owned() } else { format!("{sign}{}", to_string(bits)) })
}

fn integer(digits: &str) -> BigUint {
    digits.parse().expect("decimal digits")
}

fn power_of_ten(exponent: i64) -> BigUint {
    BigUint::from(10_u32).pow(u32::try_from(exponent).expect("an exponent of moderate size"))
}

/// A double in units of 2^-1075.
fn units(bits: u64) -> BigUint {
    let (exponent, fraction) = (bits >> 52, bits & ((1 << 52) - 1));
    let significand = if exponent == 0 { fraction } else { fraction | 1 << 52 };
    BigUint::from(significand) << exponent.max(1)
}

/// The bits of the double that is nearest to a decimal, of two the even one; `None` for infinity.
fn nearest(decimal: &str) -> Option<u64> {
    let (significand, exponent) = decimal.split_once(['e', 'E']).unwrap_or((decimal, "0"));
    let (whole, fraction) = significand.split_once('.').unwrap_or((significand, ""));
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Some(0);
    }
    // The decimal is 0.ddd times ten to this power.
    let power = exponent.parse::<BigInt>().expect("an integer") - fraction.len() + digits.len();
    if power > BigInt::from(400) {
        return None;
    }
    if power < BigInt::from(-400) {
        return Some(0);
    }
    let scale = i64::try_from(power).expect("400 at most") - i64::try_from(digits.len()).expect("a length");
    let numerator = (integer(digits) << 1075) * power_of_ten(scale.max(0));
    let denominator = power_of_ten((-scale).max(0));

    // The bits of positive doubles are in the order of their values.
    let (mut below, mut above) = (0, INFINITY);
    if units(above) * &denominator <= numerator {
        return None;
    }
    while below + 1 < above {
        let middle = u64::midpoint(below, above);
        if units(middle) * &denominator <= numerator { below = middle } else { above = middle }
    }
    let nearest = match (numerator * 2_u32).cmp(&((units(below) + units(above)) * denominator)) {
        Ordering::Less => below,
        Ordering::Greater => above,
        Ordering::Equal => below + below % 2,
    };
    (nearest < INFINITY).then_some(nearest)
}

/// ECMAScript 2024, section 6.1.6.1.20, `Number::toString`, of a positive double.
fn to_string(bits: u64) -> String {
    let (digits, n) = shortest(bits);
    let k = i64::try_from(digits.len()).expect("17 at most");
    let zeros = |count: i64| "0".repeat(usize::try_from(count).expect("not negative"));
    let split = |at: i64| digits.split_at(usize::try_from(at).expect("not negative"));
    if k <= n && n <= 21 {
        return format!("{digits}{}", zeros(n - k));
    }
    if 0 < n && n <= 21 {
        let (whole, fraction) = split(n);
        return format!("{whole}.{fraction}");
    }
    if -6 < n && n <= 0 {
        return format!("0.{}{digits}", zeros(-n));
    }
    let (first, rest) = split(1);
    let point = if rest.is_empty() { "" } else { "." };
    format!("{first}{point}{rest}e{:+}", n - 1)
}

/// The fewest digits that read back as this double, of several the closest to it, of two the even one; and how many of
/// them stand before the decimal point, which may be none or fewer.
fn shortest(bits: u64) -> (String, i64) {
    let double = units(bits);
    // As a count of ten to this power, the double is this fraction.
    let scaled = |scale: i64| (&double * power_of_ten((-scale).max(0)), power_of_ten(scale.max(0)) << 1075);
    let (numerator, denominator) = scaled(-400);
    let n = i64::try_from(BigUint::to_string(&(numerator / denominator)).len()).expect("710 at most") - 400;

    // Twice what rounds to this double, the ends included where its significand is even.
    let (least, greatest) = (units(bits - 1) + &double, &double + units(bits + 1));
    for count in 1..=17 {
        let scale = n - count;
        let (numerator, denominator) = scaled(scale);
        let rounds_back = |candidate: &BigUint| {
            let units = (candidate * 2_u32 * power_of_ten(scale.max(0))) << 1075;
            let (least, greatest) = (&least * power_of_ten((-scale).max(0)), &greatest * power_of_ten((-scale).max(0)));
            least < units && units < greatest || bits.is_multiple_of(2) && (units == least || units == greatest)
        };
        let distance = |candidate: &BigUint| {
            let value = candidate * &denominator;
            if value < numerator { &numerator - value } else { value - &numerator }
        };
        let below = &numerator / &denominator;
        let above = &below + 1_u32;
        let candidates = [below, above].into_iter().filter(rounds_back);
        if let Some(digits) = candidates.min_by_key(|candidate| (distance(candidate), candidate.bit(0))) {
            let digits = digits.to_string();
            let n = n + i64::try_from(digits.len()).expect("18 at most") - count;
            return (digits.trim_end_matches('0').to_owned(), n);
        }
    }
    unreachable!("17 digits tell any two doubles apart")
}
