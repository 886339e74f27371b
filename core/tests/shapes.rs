//! Texts of a shape that a fast canonicalizer could stumble over: deep, wide, long, in the worst order.

mod reference;

use std::borrow::Cow;
use std::fmt::Write as _;

use isoblob_core::{Blob, BlobId, ErrorKind, Limits, canonicalize};
use reference::reference;

/// A step through the numbers below a million in an order without any visible rule, each once.
const SHUFFLE: usize = 611_953;

fn canonical(text: &str) -> String {
    let canonical = canonicalize(text.as_bytes(), Limits::default()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(BlobId::of_json(text.as_bytes(), Limits::default()), Ok(BlobId::of(&canonical)));
    String::from_utf8(canonical.into_owned()).expect("UTF-8")
}

/// Compares without printing megabytes.
fn check(text: &str, expected: &str) {
    let canonical = canonical(text);
    let same = canonical.bytes().zip(expected.bytes()).take_while(|(one, other)| one == other).count();
    assert!(canonical == expected, "{} bytes for {}, the first {same} alike", canonical.len(), expected.len());
}

fn check_against_reference(text: &str) {
    let expected = reference(text.as_bytes(), usize::MAX).expect("a text without fault");
    check(text, std::str::from_utf8(&expected).expect("UTF-8"));
}

fn object(numbers: impl Iterator<Item = usize>) -> String {
    let mut text = "{".to_owned();
    for number in numbers {
        write!(text, "\"{number:07}\":{number},").expect("a String takes everything");
    }
    text.truncate(text.len().max(2) - 1);
    text + "}"
}

#[test]
fn a_million_members() {
    let expected = object(0..1_000_000);
    check(&object((0..1_000_000).rev()), &expected);
    check(&object((0..1_000_000).map(|index| index * SHUFFLE % 1_000_000)), &expected);
}

#[test]
fn many_members_in_every_kind_of_order() {
    const COUNT: usize = 50_000;
    let expected = object(0..COUNT);
    check(&expected, &expected);
    check(&object((0..COUNT).rev()), &expected);
    check(&object((0..COUNT).map(|index| index * SHUFFLE % COUNT)), &expected);
    check(&object((1..COUNT).chain([0])), &expected);
    check(&object([COUNT - 1].into_iter().chain(0..COUNT - 1)), &expected);
    check(&object((0..COUNT / 2).flat_map(|index| [index + COUNT / 2, index])), &expected);
    check(&object((0..COUNT).map(|index| index ^ 1)), &expected);
}

/// Of a text that is canonical for a while, much is hashed before the first byte that is not.
#[test]
fn wherever_a_text_ceases_to_be_canonical_its_id_is_the_same() {
    let canonical = object(0..50);
    let id = BlobId::of(canonical.as_bytes());
    let tokens = (0..canonical.len()).filter(|at| canonical[..*at].ends_with(['{', ',', ':']));
    let spaced = tokens.map(|at| format!("{} {}", &canonical[..at], &canonical[at..]));
    for text in spaced.chain([format!("\n{canonical}"), format!("{canonical}\n"), canonical.clone()]) {
        assert_eq!(BlobId::of_json(text.as_bytes(), Limits::default()), Ok(id), "{text}");
        assert_eq!(Blob::data(text.as_bytes(), Limits::default()).map(|blob| blob.id()), Ok(id), "{text}");
    }
}

#[test]
fn whitespace_around_a_canonical_text_is_no_reason_to_copy_it() {
    let canonical = canonicalize(b"\n {\"a\":[1,2]}\r\n", Limits::default());
    assert!(matches!(canonical, Ok(Cow::Borrowed(br#"{"a":[1,2]}"#))));
}

/// The object's last member is a repetition.
fn check_repetition(numbers: &[usize], repeated: usize) {
    let text = object(numbers.iter().copied().chain([repeated]));
    let error = canonicalize(text.as_bytes(), Limits::default()).expect_err("a repeated key");
    assert_eq!(error.kind(), ErrorKind::DuplicateKey);
    assert_eq!(error.pointer(), Some(format!("/{repeated:07}").as_str()));
    assert_eq!(error.position().map(|at| at.offset), text.rfind(&format!("\"{repeated:07}\"")));
}

#[test]
fn a_repetition_at_the_end_of_many_members() {
    for count in [30_000, 1_000_000] {
        let in_order: Vec<_> = (0..count).collect();
        let reversed: Vec<_> = (0..count).rev().collect();
        let shuffled: Vec<_> = (0..count).map(|index| index * SHUFFLE % count).collect();
        check_repetition(&in_order, count / 3);
        check_repetition(&shuffled, count / 3);
        if count < 1_000_000 {
            for numbers in [in_order, reversed, shuffled] {
                check_repetition(&numbers, numbers[0]);
                check_repetition(&numbers, numbers[count - 1]);
            }
        }
    }
}

#[test]
fn every_key_twice() {
    let text = object((0..100_000).rev().flat_map(|number| [number, number]));
    let error = canonicalize(text.as_bytes(), Limits::default()).expect_err("repeated keys");
    assert_eq!((error.kind(), error.pointer()), (ErrorKind::DuplicateKey, Some("/0099999")));
    assert_eq!(error.position().map(|at| at.offset), Some("{\"0099999\":99999,".len()));
}

#[test]
fn long_keys_that_differ_at_the_end_only() {
    for (count, length) in [(1_000, 300), (100, 20_000)] {
        for (differing, same) in [("\u{ffff}\u{10000}", "x"), ("ab", "é"), ("a\u{10000}", "\\u001f")] {
            let mut text = "{".to_owned();
            for index in 0..count {
                let end: String =
                    (0..12).map(|bit| differing.chars().nth(index >> bit & 1).expect("two characters")).collect();
                write!(text, "\"{}{end}\":{index},", same.repeat(length)).expect("a String takes everything");
            }
            text.pop();
            check_against_reference(&(text + "}"));
        }
    }
}

#[test]
fn members_in_order_until_the_last() {
    for count in [2, 3, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257, 301, 1_025, 4_097] {
        for late in [0, 1, count / 2, count - 2] {
            let numbers = (0..count).filter(|&number| number != late).chain([late]);
            check(&object(numbers), &object(0..count));
            let numbers = (0..count).filter(|&number| number != late).chain([late, late]);
            let error = canonicalize(object(numbers).as_bytes(), Limits::default()).expect_err("a repeated key");
            assert_eq!(error.kind(), ErrorKind::DuplicateKey, "{count} members");
        }
    }
}

#[test]
fn disorder_at_every_level_down_to_the_deepest() {
    let mut text = "[]".to_owned();
    let mut expected = text.clone();
    for level in 0..126 {
        text = format!("{{\"c\" : {level}, \"b\" : {text}, \"a\" : \"{level}\", \"\" : {{\"z\":[1.0],\"y\":2}}}}");
        expected = format!("{{\"\":{{\"y\":2,\"z\":[1]}},\"a\":\"{level}\",\"b\":{expected},\"c\":{level}}}");
        // The deepest level leaves no room for the two containers of the last member.
        if level == 0 {
            text = text.replace("{\"z\":[1.0],\"y\":2}", "{}");
            expected = expected.replace("{\"y\":2,\"z\":[1]}", "{}");
        }
    }
    check(&text, &expected);
    check_against_reference(&text);
}

#[test]
fn the_deepest_alternate_in_order_and_out_of_order() {
    for period in [2, 3, 7] {
        let mut text = "0".to_owned();
        for level in 0..127 {
            text = match level % period {
                0 => format!("{{\"b\":1,\"a\":{text}}}"),
                1 => format!("{{\"a\":{text},\"b\":1}}"),
                _ => format!("[\"b\",{text}]"),
            };
        }
        check_against_reference(&text);
    }
}

#[test]
fn large_values_inside_disordered_objects() {
    for bytes in [1_000, 65_535, 65_536, 65_537, 300_000] {
        let mut text = format!("\"{}\"", "x".repeat(bytes));
        for level in 0..9 {
            let sibling = format!("\"{}\"", "\\u00e9\\n".repeat(bytes / 13 + level));
            text = match level % 3 {
                0 => format!("{{\"z\":{sibling},\"m\":{text},\"a\":[{level}]}}"),
                1 => format!("[{text},{{\"b\":{sibling},\"a\":1e2}}]"),
                _ => format!("{{\"a\":{text},\"z\":{level},\"k\":{sibling}}}"),
            };
        }
        check_against_reference(&text);
    }
}

#[test]
fn wide_objects_inside_wide_objects() {
    let inner = object((0..200).rev());
    let mut text = "[".to_owned();
    for _ in 0..10 {
        text.push('{');
        for member in (0..60).rev() {
            write!(text, "\"k{member}\": {inner}, ").expect("a String takes everything");
        }
        write!(text, "\"\": {inner}}},").expect("a String takes everything");
    }
    text.push_str("{}]");
    check_against_reference(&text);
}

#[test]
fn strings_of_every_length_around_the_width_of_a_scan() {
    for special in ["\\n", "\\u00e9", "é", "\\\\", "\\\"", "\\ud83d\\ude00", "😀", "\u{7f}"] {
        for before in 0..140 {
            let (before, after) = ("x".repeat(before), "y".repeat(139 - before));
            let text = format!("{{\"{before}{special}{after}\":\"{before}{special}\",\"\":\"{special}{after}\"}}");
            check_against_reference(&text);
        }
    }
    for control in ['\0', '\x01', '\x1f', '\n'] {
        for before in 0..140 {
            let text = format!("\"{}{control}{}\"", "é".repeat(before), "y".repeat(40));
            let error = canonicalize(text.as_bytes(), Limits::default()).expect_err("a control character");
            assert_eq!(error.kind(), ErrorKind::ControlCharacter);
            let at = error.position().expect("a position");
            assert_eq!((at.offset, at.line, at.column), (1 + 2 * before, 1, 2 + before));
        }
    }
}

#[test]
fn long_strings_of_escapes() {
    // The first grows to six times a character, the others shrink.
    for (escape, character) in [
        ("\\u0001", "\\u0001"),
        ("\\u0041", "A"),
        ("\\/", "/"),
        ("\\u000a", "\\n"),
        ("\\u00e9", "é"),
        ("\\ud83d\\ude00", "😀"),
        ("\\u2028", "\u{2028}"),
    ] {
        let text = format!("{{\"b\":\"{0}\",\"{0}\":[\"{0}\"]}}", escape.repeat(100_000));
        let string = character.repeat(100_000);
        let expected = if string.as_str() < "b" {
            format!("{{\"{string}\":[\"{string}\"],\"b\":\"{string}\"}}")
        } else {
            format!("{{\"b\":\"{string}\",\"{string}\":[\"{string}\"]}}")
        };
        check(&text, &expected);
    }
}

#[test]
fn numbers_that_grow_the_most() {
    // `1e20,` becomes 21 digits: the canonical form is at its longest beside the text.
    let text = format!("[{}0]", "1e20,".repeat(200_000));
    check(&text, &format!("[{}0]", "100000000000000000000,".repeat(200_000)));
}

#[test]
fn a_fault_far_into_a_text_has_its_line_and_column() {
    let line = "[\"é😀\", 1.5e3, {\"k\": null}],\n";
    let text = format!("[\n{}  [\"é\", x]]", line.repeat(50_000));
    let error = canonicalize(text.as_bytes(), Limits::default()).expect_err("a fault");
    let at = error.position().expect("a position");
    assert_eq!((error.kind(), error.pointer()), (ErrorKind::UnexpectedCharacter, Some("/50000/1")));
    assert_eq!((at.offset, at.line, at.column), (text.len() - 3, 50_002, 9));
}

#[test]
fn nothing_but_whitespace_for_a_megabyte() {
    let whitespace = " \n\t\r".repeat(1 << 18);
    check(&format!("{whitespace}[{whitespace}]{whitespace}"), "[]");
    let error = canonicalize(whitespace.as_bytes(), Limits::default()).expect_err("no value");
    let at = error.position().expect("a position");
    assert_eq!((error.kind(), at.offset, at.line), (ErrorKind::UnexpectedEnd, 1 << 20, (1 << 18) + 1));
}
