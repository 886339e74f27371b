//! Where an object that is known to repeat a key repeats it.

use std::collections::HashSet;

use super::string::decode;
use crate::ErrorKind;
use crate::fault::Fault;

/// The first repetition of a key in the object whose bracket is at an offset of a text that is sound up to its end.
#[cold]
pub(super) fn find(text: &[u8], opened_at: usize) -> Fault {
    let mut keys = HashSet::new();
    let mut at = opened_at + 1;
    let mut depth = 1;
    let mut key_comes = true;
    while depth > 0 {
        match text[at] {
            b'"' => {
                let end = string_end(text, at);
                if depth == 1 && key_comes {
                    if !keys.insert(decode(&text[at + 1..end - 1])) {
                        // The key itself is sound: the fault lies in the member that it names.
                        return Fault::new(ErrorKind::DuplicateKey, at, "").within(end);
                    }
                    key_comes = false;
                }
                at = end;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            b',' if depth == 1 => key_comes = true,
            _ => {}
        }
        at += 1;
    }
    unreachable!("the object repeats a key")
}

/// The end of the string whose opening quote is at an offset.
fn string_end(text: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    loop {
        match text[at] {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}
