//! [`Tokens`]: the tokens that a server knows, by their hashes.

use std::fmt;
use std::str::FromStr;

use isoblob_core::BlobId;
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};

use super::Scope;

/// The fewest bytes of a token: what is shorter can be guessed.
pub const MIN_TOKEN_BYTES: usize = 16;

/// The most bytes of a token.
pub const MAX_TOKEN_BYTES: usize = 256;

/// Tokens with their scopes.
///
/// ```
/// use isoblob_server::auth::{Scope, Tokens};
///
/// let tokens: Tokens = "
/// ## of the workers
/// write:3b1f0f5e9c6d4a7b
/// read:0f2d94c1a7e85b36  # of the dashboards
/// "
/// .parse()?;
/// assert_eq!(tokens.scope_of(b"0f2d94c1a7e85b36"), Some(Scope::Read));
/// assert_eq!(tokens.scope_of(b"another"), None);
///
/// let error = "write:short".parse::<Tokens>().unwrap_err();
/// assert_eq!(error.to_string(), "line 1: a token has 16 to 256 letters, digits or -._~+/=");
/// # Ok::<(), isoblob_server::auth::ParseTokensError>(())
/// ```
pub struct Tokens(Vec<Known>);

struct Known {
    hash: BlobId,
    scope: Scope,
}

impl Tokens {
    /// The scope of a token, if it is known.
    ///
    /// It takes the same time for every token of one length, whatever it has in common with those that are known.
    pub fn scope_of(&self, token: &[u8]) -> Option<Scope> {
        let hash = BlobId::of(token);
        // One more than the scope's index, 0 for none.
        let found = self.0.iter().fold(0, |found, known| {
            let is_it: Choice = known.hash.as_bytes().ct_eq(hash.as_bytes());
            u8::conditional_select(&found, &(known.scope as u8 + 1), is_it)
        });
        Scope::ALL.get(usize::from(found).checked_sub(1)?).copied()
    }
}

impl FromStr for Tokens {
    type Err = ParseTokensError;

    /// Reads `SCOPE:TOKEN`, separated by whitespace, with comments from `#` to the end of a line.
    ///
    /// # Errors
    ///
    /// There is none, one is not written so, or one is there twice.
    fn from_str(text: &str) -> Result<Self, ParseTokensError> {
        let mut tokens: Vec<Known> = Vec::new();
        for (line, content) in (1..).zip(text.lines()) {
            let content = content.split_once('#').map_or(content, |(content, _)| content);
            for word in content.split_whitespace() {
                let fault = |fault| ParseTokensError { line, fault };
                let known = parse(word).map_err(fault)?;
                if tokens.iter().any(|other| other.hash == known.hash) {
                    return Err(fault(Fault::Repeated));
                }
                tokens.push(known);
            }
        }
        if tokens.is_empty() { Err(ParseTokensError { line: 1, fault: Fault::Empty }) } else { Ok(Self(tokens)) }
    }
}

fn parse(word: &str) -> Result<Known, Fault> {
    let scope = word.split_once(':').and_then(|(name, token)| {
        let scope = Scope::ALL.into_iter().find(|scope| scope.as_str() == name)?;
        Some((scope, token))
    });
    let (scope, token) = scope.ok_or(Fault::Scope)?;
    // Those of RFC 6750, section 2.1.
    let is_plain = token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte));
    if !is_plain || !(MIN_TOKEN_BYTES..=MAX_TOKEN_BYTES).contains(&token.len()) {
        return Err(Fault::Token);
    }
    Ok(Known { hash: BlobId::of(token.as_bytes()), scope })
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokens({})", self.0.len())
    }
}

/// A text that does not hold tokens. It quotes nothing of the text, which may be secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseTokensError {
    line: usize,
    fault: Fault,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Empty,
    Scope,
    Token,
    Repeated,
}

impl fmt::Display for ParseTokensError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line;
        match self.fault {
            Fault::Empty => f.write_str("there is no token, which would keep everybody out"),
            Fault::Scope => write!(f, "line {line}: expected read:TOKEN, write:TOKEN or admin:TOKEN"),
            Fault::Token => {
                write!(f, "line {line}: a token has {MIN_TOKEN_BYTES} to {MAX_TOKEN_BYTES} letters, digits or -._~+/=")
            }
            Fault::Repeated => write!(f, "line {line}: this token is there twice"),
        }
    }
}

impl std::error::Error for ParseTokensError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_text_is_refused_without_quoting_it() {
        let long = format!("read:{}", "x".repeat(MAX_TOKEN_BYTES + 1));
        let token = "line 1: a token has 16 to 256 letters, digits or -._~+/=";
        let scope = "line 2: expected read:TOKEN, write:TOKEN or admin:TOKEN";
        let rows = [
            ("", "there is no token, which would keep everybody out"),
            ("# read:0123456789abcdef\n", "there is no token, which would keep everybody out"),
            ("\n0123456789abcdef", scope),
            ("\nreads:0123456789abcdef", scope),
            ("\nREAD:0123456789abcdef", scope),
            ("read:0123456789abcde", token),
            ("read:0123456789abcdeé", token),
            ("read:0123456789:abcdef", token),
            (&long, token),
            ("read:0123456789abcdef\n\nadmin:0123456789abcdef", "line 3: this token is there twice"),
        ];
        for (text, expected) in rows {
            assert_eq!(text.parse::<Tokens>().expect_err(text).to_string(), expected);
        }
    }

    #[test]
    fn a_token_is_known_whole_or_not_at_all() {
        let text = "read:0123456789abcdef write:0123456789abcdeg\r\nadmin:0123456789abcdeh # the last";
        let tokens: Tokens = text.parse().expect("tokens");
        let rows = [
            ("0123456789abcdef", Some(Scope::Read)),
            ("0123456789abcdeg", Some(Scope::Write)),
            ("0123456789abcdeh", Some(Scope::Admin)),
            ("0123456789abcde", None),
            ("0123456789abcdefg", None),
            ("0123456789ABCDEF", None),
            ("read:0123456789abcdef", None),
            ("", None),
        ];
        for (token, expected) in rows {
            assert_eq!(tokens.scope_of(token.as_bytes()), expected, "{token}");
        }
        assert_eq!(format!("{tokens:?}"), "Tokens(3)");
    }
}
