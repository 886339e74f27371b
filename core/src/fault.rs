//! [`Fault`]: an error as the reader meets it, before anybody asked for its line.

use alloc::boxed::Box;
use alloc::string::{String, ToString as _};

use crate::locate::{locate_pointer, locate_position};
use crate::{Error, ErrorKind};

/// What is wrong and where, in bytes of the text. Reading goes on with this; its line, column and pointer are looked up
/// only once it is handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault(Box<Parts>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Parts {
    kind: ErrorKind,
    offset: usize,
    /// Where the token begins that was being read, or the fault's offset between tokens: what is before it is sound.
    sound_to: usize,
    /// What would have been right, as a phrase; empty where the kind says it.
    expected: &'static str,
}

impl Fault {
    #[cold]
    pub(crate) fn new(kind: ErrorKind, offset: usize, expected: &'static str) -> Self {
        Self(Box::new(Parts { kind, offset, sound_to: offset, expected }))
    }

    /// The same fault, inside a token that begins at this offset.
    #[cold]
    pub(crate) fn within(mut self, token: usize) -> Self {
        self.0.sound_to = token;
        self
    }

    /// The fault as it would have been met in the text that begins here.
    pub(crate) fn counted_from(mut self, start: usize) -> Self {
        self.0.offset -= start;
        self.0.sound_to -= start;
        self
    }

    /// The error that says where in the text the fault is.
    pub(crate) fn locate(self, text: &[u8]) -> Error {
        let Parts { kind, offset, sound_to, expected } = *self.0;
        let pointer = match kind {
            ErrorKind::InvalidUtf8 | ErrorKind::ByteOrderMark => None,
            _ => locate_pointer(&text[..sound_to]),
        };
        Error::new(kind, describe(kind, &text[offset..], expected), Some(locate_position(text, offset)), pointer)
    }
}

/// What is wrong, as a phrase, with the text that begins at the fault. Nothing is formatted, as what formats is more code
/// than all of this, and a page loads it.
fn describe(kind: ErrorKind, rest: &[u8], expected: &str) -> String {
    match kind {
        ErrorKind::UnexpectedEnd => ["the text ends where ", expected, " should be"].concat(),
        ErrorKind::UnexpectedCharacter | ErrorKind::TrailingCharacters | ErrorKind::InvalidNumber => {
            ["expected ", expected, ", found ", &first_character(rest)].concat()
        }
        ErrorKind::ControlCharacter => ["a control character (", &first_character(rest), ") must be escaped"].concat(),
        ErrorKind::InvalidUtf8 => "the text is not UTF-8".into(),
        ErrorKind::ByteOrderMark => "the text begins with a byte-order mark".into(),
        ErrorKind::NumberOutOfRange => "the number is beyond what a double can hold".into(),
        ErrorKind::InvalidEscape => "the string has an escape that JSON does not know".into(),
        ErrorKind::LoneSurrogate => "the escape is one half of a surrogate pair without the other".into(),
        ErrorKind::DuplicateKey => "the object has this key already".into(),
        ErrorKind::TooDeep => {
            ["more than ", &crate::MAX_DEPTH.to_string(), " containers, one inside the other"].concat()
        }
        ErrorKind::TooLarge | ErrorKind::InvalidFlow | ErrorKind::InvalidEnvelope => {
            unreachable!("such a fault is not met while reading a text")
        }
    }
}

fn first_character(rest: &[u8]) -> String {
    let first = (1..=4).find_map(|len| core::str::from_utf8(rest.get(..len)?).ok());
    match first {
        Some(character) if character.chars().all(char::is_control) => {
            ["U+00", &hex::encode_upper(&character.as_bytes()[character.len() - 1..])].concat()
        }
        Some(character) => ["`", character, "`"].concat(),
        None => "the end of the text".into(),
    }
}
