//! [`compare`]: two canonical forms, walked side by side.

use alloc::borrow::ToOwned as _;
use alloc::vec::Vec;
use core::cmp::Ordering;

use super::excerpt::excerpts;
use super::key::Key;
use super::{Difference, DifferenceKind};
use crate::cursor::Cursor;
use crate::pointer::{Path, Step};
use crate::{JsonType, MAX_DIFFERENCES};

/// The first differences between two documents in canonical form, and the number of all.
pub(super) fn compare(one: &[u8], other: &[u8]) -> (Vec<Difference>, usize) {
    let [one, other] = [one, other].map(Cursor::new);
    let mut comparison = Comparison { one, other, path: Path::default(), differences: Vec::new(), count: 0 };
    comparison.values().expect("a canonical form is sound");
    (comparison.differences, comparison.count)
}

/// A walk through both documents. Its methods are `None` where one is not canonical JSON.
struct Comparison<'j> {
    one: Cursor<'j>,
    other: Cursor<'j>,
    /// The way to the values that are compared.
    path: Path<'j>,
    differences: Vec<Difference>,
    count: usize,
}

impl<'j> Comparison<'j> {
    fn values(&mut self) -> Option<()> {
        match (self.one.type_of()?, self.other.type_of()?) {
            (JsonType::Array, JsonType::Array) => self.arrays(),
            (JsonType::Object, JsonType::Object) => self.objects(),
            (from, to) => {
                let (one, other) = (self.one.skip()?, self.other.skip()?);
                if from != to {
                    self.note(|| DifferenceKind::Type { from, to });
                } else if one != other {
                    self.note(|| {
                        let [from, to] = excerpts(one, other);
                        DifferenceKind::Value { from, to }
                    });
                }
                Some(())
            }
        }
    }

    fn arrays(&mut self) -> Option<()> {
        let mut more = (self.one.enter()?, self.other.enter()?);
        for index in 0.. {
            let have = match more {
                (false, false) => break,
                (true, false) => Ordering::Less,
                (false, true) => Ordering::Greater,
                (true, true) => Ordering::Equal,
            };
            self.values_at(Step::Index(index), have)?;
            more = (more.0 && self.one.more()?, more.1 && self.other.more()?);
        }
        Some(())
    }

    fn objects(&mut self) -> Option<()> {
        let mut more = (self.one.enter()?, self.other.enter()?);
        let mut one = next_key(&mut self.one, more.0);
        let mut other = next_key(&mut self.other, more.1);
        loop {
            let (key, have) = match (&one, &other) {
                (None, None) => break,
                (Some(one), None) => (one, Ordering::Less),
                (None, Some(other)) => (other, Ordering::Greater),
                (Some(one), Some(other)) => match one.compare(other) {
                    Ordering::Greater => (other, Ordering::Greater),
                    order => (one, order),
                },
            };
            self.values_at(Step::Key(key.quoted), have)?;
            if have.is_le() {
                more.0 = self.one.more()?;
                one = next_key(&mut self.one, more.0);
            }
            if have.is_ge() {
                more.1 = self.other.more()?;
                other = next_key(&mut self.other, more.1);
            }
        }
        Some(())
    }

    /// Compares what both have here; or skips what only the one has (`Less`: it comes first) or the other (`Greater`).
    fn values_at(&mut self, step: Step<'j>, have: Ordering) -> Option<()> {
        self.path.push(step);
        match have {
            Ordering::Equal => self.values()?,
            Ordering::Less => {
                self.one.skip()?;
                self.note(|| DifferenceKind::Missing);
            }
            Ordering::Greater => {
                self.other.skip()?;
                self.note(|| DifferenceKind::Added);
            }
        }
        self.path.pop();
        Some(())
    }

    fn note(&mut self, kind: impl FnOnce() -> DifferenceKind) {
        self.count += 1;
        if self.differences.len() < MAX_DIFFERENCES {
            let pointer = self.path.pointer().map(str::to_owned);
            self.differences.push(Difference { pointer, kind: kind() });
        }
    }
}

/// The key before which the cursor stands, if it stands before one.
fn next_key<'j>(cursor: &mut Cursor<'j>, more: bool) -> Option<Key<'j>> {
    if more { cursor.key().map(Key::new) } else { None }
}
