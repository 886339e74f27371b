use super::*;
use crate::{ErrorKind, JsonType, MAX_DIFFERENCES, MAX_EXCERPT_BYTES, MAX_POINTER_BYTES, Position};

fn compare(one: &str, other: &str) -> Explanation {
    explain(one.as_bytes(), other.as_bytes(), Limits::default()).expect("JSON")
}

/// Checks the differences, and that those the other way round are the same but for the direction.
#[track_caller]
fn check(one: &str, other: &str, expected: &[(&str, DifferenceKind)]) {
    let there: Vec<_> = expected
        .iter()
        .map(|(pointer, kind)| Difference { pointer: Some((*pointer).to_owned()), kind: kind.clone() })
        .collect();
    let back: Vec<_> = there
        .iter()
        .map(|Difference { pointer, kind }| Difference { pointer: pointer.clone(), kind: turned(kind.clone()) })
        .collect();
    for (explanation, expected) in [(compare(one, other), there), (compare(other, one), back)] {
        assert_eq!(explanation.count, expected.len());
        assert_eq!(explanation.is_one_blob(), expected.is_empty());
        assert_eq!(explanation.differences, expected, "{one} and {other}");
    }
}

fn turned(kind: DifferenceKind) -> DifferenceKind {
    match kind {
        DifferenceKind::Missing => DifferenceKind::Added,
        DifferenceKind::Added => DifferenceKind::Missing,
        DifferenceKind::Type { from, to } => DifferenceKind::Type { from: to, to: from },
        DifferenceKind::Value { from, to } => DifferenceKind::Value { from: to, to: from },
    }
}

fn value(from: &str, to: &str) -> DifferenceKind {
    DifferenceKind::Value { from: from.to_owned(), to: to.to_owned() }
}

fn types(from: JsonType, to: JsonType) -> DifferenceKind {
    DifferenceKind::Type { from, to }
}

#[test]
fn one_blob_has_many_spellings() {
    check(r#"{"b":[1,-0.0,1e21],"a":"\u00e9\/"}"#, " { \"a\" : \"é/\", \"b\" : [1.0, 0, 1E+21] }\n", &[]);
    check("{}", "{ }", &[]);
    check("null", "null", &[]);
    let explanation = compare(r#"{"b":1,"a":2}"#, r#"{"a":2,"b":1}"#);
    assert_eq!([explanation.one, explanation.other], [BlobId::of(br#"{"a":2,"b":1}"#); 2]);
}

#[test]
fn finds_each_kind_of_difference() {
    use DifferenceKind::{Added, Missing};
    check("1", "2", &[("", value("1", "2"))]);
    check("true", "false", &[("", value("true", "false"))]);
    check("null", "[]", &[("", types(JsonType::Null, JsonType::Array))]);
    check("{}", "[]", &[("", types(JsonType::Object, JsonType::Array))]);
    check("505874924095815681", "505874924095815680", &[("", value("505874924095815681", "505874924095815680"))]);
    check(r#"{"a":1}"#, "{}", &[("/a", Missing)]);
    check(
        r#"{"a":1,"b":2,"d":4}"#,
        r#"{"b":2,"c":3,"d":"4"}"#,
        &[("/a", Missing), ("/c", Added), ("/d", types(JsonType::Number, JsonType::String))],
    );
    check("[1,2,3]", "[1,3]", &[("/1", value("2", "3")), ("/2", Missing)]);
    check("[]", "[[],{}]", &[("/0", Added), ("/1", Added)]);
    check(r#"{"a":{"b":[{"c":"x"},0]}}"#, r#"{"a":{"b":[{"c":"y"},0]}}"#, &[("/a/b/0/c", value(r#""x""#, r#""y""#))]);
    // Nothing inside what is missing, or of another type, is listed.
    check(r#"[{"a":[1,2,{"b":3}]},0]"#, "[[],0]", &[("/0", types(JsonType::Object, JsonType::Array))]);
    check(r#"{"a":[1,2],"z":[{"y":null}]}"#, r#"{"z":[{}]}"#, &[("/a", Missing), ("/z/0/y", Missing)]);
}

#[test]
fn keys_are_matched_in_their_order() {
    use DifferenceKind::{Added, Missing};
    // By UTF-16 code units U+10000 comes before U+E000, which by bytes comes first.
    check("{\"\u{10000}\":1,\"\u{e000}\":1}", "{\"\u{e000}\":1}", &[("/\u{10000}", Missing)]);
    check("{\"\u{10000}\":1}", "{\"\u{e000}\":1}", &[("/\u{10000}", Missing), ("/\u{e000}", Added)]);
    // An escape is the character that it stands for: a tab comes before a space, and a quote after it.
    check(
        r#"{"\t":1," ":1,"\"":1,"\\":1,"]":1}"#,
        r#"{" ":1,"[":1,"]":1}"#,
        &[("/\t", Missing), ("/\"", Missing), ("/[", Added), ("/\\", Missing)],
    );
    check(
        r#"{"":1,"a":1,"aa":1}"#,
        r#"{"a":2,"~/":1}"#,
        &[("/", Missing), ("/a", value("1", "2")), ("/aa", Missing), ("/~0~1", Added)],
    );
}

#[test]
fn what_is_listed_has_limits() {
    let zeros = format!("[{}]", vec!["0"; 1_000].join(","));
    let ones = format!("[{}]", vec!["1"; 1_500].join(","));
    let explanation = compare(&zeros, &ones);
    assert_eq!((explanation.count, explanation.differences.len()), (1_500, MAX_DIFFERENCES));
    assert_eq!(explanation.differences[99].pointer.as_deref(), Some("/99"));

    let key = "k".repeat(MAX_POINTER_BYTES);
    let explanation = compare(&format!(r#"{{"{key}":1}}"#), &format!(r#"{{"{key}":2}}"#));
    assert_eq!(explanation.differences, [Difference { pointer: None, kind: value("1", "2") }]);
}

#[test]
fn a_long_value_is_shown_around_what_differs() {
    let string = |text: &str| format!("\"{text}\"");
    let [x, y, z] = ["x", "y", "€"].map(|text| text.repeat(100));
    let first = |from: &str, to: &str| match &compare(&string(from), &string(to)).differences[..] {
        [Difference { kind: DifferenceKind::Value { from, to }, .. }] => [from.clone(), to.clone()],
        other => panic!("{other:?}"),
    };
    let whole = "w".repeat(MAX_EXCERPT_BYTES - 2);
    assert_eq!(first(&whole, "w"), [string(&whole), string("w")]);
    // At the start, in the middle, at the end.
    assert_eq!(first(&x, "y"), [format!("\"{}…", &x[..79]), string("y")]);
    assert_eq!(
        first(&format!("{x}1{x}"), &format!("{x}2{x}")),
        ["1", "2"].map(|here| format!("…{}{here}{}…", &x[..16], &x[..63]))
    );
    assert_eq!(
        first(&format!("{x}{x}1"), &format!("{x}{x}22")),
        ["1", "22"].map(|here| format!("…{}{here}\"", &x[..79 - here.len()]))
    );
    // Never in the middle of a character: each of these has three bytes.
    assert_eq!(
        first(&format!("{z}1{z}"), &format!("{z}2{z}")),
        ["1", "2"].map(|here| format!("…{}{here}{}…", &z[..15], &z[..63]))
    );
    assert_eq!(first(&format!("{x}{y}"), &x), [format!("…{}{}…", &x[..16], &y[..64]), format!("…{}\"", &x[..79])]);
}

#[test]
fn says_which_text_is_refused() {
    let fail =
        |one: &str, other: &str| explain(one.as_bytes(), other.as_bytes(), Limits::default()).expect_err("refused");
    let error = fail(r#"{"a":1,"a":2}"#, "{");
    assert_eq!((error.side, error.error.kind()), (Side::One, ErrorKind::DuplicateKey));
    assert_eq!(
        error.to_string(),
        "the first text: the object has this key already, at line 1 column 8 (byte 7), in `/a`"
    );
    let error = fail("[]", "{");
    assert_eq!((error.side, error.error.kind()), (Side::Other, ErrorKind::UnexpectedEnd));
    let error = explain(b"[]", b"[1]", Limits { max_text_bytes: 2 }).expect_err("too large");
    assert_eq!((error.side, error.error.kind()), (Side::Other, ErrorKind::TooLarge));
}

#[test]
fn differences_are_shown_as_json() {
    let explanation = compare(r#"{"a":1,"b":[true,2],"d":{"e":"x"}}"#, r#"{"b":[null,3],"c":{},"d":{"e":"y"}}"#);
    let expected = serde_json::json!({
        "one": BlobId::of(br#"{"a":1,"b":[true,2],"d":{"e":"x"}}"#).to_string(),
        "other": BlobId::of(br#"{"b":[null,3],"c":{},"d":{"e":"y"}}"#).to_string(),
        "differences": [
            {"pointer": "/a", "kind": "missing"},
            {"pointer": "/b/0", "kind": "type", "from": "boolean", "to": "null"},
            {"pointer": "/b/1", "kind": "value", "from": "2", "to": "3"},
            {"pointer": "/c", "kind": "added"},
            {"pointer": "/d/e", "kind": "value", "from": "\"x\"", "to": "\"y\""},
        ],
        "count": 5,
    });
    assert_eq!(serde_json::to_value(&explanation).expect("serializes"), expected);
    assert_eq!(serde_json::to_string(&Side::One).expect("serializes"), r#""one""#);
}

/// A kind, the number of places, the offset, line and column of the first, and its pointer.
type ChangeRow<'a> = (ChangeKind, usize, (usize, usize, usize), &'a str);

#[track_caller]
fn check_text(text: &str, expected: &[ChangeRow<'_>]) {
    let found = explain_text(text.as_bytes(), Limits::default()).expect("JSON");
    let expected: Vec<_> = expected
        .iter()
        .map(|&(kind, count, (offset, line, column), pointer)| Change {
            kind,
            count,
            first: Position { offset, line, column },
            pointer: Some(pointer.to_owned()),
        })
        .collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn what_is_canonical_is_not_changed() {
    for text in [
        "0",
        "-1",
        "1.5",
        "1e+21",
        r#""\"\\\b\f\n\r\t\u0000\u001f\u007fé""#.replace("\\u007f", "\x7f").as_str(),
        "[]",
        "{}",
        "true",
    ] {
        check_text(text, &[]);
    }
    check_text("{\"\":[{}],\"a\":{\"b\":1,\"c\":[\"b\",\"a\"]},\"\u{10000}\":0,\"\u{e000}\":0}", &[]);
    check_text("123456789012345678901234567890", &[]);
}

#[test]
fn finds_whitespace() {
    use ChangeKind::Whitespace;
    check_text(" 1", &[(Whitespace, 1, (0, 1, 1), "")]);
    check_text("[1]\r\n", &[(Whitespace, 1, (3, 1, 4), "")]);
    check_text("[ ]", &[(Whitespace, 1, (1, 1, 2), "")]);
    check_text("[{},\n\t 1]", &[(Whitespace, 1, (4, 1, 5), "")]);
    check_text("[{},1\n]", &[(Whitespace, 1, (5, 1, 6), "")]);
    check_text("[0,[ {}]]", &[(Whitespace, 1, (4, 1, 5), "/1")]);
    check_text(r#"{"a": 1, "b" :2}"#, &[(Whitespace, 3, (5, 1, 6), "/a")]);
    check_text(r#"{"a":1, "b":2}"#, &[(Whitespace, 1, (7, 1, 8), "")]);
    check_text("[\"é \",{\"a\":{ }}\n]", &[(Whitespace, 2, (13, 1, 13), "/1/a")]);
}

#[test]
fn finds_members_out_of_order() {
    use ChangeKind::MemberOrder;
    check_text(r#"{"c":1,"a":2,"b":3}"#, &[(MemberOrder, 1, (7, 1, 8), "/a")]);
    check_text(r#"{"c":1,"b":2,"a":3}"#, &[(MemberOrder, 2, (7, 1, 8), "/b")]);
    check_text(r#"[{"b":{"d":"a","c":"A"},"a":0}]"#, &[(MemberOrder, 2, (15, 1, 16), "/0/b/c")]);
    check_text("{\"\u{e000}\":0,\"\u{10000}\":0}", &[(MemberOrder, 1, (9, 1, 8), "/\u{10000}")]);
}

#[test]
fn finds_escapes() {
    use ChangeKind::{Escapes, MemberOrder};
    check_text(r#""\/\u0041\u000A\u000a\u001F\u0001\n""#, &[(Escapes, 5, (1, 1, 2), "")]);
    check_text(r#"["\n","a\\\uD83D\ude00 \\u0041"]"#, &[(Escapes, 1, (10, 1, 11), "/1")]);
    check_text(r#"["\uFBff\ud7ff\uDBFF\uDFFF"]"#, &[(Escapes, 3, (2, 1, 3), "/0")]);
    // In a key the object holds them. The key is compared as it is decoded.
    check_text(r#"[{"a\u0062":"\u0022","abc":0}]"#, &[(Escapes, 2, (4, 1, 5), "/0")]);
    check_text(r#"{"\u0062":0,"a":0}"#, &[(MemberOrder, 1, (12, 1, 13), "/a"), (Escapes, 1, (2, 1, 3), "")]);
}

#[test]
fn finds_numbers_spelled_another_way() {
    use ChangeKind::NumberSpelling;
    for number in ["1.0", "-0", "-0.0", "1e21", "1E+21", "10e-1", "0.10", "0.10000000000000000001", "1e-400", "1e20"] {
        check_text(number, &[(NumberSpelling, 1, (0, 1, 1), "")]);
    }
    check_text("[1,-1,1.5,{\"a\":2.50},3.0]", &[(NumberSpelling, 2, (15, 1, 16), "/3/a")]);
}

#[test]
fn finds_all_at_once_and_leaves_out_long_pointers() {
    let key = "k".repeat(MAX_POINTER_BYTES);
    let text = format!(r#"{{"{key}":[1.0, "\/"],"a":0}}"#);
    let at = |offset| Position { offset, line: 1, column: offset + 1 };
    let change = |kind, offset, pointer: Option<&str>| Change {
        kind,
        count: 1,
        first: at(offset),
        pointer: pointer.map(String::from),
    };
    assert_eq!(
        explain_text(text.as_bytes(), Limits::default()),
        Ok(vec![
            change(ChangeKind::Whitespace, key.len() + 9, None),
            change(ChangeKind::MemberOrder, key.len() + 16, Some("/a")),
            change(ChangeKind::Escapes, key.len() + 11, None),
            change(ChangeKind::NumberSpelling, key.len() + 5, None),
        ])
    );
}

#[test]
fn refuses_what_has_no_canonical_form() {
    let error = explain_text(b"[1, 01]", Limits::default()).expect_err("refused");
    assert_eq!((error.kind(), error.pointer()), (ErrorKind::InvalidNumber, Some("/1")));
    let error = explain_text(b"\xef\xbb\xbf1", Limits::default()).expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::ByteOrderMark);
}

#[test]
fn changes_are_shown_as_json() {
    let changes = explain_text(b"{\"a\":\n1.0}", Limits::default()).expect("JSON");
    assert_eq!(
        serde_json::to_string(&changes).expect("serializes"),
        concat!(
            r#"[{"kind":"whitespace","count":1,"first":{"offset":5,"line":1,"column":6},"pointer":"/a"},"#,
            r#"{"kind":"number_spelling","count":1,"first":{"offset":6,"line":2,"column":1},"pointer":"/a"}]"#,
        ),
    );
    for kind in ChangeKind::ALL {
        assert_eq!(serde_json::to_string(&kind).expect("serializes"), format!("\"{kind}\""));
    }
}
