//! Where a fault is: its line and column, and the JSON Pointer of the value that holds it.
//!
//! Only errors come here, so this walks the text once more rather than burden the reader that met them.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use crate::Position;
use crate::pointer::{Path, Step};

/// The line and column of an offset. What is before it is UTF-8.
pub(crate) fn locate_position(text: &[u8], offset: usize) -> Position {
    let before = &text[..offset];
    let line = before.split(|byte| *byte == b'\n').count();
    let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    // Every byte of UTF-8 begins a character but the continuation bytes 0b10xx_xxxx.
    let column = 1 + before[line_start..].iter().filter(|byte| **byte & 0xC0 != 0x80).count();
    Position { offset, line, column }
}

/// A container that is open at the end of a text.
enum Open {
    /// An object, and the key whose colon or value comes next.
    Object(Option<Range<usize>>),
    /// An array, the elements that have ended, and whether another is expected or under way.
    Array { ended: usize, within: bool },
}

/// The JSON Pointer of the innermost value under way at the end of a text that is the sound beginning of a JSON text
/// and ends between two tokens. `None` where it would be longer than [`MAX_POINTER_BYTES`](crate::MAX_POINTER_BYTES).
pub(crate) fn locate_pointer(sound: &[u8]) -> Option<String> {
    let mut stack = Vec::new();
    let mut at = 0;
    while let Some(&byte) = sound.get(at) {
        let start = at;
        at += 1;
        match byte {
            b' ' | b'\n' | b'\r' | b'\t' | b':' => {}
            b'{' => stack.push(Open::Object(None)),
            b'[' => stack.push(Open::Array { ended: 0, within: true }),
            b'}' | b']' => {
                stack.pop();
                end_value(&mut stack);
            }
            b',' => {
                if let Some(Open::Array { within, .. }) = stack.last_mut() {
                    *within = true;
                }
            }
            b'"' => {
                skip_string(sound, &mut at);
                match stack.last_mut() {
                    Some(Open::Object(key @ None)) => *key = Some(start + 1..at - 1),
                    _ => end_value(&mut stack),
                }
            }
            _ => {
                at +=
                    sound[at..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte)).count();
                end_value(&mut stack);
            }
        }
    }
    let mut path: Path<'_> = stack.iter().filter_map(|open| step(sound, open)).collect();
    path.pointer().map(str::to_owned)
}

/// Notes that the value under way in the innermost container has ended.
fn end_value(stack: &mut [Open]) {
    match stack.last_mut() {
        Some(Open::Object(key)) => *key = None,
        Some(Open::Array { ended, within }) => {
            *ended += 1;
            *within = false;
        }
        None => {}
    }
}

/// Moves past a string whose opening quote has been read.
pub(crate) fn skip_string(sound: &[u8], at: &mut usize) {
    while let Some(&byte) = sound.get(*at) {
        *at += if byte == b'\\' { 2 } else { 1 };
        if byte == b'"' {
            break;
        }
    }
}

/// The step from an open container to the value under way in it, if one is.
fn step<'s>(sound: &'s [u8], open: &Open) -> Option<Step<'s>> {
    match open {
        Open::Object(None) | Open::Array { within: false, .. } => None,
        Open::Object(Some(key)) => Some(Step::Key(&sound[key.clone()])),
        Open::Array { ended, within: true } => Some(Step::Index(*ended)),
    }
}
