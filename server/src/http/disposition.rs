//! `Content-Disposition` with a filename (RFC 6266), in any script (RFC 8187).

use axum::http::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::Filename;

/// RFC 8187, section 3.2.1: what is not an `attr-char`.
const NOT_ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// The header that has a browser save the bytes under a name.
///
/// Of a path only the last part is told, as RFC 6266, section 4.3, has every recipient take it. A name of plain ASCII is
/// told as it is; any other is told twice, for old recipients with `_` in place of what they might misread.
pub fn attachment(filename: &Filename) -> HeaderValue {
    let name = filename.as_str().rsplit(['/', '\\']).next().unwrap_or_default();
    let is_plain = |c: char| c == ' ' || (c.is_ascii_graphic() && !matches!(c, '"' | '%'));
    let value = if name.is_empty() {
        "attachment".into()
    } else if name.chars().all(is_plain) {
        format!("attachment; filename=\"{name}\"")
    } else {
        let plain: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
        let encoded = utf8_percent_encode(name, NOT_ATTR_CHAR);
        format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
    };
    HeaderValue::try_from(value).expect("printable ASCII is a header's value")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_told_so_that_every_recipient_reads_it() {
        let rows = [
            ("report.json", r#"attachment; filename="report.json""#),
            ("my report; final.json", r#"attachment; filename="my report; final.json""#),
            ("naïve.json", r#"attachment; filename="na_ve.json"; filename*=UTF-8''na%C3%AFve.json"#),
            ("€ 日本.txt", r#"attachment; filename="_ __.txt"; filename*=UTF-8''%E2%82%AC%20%E6%97%A5%E6%9C%AC.txt"#),
            (r#"a"b%41'.txt"#, r#"attachment; filename="a_b_41'.txt"; filename*=UTF-8''a%22b%2541%27.txt"#),
            ("../../etc/passwd", r#"attachment; filename="passwd""#),
            (r"C:\temp\a.txt", r#"attachment; filename="a.txt""#),
            ("folder/", "attachment"),
        ];
        for (name, expected) in rows {
            let filename = Filename::new(name).expect("a filename");
            assert_eq!(attachment(&filename), expected, "{name}");
        }
    }
}
