//! [`find_inexact_number`]: whether a document survives a format whose only numbers are doubles.

use alloc::borrow::ToOwned as _;
use alloc::string::String;

use crate::canonicalize::is_double;
use crate::cursor::Cursor;
use crate::pointer::{Path, Step};
use crate::{JsonType, MAX_DEPTH};

/// A number that no double gives back.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InexactNumber {
    /// The JSON Pointer (RFC 6901) of the number. `None` where it would be longer than
    /// [`MAX_POINTER_BYTES`](crate::MAX_POINTER_BYTES).
    pub pointer: Option<String>,
    /// The number as it stands in the document, 309 digits and a sign at most.
    pub literal: String,
}

/// Finds the first number of canonical JSON that becomes another one where numbers are doubles (IEEE 754, binary64), as
/// they are in JavaScript and in protobuf's `Value`: an integer whose nearest double is not written with the same digits.
///
/// Every integer up to 2^53 is one that a double gives back, beyond that few are. Numbers that are no integer literals
/// always are, as their canonical form is that of their double.
///
/// It is one pass over the bytes. Where they are not canonical JSON, it looks at what comes before that.
///
/// ```
/// use isoblob_core::find_inexact_number;
///
/// assert_eq!(find_inexact_number(b"[0.1,9007199254740992,100000000000000000000]"), None);
///
/// let found = find_inexact_number(br#"{"id":505874924095815681}"#).unwrap();
/// assert_eq!((found.pointer.as_deref(), &*found.literal), (Some("/id"), "505874924095815681"));
/// ```
pub fn find_inexact_number(canonical: &[u8]) -> Option<InexactNumber> {
    let mut search = Search { cursor: Cursor::new(canonical), path: Path::default(), found: None };
    // `None` says that it ended early.
    let _ = search.value();
    search.found
}

struct Search<'j> {
    cursor: Cursor<'j>,
    /// The way to the value that comes next.
    path: Path<'j>,
    found: Option<InexactNumber>,
}

impl<'j> Search<'j> {
    /// Looks at the value that comes next; `None` where that ends the search.
    fn value(&mut self) -> Option<()> {
        if self.path.len() > MAX_DEPTH {
            return None;
        }
        match self.cursor.type_of()? {
            JsonType::Array => self.array(),
            JsonType::Object => self.object(),
            JsonType::Number => self.number(),
            JsonType::Null | JsonType::Boolean | JsonType::String => self.cursor.skip().map(drop),
        }
    }

    fn number(&mut self) -> Option<()> {
        let literal = core::str::from_utf8(self.cursor.skip()?).ok()?;
        if is_double(literal) {
            return Some(());
        }
        let pointer = self.path.pointer().map(str::to_owned);
        self.found = Some(InexactNumber { pointer, literal: literal.to_owned() });
        None
    }

    fn array(&mut self) -> Option<()> {
        let mut more = self.cursor.enter()?;
        for index in 0.. {
            if !more {
                break;
            }
            self.value_at(Step::Index(index))?;
            more = self.cursor.more()?;
        }
        Some(())
    }

    fn object(&mut self) -> Option<()> {
        let mut more = self.cursor.enter()?;
        while more {
            let key = self.cursor.key()?;
            self.value_at(Step::Key(key))?;
            more = self.cursor.more()?;
        }
        Some(())
    }

    fn value_at(&mut self, step: Step<'j>) -> Option<()> {
        self.path.push(step);
        self.value()?;
        self.path.pop();
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(canonical: &str, expected: Option<(Option<&str>, &str)>) {
        let found = find_inexact_number(canonical.as_bytes());
        let found = found.as_ref().map(|found| (found.pointer.as_deref(), &*found.literal));
        assert_eq!(found, expected, "{canonical}");
    }

    #[test]
    fn a_double_gives_back_every_integer_up_to_two_to_the_53_and_few_beyond() {
        for exact in [
            "0",
            "-1",
            "999999999999999",
            "9007199254740991",
            "9007199254740992",
            "9007199254740994",
            "-9007199254740994",
            "100000000000000000000",
            "1152921504606847000",
        ] {
            check(exact, None);
        }
        for inexact in [
            "9007199254740993",
            "-9007199254740993",
            // A power of two, which a double holds; but what it is written as is 1152921504606847000.
            "1152921504606846976",
            "505874924095815681",
            "1000000000000000000000",
            &"9".repeat(308),
        ] {
            check(inexact, Some((Some(""), inexact)));
        }
    }

    #[test]
    fn what_is_no_integer_is_the_number_of_a_double_already() {
        for number in ["0.1", "-1.5", "1e+21", "5e-324", "1.7976931348623157e+308"] {
            check(number, None);
        }
    }

    #[test]
    fn the_first_one_is_found_with_its_pointer() {
        let big = "505874924095815681";
        check(
            &format!(r#"{{"a":"{big}","b/c":[true,{{"":null}},[1,{big}]],"z":{big}}}"#),
            Some((Some("/b~1c/2/1"), big)),
        );
        check(&format!(r#"{{"{big}":1,"a":[],"b":{{}}}}"#), None);
        check(&format!(r#"{{"{}":{big}}}"#, "k".repeat(crate::MAX_POINTER_BYTES)), Some((None, big)));
    }

    #[test]
    fn what_is_not_json_ends_the_search() {
        for text in ["", "[", "{1:9007199254740993}"] {
            check(text, None);
        }
        let deep = "[".repeat(MAX_DEPTH + 2) + "9007199254740993";
        check(&deep, None);
    }
}
