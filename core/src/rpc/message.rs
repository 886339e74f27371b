//! [`Message`]: read from a text, and written.

use alloc::string::String;
use alloc::string::ToString as _;
use core::fmt;

use super::error::shape;
use super::id::json_string;
use super::{MessageError, RequestId, RpcError};
use crate::Limits;
use crate::canonicalize::check_text;
use crate::members::{as_string, pick_members};

/// A message of JSON-RPC 2.0. [`Display`](fmt::Display) writes it as JSON.
///
/// ```
/// use isoblob_core::Limits;
/// use isoblob_core::rpc::{Message, RequestId};
///
/// let text = r#"{"jsonrpc":"2.0","id":"7","result":{"output":1.50}}"#;
/// let message = Message::parse(text.as_bytes(), Limits::default())?;
/// assert_eq!(message, Message::Success { id: RequestId::Text("7".into()), result: r#"{"output":1.50}"# });
/// assert_eq!(message.to_string(), text);
/// # Ok::<(), isoblob_core::rpc::MessageError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message<'t> {
    /// Asks for a response.
    Request {
        /// What the response will repeat.
        id: RequestId,
        /// What is asked for.
        method: String,
        /// With which values, as JSON.
        params: Option<&'t str>,
    },
    /// Asks for none.
    Notification {
        /// What is told.
        method: String,
        /// With which values, as JSON.
        params: Option<&'t str>,
    },
    /// The response of a request that was done.
    Success {
        /// That of the request.
        id: RequestId,
        /// What came of it, as JSON.
        result: &'t str,
    },
    /// The response of a request that failed.
    Failure {
        /// That of the request; `None` where it could not be read.
        id: Option<RequestId>,
        /// Why.
        error: RpcError,
    },
}

impl<'t> Message<'t> {
    /// Reads a message. Members that JSON-RPC does not know are left alone.
    ///
    /// # Errors
    ///
    /// The text is not JSON, or no message of JSON-RPC 2.0.
    pub fn parse(text: &'t [u8], limits: Limits) -> Result<Self, MessageError> {
        let keys = ["jsonrpc", "id", "method", "params", "result", "error"];
        let Some([version, id, method, params, result, error]) = pick_members(check_text(text, limits)?, keys)? else {
            return Err(shape("a message must be an object"));
        };
        if version.and_then(as_string).as_deref() != Some("2.0") {
            return Err(shape("a message must have the `jsonrpc` \"2.0\""));
        }
        let id = match id {
            None | Some("null") => None,
            Some(id) => Some(RequestId::of(id).ok_or_else(|| shape("an `id` must be a string or a whole number"))?),
        };
        match (method, result, error, id) {
            (Some(method), None, None, id) => {
                let method = as_string(method).ok_or_else(|| shape("a `method` must be a string"))?;
                Ok(match id {
                    Some(id) => Self::Request { id, method, params },
                    None => Self::Notification { method, params },
                })
            }
            (None, Some(result), None, Some(id)) => Ok(Self::Success { id, result }),
            (None, None, Some(error), id) => Ok(Self::Failure { id, error: parse_error(error)? }),
            _ => Err(shape("a message must have a `method`, or a `result` with an `id`, or an `error`")),
        }
    }
}

fn parse_error(error: &str) -> Result<RpcError, MessageError> {
    let [code, message, data] = pick_members(error, ["code", "message", "data"])?.unwrap_or_default();
    let code = code.and_then(|code| code.parse().ok());
    let message = message.and_then(as_string);
    let (Some(code), Some(message)) = (code, message) else {
        return Err(shape("an `error` must have a whole `code` and a string `message`"));
    };
    Ok(RpcError { code, message, data: data.filter(|data| *data != "null").map(String::from) })
}

impl fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(r#"{"jsonrpc":"2.0""#)?;
        match self {
            Self::Request { id, method, params } => {
                write!(f, r#","id":{id}"#)?;
                write_call(f, method, *params)?;
            }
            Self::Notification { method, params } => write_call(f, method, *params)?,
            Self::Success { id, result } => write!(f, r#","id":{id},"result":{result}"#)?,
            Self::Failure { id, error: RpcError { code, message, data } } => {
                let id = id.as_ref().map_or_else(|| "null".into(), RequestId::to_string);
                write!(f, r#","id":{id},"error":{{"code":{code},"message":{}"#, json_string(message))?;
                if let Some(data) = data {
                    write!(f, r#","data":{data}"#)?;
                }
                f.write_str("}")?;
            }
        }
        f.write_str("}")
    }
}

fn write_call(f: &mut fmt::Formatter<'_>, method: &str, params: Option<&str>) -> fmt::Result {
    write!(f, r#","method":{}"#, json_string(method))?;
    params.map_or(Ok(()), |params| write!(f, r#","params":{params}"#))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(text: &str, expected: &Message<'_>) {
        assert_eq!(Message::parse(text.as_bytes(), Limits::default()).as_ref(), Ok(expected), "{text}");
        let written = expected.to_string();
        assert_eq!(Message::parse(written.as_bytes(), Limits::default()).as_ref(), Ok(expected), "{written}");
    }

    fn refuses(text: &str, message: &str) {
        let error = Message::parse(text.as_bytes(), Limits::default()).expect_err(text);
        assert_eq!(error.to_string(), message, "{text}");
    }

    #[test]
    fn reads_each_kind_and_writes_it_again() {
        let id = || RequestId::Text("a\"b".into());
        reads(
            r#" { "id" : "a\"b", "params": {"x": 1.0}, "method":"m", "jsonrpc":"2.0" } "#,
            &Message::Request { id: id(), method: "m".into(), params: Some(r#"{"x": 1.0}"#) },
        );
        reads(
            r#"{"jsonrpc":"2.0","method":"m\u002fn","more":[]}"#,
            &Message::Notification { method: "m/n".into(), params: None },
        );
        reads(
            r#"{"jsonrpc":"2.0","id":null,"method":"m","params":[]}"#,
            &Message::Notification { method: "m".into(), params: Some("[]") },
        );
        reads(
            r#"{"jsonrpc":"2.0","id":-7,"result":null}"#,
            &Message::Success { id: RequestId::Number(-7), result: "null" },
        );
        let error = |data: Option<&str>| RpcError { code: -32601, message: "ä".into(), data: data.map(String::from) };
        reads(
            r#"{"jsonrpc":"2.0","id":"a\"b","error":{"code":-32601,"message":"ä","data":{}}}"#,
            &Message::Failure { id: Some(id()), error: error(Some("{}")) },
        );
        reads(
            r#"{"jsonrpc":"2.0","error":{"data":null,"code":-32601,"message":"\u00e4"}}"#,
            &Message::Failure { id: None, error: error(None) },
        );
    }

    #[test]
    fn says_why_a_text_is_no_message() {
        refuses("", "the text ends where a value should be, at line 1 column 1 (byte 0)");
        refuses("[]", "a message must be an object");
        refuses(r#"{"id":1,"result":1}"#, "a message must have the `jsonrpc` \"2.0\"");
        refuses(r#"{"jsonrpc":2.0,"id":1,"result":1}"#, "a message must have the `jsonrpc` \"2.0\"");
        refuses(r#"{"jsonrpc":"2.0","id":1.5,"result":1}"#, "an `id` must be a string or a whole number");
        refuses(r#"{"jsonrpc":"2.0","id":1,"method":2}"#, "a `method` must be a string");
        let none = "a message must have a `method`, or a `result` with an `id`, or an `error`";
        refuses(r#"{"jsonrpc":"2.0","id":1}"#, none);
        refuses(r#"{"jsonrpc":"2.0","result":1}"#, none);
        refuses(r#"{"jsonrpc":"2.0","id":1,"result":1,"error":{"code":1,"message":""}}"#, none);
        let error = "an `error` must have a whole `code` and a string `message`";
        refuses(r#"{"jsonrpc":"2.0","id":1,"error":{"code":1}}"#, error);
        refuses(r#"{"jsonrpc":"2.0","id":1,"error":"no"}"#, error);
        refuses(
            r#"{"jsonrpc":"2.0","id":1,"id":1,"result":1}"#,
            "the object has this key already, at line 1 column 25 (byte 24), in `/id`",
        );
    }
}
