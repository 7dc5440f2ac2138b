//! Elastic IPs, disks and their orders, as the library's own client meets them.
#![allow(clippy::unwrap_used)]

mod disks;
mod eips;
mod faults;
mod groups;
mod kept;
mod outside;
mod stage;
mod tokens;
