//! JSON Pointers (RFC 6901).

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::MAX_POINTER_BYTES;
use crate::canonicalize::decode;

/// A step from a container to one of its values.
#[derive(Clone, Copy)]
pub(crate) enum Step<'j> {
    /// To the value of the member with this key, which is given as it stands between its quotes.
    Key(&'j [u8]),
    /// To the element that has so many before it.
    Index(usize),
}

/// The way from the document to one of its values.
#[derive(Default)]
pub(crate) struct Path<'j> {
    steps: Vec<Step<'j>>,
    /// The pointer, as far as it was asked for: what lies around many values is written once.
    written: String,
    /// Of the first steps, the lengths of the pointer up to them. Past [`MAX_POINTER_BYTES`] nothing is written.
    lens: Vec<usize>,
}

impl<'j> Path<'j> {
    /// The number of steps.
    pub(crate) fn len(&self) -> usize {
        self.steps.len()
    }

    pub(crate) fn push(&mut self, step: Step<'j>) {
        self.steps.push(step);
    }

    pub(crate) fn pop(&mut self) {
        self.steps.pop();
        if self.lens.len() > self.steps.len() {
            self.lens.pop();
            self.written.truncate(self.written_len());
        }
    }

    /// The pointer of the value. `None` where it would be longer than [`MAX_POINTER_BYTES`].
    pub(crate) fn pointer(&mut self) -> Option<&str> {
        for step in &self.steps[self.lens.len()..] {
            let len = if self.written_len() <= MAX_POINTER_BYTES { step.append(&mut self.written) } else { usize::MAX };
            self.lens.push(len);
        }
        (self.written_len() <= MAX_POINTER_BYTES).then_some(&self.written)
    }

    fn written_len(&self) -> usize {
        self.lens.last().copied().unwrap_or(0)
    }
}

impl Step<'_> {
    /// Appends the step to a pointer, unless it is much too long; hands out how long the pointer is then.
    fn append(self, pointer: &mut String) -> usize {
        pointer.push('/');
        match self {
            Self::Index(index) => pointer.push_str(&index.to_string()),
            // No byte of a key takes more than the six of an escape.
            Self::Key(key) if key.len() > 6 * MAX_POINTER_BYTES => return usize::MAX,
            Self::Key(key) => push_token(pointer, &decode(key)),
        }
        pointer.len()
    }
}

impl<'j> FromIterator<Step<'j>> for Path<'j> {
    fn from_iter<I: IntoIterator<Item = Step<'j>>>(steps: I) -> Self {
        Self { steps: steps.into_iter().collect(), ..Self::default() }
    }
}

/// Appends a key as RFC 6901, section 3, escapes it.
pub(crate) fn push_token(pointer: &mut String, key: &str) {
    for character in key.chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            _ => pointer.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(steps: &[Step<'_>], expected: Option<&str>) {
        let mut path: Path<'_> = steps.iter().copied().collect();
        assert_eq!(path.pointer(), expected);
        assert_eq!(path.pointer(), expected, "once more");
    }

    #[test]
    fn writes_what_the_rfc_says() {
        check(&[], Some(""));
        check(&[Step::Key(b"")], Some("/"));
        check(
            &[Step::Key(b"a/b"), Step::Index(10), Step::Key(b"m~n"), Step::Key(br#"i\\j\""#)],
            Some("/a~1b/10/m~0n/i\\j\""),
        );
        check(&[Step::Key("é\\u00e9".as_bytes())], Some("/éé"));
    }

    #[test]
    fn is_left_out_where_it_is_too_long() {
        let longest = "a".repeat(MAX_POINTER_BYTES - 1);
        check(&[Step::Key(longest.as_bytes())], Some(&format!("/{longest}")));
        check(&[Step::Key(longest.as_bytes()), Step::Key(b"")], None);
        check(&[Step::Key("~".repeat(MAX_POINTER_BYTES / 2).as_bytes())], None);
        let escaped = r"\u0061".repeat(MAX_POINTER_BYTES - 1);
        check(&[Step::Key(escaped.as_bytes())], Some(&format!("/{longest}")));
        check(&[Step::Key(format!("{escaped}aaaaaaa").as_bytes())], None);
    }

    #[test]
    fn is_that_of_the_value_wherever_it_was_asked_for() {
        let long = "k".repeat(MAX_POINTER_BYTES);
        let longer = "k".repeat(7 * MAX_POINTER_BYTES);
        let steps =
            [Step::Key(b"a"), Step::Index(1), Step::Key(long.as_bytes()), Step::Key(longer.as_bytes()), Step::Index(2)];
        let expected = [Some(""), Some("/a"), Some("/a/1"), None, None, None];
        // One bit for each place on the way there and back says whether the pointer is asked for.
        for asked in 0..1 << (2 * steps.len()) {
            let mut path = Path::default();
            let ask = |path: &mut Path<'_>, place: usize| {
                if asked >> place & 1 == 1 {
                    let expected = expected[path.len()];
                    assert_eq!(path.pointer(), expected, "{asked:b}");
                }
            };
            for (place, step) in steps.into_iter().enumerate() {
                ask(&mut path, place);
                path.push(step);
            }
            for place in steps.len()..2 * steps.len() {
                ask(&mut path, place);
                path.pop();
            }
            assert_eq!(path.pointer(), Some(""));
            path.push(Step::Index(3));
            assert_eq!(path.pointer(), Some("/3"));
        }
    }
}
