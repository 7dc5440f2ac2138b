//! The calls by the vendor's names.

use std::fmt;

use reqwest::Method;

/// A call of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// `createContainerGroup`
    CreateContainerGroup,
    /// `describeContainerGroup`
    DescribeContainerGroup,
    /// `describeContainerGroups`
    DescribeContainerGroups,
    /// `updateContainerGroup`
    UpdateContainerGroup,
    /// `restartContainerGroup`
    RestartContainerGroup,
    /// `deleteContainerGroup`
    DeleteContainerGroup,
    /// `describeContainerGroupStatus`
    DescribeContainerGroupStatus,
    /// `describeContainerGroupEvent`
    DescribeContainerGroupEvent,
    /// `describeContainerLog`
    DescribeContainerLog,
    /// `describeContainerGroupPrice`
    DescribeContainerGroupPrice,
    /// `execContainerCommand`
    ExecContainerCommand,
}

impl Operation {
    /// All of them.
    pub const ALL: [Operation; 11] = [
        Operation::CreateContainerGroup,
        Operation::DescribeContainerGroup,
        Operation::DescribeContainerGroups,
        Operation::UpdateContainerGroup,
        Operation::RestartContainerGroup,
        Operation::DeleteContainerGroup,
        Operation::DescribeContainerGroupStatus,
        Operation::DescribeContainerGroupEvent,
        Operation::DescribeContainerLog,
        Operation::DescribeContainerGroupPrice,
        Operation::ExecContainerCommand,
    ];

    /// As the vendor names it; also the last fixed part of its path.
    pub fn name(self) -> &'static str {
        match self {
            Operation::CreateContainerGroup => "createContainerGroup",
            Operation::DescribeContainerGroup => "describeContainerGroup",
            Operation::DescribeContainerGroups => "describeContainerGroups",
            Operation::UpdateContainerGroup => "updateContainerGroup",
            Operation::RestartContainerGroup => "restartContainerGroup",
            Operation::DeleteContainerGroup => "deleteContainerGroup",
            Operation::DescribeContainerGroupStatus => "describeContainerGroupStatus",
            Operation::DescribeContainerGroupEvent => "describeContainerGroupEvent",
            Operation::DescribeContainerLog => "describeContainerLog",
            Operation::DescribeContainerGroupPrice => "describeContainerGroupPrice",
            Operation::ExecContainerCommand => "execContainerCommand",
        }
    }

    /// Whether it can change something, so that an answer that never came leaves a doubt. A
    /// command run in a container counts.
    pub fn changes(self) -> bool {
        match self {
            Operation::CreateContainerGroup
            | Operation::UpdateContainerGroup
            | Operation::RestartContainerGroup
            | Operation::DeleteContainerGroup
            | Operation::ExecContainerCommand => true,
            Operation::DescribeContainerGroup
            | Operation::DescribeContainerGroups
            | Operation::DescribeContainerGroupStatus
            | Operation::DescribeContainerGroupEvent
            | Operation::DescribeContainerLog
            | Operation::DescribeContainerGroupPrice => false,
        }
    }

    pub(crate) fn method(self) -> Method {
        match self {
            Operation::DescribeContainerGroup | Operation::DescribeContainerLog => Method::GET,
            Operation::UpdateContainerGroup | Operation::RestartContainerGroup => Method::PUT,
            Operation::DeleteContainerGroup => Method::DELETE,
            Operation::CreateContainerGroup
            | Operation::DescribeContainerGroups
            | Operation::DescribeContainerGroupStatus
            | Operation::DescribeContainerGroupEvent
            | Operation::DescribeContainerGroupPrice
            | Operation::ExecContainerCommand => Method::POST,
        }
    }

    /// The path without the id that ends it where there is one.
    pub(crate) fn path(self) -> String {
        let folder = match self {
            Operation::DescribeContainerLog => "logs",
            _ => "containers",
        };
        format!("/eci/api/v1/{folder}/{}", self.name())
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
