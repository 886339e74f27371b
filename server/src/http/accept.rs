//! Which form of a blob a client asks for, by its `Accept` header (RFC 9110, section 12.5.1).

use axum::http::HeaderMap;
use axum::http::header::ACCEPT;

use super::weighted;

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
        for (range, weight) in weighted::list(headers, ACCEPT) {
            raw.consider(range, weight, "octet-stream");
            envelope.consider(range, weight, "json");
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
    fn consider(&mut self, range: &str, weight: u16, subtype: &str) {
        let Some((main, sub)) = range.split_once('/') else { return };
        let exactness = match (main, sub) {
            ("*", "*") => 1,
            _ if !main.eq_ignore_ascii_case("application") => return,
            (_, "*") => 2,
            _ if sub.eq_ignore_ascii_case(subtype) => 3,
            _ => return,
        };
        if (exactness, weight) > (self.exactness, self.weight) {
            *self = Self { exactness, weight };
        }
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
}
