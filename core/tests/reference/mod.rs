//! The canonical form again, written to be read and not to be fast: what the crate computes in one pass is computed
//! here by way of a tree, a set of keys, a sort by UTF-16 code units, and exact integers for the numbers. It shares
//! nothing with the crate but the names of the errors.

mod number;
mod read;
mod write;

use isoblob_core::{ErrorKind, MAX_POINTER_BYTES, MAX_TEXT_BYTES, Position};

/// Why a text is refused, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub kind: ErrorKind,
    pub position: Option<Position>,
    pub pointer: Option<String>,
}

/// The canonical form of a text of at most `max_text_bytes` bytes.
pub fn reference(text: &[u8], max_text_bytes: usize) -> Result<Vec<u8>, Refusal> {
    if text.len() > max_text_bytes.min(MAX_TEXT_BYTES) {
        return Err(Refusal { kind: ErrorKind::TooLarge, position: None, pointer: None });
    }
    let text = std::str::from_utf8(text).map_err(|error| {
        let before = std::str::from_utf8(&text[..error.valid_up_to()]).expect("valid up to there");
        Refusal { kind: ErrorKind::InvalidUtf8, position: Some(end_of(before)), pointer: None }
    })?;
    if text.starts_with('\u{feff}') {
        return Err(Refusal { kind: ErrorKind::ByteOrderMark, position: Some(end_of("")), pointer: None });
    }
    let value = read::read(text).map_err(|fault| Refusal {
        kind: fault.kind,
        position: Some(end_of(&text[..fault.offset])),
        pointer: Some(pointer(&fault.path)).filter(|pointer| pointer.len() <= MAX_POINTER_BYTES),
    })?;
    let mut canonical = String::new();
    write::write(&value, &mut canonical);
    Ok(canonical.into_bytes())
}

/// The position right after a text.
fn end_of(text: &str) -> Position {
    let line_start = text.rfind('\n').map_or(0, |line_feed| line_feed + 1);
    Position {
        offset: text.len(),
        line: 1 + text.matches('\n').count(),
        column: 1 + text[line_start..].chars().count(),
    }
}

/// RFC 6901, section 3.
fn pointer(path: &[String]) -> String {
    path.iter().flat_map(|token| ["/".to_owned(), token.replace('~', "~0").replace('/', "~1")]).collect()
}
