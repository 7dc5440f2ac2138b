//! Measures plan, apply and empty plan at growing sizes.
//!
//! ```text
//! cargo run --release -p eci-bench
//! ```
//!
//! * [`shape`]: the configuration that is measured, at any size;
//! * [`measure`]: one run of the program, its time and its peak memory;
//! * [`suite`]: the runs at each size, against a sandbox over HTTP at full speed;
//! * [`report`]: the numbers as a table, and whether they grow in proportion.

pub mod measure;
pub mod report;
pub mod shape;
pub mod suite;
