//! Lists with weights (RFC 9110, section 12.4.2), as in `Accept` and `Accept-Encoding`.

use axum::http::{HeaderMap, HeaderName};

/// The elements of a header's lists: what stands before the parameters, and the weight in thousandths.
pub fn list(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = (&str, u16)> {
    let elements = headers.get_all(name).into_iter().flat_map(|value| value.to_str().unwrap_or_default().split(','));
    elements.map(|element| {
        let mut parts = element.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let weight = parts.find_map(|parameter| parameter.strip_prefix(['q', 'Q'])?.strip_prefix('='));
        (name, weight.map_or(1000, thousandths))
    })
}

/// 0 for what is no weight.
fn thousandths(weight: &str) -> u16 {
    match weight.parse::<f32>() {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1000")]
        Ok(weight) if (0.0..=1.0).contains(&weight) => (weight * 1000.0).round() as u16,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header::ACCEPT;

    use super::*;

    #[test]
    fn lines_of_one_header_are_one_list() {
        let mut headers = HeaderMap::new();
        headers.append(ACCEPT, "a;x=1; q=0.25 , b;Q=1".parse().expect("a header"));
        headers.append(ACCEPT, "c;q=2,d;q=x, e;q=0.001".parse().expect("a header"));
        let expected = [("a", 250), ("b", 1000), ("c", 0), ("d", 0), ("e", 1)];
        assert_eq!(list(&headers, ACCEPT).collect::<Vec<_>>(), expected);
        assert_eq!(list(&HeaderMap::new(), ACCEPT).count(), 0);
    }
}
