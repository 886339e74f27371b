//! A recursive-descent parser of RFC 8259.

use std::collections::HashSet;

use isoblob_core::{ErrorKind, MAX_DEPTH};

use super::number;

/// A JSON value.
pub enum Value {
    /// `null`, `true` or `false`.
    Literal(&'static str),
    /// A number in its canonical spelling.
    Number(String),
    /// The characters of a string, escapes decoded.
    String(String),
    /// The elements of an array.
    Array(Vec<Value>),
    /// The members of an object in the order of the text. No two have one key.
    Object(Vec<(String, Value)>),
}

/// What the parser met, at which byte, inside which value.
pub struct Fault {
    pub kind: ErrorKind,
    pub offset: usize,
    pub path: Vec<String>,
}

/// Reads the one value of a text.
pub fn read(text: &str) -> Result<Value, Fault> {
    let mut reader = Reader { text, offset: 0, path: Vec::new() };
    let value = reader.value()?;
    reader.whitespace();
    match reader.peek() {
        None => Ok(value),
        Some(_) => Err(reader.fault(ErrorKind::TrailingCharacters)),
    }
}

struct Reader<'a> {
    text: &'a str,
    /// The number of bytes that were read.
    offset: usize,
    /// The key or index of every value that is being read, from the outermost container's on. It has as many tokens as
    /// there are open containers, except between the values of a container.
    path: Vec<String>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.offset..].chars().next()
    }

    fn advance(&mut self) {
        self.offset += self.peek().map_or(0, char::len_utf8);
    }

    /// Reads this character if it comes next.
    fn take(&mut self, expected: char) -> bool {
        let is_next = self.peek() == Some(expected);
        if is_next {
            self.advance();
        }
        is_next
    }

    fn whitespace(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t' | '\n' | '\r')) {
            self.advance();
        }
    }

    fn fault(&self, kind: ErrorKind) -> Fault {
        self.fault_at(kind, self.offset)
    }

    fn fault_at(&self, kind: ErrorKind, offset: usize) -> Fault {
        Fault { kind, offset, path: self.path.clone() }
    }

    /// The fault of a text that ends here, or else that has a wrong character here.
    fn end_or(&self, kind: ErrorKind) -> Fault {
        self.fault(if self.peek().is_none() { ErrorKind::UnexpectedEnd } else { kind })
    }

    fn expect(&mut self, expected: char) -> Result<(), Fault> {
        if self.take(expected) { Ok(()) } else { Err(self.end_or(ErrorKind::UnexpectedCharacter)) }
    }

    fn value(&mut self) -> Result<Value, Fault> {
        self.whitespace();
        match self.peek() {
            Some('n') => self.literal("null"),
            Some('t') => self.literal("true"),
            Some('f') => self.literal("false"),
            Some('-' | '0'..='9') => self.number(),
            Some('"') => Ok(Value::String(self.string()?)),
            Some('[' | '{') if self.path.len() == MAX_DEPTH => Err(self.fault(ErrorKind::TooDeep)),
            Some('[') => self.array(),
            Some('{') => self.object(),
            _ => Err(self.end_or(ErrorKind::UnexpectedCharacter)),
        }
    }

    fn literal(&mut self, name: &'static str) -> Result<Value, Fault> {
        name.chars().try_for_each(|character| self.expect(character))?;
        Ok(Value::Literal(name))
    }

    fn array(&mut self) -> Result<Value, Fault> {
        let mut elements = Vec::new();
        self.expect('[')?;
        self.path.push("0".to_owned());
        self.whitespace();
        if self.take(']') {
            self.path.pop();
            return Ok(Value::Array(elements));
        }
        loop {
            elements.push(self.value()?);
            self.path.pop();
            self.whitespace();
            if self.take(']') {
                return Ok(Value::Array(elements));
            }
            self.expect(',')?;
            self.path.push(elements.len().to_string());
        }
    }

    fn object(&mut self) -> Result<Value, Fault> {
        let mut members = Vec::new();
        let mut key_offsets = Vec::new();
        self.expect('{')?;
        self.whitespace();
        if self.take('}') {
            return Ok(Value::Object(members));
        }
        loop {
            self.whitespace();
            key_offsets.push(self.offset);
            let key = self.string()?;
            self.path.push(key.clone());
            self.whitespace();
            self.expect(':')?;
            members.push((key, self.value()?));
            self.path.pop();
            self.whitespace();
            if self.take('}') {
                break;
            }
            self.expect(',')?;
        }
        let mut keys = HashSet::new();
        for ((key, _), offset) in members.iter().zip(key_offsets) {
            if !keys.insert(key) {
                self.path.push(key.clone());
                return Err(self.fault_at(ErrorKind::DuplicateKey, offset));
            }
        }
        Ok(Value::Object(members))
    }

    fn string(&mut self) -> Result<String, Fault> {
        let mut string = String::new();
        self.expect('"')?;
        loop {
            match self.peek() {
                None => return Err(self.fault(ErrorKind::UnexpectedEnd)),
                Some('\0'..='\x1f') => return Err(self.fault(ErrorKind::ControlCharacter)),
                Some('"') => {
                    self.advance();
                    return Ok(string);
                }
                Some('\\') => string.push(self.escape()?),
                Some(character) => {
                    self.advance();
                    string.push(character);
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, Fault> {
        let backslash = self.offset;
        self.expect('\\')?;
        let character = match self.peek() {
            None => return Err(self.fault(ErrorKind::UnexpectedEnd)),
            Some('u') => return self.unicode_escape(backslash),
            Some(character @ ('"' | '\\' | '/')) => character,
            Some('b') => '\x08',
            Some('f') => '\x0c',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some(_) => return Err(self.fault_at(ErrorKind::InvalidEscape, backslash)),
        };
        self.advance();
        Ok(character)
    }

    /// Reads `uXXXX` and, after a high surrogate, `\uXXXX` once more.
    fn unicode_escape(&mut self, backslash: usize) -> Result<char, Fault> {
        let unit = self.code_unit(backslash)?;
        let mut units = vec![unit];
        if (0xd800..0xdc00).contains(&unit) && self.take('\\') {
            // Whatever is wrong with the other half, it is the first that stays alone.
            units.extend(self.code_unit(backslash).ok());
        }
        match char::decode_utf16(units).collect::<Result<Vec<_>, _>>().as_deref() {
            Ok([character]) => Ok(*character),
            _ => Err(self.fault_at(ErrorKind::LoneSurrogate, backslash)),
        }
    }

    fn code_unit(&mut self, backslash: usize) -> Result<u16, Fault> {
        if !self.take('u') {
            return Err(self.fault_at(ErrorKind::InvalidEscape, backslash));
        }
        let mut unit = 0;
        for _ in 0..4 {
            let character = self.peek().ok_or_else(|| self.fault(ErrorKind::UnexpectedEnd))?;
            let digit = character.to_digit(16).ok_or_else(|| self.fault_at(ErrorKind::InvalidEscape, backslash))?;
            unit = unit * 16 + u16::try_from(digit).expect("a hexadecimal digit");
            self.advance();
        }
        Ok(unit)
    }

    fn number(&mut self) -> Result<Value, Fault> {
        let start = self.offset;
        self.take('-');
        if self.take('0') {
            if self.peek().is_some_and(|character| character.is_ascii_digit()) {
                return Err(self.fault(ErrorKind::InvalidNumber));
            }
        } else {
            self.digits()?;
        }
        if self.take('.') {
            self.digits()?;
        }
        if self.take('e') || self.take('E') {
            let _ = self.take('+') || self.take('-');
            self.digits()?;
        }
        let number = number::canonical(&self.text[start..self.offset]);
        number.map(Value::Number).ok_or_else(|| self.fault_at(ErrorKind::NumberOutOfRange, start))
    }

    /// Reads one digit or more.
    fn digits(&mut self) -> Result<(), Fault> {
        if !self.peek().is_some_and(|character| character.is_ascii_digit()) {
            return Err(self.end_or(ErrorKind::InvalidNumber));
        }
        while self.peek().is_some_and(|character| character.is_ascii_digit()) {
            self.advance();
        }
        Ok(())
    }
}
