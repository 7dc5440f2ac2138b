//! Orders: how EIPs and disks are made, changed and given back.

use eci_api::types::{
    ClientToken, CreateDisk, CreateEip, DiskId, EipId, OrderId, OrderOutcome, OrderState,
};
use eci_api::{CallError, Operation};
use eci_core::{Kind, Map, OperationTag};

use crate::disk::disk_request;
use crate::eip::eip_request;
use crate::provider::Provider;
use crate::request::RequestError;
use crate::services::Cloud;

/// Something that is ordered. Sent again with its token it orders nothing more, for a day.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// A new EIP.
    Eip(Box<CreateEip>),
    /// A new disk.
    Disk(Box<CreateDisk>),
    /// Another bandwidth for an EIP, in Mbps.
    ChangeBandwidth(EipId, i64),
    /// A larger size for a disk, in GB.
    Resize(DiskId, i64),
    /// The end of an EIP.
    ReleaseEip(EipId),
    /// The end of a disk, and, where the region has snapshots, whether they go with it.
    ReleaseDisk(DiskId, Option<bool>),
}

impl Order {
    /// The order that makes a managed EIP or disk of these attributes.
    ///
    /// # Errors
    /// If an attribute is not known yet, or only its digest is left.
    pub fn of(
        kind: Kind,
        attributes: &Map,
        operation: &OperationTag,
    ) -> Result<Order, RequestError> {
        match kind {
            Kind::Eip => Ok(Order::Eip(Box::new(eip_request(attributes)?))),
            Kind::Volume => Ok(Order::Disk(Box::new(disk_request(attributes, operation)?))),
            Kind::ContainerGroup => Err(RequestError::Form("a group is not ordered".to_owned())),
        }
    }

    /// Whether it makes something that then has an id.
    pub fn makes(&self) -> bool {
        matches!(self, Order::Eip(_) | Order::Disk(_))
    }
}

/// The token of the call that an operation is about.
///
/// # Errors
/// None that can happen: the short form of a tag fits.
pub fn token_of(operation: &OperationTag) -> Result<ClientToken, RequestError> {
    ClientToken::new(operation.short()).map_err(|error| RequestError::Form(error.to_string()))
}

impl<A: Cloud> Provider<A> {
    /// Places an order, or asks how it stands if it was placed under this token before. With
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

    /// How an order stands.
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
