//! The calls for orders and jobs as one trait.

use std::future::Future;

use crate::error::CallError;
use crate::types::{JobId, JobProgress, OrderId, OrderProgress, OrderQuery, OrderState};

/// The calls for orders and jobs, one method each.
pub trait OrderApi: Send + Sync {
    /// Reads an order by one of the two calls that return it.
    fn query_order(
        &self,
        query: OrderQuery,
        id: &OrderId,
    ) -> impl Future<Output = Result<OrderProgress, CallError>> + Send;

    /// Reads a job.
    fn describe_job(
        &self,
        id: &JobId,
    ) -> impl Future<Output = Result<JobProgress, CallError>> + Send;

    /// Reads the status of an order once, for a caller that waits for it: by the call that the
    /// vendor's client uses, and where a gateway does not know that, by the other.
    fn order_state(
        &self,
        id: &OrderId,
    ) -> impl Future<Output = Result<OrderState, CallError>> + Send {
        async move {
            let answer = match self.query_order(OrderQuery::Instances, id).await {
                Err(error) if is_unknown_path(&error) => {
                    self.query_order(OrderQuery::Resources, id).await
                }
                answer => answer,
            };
            answer.map(OrderProgress::state)
        }
    }
}

/// Returns whether a gateway says that the call does not exist.
fn is_unknown_path(error: &CallError) -> bool {
    let gateway = !error.is_not_found();
    gateway && error.http_status() == Some(404)
}
