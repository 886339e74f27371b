//! The command line.

use std::ffi::OsString;

use clap::{Parser, Subcommand};

/// Everything in this workspace that is not `cargo build`. Each command first ensures what it needs.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask", after_help = ENVIRONMENT)]
pub struct Arguments {
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do.
#[derive(Debug, PartialEq, Eq, Subcommand)]
pub enum Verb {
    /// Build the wasm package, the page and the server, then serve; the last line names the page's address.
    ///
    /// Blobs are kept in `isoblob-data` in the workspace, unless `-- --store …` or `ISOBLOB_STORE` names another place.
    Serve {
        /// Flags for `isoblob serve`, for example `-- --listen 127.0.0.1:0 --store memory:`.
        #[arg(last = true, value_name = "FLAG")]
        flags: Vec<OsString>,
    },
    /// Run every test: Rust, doctests, Node and Chromium, Python with Stepflow, deployment, the API beside its document,
    /// other canonicalizers.
    Test,
    /// Fuzz the core.
    Fuzz {
        /// One target instead of all of them.
        target: Option<String>,
        /// How long each target runs, in seconds.
        #[arg(long, default_value_t = 600)]
        seconds: u32,
    },
    /// Measure the server beside nginx, Stepflow's server and the core alone: some five minutes.
    Bench {
        /// Some tables instead of all of them: gets, puts, large, million.
        tables: Vec<String>,
    },
    /// Run the tests of crashes and of load for as long as they are worth: some ten minutes.
    Deep,
    /// What CI runs: format, clippy, licences, docs, the page's types, every test, and a short while of fuzzing.
    Ci,
    /// Build the npm package, wasm/npm.
    Wasm,
    /// Build the page, www/dist, from the npm package.
    Page,
}

const ENVIRONMENT: &str = "\
Environment:
  ISOBLOB_WASM_TOOLCHAIN  where the compiler for wasm32-unknown-unknown comes from: active, rustup or debian
                          (default: the first of these that works)
  XDG_CACHE_HOME          the cache that holds Debian's compiler, in isoblob/ (default: ~/.cache)
  CHROMIUM                the browser that tests use (default: chromium or google-chrome from PATH)";

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parse(line: &str) -> Result<Verb, String> {
        Arguments::try_parse_from(line.split(' ')).map(|arguments| arguments.verb).map_err(|error| error.to_string())
    }

    #[test]
    fn definition_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn flags_after_the_dashes_reach_the_server() {
        let flags = ["--listen", "127.0.0.1:0"].map(OsString::from).to_vec();
        assert_eq!(parse("xtask serve -- --listen 127.0.0.1:0"), Ok(Verb::Serve { flags }));
        assert_eq!(parse("xtask serve"), Ok(Verb::Serve { flags: Vec::new() }));
    }

    #[test]
    fn flags_without_the_dashes_are_refused() {
        let message = parse("xtask serve --listen 127.0.0.1:0").expect_err("--listen is not xtask's");
        assert!(message.contains("'-- --listen'"), "{message}");
    }

    #[test]
    fn each_verb_has_one_word() {
        assert_eq!(parse("xtask test"), Ok(Verb::Test));
        assert_eq!(parse("xtask fuzz"), Ok(Verb::Fuzz { target: None, seconds: 600 }));
        assert_eq!(parse("xtask bench"), Ok(Verb::Bench { tables: Vec::new() }));
        assert_eq!(parse("xtask deep"), Ok(Verb::Deep));
        assert_eq!(parse("xtask ci"), Ok(Verb::Ci));
        assert_eq!(parse("xtask wasm"), Ok(Verb::Wasm));
        assert_eq!(parse("xtask page"), Ok(Verb::Page));
        assert!(parse("xtask").is_err());
    }
}
