//! Stores of states: what every device must do, and devices that fail.

mod conformance;
mod faulty;
mod world;

pub use conformance::{block_on, conforms};
pub use faulty::{Fault, FaultyDevice};
pub use world::{backend, eip, options, timing, updated};
