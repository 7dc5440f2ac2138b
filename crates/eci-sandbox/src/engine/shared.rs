//! The parts of a sandbox that its handles and its connections share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::watch;

use crate::engine::api_behavior::ApiBehavior;
use crate::engine::cloud::Engine;
use crate::engine::faults::FaultPlan;
use crate::engine::rate_limit::Limit;
use crate::engine::recorded_requests::Calls;

/// A function that changes answers: it gets the operation, the body of the request (null where there
/// is none) and the answer.
pub type Rewrite = dyn Fn(&str, &Value, &mut Value) + Send + Sync;

/// The parts of a sandbox that all handles and all connections share.
pub(crate) struct SharedParts {
    pub(crate) cloud: Engine,
    pub(crate) accounts: Vec<(String, String)>,
    pub(crate) regions: Vec<String>,
    pub(crate) zones: Vec<String>,
    pub(crate) api_behavior: ApiBehavior,
    pub(crate) faults: Mutex<FaultPlan>,
    pub(crate) calls: Mutex<Calls>,
    pub(crate) limit: Option<Mutex<Limit>>,
    pub(crate) rewrite: Mutex<Option<Arc<Rewrite>>>,
    pub(crate) shutdown: watch::Sender<bool>,
}

/// Locks a part that is whole after every statement, so that a panic elsewhere does it no harm.
pub(crate) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
