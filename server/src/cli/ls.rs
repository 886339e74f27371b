//! `isoblob ls`: what a server holds, newest first.

use std::io::Write;

use clap::Args;
use isoblob_core::{BlobId, BlobType};

use super::client::Client;
use super::content::blob_type_parser;
use super::{Answer, CommandError, Form, FormArgs, ServerArgs, print_json};
use crate::http::blobs::{BlobList, ListItem};

/// Blobs that are asked for at once.
const PAGE_BLOBS: usize = 1000;

/// The command line of `isoblob ls`.
#[derive(Args, Clone, Debug)]
pub struct LsArgs {
    /// Only blobs of this type
    #[arg(long = "type", value_name = "TYPE", value_parser = blob_type_parser())]
    blob_type: Option<BlobType>,

    /// The most blobs to list; all of them otherwise
    #[arg(long, value_name = "COUNT")]
    limit: Option<usize>,

    #[command(flatten)]
    server: ServerArgs,

    #[command(flatten)]
    form: FormArgs,
}

impl LsArgs {
    pub(super) fn run(&self, out: &mut dyn Write) -> Result<Answer, CommandError> {
        let client = Client::new(&self.server);
        let mut left = self.limit.unwrap_or(usize::MAX);
        let mut cursor = None;
        while left > 0 {
            let page: BlobList = client.query(&self.query(left, cursor))?;
            left -= page.blobs.len().min(left);
            page.blobs.iter().try_for_each(|item| self.print(out, item))?;
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        Ok(Answer::Yes)
    }
}

impl LsArgs {
    fn query(&self, left: usize, cursor: Option<BlobId>) -> String {
        let blob_type = self.blob_type.map(|blob_type| format!("&type={blob_type}")).unwrap_or_default();
        let cursor = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        format!("?limit={}{blob_type}{cursor}", left.min(PAGE_BLOBS))
    }

    fn print(&self, out: &mut dyn Write, item: &ListItem) -> Result<(), CommandError> {
        if self.form.form() == Form::Json {
            return Ok(print_json(out, item)?);
        }
        let ListItem { blob_id, blob_type, size, filename, created } = item;
        // What a server says may hold what a terminal would obey.
        let filename = filename.iter().flat_map(|name| name.chars().filter(|c| !c.is_control())).collect::<String>();
        let created: String = created.chars().filter(|c| !c.is_control()).collect();
        let row = format!("{blob_id}  {:6}  {size:>12}  {created}  {filename}", blob_type.as_str());
        Ok(writeln!(out, "{}", row.trim_end())?)
    }
}
