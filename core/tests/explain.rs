//! What is said to differ is what differs, and what is said to change is what canonicalization changes.

mod documents;

use std::cmp::Ordering;
use std::collections::BTreeSet;

use documents::{Choices, Json, Keys, json, spell};
use isoblob_core::{
    BlobId, ChangeKind, Difference, DifferenceKind, Explanation, Limits, Side, canonicalize, explain, explain_text,
};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;

fn choices() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..2_000)
}

fn text(value: &Json, choices: &[u8]) -> String {
    let mut text = String::new();
    spell(value, &mut Choices::new(choices), &mut text);
    text
}

fn canonical(text: &str) -> String {
    String::from_utf8(canonicalize(text.as_bytes(), Limits::default()).expect("JSON").into_owned()).expect("UTF-8")
}

fn compare(one: &Value, other: &Value) -> Explanation {
    explain(one.to_string().as_bytes(), other.to_string().as_bytes(), Limits::default()).expect("JSON")
}

fn row(difference: &Difference) -> (String, DifferenceKind) {
    (difference.pointer.clone().expect("short"), difference.kind.clone())
}

/// Small documents, in which equal values are frequent, and few numbers have an exponent.
fn small() -> impl Strategy<Value = Value> {
    let key = || prop::collection::vec(character(), 0..3).prop_map(String::from_iter);
    let leaf = prop_oneof![
        prop::sample::select(vec![Value::Null, Value::from(true), Value::from(false), Value::from(0)]),
        (-1_000_i32..1_000).prop_map(Value::from),
        (-1_000_i32..1_000).prop_map(|quarters| Value::from(f64::from(quarters * 4 + 1) / 4.0)),
        prop::collection::vec(character(), 0..6).prop_map(|characters| String::from_iter(characters).into()),
    ];
    leaf.prop_recursive(4, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((key(), inner), 0..6).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

fn character() -> impl Strategy<Value = char> {
    prop::sample::select(vec!['a', 'b', 'é', '~', '/', '"', '\\', '\n', '\u{1f}', '\u{e000}', '\u{10000}'])
}

fn by_utf16(one: &str, other: &str) -> Ordering {
    one.encode_utf16().cmp(other.encode_utf16())
}

fn join(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// The differences, found the slow, obvious way.
fn differences(one: &Value, other: &Value, pointer: &str, found: &mut Vec<(String, DifferenceKind)>) {
    use serde_json::Value::{Array, Object};
    let mut inner = |key: &str, one: Option<&Value>, other: Option<&Value>| {
        let pointer = join(pointer, key);
        match (one, other) {
            (Some(one), Some(other)) => differences(one, other, &pointer, found),
            (Some(_), None) => found.push((pointer, DifferenceKind::Missing)),
            (None, _) => found.push((pointer, DifferenceKind::Added)),
        }
    };
    match (one, other) {
        (Object(one), Object(other)) => {
            let mut keys: Vec<_> = one.keys().chain(other.keys()).collect::<BTreeSet<_>>().into_iter().collect();
            keys.sort_by(|one, other| by_utf16(one, other));
            for key in keys {
                inner(key, one.get(key), other.get(key));
            }
        }
        (Array(one), Array(other)) => {
            for index in 0..one.len().max(other.len()) {
                inner(&index.to_string(), one.get(index), other.get(index));
            }
        }
        _ => {
            let [from, to] = [one, other].map(|value| canonical(&value.to_string()));
            let kind_of = |value: &Value| std::mem::discriminant(value);
            if kind_of(one) != kind_of(other) {
                let [from, to] = [one, other].map(json_type);
                found.push((pointer.to_owned(), DifferenceKind::Type { from, to }));
            } else if from != to {
                found.push((pointer.to_owned(), DifferenceKind::Value { from, to }));
            }
        }
    }
}

fn json_type(value: &Value) -> isoblob_core::JsonType {
    use isoblob_core::JsonType;
    match value {
        Value::Null => JsonType::Null,
        Value::Bool(_) => JsonType::Boolean,
        Value::Number(_) => JsonType::Number,
        Value::String(_) => JsonType::String,
        Value::Array(_) => JsonType::Array,
        Value::Object(_) => JsonType::Object,
    }
}

/// The pointers of all values.
fn pointers(value: &Value, pointer: String, all: &mut Vec<String>) {
    match value {
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                pointers(element, format!("{pointer}/{index}"), all);
            }
        }
        Value::Object(members) => members.iter().for_each(|(key, value)| pointers(value, join(&pointer, key), all)),
        _ => {}
    }
    all.push(pointer);
}

/// Edits the value at this pointer, and says where and how the document differs then.
fn edit(document: &mut Value, pointer: &str, add: bool) -> (String, DifferenceKind) {
    let value = document.pointer_mut(pointer).expect("a value");
    match value {
        Value::Object(members) if add => {
            members.insert("new".into(), Value::from(1));
            (format!("{pointer}/new"), DifferenceKind::Added)
        }
        Value::Array(elements) if add => {
            elements.push(Value::Null);
            (format!("{pointer}/{}", elements.len() - 1), DifferenceKind::Added)
        }
        Value::Object(members) if !members.is_empty() => {
            let key = members.keys().next().expect("a member").clone();
            members.remove(&key);
            (join(pointer, &key), DifferenceKind::Missing)
        }
        Value::Array(elements) if !elements.is_empty() => {
            elements.pop();
            (format!("{pointer}/{}", elements.len()), DifferenceKind::Missing)
        }
        Value::String(_) if add => {
            let from = canonical(&std::mem::replace(value, Value::from("another")).to_string());
            (pointer.to_owned(), DifferenceKind::Value { from, to: "\"another\"".into() })
        }
        _ => {
            let new = if value.is_null() { Value::from(1) } else { Value::Null };
            let [from, to] = [&*value, &new].map(json_type);
            *value = new;
            (pointer.to_owned(), DifferenceKind::Type { from, to })
        }
    }
}

/// A writer of texts that are canonical but for the kinds of noise that are asked for, which it notes.
struct Noise<'a> {
    kinds: &'a [ChangeKind],
    choices: std::iter::Cycle<std::slice::Iter<'a, u8>>,
    text: String,
    pointer: String,
    /// Kind, offset and pointer.
    places: Vec<(ChangeKind, usize, String)>,
}

impl Noise<'_> {
    fn below(&mut self, count: usize) -> usize {
        usize::from(*self.choices.next().expect("at least one choice")) % count
    }

    /// Whether there is to be noise of a kind here.
    fn wants(&mut self, kind: ChangeKind) -> bool {
        self.kinds.contains(&kind) && self.below(3) == 0
    }

    fn note(&mut self, kind: ChangeKind) {
        self.places.push((kind, self.text.len(), self.pointer.clone()));
    }

    fn gap(&mut self) {
        if self.wants(ChangeKind::Whitespace) {
            self.note(ChangeKind::Whitespace);
            let whitespace = [" ", "\n", "\r\n\t", "  "][self.below(4)];
            self.text.push_str(whitespace);
        }
    }

    fn document(&mut self, value: &Value) {
        self.gap();
        self.value(value);
        self.gap();
    }

    fn inside(&mut self, key: &str, write: impl FnOnce(&mut Self)) {
        let len = self.pointer.len();
        self.pointer = join(&self.pointer, key);
        write(self);
        self.pointer.truncate(len);
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Number(number) => self.number(&canonical(&number.to_string())),
            Value::String(string) => self.string(string),
            Value::Array(elements) => {
                self.text.push('[');
                for (index, element) in elements.iter().enumerate() {
                    self.comma(index);
                    self.inside(&index.to_string(), |noise| noise.value(element));
                }
                self.gap();
                self.text.push(']');
            }
            Value::Object(members) => {
                let mut members: Vec<_> = members.iter().collect();
                members.sort_by(|(one, _), (other, _)| by_utf16(one, other));
                if self.wants(ChangeKind::MemberOrder) {
                    for index in (1..members.len()).rev() {
                        let other = self.below(index + 1);
                        members.swap(index, other);
                    }
                }
                self.text.push('{');
                for (index, (key, value)) in members.iter().enumerate() {
                    self.comma(index);
                    if index > 0 && by_utf16(members[index - 1].0, key).is_gt() {
                        self.inside(key, |noise| noise.note(ChangeKind::MemberOrder));
                    }
                    self.string(key);
                    self.inside(key, |noise| {
                        noise.gap();
                        noise.text.push(':');
                        noise.gap();
                        noise.value(value);
                    });
                }
                self.gap();
                self.text.push('}');
            }
            literal => self.text.push_str(&literal.to_string()),
        }
    }

    fn comma(&mut self, index: usize) {
        if index > 0 {
            self.gap();
            self.text.push(',');
        }
        self.gap();
    }

    fn number(&mut self, canonical: &str) {
        if !self.wants(ChangeKind::NumberSpelling) {
            return self.text.push_str(canonical);
        }
        self.note(ChangeKind::NumberSpelling);
        let more = if canonical.contains('.') { ["0", "e0", "00E-0"] } else { [".0", "e0", ".00E+0"] };
        let more = more[self.below(3)];
        self.text.push_str(canonical);
        self.text.push_str(more);
    }

    fn string(&mut self, string: &str) {
        self.text.push('"');
        for character in string.chars() {
            if self.wants(ChangeKind::Escapes) {
                self.note(ChangeKind::Escapes);
                match character {
                    '/' => self.text.push_str("\\/"),
                    _ => {
                        for unit in character.encode_utf16(&mut [0; 2]) {
                            self.text.extend(format!("\\u{unit:04X}").chars());
                        }
                    }
                }
            } else {
                let quoted = canonical(&Value::from(character.to_string()).to_string());
                self.text.push_str(&quoted[1..quoted.len() - 1]);
            }
        }
        self.text.push('"');
    }
}

/// The line and the column of an offset, counted one character after the other.
fn position(text: &str, offset: usize) -> (usize, usize, usize) {
    let (mut line, mut column) = (1, 1);
    for character in text[..offset].chars() {
        (line, column) = if character == '\n' { (line + 1, 1) } else { (line, column + 1) };
    }
    (offset, line, column)
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn a_document_is_one_blob_however_it_is_written(value in json(Keys::Distinct), one in choices(), other in choices()) {
        let [one, other] = [one, other].map(|choices| text(&value, &choices));
        match explain(one.as_bytes(), other.as_bytes(), Limits::default()) {
            Ok(explanation) => {
                prop_assert!(explanation.is_one_blob() && explanation.count == 0 && explanation.differences.is_empty());
                prop_assert_eq!(explanation.one, BlobId::of(canonical(&one).as_bytes()));
            }
            // Of some documents no text has a canonical form.
            Err(_) => prop_assert!(canonicalize(other.as_bytes(), Limits::default()).is_err()),
        }
    }

    #[test]
    fn what_is_refused_is_what_has_no_canonical_form(value in json(Keys::Any), choices in choices()) {
        let text = text(&value, &choices);
        let expected = canonicalize(text.as_bytes(), Limits::default()).map(drop);
        let explained = |one: &str, other: &str| match explain(one.as_bytes(), other.as_bytes(), Limits::default()) {
            Ok(_) => Ok(()),
            Err(refused) => Err((refused.side, refused.error)),
        };
        prop_assert_eq!(explained(&text, "0"), expected.clone().map_err(|error| (Side::One, error)));
        prop_assert_eq!(explained("0", &text), expected.clone().map_err(|error| (Side::Other, error)));
        prop_assert_eq!(explain_text(text.as_bytes(), Limits::default()).map(drop), expected);
    }

    #[test]
    fn a_text_is_changed_unless_it_is_canonical(value in json(Keys::Distinct), choices in choices()) {
        let text = text(&value, &choices);
        if let Ok(changes) = explain_text(text.as_bytes(), Limits::default()) {
            let canonical = canonical(&text);
            prop_assert_eq!(changes.is_empty(), canonical == text);
            prop_assert_eq!(explain_text(canonical.as_bytes(), Limits::default()), Ok(Vec::new()));
        }
    }
}

proptest! {
    #![proptest_config(config(2_000))]

    #[test]
    fn one_edit_is_one_difference(document in small(), at in any::<Index>(), add in any::<bool>()) {
        let mut all = Vec::new();
        pointers(&document, String::new(), &mut all);
        let mut edited = document.clone();
        let expected = edit(&mut edited, &all[at.index(all.len())], add);
        let explanation = compare(&document, &edited);
        prop_assert_eq!(explanation.count, 1);
        prop_assert_eq!(explanation.differences.iter().map(row).collect::<Vec<_>>(), vec![expected]);
    }

    #[test]
    fn the_differences_are_those_that_a_walk_of_the_values_finds(
        one in small(),
        other in small(),
        edits in prop::collection::vec((any::<Index>(), any::<bool>()), 0..6),
    ) {
        let mut edited = one.clone();
        for (at, add) in edits {
            let mut all = Vec::new();
            pointers(&edited, String::new(), &mut all);
            edit(&mut edited, &all[at.index(all.len())], add);
        }
        for other in [&other, &edited] {
            let mut expected = Vec::new();
            differences(&one, other, "", &mut expected);
            let explanation = compare(&one, other);
            prop_assert_eq!(explanation.is_one_blob(), expected.is_empty());
            prop_assert_eq!(explanation.count, expected.len());
            prop_assert_eq!(explanation.differences.iter().map(row).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn the_changes_are_the_noise(
        document in small(),
        kinds in prop::sample::subsequence(ChangeKind::ALL.to_vec(), 0..=4),
        choices in prop::collection::vec(any::<u8>(), 1..100),
    ) {
        let mut noise = Noise {
            kinds: &kinds,
            choices: choices.iter().cycle(),
            text: String::new(),
            pointer: String::new(),
            places: Vec::new(),
        };
        noise.document(&document);
        let Noise { text, places, .. } = noise;
        prop_assert_eq!(canonical(&text), canonical(&document.to_string()));
        let expected: Vec<_> = ChangeKind::ALL.into_iter().filter_map(|kind| {
            let mut of_kind = places.iter().filter(|place| place.0 == kind);
            let (_, offset, pointer) = of_kind.next()?;
            Some((kind, 1 + of_kind.count(), position(&text, *offset), Some(pointer.clone())))
        }).collect();
        let changes = explain_text(text.as_bytes(), Limits::default()).expect("JSON").into_iter();
        let found: Vec<_> = changes
            .map(|change| (change.kind, change.count, (change.first.offset, change.first.line, change.first.column), change.pointer))
            .collect();
        prop_assert_eq!(found, expected, "{}", text);
    }
}
