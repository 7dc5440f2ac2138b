//! The sandbox as its clients meet it: over HTTP.
#![allow(clippy::unwrap_used)]

mod api_behavior;
mod client;
mod containers;
mod disk;
mod faults;
mod life;
mod lists;
mod orders;
mod refusals;
