//! The cloud's calls: wire types, signing and the HTTP client.
//!
//! * [`sign`]: the signature on every call.

pub mod sign;
