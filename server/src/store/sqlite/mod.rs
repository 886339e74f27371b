//! What the stores in SQLite share: one thread that writes rows, and connections that read them.

mod readers;
mod writer;

pub use readers::Readers;
pub use writer::{NewRow, Statements, Writer};
