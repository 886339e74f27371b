//! `Message::parse` agrees with a reading by `serde_json`, and what it writes reads the same.

#![no_main]

use isoblob_core::handshake::ComponentServer;
use isoblob_core::rpc::{Message, RequestId};
use isoblob_core::{Limits, canonicalize};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fn is_id(id: &Value) -> bool {
    id.is_string() || id.is_i64()
}

fn is_message(message: &Value) -> bool {
    let id = message.get("id").filter(|id| !id.is_null());
    let is_error = |error: &Value| error["code"].is_i64() && error["message"].is_string();
    let is_shape = match (message.get("method"), message.get("result"), message.get("error")) {
        (Some(method), None, None) => method.is_string(),
        (None, Some(_), None) => id.is_some(),
        (None, None, Some(error)) => is_error(error),
        _ => false,
    };
    message["jsonrpc"] == "2.0" && id.is_none_or(is_id) && is_shape
}

fuzz_target!(|text: &[u8]| {
    let parsed = Message::parse(text, Limits::default());
    // Repeated keys are seen only where they matter, and integers that no double holds are beyond serde_json.
    if let (Ok(_), Ok(value)) = (canonicalize(text, Limits::default()), serde_json::from_slice(text)) {
        // `-0` is an integer here, and a double there.
        let has_negative_zero = text.windows(2).any(|pair| pair == b"-0");
        assert!(has_negative_zero || parsed.is_ok() == is_message(&value), "{parsed:?}");
    }
    let Ok(message) = parsed else { return };
    let written = message.to_string();
    assert_eq!(Message::parse(written.as_bytes(), Limits::default()).as_ref(), Ok(&message), "{written}");
    if let Message::Request { id: RequestId::Number(id), .. } = &message {
        assert!(written.contains(&format!("\"id\":{id},")));
    }
    if let Some(answer) = ComponentServer::default().receive(&message) {
        let answer = Message::parse(answer.as_bytes(), Limits::default()).expect("an answer is a message");
        assert!(matches!(answer, Message::Success { .. } | Message::Failure { .. }));
    }
});
