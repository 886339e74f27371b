//! Results that have parts, as JSON.

use alloc::string::ToString as _;
use alloc::vec::Vec;

use isoblob_core::{Error, Position, Reference};

use crate::hex;

/// A fault: the members of the package's `BlobError`.
pub fn fault(error: &Error) -> Vec<u8> {
    let mut json = Json::default();
    json.object(|json| json.error(error, &error.message()));
    json.0
}

/// References, in the order of the document.
pub fn references(references: &[Reference]) -> Vec<u8> {
    let mut json = Json::default();
    json.array(references, |json, reference| {
        json.pointer(reference.pointer.as_deref());
        json.text("id", &hex(reference.id));
        json.text("blobType", reference.blob_type.as_str());
        if let Some(size) = reference.size {
            json.number("size", size);
        }
    });
    json.0
}

/// JSON that is being written.
#[derive(Default)]
pub struct Json(pub Vec<u8>);

impl Json {
    pub fn object(&mut self, members: impl FnOnce(&mut Self)) {
        self.0.push(b'{');
        members(self);
        self.close(b'}');
    }

    pub fn array<T>(&mut self, values: &[T], mut members: impl FnMut(&mut Self, &T)) {
        self.0.push(b'[');
        for value in values {
            self.object(|json| members(json, value));
            self.0.push(b',');
        }
        self.close(b']');
    }

    /// Closes a container, after each of whose values there is a comma.
    fn close(&mut self, bracket: u8) {
        if self.0.ends_with(b",") {
            self.0.pop();
        }
        self.0.push(bracket);
    }

    pub fn name(&mut self, name: &str) {
        self.string(name);
        self.0.push(b':');
    }

    pub fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        self.string(value);
        self.0.push(b',');
    }

    pub fn number(&mut self, name: &str, value: u64) {
        self.name(name);
        self.0.extend_from_slice(value.to_string().as_bytes());
        self.0.push(b',');
    }

    fn string(&mut self, value: &str) {
        self.0.push(b'"');
        for byte in value.bytes() {
            match byte {
                b'"' | b'\\' => self.0.extend_from_slice(&[b'\\', byte]),
                0..0x20 => {
                    self.0.extend_from_slice(br"\u00");
                    let hex = |digit: u8| b"0123456789abcdef"[usize::from(digit)];
                    self.0.extend_from_slice(&[hex(byte >> 4), hex(byte & 15)]);
                }
                _ => self.0.push(byte),
            }
        }
        self.0.push(b'"');
    }

    pub fn error(&mut self, error: &Error, message: &str) {
        self.text("code", error.kind().as_str());
        self.text("message", message);
        if let Some(position) = error.position() {
            self.position(position);
        }
        self.pointer(error.pointer());
    }

    pub fn position(&mut self, Position { offset, line, column }: Position) {
        self.number("offset", offset as u64);
        self.number("line", line as u64);
        self.number("column", column as u64);
    }

    pub fn pointer(&mut self, pointer: Option<&str>) {
        if let Some(pointer) = pointer {
            self.text("pointer", pointer);
        }
    }
}
