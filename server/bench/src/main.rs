//! The server beside nginx, beside Stepflow's own and beside the core alone, each pair in one run.
//!
//! `cargo xtask bench` has what this needs and prints the tables of `server/BENCHMARKS.md`. The machine makes noise, so
//! contenders take turns, and the median of their ratios, turn by turn, is what to quote.

#![expect(clippy::cast_precision_loss, reason = "figures to read, of three digits")]

mod gets;
mod large;
mod million;
mod process;
mod puts;
mod turns;
mod wrk;

/// The tables, by the names with which one is chosen.
const TABLES: [(&str, fn()); 4] =
    [("gets", gets::bench), ("puts", puts::bench), ("large", large::bench), ("million", million::bench)];

fn main() {
    // cargo adds a flag of its own.
    let chosen: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    for (name, bench) in TABLES {
        if chosen.is_empty() || chosen.iter().any(|chosen| chosen == name) {
            bench();
        }
    }
}
