//! The origin of `each` in the instances of a table with `for_each`.

use std::sync::Arc;

use eci_core::Value;

/// The origin of `each` of an instance.
#[derive(Clone, Debug)]
pub(crate) enum EachSource {
    /// A value of variables and locals: the same in every scope.
    Known { key: Arc<str>, value: Value },
    /// A value of other resources, evaluated again for each scope.
    Computed(Arc<str>),
    /// A sample for a table whose keys depend on variables without values.
    ///
    /// It represents every possible instance, so that the table is checked. Its key only appears
    /// in messages.
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
