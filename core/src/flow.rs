//! The shape of a Stepflow workflow definition.

use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::string::String;

use crate::pointer::push_token;
use crate::view::View;
use crate::{Error, ErrorKind, JsonType};

/// The members of a flow whose type is known; each may be left out, or null.
const FLOW_MEMBERS: [(&str, JsonType); 8] = [
    ("name", JsonType::String),
    ("description", JsonType::String),
    ("version", JsonType::String),
    ("schemas", JsonType::Object),
    ("steps", JsonType::Array),
    ("test", JsonType::Object),
    ("examples", JsonType::Array),
    ("metadata", JsonType::Object),
];

/// The members of a step whose type is known; each may be left out, or null.
const STEP_MEMBERS: [(&str, JsonType); 3] =
    [("onError", JsonType::Object), ("mustExecute", JsonType::Boolean), ("metadata", JsonType::Object)];

/// The members that a step must have, which are strings.
const STEP_NAMES: [&str; 2] = ["id", "component"];

/// Checks that canonical JSON has the shape of a flow, as Stepflow's workflow definition describes it: an object;
/// `steps`, where present, an array of objects, each with a string `id`, unique in the flow, and a string `component`;
/// the other known members of their types. What is not known is left alone.
///
/// ```
/// use isoblob_core::validate_flow;
///
/// assert!(validate_flow(br#"{"steps":[{"component":"/builtin/eval","id":"one"}]}"#).is_ok());
///
/// let error = validate_flow(br#"{"steps":[{"component":"/builtin/eval"}]}"#).unwrap_err();
/// assert_eq!(error.to_string(), "a step must have the string `id`, in `/steps/0`");
/// ```
///
/// # Errors
///
/// [`InvalidFlow`](ErrorKind::InvalidFlow), with the JSON Pointer of the fault.
pub fn validate_flow(canonical: &[u8]) -> Result<(), Error> {
    let flow = View::new(canonical);
    expect_type(flow, JsonType::Object, "a flow", String::new)?;
    check_members(flow, &FLOW_MEMBERS, "")?;
    let mut first_with_id = BTreeMap::new();
    let steps = flow.members().find(|(key, _)| key == "steps");
    for (index, step) in steps.into_iter().flat_map(|(_, steps)| steps.elements()).enumerate() {
        let pointer = format!("/steps/{index}");
        let id = check_step(step, &pointer)?;
        if let Some(first) = first_with_id.insert(id, index) {
            let what = format!("the step has the same `id` as `/steps/{first}`");
            return Err(invalid(what, format!("{pointer}/id")));
        }
    }
    Ok(())
}

/// Checks a step, and hands out its `id`.
fn check_step(step: View<'_>, pointer: &str) -> Result<String, Error> {
    expect_type(step, JsonType::Object, "a step", || pointer.to_owned())?;
    check_members(step, &STEP_MEMBERS, pointer)?;
    let mut names = STEP_NAMES.map(|_| None);
    for (key, value) in step.members() {
        if let Some(which) = STEP_NAMES.iter().position(|name| *name == key) {
            expect_type(value, JsonType::String, &format!("a step's `{key}`"), || format!("{pointer}/{key}"))?;
            names[which] = value.as_string();
        }
    }
    for (name, found) in STEP_NAMES.iter().zip(&names) {
        if found.is_none() {
            return Err(invalid(format!("a step must have the string `{name}`"), pointer.to_owned()));
        }
    }
    let [id, _] = names;
    Ok(id.unwrap_or_default())
}

fn check_members(object: View<'_>, known: &[(&str, JsonType)], pointer: &str) -> Result<(), Error> {
    for (key, value) in object.members() {
        let expected = known.iter().find(|(name, _)| *name == key);
        if let (Some((name, expected)), false) = (expected, value.type_of() == JsonType::Null) {
            expect_type(value, *expected, &format!("`{name}`"), || {
                let mut pointer = format!("{pointer}/");
                push_token(&mut pointer, name);
                pointer
            })?;
        }
    }
    Ok(())
}

fn expect_type(value: View<'_>, expected: JsonType, what: &str, pointer: impl FnOnce() -> String) -> Result<(), Error> {
    let found = value.type_of();
    if found == expected {
        return Ok(());
    }
    Err(invalid(format!("{what} must be {}, not {}", expected.described(), found.described()), pointer()))
}

fn invalid(what: String, pointer: String) -> Error {
    Error::new(ErrorKind::InvalidFlow, what, None, Some(pointer))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(flow: &str, expected: Result<(), &str>) {
        let found = validate_flow(flow.as_bytes()).map_err(|error| error.to_string());
        assert_eq!(found.as_ref().map_err(String::as_str).copied(), expected, "{flow}");
    }

    #[test]
    fn accepts_what_has_the_shape_of_a_flow() {
        check("{}", Ok(()));
        check(r#"{"output":{"$step":"a"},"steps":[],"x":1}"#, Ok(()));
        check(
            r#"{"steps":[{"component":"/c","id":"a"},{"component":"/c","id":"b","input":null,"on_error":1}]}"#,
            Ok(()),
        );
        // As the Python SDK writes what is not set.
        check(r#"{"description":null,"name":"f","schemas":null,"steps":null,"test":null}"#, Ok(()));
        check(
            r#"{"steps":[{"component":"/c","id":"a","metadata":{},"mustExecute":null,"onError":{"action":"fail"}}]}"#,
            Ok(()),
        );
    }

    #[test]
    fn refuses_what_has_not_and_says_where() {
        check("[]", Err("a flow must be an object, not an array"));
        check("null", Err("a flow must be an object, not null"));
        check(r#"{"name":1}"#, Err("`name` must be a string, not a number, in `/name`"));
        check(r#"{"steps":{}}"#, Err("`steps` must be an array, not an object, in `/steps`"));
        check(r#"{"steps":["a"]}"#, Err("a step must be an object, not a string, in `/steps/0`"));
        check(r#"{"steps":[{"component":"/c"}]}"#, Err("a step must have the string `id`, in `/steps/0`"));
        check(r#"{"steps":[{"id":"a"}]}"#, Err("a step must have the string `component`, in `/steps/0`"));
        check(
            r#"{"steps":[{"component":"/c","id":null}]}"#,
            Err("a step's `id` must be a string, not null, in `/steps/0/id`"),
        );
        check(
            r#"{"steps":[{"component":"/c","id":"a"},{"component":"/c","id":"b"},{"component":"/d","id":"a"}]}"#,
            Err("the step has the same `id` as `/steps/0`, in `/steps/2/id`"),
        );
        check(
            r#"{"steps":[{"component":"/c","id":"a","mustExecute":"yes"}]}"#,
            Err("`mustExecute` must be a boolean, not a string, in `/steps/0/mustExecute`"),
        );
    }
}
