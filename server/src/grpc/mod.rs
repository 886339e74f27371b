//! gRPC: [`routes`] is the whole of it, on the port that HTTP is served on too.
//!
//! `stepflow.v1.BlobService` over the same store, with the same ids and the same limits; beside it `grpc.health.v1` and
//! server reflection.

mod blobs;
mod body;
mod door;
mod health;
pub mod proto;
mod status;
mod value;

use std::convert::Infallible;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Response};
use axum::middleware;
use tonic::Status;
use tonic::server::NamedService;
use tonic_health::pb::health_server::HealthServer;
use tonic_reflection::server::Builder;
use tower::{Service, ServiceExt as _};

use self::blobs::Blobs;
use self::body::UntilDrained;
use self::health::Health;
use self::proto::blob_service_server::BlobServiceServer;
use crate::http::AppState;

/// The paths of what is served, all of them.
pub(crate) const METHODS: [&str; 6] = [
    "/stepflow.v1.BlobService/PutBlob",
    "/stepflow.v1.BlobService/GetBlob",
    "/grpc.health.v1.Health/Check",
    "/grpc.health.v1.Health/Watch",
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];

/// Whether a request is one of gRPC, by its content type: `application/grpc`, maybe with the format of its messages.
pub fn is_grpc(headers: &HeaderMap) -> bool {
    let rest = headers.get(CONTENT_TYPE).and_then(|value| value.as_bytes().strip_prefix(b"application/grpc"));
    rest.is_some_and(|rest| matches!(rest.first(), None | Some(b'+' | b';')))
}

/// The services over a store.
///
/// # Panics
///
/// Never: the descriptions that it reads were written by this build.
pub fn routes(state: AppState) -> Router {
    let reflection = || {
        Builder::configure()
            .register_encoded_file_descriptor_set(proto::DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    let sound = "the descriptions are those of this build";
    let config = state.config();
    // A message is as long as a body may be. One that is refused says so by the status that gRPC's own libraries use.
    let blobs = BlobServiceServer::new(Blobs::new(state.clone())).max_decoding_message_size(config.max_body_bytes);
    let (idle_timeout, shared) = (config.body_idle_timeout, state.clone());
    let blobs = blobs.map_request(move |request: Request| {
        // The door put it there, and holds it, too.
        let memory = request.extensions().get::<body::Held>().cloned();
        let memory = memory.unwrap_or_else(|| body::nothing_held(&shared));
        request.map(|body| body::Steady::new(body, idle_timeout, memory))
    });

    let router = mount::<BlobServiceServer<Blobs>, _, _>(Router::new(), blobs);
    let router = mount_named(router, HealthServer::new(Health::new(state.clone())));
    let (v1, v1alpha) = (reflection().build_v1().expect(sound), reflection().build_v1alpha().expect(sound));
    let router = mount_open_ended(router, v1, &state);
    // What clients of some years ago ask for.
    let router = mount_open_ended(router, v1alpha, &state);
    router.fallback(unknown).layer(middleware::from_fn_with_state(state, door::pass))
}

fn mount_named<S, B>(router: Router, service: S) -> Router
where
    S: Service<Request, Response = Response<B>, Error = Infallible> + NamedService + Clone + Send + Sync + 'static,
    S::Future: Send,
    Response<B>: axum::response::IntoResponse,
{
    mount::<S, S, B>(router, service)
}

/// Adds a service whose clients may keep a call open, for as long as the server is not told to end.
fn mount_open_ended<S, B>(router: Router, service: S, state: &AppState) -> Router
where
    S: Service<Request<UntilDrained>, Response = Response<B>, Error = Infallible>
        + NamedService
        + Clone
        + Send
        + Sync
        + 'static,
    S::Future: Send,
    Response<B>: axum::response::IntoResponse,
{
    let state = state.clone();
    let service =
        service.map_request(move |request: Request| request.map(|body| UntilDrained::new(body, state.clone())));
    mount::<S, _, B>(router, service)
}

/// Adds a service under its name `N`.
fn mount<N, S, B>(router: Router, service: S) -> Router
where
    N: NamedService,
    S: Service<Request, Response = Response<B>, Error = Infallible> + Clone + Send + Sync + 'static,
    S::Future: Send,
    Response<B>: axum::response::IntoResponse,
{
    router.route_service(&format!("/{}/{{method}}", N::NAME), service)
}

async fn unknown(request: Request) -> Response<Body> {
    Status::unimplemented(format!("there is no {}", request.uri().path())).into_http()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grpc_is_told_by_its_content_type() {
        let rows = [
            ("application/grpc", true),
            ("application/grpc+proto", true),
            ("application/grpc;charset=utf-8", true),
            ("application/grpc-web", false),
            ("application/grpc-web+proto", false),
            ("application/json", false),
            ("", false),
        ];
        for (content_type, expected) in rows {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, content_type.parse().expect("a header"))]);
            assert_eq!(is_grpc(&headers), expected, "{content_type}");
        }
        assert!(!is_grpc(&HeaderMap::new()));
    }
}
