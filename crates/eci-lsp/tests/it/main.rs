//! The server as an editor sees it: JSON-RPC in, JSON-RPC out.

#![allow(clippy::unwrap_used)]

mod anything;
mod chinese;
mod completing;
mod editor;
mod hostile;
mod looking;
mod renaming;
mod telling;
