//! Reads of many resources at a time.
//!
//! A list may lack a row, be capped, be out of date, or be none at all, and says nothing of it.
//!
//! **Invariant:** a resource is missing from what is returned here only where the call that
//! describes it alone says that it no longer exists. Every other answer to that call is an error.

use std::collections::HashSet;

use eci_api::CallError;
use tokio::task::JoinSet;

/// The number of reads at a time.
const MOST_READS: usize = 10;

/// Makes calls, at most [`MOST_READS`] at a time, and takes what they return as it arrives.
pub(crate) async fn concurrently<T, F>(
    calls: impl IntoIterator<Item = F>,
    mut take: impl FnMut(T),
) -> Result<(), CallError>
where
    T: Send + 'static,
    F: Future<Output = Result<T, CallError>> + Send + 'static,
{
    let mut calls = calls.into_iter();
    let mut reads = JoinSet::new();
    loop {
        while reads.len() < MOST_READS
            && let Some(call) = calls.next()
        {
            reads.spawn(call);
        }
        match reads.join_next().await {
            None => return Ok(()),
            Some(Ok(read)) => take(read?),
            Some(Err(ended)) => match ended.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // These reads are never canceled.
                Err(_) => continue,
            },
        }
    }
}

/// Splits the requested IDs: returns their listed objects, each once, and the IDs that were not listed.
pub(crate) fn split_requested<I: PartialEq, T>(
    mut ids: Vec<I>,
    listed: Vec<T>,
    id: impl Fn(&T) -> Option<I>,
) -> (Vec<T>, Vec<I>) {
    let mut found = Vec::with_capacity(listed.len());
    for item in listed {
        let at = id(&item).and_then(|id| ids.iter().position(|requested| *requested == id));
        if let Some(at) = at {
            ids.swap_remove(at);
            found.push(item);
        }
    }
    (found, ids)
}

/// Treats a list whose answer is that its filter is unknown as one without rows.
pub(crate) fn absent_if_unknown<T>(listed: Result<Vec<T>, CallError>) -> Result<Vec<T>, CallError> {
    match listed {
        Err(error) if error.is_not_found() => Ok(Vec::new()),
        listed => listed,
    }
}

pub(crate) fn distinct<I: Clone + Eq + std::hash::Hash>(ids: &[I]) -> Vec<I> {
    let mut known = HashSet::with_capacity(ids.len());
    let new = ids.iter().filter(|id| known.insert(*id));
    new.cloned().collect()
}
