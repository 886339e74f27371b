//! `grpc.health.v1.Health`: what `/readyz` tells, as gRPC's clients and balancers ask for it.

use std::pin::Pin;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;
use tonic::server::NamedService as _;
use tonic::{Request, Response, Status};
use tonic_health::pb;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

use super::blobs::Blobs;
use super::proto::blob_service_server::BlobServiceServer;
use crate::http::AppState;
use crate::http::error::{ApiError, Reason};

/// How often the store is looked at for those who watch.
const WATCH_INTERVAL: Duration = Duration::from_secs(5);

/// The service over a store.
#[derive(Clone, Debug)]
pub struct Health(AppState);

impl Health {
    pub fn new(state: AppState) -> Self {
        Self(state)
    }
}

#[tonic::async_trait]
impl pb::health_server::Health for Health {
    async fn check(&self, request: Request<HealthCheckRequest>) -> Result<Response<HealthCheckResponse>, Status> {
        let HealthCheckRequest { service } = request.into_inner();
        if is_known(&service) {
            return Ok(Response::new(answer(status(&self.0).await)));
        }
        Err(ApiError::new(Reason::NotFound, "there is no such service").into())
    }

    type WatchStream = Pin<Box<dyn Stream<Item = Result<HealthCheckResponse, Status>> + Send>>;

    /// Tells the status now and whenever it changes, until the server shuts down: a call that stays open would keep it
    /// from doing so.
    async fn watch(&self, request: Request<HealthCheckRequest>) -> Result<Response<Self::WatchStream>, Status> {
        let (sender, receiver) = mpsc::channel(1);
        let (state, known) = (self.0.clone(), is_known(&request.into_inner().service));
        tokio::spawn(async move {
            let mut told = None;
            loop {
                let draining = state.is_draining();
                let status = if known { status(&state).await } else { ServingStatus::ServiceUnknown };
                if told != Some(status) && sender.send(Ok(answer(status))).await.is_err() || draining {
                    return;
                }
                told = Some(status);
                tokio::select! {
                    () = sleep(WATCH_INTERVAL) => {}
                    () = state.drained() => {}
                    () = sender.closed() => return,
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }
}

/// The server as a whole has no name.
fn is_known(service: &str) -> bool {
    service.is_empty() || service == BlobServiceServer::<Blobs>::NAME
}

async fn status(state: &AppState) -> ServingStatus {
    if !state.is_draining() && state.store().health().await.is_ok() {
        ServingStatus::Serving
    } else {
        ServingStatus::NotServing
    }
}

fn answer(status: ServingStatus) -> HealthCheckResponse {
    HealthCheckResponse { status: status.into() }
}
