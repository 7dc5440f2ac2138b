//! The objects of the cloud that are standalone: groups, EIPs and disks.

mod id;
mod object;

pub use id::RemoteId;
pub use object::{GroupReport, RemoteObject, RemoteReport};
