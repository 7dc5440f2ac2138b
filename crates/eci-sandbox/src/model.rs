//! All groups that there are, found by id, name, tag and enterprise project; and all elastic
//! IPs, disks, orders and jobs.
//!
//! The world is plain data: time and identity come in with each change, what must be kept
//! goes out as the changed group and as all else that was touched.

mod attachments;
pub(crate) mod change;
pub(crate) mod clock;
mod collection;
pub(crate) mod disk;
mod disk_changes;
pub(crate) mod eip;
mod eip_changes;
mod filter;
pub(crate) mod flavors;
#[cfg(test)]
mod former_keys;
mod group;
mod group_changes;
pub(crate) mod group_error;
mod ids;
mod index;
pub(crate) mod lifecycle;
pub(crate) mod operation;
mod order;
mod order_changes;
pub(crate) mod order_error;
mod out_of_band;
mod realm;
pub(crate) mod request;
mod world;

pub(crate) use disk::Disk;
pub(crate) use eip::Eip;
pub(crate) use filter::{Filter, GroupPage};
pub(crate) use group::Group;
pub(crate) use group_changes::DiskGrowth;
pub(crate) use ids::{Identity, letters_and_digits};
pub(crate) use index::Term;
pub(crate) use order::{Job, Order, OrderBehavior, OrderRequest};
pub use out_of_band::OutOfBandChange;
pub(crate) use realm::{Realm, Subject};
pub(crate) use world::{DirtyEntity, World};

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
