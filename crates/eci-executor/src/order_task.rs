//! The work on an EIP or a disk: orders that are placed and followed to their end, and changes that
//! take effect at once.

use eci_api::types::{ClientToken, OrderId, OrderOutcome, OrderState};
use eci_api::{CallError, CallOutcome};
use eci_core::{Map, Value};
use eci_provider::{
    ChangeTarget, Cloud, CreatedObject, InPlaceChange, Mount, Order, RemoteId, RemoteObject, Wait,
};
use eci_state::failpoint;
use eci_text::{FixedText, Text, text};
use tokio::time::Instant;

use crate::error::TaskError;
use crate::order_request::{EarlierOrder, InPlaceUpdate, OrderRequest};
use crate::recognize::Create;
use crate::refusal::CreateLookup;
use crate::task::{TaskEvent, TaskOutcome, TaskRunner, refused};
use crate::verify::VerifiedCreate;

/// An order with the token under which it is placed once.
#[derive(Clone, Copy)]
struct Placement<'a> {
    token: &'a ClientToken,
    order: &'a Order,
}

/// The EIP or the disk that is updated in place, and the mount of a disk.
#[derive(Clone, Copy)]
struct AmendTarget<'a> {
    id: &'a RemoteId,
    mount: Option<&'a Mount>,
}

/// The phase of an order of which nothing else is known.
const ORDERED: FixedText = FixedText::new("order placed", "已下单");

/// Returns the phase of a resource while an order has this status.
///
/// The order may create, change or release it.
fn in_order(status: FixedText) -> Text {
    text!(en: "order {status}", zh: "订单{status}", status = status)
}

/// The progress of an order.
enum OrderPoll {
    /// The order is in progress, in this phase.
    Pending(Text),
    /// The order is complete, and created the object with this ID, if it creates one.
    Done(Option<String>),
    /// The order failed, with this status.
    Failed(Text),
}

impl<A: Cloud> TaskRunner<A> {
    /// Makes an EIP or a disk.
    pub(crate) async fn order(self, mut ordering: OrderRequest) -> TaskOutcome {
        let earlier = ordering.earlier.take();
        let placement = Placement {
            token: &ordering.token,
            order: &ordering.order,
        };
        let placed = self.placed_after(earlier, placement, "create-answered");
        match placed.await {
            Ok(Some(id)) => self.ordered(&ordering, id).await,
            Ok(None) => {
                let message = text!(
                    en: "the order is complete without the ID of a resource",
                    zh: "订单已完成，但没有资源的 ID",
                );
                TaskOutcome::Unknown(TaskError::Internal(message))
            }
            Err(finish) => match *finish {
                TaskOutcome::NotApplied(TaskError::Call(error)) if !error.is_failed_order() => {
                    refused(error, CreateLookup::Order(Box::new(ordering)))
                }
                finish => finish,
            },
        }
    }

    /// Reports what an order created, once that is recognized, and waits until it is ready.
    pub(crate) async fn ordered(self, ordering: &OrderRequest, id: String) -> TaskOutcome {
        let attributes = Map::from_iter([("id".into(), Value::from(id.as_str()))]);
        let created = CreatedObject {
            id,
            attributes: attributes.into(),
        };
        let create = Create {
            operation: &ordering.operation,
            requested: &ordering.requested,
            since: &ordering.since,
            clocks: ordering.clocks,
            listed: &ordering.listed,
            key: Some(&ordering.key),
        };
        let recognized = self.verify_created(ordering.kind, created, create).await;
        let VerifiedCreate {
            created,
            id,
            remote,
        } = match recognized {
            Ok(recognized) => recognized,
            Err(problem) => return TaskOutcome::Unknown(problem),
        };
        self.report_created(created);
        self.ready_after(remote, &id, Wait::Ready).await
    }

    /// Changes an EIP or a disk in place.
    pub(crate) async fn amend(self, update: InPlaceUpdate) -> TaskOutcome {
        let InPlaceUpdate {
            id,
            mount,
            changes,
            token,
        } = update;
        let target = AmendTarget {
            id: &id,
            mount: mount.as_ref(),
        };
        let mut changed = false;
        for (at, amendment) in changes.iter().enumerate() {
            let token = match ClientToken::new(format!("{token}-{at}")) {
                Ok(token) => token,
                Err(error) => {
                    return TaskOutcome::NotApplied(TaskError::Internal(Text::of(&error)));
                }
            };
            let created = self.amended(target, amendment, &token).await;
            match created {
                Ok(called) => changed |= called,
                // An earlier part of the change is done.
                Err(finish) => {
                    return match *finish {
                        TaskOutcome::NotApplied(problem) if changed => {
                            TaskOutcome::Unknown(problem)
                        }
                        finish => finish,
                    };
                }
            }
        }
        failpoint::hit("update-answered");
        self.ready(&id, Wait::Ready).await
    }

    /// Makes one change, unless it is in effect already, and waits until it shows.
    ///
    /// Returns whether a call was made for it.
    async fn amended(
        &self,
        target: AmendTarget<'_>,
        amendment: &InPlaceChange,
        token: &ClientToken,
    ) -> Result<bool, Box<TaskOutcome>> {
        let start = Instant::now();
        let id = target.id;
        let mut called = false;
        let mut pause = self.poll.initial;
        loop {
            let remote = self.at_rest(id, start).await?;
            if amendment.is_applied(&remote) || (called && !amendment.is_reported(&remote)) {
                return Ok(called);
            }
            // The group that had it mounted may have detached it meanwhile.
            let mount = target.mount.filter(|_| remote.attached_to().is_some());
            let waited = start.elapsed();
            if waited >= self.limit {
                let what = Text::of(&amendment);
                return Err(Box::new(TaskOutcome::Unknown(
                    TaskError::ChangeNotVisible { what, waited },
                )));
            }
            let created = match amendment.order(id, mount) {
                // What was in progress may have been another order: placed again under its
                // token, this one is placed if it was not yet.
                Some(order) => {
                    let placed = self.placed(token, &order, "update-answered");
                    placed.await.map(drop)
                }
                None if called => Ok(()),
                None => {
                    self.order_change(AmendTarget { id, mount }, amendment, token)
                        .await
                }
            };
            match created {
                Ok(()) => called = true,
                Err(finish) if self.has_moved_on(&finish, id, &remote).await => {}
                Err(finish) => return Err(finish),
            }
            tokio::time::sleep(pause).await;
            pause = self.next_delay(pause);
        }
    }

    /// Returns whether a call was refused because of an event since the read before it: a group
    /// attached or detached the object. Then it is better read again.
    async fn has_moved_on(
        &self,
        finish: &TaskOutcome,
        id: &RemoteId,
        before: &RemoteObject,
    ) -> bool {
        let TaskOutcome::NotApplied(TaskError::Call(_)) = finish else {
            return false;
        };
        match self.provider.describe(id).await {
            Ok(Some(now)) => now.is_transitional() || now.attached_to() != before.attached_to(),
            _ => false,
        }
    }

    async fn order_change(
        &self,
        target: AmendTarget<'_>,
        amendment: &InPlaceChange,
        token: &ClientToken,
    ) -> Result<(), Box<TaskOutcome>> {
        let AmendTarget { id, mount } = target;
        let change = ChangeTarget { token, id, mount };
        let Err(error) = self.provider.amend(change, amendment).await else {
            return Ok(());
        };
        // An answer that was lost does not say that nothing was done.
        if let Ok(Some(remote)) = self.provider.describe(id).await
            && amendment.is_applied(&remote)
        {
            return Ok(());
        }
        Err(Box::new(failed(error)))
    }

    /// Gives an EIP or a disk back, once nothing has it any more.
    pub(crate) async fn release(self, id: RemoteId, token: ClientToken) -> TaskOutcome {
        loop {
            let remote = match self.free(&id).await {
                Ok(remote) => remote,
                Err(finish) => return *finish,
            };
            let (false, Some(order)) = (remote.is_deleting(), remote.delete_order()) else {
                break;
            };
            let placed = self.placed(&token, &order, "delete-answered").await;
            let Err(finish) = placed else {
                break;
            };
            if self.has_moved_on(&finish, &id, &remote).await {
                continue;
            }
            match *finish {
                TaskOutcome::NotApplied(TaskError::Call(error)) if error.is_not_found() => break,
                // A refusal may have been answered after the commit.
                TaskOutcome::NotApplied(_) if self.is_being_deleted(&id).await => break,
                finish => return finish,
            }
        }
        self.wait_until_deleted(&id).await
    }

    /// Releases an EIP or a disk that was replaced.
    ///
    /// If an earlier order of that failed, its token would report that for a day: then under
    /// another one, which does no harm, as an ID is released only once.
    pub(crate) async fn release_again(self, id: RemoteId, token: ClientToken) -> TaskOutcome {
        let again = TaskRunner {
            task: self.task,
            provider: self.provider.clone(),
            messages: self.messages.clone(),
            poll: self.poll,
            limit: self.limit,
            window: self.window,
            visible_within: self.visible_within,
        };
        match again.release(id.clone(), token).await {
            TaskOutcome::NotApplied(TaskError::OrderFailed { .. }) => {
                self.release(id, ClientToken::random()).await
            }
            finish => finish,
        }
    }

    /// Waits until it is free.
    ///
    /// What has it for longer than the window is an object from which this run does not take it.
    async fn free(&self, id: &RemoteId) -> Result<RemoteObject, Box<TaskOutcome>> {
        let start = Instant::now();
        let mut pause = self.poll.initial;
        loop {
            let remote = match self.provider.describe(id).await {
                Ok(Some(remote)) => remote,
                Ok(None) => return Err(Box::new(TaskOutcome::Deleted)),
                Err(error) => {
                    return Err(Box::new(TaskOutcome::NotApplied(TaskError::Call(error))));
                }
            };
            let user = remote.attached_to();
            if remote.is_deleting() || (user.is_none() && !remote.is_transitional()) {
                return Ok(remote);
            }
            let waited = start.elapsed();
            let limit = match &user {
                Some(_) if !remote.is_transitional() => self.visible_within.min(self.limit),
                _ => self.limit,
            };
            if waited >= limit {
                let problem = match user {
                    Some(user) => TaskError::InUse {
                        noun: id.noun(),
                        id: id.to_string(),
                        user,
                    },
                    None => TaskError::DeleteTimedOut {
                        waited,
                        status: remote.phase_of_delete(),
                    },
                };
                return Err(Box::new(TaskOutcome::NotApplied(problem)));
            }
            self.progress(remote.phase_of_delete());
            tokio::time::sleep(pause).await;
            pause = self.next_delay(pause);
        }
    }

    /// Waits until its status is final.
    async fn at_rest(
        &self,
        id: &RemoteId,
        start: Instant,
    ) -> Result<RemoteObject, Box<TaskOutcome>> {
        let mut pause = self.poll.initial;
        loop {
            let problem = match self.provider.describe(id).await {
                Ok(Some(remote)) if !remote.is_transitional() => return Ok(remote),
                Ok(Some(remote)) => {
                    let waited = start.elapsed();
                    if waited < self.limit {
                        self.progress(remote.phase());
                        tokio::time::sleep(pause).await;
                        pause = self.next_delay(pause);
                        continue;
                    }
                    TaskError::StatusUnchanged {
                        noun: id.noun(),
                        id: id.to_string(),
                        status: remote.phase(),
                        waited,
                    }
                }
                Ok(None) => TaskError::Disappeared {
                    noun: id.noun(),
                    id: id.to_string(),
                },
                Err(error) => TaskError::Call(error),
            };
            return Err(Box::new(TaskOutcome::Unknown(problem)));
        }
    }

    /// Places an order and follows it to its end.
    ///
    /// Returns the ID of the object that it created.
    pub(crate) async fn placed(
        &self,
        token: &ClientToken,
        order: &Order,
        point: &'static str,
    ) -> Result<Option<String>, Box<TaskOutcome>> {
        let placement = Placement { token, order };
        self.placed_after(None, placement, point).await
    }

    /// Places an order that an earlier run may have placed: a call that is refused for now says
    /// nothing about the earlier one.
    async fn placed_after(
        &self,
        earlier: Option<EarlierOrder>,
        placement: Placement<'_>,
        point: &'static str,
    ) -> Result<Option<String>, Box<TaskOutcome>> {
        let start = Instant::now();
        let resumed = earlier.is_some();
        let mut known: Option<OrderId> = earlier.unwrap_or_default().order;
        let mut reported = None;
        let mut doubt = false;
        let mut pause = self.poll.initial;
        loop {
            let poll = self.poll_order(placement, &mut known).await;
            failpoint::hit(point);
            let waited = start.elapsed();
            match poll {
                Ok(OrderPoll::Done(created)) => return Ok(created),
                Ok(OrderPoll::Failed(word)) => {
                    let order = known.map(|order| order.to_string());
                    return Err(Box::new(TaskOutcome::NotApplied(TaskError::OrderFailed {
                        order,
                        word,
                    })));
                }
                Ok(OrderPoll::Pending(why)) => {
                    if waited >= self.limit {
                        let order = known.map(|order| order.to_string());
                        let problem = TaskError::OrderTimedOut { order, waited };
                        return Err(Box::new(TaskOutcome::Unknown(problem)));
                    }
                    if reported.as_ref() != Some(&why) {
                        reported = Some(why.clone());
                        self.progress(why);
                    }
                }
                Err(error)
                    if error.outcome() == CallOutcome::NotDone
                        && known.is_none()
                        && !doubt
                        && !(resumed && error.is_transient()) =>
                {
                    return Err(Box::new(TaskOutcome::NotApplied(TaskError::Call(error))));
                }
                // It may have been placed: under its token, it is placed once.
                Err(error) if waited >= self.window => {
                    return Err(Box::new(TaskOutcome::Unknown(TaskError::Unknown { error })));
                }
                Err(error) => {
                    doubt = true;
                    tracing::debug!(%error, "cannot read the status of an order");
                }
            }
            tokio::time::sleep(pause).await;
            pause = self.next_delay(pause);
        }
    }

    /// Reads the order, if it is known; otherwise, or where that gives no result, the call is sent
    /// again with its token, which has the same answer.
    async fn poll_order(
        &self,
        placement: Placement<'_>,
        known: &mut Option<OrderId>,
    ) -> Result<OrderPoll, CallError> {
        let Placement { token, order } = placement;
        if let Some(id) = known {
            match self.provider.order_state(id).await {
                Ok(OrderState::Going(status)) => {
                    return Ok(OrderPoll::Pending(in_order(status.meaning())));
                }
                Ok(OrderState::Failed(status)) => {
                    return Ok(OrderPoll::Failed(status.meaning().into()));
                }
                Ok(OrderState::Done(_)) if !order.creates() => return Ok(OrderPoll::Done(None)),
                Ok(OrderState::Done(ids)) => {
                    if let Some(id) = ids.into_iter().next() {
                        return Ok(OrderPoll::Done(Some(id)));
                    }
                }
                Err(error) => tracing::debug!(%error, "cannot ask for an order"),
            }
        }
        let placed = self.provider.place(token, order).await?;
        if let Some(id) = placed.order()
            && known.as_ref() != Some(id)
        {
            *known = Some(id.clone());
            let (task, order) = (self.task, id.to_string());
            let _ = self.messages.send(TaskEvent::Ordered { task, order });
        }
        Ok(match placed {
            OrderOutcome::InProgress { .. } => OrderPoll::Pending(ORDERED.into()),
            OrderOutcome::Done { created: None, .. } if order.creates() => {
                OrderPoll::Pending(ORDERED.into())
            }
            OrderOutcome::Done { created, .. } => OrderPoll::Done(created),
            OrderOutcome::Failed { word, .. } => OrderPoll::Failed(Text::verbatim(word)),
        })
    }
}

fn failed(error: CallError) -> TaskOutcome {
    match error.outcome() {
        CallOutcome::NotDone => TaskOutcome::NotApplied(TaskError::Call(error)),
        CallOutcome::Unknown => TaskOutcome::Unknown(TaskError::Call(error)),
    }
}
