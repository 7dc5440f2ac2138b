//! Handlers of the calls of elastic IPs, disks, orders and jobs.
//!
//! The vendor has these services at separate addresses; here they share one and are distinguished
//! by their paths. Unlike the calls of groups they take a region as a field, answer in another form
//! and ignore fields that they do not know.

mod bandwidth;
mod disk;
mod eip;
mod fields;
mod limits;
mod order;
mod price;
mod report;
mod shared_bandwidth;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::engine::cloud::Engine;
use crate::engine::faults::ListLie;
use crate::engine::habits::ApiBehavior;
use crate::model::clock::{SimTime, Timing};
use crate::model::group_error::GroupApiError;
use crate::model::operation::Operation;
use crate::model::order_error::{Code, OrderApiError};
use crate::model::{Disk, Order, OrderBehavior, OrderRequest, Realm, World};
use crate::storage::audit_log::AuditEntry;
use crate::storage::database::PendingWrite;
use fields::Fields;

/// A call that is believed.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) operation: Operation,
    pub(crate) account: &'a str,
    pub(crate) query: &'a str,
    pub(crate) body: Map<String, Value>,
    /// The outcome of its order.
    pub(crate) behavior: OrderBehavior,
    /// The distortion of the answer, if it is a list.
    pub(crate) lie: ListLie,
    pub(crate) regions: &'a [String],
    pub(crate) habits: &'a ApiBehavior,
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
type Answered = Result<(Reply, Option<PendingWrite>), OrderApiError>;

/// Answers a call. What it has changed is on disk.
pub(crate) async fn answer(cloud: &Engine, call: Call<'_>) -> Result<Reply, GroupApiError> {
    let answered = match call.realm() {
        Ok((realm, fields)) => dispatch(cloud, &call, &realm, &fields),
        Err(denial) => Err(denial),
    };
    match answered {
        Ok((reply, pending)) => {
            if let Some(pending) = pending {
                pending
                    .written()
                    .await
                    .map_err(|_| GroupApiError::internal())?;
            }
            Ok(reply)
        }
        Err(denial) => Ok(Reply::Denied(call.in_configured_words(denial))),
    }
}

fn dispatch(cloud: &Engine, call: &Call<'_>, realm: &Realm, fields: &Fields) -> Answered {
    let parsed = ParsedCall {
        call,
        realm,
        fields,
    };
    match call.operation {
        Operation::CreateEip | Operation::CreateEipAt => eip::create(cloud, parsed),
        Operation::ShowEip => eip::show(cloud, parsed),
        Operation::ListEips | Operation::ListEipsOld => eip::list(cloud, parsed),
        Operation::RenameEip => eip::rename(cloud, parsed),
        Operation::ModifyEip => eip::modify(cloud, parsed),
        Operation::BindEip => eip::bind(cloud, parsed),
        Operation::UnbindEip => eip::unbind(cloud, parsed),
        Operation::JoinBandwidth => bandwidth::join(cloud, parsed),
        Operation::LeaveBandwidth => bandwidth::leave(cloud, parsed),
        Operation::DeleteEip => eip::delete(cloud, parsed),
        Operation::EipCreatePrice => eip::price(parsed),
        Operation::CreateDisk => disk::create(cloud, parsed),
        Operation::ShowDisk => disk::show(cloud, parsed),
        Operation::ShowDiskByName => disk::show_by_name(cloud, parsed),
        Operation::ListDisks => disk::list(cloud, parsed),
        Operation::UpdateDisk => disk::update(cloud, parsed),
        Operation::ResizeDisk => disk::resize(cloud, parsed),
        Operation::SetDiskIops => disk::set_iops(cloud, parsed),
        Operation::SetDiskPolicy => disk::set_policy(cloud, parsed),
        Operation::AttachDisk => disk::attach(cloud, parsed),
        Operation::DetachDisk => disk::detach(cloud, parsed),
        Operation::RefundDisk => disk::refund(cloud, parsed),
        Operation::QueryOrder | Operation::QueryOrderResources => order::query(cloud, parsed),
        Operation::ShowJob => order::job(cloud, parsed),
        // The server hands calls of groups to others.
        groups => Err(OrderApiError::new(
            Code::invalid(groups.family()),
            format!("{} is a call of groups", groups.name()),
        )),
    }
}

/// A call with its realm and its fields.
#[derive(Clone, Copy)]
struct ParsedCall<'a> {
    call: &'a Call<'a>,
    realm: &'a Realm,
    fields: &'a Fields,
}

/// An order as it is once a call has placed it, now or before.
struct PlacedOrder {
    order: Order,
    /// The disk of the order, deleted or not.
    disk: Option<Disk>,
    now: SimTime,
}

impl ParsedCall<'_> {
    /// Returns the order that this call places.
    fn placing(&self, token: Option<&str>) -> OrderRequest {
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
fn place(
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

impl Call<'_> {
    /// Returns the realm and the fields of the call.
    fn realm(&self) -> Result<(Realm, Fields), OrderApiError> {
        let fields = Fields::of(self.operation.family(), self.query, &self.body);
        // An order is found in whatever region it is.
        let queries_order = matches!(
            self.operation,
            Operation::QueryOrder | Operation::QueryOrderResources
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
    fn in_configured_words(&self, mut denial: OrderApiError) -> OrderApiError {
        if denial.code == Code::DiskNotThere && self.habits.gone_disks_are_damaged {
            denial.code = Code::DiskDamaged;
        }
        denial
    }
}

/// Returns the size of a page for a requested number of elements.
fn page_size(call: &Call<'_>, requested: i64) -> i64 {
    requested.min(i64::try_from(call.habits.largest_page).unwrap_or(i64::MAX))
}

/// Creates the order system's refusal for an order that failed.
fn order_failed(order: &str) -> OrderApiError {
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
