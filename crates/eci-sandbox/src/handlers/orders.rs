//! Handlers of the calls of elastic IPs, disks, orders and jobs.
//!
//! The vendor has these services at separate addresses; here they share one and are distinguished
//! by their paths. Unlike the calls of groups they take a region as a field, answer in another form
//! and ignore fields that they do not know.

mod bandwidth;
mod call;
mod disk;
mod eip;
mod fields;
mod limits;
mod order;
mod price;
mod report;
mod shared_bandwidth;

use crate::engine::cloud::Engine;
use crate::model::Realm;
use crate::model::group_error::GroupApiError;
use crate::model::operation::ApiOperation;
use crate::model::order_error::{Code, OrderApiError};
use call::{AnswerResult, ParsedCall};
pub(crate) use call::{OrderCall, Reply};
use fields::Fields;

/// Answers a call.
///
/// What it has changed is on disk.
pub(crate) async fn answer(cloud: &Engine, call: OrderCall<'_>) -> Result<Reply, GroupApiError> {
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

fn dispatch(cloud: &Engine, call: &OrderCall<'_>, realm: &Realm, fields: &Fields) -> AnswerResult {
    let parsed = ParsedCall {
        call,
        realm,
        fields,
    };
    match call.operation {
        ApiOperation::CreateEip | ApiOperation::CreateEipAt => eip::create(cloud, parsed),
        ApiOperation::ShowEip => eip::show(cloud, parsed),
        ApiOperation::ListEips | ApiOperation::ListEipsOld => eip::list(cloud, parsed),
        ApiOperation::RenameEip => eip::rename(cloud, parsed),
        ApiOperation::ModifyEip => eip::modify(cloud, parsed),
        ApiOperation::BindEip => eip::bind(cloud, parsed),
        ApiOperation::UnbindEip => eip::unbind(cloud, parsed),
        ApiOperation::JoinBandwidth => bandwidth::join(cloud, parsed),
        ApiOperation::LeaveBandwidth => bandwidth::leave(cloud, parsed),
        ApiOperation::DeleteEip => eip::delete(cloud, parsed),
        ApiOperation::EipCreatePrice => eip::price(parsed),
        ApiOperation::CreateDisk => disk::create(cloud, parsed),
        ApiOperation::ShowDisk => disk::show(cloud, parsed),
        ApiOperation::ShowDiskByName => disk::show_by_name(cloud, parsed),
        ApiOperation::ListDisks => disk::list(cloud, parsed),
        ApiOperation::UpdateDisk => disk::update(cloud, parsed),
        ApiOperation::ResizeDisk => disk::resize(cloud, parsed),
        ApiOperation::SetDiskIops => disk::set_iops(cloud, parsed),
        ApiOperation::SetDiskPolicy => disk::set_policy(cloud, parsed),
        ApiOperation::AttachDisk => disk::attach(cloud, parsed),
        ApiOperation::DetachDisk => disk::detach(cloud, parsed),
        ApiOperation::RefundDisk => disk::refund(cloud, parsed),
        ApiOperation::QueryOrder | ApiOperation::QueryOrderResources => order::query(cloud, parsed),
        ApiOperation::ShowJob => order::job(cloud, parsed),
        // The server hands calls of groups to others.
        groups => Err(OrderApiError::new(
            Code::invalid(groups.family()),
            format!("{} is a call of groups", groups.name()),
        )),
    }
}
