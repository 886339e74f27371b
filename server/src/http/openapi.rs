//! `GET /api/v1/openapi.json`: the description of the API (OpenAPI 3.1), made from the handlers.
//!
//! A handler's attribute says what is its own: parameters, bodies, answers, and the reasons for which it refuses. What
//! holds of many is added here.

pub mod schema;

use std::sync::LazyLock;

use axum::body::Bytes;
use axum::http::HeaderName;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, VARY};
use isoblob_core::ErrorKind;
use serde_json::{Value, json};
use utoipa::PartialSchema as _;
use utoipa::openapi::{InfoBuilder, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::AppState;
use super::error::{ErrorBody, Reason};
use crate::auth::{Scope, is_health};

/// The extension by which an operation names the reasons of its refusals, those of its own first.
const REASONS: &str = "x-reasons";

const DESCRIPTION: &str = "Content-addressed JSON: a blob's id is the SHA-256 of its canonical bytes. Every answer that \
    is an error is an `Error`, whose `reason` is stable.";

/// The route.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(document))
}

/// This document
#[utoipa::path(
    get,
    path = "/api/v1/openapi.json",
    operation_id = "getDocument",
    tag = "server",
    responses((status = 200, description = "OpenAPI 3.1.", body = schema::AnyObject, content_type = "application/json")),
)]
async fn document() -> ([(HeaderName, &'static str); 3], Bytes) {
    static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| describe(super::api().into_openapi()).to_string().into());
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-cache"), (VARY, "accept-encoding")];
    (headers, DOCUMENT.clone())
}

/// Completes what was gathered from the handlers.
fn describe(mut gathered: OpenApi) -> Value {
    let info = InfoBuilder::new().title("isoblob").version(env!("CARGO_PKG_VERSION")).description(Some(DESCRIPTION));
    gathered.info = info.build();
    let mut document = json!(gathered);
    document["components"]["schemas"]["Error"] = json!(ErrorBody::schema());
    forget_null(&mut document);
    for (path, item) in members(&mut document["paths"]) {
        for (method, operation) in members(item) {
            complete(path, method, operation);
        }
    }
    let schemas = &mut document["components"]["schemas"];
    for (name, schema) in schema::named() {
        schemas[name] = schema;
    }
    schemas["Error"]["properties"]["reason"]["enum"] = Reason::all().map(Reason::as_str).collect();
    document
}

/// What is an `Option` here is left out where it is none, and never null.
fn forget_null(value: &mut Value) {
    let is_null = |schema: &Value| schema == "null" || schema["type"] == "null";
    for member in ["type", "oneOf"] {
        if let Some(types) = value.get_mut(member).and_then(Value::as_array_mut) {
            types.retain(|schema| !is_null(schema));
            if let [one] = &mut types[..] {
                let one = one.take();
                if member == "oneOf" { *value = one } else { value[member] = one }
            }
        }
    }
    match value {
        Value::Object(members) => members.values_mut().for_each(forget_null),
        Value::Array(elements) => elements.iter_mut().for_each(forget_null),
        _ => {}
    }
}

fn members(value: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    value.as_object_mut().into_iter().flatten()
}

/// Adds an operation's refusals, and what every answer has.
fn complete(path: &str, method: &str, operation: &mut Value) {
    let own = operation[REASONS].as_array().cloned().unwrap_or_default();
    let own = own.iter().map(|name| {
        let reason = Reason::all().find(|reason| name == reason.as_str());
        reason.unwrap_or_else(|| panic!("{method} {path} refuses for {name}, which is no reason"))
    });
    let reasons: Vec<_> = own.chain(common(path, operation)).collect();
    operation[REASONS] = reasons.iter().map(|reason| reason.as_str()).collect();
    for reason in &reasons {
        let status = reason.status();
        let same: Vec<_> = reasons
            .iter()
            .filter(|other| other.status() == status)
            .map(|other| format!("`{}`", other.as_str()))
            .collect();
        let mut response = json!({ "description": same.join(", ") });
        if method != "head" {
            response["content"] = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } });
        }
        operation["responses"][status.as_str()] = response;
    }
    for (_, response) in members(&mut operation["responses"]) {
        response["headers"]["x-request-id"] = json!({
            "description": "The id of the request in the log: that which it came with, if it did with a plain one.",
            "schema": { "type": "string" },
        });
    }
}

/// The reasons for which many operations refuse, by what these take.
fn common(path: &str, operation: &Value) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if path.contains("{id}") {
        reasons.push(Reason::InvalidId);
    }
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    if parameters.into_iter().any(|parameter| parameter["in"] == "query") {
        reasons.push(Reason::InvalidQuery);
    }
    if operation["requestBody"].is_object() {
        reasons.extend([
            Reason::InvalidBody,
            Reason::BodyTimeout,
            Reason::BodyTooLarge,
            Reason::UnsupportedMediaType,
            Reason::UnsupportedContentEncoding,
            Reason::Overloaded,
        ]);
        reasons.extend(ErrorKind::ALL.map(Reason::Text));
    }
    if !is_health(path) {
        reasons.extend([Reason::Unauthorized, Reason::InsufficientScope(Scope::Write)]);
        reasons.extend([Reason::RateLimited { retry_after_secs: 1 }, Reason::Overloaded]);
    }
    reasons.extend([Reason::ForeignHost, Reason::ForeignOrigin, Reason::Internal]);
    reasons
}
