//! Contenders that take turns.

/// The number of turns that each contender has.
const TURNS: usize = 9;

/// What is measured, and the name under which it stands in the table. It is told which turn it is.
pub type Contender<'a> = (&'a str, Box<dyn FnMut(usize) -> f64 + 'a>);

/// What each contender measured, turn by turn. They take turns, so that what disturbs the machine disturbs all of them.
pub fn measure(contenders: &mut [Contender<'_>]) -> Vec<Vec<f64>> {
    let mut measured = vec![Vec::with_capacity(TURNS); contenders.len()];
    for turn in 0..TURNS {
        for ((_, measure), figures) in contenders.iter_mut().zip(&mut measured) {
            figures.push(measure(turn));
        }
    }
    measured
}

/// The median of some figures.
pub fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// The median of what some figures are of others of the same turns.
pub fn ratio(figures: &[f64], others: &[f64]) -> f64 {
    median(figures.iter().zip(others).map(|(figure, other)| figure / other).collect())
}

/// Prints what was measured a second, and the first contender as a multiple of each.
pub fn print(title: &str, mut contenders: Vec<Contender<'_>>) {
    let measured = measure(&mut contenders);
    println!("| {title} | a second | isoblob beside it |\n| --- | --- | --- |");
    for ((name, _), figures) in contenders.iter().zip(&measured) {
        let ratio = ratio(&measured[0], figures);
        println!("| {name} | {:.0} | {ratio:.2} |", median(figures.clone()));
    }
    println!();
}
