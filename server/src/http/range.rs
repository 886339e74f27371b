//! Byte ranges (RFC 9110, section 14): which part of a blob's bytes a client asks for.

use std::ops::Range;

use axum::http::header::{IF_RANGE, RANGE};
use axum::http::{HeaderMap, HeaderValue};

/// What is to be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Everything, with 200.
    Whole,
    /// These bytes, with 206.
    Part(Range<u64>),
    /// Nothing, with 416: it has fewer bytes.
    Unsatisfiable,
}

impl Asked {
    /// Of bytes of this length, which have this strong validator.
    ///
    /// A range that is malformed or of another unit is as none, and so are several at once (RFC 9110, section 14.2): a
    /// client that wants them must be ready for the whole.
    pub fn of(headers: &HeaderMap, etag: &HeaderValue, length: u64) -> Self {
        let specifier = headers.get(RANGE).and_then(|value| Specifier::parse(value.to_str().ok()?));
        // RFC 9110, section 13.1.5: by strong comparison. A date is never ours.
        let is_same = headers.get(IF_RANGE).is_none_or(|validator| validator == etag);
        match specifier.filter(|_| is_same) {
            None => Self::Whole,
            Some(specifier) => specifier.within(length),
        }
    }
}

/// RFC 9110, section 14.1.2.
#[derive(Clone, Copy)]
enum Specifier {
    /// `first-last` or `first-`.
    From { first: u64, last: u64 },
    /// `-length`.
    Suffix { length: u64 },
}

impl Specifier {
    fn parse(value: &str) -> Option<Self> {
        let (unit, range) = value.split_once('=')?;
        let (first, last) = range.trim().split_once('-').filter(|_| unit.eq_ignore_ascii_case("bytes"))?;
        match (first, last) {
            ("", length) => Some(Self::Suffix { length: number(length)? }),
            (first, "") => Some(Self::From { first: number(first)?, last: u64::MAX }),
            (first, last) => Some(Self::From { first: number(first)?, last: number(last)? })
                .filter(|range| matches!(range, Self::From { first, last } if first <= last)),
        }
    }

    fn within(self, length: u64) -> Asked {
        match self {
            Self::From { first, last } if first < length => Asked::Part(first..last.saturating_add(1).min(length)),
            Self::From { .. } | Self::Suffix { length: 0 } => Asked::Unsatisfiable,
            // Nothing has an end too, of which no part can be told (section 14.4).
            Self::Suffix { .. } if length == 0 => Asked::Whole,
            Self::Suffix { length: suffix } => Asked::Part(length.saturating_sub(suffix)..length),
        }
    }
}

/// One that is too large is beyond every end.
fn number(digits: &str) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(range: &str, length: u64, expected: &Asked) {
        let headers = HeaderMap::from_iter([(RANGE, range.parse().expect("a header"))]);
        assert_eq!(Asked::of(&headers, &HeaderValue::from_static("\"a\""), length), *expected, "{range} of {length}");
    }

    #[test]
    fn one_range_is_answered() {
        let rows = [
            ("bytes=0-0", 0..1),
            ("bytes=0-9", 0..10),
            ("bytes=3-", 3..10),
            ("bytes=3-99", 3..10),
            ("bytes=9-", 9..10),
            ("bytes=00003-0005", 3..6),
            ("bytes=0-99999999999999999999999999", 0..10),
            ("bytes=0-18446744073709551615", 0..10),
            ("bytes=-1", 9..10),
            ("bytes=-10", 0..10),
            ("bytes=-11", 0..10),
            ("bytes=-99999999999999999999999999", 0..10),
            ("Bytes= 1-2 ", 1..3),
        ];
        for (range, expected) in rows {
            check(range, 10, &Asked::Part(expected));
        }
    }

    #[test]
    fn what_is_beyond_the_end_cannot_be_answered() {
        for range in ["bytes=10-", "bytes=10-20", "bytes=-0", "bytes=99999999999999999999999999-"] {
            check(range, 10, &Asked::Unsatisfiable);
        }
        for range in ["bytes=0-", "bytes=0-0", "bytes=-0"] {
            check(range, 0, &Asked::Unsatisfiable);
        }
        check("bytes=-1", 0, &Asked::Whole);
    }

    #[test]
    fn what_is_no_single_range_of_bytes_is_as_none() {
        for range in [
            "bytes=0-1,3-4",
            "bytes=2-1",
            "bytes=-",
            "bytes=",
            "bytes",
            "",
            "0-1",
            "lines=0-1",
            "bytes=+1-2",
            "bytes=a-b",
            "bytes=1-2-3",
            "bytes=1 - 2",
        ] {
            check(range, 10, &Asked::Whole);
        }
        assert_eq!(Asked::of(&HeaderMap::new(), &HeaderValue::from_static("\"a\""), 10), Asked::Whole);
    }

    #[test]
    fn a_range_of_what_has_changed_is_as_none() {
        let rows = [
            ("\"a\"", Asked::Part(0..1)),
            ("W/\"a\"", Asked::Whole),
            ("\"b\"", Asked::Whole),
            ("Sat, 29 Oct 1994 19:43:31 GMT", Asked::Whole),
        ];
        for (validator, expected) in rows {
            let headers = HeaderMap::from_iter([
                (RANGE, HeaderValue::from_static("bytes=0-0")),
                (IF_RANGE, validator.parse().expect("a header")),
            ]);
            assert_eq!(Asked::of(&headers, &HeaderValue::from_static("\"a\""), 10), expected, "{validator}");
        }
    }
}
