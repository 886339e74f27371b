//! [`Input`]: a component's input, as the command line gives it.

use std::convert::Infallible;
use std::io::Read as _;
use std::path::PathBuf;
use std::str::FromStr;

use super::CallError;

/// Where a component's input comes from.
///
/// ```
/// use isoblob_server::call::Input;
///
/// assert_eq!("-".parse(), Ok(Input::Stdin));
/// assert_eq!("@in.json".parse(), Ok(Input::File("in.json".into())));
/// assert_eq!("[1, 2]".parse(), Ok(Input::Json("[1, 2]".into())));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// The JSON itself.
    Json(String),
    /// A file that holds it.
    File(PathBuf),
    /// Standard input.
    Stdin,
}

/// No text is refused: whether it is JSON is looked at when it is sent.
pub type ParseInputError = Infallible;

impl FromStr for Input {
    type Err = ParseInputError;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match (text, text.strip_prefix('@')) {
            ("-", _) => Self::Stdin,
            (_, Some(path)) => Self::File(path.into()),
            (json, None) => Self::Json(json.into()),
        })
    }
}

impl Input {
    /// Reads it.
    pub(super) fn read(&self) -> Result<String, CallError> {
        match self {
            Self::Json(json) => Ok(json.clone()),
            Self::File(path) => std::fs::read_to_string(path)
                .map_err(|source| CallError::ReadInput { from: path.display().to_string(), source }),
            Self::Stdin => {
                let mut json = String::new();
                let read = std::io::stdin().read_to_string(&mut json);
                read.map_err(|source| CallError::ReadInput { from: "standard input".into(), source })?;
                Ok(json)
            }
        }
    }
}
