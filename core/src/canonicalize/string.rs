//! Strings: RFC 8259, section 7, read; RFC 8785, section 3.2.2.2, written.

use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use wide::u8x16;

use super::Reader;
use super::window::{WINDOW_BYTES, window};
use crate::ErrorKind;
use crate::fault::Fault;

/// A key as it stands between its quotes, as a range of the text, which [`MAX_TEXT_BYTES`](crate::MAX_TEXT_BYTES) keeps
/// within 32 bits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// Whether it holds a backslash.
    pub(crate) escaped: bool,
}

impl Key {
    #[inline(always)]
    pub(crate) fn plain(start: usize, end: usize) -> Self {
        Self { start: start as u32, end: end as u32, escaped: false }
    }

    #[inline(always)]
    pub(crate) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl Reader<'_> {
    /// Reads a key.
    pub(crate) fn key(&mut self, at: usize) -> Result<Key, Fault> {
        if self.peek(at) != Some(b'"') {
            return Err(self.unexpected(at, "a key in quotes"));
        }
        let end = plain_end(self.text, at + 1);
        if self.peek(end) == Some(b'"') {
            return Ok(Key::plain(at + 1, end));
        }
        let end = self.rest_of_string(at, end)? - 1;
        Ok(Key { escaped: true, ..Key::plain(at + 1, end) })
    }

    /// Reads a string.
    #[inline(always)]
    pub(crate) fn string(&mut self, at: usize) -> Result<usize, Fault> {
        let end = plain_end(self.text, at + 1);
        if self.peek(end) == Some(b'"') { Ok(end + 1) } else { self.rest_of_string(at, end) }
    }

    /// Reads a string whose opening quote is at `start` and which is plain up to `at`.
    #[inline(never)]
    fn rest_of_string(&mut self, start: usize, mut at: usize) -> Result<usize, Fault> {
        loop {
            at = match self.peek(at) {
                Some(b'"') => return Ok(at + 1),
                Some(b'\\') => self.escape(at).map_err(|fault| fault.within(start))?,
                Some(_) => return Err(Fault::new(ErrorKind::ControlCharacter, at, "").within(start)),
                None => return Err(self.unexpected(at, "the end of a string").within(start)),
            };
            at = plain_end(self.text, at);
        }
    }

    /// Reads an escape, and writes the character that it stands for unless the canonical form escapes it the same way.
    fn escape(&mut self, at: usize) -> Result<usize, Fault> {
        match self.peek(at + 1) {
            Some(b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
            Some(b'/') => {
                self.output.replace(at, at + 2, b"/");
                Ok(at + 2)
            }
            Some(b'u') => self.unicode_escape(at),
            Some(_) => Err(Fault::new(ErrorKind::InvalidEscape, at, "")),
            None => Err(self.unexpected(at + 1, "the rest of an escape")),
        }
    }

    fn unicode_escape(&mut self, at: usize) -> Result<usize, Fault> {
        let unit = self.hex_digits(at)?;
        let (code, end) = match unit {
            0xD800..=0xDBFF => {
                let low = self.low_surrogate(at + 6).ok_or_else(|| Fault::new(ErrorKind::LoneSurrogate, at, ""))?;
                (0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00), at + 12)
            }
            _ => (unit, at + 6),
        };
        let character = char::from_u32(code).ok_or_else(|| Fault::new(ErrorKind::LoneSurrogate, at, ""))?;
        let mut buffer = [0; 6];
        let written = write_character(character, &mut buffer);
        if written != &self.text[at..end] {
            self.output.replace(at, end, written);
        }
        Ok(end)
    }

    /// The low surrogate whose escape comes next, if one does.
    fn low_surrogate(&self, at: usize) -> Option<u32> {
        if self.text.get(at..at + 2) != Some(b"\\u") {
            return None;
        }
        self.hex_digits(at).ok().filter(|unit| (0xDC00..=0xDFFF).contains(unit))
    }

    /// The value of the four hex digits of the `\u` escape that begins at an offset.
    fn hex_digits(&self, start: usize) -> Result<u32, Fault> {
        (start + 2..start + 6).try_fold(0, |value, at| match self.text.get(at) {
            None => Err(Fault::new(ErrorKind::UnexpectedEnd, self.text.len(), "the rest of an escape")),
            Some(&byte) => match char::from(byte).to_digit(16) {
                None => Err(Fault::new(ErrorKind::InvalidEscape, start, "")),
                Some(digit) => Ok(value * 16 + digit),
            },
        })
    }
}

/// Appends a string as it stands in canonical JSON, with its quotes.
pub(crate) fn write_string(text: &str, json: &mut Vec<u8>) {
    json.push(b'"');
    for character in text.chars() {
        json.extend_from_slice(write_character(character, &mut [0; 6]));
    }
    json.push(b'"');
}

/// Writes a character as it stands in a canonical string.
fn write_character(character: char, buffer: &mut [u8; 6]) -> &[u8] {
    match character {
        '"' => b"\\\"",
        '\\' => b"\\\\",
        '\u{8}' => b"\\b",
        '\t' => b"\\t",
        '\n' => b"\\n",
        '\u{c}' => b"\\f",
        '\r' => b"\\r",
        '\0'..='\u{1f}' => {
            let code = character as u8;
            *buffer = [b'\\', b'u', b'0', b'0', b'0' + (code >> 4), b"0123456789abcdef"[usize::from(code & 15)]];
            buffer
        }
        _ => character.encode_utf8(buffer).as_bytes(),
    }
}

/// The characters of a sound string, given between its quotes.
pub(crate) fn decode(quoted: &[u8]) -> String {
    let mut units = Vec::with_capacity(quoted.len());
    units.extend(Units { rest: quoted, low: None });
    String::from_utf16_lossy(&units)
}

/// The UTF-16 code units of a sound string, given between its quotes.
pub(super) struct Units<'t> {
    pub(super) rest: &'t [u8],
    /// The second unit of the character that was met last.
    pub(super) low: Option<u16>,
}

impl Iterator for Units<'_> {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        if let Some(low) = self.low.take() {
            return Some(low);
        }
        let (&byte, rest) = self.rest.split_first()?;
        if byte == b'\\' {
            return self.escape();
        }
        let (length, bits) = match byte {
            0..=0x7F => {
                self.rest = rest;
                return Some(byte.into());
            }
            0x80..=0xDF => (2, byte & 0x1F),
            0xE0..=0xEF => (3, byte & 0x0F),
            _ => (4, byte & 0x07),
        };
        let (character, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        let code = character[1..].iter().fold(u32::from(bits), |code, byte| code << 6 | u32::from(byte & 0x3F));
        let mut pair = [0; 2];
        if let [_, low] = char::from_u32(code)?.encode_utf16(&mut pair) {
            self.low = Some(*low);
        }
        Some(pair[0])
    }
}

impl Units<'_> {
    fn escape(&mut self) -> Option<u16> {
        let (&letter, after) = self.rest[1..].split_first()?;
        let (unit, rest) = match letter {
            b'b' => (8, after),
            b't' => (9, after),
            b'n' => (10, after),
            b'f' => (12, after),
            b'r' => (13, after),
            b'u' => {
                let (digits, rest) = after.split_at_checked(4)?;
                (u16::from_str_radix(core::str::from_utf8(digits).ok()?, 16).ok()?, rest)
            }
            _ => (letter.into(), after),
        };
        self.rest = rest;
        Some(unit)
    }
}

/// The offset of the first byte from `at` on that a string cannot hold as it is, which is a quote, a backslash or a
/// control character; the text's length if there is none.
#[inline(always)]
pub(crate) fn plain_end(text: &[u8], at: usize) -> usize {
    // Most strings end here.
    match window(text, at).map(special_bytes) {
        Some(0) => long_plain_end(text, at + WINDOW_BYTES),
        Some(special) => at + special.trailing_zeros() as usize,
        None => long_plain_end(text, at),
    }
}

#[inline(never)]
fn long_plain_end(text: &[u8], mut at: usize) -> usize {
    while let Some(special) = window(text, at).map(special_bytes) {
        if special != 0 {
            return at + special.trailing_zeros() as usize;
        }
        at += WINDOW_BYTES;
    }
    let special = |byte: &u8| *byte < 0x20 || *byte == b'"' || *byte == b'\\';
    text[at..].iter().position(special).map_or(text.len(), |plain| at + plain)
}

/// A bit for each byte that is a quote, a backslash or a control character.
#[inline(always)]
fn special_bytes(window: &[u8; WINDOW_BYTES]) -> u32 {
    let bytes = u8x16::from(*window);
    let quote = bytes.simd_eq(u8x16::splat(b'"'));
    let backslash = bytes.simd_eq(u8x16::splat(b'\\'));
    let control = bytes.min(u8x16::splat(0x1F)).simd_eq(bytes);
    (quote | backslash | control).to_bitmask()
}
