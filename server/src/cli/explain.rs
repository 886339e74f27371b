//! `isoblob explain`: what canonicalization changes in a file, or why two files have two ids.

use std::io::{self, Write};

use clap::Args;
use isoblob_core::{
    BlobId, Change, ChangeKind, Difference, DifferenceKind, Explanation, Position, Side, explain, explain_text,
};
use serde::Serialize;

use super::content::LIMITS;
use super::{Answer, CommandError, Form, FormArgs, Source, print_json};

/// The command line of `isoblob explain`.
#[derive(Args, Clone, Debug)]
pub struct ExplainArgs {
    /// The file of JSON; - is standard input
    #[arg(value_name = "FILE", default_value = "-")]
    file: Source,

    /// Another, to compare it with
    #[arg(value_name = "OTHER")]
    other: Option<Source>,

    #[command(flatten)]
    form: FormArgs,
}

impl ExplainArgs {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Answer, CommandError> {
        let text = self.file.read()?;
        match &self.other {
            Some(other) => self.compare(out, &text, other),
            None => self.survey(out, &text),
        }
    }
}

/// What is printed of one file.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Survey {
    blob_id: BlobId,
    canonical: bool,
    changes: Vec<Change>,
}

/// What is printed of two.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Comparison {
    one_blob: bool,
    #[serde(flatten)]
    explanation: Explanation,
}

impl ExplainArgs {
    fn survey(&self, out: &mut dyn Write, text: &[u8]) -> Result<Answer, CommandError> {
        let changes = explain_text(text, LIMITS).map_err(|error| self.file.refused(error))?;
        let blob_id = BlobId::of_json(text, LIMITS).map_err(|error| self.file.refused(error))?;
        let canonical = changes.is_empty();
        match self.form.form() {
            Form::Json => print_json(out, &Survey { blob_id, canonical, changes })?,
            Form::Text => {
                writeln!(out, "{blob_id}")?;
                if canonical {
                    writeln!(out, "It is its own canonical form.")?;
                }
                changes.iter().try_for_each(|change| print_change(out, change))?;
            }
        }
        Ok(canonical.into())
    }

    fn compare(&self, out: &mut dyn Write, text: &[u8], other: &Source) -> Result<Answer, CommandError> {
        let explained = explain(text, &other.read()?, LIMITS);
        let explanation = explained.map_err(|error| match error.side {
            Side::One => self.file.refused(error.error),
            Side::Other => other.refused(error.error),
        })?;
        let one_blob = explanation.is_one_blob();
        match self.form.form() {
            Form::Json => print_json(out, &Comparison { one_blob, explanation })?,
            Form::Text => print_explanation(out, &explanation)?,
        }
        Ok(one_blob.into())
    }
}

fn print_change(out: &mut dyn Write, change: &Change) -> io::Result<()> {
    let what = match change.kind {
        ChangeKind::Whitespace => "whitespace is left out",
        ChangeKind::MemberOrder => "members are sorted",
        ChangeKind::Escapes => "escapes are decoded, or spelled another way",
        ChangeKind::NumberSpelling => "numbers are spelled another way",
        // The core may come to know more.
        other => other.as_str(),
    };
    let Position { line, column, .. } = change.first;
    let places = if change.count == 1 { "once," } else { &format!("{} times, first", change.count) };
    write!(out, "{what}: {places} at line {line} column {column}")?;
    match change.pointer.as_deref() {
        None | Some("") => writeln!(out),
        Some(pointer) => writeln!(out, ", in `{pointer}`"),
    }
}

fn print_explanation(out: &mut dyn Write, explanation: &Explanation) -> io::Result<()> {
    if explanation.is_one_blob() {
        return writeln!(out, "Both are {}.", explanation.one);
    }
    writeln!(out, "- {}\n+ {}", explanation.one, explanation.other)?;
    explanation.differences.iter().try_for_each(|difference| print_difference(out, difference))?;
    match explanation.count - explanation.differences.len() {
        0 => Ok(()),
        more => writeln!(out, "and {more} more"),
    }
}

fn print_difference(out: &mut dyn Write, difference: &Difference) -> io::Result<()> {
    let place = match difference.pointer.as_deref() {
        None => "somewhere deep",
        Some("") => "the whole",
        Some(pointer) => pointer,
    };
    match &difference.kind {
        DifferenceKind::Missing => writeln!(out, "{place}: only in the first"),
        DifferenceKind::Added => writeln!(out, "{place}: only in the second"),
        DifferenceKind::Type { from, to } => writeln!(out, "{place}: {from} in the first, {to} in the second"),
        DifferenceKind::Value { from, to } => writeln!(out, "{place}: {from} in the first, {to} in the second"),
        // The core may come to know more.
        other => writeln!(out, "{place}: {other:?}"),
    }
}
