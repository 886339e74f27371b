//! Variables of the environment that look like settings and are none.

use clap::Command;

use crate::auth::TOKENS_VARIABLE;

/// What all settings begin with.
const PREFIX: &str = "ISOBLOB_";

/// Those of these variables that somebody may have set in vain: named like settings, and known to no command.
///
/// What Kubernetes sets for a service that is named isoblob, or begins so, is not meant as a setting.
pub fn unknown(command: &Command, names: impl Iterator<Item = String>) -> Vec<String> {
    let flags = command.get_subcommands().flat_map(Command::get_arguments);
    let known: Vec<_> = flags.filter_map(|flag| flag.get_env()?.to_str()).chain([TOKENS_VARIABLE]).collect();
    let is_injected = |name: &str| {
        name.ends_with("_PORT")
            || name.contains("_PORT_")
            || name.contains("_SERVICE_HOST")
            || name.contains("_SERVICE_PORT")
    };
    let mut unknown: Vec<_> =
        names.filter(|name| name.starts_with(PREFIX) && !known.contains(&&**name) && !is_injected(name)).collect();
    unknown.sort();
    unknown
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::config::Cli;

    #[test]
    fn a_variable_that_is_no_setting_is_found() {
        let names = [
            "ISOBLOB_STORE",
            "ISOBLOB_TOKENS",
            "ISOBLOB_TOKEN",
            "ISOBLOB_STORES",
            "ISOBLOB_MAX_BODY",
            "ISOBLOB_PORT",
            "ISOBLOB_PORT_7837_TCP_ADDR",
            "ISOBLOB_SERVICE_HOST",
            "ISOBLOB_SERVICE_PORT_HTTP",
            "ISOBLOB_HEADLESS_SERVICE_HOST",
            "HOME",
        ];
        let unknown = unknown(&Cli::command(), names.into_iter().map(String::from));
        assert_eq!(unknown, ["ISOBLOB_MAX_BODY", "ISOBLOB_STORES"]);
    }
}
