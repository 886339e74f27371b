//! [`Fault`]: what goes wrong, as JavaScript is told of it.

use isoblob_core::{BlobId, Error, Mismatch, ParseBlobIdError, Position};
use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

const MISMATCH: &str = "mismatch";

/// What goes wrong. It is thrown as a plain object that has the members of the package's `BlobError`.
#[derive(Debug)]
pub struct Fault {
    code: String,
    message: String,
    details: Vec<(&'static str, JsValue)>,
}

impl Fault {
    /// A fault with a stable code in `snake_case` and a message for a person.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), details: Vec::new() }
    }

    /// The fault with one member more.
    pub fn with(mut self, member: &'static str, value: impl Into<JsValue>) -> Self {
        self.details.push((member, value.into()));
        self
    }

    /// Two ids that had to be the same.
    pub fn mismatch(message: impl Into<String>, expected: BlobId, actual: BlobId) -> Self {
        Self::new(MISMATCH, message).with("expected", expected.to_string()).with("actual", actual.to_string())
    }

    /// Whether two ids that had to be the same are not.
    pub fn is_mismatch(&self) -> bool {
        self.code == MISMATCH
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let mut fault = Self::new(error.kind().as_str(), error.to_string());
        if let Some(Position { offset, line, column }) = error.position() {
            fault = fault.with("offset", offset).with("line", line).with("column", column);
        }
        match error.pointer() {
            Some(pointer) => fault.with("pointer", pointer),
            None => fault,
        }
    }
}

impl From<Mismatch> for Fault {
    fn from(mismatch: Mismatch) -> Self {
        Self::mismatch(mismatch.to_string(), mismatch.expected, mismatch.actual)
    }
}

impl From<ParseBlobIdError> for Fault {
    fn from(error: ParseBlobIdError) -> Self {
        Self::new("invalid_id", error.to_string())
    }
}

impl From<Fault> for JsValue {
    fn from(fault: Fault) -> Self {
        let thrown = Object::new();
        let set = |member: &str, value: &JsValue| {
            Reflect::set(&thrown, &member.into(), value).expect("a new object takes members");
        };
        set("code", &fault.code.into());
        set("message", &fault.message.into());
        for (member, value) in &fault.details {
            set(member, value);
        }
        thrown.into()
    }
}
