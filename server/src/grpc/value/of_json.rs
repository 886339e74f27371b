//! [`of_json`]: canonical JSON as an encoded `google.protobuf.Value`.

use std::borrow::Cow;
use std::fmt;

use isoblob_core::find_inexact_number;
use prost::encoding::{WireType, encode_key, encode_varint, encoded_len_varint};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use tonic::{Code, Status};

use super::field;
use crate::grpc::status::refuse;
use crate::http::error::ApiError;

/// The messages, one inside the other, that protobuf's libraries read unless they are told to read more: 100.
const MAX_MESSAGES: usize = 100;

/// Encodes canonical JSON.
///
/// # Errors
///
/// A number is not that of a double, or the messages would be nested deeper than protobuf's libraries read. What cannot
/// be told as it is, is not told.
pub fn of_json(canonical: &[u8]) -> Result<Vec<u8>, Status> {
    if let Some(inexact) = find_inexact_number(canonical) {
        let literal = inexact.literal;
        let what = format!("a double, which is what protobuf has for numbers, does not hold {literal}; HTTP tells it");
        return Err(refuse(Code::FailedPrecondition, "inexact_number", &what, None, inexact.pointer.as_deref()));
    }
    let mut message = Vec::with_capacity(canonical.len());
    let mut too_deep = false;
    // The value is inside the message that answers the call.
    let value = Value { message: &mut message, messages: 1, too_deep: &mut too_deep };
    let mut json = serde_json::Deserializer::from_slice(canonical);
    match value.deserialize(&mut json).and_then(|()| json.end()) {
        Ok(()) => Ok(message),
        Err(_) if too_deep => {
            let what =
                format!("as protobuf it is more than {MAX_MESSAGES} messages, one inside the other; HTTP tells it");
            Err(refuse(Code::FailedPrecondition, "too_deep", &what, None, None))
        }
        Err(error) => Err(ApiError::internal(error).into()),
    }
}

/// Encodes the value that comes next.
struct Value<'m> {
    message: &'m mut Vec<u8>,
    /// The number of messages around what is encoded, the `Value` itself counted.
    messages: usize,
    too_deep: &'m mut bool,
}

impl Value<'_> {
    /// The encoder of a value that is so many messages further inside.
    fn inside<E: serde::de::Error>(&mut self, messages: usize) -> Result<Value<'_>, E> {
        let messages = self.messages + messages;
        *self.too_deep = messages > MAX_MESSAGES;
        if *self.too_deep {
            return Err(E::custom("too deep"));
        }
        Ok(Value { message: self.message, messages, too_deep: self.too_deep })
    }

    fn varint(self, tag: u32, value: u64) {
        encode_key(tag, WireType::Varint, self.message);
        encode_varint(value, self.message);
    }

    fn number(self, double: f64) {
        encode_key(field::NUMBER_VALUE, WireType::SixtyFourBit, self.message);
        self.message.extend_from_slice(&double.to_le_bytes());
    }
}

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

#[expect(clippy::cast_precision_loss, reason = "every number was found to be that of a double")]
impl<'de> Visitor<'de> for Value<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.varint(field::NULL_VALUE, 0);
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.varint(field::BOOL_VALUE, value.into());
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.number(number as f64);
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.number(number as f64);
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        self.number(number);
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        encode_string(field::STRING_VALUE, text, self.message);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut elements: A) -> Result<(), A::Error> {
        let list = Nested::begin(field::LIST_VALUE, self.message);
        self.inside::<A::Error>(1)?;
        loop {
            let value = Nested::begin(field::VALUES, self.message);
            // Behind the last element there is none to look at the depth of.
            let seed = Inside(&mut self, 2);
            if elements.next_element_seed(seed)?.is_none() {
                value.undo(self.message);
                break;
            }
            value.end(self.message);
        }
        list.end(self.message);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        let object = Nested::begin(field::STRUCT_VALUE, self.message);
        self.inside::<A::Error>(1)?;
        while let Some(Key(key)) = members.next_key()? {
            let entry = Nested::begin(field::FIELDS, self.message);
            encode_string(field::KEY, &key, self.message);
            let value = Nested::begin(field::VALUE, self.message);
            members.next_value_seed(Inside(&mut self, 3))?;
            value.end(self.message);
            entry.end(self.message);
        }
        object.end(self.message);
        Ok(())
    }
}

/// Encodes a value that is so many messages further inside.
struct Inside<'v, 'm>(&'v mut Value<'m>, usize);

impl<'de> DeserializeSeed<'de> for Inside<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.0.inside(self.1)?.deserialize(deserializer)
    }
}

/// A key, borrowed where it has no escapes.
#[derive(serde::Deserialize)]
struct Key<'k>(#[serde(borrow)] Cow<'k, str>);

fn encode_string(tag: u32, text: &str, message: &mut Vec<u8>) {
    encode_key(tag, WireType::LengthDelimited, message);
    encode_varint(text.len() as u64, message);
    message.extend_from_slice(text.as_bytes());
}

/// A message inside another one, whose length is not known before its end. One byte is kept for it, which most lengths
/// take; a longer one moves the message.
struct Nested {
    begin: usize,
    length_at: usize,
}

impl Nested {
    fn begin(tag: u32, message: &mut Vec<u8>) -> Self {
        let begin = message.len();
        encode_key(tag, WireType::LengthDelimited, message);
        let length_at = message.len();
        message.push(0);
        Self { begin, length_at }
    }

    fn end(self, message: &mut Vec<u8>) {
        let length = (message.len() - self.length_at - 1) as u64;
        let mut encoded = Vec::with_capacity(encoded_len_varint(length));
        encode_varint(length, &mut encoded);
        message.splice(self.length_at..=self.length_at, encoded);
    }

    fn undo(self, message: &mut Vec<u8>) {
        message.truncate(self.begin);
    }
}
