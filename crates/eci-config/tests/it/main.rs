//! Whole directories, loaded through the public surface.
#![allow(clippy::unwrap_used)]

mod advice;
mod arbitrary;
mod changes;
mod conformance;
mod directory;
mod hostile;
mod ignored;
mod language;
mod marks;
mod mistakes;
mod modules;
mod open;
mod resources;
mod secrets;
mod variables;
mod vendor;
