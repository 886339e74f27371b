//! [`to_json`]: the JSON text of an encoded `google.protobuf.Value`.

use std::io::Write as _;

use isoblob_core::{ErrorKind, MAX_DEPTH};
use prost::DecodeError;
use prost::bytes::Buf as _;
use prost::encoding::{DecodeContext, WireType, check_wire_type, decode_key, decode_varint, skip_field};
use tonic::{Code, Status};

use super::field;
use crate::grpc::status::refuse;

/// The JSON text of an encoded value, for the core to read.
///
/// A number is written with an exponent, which makes it no integer literal: the core then writes it from its double. A
/// key that a `Struct` has twice is in the text twice, for the core to refuse; protobuf would keep the last one.
///
/// # Errors
///
/// The bytes are no value, hold a number that is not finite, or a value without a kind or with two; or they hold more
/// than [`MAX_DEPTH`] containers, one inside the other.
pub fn to_json(message: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut json = Vec::with_capacity(message.len());
    write_value(message, 0, &mut json)?;
    Ok(json)
}

/// What is wrong with a value, and the way to it, from the inside out.
#[derive(Debug)]
pub struct Fault {
    reason: &'static str,
    what: String,
    path: Vec<String>,
}

impl Fault {
    fn new(reason: &'static str, what: impl Into<String>) -> Self {
        Self { reason, what: what.into(), path: Vec::new() }
    }

    /// Bytes that are not those of a value.
    fn malformed(what: impl Into<String>) -> Self {
        Self::new("invalid_body", what)
    }

    fn inside(mut self, step: impl FnOnce() -> String) -> Self {
        self.path.push(step());
        self
    }
}

impl From<DecodeError> for Fault {
    fn from(error: DecodeError) -> Self {
        Self::malformed(error.to_string())
    }
}

impl From<Fault> for Status {
    fn from(Fault { reason, what, path }: Fault) -> Self {
        // RFC 6901, section 3.
        let escaped = |step: &String| format!("/{}", step.replace('~', "~0").replace('/', "~1"));
        let pointer: String = path.iter().rev().map(escaped).collect();
        refuse(Code::InvalidArgument, reason, &what, None, Some(&pointer))
    }
}

fn write_value(mut message: &[u8], depth: usize, json: &mut Vec<u8>) -> Result<(), Fault> {
    let start = json.len();
    while let Some((tag, wire_type)) = next_field(&mut message)? {
        if (field::NULL_VALUE..=field::LIST_VALUE).contains(&tag) && json.len() > start {
            return Err(Fault::malformed("a Value has two kinds"));
        }
        match tag {
            field::NULL_VALUE => {
                varint(&mut message, wire_type)?;
                json.extend_from_slice(b"null");
            }
            field::NUMBER_VALUE => write_number(double(&mut message, wire_type)?, json)?,
            field::STRING_VALUE => write_string(delimited(&mut message, wire_type)?, json)?,
            field::BOOL_VALUE => {
                let value = varint(&mut message, wire_type)? != 0;
                json.extend_from_slice(if value { b"true" } else { b"false" });
            }
            field::STRUCT_VALUE => write_object(delimited(&mut message, wire_type)?, depth + 1, json)?,
            field::LIST_VALUE => write_array(delimited(&mut message, wire_type)?, depth + 1, json)?,
            _ => skip_field(wire_type, tag, &mut message, DecodeContext::default())?,
        }
    }
    if json.len() == start { Err(Fault::malformed("a Value has no kind")) } else { Ok(()) }
}

fn write_object(mut message: &[u8], depth: usize, json: &mut Vec<u8>) -> Result<(), Fault> {
    check_depth(depth)?;
    json.push(b'{');
    let start = json.len();
    while let Some((tag, wire_type)) = next_field(&mut message)? {
        if tag != field::FIELDS {
            skip_field(wire_type, tag, &mut message, DecodeContext::default())?;
            continue;
        }
        if json.len() > start {
            json.push(b',');
        }
        write_member(delimited(&mut message, wire_type)?, depth, json)?;
    }
    json.push(b'}');
    Ok(())
}

/// Writes an entry of a map, of which either field may be left out where it is empty.
fn write_member(mut entry: &[u8], depth: usize, json: &mut Vec<u8>) -> Result<(), Fault> {
    let (mut key, mut value) = (None, None);
    while let Some((tag, wire_type)) = next_field(&mut entry)? {
        let earlier = match tag {
            field::KEY => key.replace(delimited(&mut entry, wire_type)?),
            field::VALUE => value.replace(delimited(&mut entry, wire_type)?),
            _ => {
                skip_field(wire_type, tag, &mut entry, DecodeContext::default())?;
                continue;
            }
        };
        if earlier.is_some() {
            return Err(Fault::malformed("a member of a Struct has two keys or two values"));
        }
    }
    let (key, value) = (key.unwrap_or_default(), value.unwrap_or_default());
    write_string(key, json)?;
    json.push(b':');
    write_value(value, depth, json).map_err(|fault| fault.inside(|| String::from_utf8_lossy(key).into_owned()))
}

fn write_array(mut message: &[u8], depth: usize, json: &mut Vec<u8>) -> Result<(), Fault> {
    check_depth(depth)?;
    json.push(b'[');
    let mut index = 0_usize;
    while let Some((tag, wire_type)) = next_field(&mut message)? {
        if tag != field::VALUES {
            skip_field(wire_type, tag, &mut message, DecodeContext::default())?;
            continue;
        }
        if index > 0 {
            json.push(b',');
        }
        let value = delimited(&mut message, wire_type)?;
        write_value(value, depth, json).map_err(|fault| fault.inside(|| index.to_string()))?;
        index += 1;
    }
    json.push(b']');
    Ok(())
}

fn write_number(double: f64, json: &mut Vec<u8>) -> Result<(), Fault> {
    if !double.is_finite() {
        return Err(Fault::new("number_not_finite", format!("{double} is no number of JSON")));
    }
    // The shortest digits that give this double back.
    write!(json, "{double:e}").expect("memory takes every byte");
    Ok(())
}

fn write_string(characters: &[u8], json: &mut Vec<u8>) -> Result<(), Fault> {
    let text = std::str::from_utf8(characters)
        .map_err(|_| Fault::new(ErrorKind::InvalidUtf8.as_str(), "a string is not UTF-8"))?;
    serde_json::to_writer(json, text).expect("memory takes every byte");
    Ok(())
}

fn check_depth(depth: usize) -> Result<(), Fault> {
    if depth > MAX_DEPTH {
        let what = format!("more than {MAX_DEPTH} containers, one inside the other");
        return Err(Fault::new(ErrorKind::TooDeep.as_str(), what));
    }
    Ok(())
}

fn next_field(message: &mut &[u8]) -> Result<Option<(u32, WireType)>, Fault> {
    if message.is_empty() { Ok(None) } else { Ok(Some(decode_key(message)?)) }
}

fn varint(message: &mut &[u8], wire_type: WireType) -> Result<u64, Fault> {
    check_wire_type(WireType::Varint, wire_type)?;
    Ok(decode_varint(message)?)
}

fn double(message: &mut &[u8], wire_type: WireType) -> Result<f64, Fault> {
    check_wire_type(WireType::SixtyFourBit, wire_type)?;
    message.try_get_f64_le().map_err(|_| Fault::malformed("a number ends before its end"))
}

fn delimited<'m>(message: &mut &'m [u8], wire_type: WireType) -> Result<&'m [u8], Fault> {
    check_wire_type(WireType::LengthDelimited, wire_type)?;
    let length = usize::try_from(decode_varint(message)?).unwrap_or(usize::MAX);
    message.split_off(..length).ok_or_else(|| Fault::malformed("a field ends before its end"))
}
