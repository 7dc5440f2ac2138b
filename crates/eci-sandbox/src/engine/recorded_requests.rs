//! The calls since a sandbox was opened.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use serde::Serialize;
use serde_json::Value;

/// The oldest requests beyond are dropped.
const MOST_REQUESTS: usize = 1000;

/// A changing call as it was received; kept in memory only.
///
/// The body may hold secrets, so it is not shown by `Debug`.
#[derive(Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordedRequest {
    /// The operation, as the vendor names it.
    pub operation: String,
    /// The path with its query.
    pub path: String,
    /// The body; null if there was none, a string if it was no JSON.
    pub body: Value,
}

impl fmt::Debug for RecordedRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RecordedRequest")
            .field("operation", &self.operation)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// The calls since the sandbox was opened.
#[derive(Default)]
pub(crate) struct Calls {
    counts: BTreeMap<String, u64>,
    requests: VecDeque<RecordedRequest>,
}

impl Calls {
    pub(crate) fn count(&mut self, operation: &str) {
        match self.counts.get_mut(operation) {
            Some(count) => *count += 1,
            None => {
                self.counts.insert(operation.to_owned(), 1);
            }
        }
    }

    pub(crate) fn record(&mut self, request: RecordedRequest) {
        if self.requests.len() == MOST_REQUESTS {
            self.requests.pop_front();
        }
        self.requests.push_back(request);
    }

    pub(crate) fn counts(&self) -> BTreeMap<String, u64> {
        self.counts.clone()
    }

    /// Returns the requests of one operation, or all; the oldest first.
    pub(crate) fn requests(&self, operation: Option<&str>) -> Vec<RecordedRequest> {
        self.requests
            .iter()
            .filter(|request| operation.is_none_or(|name| name == request.operation))
            .cloned()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_requests_are_kept() {
        let mut calls = Calls::default();
        for number in 0..MOST_REQUESTS + 5 {
            calls.record(RecordedRequest {
                operation: "createContainerGroup".to_owned(),
                path: number.to_string(),
                body: Value::Null,
            });
        }
        let kept = calls.requests(Some("createContainerGroup"));
        assert_eq!(kept.len(), MOST_REQUESTS);
        assert_eq!(kept.first().map(|request| request.path.as_str()), Some("5"));
        assert!(calls.requests(Some("deleteContainerGroup")).is_empty());
    }

    #[test]
    fn a_recorded_body_is_not_shown() {
        let request = RecordedRequest {
            operation: "createContainerGroup".to_owned(),
            path: "/".to_owned(),
            body: serde_json::json!({"password": "hush"}),
        };
        assert!(!format!("{request:?}").contains("hush"));
    }
}
