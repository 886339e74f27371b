//! Canonicalizes the first N doubles of the published ES6 number sequence and compares them with its checksums.
//!
//! ```sh
//! cargo run --release -p isoblob-core --example es6_numbers -- 100000000
//! ```

#[path = "../tests/sequence/mod.rs"]
mod sequence;

use std::process::ExitCode;

fn main() -> ExitCode {
    let longest = sequence::CHECKSUMS.map(|(length, _)| length)[sequence::CHECKSUMS.len() - 1];
    let count = std::env::args().nth(1).map_or(Ok(longest), |argument| argument.parse());
    let Ok(count @ 1_000..) = count else {
        eprintln!("usage: es6_numbers [the number of doubles, from 1000 on; {longest} unless told otherwise]");
        return ExitCode::FAILURE;
    };
    sequence::check(count, |length| println!("the first {length} doubles have the published checksum"));
    ExitCode::SUCCESS
}
