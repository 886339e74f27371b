//! [`shortest`]: the spelling of a decimal's nearest double, found beside the decimal itself.
//!
//! The long way goes through the double: read the decimal, then search the shortest decimal that reads as the same double.
//! Both steps scale by a power of ten. But the decimal stands within half a unit in the last place of its double, so one
//! product says where, and the shortest decimal differs from the one at hand in its last digits only: what is searched
//! is a multiple of a power of ten among a few neighbours. Floating-point arithmetic is used with a bound on its error;
//! where the bound leaves a doubt, there is no answer, and the long way is taken.

#![expect(clippy::cast_precision_loss, reason = "how much may be lost is part of the bound")]

/// How the digits of a decimal end once it is the shortest that has its double.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// As they do.
    Same,
    /// The last `replaced` of them, at least one, are this digit and zeros. A 10 is a zero, and one more in the digit before.
    Digit { replaced: usize, digit: u8 },
}

/// The number of digits up to which a decimal is looked at, 18: they leave four bits of 64 free.
pub(super) const MAX_DIGITS: usize = 18;

/// The number of explicit bits of a double's significand.
const FRACTION_BITS: u32 = f64::MANTISSA_DIGITS - 1;

/// 2^-64.
const LAST_OF_64_BITS: f64 = 1.0 / (1_u128 << 64) as f64;

/// How wrong the place of a decimal beside its double may be, in units of the double's last place: four times what one
/// unit of the product's high half is, which holds at least 10 bits below the double's last.
const DOUBT: f64 = 1.0 / 256.0;

/// Finds how the shortest decimal ends that has the same nearest double as `significand / 10^scale`: at most
/// [`MAX_DIGITS`] digits, not all of them zero and at least one after the point, and of a size at which no exponent is
/// written. `None` where the arithmetic at hand cannot tell.
#[inline(always)]
pub(super) fn shortest(significand: u64, scale: usize) -> Option<Ending> {
    let power = &POWERS[scale];
    let zeros = significand.leading_zeros();
    // The decimal is this, or up to 1 less or 3 more, times 2^(1 - zeros - power.bits).
    let high = high_half(significand << zeros, power.inverse);
    // The bits of the high half below the 53 of the double.
    let below = 10 + (high >> 63) as u32;
    let fraction = high << (64 - below);
    // How far above its nearest double the decimal is, in units of the double's last place: -0.5 to 0.5.
    let above = fraction.cast_signed() as f64 * LAST_OF_64_BITS;
    let double = (high >> below) + (fraction >> 63);
    let is_power_of_two = double << (u64::BITS - FRACTION_BITS) == 0;
    if above.abs() > 0.5 - DOUBT || is_power_of_two {
        return None;
    }
    // One unit in the double's last place, in units of the decimal's; exact.
    let exponent = below + 1 + EXPONENT_BIAS - zeros - power.bits;
    let spacing = power.double * f64::from_bits(u64::from(exponent) << FRACTION_BITS);
    if spacing < 1.0 {
        // Of decimals this long, no two have one double.
        return Some(Ending::Same);
    }
    ending(significand, above * spacing, spacing)
}

/// Finds the ending where the nearest double is `above` below a decimal, and its neighbours are `spacing` from it, in
/// units of the decimal's last place.
#[inline(always)]
fn ending(significand: u64, above: f64, spacing: f64) -> Option<Ending> {
    let (doubt, reach) = (DOUBT * spacing, spacing / 2.0);
    // Among the decimals that read as this double are multiples of 10^dropped, and at most one multiple of ten times that.
    let dropped = usize::from(spacing >= 10.0) + usize::from(spacing >= 100.0);
    let (one, ten) = (&POWERS[dropped], &POWERS[dropped + 1]);
    let replaced = dropped + 1;
    // The double, above the multiple of `ten` at or before the decimal, and below the next.
    let low = ten.remainder(significand).cast_signed() as f64 - above;
    let high = ten.double - low;
    if low < reach - doubt {
        return Some(Ending::Digit { replaced, digit: 0 });
    }
    if high < reach - doubt {
        return Some(Ending::Digit { replaced, digit: 10 });
    }
    let digit = low * one.reciprocal + TO_INTEGER;
    let beside = low - (digit - TO_INTEGER) * one.double;
    if low < reach + doubt || high < reach + doubt || beside.abs() > one.double / 2.0 - doubt {
        return None;
    }
    Some(Ending::Digit { replaced, digit: digit.to_bits() as u8 })
}

/// 2^52, which added to a smaller number rounds it to an integer, in the lowest bits.
const TO_INTEGER: f64 = (1_u64 << FRACTION_BITS) as f64;

const EXPONENT_BIAS: u32 = 1023;

/// A power of ten.
pub(super) struct Power {
    pub(super) value: u64,
    /// The same, exactly.
    double: f64,
    /// 1 divided by it, nearly.
    reciprocal: f64,
    /// The number of its bits.
    pub(super) bits: u32,
    /// 2^(63 + bits) divided by it, rounded up: 64 bits. Of 1, unused, it is 0.
    pub(super) inverse: u64,
}

pub(super) static POWERS: [Power; MAX_DIGITS] = {
    let mut powers = [const { Power::new(1) }; MAX_DIGITS];
    let mut scale = 1;
    while scale < MAX_DIGITS {
        powers[scale] = Power::new(powers[scale - 1].value * 10);
        scale += 1;
    }
    powers
};

impl Power {
    const fn new(value: u64) -> Self {
        let (double, bits) = (value as f64, u64::BITS - value.leading_zeros());
        let inverse = (1_u128 << (63 + bits)).div_ceil(value as u128) as u64;
        Self { value, double, reciprocal: 1.0 / double, bits, inverse }
    }

    /// What is left of a number below 2^63 divided by this power. The inverse is too great by less than 1, so the quotient
    /// by less than the inverse of the power; and where the high half is too small, the quotient is by 1 at most.
    #[inline(always)]
    fn remainder(&self, number: u64) -> u64 {
        let quotient = high_half(number, self.inverse) >> (self.bits - 1);
        let left = number - quotient * self.value;
        if left < self.value { left } else { left - self.value }
    }
}

/// The high half of a product, or up to 2 less.
#[inline(always)]
fn high_half(one: u64, other: u64) -> u64 {
    if cfg!(target_family = "wasm") { high_half_by_words(one, other) } else { high_half_exactly(one, other) }
}

#[inline(always)]
fn high_half_exactly(one: u64, other: u64) -> u64 {
    ((u128::from(one) * u128::from(other)) >> 64) as u64
}

/// Without what the low words carry, as WebAssembly has no product of 128 bits, and calls a function for it.
#[inline(always)]
fn high_half_by_words(one: u64, other: u64) -> u64 {
    let [high, low] = [|word: u64| word >> 32, |word: u64| word & 0xFFFF_FFFF];
    high(one) * high(other) + high(high(one) * low(other)) + high(low(one) * high(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_high_half_lacks_2_at_most() {
        let words = || {
            [0, 1, u64::MAX >> 32, 1 << 32, u64::MAX - 1, u64::MAX]
                .into_iter()
                .chain(POWERS.iter().map(|it| it.inverse))
        };
        let mut most = 0;
        for (one, other) in words().flat_map(|one| words().map(move |other| (one, other))) {
            let (exact, near) = (high_half_exactly(one, other), high_half_by_words(one, other));
            assert!(near <= exact && exact <= near + 2, "{one} {other}");
            most = most.max(exact - near);
        }
        assert_eq!(most, 2);
    }
}
