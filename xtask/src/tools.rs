//! The programs that `xtask` calls, each ensured by its own module.

pub mod apt;
pub mod cargo;
pub mod chromium;
pub mod command;
pub mod deny;
pub mod kubectl;
pub mod node;
pub mod npm;
pub mod postgres;
pub mod python;
