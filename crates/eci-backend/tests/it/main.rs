//! Tests of shared states on every device.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod damage;
mod encrypted;
mod locks;
mod outages;
mod rollback;
mod salvage;
mod versions;
mod workspaces;
mod world;
