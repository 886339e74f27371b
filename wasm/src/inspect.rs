//! What a [`Desk`] of the module `inspect` does beside: it looks into texts, for people who wonder.

mod json;

use alloc::vec::Vec;

use isoblob_core::{Limits, canonicalize, explain, explain_text, validate_flow};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::desk::Desk;

#[wasm_bindgen]
impl Desk {
    /// Checks that a JSON text has the shape of a flow. There is no output.
    #[wasm_bindgen(js_name = validateFlow)]
    pub fn validate_flow(&mut self, len: usize) -> bool {
        let canonical = canonicalize(&self.input[..len], Limits::default());
        let checked = canonical.and_then(|canonical| validate_flow(&canonical));
        self.answer(checked, |()| Vec::new())
    }

    /// What canonicalization changes in a JSON text, as an array in JSON.
    #[wasm_bindgen(js_name = explainText)]
    pub fn explain_text(&mut self, len: usize) -> bool {
        let changes = explain_text(&self.input[..len], Limits::default());
        self.answer(changes, |changes| json::changes(&changes))
    }

    /// Why two JSON texts have two ids, as an object in JSON. The second stands behind the first, from `middle` on.
    pub fn explain(&mut self, middle: usize, len: usize) -> bool {
        let (one, other) = self.input[..len].split_at(middle);
        match explain(one, other, Limits::default()) {
            Ok(explanation) => self.succeed(json::explanation(&explanation)),
            Err(error) => self.fail(json::explain_error(&error)),
        }
    }
}
