//! The labels of metrics. Each has few values, whatever clients send.

use std::fmt;

use axum::http::{Method, StatusCode};
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use tonic::Code;

use crate::grpc::METHODS;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Outcome {
    pub outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Rejected {
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Build {
    pub version: &'static str,
}

/// What is told apart of requests.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RequestLabels {
    method: &'static str,
    route: String,
    status: Status,
}

/// What stands for everything that has no name of its own.
const OTHER: &str = "other";

impl RequestLabels {
    /// Of a request by HTTP, to a route as it is written in the program; `None` where there is no such route.
    pub fn http(method: &Method, route: Option<String>, status: StatusCode) -> Self {
        let known = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS];
        let names = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"];
        let method = known.iter().position(|known| known == method).map_or(OTHER, |at| names[at]);
        Self { method, route: route.unwrap_or_else(|| OTHER.into()), status: Status::Http(status.as_u16()) }
    }

    /// Of a call by gRPC.
    pub fn grpc(path: &str, code: Code) -> Self {
        let route = if METHODS.contains(&path) { path } else { OTHER };
        Self { method: "gRPC", route: route.into(), status: Status::Grpc(code) }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Status {
    Http(u16),
    /// By its name, such as `NotFound`.
    Grpc(Code),
}

impl EncodeLabelValue for Status {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        match self {
            Self::Http(status) => status.encode(encoder),
            Self::Grpc(code) => format!("{code:?}").encode(encoder),
        }
    }
}
