//! Which form of a blob a client asks for, by its `Accept` header (RFC 9110, section 12.5.1).

use axum::http::HeaderMap;
use axum::http::header::ACCEPT;

/// The forms that a blob is served in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The JSON envelope, `application/json`.
    Envelope,
    /// The bytes whose hash is the id, `application/octet-stream`.
    Raw,
}

impl Form {
    /// The form that a client likes better. Where it likes both the same, the one that it named more exactly; where
    /// that decides nothing, or it likes neither, the envelope.
    pub fn of(headers: &HeaderMap) -> Self {
        let mut raw = Preference::default();
        let mut envelope = Preference::default();
        for value in headers.get_all(ACCEPT) {
            for range in value.to_str().unwrap_or_default().split(',') {
                raw.consider(range, "octet-stream");
                envelope.consider(range, "json");
            }
        }
        let is_better = (raw.weight, raw.exactness) > (envelope.weight, envelope.exactness);
        if is_better && raw.weight > 0 { Self::Raw } else { Self::Envelope }
    }
}

/// What the most exact range that matches a type says of it.
#[derive(Default)]
struct Preference {
    /// 1 for `*/*`, 2 for `application/*`, 3 for the type; 0 where nothing matched.
    exactness: u8,
    /// Thousandths.
    weight: u16,
}

impl Preference {
    fn consider(&mut self, range: &str, subtype: &str) {
        let mut parts = range.split(';').map(str::trim);
        let Some((main, sub)) = parts.next().and_then(|name| name.split_once('/')) else { return };
        let exactness = match (main, sub) {
            ("*", "*") => 1,
            _ if !main.eq_ignore_ascii_case("application") => return,
            (_, "*") => 2,
            _ if sub.eq_ignore_ascii_case(subtype) => 3,
            _ => return,
        };
        let weight =
            parts.find_map(|parameter| parameter.strip_prefix(['q', 'Q'])?.strip_prefix('=')).map_or(1000, weight);
        if (exactness, weight) > (self.exactness, self.weight) {
            *self = Self { exactness, weight };
        }
    }
}

/// Thousandths of a weight, 0 for what is none.
fn weight(text: &str) -> u16 {
    match text.parse::<f32>() {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1000")]
        Ok(weight) if (0.0..=1.0).contains(&weight) => (weight * 1000.0).round() as u16,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_better_liked_form_is_served() {
        let rows = [
            ("", Form::Envelope),
            ("*/*", Form::Envelope),
            ("application/*", Form::Envelope),
            ("application/json", Form::Envelope),
            ("text/html", Form::Envelope),
            ("application/octet-stream", Form::Raw),
            ("APPLICATION/Octet-Stream", Form::Raw),
            ("application/octet-stream;q=0.5", Form::Raw),
            ("text/html, application/octet-stream", Form::Raw),
            ("application/octet-stream, */*", Form::Raw),
            ("application/octet-stream, */*;q=0.1", Form::Raw),
            ("application/json;q=0.9, application/octet-stream", Form::Raw),
            ("application/json;q=0, */*", Form::Raw),
            ("application/octet-stream, application/json", Form::Envelope),
            ("application/octet-stream;q=0.9, application/json", Form::Envelope),
            ("application/octet-stream;q=0.001, */*", Form::Envelope),
            ("application/octet-stream;q=0", Form::Envelope),
            ("application/octet-stream;q=x", Form::Envelope),
            ("application/octet-stream; version=1; Q=0.9, application/json;q=0.8", Form::Raw),
            ("application", Form::Envelope),
            (",,;/", Form::Envelope),
        ];
        for (accept, expected) in rows {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, accept.parse().expect("a header"));
            assert_eq!(Form::of(&headers), expected, "{accept}");
        }
        assert_eq!(Form::of(&HeaderMap::new()), Form::Envelope);
    }

    #[test]
    fn lines_of_one_header_are_one_list() {
        let mut headers = HeaderMap::new();
        headers.append(ACCEPT, "application/json;q=0.1".parse().expect("a header"));
        headers.append(ACCEPT, "application/octet-stream".parse().expect("a header"));
        assert_eq!(Form::of(&headers), Form::Raw);
    }
}
