use super::*;

fn session() -> Session {
    let (_, initializing) = Runtime::new(Capabilities::default()).initialize();
    let answer = br#"{"jsonrpc":"2.0","id":"1","result":{"serverProtocolVersion":1,"supportsBlobRefs":true}}"#;
    initializing.answered(answer).expect("an answer").1
}

#[test]
fn the_request_says_what_is_offered() {
    let check = |url: Option<&str>, blob_threshold, capabilities: &str| {
        let blob_api_url = url.map(|url| url.parse().expect("a URL"));
        let (request, _) = Runtime::new(Capabilities { blob_api_url, blob_threshold }).initialize();
        let expected = format!(
            r#"{{"jsonrpc":"2.0","id":"1","method":"initialize","params":{{"runtimeProtocolVersion":1,"capabilities":{capabilities}}}}}"#
        );
        assert_eq!(request, expected);
    };
    check(Some("http://a/b"), 7, r#"{"blobApiUrl":"http://a/b","blobThreshold":7}"#);
    check(Some("http://a/\"b"), 0, r#"{"blobApiUrl":"http://a/\"b"}"#);
    check(None, 7, r#"{"blobThreshold":7}"#);
    check(None, 0, "{}");
}

#[test]
fn a_session_begins_with_the_answer() {
    let check = |answer: &str, expected: Result<(u64, bool), &str>| {
        let (_, initializing) = Runtime::new(Capabilities::default()).initialize();
        let found = initializing.answered(answer.as_bytes()).map_err(|error| error.to_string());
        let found = found.map(|(_, session)| (session.server_protocol_version(), session.supports_blob_refs()));
        assert_eq!(found.as_ref().map_err(String::as_str).copied(), expected, "{answer}");
    };
    // As the Python SDK 0.11.2 writes it.
    check(r#"{"id":"1","result":{"serverProtocolVersion":1,"supportsBlobRefs":true},"jsonrpc":"2.0"}"#, Ok((1, true)));
    check(r#"{"jsonrpc":"2.0","id":"1","result":{"serverProtocolVersion":0}}"#, Ok((0, false)));
    check(
        r#"{"jsonrpc":"2.0","id":"1","result":{"serverProtocolVersion":2}}"#,
        Err("the component server speaks version 2 of the protocol, and 1 is the greatest known here"),
    );
    check(
        r#"{"jsonrpc":"2.0","id":"1","result":{}}"#,
        Err("the result of `initialize` must have a `serverProtocolVersion`, a whole number"),
    );
    check(r#"{"jsonrpc":"2.0","id":"1","error":{"code":-32006,"message":"Too old"}}"#, Err("Too old (code -32006)"));
    check(r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"What?"}}"#, Err("What? (code -32600)"));
    let other = Err("the message is not the response of the request that was sent");
    check(r#"{"jsonrpc":"2.0","id":"2","result":{"serverProtocolVersion":1}}"#, other);
    check(r#"{"jsonrpc":"2.0","id":1,"result":{"serverProtocolVersion":1}}"#, other);
    check(r#"{"jsonrpc":"2.0","method":"initialized"}"#, other);
    check("null", Err("a message must be an object"));
}

#[test]
fn an_input_goes_as_it_stands() {
    let check = |component: &str, input: &str, params: &str| {
        let (request, _) = session().execute(component, input).expect(input);
        let expected = format!(r#"{{"jsonrpc":"2.0","id":"2","method":"components/execute","params":{params}}}"#);
        assert_eq!(request, expected);
    };
    check(
        "/store",
        r#" {"b": 1.0, "a": 505874924095815681} "#,
        r#"{"component":"/store","input":{"b": 1.0, "a": 505874924095815681},"attempt":1,"observability":{}}"#,
    );
    check("/\"", "null", r#"{"component":"/\"","input":null,"attempt":1,"observability":{}}"#);
    let error = session().execute("/store", r#"{"a":1,"a":2}"#).expect_err("a repeated key");
    assert_eq!(error.to_string(), "the object has this key already, at line 1 column 8 (byte 7), in `/a`");
}

#[test]
fn an_output_comes_as_it_stands() {
    let check = |answer: &str, expected: Result<&str, &str>| {
        let (_, executing) = session().execute("/store", "1").expect("a request");
        let found = executing.answered(answer.as_bytes()).map(|(output, _)| output).map_err(|error| error.to_string());
        assert_eq!(found.as_ref().map_err(String::as_str).copied(), expected, "{answer}");
    };
    check(r#"{"id":"2","result":{"output":{"b": 1.0}},"jsonrpc":"2.0"}"#, Ok(r#"{"b": 1.0}"#));
    check(r#"{"jsonrpc":"2.0","id":"2","result":{"output":null}}"#, Ok("null"));
    check(r#"{"jsonrpc":"2.0","id":"2","result":{}}"#, Err("the result of `components/execute` must have an `output`"));
    check(
        r#"{"id":"2","error":{"code":-32100,"message":"Component execution failed: no","data":{}},"jsonrpc":"2.0"}"#,
        Err("Component execution failed: no (code -32100)"),
    );
    check(
        r#"{"jsonrpc":"2.0","id":"1","result":{"output":1}}"#,
        Err("the message is not the response of the request that was sent"),
    );
}

#[test]
fn a_request_of_the_component_is_refused() {
    let refusal = Runtime::refuse(RequestId::Text("c-1".into()), "runs/submit");
    assert_eq!(
        refusal,
        r#"{"jsonrpc":"2.0","id":"c-1","error":{"code":-32601,"message":"`runs/submit` needs an orchestrator: this runtime executes one component and runs no flows"}}"#
    );
}
