//! One section of a YAML text: its settings, each with its place.

use std::fmt;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_saphyr::{Options, Spanned, options};

use super::error::{Fault, Place};

/// A value of YAML, as far as a setting can be one.
#[derive(Debug)]
pub(super) enum Node {
    Null,
    Boolean(bool),
    Whole(u64),
    /// Any other number.
    Number(String),
    Text(String),
    Sequence,
    Mapping(Vec<(String, Spanned<Node>)>),
}

/// A value with its place.
#[derive(Debug)]
pub(super) struct Setting {
    pub node: Node,
    pub place: Place,
}

impl Setting {
    fn new(path: String, node: Spanned<Node>) -> Self {
        let (line, column) = (node.referenced.line(), node.referenced.column());
        Self { node: node.value, place: Place { path, line, column } }
    }

    /// The fault of a value that is something else.
    pub fn expected(&self, what: &str) -> Fault {
        Fault::Value { place: self.place.clone(), what: format!("expected {what}, found {}", self.node) }
    }
}

/// The settings of these keys in the section `blobApi` of a YAML text. What else there is is left alone.
pub(super) fn blob_api<const N: usize>(text: &str, keys: [&str; N]) -> Result<[Option<Setting>; N], Fault> {
    let mut settings = [const { None }; N];
    if text.trim().is_empty() {
        return Ok(settings);
    }
    let file: File =
        serde_saphyr::from_str_with_options(text, strict()).map_err(|error| Fault::Yaml(Box::new(error)))?;
    let Some(section) = file.blob_api else { return Ok(settings) };
    let section = Setting::new("blobApi".into(), section);
    let Node::Mapping(members) = section.node else { return Err(section.expected("a mapping")) };
    for (key, node) in members {
        if let Some(which) = keys.iter().position(|known| *known == key) {
            settings[which] = Some(Setting::new(format!("blobApi.{key}"), node));
        }
    }
    Ok(settings)
}

/// As YAML 1.2 and Stepflow have it: `yes` is a text.
fn strict() -> Options {
    options! { strict_booleans: true, with_snippet: false }
}

#[derive(Deserialize)]
struct File {
    #[serde(rename = "blobApi", default, deserialize_with = "present")]
    blob_api: Option<Spanned<Node>>,
}

/// A value that is there, even where it is null.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Spanned<Node>>, D::Error> {
    Spanned::deserialize(deserializer).map(Some)
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(value) => value.fmt(f),
            Self::Whole(number) => number.fmt(f),
            Self::Number(number) => f.write_str(number),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Sequence => f.write_str("a sequence"),
            Self::Mapping(_) => f.write_str("a mapping"),
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Boolean(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Whole(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(u64::try_from(value).map_or_else(|_| Node::Number(value.to_string()), Node::Whole))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Node, E> {
        Ok(Node::Number(value.to_string()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Node, E> {
        Ok(Node::Number(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Number(format!("{value:?}")))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Node, A::Error> {
        while sequence.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Node::Sequence)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut mapping: A) -> Result<Node, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = mapping.next_entry()? {
            members.push(member);
        }
        Ok(Node::Mapping(members))
    }
}
