//! The API's document and its routes say the same. That its answers are as it says is what `tests/openapi` checks.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{ask, get, memory_app};

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"];

async fn document() -> Value {
    let answer = get(&memory_app(), "/api/v1/openapi.json", &[]).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    serde_json::from_slice(&answer.body).expect("JSON")
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().expect("an object").iter().map(|(name, value)| (&**name, value))
}

#[tokio::test]
async fn every_path_has_the_methods_that_it_is_said_to_have() {
    let app = memory_app();
    let document = document().await;
    assert_eq!(document["openapi"], "3.1.0");
    let paths: Vec<_> = members(&document["paths"]).map(|(path, _)| path).collect();
    let expected = [
        "/api/v1/batch/get",
        "/api/v1/batch/missing",
        "/api/v1/batch/put",
        "/api/v1/blobs",
        "/api/v1/blobs/{id}",
        "/api/v1/blobs/{id}/value",
        "/api/v1/openapi.json",
        "/api/v1/stats",
        "/livez",
        "/metrics",
        "/readyz",
    ];
    assert_eq!(paths, expected);
    for (path, item) in members(&document["paths"]) {
        let mut methods: BTreeSet<_> = members(item).map(|(method, _)| method.to_uppercase()).collect();
        if methods.contains("GET") {
            // RFC 9110, section 9.1.
            methods.insert("HEAD".into());
        }
        let path = path.replace("{id}", &"0".repeat(64));
        for method in METHODS {
            let answer = ask(&app, method, &path, &[]).await;
            assert_eq!(answer.status != 405, methods.contains(method), "{method} {path}");
            if answer.status == 405 {
                let allowed: BTreeSet<_> = answer.headers["allow"].split(',').map(str::to_owned).collect();
                assert_eq!(allowed, methods, "{path}");
            }
        }
    }
}

/// Every schema that is referred to is there, and every one that is there is referred to.
#[tokio::test]
async fn the_schemas_are_those_that_are_used() {
    const PREFIX: &str = "#/components/schemas/";
    fn collect<'d>(value: &'d Value, used: &mut BTreeSet<&'d str>) {
        match value {
            Value::Object(members) => {
                let name = members.get("$ref").and_then(Value::as_str);
                used.extend(name.map(|name| name.strip_prefix(PREFIX).expect(name)));
                members.values().for_each(|value| collect(value, used));
            }
            Value::Array(elements) => elements.iter().for_each(|value| collect(value, used)),
            _ => {}
        }
    }
    let document = document().await;
    let mut used = BTreeSet::new();
    collect(&document, &mut used);
    assert_eq!(used, members(&document["components"]["schemas"]).map(|(name, _)| name).collect());
}

#[tokio::test]
async fn every_operation_names_its_refusals() {
    let document = document().await;
    let known = document["components"]["schemas"]["Error"]["properties"]["reason"]["enum"].as_array().expect("reasons");
    let mut named = BTreeSet::new();
    for (path, item) in members(&document["paths"]) {
        for (method, operation) in members(item) {
            let reasons = operation["x-reasons"].as_array().expect("reasons");
            assert!(reasons.iter().all(|reason| known.contains(reason)), "{method} {path}");
            named.extend(reasons.iter().map(|reason| reason.as_str().expect("a name")));
            for status in ["403", "421", "500"] {
                assert!(operation["responses"][status].is_object(), "{method} {path} {status}");
            }
            let takes_a_body = operation["requestBody"].is_object();
            assert_eq!(operation["responses"]["413"].is_object(), takes_a_body, "{method} {path}");
        }
    }
    // One that is told of an element of an answer, and one of a method that is no operation's.
    let elsewhere = ["batch_full", "method_not_allowed"];
    let known: BTreeSet<_> = known.iter().map(|reason| reason.as_str().expect("a name")).collect();
    assert_eq!(known.difference(&named).copied().collect::<Vec<_>>(), elsewhere);
}

/// Nothing is ever answered as null but what stands in a blob.
#[tokio::test]
async fn what_is_not_there_is_left_out() {
    let document = document().await;
    for (name, schema) in members(&document["components"]["schemas"]) {
        assert!(name == "PutRequest" || !schema.to_string().contains("null"), "{name}: {schema}");
    }
}
