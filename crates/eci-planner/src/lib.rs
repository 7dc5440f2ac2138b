//! The pure planner: a dependency graph and the actions that lead to the desired state.
//!
//! * [`diff`]: what differs between two values, attribute by attribute.

pub mod diff;
