//! The objects of the cloud that have a life of their own: groups, EIPs and disks.

mod disk;
mod eip;
mod id;
mod object;

pub use disk::is_made_by;
pub use id::RemoteId;
pub use object::{RemoteObject, RemoteReport};
