//! Where an object that is known to repeat a key repeats it.

use crate::ErrorKind;
use crate::fault::Fault;
use crate::view::string_end;

/// The fault that the key of this member repeats another, in the object whose bracket is at an offset of the text.
#[cold]
pub(super) fn find(text: &[u8], opened_at: usize, member: usize) -> Fault {
    let mut keys_before = member;
    let mut at = opened_at + 1;
    let mut depth = 1;
    let mut key_comes = true;
    loop {
        match text[at] {
            b'"' => {
                let end = string_end(text, at);
                if depth == 1 && key_comes {
                    if keys_before == 0 {
                        // The key itself is sound: the fault lies in the member that it names.
                        return Fault::new(ErrorKind::DuplicateKey, at, "").within(end);
                    }
                    keys_before -= 1;
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
}
