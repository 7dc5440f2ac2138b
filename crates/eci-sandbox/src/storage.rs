//! What is kept on disk.

pub(crate) mod audit_log;
pub(crate) mod database;
