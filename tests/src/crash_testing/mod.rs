//! Crash tests: runs that are killed, interrupted and raced, again and again, on work of every
//! sort; afterwards no object is duplicated or lost.
//!
//! * [`desired_state`]: the desired state, and random changes of it;
//! * [`world`]: a project and its cloud, and the runs between them;
//! * `cloud_faults`: how a cloud fails;
//! * [`failpoints`]: the points at which a run dies: at random, or each point of the program;
//! * [`shared_state`]: states in a database or a bucket, and the machines that share them;
//! * [`matrix`]: twelve scenarios, interrupted at every request and every operation on a file;
//! * [`check`]: what must hold, checked from what the cloud itself has written down;
//! * [`runner`]: many rounds, in several worlds at a time.
//!
//! Everything random follows from a seed, except what the machine's clock decides: the same seed is
//! the same work at nearly the same times.

pub mod check;
mod cloud_faults;
pub mod desired_state;
pub mod failpoints;
pub mod matrix;
pub mod runner;
pub mod shared_state;
pub mod world;

pub use check::Violation;
pub use runner::{Disturbance, Drill, Setup, Tally, run};
pub use shared_state::StateServer;
pub use world::{Program, World};
