//! The resource kinds mapped onto the cloud's calls.
//!
//! * [`wire`]: values to what is sent and back, by the description of their fields.

pub mod wire;
