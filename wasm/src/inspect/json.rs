//! What was looked into, as JSON.

use alloc::vec::Vec;

use isoblob_core::{Change, DifferenceKind, ExplainError, Explanation};

use crate::hex;
use crate::json::Json;

/// A fault of one of two texts, which its member `side` names.
pub fn explain_error(error: &ExplainError) -> Vec<u8> {
    let mut json = Json::default();
    json.object(|json| {
        json.text("side", error.side.as_str());
        json.error(&error.error, &error.message());
    });
    json.0
}

/// What canonicalization changes.
pub fn changes(changes: &[Change]) -> Vec<u8> {
    let mut json = Json::default();
    json.array(changes, |json, change| {
        json.text("kind", change.kind.as_str());
        json.number("count", change.count as u64);
        json.position(change.first);
        json.pointer(change.pointer.as_deref());
    });
    json.0
}

/// Whether two texts are one blob, and where they differ.
pub fn explanation(explanation: &Explanation) -> Vec<u8> {
    let mut json = Json::default();
    json.object(|json| {
        json.text("one", &hex(explanation.one));
        json.text("other", &hex(explanation.other));
        json.number("count", explanation.count as u64);
        json.name("differences");
        json.array(&explanation.differences, |json, difference| {
            json.pointer(difference.pointer.as_deref());
            json.text("kind", difference.kind.as_str());
            match &difference.kind {
                DifferenceKind::Type { from, to } => from_to(json, from.as_str(), to.as_str()),
                DifferenceKind::Value { from, to } => from_to(json, from, to),
                _ => {}
            }
        });
    });
    json.0
}

fn from_to(json: &mut Json, from: &str, to: &str) {
    json.text("from", from);
    json.text("to", to);
}
