use prost::Message as _;
use prost_types::value::Kind;
use prost_types::{ListValue, Struct, Value};
use tonic::{Code, Status};

use super::{of_json, to_json};

fn value(kind: Kind) -> Value {
    Value { kind: Some(kind) }
}

fn number(number: f64) -> Value {
    value(Kind::NumberValue(number))
}

fn text(text: &str) -> Value {
    value(Kind::StringValue(text.into()))
}

fn list(values: Vec<Value>) -> Value {
    value(Kind::ListValue(ListValue { values }))
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    value(Kind::StructValue(Struct { fields: members.map(|(key, value)| (key.to_owned(), value)).into() }))
}

/// Containers, one inside the other.
fn nested(depth: usize, around: impl Fn(Value) -> Value) -> Value {
    (0..depth).fold(value(Kind::NullValue(0)), |inner, _| around(inner))
}

/// A length as protobuf writes it.
fn varint(length: usize) -> Vec<u8> {
    let mut encoded = Vec::new();
    prost::encoding::encode_varint(length as u64, &mut encoded);
    encoded
}

/// The canonical form of a value.
fn canonical(value: &Value) -> String {
    let json = to_json(&value.encode_to_vec()).expect("a value");
    let canonical = isoblob_core::canonicalize(&json, isoblob_core::Limits::default()).expect("JSON");
    String::from_utf8(canonical.into_owned()).expect("UTF-8")
}

fn refusal(message: &[u8]) -> String {
    let status = Status::from(to_json(message).expect_err("a fault"));
    assert_eq!(status.code(), Code::InvalidArgument);
    status.message().to_owned()
}

#[track_caller]
fn check(value: &Value, json: &str) {
    assert_eq!(canonical(value), json);
    let message = of_json(json.as_bytes()).expect("JSON that a Value holds");
    assert_eq!(Value::decode(&*message).as_ref(), Ok(value), "{json}");
}

#[test]
fn each_kind_is_the_json_of_its_kind() {
    check(&value(Kind::NullValue(0)), "null");
    check(&value(Kind::BoolValue(true)), "true");
    check(&value(Kind::BoolValue(false)), "false");
    check(&text(""), r#""""#);
    check(&text("\0\u{1f}\"\\/é\u{2028}\u{1F600}"), "\"\\u0000\\u001f\\\"\\\\/é\u{2028}\u{1F600}\"");
    check(&list(vec![]), "[]");
    check(&object([]), "{}");
    check(&list(vec![list(vec![]), object([("", text("a"))]), value(Kind::NullValue(0))]), r#"[[],{"":"a"},null]"#);
    check(&object([("a\n", number(1.0)), ("b", list(vec![text("x"), number(2.0)]))]), r#"{"a\n":1,"b":["x",2]}"#);
}

#[test]
fn lengths_of_more_than_one_byte_move_what_is_behind_them() {
    for length in [120, 127, 128, 129, 16_383, 16_384, 3_000_000] {
        let long = "x".repeat(length);
        let inside = object([("k", list(vec![text(&long), text("behind")])), ("z", number(1.0))]);
        check(&inside, &format!(r#"{{"k":["{long}","behind"],"z":1}}"#));
    }
}

#[test]
fn numbers_are_those_of_their_doubles() {
    let rows = [
        (1.0, "1"),
        (-1.5, "-1.5"),
        (0.1, "0.1"),
        (9_007_199_254_740_991.0, "9007199254740991"),
        (9_007_199_254_740_994.0, "9007199254740994"),
        (2_f64.powi(60), "1152921504606847000"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (5e-324, "5e-324"),
        (f64::MAX, "1.7976931348623157e+308"),
        (1e-7, "1e-7"),
        (1e23, "1e+23"),
        (f64::from_bits(1e23_f64.to_bits() + 1), "1.0000000000000001e+23"),
    ];
    for (double, json) in rows {
        check(&number(double), json);
    }
    assert_eq!(canonical(&number(-0.0)), "0");
}

#[test]
fn random_doubles_come_back_bit_by_bit() {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    for _ in 0..20_000 {
        // SplitMix64.
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let double = f64::from_bits((mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB));
        if double.is_finite() && double != 0.0 {
            let value = number(double);
            let message = of_json(canonical(&value).as_bytes()).expect("a double");
            assert_eq!(message, value.encode_to_vec(), "{double:e}");
        }
    }
}

#[test]
fn what_json_does_not_have_is_refused_with_its_place() {
    let rows = [
        (number(f64::NAN), "NaN is no number of JSON"),
        (list(vec![number(0.0), number(f64::INFINITY)]), "inf is no number of JSON, in `/1`"),
        (object([("a/b", list(vec![number(f64::NEG_INFINITY)]))]), "-inf is no number of JSON, in `/a~1b/0`"),
        (Value { kind: None }, "a Value has no kind"),
        (object([("a~", Value { kind: None })]), "a Value has no kind, in `/a~0`"),
    ];
    for (value, message) in rows {
        assert_eq!(refusal(&value.encode_to_vec()), message);
    }
}

#[test]
fn what_protobuf_would_drop_is_refused() {
    // Of two kinds, and of two members with one key, protobuf keeps the last.
    let two_kinds = [number(1.0).encode_to_vec(), text("a").encode_to_vec()].concat();
    assert_eq!(refusal(&two_kinds), "a Value has two kinds");
    // A member of which the key, or the value, is there twice.
    for entry in [b"\x0a\x0a\x0a\x01k\x0a\x01l\x12\x02\x20\x01", b"\x0a\x0a\x12\x02\x20\x01\x12\x02\x20\x01\x38\x01"] {
        let message = [&[0x2a, 12][..], entry].concat();
        assert_eq!(refusal(&message), "a member of a Struct has two keys or two values");
    }
    // {"k": true} in a Struct twice: a field 1 with a key and a value.
    let entry = b"\x0a\x07\x0a\x01k\x12\x02\x20\x01";
    let json = to_json(&[&[0x2a, 18][..], entry, entry].concat()).expect("a value");
    assert_eq!(String::from_utf8(json).expect("UTF-8"), r#"{"k":true,"k":true}"#);
}

/// The obvious way from a tree to JSON.
fn reference(value: &Value) -> Option<serde_json::Value> {
    Some(match value.kind.as_ref()? {
        Kind::NullValue(_) => serde_json::Value::Null,
        Kind::NumberValue(number) => serde_json::Number::from_f64(*number)?.into(),
        Kind::StringValue(text) => text.as_str().into(),
        Kind::BoolValue(value) => (*value).into(),
        Kind::StructValue(Struct { fields }) => {
            let members = fields.iter().map(|(key, value)| Some((key.clone(), reference(value)?)));
            serde_json::Value::Object(members.collect::<Option<_>>()?)
        }
        Kind::ListValue(ListValue { values }) => {
            serde_json::Value::Array(values.iter().map(reference).collect::<Option<_>>()?)
        }
    })
}

/// Damaged messages are refused, or are what protobuf's own reader makes of them.
#[test]
fn what_is_accepted_is_what_protobuf_reads() {
    let inner = object([("é", number(-1.5)), ("l", list(vec![text("ab"), value(Kind::BoolValue(true))]))]);
    let sound = object([("a", inner.clone()), ("b", list(vec![inner, value(Kind::NullValue(0))]))]).encode_to_vec();
    let limits = isoblob_core::Limits::default();
    let mut accepted = 0;
    for at in 0..sound.len() {
        for byte in 0..=255 {
            let mut message = sound.clone();
            message[at] = byte;
            let Ok(json) = to_json(&message) else { continue };
            let Ok(canonical) = isoblob_core::canonicalize(&json, limits) else { continue };
            let tree = Value::decode(&*message).expect("what protobuf reads");
            let expected = reference(&tree).expect("what JSON has").to_string();
            let expected = isoblob_core::canonicalize(expected.as_bytes(), limits).expect("JSON");
            assert_eq!(canonical.escape_ascii().to_string(), expected.escape_ascii().to_string(), "{at} {byte}");
            accepted += 1;
        }
    }
    // Other characters, other digits, other truths.
    assert!(accepted > 1000, "{accepted}");
}

#[test]
fn a_field_that_is_not_known_is_passed_over() {
    let unknown = [&[0x3a, 1, b'x'][..], &text("a").encode_to_vec()].concat();
    assert_eq!(to_json(&unknown).expect("a value"), br#""a""#);
}

#[test]
fn bytes_that_are_no_value_are_refused() {
    let sound = object([("k", list(vec![text("é"), number(1.0), value(Kind::BoolValue(true))]))]).encode_to_vec();
    for length in 0..sound.len() {
        refusal(&sound[..length]);
    }
    assert_eq!(refusal(b"\x1a\x01\xff"), "a string is not UTF-8");
    assert_eq!(refusal(b"\x11\x00"), "a number ends before its end");
    assert_eq!(refusal(b"\x1a\x05a"), "a field ends before its end");
    assert!(refusal(b"\x12\x01a").starts_with("failed to decode Protobuf message: invalid wire type"));
}

#[test]
fn a_put_may_be_as_deep_as_any_json() {
    let deepest = "[".repeat(127) + "null" + &"]".repeat(127);
    assert_eq!(canonical(&nested(127, |inner| list(vec![inner]))), deepest);
    let deeper = nested(128, |inner| list(vec![inner])).encode_to_vec();
    assert!(refusal(&deeper).starts_with("more than 127 containers, one inside the other, in `/0/0/0"));
    let endless = (0..5000).fold(vec![], |inner, _| {
        let list = [&[0x0a][..], &varint(inner.len()), &inner].concat();
        [&[0x32][..], &varint(list.len()), &list].concat()
    });
    assert!(refusal(&endless).starts_with("more than 127 containers"));
}

/// What is answered, clients can read: prost, like protobuf's own libraries, reads 100 messages inside one another.
#[test]
fn a_get_is_as_deep_as_protobuf_reads() {
    /// The answer to a call, as far as it matters here.
    #[derive(Clone, PartialEq, prost::Message)]
    struct Answer {
        #[prost(message, tag = "1")]
        json_data: Option<Value>,
    }

    type Around = fn(Value) -> Value;
    let rows: [(Around, usize, &str, &str); 2] =
        [(|inner| list(vec![inner]), 49, "[", "]"), (|inner| object([("a", inner)]), 33, r#"{"a":"#, "}")];
    for (around, deepest, open, close) in rows {
        let json = |depth| open.repeat(depth) + "null" + &close.repeat(depth);
        let encoded = |depth| Answer { json_data: Some(nested(depth, around)) }.encode_to_vec();
        check(&nested(deepest, around), &json(deepest));
        assert!(Answer::decode(&*encoded(deepest)).is_ok());

        assert!(Answer::decode(&*encoded(deepest + 1)).is_err());
        let status = of_json(json(deepest + 1).as_bytes()).expect_err("too deep");
        let message = "as protobuf it is more than 100 messages, one inside the other; HTTP tells it";
        assert_eq!((status.code(), status.message()), (Code::FailedPrecondition, message));
    }
    assert!(of_json(("[".repeat(50) + &"]".repeat(50)).as_bytes()).is_ok());
    assert!(of_json(("[".repeat(51) + &"]".repeat(51)).as_bytes()).is_err());
}

#[test]
fn a_number_that_is_no_double_is_not_told() {
    let status = of_json(br#"{"a":[0,505874924095815681]}"#).expect_err("no double");
    let message =
        "a double, which is what protobuf has for numbers, does not hold 505874924095815681; HTTP tells it, in `/a/1`";
    assert_eq!((status.code(), status.message()), (Code::FailedPrecondition, message));
}
