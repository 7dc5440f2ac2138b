//! Whole directories, loaded through the public surface.
#![allow(clippy::unwrap_used)]

mod arbitrary;
mod directory;
mod language;
mod mistakes;
mod resources;
mod vendor;
