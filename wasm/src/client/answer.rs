//! Reading answers that are not what was asked for.

use js_sys::Reflect;
use wasm_bindgen::JsValue;
use web_sys::Response;

use crate::fault::Fault;

/// The members of an error body that say where in a text the fault is.
const PLACE: [&str; 4] = ["offset", "line", "column", "pointer"];

/// The fault that an answer with an error status tells of: the server's own reason and message where its body has
/// them, else the status alone under the code `http`.
pub async fn refusal(answer: &Response) -> Fault {
    let status = answer.status();
    let body = body_of(answer).await;
    let member = |name: &str| Reflect::get(&body, &name.into()).ok().filter(|value| !value.is_null_or_undefined());
    let code = member("reason").and_then(|reason| reason.as_string()).unwrap_or_else(|| "http".to_owned());
    let message = member("message").and_then(|message| message.as_string());
    let mut fault = Fault::new(code, message.unwrap_or_else(|| format!("the server answered {status}")));
    for name in PLACE {
        if let Some(value) = member(name) {
            fault = fault.with(name, value);
        }
    }
    fault.with("status", status)
}

/// The body as JSON, or `undefined`: an error stays an error whatever its body is.
async fn body_of(answer: &Response) -> JsValue {
    match answer.json() {
        Ok(body) => body.await.unwrap_or_default(),
        Err(_) => JsValue::UNDEFINED,
    }
}
