//! The origin of `each` in the instances of a table with `for_each`.

use std::sync::Arc;

use eci_core::Value;

/// Where the `each` of an instance comes from.
#[derive(Clone, Debug)]
pub(crate) enum EachSource {
    /// From variables and locals: the same at any time.
    Known { key: Arc<str>, value: Value },
    /// From other resources: the value is computed for each scope anew.
    Computed(Arc<str>),
    /// From variables that are given elsewhere: it stands for every instance that there may be,
    /// so that the table is checked. Its key is only what messages call it.
    Sample(Arc<str>),
}

impl EachSource {
    pub(crate) fn sample() -> EachSource {
        EachSource::Sample("…".into())
    }

    pub(crate) fn key(&self) -> &Arc<str> {
        match self {
            EachSource::Known { key, .. } | EachSource::Computed(key) | EachSource::Sample(key) => {
                key
            }
        }
    }
}
