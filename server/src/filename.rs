//! [`Filename`]: the name that a person gave to a blob.

use std::fmt;

/// The longest filename that is stored, in bytes of UTF-8.
pub const MAX_FILENAME_BYTES: usize = 1024;

/// The name that was given to a blob: 1 to [`MAX_FILENAME_BYTES`] bytes of UTF-8 without control characters.
///
/// It names nothing on the server's disk, and is kept as it came. Whoever writes it into a header takes care there.
///
/// ```
/// use isoblob_server::Filename;
///
/// assert_eq!(Filename::new("report.json").unwrap().as_str(), "report.json");
/// assert!(Filename::new("two\r\nlines").is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filename(String);

impl Filename {
    /// Takes a name.
    ///
    /// # Errors
    ///
    /// The name is empty, longer than [`MAX_FILENAME_BYTES`], or holds a control character.
    pub fn new(name: impl Into<String>) -> Result<Self, FilenameError> {
        let name = name.into();
        let fits = !name.is_empty() && name.len() <= MAX_FILENAME_BYTES && !name.contains(char::is_control);
        if fits { Ok(Self(name)) } else { Err(FilenameError(())) }
    }

    /// The name as it came.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text that is not the name of a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilenameError(());

impl fmt::Display for FilenameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a filename is 1 to {MAX_FILENAME_BYTES} bytes of UTF-8 without control characters")
    }
}

impl std::error::Error for FilenameError {}
