//! `isoblob call`: plays Stepflow's runtime for one call of one component.
//!
//! The handshake is the core's; here are what it needs from outside: the command line, HTTP, and, where there is none
//! to point at, a blob server of its own.

mod args;
mod blobs;
mod error;
mod event_stream;
mod input;
mod worker;

use isoblob_core::handshake::{BlobApiUrl, Capabilities, HandshakeError, Runtime};

use crate::stepflow::{BlobApiConfig, BlobService, DEFAULT_BLOB_THRESHOLD, Scheme};
use crate::store::StoreLocation;

pub use args::CallArgs;
pub use error::CallError;
pub use input::{Input, ParseInputError};
pub use worker::{ParseWorkerUrlError, WorkerUrl};

use blobs::OwnBlobs;
use worker::Worker;

/// Calls a component, and returns its output: JSON, as the component server wrote it.
///
/// It takes the thread until the component has answered, and is not for async threads.
///
/// # Errors
///
/// Each has an [exit code](CallError::exit_code) of its kind.
pub fn call(args: &CallArgs) -> Result<String, CallError> {
    let input = args.input.read()?;
    let (offer, blob_threshold) = offer(args)?;
    let (blob_api_url, blobs) = match offer {
        Offer::Url(url) => (Some(url), None),
        Offer::Own(store) => {
            let blobs = OwnBlobs::serve(&store)?;
            (Some(BlobApiConfig::default().url(Scheme::Http, blobs.address())), Some(blobs))
        }
        Offer::Nothing => (None, None),
    };
    let called = converse(args, Capabilities { blob_api_url, blob_threshold }, &input);
    if let Some(blobs) = blobs {
        blobs.end();
    }
    called
}

/// What the component server is told of blobs.
enum Offer {
    /// This URL.
    Url(BlobApiUrl),
    /// The URL of this process, which serves this store.
    Own(StoreLocation),
    /// Nothing, so that its first blob call fails.
    Nothing,
}

/// What the command line and the file that it names say: a flag goes before the file.
fn offer(args: &CallArgs) -> Result<(Offer, u64), CallError> {
    let config = args.config.as_deref().map(BlobApiConfig::read).transpose()?;
    let threshold = config.as_ref().map_or(DEFAULT_BLOB_THRESHOLD, |config| config.blob_threshold);
    let offer = match (&args.blob_api_url, config.map(|config| config.service)) {
        _ if args.serve => Offer::Own(args.store.clone()),
        (Some(url), _) => Offer::Url(url.clone()),
        (None, Some(BlobService::Elsewhere { url } | BlobService::Here { url: Some(url) })) => Offer::Url(url),
        (None, Some(BlobService::Here { url: None })) => Offer::Own(args.store.clone()),
        (None, None) => Offer::Nothing,
    };
    Ok((offer, args.blob_threshold.unwrap_or(threshold)))
}

/// The sequence of the protocol, from `initialize` to the component's output.
fn converse(args: &CallArgs, capabilities: Capabilities, input: &str) -> Result<String, CallError> {
    let offered_blobs = capabilities.blob_api_url.is_some();
    let worker = Worker::new(args.worker_url.clone(), args.timeout_secs);
    let (request, initializing) = Runtime::new(capabilities).initialize();
    let answer = worker.ask(&request)?;
    let (notification, session) = initializing.answered(&answer).map_err(|error| match error {
        HandshakeError::Refused(error) => CallError::Refused(error),
        error => CallError::Handshake(error),
    })?;
    worker.tell(&notification)?;
    tracing::debug!(references = session.supports_blob_refs(), "the component server is initialized");

    let component = format!("/{}", args.component.trim_start_matches('/'));
    let (request, executing) = session.execute(&component, input).map_err(CallError::Input)?;
    let answer = worker.ask(&request)?;
    match executing.answered(&answer) {
        Ok((output, _)) => Ok(output.to_owned()),
        Err(HandshakeError::Refused(error)) => Err(CallError::Component { component, error, offered_blobs }),
        Err(error) => Err(CallError::Handshake(error)),
    }
}
