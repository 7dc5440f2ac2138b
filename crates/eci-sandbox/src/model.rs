//! All groups that there are, found by id, name, tag and enterprise project; and all elastic
//! IPs, disks, orders and jobs.
//!
//! The world is plain data: time and identity come in with each change, what must be kept
//! goes out as the changed group and as all else that was touched.

mod attachments;
mod collection;
pub(crate) mod disk;
mod disk_changes;
pub(crate) mod eip;
mod eip_changes;
mod filter;
mod group;
mod group_changes;
mod ids;
mod index;
mod order;
mod order_changes;
mod out_of_band;
mod realm;
mod world;

pub(crate) use disk::Disk;
pub(crate) use eip::Eip;
pub(crate) use filter::{Filter, Page};
pub(crate) use group::Group;
pub(crate) use ids::{Identity, letters_and_digits};
pub(crate) use index::Term;
pub(crate) use order::{Job, Order, OrderBehavior, OrderRequest};
pub use out_of_band::OutOfBandChange;
pub(crate) use realm::Realm;
pub(crate) use world::{DirtyEntity, World};

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
