//! [`EventStream`]: the events of a `text/event-stream` body (WHATWG HTML, section 9.2).

use std::io::{self, BufRead};

/// The data of each event, as they come. What else an event has is left alone, as Stepflow does.
pub struct EventStream<R> {
    body: R,
    /// Whether the last line ended with a carriage return, so that a line feed that follows belongs to it.
    after_return: bool,
    at_start: bool,
}

impl<R: BufRead> EventStream<R> {
    pub fn new(body: R) -> Self {
        Self { body, after_return: false, at_start: true }
    }

    /// The next line without its end, or `None` where the body ends: what follows the last line end is no line.
    fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        loop {
            let available = self.body.fill_buf()?;
            let Some(&first) = available.first() else { return Ok(None) };
            if std::mem::take(&mut self.after_return) && first == b'\n' {
                self.body.consume(1);
                continue;
            }
            let end = available.iter().position(|byte| b"\r\n".contains(byte));
            line.extend_from_slice(&available[..end.unwrap_or(available.len())]);
            let Some(end) = end else {
                let all = available.len();
                self.body.consume(all);
                continue;
            };
            self.after_return = available[end] == b'\r';
            self.body.consume(end + 1);
            if std::mem::take(&mut self.at_start) && line.starts_with(b"\xef\xbb\xbf") {
                line.drain(..3);
            }
            return Ok(Some(line));
        }
    }

    fn event(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut data: Option<Vec<u8>> = None;
        while let Some(line) = self.line()? {
            if line.is_empty() {
                match data.take() {
                    Some(data) => return Ok(Some(data)),
                    None => continue,
                }
            }
            let colon = line.iter().position(|&byte| byte == b':').unwrap_or(line.len());
            if &line[..colon] == b"data" {
                let value = line.get(colon + 1..).unwrap_or_default();
                let value = value.strip_prefix(b" ").unwrap_or(value);
                match &mut data {
                    Some(data) => {
                        data.push(b'\n');
                        data.extend_from_slice(value);
                    }
                    None => data = Some(value.to_vec()),
                }
            }
        }
        Ok(None)
    }
}

impl<R: BufRead> Iterator for EventStream<R> {
    type Item = io::Result<Vec<u8>>;

    fn next(&mut self) -> Option<io::Result<Vec<u8>>> {
        self.event().transpose()
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    #[test]
    fn hands_out_the_data_of_each_event_however_the_body_is_cut() {
        let check = |body: &str, expected: &[&str]| {
            for capacity in 1..=body.len().max(1) {
                let stream = EventStream::new(BufReader::with_capacity(capacity, body.as_bytes()));
                let found = stream.map(|event| String::from_utf8(event.expect("an event")).expect("UTF-8"));
                assert_eq!(found.collect::<Vec<_>>(), expected, "{body:?} by {capacity}");
            }
        };
        check("", &[]);
        check("data: {\"a\": 1}\n\n", &["{\"a\": 1}"]);
        check("data:1\r\n\r\ndata:2\r\rdata:3\n\n", &["1", "2", "3"]);
        check("data: a\ndata:  b\ndata\ndata:\n\n", &["a\n b\n\n"]);
        check("\u{feff}data: 1\n\n\u{feff}data: 2\n\n", &["1"]);
        check(": a comment\nevent: x\nid: 7\nretry: 10\ndata: 1\n\nid: 8\n\n\n\ndata: 2\n\n", &["1", "2"]);
        check("data\n\nDATA: 1\n\ndata : 1\n\n", &[""]);
        // An event that is cut off is none.
        check("data: 1\n\ndata: 2\n", &["1"]);
        check("data: 1\n\ndata: 2", &["1"]);
    }
}
