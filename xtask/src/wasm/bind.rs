//! The JavaScript around the module, by the library of wasm-bindgen, whose version Cargo.lock ties to the crate's.

use std::path::Path;

use wasm_bindgen_cli_support::Bindgen;

/// Writes `<stem>.js`, `<stem>_bg.wasm` and their TypeScript declarations into `directory`.
///
/// # Errors
///
/// When the module is not one that wasm-bindgen's macros of the same version made.
pub fn bind(module: &Path, stem: &str, directory: &Path) -> anyhow::Result<()> {
    Bindgen::new()
        .input_path(module)
        .out_name(stem)
        .web(true)?
        // `new URL("…_bg.wasm", import.meta.url)` is how bundlers find the module.
        .omit_default_module_path(false)
        .typescript(true)
        .generate(directory)
}
