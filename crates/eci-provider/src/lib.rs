//! The resource kinds mapped onto the cloud's calls.
//!
//! * [`Provider`]: creates, reads, changes and deletes resources, in terms of their
//!   attributes;
//! * [`wire`]: values to what is sent and back, by the description of their fields;
//! * [`mod@readiness`]: when a group counts as ready, and when it never will;
//! * [`explanation`]: what the cloud tells about a group that does not become ready;
//! * `running`: what is done with a group that runs: events, logs, restarts, commands;
//! * [`pace`]: how fast calls follow one another and when one is tried again.

pub mod explanation;
pub mod pace;
mod provider;
pub mod readiness;
mod running;
mod seen;
pub mod wire;

pub use explanation::Explanation;
pub use pace::{Pace, Repeat, Retry};
pub use provider::{Made, Provider, SendError, create_request, group_id, update_request};
pub use readiness::{Readiness, Wait, readiness};
pub use seen::Seen;
pub use wire::EncodeError;
