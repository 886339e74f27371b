//! RFC 8785, section 3.2.

use std::fmt::Write as _;

use super::read::Value;

/// Appends the canonical form of a value.
pub fn write(value: &Value, out: &mut String) {
    match value {
        Value::Literal(name) => out.push_str(name),
        Value::Number(number) => out.push_str(number),
        Value::String(string) => write_string(string, out),
        Value::Array(elements) => {
            out.push('[');
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(element, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by_cached_key(|(key, _)| key.encode_utf16().collect::<Vec<_>>());
            out.push('{');
            for (index, (key, value)) in sorted.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_string(key, out);
                out.push(':');
                write(value, out);
            }
            out.push('}');
        }
    }
}

/// Section 3.2.2.2.
fn write_string(string: &str, out: &mut String) {
    out.push('"');
    for character in string.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\x08' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\x0c' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            '\0'..='\x1f' => write!(out, "\\u{:04x}", u32::from(character)).expect("a String takes everything"),
            _ => out.push(character),
        }
    }
    out.push('"');
}
