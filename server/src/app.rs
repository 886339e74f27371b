//! [`App`]: what a connection is served with, HTTP and gRPC.

use std::convert::Infallible;
use std::task::{Context, Poll};

use axum::Router;
use axum::response::Response;
use axum::routing::future::RouteFuture;
use hyper::Request;
use hyper::body::Incoming;
use tower::Service;

use crate::http::AppState;
use crate::{grpc, http};

/// The whole server over a store: [`grpc::routes`] for calls of gRPC, [`http::app`] for all other requests.
#[derive(Clone, Debug)]
pub struct App {
    http: Router,
    grpc: Router,
}

impl App {
    /// The server over a store.
    pub fn new(state: AppState) -> Self {
        Self { http: http::app(state.clone()), grpc: grpc::routes(state) }
    }
}

impl Service<Request<Incoming>> for App {
    type Response = Response;
    type Error = Infallible;
    type Future = RouteFuture<Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // A router is always ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Incoming>) -> Self::Future {
        if grpc::is_grpc(request.headers()) { self.grpc.call(request) } else { self.http.call(request) }
    }
}
