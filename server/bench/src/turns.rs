//! Contenders that take turns.

/// The number of turns that each contender has.
const TURNS: usize = 5;

/// What is measured, and the name under which it stands in the table. It is told which turn it is.
pub type Contender<'a> = (&'a str, Box<dyn FnMut(usize) -> f64 + 'a>);

/// Lets each contender have its turns, one after another, and returns their medians.
pub fn medians(contenders: &mut [Contender<'_>]) -> Vec<f64> {
    let mut measured = vec![Vec::with_capacity(TURNS); contenders.len()];
    for turn in 0..TURNS {
        for ((_, measure), figures) in contenders.iter_mut().zip(&mut measured) {
            figures.push(measure(turn));
        }
    }
    measured.into_iter().map(median).collect()
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// Prints what was measured a second, and the first contender as a multiple of each of the others.
pub fn print(title: &str, mut contenders: Vec<Contender<'_>>) {
    let medians = medians(&mut contenders);
    println!("| {title} | a second | isoblob beside it |\n| --- | --- | --- |");
    for ((name, _), median) in contenders.iter().zip(&medians) {
        let ratio = medians[0] / median;
        println!("| {name} | {median:.0} | {ratio:.2} |");
    }
    println!();
}
