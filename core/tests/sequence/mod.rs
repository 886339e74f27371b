//! The ES6 number sequence that the author of RFC 8785 published to test implementations (appendix B): doubles without
//! end, the same for everyone, and the SHA-256 of the first lines `bits,text`.

use std::fmt::Write as _;

use isoblob_core::{Limits, canonicalize};
use sha2::{Digest as _, Sha256};

/// How many lines have which SHA-256, as published.
pub const CHECKSUMS: [(usize, &str); 6] = [
    (1_000, "be18b62b6f69cdab33a7e0dae0d9cfa869fda80ddc712221570f9f40a5878687"),
    (10_000, "b9f7a8e75ef22a835685a52ccba7f7d6bdc99e34b010992cbc5864cd12be6892"),
    (100_000, "22776e6d4b49fa294a0d0f349268e5c28808fe7e0cb2bcbe28f63894e494d4c7"),
    (1_000_000, "49415fee2c56c77864931bd3624faad425c3c577d6d74e89a83bc725506dad16"),
    (10_000_000, "b9f8a44a91d46813b21b9602e72f112613c91408db0b8341fb94603d9db135e0"),
    (100_000_000, "0f7dda6b0837dde083c5d6b896f7d62340c8a2415b0c7121d83145e08a755272"),
];

/// The sequence.
pub fn doubles() -> impl Iterator<Item = f64> {
    let chosen = include_str!("../data/es6-static-u64.txt").lines();
    let chosen = chosen.map(|line| u64::from_str_radix(line, 16).expect("hexadecimal digits"));
    let least_normal = 0x0010_0000_0000_0000;
    chosen.chain(least_normal..least_normal + 2_000).map(f64::from_bits).chain(hashed())
}

/// Doubles from the SHA-256 of 32 zero bytes, from the SHA-256 of that, and so on.
fn hashed() -> impl Iterator<Item = f64> {
    let mut block = [0; 32];
    let blocks = std::iter::repeat_with(move || {
        block = Sha256::digest(block).into();
        block
    });
    let doubles = blocks.flat_map(|block| {
        let (doubles, _) = block.as_chunks::<8>();
        [doubles[0], doubles[1], doubles[2], doubles[3]].map(f64::from_le_bytes)
    });
    doubles.filter(|double| double.is_finite() && *double != 0.0)
}

/// Canonicalizes the first `count` doubles and compares them with the published checksums.
///
/// Of each double the literal is its decimal rounded to 17 digits, always with an exponent, so that parsing and
/// formatting are both at work.
///
/// # Panics
///
/// A checksum differs.
pub fn check(count: usize, mut passed: impl FnMut(usize)) {
    let mut lines = Sha256::new();
    let mut checksums = CHECKSUMS.iter();
    let mut next = checksums.next();
    let (mut literal, mut line) = (String::new(), String::new());
    for (index, double) in doubles().take(count).enumerate() {
        literal.clear();
        write!(literal, "{double:.16e}").expect("a String takes everything");
        let canonical = canonicalize(literal.as_bytes(), Limits::default()).expect("a finite number");
        line.clear();
        write!(line, "{:x},", double.to_bits()).expect("a String takes everything");
        lines.update(&line);
        lines.update(&canonical);
        lines.update("\n");
        if let Some((length, checksum)) = next.filter(|(length, _)| *length == index + 1) {
            assert_eq!(hex::encode(lines.clone().finalize()), *checksum, "the first {length} lines");
            passed(*length);
            next = checksums.next();
        }
    }
}
