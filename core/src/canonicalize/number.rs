//! Numbers: RFC 8259, section 6, read; integers kept digit by digit, all others written as ECMAScript writes the nearest
//! double (RFC 8785, section 3.2.2.3).

use alloc::string::{String, ToString as _};

use super::Reader;
use super::digits::{leading_digits, short_digits, significand, without_zeros};
use super::nearest::nearest;
use super::shortest::{Ending, shortest};
use super::window::window;
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
    /// Reads a number whose first digit is no zero.
    #[inline(always)]
    pub(super) fn number(&mut self, start: usize, digits: usize) -> Result<usize, Fault> {
        let Some(end) = short_digits(self.text, digits) else { return self.any_number(start, digits) };
        match self.peek(end) {
            Some(b'.' | b'e' | b'E') => self.decimal(start, digits, end),
            _ => Ok(end),
        }
    }

    /// Reads a number from its sign on.
    #[inline(never)]
    pub(super) fn negative(&mut self, at: usize) -> Result<usize, Fault> {
        match self.peek(at + 1) {
            Some(b'1'..=b'9') => self.number(at, at + 1),
            _ => self.any_number(at, at + 1),
        }
    }

    #[inline(never)]
    pub(super) fn any_number(&mut self, start: usize, digits: usize) -> Result<usize, Fault> {
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
        let first = at;
        while let Some(window) = window(self.text, at) {
            let count = leading_digits(window);
            at += count;
            if count < window.len() {
                return if at > first { Ok(at) } else { Err(self.no_digit(start, at)) };
            }
        }
        while let Some(b'0'..=b'9') = self.peek(at) {
            at += 1;
        }
        if at > first { Ok(at) } else { Err(self.no_digit(start, at)) }
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
        } else if self.beside(start, digits, integer_end, at) {
            return Ok(at);
        }
        self.double(start, at)?;
        Ok(at)
    }

    /// Ends a decimal without an exponent, if its canonical spelling is its own or one beside it.
    #[inline(always)]
    fn beside(&mut self, start: usize, digits: usize, point: usize, at: usize) -> bool {
        let is_below_one = self.text[digits] == b'0';
        if is_below_one && self.text[point + 1..at].starts_with(&[b'0'; MAX_LEADING_ZEROS + 1]) {
            return false;
        }
        if at - digits - 1 > EXACT_DIGITS {
            return self.long_decimal(start, digits, point, at);
        }
        self.leave_out_zeros(start, point, at);
        true
    }

    /// Leaves out the zeros at the end of a decimal's fraction.
    #[inline(always)]
    fn leave_out_zeros(&mut self, start: usize, point: usize, at: usize) {
        let end = without_zeros(self.text, at);
        match end - point - 1 {
            0 if matches!(&self.text[start..point], b"0" | b"-0") => self.output.replace(start, at, b"0"),
            // A whole number has no point.
            0 => self.output.skip(point, at),
            _ if end < at => self.output.skip(end, at),
            _ => {}
        }
    }

    /// Ends a decimal of more than [`EXACT_DIGITS`] digits, if how its double is spelled can be told without it.
    #[inline(always)]
    fn long_decimal(&mut self, start: usize, digits: usize, point: usize, at: usize) -> bool {
        let text = self.text;
        let scale = at - point - 1;
        let Some(ending) = significand(text, digits, point, at).and_then(|all| shortest(all, scale)) else {
            return false;
        };
        let Ending::Digit { replaced, digit } = ending else {
            self.leave_out_zeros(start, point, at);
            return true;
        };
        if replaced >= scale {
            return false;
        }
        let kept = at - replaced;
        match digit {
            0 => {
                let kept = without_zeros(text, kept);
                self.output.skip(if kept == point + 1 { point } else { kept }, at);
            }
            1..=9 => {
                let last = b'0' + digit;
                if replaced > 1 || text[kept] != last {
                    self.output.replace(kept, at, &[last]);
                }
            }
            _ => {
                let Some(nines) = text[point + 1..kept].iter().rposition(|digit| *digit != b'9') else { return false };
                let last = point + 1 + nines;
                self.output.replace(last, at, &[text[last] + 1]);
            }
        }
        true
    }

    /// Ends any other number: the nearest double takes its place.
    #[inline(never)]
    fn double(&mut self, start: usize, at: usize) -> Result<(), Fault> {
        let literal = &self.characters[start..at];
        let Some(double) = nearest_double(literal) else {
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

/// Whether the nearest double of a number in its canonical form is written as this very number.
pub(crate) fn is_double(canonical: &str) -> bool {
    // Other numbers were written from their double, and so few digits are their own.
    if canonical.len() <= EXACT_DIGITS || canonical.contains(['.', 'e']) {
        return true;
    }
    let mut same = false;
    if let Some(double) = nearest_double(canonical) {
        write_double(double, |written| same = written == canonical);
    }
    same
}

/// The nearest double of a number, unless it is infinite.
fn nearest_double(literal: &str) -> Option<f64> {
    Some(nearest(literal.as_bytes())).filter(|double| double.is_finite())
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
    let parts = shortest.split_once('e').and_then(|(digits, exponent)| Some((digits, exponent.parse::<i32>().ok()?)));
    let (significand, exponent) = parts.expect("numbers of this size have an exponent");
    let (sign, significand) = significand.strip_prefix('-').map_or(("", significand), |rest| ("-", rest));
    let (first, rest) = significand.split_once('.').unwrap_or((significand, ""));
    let zeros = |count: u32| "0".repeat(count as usize);
    let size = exponent.unsigned_abs();
    match exponent {
        -6..=-1 => [sign, "0.", &zeros(size - 1), first, rest].concat(),
        // Whole, as 17 digits at most are fewer than these have.
        0..=20 => [sign, first, rest, &zeros(size - rest.len() as u32)].concat(),
        _ => {
            let (point, e) = (if rest.is_empty() { "" } else { "." }, if exponent < 0 { "e-" } else { "e+" });
            [sign, first, point, rest, e, &size.to_string()].concat()
        }
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
