//! A filter: for each line of standard input, which is a JSON text, its canonical form, or `!` and the
//! kind of its error.
//!
//! ```sh
//! echo '{"b": 1.0, "a": "\u00e9"}' | cargo run -p isoblob-core --example canonicalize
//! ```

use std::io::{self, BufRead as _, Write as _};

use isoblob_core::{Limits, canonicalize};

fn main() -> io::Result<()> {
    let mut output = io::BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().split(b'\n') {
        match canonicalize(&line?, Limits::default()) {
            Ok(canonical) => output.write_all(&canonical)?,
            Err(error) => write!(output, "!{}", error.kind())?,
        }
        output.write_all(b"\n")?;
    }
    output.flush()
}
