use super::*;

#[test]
fn the_command_line_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn every_flag_is_documented_and_has_a_variable_of_its_name() {
    let mut cli = Cli::command();
    cli.build();
    let serve = cli.find_subcommand("serve").expect("serve");
    for flag in serve.get_arguments().filter(|flag| !["help", "version"].contains(&flag.get_id().as_str())) {
        let name = flag.get_id().as_str();
        assert!(flag.get_help().is_some_and(|help| !help.to_string().is_empty()), "{name}");
        let variable = flag.get_env().map(|name| name.to_string_lossy().into_owned());
        assert_eq!(variable, Some(format!("ISOBLOB_{}", name.to_uppercase())));
        // What Kubernetes sets in every container, for a service that is named isoblob.
        let is_injected = name == "port" || name.starts_with("port_") || name.starts_with("service_");
        assert!(!is_injected, "{name}");
    }
}

#[test]
fn a_wrong_setting_is_refused_with_its_name() {
    let rows = [
        ("listen", "7837", "<ADDRESS>"),
        ("store", "s3://bucket", "<DIR|URL>"),
        ("max-body-bytes", "1k", "<BYTES>"),
        ("max-binary-bytes", "-1", "<BYTES>"),
        ("memory-bytes", "1GiB", "<BYTES>"),
        ("cache-bytes", "-1", "<BYTES>"),
        ("max-connections", "0", "<COUNT>"),
        ("max-requests", "1000001", "<COUNT>"),
        ("max-requests-per-second", "0", "<COUNT>"),
        ("header-timeout-secs", "0", "<SECONDS>"),
        ("body-idle-timeout-secs", "0", "<SECONDS>"),
        ("send-idle-timeout-secs", "86401", "<SECONDS>"),
        ("drain-timeout-secs", "-1", "<SECONDS>"),
        ("log", "isoblob=loud", "<FILTER>"),
        ("log-format", "xml", "<FORMAT>"),
        ("otlp-endpoint", "localhost:4318", "<URL>"),
        ("allow-origin", "https://example.org/", "<ORIGIN>"),
        ("allow-origin", "example.org", "<ORIGIN>"),
        ("allow-origin", "https://Example.org", "<ORIGIN>"),
        ("allow-host", "example.org:80", "<HOST>"),
    ];
    for (name, value, placeholder) in rows {
        let flag = format!("--{name}={value}");
        let error = Cli::read(["isoblob", "serve", &flag]).expect_err(&flag).to_string();
        assert!(error.contains(&format!("invalid value '{value}' for '--{name} {placeholder}'")), "{error}");
        // The same in a file says so of the file.
        let error = with_settings(&format!("{name}: '{value}'"), &[]).expect_err(&flag);
        assert!(error.starts_with(&format!("FILE: invalid value '{value}' for '--{name} {placeholder}'")), "{error}");
    }
}

/// The settings of `serve` with this file and these flags.
fn with_settings(text: &str, flags: &[&str]) -> Result<Box<ServeArgs>, String> {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("isoblob.yml");
    std::fs::write(&file, text).expect("a file");
    let file = file.to_str().expect("UTF-8");
    let line = ["isoblob", "serve", "--settings", file].into_iter().chain(flags.iter().copied());
    match Cli::read(line) {
        Ok(Cli { command: Command::Serve(serve) }) => Ok(serve),
        Ok(_) => unreachable!("it says serve"),
        Err(error) => Err(error.to_string().replace(file, "FILE")),
    }
}

#[test]
fn a_file_gives_settings_that_flags_override() {
    let text = "
# Where people find it.
listen: 127.0.0.1:1
max-body-bytes: 1000
max-requests: 5
allow-anonymous: true
allow-origin: [https://a.example, 'https://b.example:8443']
log: info,isoblob::access=off
";
    let serve = with_settings(text, &["--max-requests", "7"]).expect("settings");
    assert_eq!(serve.listen.port(), 1);
    assert_eq!((serve.limits.max_body_bytes, serve.limits.max_requests), (1000, 7));
    assert!(serve.access.allow_anonymous);
    assert_eq!(serve.access.allowed_origins(), ["https://a.example", "https://b.example:8443"]);
    assert_eq!(serve.log.log.to_string(), "isoblob::access=off,info");
    let serve = with_settings(text, &["--allow-origin", "https://c.example"]).expect("settings");
    assert_eq!(serve.access.allowed_origins(), ["https://c.example"]);
    assert_eq!(with_settings("# nothing\n", &[]).expect("settings").listen.port(), 7837);
}

#[test]
fn a_file_that_cannot_be_followed_is_refused() {
    let check = |text: &str, expected: &str| {
        assert_eq!(with_settings(text, &[]).expect_err(text), format!("FILE: {expected}"));
    };
    check("max-bodies: 1", "there is no setting `max-bodies`, at line 1; `isoblob serve --help` lists them");
    check("\nmax_body_bytes: 1", "there is no setting `max_body_bytes`, at line 2; `isoblob serve --help` lists them");
    check("settings: a.yml", "there is no setting `settings`, at line 1; `isoblob serve --help` lists them");
    check("help: true", "there is no setting `help`, at line 1; `isoblob serve --help` lists them");
    check(
        "max-requests: 1\nmax-requests: 2",
        "duplicate mapping key `max-requests` is not allowed here at line 2, column 1",
    );
    check("- listen", "expected mapping start at line 1, column 1");
    check("listen: {port: 1}", "invalid type: map, expected a value or a list of values at line 1, column 9");
    let error = Cli::read(["isoblob", "serve", "--settings", "/nowhere/isoblob.yml"]).expect_err("no file");
    assert_eq!(error.to_string(), "/nowhere/isoblob.yml: cannot read the settings");
}

#[test]
fn a_server_that_others_can_reach_needs_tokens_or_to_be_told() {
    let serve = |flags: &[&str]| with_settings("", flags).expect("settings").access;
    let check = |flags: &[&str], listen: &str, expected: Result<bool, &str>| {
        let tokens = serve(flags).tokens(listen.parse().expect("an address"));
        let found = tokens.map(|tokens| tokens.is_some()).map_err(|error| error.to_string());
        assert_eq!(found, expected.map_err(String::from), "{flags:?} {listen}");
    };
    let open = "whoever reaches 0.0.0.0:80 could read and write blobs: give tokens (--tokens-file), or say that this \
        is meant (--allow-anonymous)";
    check(&[], "127.0.0.1:80", Ok(false));
    check(&[], "[::1]:80", Ok(false));
    check(&[], "0.0.0.0:80", Err(open));
    check(&["--allow-anonymous"], "0.0.0.0:80", Ok(false));
    check(&["--tokens-file", "tokens"], "0.0.0.0:80", Ok(true));
    check(&["--tokens-file", "tokens"], "127.0.0.1:80", Ok(true));
    check(
        &["--tokens-file", "tokens", "--allow-anonymous"],
        "0.0.0.0:80",
        Err("--allow-anonymous asks nobody for a token, but tokens are given"),
    );
}

#[test]
fn half_of_a_pair_is_refused() {
    let check = |flags: &[&str], expected: &str| {
        let error = with_settings("", flags).expect("settings").access.tls().expect_err(expected);
        assert_eq!(error.to_string(), expected);
    };
    check(&["--tls-cert", "a.pem"], "--tls-cert is given without --tls-key");
    check(&["--tls-key", "a.pem"], "--tls-key is given without --tls-cert");
}
