//! Storage of the simulated cloud on disk.

pub(crate) mod audit_log;
pub(crate) mod database;
