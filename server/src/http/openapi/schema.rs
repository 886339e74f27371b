//! The schemas of the document that no type of ours has: those of the core's types, and of JSON that it reads itself.

use std::borrow::Cow;

use isoblob_core::MAX_BATCH_BLOBS;
use serde_json::{Value, json};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Names of schemas, for the handlers' attributes, and [`named`], which has what each stands for.
macro_rules! schemas {
    ($($name:ident = $schema:expr;)*) => {
        $(
            pub enum $name {}

            impl PartialSchema for $name {
                /// Stands in until the document is made.
                fn schema() -> RefOr<Schema> {
                    Schema::default().into()
                }
            }

            impl ToSchema for $name {
                fn name() -> Cow<'static, str> {
                    stringify!($name).into()
                }
            }
        )*

        /// The schemas by their names.
        pub fn named() -> Vec<(&'static str, Value)> {
            vec![$((stringify!($name), $schema)),*]
        }
    };
}

schemas! {
    AnyObject = json!({ "type": "object" });
    BlobId = json!({
        "type": "string",
        "description": "The SHA-256 of a blob's bytes.",
        "pattern": "^[0-9a-f]{64}$",
    });
    BlobType = json!({ "type": "string", "enum": ["binary", "data", "flow"] });
    Filename = json!({
        "type": "string",
        "description": "At most 1,024 bytes of UTF-8. An empty one is none.",
        "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]*$",
    });
    JsonPointer = json!({
        "type": "string",
        "description": "RFC 6901.",
        "pattern": "^(/([^~/]|~[01])*)*$",
    });
    Bytes = json!({ "description": "Any bytes." });
    AnyJson = json!({ "description": "Any JSON." });
    PutRequest = json!({ "oneOf": [
        put(&["data"], &json!({ "enum": ["data", null], "default": "data" }), &reference("AnyJson")),
        put(&["data", "blobType"], &json!({ "enum": ["flow"] }), &flow()),
        put(&["data", "blobType"], &json!({ "enum": ["binary"] }), &base64()),
    ] });
    PutResponse = object(&["blobId"], &json!({ "blobId": reference("BlobId") }));
    BlobEnvelope = object(&["data", "blobType", "blobId"], &json!({
        "data": { "description": "The canonical bytes of JSON, or the base64 of bytes." },
        "blobType": reference("BlobType"),
        "blobId": reference("BlobId"),
        "filename": reference("Filename"),
    }));
    BatchIdsRequest = object(&["blobIds"], &json!({
        "blobIds": { "type": "array", "maxItems": MAX_BATCH_BLOBS, "items": reference("BlobId") },
    }));
    BatchPutRequest = object(&["blobs"], &json!({ "blobs": {
        "type": "array",
        "maxItems": MAX_BATCH_BLOBS,
        "items": {
            "description": "What is no `PutRequest` is answered with an error of its own.",
            "anyOf": [reference("PutRequest"), {}],
        },
    } }));
    BatchGetResponse = object(&["blobs"], &json!({ "blobs": {
        "type": "array",
        "items": { "oneOf": [
            reference("BlobEnvelope"),
            object(&["blobId", "error"], &json!({ "blobId": reference("BlobId"), "error": reference("Error") })),
        ] },
    } }));
    BatchPutResponse = object(&["blobs"], &json!({ "blobs": {
        "type": "array",
        "items": { "oneOf": [
            reference("PutResponse"),
            object(&["error"], &json!({ "error": reference("Error") })),
        ] },
    } }));
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn object(required: &[&str], properties: &Value) -> Value {
    json!({ "type": "object", "required": required, "properties": properties })
}

fn put(required: &[&str], blob_type: &Value, data: &Value) -> Value {
    let filename = json!({ "oneOf": [reference("Filename"), { "type": "null" }] });
    object(required, &json!({ "data": data, "blobType": blob_type, "filename": filename }))
}

/// RFC 4648, section 4.
fn base64() -> Value {
    json!({
        "type": "string",
        "contentEncoding": "base64",
        "pattern": "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$",
    })
}

/// What [`validate_flow`](isoblob_core::validate_flow) accepts.
fn flow() -> Value {
    let one_of = |json_type: &str| json!({ "type": [json_type, "null"] });
    let step = json!({
        "id": { "type": "string" },
        "component": { "type": "string" },
        "onError": one_of("object"),
        "mustExecute": one_of("boolean"),
        "metadata": one_of("object"),
    });
    let mut flow = object(
        &[],
        &json!({
            "name": one_of("string"),
            "description": one_of("string"),
            "version": one_of("string"),
            "schemas": one_of("object"),
            "test": one_of("object"),
            "examples": one_of("array"),
            "metadata": one_of("object"),
            "steps": { "type": ["array", "null"], "items": object(&["id", "component"], &step) },
        }),
    );
    flow["description"] = "A Stepflow workflow definition. The ids of its steps differ.".into();
    flow
}
