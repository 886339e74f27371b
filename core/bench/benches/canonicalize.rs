//! The canonicalizer beside its peers and beside SHA-256, on the same documents in the same run.
//!
//! `cargo bench -p isoblob-bench` prints the tables of `core/BENCHMARKS.md`. Every figure is the best of many short runs,
//! as other work on the machine only ever makes one slower, and the contenders take turns; the ratios are what to quote.

#![expect(clippy::cast_precision_loss, reason = "figures to read, of three digits")]

use std::hint::black_box;
use std::io::Read as _;
use std::time::{Duration, Instant};

use isoblob_core::{BlobId, Limits, canonicalize};
use serde::de::IgnoredAny;
use sha2::{Digest as _, Sha256};

const DOCUMENTS: [(&str, &[u8]); 3] = [
    ("twitter", include_bytes!("../documents/twitter.json.xz")),
    ("citm_catalog", include_bytes!("../documents/citm_catalog.json.xz")),
    ("canada", include_bytes!("../documents/canada.json.xz")),
];

/// How many turns each contender has on each document, and how long one of them is.
const TURNS: usize = 12;
const TURN: Duration = Duration::from_millis(125);

/// What does something with a text, and says whether it could.
type Contender = (&'static str, fn(&[u8]) -> bool);

const SHA: Contender = ("SHA-256 alone (sha2)", |text| {
    black_box(Sha256::digest(text));
    true
});

const CANONICALIZE: Contender =
    ("isoblob, canonicalize", |text| black_box(canonicalize(text, Limits::default())).is_ok());

const ID: Contender =
    ("isoblob, canonicalize and hash", |text| black_box(BlobId::of_json(text, Limits::default())).is_ok());

const PARSERS: [Contender; 4] = [
    ("serde_json, validate only", |text| serde_json::from_slice::<IgnoredAny>(text).is_ok()),
    ("serde_json, parse to `Value`", |text| black_box(serde_json::from_slice::<serde_json::Value>(text)).is_ok()),
    ("simd-json, tape", |text| black_box(simd_json::to_tape(&mut text.to_vec())).is_ok()),
    ("sonic-rs, parse to a value", |text| black_box(sonic_rs::from_slice::<sonic_rs::Value>(text)).is_ok()),
];

/// The other canonicalizers, each from text.
const CANONICALIZERS: [Contender; 3] = [
    ("serde_json_canonicalizer", |text| through_value(text, |value| serde_json_canonicalizer::to_vec(value).is_ok())),
    ("serde_jcs", |text| through_value(text, |value| serde_jcs::to_vec(value).is_ok())),
    ("json-canon", |text| through_value(text, |value| json_canon::to_vec(value).is_ok())),
];

fn through_value(text: &[u8], canonicalize: fn(&serde_json::Value) -> bool) -> bool {
    serde_json::from_slice(text).is_ok_and(|value| canonicalize(black_box(&value)))
}

fn main() {
    let texts = DOCUMENTS.map(|(_, compressed)| decompress(compressed));
    let canonical =
        texts.each_ref().map(|text| canonicalize(text, Limits::default()).expect("a document").into_owned());

    println!("MB of input a second; in brackets, as a share of SHA-256 alone on the same bytes.");
    let all: Vec<_> = [SHA, CANONICALIZE, ID].into_iter().chain(PARSERS).chain(CANONICALIZERS).collect();
    let speeds = table(&all, &texts);
    println!("\nThe same of texts that are canonical already.");
    table(&[SHA, CANONICALIZE, ID], &canonical);

    println!();
    for (index, (name, _)) in DOCUMENTS.iter().enumerate() {
        let speed = |contender: &[Option<f64>; DOCUMENTS.len()]| contender[index].unwrap_or(0.0);
        let fastest = speeds[all.len() - CANONICALIZERS.len()..].iter().map(speed).fold(0.0, f64::max);
        println!("{name}: {:.1} times the fastest other canonicalizer", speed(&speeds[1]) / fastest);
    }
}

fn decompress(compressed: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    lzma_rust2::XzReader::new(compressed, false).read_to_end(&mut text).expect("a document is compressed with xz");
    text
}

/// Lets the contenders take turns on each text, prints their table, in which SHA-256 comes first, and hands out the MB/s;
/// `None` where one refuses the text.
fn table<const N: usize>(contenders: &[Contender], texts: &[Vec<u8>; N]) -> Vec<[Option<f64>; N]> {
    let mut speeds = vec![[None; N]; contenders.len()];
    for (index, text) in texts.iter().enumerate() {
        for _ in 0..TURNS {
            for ((_, run), speeds) in contenders.iter().zip(&mut speeds) {
                if run(text) {
                    let speed = text.len() as f64 / 1e6 / best(|| run(text));
                    speeds[index] = Some(speeds[index].map_or(speed, |best: f64| best.max(speed)));
                }
            }
        }
    }
    println!("\n| | {} |\n| --- | --- | --- | --- |", DOCUMENTS.map(|(name, _)| name).join(" | "));
    let sha = speeds[0];
    for ((name, _), speeds) in contenders.iter().zip(&speeds) {
        let cells = speeds.iter().zip(sha).map(|cell| match cell {
            (Some(speed), Some(sha)) => format!("{speed:.0} ({:.2})", speed / sha),
            _ => "refuses it".into(),
        });
        println!("| {name} | {} |", cells.collect::<Vec<_>>().join(" | "));
    }
    speeds
}

/// The seconds that the fastest of many runs takes.
fn best(run: impl Fn() -> bool) -> f64 {
    let end = Instant::now() + TURN;
    let mut best = f64::INFINITY;
    while Instant::now() < end {
        let start = Instant::now();
        black_box(run());
        best = best.min(start.elapsed().as_secs_f64());
    }
    best
}
