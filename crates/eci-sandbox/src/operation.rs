//! The calls that the sandbox answers, and how they are found.

use axum::http::Method;

/// A call of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Create,
    Describe,
    DescribeMany,
    Update,
    Restart,
    Delete,
    Status,
    Events,
    Log,
    Price,
    Exec,
    ResizeVolume,
}

const BASE: &str = "/eci/api/v1/";

impl Operation {
    pub(crate) const ALL: [Operation; 12] = [
        Operation::Create,
        Operation::Describe,
        Operation::DescribeMany,
        Operation::Update,
        Operation::Restart,
        Operation::Delete,
        Operation::Status,
        Operation::Events,
        Operation::Log,
        Operation::Price,
        Operation::Exec,
        Operation::ResizeVolume,
    ];

    /// As the vendor names it; also the last fixed part of its path.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Operation::Create => "createContainerGroup",
            Operation::Describe => "describeContainerGroup",
            Operation::DescribeMany => "describeContainerGroups",
            Operation::Update => "updateContainerGroup",
            Operation::Restart => "restartContainerGroup",
            Operation::Delete => "deleteContainerGroup",
            Operation::Status => "describeContainerGroupStatus",
            Operation::Events => "describeContainerGroupEvent",
            Operation::Log => "describeContainerLog",
            Operation::Price => "describeContainerGroupPrice",
            Operation::Exec => "execContainerCommand",
            Operation::ResizeVolume => "resizeContainerGroupVolume",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Operation> {
        Operation::ALL
            .into_iter()
            .find(|operation| operation.name() == name)
    }

    fn method(self) -> Method {
        match self {
            Operation::Describe | Operation::Log => Method::GET,
            Operation::Update | Operation::Restart => Method::PUT,
            Operation::Delete => Method::DELETE,
            _ => Method::POST,
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Operation::Log => "logs",
            _ => "containers",
        }
    }

    /// Whether the path ends in the id of a group.
    fn takes_id(self) -> bool {
        matches!(
            self,
            Operation::Describe
                | Operation::Update
                | Operation::Restart
                | Operation::Delete
                | Operation::Log
        )
    }

    /// Whether the call can change something.
    pub(crate) fn changes(self) -> bool {
        matches!(
            self,
            Operation::Create
                | Operation::Update
                | Operation::Restart
                | Operation::Delete
                | Operation::ResizeVolume
        )
    }
}

/// What a method and a path ask for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Route<'a> {
    /// A call; with the id in its path where it has one.
    Call(Operation, &'a str),
    /// There is such a path, but not with this method.
    WrongMethod(Operation),
    /// There is no such path.
    Unknown,
}

/// Finds the call. The path is without its query.
pub(crate) fn route<'a>(method: &Method, path: &'a str) -> Route<'a> {
    let parts: Vec<&str> = match path.strip_prefix(BASE) {
        Some(rest) => rest.split('/').collect(),
        None => return Route::Unknown,
    };
    let (folder, name, id) = match parts[..] {
        [folder, name] => (folder, name, None),
        [folder, name, id] if !id.is_empty() => (folder, name, Some(id)),
        _ => return Route::Unknown,
    };
    let found = Operation::named(name)
        .filter(|operation| operation.folder() == folder && operation.takes_id() == id.is_some());
    match found {
        Some(operation) if operation.method() == *method => {
            Route::Call(operation, id.unwrap_or(""))
        }
        Some(operation) => Route::WrongMethod(operation),
        None => Route::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_found_by_method_and_path() {
        for (method, path, found) in [
            (
                Method::POST,
                "containers/createContainerGroup",
                Route::Call(Operation::Create, ""),
            ),
            (
                Method::GET,
                "containers/describeContainerGroup/eci-1",
                Route::Call(Operation::Describe, "eci-1"),
            ),
            (
                Method::POST,
                "containers/describeContainerGroups",
                Route::Call(Operation::DescribeMany, ""),
            ),
            (
                Method::PUT,
                "containers/updateContainerGroup/eci-1",
                Route::Call(Operation::Update, "eci-1"),
            ),
            (
                Method::PUT,
                "containers/restartContainerGroup/eci-1",
                Route::Call(Operation::Restart, "eci-1"),
            ),
            (
                Method::DELETE,
                "containers/deleteContainerGroup/eci-1",
                Route::Call(Operation::Delete, "eci-1"),
            ),
            (
                Method::POST,
                "containers/describeContainerGroupStatus",
                Route::Call(Operation::Status, ""),
            ),
            (
                Method::POST,
                "containers/describeContainerGroupEvent",
                Route::Call(Operation::Events, ""),
            ),
            (
                Method::GET,
                "logs/describeContainerLog/eci-1",
                Route::Call(Operation::Log, "eci-1"),
            ),
            (
                Method::POST,
                "containers/describeContainerGroupPrice",
                Route::Call(Operation::Price, ""),
            ),
            (
                Method::POST,
                "containers/execContainerCommand",
                Route::Call(Operation::Exec, ""),
            ),
            (
                Method::POST,
                "containers/resizeContainerGroupVolume",
                Route::Call(Operation::ResizeVolume, ""),
            ),
            (
                Method::GET,
                "containers/createContainerGroup",
                Route::WrongMethod(Operation::Create),
            ),
            (
                Method::GET,
                "containers/describeContainerGroup",
                Route::Unknown,
            ),
            (
                Method::GET,
                "containers/describeContainerGroup/",
                Route::Unknown,
            ),
            (
                Method::GET,
                "containers/describeContainerLog/eci-1",
                Route::Unknown,
            ),
            (
                Method::POST,
                "containers/createContainerGroup/eci-1",
                Route::Unknown,
            ),
            (Method::GET, "region", Route::Unknown),
        ] {
            let path = format!("{BASE}{path}");
            assert_eq!(route(&method, &path), found, "{method} {path}");
        }
        assert_eq!(route(&Method::GET, "/"), Route::Unknown);
    }
}
