//! A state on a server that speaks the protocol of Terraform's `http` backend, GitLab for example.
//!
//! Such a server keeps one document and one lock. A run keeps the lock from its first request to its last,
//! and writes the whole document whenever the log of other stores would get an entry: this is for small
//! states. Each document has another number, as GitLab requires.
//!
//! * `client`: the protocol;
//! * `document`: the encrypted document;
//! * `backend`: how a run gets the lock;
//! * `store`, `writer`: the state during a run.
//!
//! **Invariant:** a run calls the cloud only while its lease lasts, which is counted from the last request
//! that showed that no other run has written. A successor of a run that died writes a document first, and
//! then waits until no lease that began before can last.

pub(crate) mod backend;
pub(crate) mod client;
mod document;
mod lock_info;
pub(crate) mod store;
mod writer;
