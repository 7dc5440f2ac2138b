//! The cloud that a state belongs to.
//!
//! The objects of one cloud do not exist in another: a run against the wrong region, endpoint or account
//! would remove every resource from the state and create all of them again, while the first ones
//! keep running. So the state records where its resources are, and every other cloud is refused
//! before anything is read into the state.

mod belonging;
mod identity;

pub use belonging::{AnotherCloud, Belonging};
pub use identity::{CloudDifference, CloudIdentity};
