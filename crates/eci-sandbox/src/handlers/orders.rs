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
use crate::model::operation::Operation;
use crate::model::order_error::{Code, OrderApiError};
use call::{Answered, ParsedCall};
pub(crate) use call::{Call, Reply};
use fields::Fields;

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
