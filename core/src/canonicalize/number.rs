//! Numbers: RFC 8259, section 6, read; integers kept digit by digit, all others written as ECMAScript writes the nearest
//! double (RFC 8785, section 3.2.2.3).

use super::Reader;
use crate::ErrorKind;
use crate::fault::Fault;

/// The number of significant decimal digits, 15, that every double of normal size gives back: a decimal of so many is
/// the shortest that reads as its nearest double, and so its own canonical spelling.
const EXACT_DIGITS: usize = f64::DIGITS as usize;

/// The zeros after the point from which on ECMAScript writes an exponent: 0.000001 is itself, 0.0000001 is 1e-7.
const MAX_LEADING_ZEROS: usize = 5;

/// 2^1024, the least magnitude that is refused. It has 309 digits.
const LIMIT: &[u8; 309] =
    b"179769313486231590772930519078902473361797697894230657273430081157732675805500963132708477322407536021120\
    113879871393357658789768814416622492847430639474124377767893424865485276302219601246094119453082952085005\
    768838150682342462881473913110540827237163350510684586298239947245938479716304835356329624224137216";

impl Reader<'_> {
    /// Reads a number.
    #[inline(always)]
    pub(super) fn number(&mut self, at: usize) -> Result<usize, Fault> {
        let Some(end) = short_digits(self.text, at) else { return self.any_number(at) };
        match self.peek(end) {
            Some(b'.' | b'e' | b'E') => self.decimal(at, at, end),
            _ => Ok(end),
        }
    }

    #[inline(never)]
    fn any_number(&mut self, start: usize) -> Result<usize, Fault> {
        let digits = start + usize::from(self.peek(start) == Some(b'-'));
        let at = self.digits(start, digits)?;
        if self.text[digits] == b'0' && at > digits + 1 {
            let expected = "no digit after a leading zero";
            return Err(Fault::new(ErrorKind::InvalidNumber, digits + 1, expected).within(start));
        }
        match self.peek(at) {
            Some(b'.' | b'e' | b'E') => self.decimal(start, digits, at),
            _ => self.end_integer(start, digits, at),
        }
    }

    /// Reads one digit and those that follow it.
    #[inline(always)]
    fn digits(&mut self, start: usize, mut at: usize) -> Result<usize, Fault> {
        if !matches!(self.peek(at), Some(b'0'..=b'9')) {
            return Err(self.no_digit(start, at));
        }
        while let Some(word) = self.text.get(at..).and_then(<[u8]>::first_chunk) {
            let others = other_than_digits(u64::from_le_bytes(*word));
            if others != 0 {
                return Ok(at + (others.trailing_zeros() / 8) as usize);
            }
            at += 8;
        }
        while let Some(b'0'..=b'9') = self.peek(at) {
            at += 1;
        }
        Ok(at)
    }

    #[cold]
    fn no_digit(&self, start: usize, at: usize) -> Fault {
        let fault = if at < self.text.len() {
            Fault::new(ErrorKind::InvalidNumber, at, "a digit")
        } else {
            self.unexpected(at, "a digit")
        };
        fault.within(start)
    }

    /// Ends an integer literal, which keeps its digits.
    fn end_integer(&mut self, start: usize, digits: usize, at: usize) -> Result<usize, Fault> {
        if at - digits >= LIMIT.len() && (at - digits > LIMIT.len() || self.text[digits..at] >= LIMIT[..]) {
            return Err(Fault::new(ErrorKind::NumberOutOfRange, start, ""));
        }
        if start < digits && self.text[digits] == b'0' {
            self.output.skip(start, digits);
        }
        Ok(at)
    }

    /// Reads the rest of a number that is not an integer literal.
    #[inline(never)]
    fn decimal(&mut self, start: usize, digits: usize, integer_end: usize) -> Result<usize, Fault> {
        let mut at = integer_end;
        let point = self.peek(at) == Some(b'.');
        if point {
            at = self.digits(start, at + 1)?;
        }
        if matches!(self.peek(at), Some(b'e' | b'E')) {
            let signed = matches!(self.peek(at + 1), Some(b'+' | b'-'));
            at = self.digits(start, at + 1 + usize::from(signed))?;
        } else if at - digits <= EXACT_DIGITS + 1 && self.short_fraction(start, integer_end, at) {
            return Ok(at);
        }
        self.double(start, at)?;
        Ok(at)
    }

    /// Ends a decimal without an exponent and of at most [`EXACT_DIGITS`] digits, if its canonical spelling is its own
    /// but for zeros at its end.
    fn short_fraction(&mut self, start: usize, point: usize, at: usize) -> bool {
        let fraction = &self.text[point + 1..at];
        if matches!(&self.text[start..point], b"0" | b"-0") {
            let leading_zeros = fraction.iter().take_while(|digit| **digit == b'0').count();
            if leading_zeros == fraction.len() {
                self.output.replace(start, at, b"0");
                return true;
            }
            if leading_zeros > MAX_LEADING_ZEROS {
                return false;
            }
        }
        let zeros_at_end = fraction.iter().rev().take_while(|digit| **digit == b'0').count();
        if zeros_at_end > 0 {
            let kept = if zeros_at_end == fraction.len() { point } else { at - zeros_at_end };
            self.output.skip(kept, at);
        }
        true
    }

    /// Ends any other number: the nearest double takes its place.
    fn double(&mut self, start: usize, at: usize) -> Result<(), Fault> {
        let literal = &self.characters[start..at];
        // The standard library's parser is exact: ties go to even, whatever the number of digits.
        let Some(double) = literal.parse().ok().filter(|double: &f64| double.is_finite()) else {
            return Err(Fault::new(ErrorKind::NumberOutOfRange, start, ""));
        };
        write_double(double, |written| {
            if written != literal {
                self.output.replace(start, at, written.as_bytes());
            }
        });
        Ok(())
    }
}

/// The end of the digits at an offset of a text, if they are as most are: one to fifteen, the first no zero.
#[inline(always)]
fn short_digits(text: &[u8], at: usize) -> Option<usize> {
    let digits = text.get(at..)?.first_chunk::<16>()?;
    let (low, high) = digits.split_at(8);
    let others = |half: &[u8]| half.first_chunk().map_or(0, |half| other_than_digits(u64::from_le_bytes(*half)));
    let len = match others(low) {
        0 => 8 + others(high).trailing_zeros() / 8,
        others => others.trailing_zeros() / 8,
    } as usize;
    (digits[0] != b'0' && (1..16).contains(&len)).then_some(at + len)
}

/// The bytes of a word that are no decimal digits, each by at least one bit.
#[inline(always)]
const fn other_than_digits(word: u64) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    // A digit's high half is 3, and stays so when 6 is added to its low half. Bytes do not carry into one another below
    // the first that is no digit.
    (word & (ONES * 0xF0) ^ (ONES * 0x30)) | (word.wrapping_add(ONES * 0x06) & (ONES * 0xF0) ^ (ONES * 0x30))
}

/// Whether the nearest double of a number in its canonical form is written as this very number.
pub(crate) fn is_double(canonical: &str) -> bool {
    // Other numbers were written from their double, and so few digits are their own.
    if canonical.len() <= EXACT_DIGITS || canonical.contains(['.', 'e']) {
        return true;
    }
    let mut same = false;
    if let Some(double) = canonical.parse().ok().filter(|double: &f64| double.is_finite()) {
        write_double(double, |written| same = written == canonical);
    }
    same
}

/// Writes a finite double as ECMAScript's `Number::toString` does (ECMA-262, section 6.1.6.1.20), and hands it out.
#[inline(always)]
fn write_double(double: f64, hand_out: impl FnOnce(&str)) {
    if double == 0.0 {
        return hand_out("0");
    }
    let mut buffer = zmij::Buffer::new();
    let shortest = buffer.format_finite(double);
    if (1e-5..1e16).contains(&double.abs()) {
        // Here only whole numbers differ: `1.0` instead of `1`.
        hand_out(shortest.strip_suffix(".0").unwrap_or(shortest));
    } else {
        hand_out(&scientific(shortest));
    }
}

/// Writes `d.ddde±x` with an exponent only outside 1e-7 < magnitude < 1e21, and with the exponent's sign.
fn scientific(shortest: &str) -> String {
    let (significand, exponent) = shortest.split_once('e').expect("numbers of this size have an exponent");
    let exponent: i32 = exponent.parse().expect("an exponent is a small integer");
    let (sign, significand) = significand.strip_prefix('-').map_or(("", significand), |rest| ("-", rest));
    let (first, rest) = significand.split_once('.').unwrap_or((significand, ""));
    let zeros = |count: usize| "0".repeat(count);
    match exponent {
        -6..=-1 => format!("{sign}0.{}{first}{rest}", zeros(exponent.unsigned_abs() as usize - 1)),
        // Whole, as 17 digits at most are fewer than these have.
        0..=20 => format!("{sign}{first}{rest}{}", zeros(exponent.unsigned_abs() as usize - rest.len())),
        _ if rest.is_empty() => format!("{sign}{first}e{exponent:+}"),
        _ => format!("{sign}{first}.{rest}e{exponent:+}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_two_to_the_1024() {
        let mut digits = vec![1_u8];
        for _ in 0..1024 {
            let mut carry = 0;
            for digit in &mut digits {
                let doubled = *digit * 2 + carry;
                *digit = doubled % 10;
                carry = doubled / 10;
            }
            if carry > 0 {
                digits.push(carry);
            }
        }
        let power: Vec<u8> = digits.iter().rev().map(|digit| b'0' + digit).collect();
        assert_eq!(power, LIMIT);
    }

    #[test]
    fn writes_doubles_as_ecmascript_does() {
        let check = |double: f64, expected: &str| {
            write_double(double, |written| assert_eq!(written, expected));
        };
        check(-0.0, "0");
        check(1e15, "1000000000000000");
        check(1e16, "10000000000000000");
        check(-1.5e20, "-150000000000000000000");
        check(123_456_789_012_345_680_000.0, "123456789012345680000");
        check(1e21, "1e+21");
        check(-1.25e21, "-1.25e+21");
        check(0.000_001, "0.000001");
        check(-0.000_001_25, "-0.00000125");
        check(0.000_000_1, "1e-7");
        check(5e-324, "5e-324");
        check(-f64::MAX, "-1.7976931348623157e+308");
    }
}
