//! Random data, the same on every run.

/// Random finite doubles, as the shortest JSON numbers that mean them and as what they are. Zero is left out: its sign
/// is not kept.
pub fn doubles(count: usize, seed: u64) -> Vec<f64> {
    let mut random = fastrand::Rng::with_seed(seed);
    let numbers = std::iter::repeat_with(move || f64::from_bits(random.u64(..)));
    numbers.filter(|number| number.is_finite() && *number != 0.0).take(count).collect()
}

/// These numbers as a JSON array, written in scientific notation so that all of them are doubles, none an integer.
pub fn array(numbers: &[f64]) -> String {
    let numbers: Vec<_> = numbers.iter().map(|number| format!("{number:e}")).collect();
    format!("[{}]", numbers.join(","))
}

/// The numbers in the canonical form of an array of them.
pub fn parse_array(array: &str) -> Vec<f64> {
    let numbers = array.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).expect("an array");
    numbers.split(',').map(|number| number.parse().expect(number)).collect()
}
