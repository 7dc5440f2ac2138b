//! The call that a method and a path ask for.

use axum::http::Method;

use crate::model::operation::ApiOperation;

/// The operation that a method and a path name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Route<'a> {
    /// A call; with the id in its path where it has one.
    Call(ApiOperation, &'a str),
    /// There is such a path, but not with this method.
    WrongMethod(ApiOperation),
    /// The path is unknown.
    Unknown,
}

/// Finds the call.
///
/// The path is without its query.
pub(crate) fn route<'a>(method: &Method, path: &'a str) -> Route<'a> {
    for operation in ApiOperation::ALL {
        let rest = match path.strip_prefix(operation.path()) {
            Some("") if !operation.takes_id() => Some(""),
            Some(rest) if operation.takes_id() => rest
                .strip_prefix('/')
                .filter(|id| !id.is_empty() && !id.contains('/')),
            _ => None,
        };
        match rest {
            Some(id) if operation.method() == *method => return Route::Call(*operation, id),
            Some(_) => return Route::WrongMethod(*operation),
            None => {}
        }
    }
    Route::Unknown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_found_by_method_and_path() {
        for operation in ApiOperation::ALL {
            let (method, name) = (operation.method(), operation.name());
            let (path, id) = if operation.takes_id() {
                (format!("{}/eci-1", operation.path()), "eci-1")
            } else {
                (operation.path().to_owned(), "")
            };
            assert_eq!(route(&method, &path), Route::Call(*operation, id));
            assert_eq!(route(&Method::HEAD, &path), Route::WrongMethod(*operation));
            assert_eq!(route(&method, &format!("{path}/x")), Route::Unknown);
            let (without, with_nothing) = (operation.path(), format!("{}/", operation.path()));
            assert_eq!(route(&method, &with_nothing), Route::Unknown);
            if operation.takes_id() {
                assert_eq!(route(&method, without), Route::Unknown);
            }
            // That call has no name of the vendor's, and one like those.
            let is_path = operation.path().ends_with(name) || *operation == ApiOperation::Region;
            assert!(is_path, "{name}");
            assert_eq!(ApiOperation::named(name), Some(*operation));
        }
    }

    #[test]
    fn an_unknown_path_is_not_found() {
        for path in ["/", "/eci/api/v1/regions", "/v4/eip", "/v4/ebs/refund"] {
            assert_eq!(route(&Method::POST, path), Route::Unknown, "{path}");
        }
    }
}
