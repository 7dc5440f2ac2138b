//! The objects of the cloud that have a life of their own: groups, EIPs and disks.

mod id;
mod object;

pub use id::RemoteId;
pub use object::{GroupReport, RemoteObject, RemoteReport};
