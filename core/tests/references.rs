//! References are found as Stepflow's SDKs find them, which walk a tree of values.

use std::str::FromStr;

use isoblob_core::{BlobId, BlobType, Limits, Reference, canonicalize, find_references, validate_flow};
use proptest::prelude::*;
use serde_json::{Value, json};

/// The pointer, the id, the type and the size.
type Row = (Option<String>, BlobId, BlobType, Option<u64>);

fn row(reference: Reference) -> Row {
    (reference.pointer, reference.id, reference.blob_type, reference.size)
}

/// The slow, obvious way.
fn walk(value: &Value, pointer: &str, rows: &mut Vec<Row>) {
    match value {
        Value::Object(members) => {
            let id = members.get("$blob").and_then(Value::as_str).and_then(|id| BlobId::from_str(id).ok());
            if let Some(id) = id {
                let blob_type = members.get("blobType").and_then(Value::as_str).and_then(|name| name.parse().ok());
                let size = members.get("size").and_then(Value::as_u64);
                rows.push((Some(pointer.to_owned()), id, blob_type.unwrap_or_default(), size));
                return;
            }
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_cached_key(|(key, _)| key.encode_utf16().collect::<Vec<_>>());
            for (key, value) in members {
                walk(value, &format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")), rows);
            }
        }
        Value::Array(elements) => {
            for (index, value) in elements.iter().enumerate() {
                walk(value, &format!("{pointer}/{index}"), rows);
            }
        }
        _ => {}
    }
}

/// Documents full of references, and of what looks like them.
fn document() -> impl Strategy<Value = Value> {
    let ids = [b"a", b"b"].map(|content| json!(BlobId::of(content)));
    let [one, other] = ids.clone();
    let upper = json!(BlobId::of(b"a").to_string().to_uppercase());
    let scalars = vec![
        json!(null),
        json!(7),
        json!(-7),
        json!("flow"),
        json!("binary"),
        json!("$blob"),
        json!(""),
        one,
        other,
        upper,
    ];
    let leaf = prop_oneof![
        2 => prop::sample::select(scalars),
        1 => prop::sample::select(ids.to_vec()).prop_map(|id| json!({"$blob": id})),
    ];
    let keys = vec!["$blob", "$blob", "blobType", "size", "", "\t", "a", "~/", "\u{10000}", "\u{e000}"];
    leaf.prop_recursive(5, 64, 6, move |inner| {
        let member = (prop::sample::select(keys.clone()), inner.clone());
        prop_oneof![
            prop::collection::vec(inner, 0..5).prop_map(Value::from),
            prop::collection::vec(member, 0..6).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn finds_what_a_walk_of_the_values_finds(document in document()) {
        let text = document.to_string();
        let canonical = canonicalize(text.as_bytes(), Limits::default()).expect("JSON");
        let found: Vec<_> = find_references(&canonical).into_iter().map(row).collect();
        let mut expected = Vec::new();
        walk(&document, "", &mut expected);
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn bytes_that_are_not_canonical_do_no_harm(
        document in document(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), "[\\[\\]{}\":,\\\\0a]|\\PC|[\\x00-\\x1f]"), 1..5),
        end in any::<prop::sample::Index>(),
    ) {
        let mut bytes = document.to_string().into_bytes();
        for (at, with) in edits {
            let at = at.index(bytes.len());
            bytes.splice(at..=at, with.into_bytes());
        }
        for bytes in [&bytes[..], &bytes[..end.index(bytes.len() + 1)]] {
            prop_assert!(find_references(bytes).len() <= bytes.len() / 64);
            let _ = validate_flow(bytes);
        }
    }
}
