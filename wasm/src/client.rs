//! A client of the Blob HTTP API over `fetch` that trusts no answer: what was stored must have the id that was computed
//! here, what was fetched must hash to the id that was asked for.
//!
//! It uses the global `fetch`, so it runs in windows, in workers and in Node.

mod answer;
mod get;
mod put;

use js_sys::Promise;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use web_sys::{RequestInit, Response};

use crate::fault::Fault;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_name = fetch)]
    fn global_fetch(url: &str, init: &RequestInit) -> Result<Promise<Response>, JsValue>;
}

/// Sends a request and awaits the head of its answer.
async fn fetch(url: &str, init: &RequestInit) -> Result<Response, Fault> {
    let sent = async { global_fetch(url, init)?.await };
    sent.await.map_err(|cause| network("the server was not reached", cause))
}

/// The fault of an exchange that broke off, or never began.
fn network(what: &str, cause: JsValue) -> Fault {
    let message = match cause.dyn_ref::<js_sys::Error>() {
        Some(error) => format!("{what}: {}", String::from(error.message())),
        None => what.to_owned(),
    };
    Fault::new("network", message).with("cause", cause)
}
