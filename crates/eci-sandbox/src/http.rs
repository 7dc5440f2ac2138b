//! HTTP: from a connection to a call, and back.

mod auth;
mod connection;
mod envelope;
mod form;
mod route;
pub(crate) mod server;
