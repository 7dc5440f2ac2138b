//! The adapters: one per kind, behind one trait.
//!
//! A new kind is a file here that implements [`Adapter`](adapter::Adapter) and a row in the
//! registry. Everything else goes through the functions that find the adapter of a kind, of an id
//! or of a report.

mod adapter;
mod calls;
mod container_group;
mod disk;
mod eip;
mod objects;
mod registry;
mod rules;

pub use disk::disk_request;
pub use eip::eip_request;
#[cfg(test)]
pub(crate) use rules::priced_by;
pub use rules::{amendments, is_priced_by, price_request};
