//! The example of embedding, run.

use std::sync::Arc;

use isoblob_core::BlobId;
use isoblob_server::stepflow::BlobApiConfig;
use isoblob_server::store::{MemoryStore, Store as _};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

// Its `main` alone is not called here.
#[allow(dead_code)]
#[path = "../../examples/embed.rs"]
mod example;

#[tokio::test(flavor = "multi_thread")]
async fn an_orchestrator_serves_its_own_routes_and_blobs() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let root = format!("http://{}", listener.local_addr().expect("an address"));
    let store = Arc::new(MemoryStore::default());
    let (stop, stopped) = oneshot::channel();
    let serving = tokio::spawn({
        let store = store.clone();
        async move {
            let stopped = async move { stopped.await.expect("a signal") };
            example::orchestrate(listener, &BlobApiConfig::default(), store, stopped).await
        }
    });

    let answers = tokio::task::spawn_blocking(move || {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let blobs = format!("{root}/api/v1/blobs");
        let put = agent.post(&blobs).content_type("application/json").send(r#"{"data":{"b":1.0,"a":2}}"#);
        let get = |path: &str| agent.get(format!("{root}{path}")).call();
        let answers =
            [put, get("/api/v1/health"), get("/api/v1/blobs/0"), get("/elsewhere"), agent.delete(&blobs).call()];
        answers.map(|answer| {
            let mut answer = answer.expect("an answer");
            let request_id = answer.headers().contains_key("x-request-id");
            (answer.status().as_u16(), answer.body_mut().read_to_string().expect("a body"), request_id)
        })
    });
    let answers = answers.await.expect("requests");
    let id = BlobId::of(br#"{"a":2,"b":1}"#);
    let [put, health, wrong, elsewhere, delete] = &answers;
    assert_eq!(*put, (200, format!(r#"{{"blobId":"{id}"}}"#), true));
    // The application's own routes are its own, and so is what is nowhere.
    assert_eq!(*health, (200, "healthy\n".into(), false));
    assert_eq!(*elsewhere, (404, String::new(), false));
    assert!(wrong.0 == 400 && wrong.1.contains(r#""reason":"invalid_id""#), "{wrong:?}");
    assert!(delete.0 == 405 && delete.1.contains(r#""reason":"method_not_allowed""#), "{delete:?}");

    let stored = store.get(id).await.expect("a store").expect("a blob");
    assert_eq!(stored.blob.bytes(), br#"{"a":2,"b":1}"#);
    stop.send(()).expect("the server waits for it");
    serving.await.expect("a task").expect("a server");
}
