//! The server as an editor sees it: JSON-RPC in, JSON-RPC out.

#![allow(clippy::unwrap_used)]

mod chinese;
mod completing;
mod diagnostics;
mod editor;
mod hover_and_navigation;
mod malformed_input;
mod never_panics;
mod renaming;
