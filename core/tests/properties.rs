//! The crate and the reference never differ, whatever the text; and what the canonical form promises.

mod documents;
mod reference;

use documents::{Choices, Json, Keys, json, spell};
use isoblob_core::{BlobId, Limits, canonicalize};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use reference::{Refusal, reference};
use std::borrow::Cow;

/// Cases that once failed are in a file beside this one and are tried first. `PROPTEST_CASES` asks for more than 256.
fn config() -> ProptestConfig {
    let regressions = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/properties.regressions");
    ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(regressions))),
        max_shrink_iters: 100_000,
        ..ProptestConfig::default()
    }
}

fn fast(text: &[u8]) -> Result<Vec<u8>, Refusal> {
    canonicalize(text, Limits::default()).map(Cow::into_owned).map_err(|error| Refusal {
        kind: error.kind(),
        position: error.position(),
        pointer: error.pointer().map(String::from),
    })
}

fn slow(text: &[u8]) -> Result<Vec<u8>, Refusal> {
    reference(text, Limits::default().max_text_bytes)
}

fn choices() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![Just(Vec::new()), prop::collection::vec(any::<u8>(), 0..2_000)]
}

fn text(value: &Json, choices: &[u8]) -> String {
    let mut text = String::new();
    spell(value, &mut Choices::new(choices), &mut text);
    text
}

/// What may be put into a text, to break it or to make it another.
fn fragment() -> impl Strategy<Value = Vec<u8>> {
    let telling: Vec<&[u8]> = vec![
        b"{",
        b"}",
        b"[",
        b"]",
        b":",
        b",",
        b"\"",
        b"\\",
        b"\\u",
        b"\\ud83d",
        b"\\ude00",
        b"\\u00",
        b"\\n",
        b"-",
        b"0",
        b"1",
        b".",
        b"e",
        b"E+",
        b"null",
        b"tru",
        b"1e999",
        b"-0.0",
        b"1e-400",
        b" ",
        b"\n",
        b"\x00",
        b"\x1f",
        b"\x7f",
        b"\xff",
        b"\xc3",
        b"\xa9",
        b"\xf0\x9f\x98\x80",
        b"\xe2\x80\xa8",
        b"\xef\xbb\xbf",
        b"\"a\"",
        b"\"\":",
        b"\"a\":0,",
        b"{\"b\":1,\"a\":2}",
        b"[1,2]",
        b"18446744073709551616",
        b"/",
        b"~",
    ];
    prop_oneof![
        4 => prop::sample::select(telling).prop_map(<[u8]>::to_vec),
        1 => any::<u8>().prop_map(|byte| vec![byte]),
        1 => Just(Vec::new()),
    ]
}

/// A place in a text, how many bytes to take away there, and what to put there.
type Edit = (prop::sample::Index, usize, Vec<u8>);

fn edit() -> impl Strategy<Value = Edit> {
    (any::<prop::sample::Index>(), prop_oneof![3 => 0..3_usize, 1 => 0..40_usize], fragment())
}

fn edited(mut text: Vec<u8>, edits: &[Edit]) -> Vec<u8> {
    for (at, removed, inserted) in edits {
        let start = at.index(text.len() + 1);
        let end = text.len().min(start + removed);
        text.splice(start..end, inserted.iter().copied());
    }
    text
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn documents_have_one_canonical_form(value in json(Keys::Distinct), choices in choices()) {
        let text = text(&value, &choices);
        let canonical = fast(text.as_bytes());
        prop_assert_eq!(&canonical, &slow(text.as_bytes()));
        if let Ok(canonical) = canonical {
            let id = BlobId::of(&canonical);
            prop_assert_eq!(BlobId::of_json(text.as_bytes(), Limits::default()), Ok(id));
            prop_assert_eq!(BlobId::of_json(&canonical, Limits::default()), Ok(id), "once more");
            prop_assert_eq!(fast(&canonical), Ok(canonical), "once more");
        }
    }

    #[test]
    fn order_whitespace_and_escapes_make_no_difference(
        value in json(Keys::Distinct),
        one in choices(),
        other in choices(),
    ) {
        let [one, other] = [one, other].map(|choices| fast(text(&value, &choices).as_bytes()));
        match (one, other) {
            (Ok(one), Ok(other)) => prop_assert_eq!(one, other),
            (Err(one), Err(other)) => prop_assert_eq!(one.kind, other.kind),
            (one, other) => prop_assert!(false, "{one:?} and {other:?}"),
        }
    }

    #[test]
    fn repeated_keys_are_found_where_the_reference_finds_them(value in json(Keys::Any), choices in choices()) {
        let text = text(&value, &choices);
        prop_assert_eq!(fast(text.as_bytes()), slow(text.as_bytes()));
    }

    #[test]
    fn edited_documents_fare_alike(
        value in json(Keys::Any),
        choices in choices(),
        edits in prop::collection::vec(edit(), 1..4),
    ) {
        let text = edited(text(&value, &choices).into_bytes(), &edits);
        prop_assert_eq!(fast(&text), slow(&text), "{}", text.escape_ascii());
    }

    #[test]
    fn fragments_in_a_row_fare_alike(fragments in prop::collection::vec(fragment(), 0..30)) {
        let text = fragments.concat();
        prop_assert_eq!(fast(&text), slow(&text), "{}", text.escape_ascii());
    }

    #[test]
    fn fragments_inside_a_string_fare_alike(
        fragments in prop::collection::vec(fragment(), 0..30),
        before in 0..70_usize,
    ) {
        let text = [b"[\"", " ".repeat(before).as_bytes(), &fragments.concat(), b"\"]"].concat();
        prop_assert_eq!(fast(&text), slow(&text), "{}", text.escape_ascii());
    }

    #[test]
    fn numbers_of_any_form_fare_alike(number in "-?[0-9]{0,25}(\\.[0-9]{0,25})?([eE][-+]?[0-9]{0,4})?[-+.eE0 ]?") {
        prop_assert_eq!(fast(number.as_bytes()), slow(number.as_bytes()), "{}", number);
    }

    #[test]
    fn texts_cut_short_fare_alike(value in json(Keys::Any), choices in choices(), at in any::<prop::sample::Index>()) {
        let text = text(&value, &choices).into_bytes();
        let text = &text[..at.index(text.len())];
        prop_assert_eq!(fast(text), slow(text), "{}", text.escape_ascii());
    }

    #[test]
    fn depth_counts_the_same_way(
        value in json(Keys::Any),
        containers in prop::collection::vec(any::<bool>(), 110..135),
    ) {
        let mut text = text(&value, &[]);
        for is_array in containers {
            text = if is_array { format!("[0,{text}]") } else { format!("{{\"b\":{text},\"a\":0}}") };
        }
        prop_assert_eq!(fast(text.as_bytes()), slow(text.as_bytes()));
    }

    #[test]
    fn many_members_are_sorted_alike(
        keys in prop::collection::hash_set("[ab\u{e000}\u{10000}]{0,12}|[a-z]{1,3}", 0..600),
        runs in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
    ) {
        let mut keys: Vec<_> = keys.into_iter().collect();
        if !runs.is_empty() {
            // Mostly in order, with a few members moved.
            keys.sort_by_cached_key(|key| key.encode_utf16().collect::<Vec<_>>());
            for run in runs {
                let at = run.index(keys.len() + 1).min(keys.len().saturating_sub(1));
                if !keys.is_empty() {
                    let key = keys.remove(at);
                    keys.insert(at / 2, key);
                }
            }
        }
        let member = |(index, key): (usize, &String)| format!("\"{key}\":{{\"z\":{index},\"a\":[{index}]}}");
        let members: Vec<_> = keys.iter().enumerate().map(member).collect();
        let text = format!("{{{}}}", members.join(","));
        prop_assert_eq!(fast(text.as_bytes()), slow(text.as_bytes()));
    }
}
