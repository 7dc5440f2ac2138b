//! The outcome of an order of an earlier run: found by its order, by its token, or by its name.

use std::time::Duration;

use eci_api::types::{OrderId, OrderState};
use eci_provider::{Cloud, RemoteId};
use tokio::time::Instant;

use super::reads::RecoveryReads;
use crate::failpoints;
use crate::open_order::{OpenOrder, is_young};
use crate::recover_error::RecoverError;

/// The outcome of an order, as far as reads show.
pub(super) enum OrderFinding {
    /// The order created this.
    Created(RemoteId),
    /// The order created nothing.
    NotFound,
    /// The order is not complete, or, as far as reads show, was never placed: the plan continues
    /// it.
    Pending,
}

enum OrderEnd {
    Created(String),
    Failed,
    InProgress,
}

impl<A: Cloud> RecoveryReads<'_, A> {
    /// Finds what an order created: by the order, or by the label, or by the name, bandwidth and
    /// time of what it created. Where nothing is found before the timeout, it had no effect.
    pub(super) async fn find_order(
        &self,
        open: &OpenOrder<'_>,
    ) -> Result<OrderFinding, RecoverError> {
        let is_young = is_young(open.intent, self.effects);
        let patience = if is_young {
            Duration::ZERO
        } else {
            self.options.create_timeout
        };
        if let Some(Ok(order)) = open.intent.order.as_deref().map(OrderId::new) {
            match self.ending(&order, patience).await {
                Some(OrderEnd::Created(id)) => {
                    // The object that an order names may be another one; its label or its name may
                    // show that.
                    if let Ok(id) = RemoteId::new(open.intent.address.kind(), &id) {
                        let remote = self.wait_until_visible(&id).await?;
                        if remote.is_some_and(|remote| open.create().is_result(&remote)) {
                            return Ok(OrderFinding::Created(id));
                        }
                    }
                }
                Some(OrderEnd::Failed) => return Ok(OrderFinding::NotFound),
                Some(OrderEnd::InProgress) if is_young => return Ok(OrderFinding::Pending),
                // Its label or its name may show it.
                Some(OrderEnd::InProgress) | None => {}
            }
        }
        if is_young && failpoints::uses_new_tokens() {
            return Ok(OrderFinding::Pending);
        }
        // As long as the cloud knows its token, it can be sent again without harm: the plan goes on
        // with it.
        let until = if is_young {
            Instant::now()
        } else {
            self.visible_by
        };
        let found = open.find(self.provider, until, self.options.poll).await?;
        Ok(match found {
            Some(id) => OrderFinding::Created(id),
            None if is_young => OrderFinding::Pending,
            None => OrderFinding::NotFound,
        })
    }

    /// Follows an order to its end.
    ///
    /// Returns none if the cloud does not report it.
    async fn ending(&self, order: &OrderId, patience: Duration) -> Option<OrderEnd> {
        let start = Instant::now();
        let poll = self.options.poll;
        let mut pause = poll.initial;
        loop {
            match self.provider.order_state(order).await {
                Ok(OrderState::Failed(_)) => return Some(OrderEnd::Failed),
                Ok(OrderState::Done(ids)) => {
                    if let Some(id) = ids.into_iter().next() {
                        return Some(OrderEnd::Created(id));
                    }
                }
                Ok(OrderState::Going(_)) => {}
                Err(error) => {
                    tracing::debug!(%error, "cannot ask for an order");
                    return None;
                }
            }
            if start.elapsed() >= patience {
                return Some(OrderEnd::InProgress);
            }
            tokio::time::sleep(pause).await;
            pause = poll.after(pause);
        }
    }
}
