//! `validate_flow` accepts exactly what has the shape of a flow, as `serde_json` sees it, and its pointers resolve.

#![no_main]

use std::collections::HashSet;

use isoblob_core::{ErrorKind, Limits, canonicalize, validate_flow};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

/// Whether every one of these members that is there and not null is as it must be.
fn are(object: &Value, names: &[&str], as_it_must_be: impl Fn(&Value) -> bool) -> bool {
    names.iter().all(|name| object.get(name).is_none_or(|value| value.is_null() || as_it_must_be(value)))
}

fn is_step(step: &Value) -> bool {
    step.is_object()
        && ["id", "component"].iter().all(|name| step.get(name).is_some_and(Value::is_string))
        && are(step, &["onError", "metadata"], Value::is_object)
        && are(step, &["mustExecute"], Value::is_boolean)
}

fn is_flow(flow: &Value) -> bool {
    let steps = flow.get("steps").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let mut ids = HashSet::new();
    flow.is_object()
        && are(flow, &["name", "description", "version"], Value::is_string)
        && are(flow, &["schemas", "test", "metadata"], Value::is_object)
        && are(flow, &["steps", "examples"], Value::is_array)
        && steps.iter().all(|step| is_step(step) && ids.insert(step["id"].as_str()))
}

fuzz_target!(|text: &[u8]| {
    let Ok(canonical) = canonicalize(text, Limits::default()) else { return };
    let verdict = validate_flow(&canonical);
    // Integers that no double holds are beyond serde_json.
    let Ok(value) = serde_json::from_slice::<Value>(&canonical) else { return };
    assert_eq!(verdict.is_ok(), is_flow(&value), "{verdict:?}");
    if let Err(error) = verdict {
        assert_eq!(error.kind(), ErrorKind::InvalidFlow);
        let pointer = error.pointer().expect("a flow's known members have short pointers");
        assert!(value.pointer(pointer).is_some(), "nothing is at {pointer}");
    }
});
