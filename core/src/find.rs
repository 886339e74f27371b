//! [`find_value`]: one value of a document, by its JSON Pointer (RFC 6901).

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use crate::JsonType;
use crate::canonicalize::write_string;
use crate::cursor::Cursor;

/// A JSON Pointer (RFC 6901): the way from a document to one of its values.
///
/// ```
/// use isoblob_core::JsonPointer;
///
/// assert!("".parse::<JsonPointer>().is_ok());
/// assert!("/a~1b/0".parse::<JsonPointer>().is_ok());
/// let error = "a/0".parse::<JsonPointer>().unwrap_err();
/// assert_eq!(error.to_string(), "a JSON Pointer is empty or begins with `/`");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonPointer(Vec<String>);

impl FromStr for JsonPointer {
    type Err = ParsePointerError;

    /// # Errors
    ///
    /// The text is neither empty nor begins with `/`, or holds a `~` that is not part of `~0` or `~1` (RFC 6901,
    /// section 3).
    fn from_str(text: &str) -> Result<Self, ParsePointerError> {
        let mut tokens = text.split('/');
        if tokens.next() != Some("") {
            return Err(ParsePointerError::Start);
        }
        tokens.map(unescape).collect::<Option<_>>().map(Self).ok_or(ParsePointerError::Tilde)
    }
}

/// The key that a token stands for.
fn unescape(token: &str) -> Option<String> {
    let mut parts = token.split('~');
    let mut key = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (character, rest) = match part.split_at_checked(1)? {
            ("0", rest) => ('~', rest),
            ("1", rest) => ('/', rest),
            _ => return None,
        };
        key.push(character);
        key.push_str(rest);
    }
    Some(key)
}

/// Why a text is not a JSON Pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParsePointerError {
    /// It is not empty and does not begin with `/`.
    Start,
    /// A `~` is followed by neither `0` nor `1`.
    Tilde,
}

impl fmt::Display for ParsePointerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Start => "a JSON Pointer is empty or begins with `/`",
            Self::Tilde => "in a JSON Pointer, `~` is written `~0` and a `/` inside a key `~1`",
        })
    }
}

impl core::error::Error for ParsePointerError {}

/// Finds the value that a pointer leads to in canonical JSON, and hands out its bytes, which are canonical JSON too.
/// `None` where it leads to nothing: no such key or element, or a step into what is no container. So it is with the
/// `-` of RFC 6901, section 4, which stands for the element after the last.
///
/// It is one pass over the bytes up to the end of the value, without a tree. Where they are not canonical JSON, it may
/// find nothing.
///
/// ```
/// use isoblob_core::find_value;
///
/// let document = br#"{"a/b":[1,{"":505874924095815681}]}"#;
/// let find = |pointer: &str| find_value(document, &pointer.parse().unwrap());
/// assert_eq!(find("/a~1b/1"), Some(br#"{"":505874924095815681}"#.as_slice()));
/// assert_eq!(find("/a~1b/1/"), Some(b"505874924095815681".as_slice()));
/// assert_eq!(find("/a~1b/2"), None);
/// ```
pub fn find_value<'j>(canonical: &'j [u8], pointer: &JsonPointer) -> Option<&'j [u8]> {
    let mut cursor = Cursor::new(canonical);
    for token in &pointer.0 {
        match cursor.type_of()? {
            JsonType::Object => enter_member(&mut cursor, token)?,
            JsonType::Array => enter_element(&mut cursor, token)?,
            _ => return None,
        }
    }
    cursor.skip()
}

/// Moves from before an object to before the value of one of its members.
fn enter_member(cursor: &mut Cursor<'_>, key: &str) -> Option<()> {
    // A string has one canonical spelling, so keys are compared as they stand.
    let mut quoted = Vec::with_capacity(key.len() + 2);
    write_string(key, &mut quoted);
    let spelling = &quoted[1..quoted.len() - 1];
    let mut more = cursor.enter()?;
    while more {
        if cursor.key()? == spelling {
            return Some(());
        }
        cursor.skip()?;
        more = cursor.more()?;
    }
    None
}

/// Moves from before an array to before one of its elements.
fn enter_element(cursor: &mut Cursor<'_>, index: &str) -> Option<()> {
    let mut more = cursor.enter()?;
    for _ in 0..parse_index(index)? {
        if !more {
            return None;
        }
        cursor.skip()?;
        more = cursor.more()?;
    }
    more.then_some(())
}

/// RFC 6901, section 4: decimal digits without a leading zero.
fn parse_index(token: &str) -> Option<usize> {
    let is_plain = token.bytes().all(|byte| byte.is_ascii_digit()) && (token == "0" || !token.starts_with('0'));
    token.parse().ok().filter(|_| is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(document: &str, pointer: &str, expected: Option<&str>) {
        let found = find_value(document.as_bytes(), &pointer.parse().expect(pointer));
        assert_eq!(found.map(String::from_utf8_lossy).as_deref(), expected, "{pointer} in {document}");
    }

    /// The example of RFC 6901, section 5, in its canonical form.
    #[test]
    fn finds_what_the_rfc_says() {
        let document = r#"{"":0," ":7,"a/b":1,"c%d":2,"e^f":3,"foo":["bar","baz"],"g|h":4,"i\\j":5,"k\"l":6,"m~n":8}"#;
        check(document, "", Some(document));
        let rows = [
            ("/foo", r#"["bar","baz"]"#),
            ("/foo/0", r#""bar""#),
            ("/", "0"),
            ("/a~1b", "1"),
            ("/c%d", "2"),
            ("/e^f", "3"),
            ("/g|h", "4"),
            ("/i\\j", "5"),
            ("/k\"l", "6"),
            ("/ ", "7"),
            ("/m~0n", "8"),
        ];
        for (pointer, expected) in rows {
            check(document, pointer, Some(expected));
        }
    }

    #[test]
    fn keys_are_compared_after_escapes() {
        check(r#"{"\n\u0001é😀":1}"#, "/\n\u{1}é😀", Some("1"));
        check(r#"{"~1":1}"#, "/~01", Some("1"));
        check(r#"{"0":1,"00":2,"-":3}"#, "/00", Some("2"));
        check(r#"{"-":3}"#, "/-", Some("3"));
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        let document = r#"{"a":[[],{},1,"s",null],"b":"a"}"#;
        for pointer in ["/c", "/a/5", "/a/-", "/a/00", "/a/01", "/a/+1", "/a/1e0", "/a/ 1", "/a/", "/a/0/0", "/a/1/x"] {
            check(document, pointer, None);
        }
        for pointer in ["/a/2/0", "/a/3/s", "/a/4/", "/b/a", "/a/99999999999999999999999", "/a//"] {
            check(document, pointer, None);
        }
    }

    #[test]
    fn what_is_not_canonical_ends_the_search() {
        for text in ["", "[", "{", "{1", r#"{"b"#, r#"{"b"}"#, "[1 2]", r#"{"b":1"#] {
            assert_eq!(find_value(text.as_bytes(), &"/a".parse().expect("a pointer")), None, "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_pointer() {
        let rows = [
            ("a", "a JSON Pointer is empty or begins with `/`"),
            ("#/a", "a JSON Pointer is empty or begins with `/`"),
            ("/~", "in a JSON Pointer, `~` is written `~0` and a `/` inside a key `~1`"),
            ("/a~2", "in a JSON Pointer, `~` is written `~0` and a `/` inside a key `~1`"),
            ("/~é", "in a JSON Pointer, `~` is written `~0` and a `/` inside a key `~1`"),
            ("/~~0", "in a JSON Pointer, `~` is written `~0` and a `/` inside a key `~1`"),
        ];
        for (text, message) in rows {
            assert_eq!(text.parse::<JsonPointer>().expect_err(text).to_string(), message, "{text}");
        }
    }
}
