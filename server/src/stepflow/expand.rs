//! [`expand`]: environment variables in a value.

/// How deep a default may stand in a default.
const MAX_NESTING: usize = 8;

/// Replaces `${VAR}` and `$VAR` by what a variable holds, and `${VAR:-default}` by the default where it is not set. A
/// default may hold variables itself. A backslash takes their meaning from `$`, `{`, `}`, `:` and from itself.
///
/// This is how Stepflow expands the arguments and environment of its plugins, and how its documentation describes it.
/// (Release 0.11.1 leaves the hyphen of `:-` in front of the default, where this does what is documented; without the
/// hyphen, `${VAR:default}`, both do the same.)
pub(super) fn expand(text: &str, variable: Lookup<'_>) -> Result<String, ExpandError> {
    Expansion { rest: text }.run(variable, 0).map(|(expanded, _)| expanded)
}

type Lookup<'v> = &'v dyn Fn(&str) -> Option<String>;

/// Why a value cannot be expanded.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ExpandError {
    #[error("the environment variable {0} is not set, and ${{{0}}} gives no default")]
    Unset(String),
    #[error("expected the name of an environment variable after `$`; a `$` itself is written `\\$`")]
    Name,
    #[error("expected `}}` or `:-` and a default after `${{{0}`")]
    Brace(String),
    #[error("expected one of `\\ $ {{ }} :` after a backslash")]
    Escape,
    #[error("defaults in defaults go {MAX_NESTING} deep at most")]
    Nesting,
}

struct Expansion<'t> {
    rest: &'t str,
}

impl Expansion<'_> {
    /// Expands to the end of the text or, in a default, to the brace that closes it; says whether there was one.
    fn run(&mut self, variable: Lookup<'_>, depth: usize) -> Result<(String, bool), ExpandError> {
        if depth > MAX_NESTING {
            return Err(ExpandError::Nesting);
        }
        let mut expanded = String::new();
        while let Some(character) = self.next() {
            match character {
                '\\' => match self.next() {
                    Some(escaped @ ('\\' | '$' | '{' | '}' | ':')) => expanded.push(escaped),
                    _ => return Err(ExpandError::Escape),
                },
                '$' => expanded.push_str(&self.variable(variable, depth)?),
                '}' if depth > 0 => return Ok((expanded, true)),
                other => expanded.push(other),
            }
        }
        Ok((expanded, false))
    }

    /// Expands what stands behind a `$`.
    fn variable(&mut self, variable: Lookup<'_>, depth: usize) -> Result<String, ExpandError> {
        let braced = self.take("{");
        let is_of_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
        let end = self.rest.find(|character| !is_of_name(character)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        let name = name.to_owned();
        self.rest = rest;
        if name.is_empty() {
            return Err(ExpandError::Name);
        }
        let value = variable(&name);
        if !braced || self.take("}") {
            return value.ok_or(ExpandError::Unset(name));
        }
        if !self.take(":") {
            return Err(ExpandError::Brace(name));
        }
        self.take("-");
        match value {
            // What is not needed need not be set.
            Some(value) => self.default(&|_| Some(String::new()), depth, name).map(|_| value),
            None => self.default(variable, depth, name),
        }
    }

    fn default(&mut self, variable: Lookup<'_>, depth: usize, name: String) -> Result<String, ExpandError> {
        let (expanded, is_closed) = self.run(variable, depth + 1)?;
        if is_closed { Ok(expanded) } else { Err(ExpandError::Brace(name)) }
    }

    fn next(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let character = characters.next();
        self.rest = characters.as_str();
        character
    }

    fn take(&mut self, prefix: &str) -> bool {
        let rest = self.rest.strip_prefix(prefix);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, &str>) {
        let variable = |name: &str| match name {
            "V" => Some("set".into()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        let found = expand(text, &variable).map_err(|error| error.to_string());
        assert_eq!(found.as_deref().map_err(String::as_str), expected, "{text}");
    }

    /// What orchestrator 0.11.1 made of the same arguments of a plugin.
    #[test]
    fn expands_as_stepflow_does() {
        check("plain", Ok("plain"));
        check("$V", Ok("set"));
        check("${V}", Ok("set"));
        check("http://${V}:80/$V", Ok("http://set:80/set"));
        check("${V:-d}", Ok("set"));
        check("${NOPE:d}", Ok("d"));
        check("${NOPE:}", Ok(""));
        check("${EMPTY}", Ok(""));
        check("${EMPTY:d}", Ok(""));
        check("\\${V}", Ok("${V}"));
        check("a$$b", Err("expected the name of an environment variable after `$`; a `$` itself is written `\\$`"));
        check("${NOPE}", Err("the environment variable NOPE is not set, and ${NOPE} gives no default"));
        check("$NOPE", Err("the environment variable NOPE is not set, and ${NOPE} gives no default"));
    }

    #[test]
    fn takes_defaults_as_documented() {
        check("${NOPE:-d}", Ok("d"));
        check("${NOPE:-}", Ok(""));
        check("${NOPE:--d}", Ok("-d"));
        check("${EMPTY:-d}", Ok(""));
        check("${NOPE:-http://localhost:7837/api}/v1", Ok("http://localhost:7837/api/v1"));
        check("${NOPE:-${V}/${NEITHER:-x}}y", Ok("set/xy"));
        check("${V:-${NOPE}}", Ok("set"));
        check("${NOPE:-a\\}b}", Ok("a}b"));
    }

    #[test]
    fn says_what_is_malformed() {
        check("$", Err("expected the name of an environment variable after `$`; a `$` itself is written `\\$`"));
        check("${}", Err("expected the name of an environment variable after `$`; a `$` itself is written `\\$`"));
        check("${V", Err("expected `}` or `:-` and a default after `${V`"));
        check("${V-d}", Err("expected `}` or `:-` and a default after `${V`"));
        check("${V:-d", Err("expected `}` or `:-` and a default after `${V`"));
        check("${NOPE:-d\\\\}", Ok("d\\"));
        check("${V:-d\\}", Err("expected `}` or `:-` and a default after `${V`"));
        check("a\\b", Err("expected one of `\\ $ { } :` after a backslash"));
        check(&"${A:".repeat(9), Err("defaults in defaults go 8 deep at most"));
    }
}
