//! Whole directories, loaded through the public surface.
#![allow(clippy::unwrap_used)]

mod advice;
mod arbitrary;
mod changes;
mod conformance;
mod diagnostics;
mod directory;
mod ignored;
mod language;
mod malformed_input;
mod marks;
mod modules;
mod resources;
mod secrets;
mod unset_variables;
mod variables;
mod vendor_example;
