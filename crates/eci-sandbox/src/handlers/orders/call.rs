//! A call of these services, its answer and the order that it places.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::fields::Fields;
use crate::engine::api_behavior::ApiBehavior;
use crate::engine::cloud::Engine;
use crate::engine::faults::ListFault;
use crate::model::clock::{SimTime, Timing};
use crate::model::operation::ApiOperation;
use crate::model::order_error::{Code, OrderApiError};
use crate::model::{Disk, Order, OrderBehavior, OrderRequest, Realm, World};
use crate::storage::audit_log::AuditEntry;
use crate::storage::database::PendingWrite;

/// A call that is believed.
#[derive(Debug)]
pub(crate) struct OrderCall<'a> {
    pub(crate) operation: ApiOperation,
    pub(crate) account: &'a str,
    pub(crate) query: &'a str,
    pub(crate) body: Map<String, Value>,
    /// The outcome of its order.
    pub(crate) behavior: OrderBehavior,
    /// The distortion of the answer, if it is a list.
    pub(crate) lie: ListFault,
    pub(crate) regions: &'a [String],
    pub(crate) api_behavior: &'a ApiBehavior,
}

/// An answer before it is put into its envelope.
pub(crate) enum Reply {
    /// A success with a `returnObj`.
    Object(Value),
    /// A success without further data.
    Nothing,
    /// A success with these fields in the envelope itself.
    Fields(Map<String, Value>),
    /// An order that is not complete: not quite a success.
    InProgress(Code, Value),
    /// A refusal.
    Denied(OrderApiError),
}

/// A reply, and what has to be on disk before it is given.
pub(super) type AnswerResult = Result<(Reply, Option<PendingWrite>), OrderApiError>;

/// A call with its realm and its fields.
#[derive(Clone, Copy)]
pub(super) struct ParsedCall<'a> {
    pub(super) call: &'a OrderCall<'a>,
    pub(super) realm: &'a Realm,
    pub(super) fields: &'a Fields,
}

/// An order as it is once a call has placed it, now or before.
pub(super) struct PlacedOrder {
    pub(super) order: Order,
    /// The disk of the order, deleted or not.
    pub(super) disk: Option<Disk>,
    pub(super) now: SimTime,
}

impl ParsedCall<'_> {
    /// Returns the order that this call places.
    pub(super) fn placing(&self, token: Option<&str>) -> OrderRequest {
        OrderRequest {
            realm: self.realm.clone(),
            operation: self.call.operation,
            token: token.map(str::to_owned),
            body: self.fields.without("clientToken"),
            behavior: self.call.behavior,
            order: Uuid::new_v4().simple().to_string(),
        }
    }
}

/// Places an order, unless the same call has placed it before.
pub(super) fn place(
    cloud: &Engine,
    placing: OrderRequest,
    place: impl FnOnce(
        &mut World,
        OrderRequest,
        Timing,
    ) -> Result<(Order, Option<AuditEntry>), OrderApiError>,
) -> Result<(PlacedOrder, PendingWrite), OrderApiError> {
    cloud.alter(|world, at| {
        let (order, entry) = match world.placed_before(&placing, at.now)? {
            Some(order) => (order, None),
            None => place(world, placing, at)?,
        };
        let placed = PlacedOrder {
            disk: world.any_disk(&order.subject, at.now),
            order,
            now: at.now,
        };
        Ok((placed, entry))
    })
}

impl OrderCall<'_> {
    /// Returns the realm and the fields of the call.
    pub(super) fn realm(&self) -> Result<(Realm, Fields), OrderApiError> {
        let fields = Fields::of(self.operation.family(), self.query, &self.body);
        // An order is found in whatever region it is.
        let queries_order = matches!(
            self.operation,
            ApiOperation::QueryOrder | ApiOperation::QueryOrderResources
        );
        let region = if queries_order {
            String::new()
        } else {
            fields.required("regionID")?.to_owned()
        };
        if !queries_order && !self.regions.contains(&region) {
            return Err(fields.invalid(format!(
                "regionID {region:?} is not known; known are {}",
                self.regions.join(", ")
            )));
        }
        let account = self.account.to_owned();
        Ok((Realm { account, region }, fields))
    }

    /// Rewrites a refusal in the words that this sandbox is set up to use.
    pub(super) fn in_configured_words(&self, mut denial: OrderApiError) -> OrderApiError {
        if denial.code == Code::DiskNotThere && self.api_behavior.deleted_disks_are_damaged {
            denial.code = Code::DiskDamaged;
        }
        denial
    }
}

/// Returns the size of a page for a requested number of elements.
pub(super) fn page_size(call: &OrderCall<'_>, requested: i64) -> i64 {
    requested.min(i64::try_from(call.api_behavior.largest_page).unwrap_or(i64::MAX))
}

/// Creates the order system's refusal for an order that failed.
pub(super) fn order_failed(order: &str) -> OrderApiError {
    OrderApiError {
        detail: Some(json!({
            "bssErrCode": "BSS_ORDER_FAILED",
            "bssErrMsg": "资源售罄",
            "bssOrigErr": format!("order {order} failed"),
            "bssErrPrefixHint": "",
        })),
        ..OrderApiError::new(Code::DiskOrderFailed, format!("order {order} failed"))
    }
}
