//! The memory that canonicalizing takes beyond the text: bounded by the canonical form, for every shape of document.

use isoblob_core::{BlobId, Error, Limits, canonicalize};
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// What the bounds allow beside a multiple of the output, in bytes: 1 MiB.
const SLACK_BYTES: usize = 1 << 20;

const MEMBERS: usize = 1_000_000;

/// What is made of a text, and the bytes that were allocated at once, at most, meanwhile: those of what is made too.
fn peak<'t, T>(text: &'t str, make: fn(&'t [u8], Limits) -> Result<T, Error>) -> (T, usize) {
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let result = make(text.as_bytes(), Limits::default()).expect("a JSON text");
    (result, ALLOCATOR.peak_usage() - before)
}

fn object(keys: impl Iterator<Item = usize>) -> String {
    let members: Vec<_> = keys.map(|key| format!(r#""k{key:06}":{key}"#)).collect();
    format!("{{{}}}", members.join(","))
}

#[test]
fn is_bounded_by_the_canonical_form() {
    let in_order = |what, text: String| check(what, &text, 11);
    let disordered = |what, text: String| check(what, &text, 25);
    in_order("members in order", object(0..MEMBERS));
    in_order("a small object many times", array(r#"{"a":1,"b":[true,"x"]}"#));
    in_order("numbers", format!("[{}]", (0..2 * MEMBERS).map(|n| n.to_string()).collect::<Vec<_>>().join(",")));
    in_order(
        "indented",
        array("\n        {\n            \"a\": 1,\n            \"b\": [\n                2\n            ]\n        }"),
    );
    in_order("one string", format!("\"{}\"", "abcdefghi ".repeat(MEMBERS)));
    in_order("one string of escapes", format!("\"{}\"", "\\u00e9".repeat(MEMBERS)));
    disordered("members in reverse", object((0..MEMBERS).rev()));
    disordered("members shuffled", object((0..MEMBERS).map(|n| n * 7919 % MEMBERS)));
    disordered("the first member last", object((1..MEMBERS).chain([0])));
    disordered("a disordered object many times", array(r#"{"b":1,"a":[true,"x"]}"#));
    disordered("disorder around what is large", disorder_around_what_is_large());
    an_id_takes_no_second_copy();
}

/// Tests of one process run side by side, and would count each other's memory: this is a part of the one above.
fn an_id_takes_no_second_copy() {
    let text = disorder_around_what_is_large();
    let (id, peak) = peak(&text, BlobId::of_json);
    let canonical = canonicalize(text.as_bytes(), Limits::default()).expect("a JSON text");
    assert_eq!(id, BlobId::of(&canonical));
    check_bound("the id of disorder around what is large", peak, canonical.len(), 11);
}

fn disorder_around_what_is_large() -> String {
    let large = format!("[{}]", vec!["123456789"; MEMBERS].join(","));
    format!("{}{large}{}", r#"{"b":"#.repeat(100), r#","a":1}"#.repeat(100))
}

fn array(element: &str) -> String {
    format!("[{}]", vec![element; MEMBERS / 2].join(","))
}

fn check(what: &str, text: &str, tenths: usize) {
    let (canonical, peak) = peak(text, canonicalize);
    check_bound(what, peak, canonical.len(), tenths);
}

/// `tenths`: the bound as a multiple of the canonical form, in tenths.
fn check_bound(what: &str, peak: usize, canonical: usize, tenths: usize) {
    let bound = canonical / 10 * tenths + SLACK_BYTES;
    assert!(peak <= bound, "{what}: {peak} bytes, and the bound is {bound} for a canonical form of {canonical}");
}
