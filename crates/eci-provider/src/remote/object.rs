//! A group, an EIP or a disk as the cloud reports it, whatever its kind.

use eci_api::types::{DescribedDisk, DescribedEip, DescribedGroup};
use eci_core::{Map, OperationTag};

/// An object as the cloud reports it, in terms of its attributes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RemoteObject {
    /// The cloud's id.
    pub id: String,
    /// Its status, in the cloud's words.
    pub status: String,
    /// Its attributes in normal form, read-only ones included, without what eci added to them.
    pub attributes: Map,
    /// The complete report of the cloud.
    pub report: RemoteReport,
}

/// A report by the cloud, whole.
#[derive(Clone, Debug)]
pub enum RemoteReport {
    /// About a container group.
    Group(Box<GroupReport>),
    /// About an EIP.
    Eip(Box<DescribedEip>),
    /// About a disk.
    Disk(Box<DescribedDisk>),
}

/// A report about a container group.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GroupReport {
    /// The report, without the parts that are in the attributes.
    pub group: DescribedGroup,
    /// The tag of the create or the import of the group, if it carries one.
    pub operation: Option<OperationTag>,
}
