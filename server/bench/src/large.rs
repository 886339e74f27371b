//! One put of a JSON text of 64 MiB, beside what the core alone takes to canonicalize and hash it.

use std::hint::black_box;
use std::io::Read as _;
use std::time::{Duration, Instant};

use isoblob_core::{Blob, Limits};
use tempfile::TempDir;

use crate::process;
use crate::turns::{Contender, measure, median, ratio};

/// The size of the text, in bytes, at least.
const BYTES: usize = 64 << 20;

/// Texts of which each is in another way hard for the core: strings, objects, numbers.
const DOCUMENTS: [(&str, &[u8]); 3] = [
    ("twitter", include_bytes!("../../../core/bench/documents/twitter.json.xz")),
    ("citm_catalog", include_bytes!("../../../core/bench/documents/citm_catalog.json.xz")),
    ("canada", include_bytes!("../../../core/bench/documents/canada.json.xz")),
];

/// Prints the table.
pub fn bench() {
    println!("| 64 MiB of JSON, put | core alone, MB/s | end to end, MB/s | share |\n| --- | --- | --- | --- |");
    let store = TempDir::new().expect("a directory");
    let isoblob = process::isoblob(store.path());
    for (name, compressed) in DOCUMENTS {
        let document = decompress(compressed);
        let megabytes = |taken: Duration, bytes: usize| bytes as f64 / 1e6 / taken.as_secs_f64();
        let mut contenders: Vec<Contender<'_>> = vec![
            (
                "core",
                Box::new(|turn| {
                    let text = text(&document, turn);
                    let begun = Instant::now();
                    black_box(Blob::data(text.as_bytes(), Limits::default())).expect("JSON");
                    megabytes(begun.elapsed(), text.len())
                }),
            ),
            (
                "put",
                Box::new(|turn| {
                    let text = text(&document, turn);
                    let body = format!("{{\"data\":{text}}}");
                    let begun = Instant::now();
                    process::post_at_once(&isoblob, &body);
                    megabytes(begun.elapsed(), text.len())
                }),
            ),
        ];
        let [core, put] = measure(&mut contenders).try_into().expect("two contenders");
        let share = ratio(&put, &core);
        println!("| {name} | {:.0} | {:.0} | {share:.2} |", median(core), median(put));
    }
    println!();
}

/// An array of a document over and over, of which no other turn has the same.
fn text(document: &str, turn: usize) -> String {
    let copies = vec![document; BYTES.div_ceil(document.len())];
    format!("[{turn},{}]", copies.join(","))
}

fn decompress(compressed: &[u8]) -> String {
    let mut text = String::new();
    lzma_rust2::XzReader::new(compressed, false).read_to_string(&mut text).expect("a document of the benchmarks");
    text
}
