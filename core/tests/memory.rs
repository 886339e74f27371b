//! The memory that canonicalizing takes beyond the text: bounded by the canonical form, for every shape of document.

use isoblob_core::{Limits, canonicalize};
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// What the bounds allow beside a multiple of the output, in bytes: 1 MiB.
const SLACK_BYTES: usize = 1 << 20;

const MEMBERS: usize = 1_000_000;

/// The bytes that were allocated at once, at most, while a text became its canonical form, which is counted in.
fn peak(text: &str) -> (usize, usize) {
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let canonical = canonicalize(text.as_bytes(), Limits::default()).expect("a JSON text");
    (ALLOCATOR.peak_usage() - before, canonical.len())
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
    let large = format!("[{}]", vec!["123456789"; MEMBERS].join(","));
    disordered(
        "disorder around what is large",
        format!("{}{large}{}", r#"{"b":"#.repeat(100), r#","a":1}"#.repeat(100)),
    );
}

fn array(element: &str) -> String {
    format!("[{}]", vec![element; MEMBERS / 2].join(","))
}

/// `tenths`: the bound as a multiple of the canonical form, in tenths.
fn check(what: &str, text: &str, tenths: usize) {
    let (peak, canonical) = peak(text);
    let bound = canonical / 10 * tenths + SLACK_BYTES;
    assert!(peak <= bound, "{what}: {peak} bytes, and the bound is {bound} for a canonical form of {canonical}");
}
