//! Handlers of the calls, by service.
//!
//! A handler gets a call that is signed and gives an answer without its envelope.

pub(crate) mod group;
pub(crate) mod orders;
pub(crate) mod query;
