//! The server beside nginx, beside Stepflow's own and beside the core alone, each pair in one run.
//!
//! `cargo xtask bench` has what this needs and prints the tables of `server/BENCHMARKS.md`. The machine makes noise, so
//! contenders take turns, and the ratio of their medians is what to quote.

#![expect(clippy::cast_precision_loss, reason = "figures to read, of three digits")]

mod gets;
mod large;
mod million;
mod process;
mod puts;
mod turns;
mod wrk;

fn main() {
    gets::bench();
    puts::bench();
    large::bench();
    million::bench();
}
