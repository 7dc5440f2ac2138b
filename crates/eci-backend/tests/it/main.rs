//! Tests of shared states on every device.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod conformance;
mod damage;
mod faulty;
mod locks;
mod world;
