//! Measures every kind of work at growing sizes, and holds the numbers against targets.
//!
//! ```text
//! cargo run --release -p eci-bench
//! ```
//!
//! * [`shape`]: the configurations that are measured, at any size;
//! * [`measure`]: one run of a program, its time, its memory and what it wrote;
//! * [`simulated`]: the simulated cloud that is measured against;
//! * [`suite`]: each kind of work at each size, against a sandbox over HTTP at full speed;
//! * [`terraform`]: the same shape with Terraform, where it is installed;
//! * [`recording`]: what it costs to record outcomes;
//! * [`shared_states`]: states in a database or a bucket, next to local ones;
//! * [`targets`]: what is aimed at, and whether it is reached;
//! * [`report`]: the numbers as a table, and whether they grow in proportion.
//!
//! The stages of a plan are measured one by one by `cargo bench -p eci-bench`.

pub mod measure;
pub mod recording;
pub mod report;
pub mod shape;
pub mod shared_states;
pub mod simulated;
pub mod suite;
pub mod targets;
pub mod terraform;
