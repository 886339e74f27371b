//! The members of the one object that a text is: [`read_members`], [`pick_members`].

use alloc::string::String;

use crate::canonicalize::{Reader, decode};
use crate::fault::Fault;
use crate::{Error, ErrorKind};

/// A member whose key and colon have been read.
pub(crate) struct Member {
    pub(crate) key: String,
    /// The offset where its value begins.
    pub(crate) value_at: usize,
    key_at: usize,
    key_end: usize,
}

impl Member {
    /// The fault of a key that the object has already.
    pub(crate) fn repeated(&self) -> Fault {
        Fault::new(ErrorKind::DuplicateKey, self.key_at, "").within(self.key_end)
    }
}

/// Reads a text to its end and hands out each member of the object that it is; who takes one reads its value, and says
/// where that ends. `false` where the text is JSON, but no object.
pub(crate) fn read_members<'t>(
    text: &'t str,
    mut value: impl FnMut(&mut Reader<'t>, Member) -> Result<usize, Error>,
) -> Result<bool, Error> {
    let mut reader = Reader::new(text);
    let locate = |fault: Fault| fault.locate(text.as_bytes());
    let at = reader.start().map_err(locate)?;
    if reader.peek(at) != Some(b'{') {
        reader.document(at).and_then(|at| reader.end(at)).map_err(locate)?;
        return Ok(false);
    }
    let mut at = reader.open(at, 0).map_err(locate)?;
    let mut more = reader.peek(at) != Some(b'}');
    at += usize::from(!more);
    while more {
        let member = read_key(&mut reader, text, at).map_err(locate)?;
        at = value(&mut reader, member)?;
        (at, more) = reader.comma_or(b'}', at, "`,` or `}`").map_err(locate)?;
    }
    reader.end(at).map_err(locate)?;
    Ok(true)
}

fn read_key(reader: &mut Reader<'_>, text: &str, at: usize) -> Result<Member, Fault> {
    let key_at = reader.whitespace(at);
    let key = reader.key(key_at)?;
    let key_end = key.range().end + 1;
    let colon_end = reader.colon(key_end)?;
    let value_at = reader.whitespace(colon_end);
    Ok(Member { key: decode(&text.as_bytes()[key.range()]), value_at, key_at, key_end })
}

/// The members of these keys, each as it stands in the text; `None` where the text is JSON, but no object. Other
/// members are left alone.
pub(crate) fn pick_members<'t, const N: usize>(
    text: &'t str,
    keys: [&str; N],
) -> Result<Option<[Option<&'t str>; N]>, Error> {
    let mut picked = [None; N];
    let is_object = read_members(text, |reader, member| {
        let locate = |fault: Fault| fault.locate(text.as_bytes());
        let start = member.value_at;
        let end = reader.document(start).map_err(locate)?;
        // It is handed out as it stands in the text.
        reader.discard(end);
        if let Some(which) = keys.iter().position(|key| *key == member.key) {
            if picked[which].is_some() {
                return Err(locate(member.repeated()));
            }
            picked[which] = Some(&text[start..end]);
        }
        Ok(end)
    })?;
    Ok(is_object.then_some(picked))
}

/// The characters of a sound value that is a string; `None` of anything else.
pub(crate) fn as_string(value: &str) -> Option<String> {
    let quoted = value.strip_prefix('"')?.strip_suffix('"')?;
    Some(decode(quoted.as_bytes()))
}
