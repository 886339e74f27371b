//! [`canonicalize`]: one pass over a JSON text that writes its canonical form.
//!
//! There is no tree of values. The reader walks the text once; what is canonical already is copied in runs as long as
//! they come, and the members of an object are moved only if they were out of order.

#![expect(clippy::inline_always, reason = "the reader is one hot loop, and what is inlined was measured")]
#![expect(clippy::cast_possible_truncation, reason = "MAX_TEXT_BYTES keeps every offset within 32 bits")]

mod ahead;
mod digits;
mod keys;
mod nearest;
mod number;
mod order;
mod output;
mod repetition;
mod shortest;
mod sort;
mod string;
mod window;

use alloc::borrow::Cow;
use alloc::string::ToString as _;
use alloc::vec::Vec;

use crate::fault::Fault;
use crate::limits::{Limits, MAX_DEPTH, MAX_TEXT_BYTES};
use crate::{BlobId, Error, ErrorKind, IdHasher};
use keys::{Index, KnownKeys, Met, NO_KEY};
pub(crate) use number::is_double;
use order::Members;
use output::Output;
use sort::{RepeatedKey, compare_keys};
pub(crate) use string::{decode, plain_end, write_string};

/// The canonical form of a JSON text: RFC 8785 (JSON Canonicalization Scheme), made total and lossless.
///
/// - No whitespace; strings as RFC 8785, section 3.2.2.2, writes them; members sorted by the UTF-16 code units of their
///   keys (section 3.2.3).
/// - An integer literal keeps its digits, whatever its size. Any other number becomes the nearest IEEE 754 double and is
///   written as ECMAScript's `Number::toString` does (section 3.2.2.3).
/// - The canonical form of a canonical form is itself, and borrowed from it: nothing is copied.
///
/// ```
/// use isoblob_core::{Limits, canonicalize};
///
/// let canonical = canonicalize(br#" {"b": 1.50, "a": "\u0041\/", "c": 505874924095815681} "#, Limits::default())?;
/// assert_eq!(canonical, br#"{"a":"A/","b":1.5,"c":505874924095815681}"#.as_slice());
/// # Ok::<(), isoblob_core::Error>(())
/// ```
///
/// # Errors
///
/// The text is larger than the limit, not UTF-8, not one JSON text of RFC 8259, nested deeper than [`MAX_DEPTH`], or
/// holds what has no canonical form: a repeated key, a lone surrogate, a number of magnitude 2^1024 or more. See
/// [`ErrorKind`].
pub fn canonicalize(text: &[u8], limits: Limits) -> Result<Cow<'_, [u8]>, Error> {
    let (mut reader, end) = Reader::read(text, limits, false)?;
    Ok(reader.take(end))
}

/// The canonical form of a JSON text, and its id.
pub(crate) fn canonicalize_and_hash(text: &[u8], limits: Limits) -> Result<(Cow<'_, [u8]>, BlobId), Error> {
    let (mut reader, end) = Reader::read(text, limits, true)?;
    let canonical = reader.take(end);
    let id = match &canonical {
        Cow::Borrowed(canonical) => reader.output.take_ahead().finish(canonical),
        Cow::Owned(canonical) => BlobId::of(canonical),
    };
    Ok((canonical, id))
}

/// The id of the canonical form of a JSON text. What is out of order is hashed in its order, and not written again.
pub(crate) fn id_of_json(text: &[u8], limits: Limits) -> Result<BlobId, Error> {
    let (mut reader, end) = Reader::read(text, limits, true)?;
    Ok(match reader.output.take(end) {
        Cow::Borrowed(canonical) => reader.output.take_ahead().finish(canonical),
        Cow::Owned(written) => {
            let mut hasher = IdHasher::new();
            reader.members.hand_out_settled(&written, &mut |piece| {
                hasher.update(piece);
            });
            hasher.finish()
        }
    })
}

/// Checks what can be said of a text before it is read: its size and its encoding.
pub(crate) fn check_text(text: &[u8], limits: Limits) -> Result<&str, Error> {
    let limit = limits.max_text_bytes.min(MAX_TEXT_BYTES);
    if text.len() > limit {
        let [len, limit] = [text.len(), limit].map(|bytes| bytes.to_string());
        let what = ["the text has ", &len, " bytes, and the limit is ", &limit].concat();
        return Err(Error::new(ErrorKind::TooLarge, what, None, None));
    }
    simdutf8::basic::from_utf8(text).map_err(|_| {
        let valid = core::str::from_utf8(text).map_or_else(|error| error.valid_up_to(), str::len);
        Fault::new(ErrorKind::InvalidUtf8, valid, "").locate(text)
    })
}

/// Reads a text from its start to its end and writes the canonical form of what it reads.
///
/// Where it stands is an offset of the text, `at`, that each method takes and, moved on, returns: the next byte to read.
pub(crate) struct Reader<'t> {
    characters: &'t str,
    /// The same, as bytes.
    text: &'t [u8],
    output: Output<'t>,
    keys: KnownKeys,
    members: Members,
}

impl<'t> Reader<'t> {
    /// Reads a whole text, and hashes it on the way for as long as it is canonical if that is asked for; says where its
    /// value ends.
    fn read(text: &'t [u8], limits: Limits, hashed: bool) -> Result<(Self, usize), Error> {
        let text = check_text(text, limits)?;
        let mut reader = Self::new(text);
        let end = reader.whole(hashed).map_err(|fault| fault.locate(text.as_bytes()))?;
        Ok((reader, end))
    }

    fn whole(&mut self, hashed: bool) -> Result<usize, Fault> {
        let start = self.start()?;
        if hashed {
            self.output.hash_ahead(start);
        }
        let end = self.document(start)?;
        self.end(end)?;
        Ok(end)
    }

    /// A reader of a text of at most [`MAX_TEXT_BYTES`].
    pub(crate) fn new(characters: &'t str) -> Self {
        let text = characters.as_bytes();
        Self { characters, text, output: Output::new(text), keys: KnownKeys::new(), members: Members::default() }
    }

    /// Reads what may stand before the value.
    pub(crate) fn start(&mut self) -> Result<usize, Fault> {
        if self.text.starts_with("\u{feff}".as_bytes()) {
            return Err(Fault::new(ErrorKind::ByteOrderMark, 0, ""));
        }
        Ok(self.whitespace(0))
    }

    /// Reads what may stand after the value.
    pub(crate) fn end(&self, at: usize) -> Result<(), Fault> {
        let end = self.whitespace_end(at);
        if end < self.text.len() {
            return Err(Fault::new(ErrorKind::TrailingCharacters, end, "the end of the text"));
        }
        Ok(())
    }

    /// Forgets what has been written so far.
    pub(crate) fn discard(&mut self, at: usize) {
        self.output.discard(at);
        self.members = Members::default();
    }

    /// Writes into memory of the caller, until what is written is handed out.
    pub(crate) fn lend(&mut self, buffer: Vec<u8>) {
        self.output.lend(buffer);
    }

    /// Hands out the canonical form of what has been read since the last call, of which every container is closed.
    pub(crate) fn take(&mut self, at: usize) -> Cow<'t, [u8]> {
        let members = core::mem::take(&mut self.members);
        match self.output.take(at) {
            // What was out of order has been written, if only to be written again.
            Cow::Borrowed(canonical) => Cow::Borrowed(canonical),
            Cow::Owned(written) => Cow::Owned(members.settle(written)),
        }
    }

    /// [`take`](Self::take), but what is a part of the text is copied.
    pub(crate) fn take_owned(&mut self, at: usize) -> Vec<u8> {
        let members = core::mem::take(&mut self.members);
        members.settle(self.output.take_owned(at))
    }

    #[inline(always)]
    pub(crate) fn peek(&self, at: usize) -> Option<u8> {
        self.text.get(at).copied()
    }

    /// Skips whitespace, which the canonical form does not have.
    #[inline(always)]
    pub(crate) fn whitespace(&mut self, at: usize) -> usize {
        if self.peek(at).is_some_and(|byte| byte <= b' ') { self.skip_whitespace(at) } else { at }
    }

    #[inline(never)]
    fn skip_whitespace(&mut self, start: usize) -> usize {
        let end = self.whitespace_end(start);
        self.output.skip(start, end);
        end
    }

    #[inline(always)]
    fn whitespace_end(&self, mut at: usize) -> usize {
        while matches!(self.peek(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            at = spaces_end(self.text, at + 1);
        }
        at
    }

    /// Reads one value, which stands in no container.
    pub(crate) fn document(&mut self, at: usize) -> Result<usize, Fault> {
        self.value(at, 0, NO_KEY)
    }

    /// Reads one value and the whitespace before it, inside `depth` containers and under the key `parent`.
    #[inline(always)]
    fn value(&mut self, mut at: usize, depth: usize, parent: Index) -> Result<usize, Fault> {
        let Some(mut first) = self.peek(at) else { return Err(self.unexpected(at, "a value")) };
        if first <= b' ' {
            at = self.skip_whitespace(at);
            first = self.peek(at).unwrap_or(0);
        }
        // Told apart before the others, as so many values are numbers.
        if matches!(first, b'1'..=b'9') {
            return self.number(at, at);
        }
        match first {
            b'"' => self.string(at),
            b'0' => self.any_number(at, at),
            b'-' => self.negative(at),
            b'{' => self.object(at, depth, parent),
            b'[' if self.peek(at + 1) == Some(b']') && depth < MAX_DEPTH => Ok(at + 2),
            b'[' => self.array(at, depth, parent),
            b't' => self.literal(at, b"true"),
            b'f' => self.literal(at, b"false"),
            b'n' => self.literal(at, b"null"),
            _ => Err(self.unexpected(at, "a value")),
        }
    }

    #[inline]
    fn literal(&mut self, at: usize, word: &'static [u8]) -> Result<usize, Fault> {
        let rest = &self.text[at..];
        if rest.starts_with(word) {
            return Ok(at + word.len());
        }
        let same = rest.iter().zip(word).take_while(|(byte, expected)| byte == expected).count();
        Err(self.unexpected(at + same, "`true`, `false` or `null`").within(at))
    }

    #[inline(never)]
    fn array(&mut self, opened_at: usize, depth: usize, parent: Index) -> Result<usize, Fault> {
        let start = self.output.len(opened_at);
        let mut at = self.open(opened_at, depth)?;
        let mut more = self.peek(at) != Some(b']');
        at += usize::from(!more);
        while more {
            at = self.value(at, depth + 1, parent)?;
            (at, more) = self.comma_or(b']', at, "`,` or `]`")?;
        }
        self.members.close_array(start, self.output.len(at));
        Ok(at)
    }

    #[inline(never)]
    fn object(&mut self, opened_at: usize, depth: usize, parent: Index) -> Result<usize, Fault> {
        let mut object = self.members.open_object(self.output.len(opened_at));
        let mut at = self.open(opened_at, depth)?;
        let mut more = self.peek(at) != Some(b'}');
        at += usize::from(!more);
        let mut foreseen = self.keys.first_in(parent);
        let mut last = None;
        while more {
            let key_at = at;
            let start = self.output.len(key_at);
            let key = match self.keys.recognize(self.text, key_at, foreseen) {
                Some(key) => key,
                None => self.unforeseen_key(key_at, parent, last)?,
            };
            foreseen = key.next;
            last = Some((key.index, key_at));
            self.members.push(&mut object, start, key.index, key.in_order);
            at = self.value(key.end, depth + 1, key.index)?;
            (at, more) = self.comma_or(b'}', at, "`,` or `}`")?;
            if more {
                at = self.whitespace(at);
            }
        }
        if object.is_in_order() {
            self.members.close_in_order(&object, self.output.len(at));
        } else {
            let output = self.output.flush(at);
            self.members
                .sort(&object, output)
                .map_err(|RepeatedKey { member }| repetition::find(self.text, opened_at, member))?;
        }
        Ok(at)
    }

    /// Reads the key and the colon of a member that comes after another, whose key has an index and an offset, or first
    /// in the value of the key `parent`.
    #[inline(never)]
    fn unforeseen_key(&mut self, at: usize, parent: Index, last: Option<(Index, usize)>) -> Result<Met, Fault> {
        let key = self.key(at)?;
        let in_order = last.is_none_or(|(_, last_at)| compare_keys(self.text, last_at, key).is_lt());
        let end = self.colon(key.range().end + 1)?;
        Ok(self.keys.learn(self.text, parent, last.map(|(index, _)| index), key, in_order, end))
    }

    /// Reads the bracket that opens a container inside `depth` others.
    #[inline]
    pub(crate) fn open(&mut self, at: usize, depth: usize) -> Result<usize, Fault> {
        if depth == MAX_DEPTH {
            return Err(Fault::new(ErrorKind::TooDeep, at, ""));
        }
        Ok(self.whitespace(at + 1))
    }

    /// Reads the comma after a member or element, or the bracket that closes the container; says whether more follows.
    #[inline(always)]
    pub(crate) fn comma_or(&mut self, closing: u8, at: usize, expected: &'static str) -> Result<(usize, bool), Fault> {
        match self.peek(at) {
            Some(b',') => {
                self.output.read_to(at);
                Ok((at + 1, true))
            }
            Some(byte) if byte == closing => Ok((at + 1, false)),
            _ => self.spaced_comma_or(closing, at, expected),
        }
    }

    #[inline(never)]
    fn spaced_comma_or(&mut self, closing: u8, at: usize, expected: &'static str) -> Result<(usize, bool), Fault> {
        let at = self.whitespace(at);
        match self.peek(at) {
            Some(byte) if byte == b',' || byte == closing => self.comma_or(closing, at, expected),
            _ => Err(self.unexpected(at, expected)),
        }
    }

    /// Reads the colon after a key.
    pub(crate) fn colon(&mut self, at: usize) -> Result<usize, Fault> {
        let at = self.whitespace(at);
        if self.peek(at) == Some(b':') { Ok(at + 1) } else { Err(self.unexpected(at, "`:`")) }
    }

    /// The fault of reading something else than what is expected here.
    #[cold]
    pub(crate) fn unexpected(&self, at: usize, expected: &'static str) -> Fault {
        let kind = if at < self.text.len() { ErrorKind::UnexpectedCharacter } else { ErrorKind::UnexpectedEnd };
        Fault::new(kind, at, expected)
    }
}

/// The offset of the first byte from `at` on that is no space, as indentation is long runs of them; or an earlier one,
/// near the end of the text.
#[inline(always)]
fn spaces_end(text: &[u8], mut at: usize) -> usize {
    while let Some(word) = text.get(at..).and_then(<[u8]>::first_chunk) {
        let others = u64::from_le_bytes(*word) ^ u64::from_ne_bytes([b' '; 8]);
        if others != 0 {
            return at + (others.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    at
}
