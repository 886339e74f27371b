//! [`explain_text`]: what canonicalization changes in a text.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::Serialize;

use super::key::Key;
use crate::canonicalize::{decode, write_string};
use crate::locate::{locate_pointer, locate_position};
use crate::view::string_end;
use crate::{Error, Limits, Position, canonicalize};

/// What canonicalization changes in a text, how often, and where first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Change {
    /// What is changed.
    pub kind: ChangeKind,
    /// The number of places.
    pub count: usize,
    /// The first of them.
    pub first: Position,
    /// The JSON Pointer (RFC 6901) of the innermost value that holds it. `None` where it would be longer than
    /// [`MAX_POINTER_BYTES`](crate::MAX_POINTER_BYTES).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
}

/// What canonicalization can change in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ChangeKind {
    /// Whitespace is left out. A place is a run of it, at its first character.
    Whitespace,
    /// Members are sorted. A place is a member that belongs before the one it comes after, at the quote that opens its
    /// key.
    MemberOrder,
    /// Escapes are decoded, or spelled another way. A place is an escape, at its backslash; the escapes of a surrogate
    /// pair are one.
    Escapes,
    /// Numbers are spelled another way. A place is a number, at its first character.
    NumberSpelling,
}

impl ChangeKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Whitespace, Self::MemberOrder, Self::Escapes, Self::NumberSpelling];

    /// The stable name of the kind in `snake_case`.
    ///
    /// ```
    /// assert_eq!(isoblob_core::ChangeKind::MemberOrder.as_str(), "member_order");
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Whitespace => "whitespace",
            Self::MemberOrder => "member_order",
            Self::Escapes => "escapes",
            Self::NumberSpelling => "number_spelling",
        }
    }
}

impl fmt::Display for ChangeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Says what [`canonicalize`] changes in a JSON text: of each kind of change that there is, in the order of
/// [`ChangeKind::ALL`], how often and where first. A text that is its own canonical form has none.
///
/// ```
/// use isoblob_core::{ChangeKind, Limits, explain_text};
///
/// let changes = explain_text(b"{\"b\": 1.0,\n \"a\": [2.50]}", Limits::default())?;
/// let found: Vec<_> = changes.iter().map(|change| (change.kind, change.count, change.first.offset)).collect();
/// assert_eq!(
///     found,
///     [(ChangeKind::Whitespace, 3, 5), (ChangeKind::MemberOrder, 1, 12), (ChangeKind::NumberSpelling, 2, 6)],
/// );
/// assert_eq!(changes[1].pointer.as_deref(), Some("/a"));
///
/// assert_eq!(explain_text(br#"{"a":[2.5],"b":1}"#, Limits::default())?, []);
/// # Ok::<(), isoblob_core::Error>(())
/// ```
///
/// # Errors
///
/// What [`canonicalize`] refuses.
pub fn explain_text(text: &[u8], limits: Limits) -> Result<Vec<Change>, Error> {
    canonicalize(text, limits)?;
    let mut survey = Survey { text, limits, open: Vec::new(), places: [None; 4] };
    survey.walk();
    let met = ChangeKind::ALL.into_iter().zip(survey.places);
    Ok(met.filter_map(|(kind, places)| Some(places?.describe(kind, text))).collect())
}

/// The places of one kind.
#[derive(Clone, Copy)]
struct Places {
    count: usize,
    first: usize,
    /// The end of the tokens that lead to the first place.
    led_to: usize,
}

impl Places {
    fn describe(self, kind: ChangeKind, text: &[u8]) -> Change {
        Change {
            kind,
            count: self.count,
            first: locate_position(text, self.first),
            pointer: locate_pointer(&text[..self.led_to]),
        }
    }
}

/// A container that is open.
enum Open<'t> {
    Array,
    Object {
        last_key: Option<Key<'t>>,
        /// Whether a key comes next, before any other string.
        key_comes: bool,
    },
}

/// A walk over the tokens of a text that is known to be sound.
struct Survey<'t> {
    text: &'t [u8],
    limits: Limits,
    open: Vec<Open<'t>>,
    /// In the order of [`ChangeKind::ALL`].
    places: [Option<Places>; 4],
}

impl Survey<'_> {
    fn walk(&mut self) {
        let mut at = 0;
        while let Some(byte) = self.text.get(at) {
            at = match byte {
                b' ' | b'\n' | b'\r' | b'\t' => self.whitespace(at),
                b'"' => self.string(at),
                b'-' | b'0'..=b'9' => self.number(at),
                _ => self.punctuation(at, *byte),
            };
        }
    }

    fn note(&mut self, kind: ChangeKind, first: usize, led_to: usize) {
        self.places[kind as usize].get_or_insert(Places { count: 0, first, led_to }).count += 1;
    }

    /// Moves past a bracket, a comma, a colon or a letter of a literal.
    fn punctuation(&mut self, at: usize, byte: u8) -> usize {
        match byte {
            b'[' => self.open.push(Open::Array),
            b'{' => self.open.push(Open::Object { last_key: None, key_comes: true }),
            b']' | b'}' => drop(self.open.pop()),
            b',' => {
                if let Some(Open::Object { key_comes, .. }) = self.open.last_mut() {
                    *key_comes = true;
                }
            }
            _ => {}
        }
        at + 1
    }

    fn whitespace(&mut self, start: usize) -> usize {
        let is_whitespace = |byte: &&u8| b" \n\r\t".contains(byte);
        let end = start + self.text[start..].iter().take_while(is_whitespace).count();
        // Before an element there is whitespace of the array, not of the element.
        let after_punctuation = self.text[..start].ends_with(b"[") || self.text[..start].ends_with(b",");
        self.note(ChangeKind::Whitespace, start, start - usize::from(after_punctuation));
        end
    }

    fn string(&mut self, start: usize) -> usize {
        let end = string_end(self.text, start);
        if let Some(Open::Object { last_key, key_comes: key_comes @ true }) = self.open.last_mut() {
            *key_comes = false;
            let key = Key::new(&self.text[start + 1..end - 1]);
            let in_order = last_key.as_ref().is_none_or(|last| last.compare(&key).is_lt());
            *last_key = Some(key);
            if !in_order {
                self.note(ChangeKind::MemberOrder, start, end);
            }
        }
        self.escapes(start, end);
        end
    }

    /// Notes the escapes of the string within these offsets.
    fn escapes(&mut self, start: usize, end: usize) {
        let mut at = start + 1;
        while let Some(plain) = self.text[at..end].iter().position(|byte| *byte == b'\\') {
            let escape = at + plain;
            at = escape_end(self.text, escape);
            if !is_canonical_escape(&self.text[escape..at]) {
                self.note(ChangeKind::Escapes, escape, start);
            }
        }
    }

    fn number(&mut self, start: usize) -> usize {
        let is_of_number = |byte: &&u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
        let end = start + self.text[start..].iter().take_while(is_of_number).count();
        let literal = &self.text[start..end];
        let is_integer = literal.iter().all(u8::is_ascii_digit);
        if !is_integer && canonicalize(literal, self.limits).as_deref() != Ok(literal) {
            self.note(ChangeKind::NumberSpelling, start, start);
        }
        end
    }
}

/// The end of the escape whose backslash is at an offset of a sound text.
fn escape_end(text: &[u8], start: usize) -> usize {
    match &text[start + 1..] {
        // A high surrogate, which a low one follows.
        [b'u', b'd' | b'D', b'8'..=b'9' | b'a'..=b'b' | b'A'..=b'B', ..] => start + 12,
        [b'u', ..] => start + 6,
        _ => start + 2,
    }
}

fn is_canonical_escape(escape: &[u8]) -> bool {
    if escape.len() == 2 {
        return escape != br"\/";
    }
    let mut canonical = Vec::with_capacity(escape.len());
    write_string(&decode(escape), &mut canonical);
    canonical[1..canonical.len() - 1] == *escape
}
