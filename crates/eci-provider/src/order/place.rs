//! The calls that place orders and query them.

use eci_api::types::{ClientToken, OrderId, OrderOutcome, OrderState};
use eci_api::{CallError, Operation};

use super::Order;
use crate::provider::Provider;
use crate::services::Cloud;

impl<A: Cloud> Provider<A> {
    /// Places an order, or asks how it stands if it was placed under this token before. Returns
    /// the id of what it made, once that is told.
    ///
    /// # Errors
    /// The call's.
    pub async fn place(
        &self,
        token: &ClientToken,
        order: &Order,
    ) -> Result<OrderOutcome<Option<String>>, CallError> {
        let api = self.api();
        Ok(match order {
            Order::Eip(request) => {
                let placed = self
                    .call_with_token(Operation::CreateEip, || api.create_eip(token, request))
                    .await?;
                made(placed, |id| Some(id.to_string()))
            }
            Order::Disk(request) => {
                let placed = self
                    .call_with_token(Operation::CreateDisk, || api.create_disk(token, request))
                    .await?;
                made(placed, |id| Some(id.to_string()))
            }
            Order::ChangeBandwidth(id, bandwidth) => {
                let call = || api.change_eip_bandwidth(token, id, *bandwidth);
                made(
                    self.call_with_token(Operation::ChangeEipBandwidth, call)
                        .await?,
                    |()| None,
                )
            }
            Order::Resize(id, size) => made(
                self.call_with_token(Operation::ResizeDisk, || api.resize_disk(token, id, *size))
                    .await?,
                |()| None,
            ),
            Order::ReleaseEip(id) => made(
                self.call_with_token(Operation::DeleteEip, || api.delete_eip(token, id))
                    .await?,
                |()| None,
            ),
            Order::ReleaseDisk(id, snapshots) => {
                let call = || api.refund_disk(token, id, *snapshots);
                made(
                    self.call_with_token(Operation::RefundDisk, call).await?,
                    |()| None,
                )
            }
        })
    }

    /// Returns how an order stands.
    ///
    /// # Errors
    /// The call's.
    pub async fn order_state(&self, order: &OrderId) -> Result<OrderState, CallError> {
        self.call_idempotent(|| self.api().order_state(order)).await
    }
}

fn made<T>(
    placed: OrderOutcome<T>,
    id: impl FnOnce(T) -> Option<String>,
) -> OrderOutcome<Option<String>> {
    match placed {
        OrderOutcome::InProgress { order } => OrderOutcome::InProgress { order },
        OrderOutcome::Done {
            order,
            created: made,
        } => OrderOutcome::Done {
            order,
            created: id(made),
        },
        OrderOutcome::Failed { order, word } => OrderOutcome::Failed { order, word },
    }
}
