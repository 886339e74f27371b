//! The canonicalizer beside its peers and beside SHA-256, on the same documents in the same run.
//!
//! `cargo bench -p isoblob-bench` prints the tables of `core/BENCHMARKS.md`. Every figure is the best of many short runs,
//! as other work on the machine only ever makes one slower; the ratios are what to quote.

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

/// How long each contender runs on each document.
const RUN: Duration = Duration::from_millis(1500);

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

    println!("MB of input a second; in brackets, as a share of SHA-256 alone on the same bytes.\n");
    println!("| | {} |", DOCUMENTS.map(|(name, _)| name).join(" | "));
    println!("| --- | --- | --- | --- |");
    let sha = row(&SHA, &texts, None);
    let ours = row(&CANONICALIZE, &texts, Some(sha));
    row(&ID, &texts, Some(sha));
    for parser in &PARSERS {
        row(parser, &texts, Some(sha));
    }
    let peers = CANONICALIZERS.map(|peer| row(&peer, &texts, Some(sha)));

    println!("\nThe same of texts that are canonical already.\n");
    println!("| | {} |", DOCUMENTS.map(|(name, _)| name).join(" | "));
    println!("| --- | --- | --- | --- |");
    let sha = row(&SHA, &canonical, None);
    row(&CANONICALIZE, &canonical, Some(sha));
    row(&ID, &canonical, Some(sha));

    println!();
    for (index, (name, _)) in DOCUMENTS.iter().enumerate() {
        let fastest = peers.iter().filter_map(|peer| peer[index]).fold(0.0, f64::max);
        let ours = ours[index].expect("isoblob reads every document");
        println!("{name}: {:.1} times the fastest other canonicalizer", ours / fastest);
    }
}

fn decompress(compressed: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    lzma_rust2::XzReader::new(compressed, false).read_to_end(&mut text).expect("a document is compressed with xz");
    text
}

/// Runs a contender on each text, prints its row of the table, and hands out the MB/s; `None` where it refuses the text.
fn row<const N: usize>(
    (name, run): &Contender,
    texts: &[Vec<u8>; N],
    sha: Option<[Option<f64>; N]>,
) -> [Option<f64>; N] {
    let speeds = texts.each_ref().map(|text| run(text).then(|| text.len() as f64 / 1e6 / best(|| run(text))));
    let cells: Vec<_> = speeds
        .iter()
        .enumerate()
        .map(|(index, speed)| match (speed, sha.and_then(|sha| sha[index])) {
            (None, _) => "refuses it".into(),
            (Some(speed), None) => format!("{speed:.0}"),
            (Some(speed), Some(sha)) => format!("{speed:.0} ({:.2})", speed / sha),
        })
        .collect();
    println!("| {name} | {} |", cells.join(" | "));
    speeds
}

/// The seconds that the fastest of many runs takes.
fn best(run: impl Fn() -> bool) -> f64 {
    let end = Instant::now() + RUN;
    let mut best = f64::INFINITY;
    while Instant::now() < end {
        let start = Instant::now();
        black_box(run());
        best = best.min(start.elapsed().as_secs_f64());
    }
    best
}
