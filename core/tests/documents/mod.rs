//! JSON documents for property tests: a tree of values, and the many texts that spell it.

mod spell;

use proptest::prelude::*;
pub use spell::{Choices, spell};

/// A JSON value, apart from how it is written.
#[derive(Clone, Debug)]
pub enum Json {
    Literal(&'static str),
    /// The digits of an integer, perhaps after a minus.
    Integer(String),
    /// Digits times a power of ten, which is to be a double.
    Decimal {
        negative: bool,
        digits: String,
        exponent: i32,
    },
    String(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// Whether one object may have several members of one key, which makes it invalid.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    Distinct,
    Any,
}

/// Documents whose numbers are mostly, and whose nesting is always, within the limits.
pub fn json(keys: Keys) -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        1 => prop::sample::select(vec!["null", "true", "false"]).prop_map(Json::Literal),
        2 => integer().prop_map(Json::Integer),
        3 => decimal(),
        3 => string().prop_map(Json::String),
    ];
    leaf.prop_recursive(6, 96, 8, move |inner| {
        let members = prop::collection::vec((key(), inner.clone()), 0..12);
        prop_oneof![
            1 => prop::collection::vec(inner, 0..8).prop_map(Json::Array),
            2 => members.prop_map(move |members| Json::Object(distinct(keys, members))),
        ]
    })
}

fn distinct(keys: Keys, mut members: Vec<(String, Json)>) -> Vec<(String, Json)> {
    let mut met = std::collections::HashSet::new();
    members.retain(|(key, _)| keys == Keys::Any || met.insert(key.clone()));
    members
}

fn integer() -> impl Strategy<Value = String> {
    let digits = prop_oneof![
        4 => "[1-9][0-9]{0,3}",
        4 => "[1-9][0-9]{14,22}",
        1 => "[1-9][0-9]{23,120}",
        // From 306 digits to 308: always in range.
        1 => "[1-9][0-9]{305,307}",
        2 => any::<u64>().prop_map(|integer| integer.to_string()),
        1 => Just("0".to_owned()),
    ];
    (any::<bool>(), digits).prop_map(|(negative, digits)| if negative { format!("-{digits}") } else { digits })
}

fn decimal() -> impl Strategy<Value = Json> {
    let double = any::<u64>().prop_map(f64::from_bits).prop_filter("finite", |double| double.is_finite());
    let magnitude = prop_oneof![
        // The digits that a double has, few or many.
        3 => (double, 0..30_usize).prop_map(|(double, precision)| parts(&format!("{:.precision$e}", double.abs()))),
        3 => (any::<i16>(), -6..6_i32).prop_map(|(digits, exponent)| (digits.unsigned_abs().to_string(), exponent)),
        2 => ("[0-9]{1,40}", -360..310_i32),
        1 => ("[0-9]{600,900}", -1_200..-500_i32),
        1 => (Just("0".to_owned()), any::<i32>()),
    ];
    (any::<bool>(), magnitude).prop_map(|(negative, (digits, exponent))| Json::Decimal { negative, digits, exponent })
}

/// The digits and the exponent of Rust's exponent form.
fn parts(scientific: &str) -> (String, i32) {
    let (significand, exponent) = scientific.split_once('e').expect("an exponent");
    let (first, rest) = significand.split_once('.').unwrap_or((significand, ""));
    let exponent: i32 = exponent.parse().expect("an integer");
    (format!("{first}{rest}"), exponent - i32::try_from(rest.len()).expect("30 at most"))
}

/// Characters of every class that a string treats in its own way, and of every length in UTF-8 and UTF-16.
fn character() -> impl Strategy<Value = char> {
    prop_oneof![
        6 => prop::char::range(' ', '~'),
        2 => prop::char::range('\0', '\x1f'),
        2 => prop::sample::select(vec!['"', '\\', '/', '\x7f', '\u{80}', '\u{2028}', '\u{feff}', '\u{ffff}']),
        1 => prop::char::range('\u{80}', '\u{7ff}'),
        1 => prop::char::range('\u{800}', '\u{d7ff}'),
        1 => prop::char::range('\u{e000}', '\u{ffff}'),
        1 => prop::char::range('\u{10000}', '\u{10ffff}'),
    ]
}

fn string() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => prop::collection::vec(character(), 0..24).prop_map(String::from_iter),
        // Runs of plain bytes around what needs care.
        2 => ("[a-z ]{0,70}", character(), "[a-z ]{0,70}")
            .prop_map(|(before, character, after)| format!("{before}{character}{after}")),
        1 => (character(), 1..200_usize).prop_map(|(character, count)| String::from(character).repeat(count)),
    ]
}

/// Keys that are often equal, often the beginning of one another, and often in another order in UTF-8 than in UTF-16.
fn key() -> impl Strategy<Value = String> {
    let telling = prop::sample::select(vec!['a', '"', '\n', 'é', '\u{e000}', '\u{ffff}', '\u{10000}']);
    prop_oneof![
        3 => "[ab]{0,3}",
        2 => prop::collection::vec(telling, 0..3).prop_map(String::from_iter),
        1 => prop::sample::select(vec!["a", "é"]).prop_map(|character| character.repeat(70)),
        1 => "a{6,10}[ab\u{fffd}\u{1f600}]{0,2}",
        1 => string(),
    ]
}
