//! The JavaScript around the module, by the library of wasm-bindgen, whose version Cargo.lock ties to the crate's.

use std::fs;
use std::mem;
use std::path::Path;

use anyhow::Context;
use wasm_bindgen_cli_support::Bindgen;

/// Writes `<stem>.js`, `<stem>_bg.wasm` and their TypeScript declarations into `directory`.
///
/// What the module imports is called `i0`, `i1` and so on: the names that wasm-bindgen gives have hashes in them, which no
/// compression makes smaller, and they stand in both files.
///
/// # Errors
///
/// When the module is not one that wasm-bindgen's macros of the same version made.
pub fn bind(module: &Path, stem: &str, directory: &Path) -> anyhow::Result<()> {
    let mut output = Bindgen::new()
        .input_path(module)
        .out_name(stem)
        .web(true)?
        // `new URL("…_bg.wasm", import.meta.url)` is how bundlers find the module.
        .omit_default_module_path(false)
        .typescript(true)
        .generate_output()?;
    let mut js = output.js().to_owned();
    for (index, import) in output.wasm_mut().imports.iter_mut().enumerate() {
        let name = mem::replace(&mut import.name, format!("i{index}"));
        js = js.replace(&format!("{name}: "), &format!("{}: ", import.name));
    }
    output.emit(directory)?;
    let path = directory.join(stem).with_extension("js");
    fs::write(&path, js).with_context(|| format!("cannot write {}", path.display()))
}
