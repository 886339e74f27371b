//! Documents of shapes that make a canonicalizer slow or hungry: MB/s, and memory beyond the text.
//!
//! `cargo bench -p isoblob-bench --bench shapes` prints the table of `core/BENCHMARKS.md`.

#![expect(clippy::cast_precision_loss, reason = "figures to read, of three digits")]

use std::time::Instant;

use isoblob_core::{Limits, canonicalize};
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const MEMBERS: usize = 5_000_000;

fn main() {
    println!("| shape | MB | MB/s | memory beyond the text, as a multiple of the canonical form |");
    println!("| --- | --- | --- | --- |");
    row("members in order", &object(0..MEMBERS));
    row("members in reverse", &object((0..MEMBERS).rev()));
    row("members shuffled", &object((0..MEMBERS).map(|n| n * 7919 % MEMBERS)));
    row("the first member last", &object((1..MEMBERS).chain([0])));
    row(
        "a key repeated at the end (refused)",
        &format!(r#"{},"k0000005":0}}"#, object(0..MEMBERS).trim_end_matches('}')),
    );
    row("integers", &array((0..10_000_000_usize).map(|n| (n * 7919 % 1_000_003).to_string())));
    row("doubles", &array((0_u32..5_000_000).map(|n| (f64::from(n) * 0.372_19 + 0.1).sqrt().to_string())));
    row("small objects in disorder", &array((0..7_000_000).map(|_| r#"{"b":1,"a":2}"#.into())));
    row("small objects, no key twice", &array((0..2_000_000).map(|n| format!(r#"{{"z{n}":1,"b{n}":2,"a{n}":3}}"#))));
    row("127 deep, in order", &array((0..70_000).map(|_| nested(r#"{"a":"#, "1", "}"))));
    row("127 deep, in disorder", &array((0..50_000).map(|_| nested(r#"{"b":"#, "1", r#","a":1}"#))));
    let large = array((0..1_000_000).map(|_| r#""0123456789012345678901234567890123456789""#.into()));
    row("43 MB inside 125 objects in disorder", &nested(r#"{"b":"#, &large, r#","a":1}"#));
    row("one string", &format!("\"{}\"", "abcdefghij".repeat(10_000_000)));
    row("one string of escapes", &format!("\"{}\"", r"\u00e9".repeat(17_000_000)));
}

fn object(keys: impl Iterator<Item = usize>) -> String {
    let members: Vec<_> = keys.map(|key| format!(r#""k{key:07}":{key}"#)).collect();
    format!("{{{}}}", members.join(","))
}

fn array(elements: impl Iterator<Item = String>) -> String {
    format!("[{}]", elements.collect::<Vec<_>>().join(","))
}

fn nested(open: &str, inner: &str, close: &str) -> String {
    format!("{}{inner}{}", open.repeat(125), close.repeat(125))
}

fn row(shape: &str, text: &str) {
    let megabytes = text.len() as f64 / 1e6;
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let start = Instant::now();
    let result = canonicalize(text.as_bytes(), Limits::default());
    let seconds = start.elapsed().as_secs_f64();
    let memory = result.map_or_else(
        |_| "–".into(),
        |canonical| format!("{:.2}", (ALLOCATOR.peak_usage() - before) as f64 / canonical.len() as f64),
    );
    println!("| {shape} | {megabytes:.0} | {:.0} | {memory} |", megabytes / seconds);
}
