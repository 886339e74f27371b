//! The core of isoblob, compiled for JavaScript.
//!
//! These exports are the inner side of the npm package `isoblob`, whose modules (`wasm/npm/src`) check the types of
//! arguments, turn a fault into a `BlobError`, and document the API.
//!
//! Texts and bytes pass through memory that a `Desk` keeps: JavaScript writes a text where `Desk::input` says, calls
//! what it wants, and reads the result where `Desk::output` says. So a text is encoded right into where it is read, a
//! result is hashed or decoded right from where it was written, and a short text costs no allocation.
//!
//! There is no standard library, and a panic is a trap: the messages of panics that never happen, and what formats them,
//! would be a quarter of the module.

#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;

mod desk;
#[cfg(feature = "inspect")]
mod inspect;
mod json;
mod receive;

use alloc::string::String;

use isoblob_core::BlobId;

/// An id as it is spelled. Formatting it would bring what formats into the module.
fn hex(id: BlobId) -> String {
    hex::encode(id.as_bytes())
}

/// A third of the code of the standard library's, for few allocations.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

#[cfg(target_family = "wasm")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
