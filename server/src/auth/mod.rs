//! Tokens: who may do what.
//!
//! A token is a secret that a request brings; its [`Scope`] says what it allows. The server knows tokens by their
//! hashes alone once it has read them, and writes neither a token nor a hash anywhere.

mod credentials;
mod scope;
mod source;
mod tokens;

use axum::extract::Request;

use crate::http::error::{ApiError, Reason};
use crate::reload::Current;

pub use scope::Scope;
pub(crate) use scope::is_health;
pub use source::{TOKENS_VARIABLE, TokenSource};
pub use tokens::{MAX_TOKEN_BYTES, MIN_TOKEN_BYTES, ParseTokensError, Tokens};

use credentials::Credentials;

/// Who may use the server.
#[derive(Clone, Debug, Default)]
pub enum Access {
    /// Whoever reaches it.
    #[default]
    Anonymous,
    /// Who brings one of these tokens, as far as its scope goes.
    Tokens(Current<Tokens>),
}

impl Access {
    /// Checks that a request may do what it asks for.
    pub(crate) fn check(&self, request: &Request) -> Result<(), ApiError> {
        let Self::Tokens(tokens) = self else { return Ok(()) };
        let Some(needed) = scope::needed(request.method(), request.uri().path()) else { return Ok(()) };
        let refused = |message: &'static str| ApiError::new(Reason::Unauthorized, message);
        let granted = match Credentials::of(request.headers()) {
            Credentials::None => return Err(refused("this needs a token, as Bearer or as the password of HTTP Basic")),
            Credentials::Unreadable => return Err(refused("the Authorization header holds no token")),
            Credentials::Token(token) => {
                tokens.get().scope_of(&token).ok_or_else(|| refused("the token is not known"))?
            }
        };
        if granted < needed {
            let message = format!("this needs a token of scope {needed}, and this one has {granted}");
            return Err(ApiError::new(Reason::InsufficientScope(needed), message));
        }
        Ok(())
    }
}
