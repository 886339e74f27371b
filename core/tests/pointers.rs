//! A JSON Pointer finds in canonical bytes what it finds in a tree of values.

use isoblob_core::{JsonPointer, Limits, canonicalize, find_value};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Keys that look like indices, and that are escaped in pointers or in JSON.
const KEYS: [&str; 10] = ["a", "", "0", "1", "01", "~", "a/b", "\"\\", "\n", "\u{10000}"];

fn document() -> impl Strategy<Value = Value> {
    let scalars = vec![json!(null), json!(true), json!(-7), json!(0.5), json!(""), json!("]},\"\\")];
    prop::sample::select(scalars).prop_recursive(5, 64, 6, |inner| {
        let member = (prop::sample::select(&KEYS[..]), inner.clone());
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            prop::collection::vec(member, 0..6).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

fn pointer() -> impl Strategy<Value = String> {
    let token =
        prop_oneof![4 => prop::sample::select(&KEYS[..]), 1 => prop::sample::select(&["2", "-", "+1", "a\u{300}"][..])];
    prop::collection::vec(token, 0..5).prop_map(|tokens| {
        let escaped = tokens.iter().map(|token| token.replace('~', "~0").replace('/', "~1"));
        escaped.flat_map(|token| ["/".to_owned(), token]).collect()
    })
}

fn canonical(value: &Value) -> Vec<u8> {
    canonicalize(value.to_string().as_bytes(), Limits::default()).expect("JSON").into_owned()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(20_000) })]

    #[test]
    fn finds_what_a_tree_of_values_has(document in document(), pointer in pointer()) {
        let bytes = canonical(&document);
        let found = find_value(&bytes, &pointer.parse().expect("a pointer"));
        prop_assert_eq!(found.map(<[u8]>::to_vec), document.pointer(&pointer).map(canonical));
    }

    #[test]
    fn bytes_that_are_not_canonical_do_no_harm(bytes in "[\\[\\]{}\":,\\\\0a ]{0,20}", pointer in pointer()) {
        let found = find_value(bytes.as_bytes(), &pointer.parse().expect("a pointer"));
        prop_assert!(found.is_none_or(|found| found.len() <= bytes.len()));
    }

    #[test]
    fn what_is_parsed_is_what_the_rfc_allows(text in "[/~01a]{0,8}") {
        let is_escaped = text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
        let is_pointer = (text.is_empty() || text.starts_with('/')) && is_escaped;
        prop_assert_eq!(text.parse::<JsonPointer>().is_ok(), is_pointer);
    }
}
