//! Whole directories, loaded through the public surface.
#![allow(clippy::unwrap_used)]

mod directory;
mod language;
mod vendor;
