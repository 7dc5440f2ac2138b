//! The steps of a path.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PathStep {
    /// A field or table entry.
    Name(Arc<str>),
    /// A place in a list.
    Index(usize),
    /// The element of a list whose identifying field has this value.
    Key(Arc<str>),
    /// The element of a list whose identifying field is sensitive, which is not shown.
    Secret,
}
