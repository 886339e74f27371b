//! One of the texts that stand for a value.

use super::Json;

/// What decides how a value is written: the choices in turn, then always the plainest. Fewer and smaller ones make a
/// plainer text, so that a failure shrinks to one that can be read.
pub struct Choices<'a>(std::slice::Iter<'a, u8>);

impl<'a> Choices<'a> {
    pub fn new(choices: &'a [u8]) -> Self {
        Self(choices.iter())
    }

    /// A number below this one. The higher half of a choice counts for nothing, so that plain is frequent.
    fn below(&mut self, count: usize) -> usize {
        usize::from(self.0.next().map_or(0, |choice| choice.saturating_sub(128))) % count
    }
}

/// Appends a text of this value, whitespace around it included.
pub fn spell(value: &Json, choices: &mut Choices<'_>, out: &mut String) {
    whitespace(choices, out);
    match value {
        Json::Literal(name) => out.push_str(name),
        Json::Integer(digits) => out.push_str(digits),
        Json::Decimal { negative, digits, exponent } => {
            out.push_str(if *negative { "-" } else { "" });
            out.push_str(&decimal(digits, *exponent, choices));
        }
        Json::String(string) => spell_string(string, choices, out),
        Json::Array(elements) => {
            out.push('[');
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                spell(element, choices, out);
            }
            whitespace(choices, out);
            out.push(']');
        }
        Json::Object(members) => {
            out.push('{');
            for (index, (key, value)) in reordered(members, choices).into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                whitespace(choices, out);
                spell_string(key, choices, out);
                whitespace(choices, out);
                out.push(':');
                spell(value, choices, out);
            }
            whitespace(choices, out);
            out.push('}');
        }
    }
    whitespace(choices, out);
}

fn whitespace(choices: &mut Choices<'_>, out: &mut String) {
    out.push_str(["", " ", "\n", "\t", "\r\n", "\n        "][choices.below(6)]);
}

/// The members in an order of their own. Equal keys are left as they are, since their order decides which is at fault.
fn reordered<'a>(members: &'a [(String, Json)], choices: &mut Choices<'_>) -> Vec<&'a (String, Json)> {
    let mut members: Vec<_> = members.iter().collect();
    match choices.below(4) {
        1 => members.reverse(),
        2 => members.sort_by_key(|(key, _)| key),
        3 => {
            for index in (1..members.len()).rev() {
                members.swap(index, choices.below(index + 1));
            }
        }
        _ => {}
    }
    members
}

fn spell_string(string: &str, choices: &mut Choices<'_>, out: &mut String) {
    out.push('"');
    for character in string.chars() {
        let short = match character {
            '"' | '\\' | '/' => Some(character),
            '\x08' => Some('b'),
            '\x0c' => Some('f'),
            '\n' => Some('n'),
            '\r' => Some('r'),
            '\t' => Some('t'),
            _ => None,
        };
        let must_be_escaped = character < ' ' || character == '"' || character == '\\';
        match (choices.below(8), short) {
            (0..=4, _) if !must_be_escaped => out.push(character),
            (0..=5, Some(short)) => out.extend(['\\', short]),
            (choice, _) => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let escape = if choice == 7 { format!("\\u{unit:04X}") } else { format!("\\u{unit:04x}") };
                    out.push_str(&escape);
                }
            }
        }
    }
    out.push('"');
}

/// Digits times a power of ten, with a point, an exponent or both.
fn decimal(digits: &str, exponent: i32, choices: &mut Choices<'_>) -> String {
    let plain = digits.trim_start_matches('0');
    let plain = if plain.is_empty() { "0" } else { plain };
    let length = i32::try_from(plain.len()).expect("a moderate length");
    let e = ["e", "E"][choices.below(2)];
    let zeros = "0".repeat(choices.below(4));
    match choices.below(5) {
        // The point somewhere among the digits.
        1 if length > 1 => {
            let at = 1 + choices.below(plain.len() - 1);
            let (whole, fraction) = plain.split_at(at);
            let exponent = i64::from(exponent) + i64::try_from(fraction.len()).expect("a moderate length");
            format!("{whole}.{fraction}{zeros}{e}{exponent}")
        }
        // All digits after the point.
        2 => {
            let exponent = i64::from(exponent) + i64::from(length) + i64::try_from(zeros.len()).expect("3 at most");
            format!("0.{zeros}{plain}{e}{exponent}")
        }
        // A sign and leading zeros in the exponent.
        3 if exponent >= 0 => format!("{plain}{e}+{zeros}{exponent}"),
        // No exponent at all.
        4 if (-400..=0).contains(&exponent) => {
            let width = plain.len().max(1 + usize::try_from(-exponent).expect("not negative"));
            let padded = format!("{plain:0>width$}");
            let (whole, fraction) = padded.split_at(width - usize::try_from(-exponent).expect("not negative"));
            format!("{whole}.{fraction}0{zeros}")
        }
        _ => format!("{plain}{e}{exponent}"),
    }
}
