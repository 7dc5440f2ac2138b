//! The work on an EIP or a disk: orders that are placed and followed to their end, and changes
//! that are made at once.

use eci_api::types::{ClientToken, OrderId, OrderState, Placed};
use eci_api::{CallError, Outcome};
use eci_core::{Map, Value};
use eci_provider::{Amendment, Cloud, Look, Made, Mount, Order, ThingId, Wait};
use eci_state::crash;
use tokio::time::Instant;

use crate::problem::Problem;
use crate::recognize::{Create, Recognized};
use crate::run::{LookUp, Ordering};
use crate::work::{Finish, Message, Work, refused};

/// How an order stands.
enum Standing {
    /// It is not complete: why not.
    Going(&'static str),
    /// It is complete, and made this, if it makes something.
    Done(Option<String>),
    /// It came to nothing: the cloud's word.
    Failed(String),
}

/// An order that an earlier run has placed, or may have.
#[derive(Default)]
pub(crate) struct Earlier {
    /// Its id, as far as that was answered.
    pub(crate) order: Option<OrderId>,
}

impl<A: Cloud> Work<A> {
    /// Makes an EIP or a disk.
    pub(crate) async fn order(self, mut ordering: Ordering) -> Finish {
        let earlier = ordering.earlier.take();
        let what = (&ordering.token, &ordering.order);
        match self.placed_after(earlier, what, "create-answered").await {
            Ok(Some(id)) => self.ordered(&ordering, id).await,
            Ok(None) => {
                let message = "the order is complete and has made nothing".to_owned();
                Finish::Unknown(Problem::Broken(message))
            }
            Err(finish) => match *finish {
                Finish::NotDone(Problem::Call(error)) if !error.is_failed_order() => {
                    refused(error, LookUp::Order(Box::new(ordering)))
                }
                finish => finish,
            },
        }
    }

    /// Tells what an order made, once that is recognized, and waits until it is ready.
    pub(crate) async fn ordered(self, ordering: &Ordering, id: String) -> Finish {
        let attributes = Map::from_iter([("id".into(), Value::from(id.as_str()))]);
        let made = Made {
            id,
            attributes: attributes.into(),
        };
        let create = Create {
            operation: &ordering.operation,
            asked: &ordering.asked,
            since: &ordering.since,
            clocks: ordering.clocks,
            listed: &ordering.listed,
            key: Some(&ordering.key),
        };
        let recognized = self.recognized((ordering.kind, made), create).await;
        let Recognized { made, id, look } = match recognized {
            Ok(recognized) => recognized,
            Err(problem) => return Finish::Unknown(problem),
        };
        self.made(made);
        self.ready_after(look, &id, Wait::Ready).await
    }

    /// Changes an EIP or a disk in place.
    pub(crate) async fn amend(
        self,
        (id, mount): (ThingId, Option<Mount>),
        amendments: Vec<Amendment>,
        token: ClientToken,
    ) -> Finish {
        let mut changed = false;
        for (at, amendment) in amendments.iter().enumerate() {
            let token = match ClientToken::new(format!("{token}-{at}")) {
                Ok(token) => token,
                Err(error) => return Finish::NotDone(Problem::Broken(error.to_string())),
            };
            let made = self.amended((&id, mount.as_ref()), amendment, &token).await;
            match made {
                Ok(called) => changed |= called,
                // An earlier part of the change is done.
                Err(finish) => {
                    return match *finish {
                        Finish::NotDone(problem) if changed => Finish::Unknown(problem),
                        finish => finish,
                    };
                }
            }
        }
        crash::point("update-answered");
        self.ready(&id, Wait::Ready).await
    }

    /// Makes one change, unless it is so already, and waits until it shows; whether a call was
    /// made for it.
    async fn amended(
        &self,
        (id, mount): (&ThingId, Option<&Mount>),
        amendment: &Amendment,
        token: &ClientToken,
    ) -> Result<bool, Box<Finish>> {
        let start = Instant::now();
        let mut called = false;
        let mut pause = self.poll.0;
        loop {
            let look = self.settled(id, start).await?;
            if amendment.is_so(&look) || (called && !amendment.is_told(&look)) {
                return Ok(called);
            }
            // The group that had it mounted may have let go of it meanwhile.
            let mount = mount.filter(|_| look.user().is_some());
            let waited = start.elapsed();
            if waited >= self.limit {
                let what = amendment.to_string();
                return Err(Box::new(Finish::Unknown(Problem::NotChanged {
                    what,
                    waited,
                })));
            }
            let made = match amendment.order(id, mount) {
                // What was in progress may have been another order: placed again under its
                // token, this one is placed if it was not yet.
                Some(order) => {
                    let placed = self.placed(token, &order, "update-answered");
                    placed.await.map(drop)
                }
                None if called => Ok(()),
                None => self.made_so((id, mount), amendment, token).await,
            };
            match made {
                Ok(()) => called = true,
                Err(finish) if self.has_moved_on(&finish, id, &look).await => {}
                Err(finish) => return Err(finish),
            }
            tokio::time::sleep(pause).await;
            pause = self.longer(pause);
        }
    }

    /// Whether a call was refused because something came between it and the look before it: a
    /// group took the thing or let go of it. Then it is better looked at again.
    async fn has_moved_on(&self, finish: &Finish, id: &ThingId, before: &Look) -> bool {
        let Finish::NotDone(Problem::Call(_)) = finish else {
            return false;
        };
        match self.provider.look(id).await {
            Ok(Some(now)) => now.is_changing() || now.user() != before.user(),
            _ => false,
        }
    }

    async fn made_so(
        &self,
        on: (&ThingId, Option<&Mount>),
        amendment: &Amendment,
        token: &ClientToken,
    ) -> Result<(), Box<Finish>> {
        let Err(error) = self.provider.amend(token, on, amendment).await else {
            return Ok(());
        };
        // An answer that was lost does not say that nothing was done.
        if let Ok(Some(look)) = self.provider.look(on.0).await
            && amendment.is_so(&look)
        {
            return Ok(());
        }
        Err(Box::new(failed(error)))
    }

    /// Gives an EIP or a disk back, once nothing has it any more.
    pub(crate) async fn release(self, id: ThingId, token: ClientToken) -> Finish {
        loop {
            let look = match self.free(&id).await {
                Ok(look) => look,
                Err(finish) => return *finish,
            };
            let (false, Some(order)) = (look.is_leaving(), look.release()) else {
                break;
            };
            let placed = self.placed(&token, &order, "delete-answered").await;
            let Err(finish) = placed else {
                break;
            };
            if self.has_moved_on(&finish, &id, &look).await {
                continue;
            }
            match *finish {
                Finish::NotDone(Problem::Call(error)) if error.is_not_found() => break,
                // A refusal may have been answered after the commit.
                Finish::NotDone(_) if self.is_going(&id).await => break,
                finish => return finish,
            }
        }
        self.gone(&id).await
    }

    /// Gives back an EIP or a disk that was replaced. If an earlier order of that failed, its token
    /// would say so for a day: then under another one, which does no harm, as what is named by its
    /// id goes only once.
    pub(crate) async fn release_again(self, id: ThingId, token: ClientToken) -> Finish {
        let again = Work {
            task: self.task,
            provider: self.provider.clone(),
            messages: self.messages.clone(),
            poll: self.poll,
            limit: self.limit,
            window: self.window,
            visible_within: self.visible_within,
        };
        match again.release(id.clone(), token).await {
            Finish::NotDone(Problem::OrderFailed { .. }) => {
                self.release(id, ClientToken::random()).await
            }
            finish => finish,
        }
    }

    /// Waits until nothing has it. What has it for longer than the window is something that
    /// this run does not take it from.
    async fn free(&self, id: &ThingId) -> Result<Look, Box<Finish>> {
        let start = Instant::now();
        let mut pause = self.poll.0;
        loop {
            let look = match self.provider.look(id).await {
                Ok(Some(look)) => look,
                Ok(None) => return Err(Box::new(Finish::Gone)),
                Err(error) => return Err(Box::new(Finish::NotDone(Problem::Call(error)))),
            };
            let user = look.user();
            if look.is_leaving() || (user.is_none() && !look.is_changing()) {
                return Ok(look);
            }
            let waited = start.elapsed();
            let limit = match &user {
                Some(_) if !look.is_changing() => self.visible_within.min(self.limit),
                _ => self.limit,
            };
            if waited >= limit {
                let problem = match user {
                    Some(user) => Problem::InUse {
                        noun: id.noun(),
                        id: id.to_string(),
                        user,
                    },
                    None => Problem::NotGone {
                        waited,
                        status: look.status,
                    },
                };
                return Err(Box::new(Finish::NotDone(problem)));
            }
            self.progress(look.phase().to_owned());
            tokio::time::sleep(pause).await;
            pause = self.longer(pause);
        }
    }

    /// Waits until it does not change by itself any more.
    async fn settled(&self, id: &ThingId, start: Instant) -> Result<Look, Box<Finish>> {
        let mut pause = self.poll.0;
        loop {
            let problem = match self.provider.look(id).await {
                Ok(Some(look)) if !look.is_changing() => return Ok(look),
                Ok(Some(look)) => {
                    let waited = start.elapsed();
                    if waited < self.limit {
                        self.progress(look.phase().to_owned());
                        tokio::time::sleep(pause).await;
                        pause = self.longer(pause);
                        continue;
                    }
                    let what = format!("its status {}", look.status);
                    Problem::NotChanged { what, waited }
                }
                Ok(None) => Problem::Vanished {
                    noun: id.noun(),
                    id: id.to_string(),
                },
                Err(error) => Problem::Call(error),
            };
            return Err(Box::new(Finish::Unknown(problem)));
        }
    }

    /// Places an order and follows it to its end; the id of what it made.
    pub(crate) async fn placed(
        &self,
        token: &ClientToken,
        order: &Order,
        point: &'static str,
    ) -> Result<Option<String>, Box<Finish>> {
        self.placed_after(None, (token, order), point).await
    }

    /// The same after a run that may have placed it: that a call is refused for now says nothing
    /// about that one.
    async fn placed_after(
        &self,
        earlier: Option<Earlier>,
        (token, order): (&ClientToken, &Order),
        point: &'static str,
    ) -> Result<Option<String>, Box<Finish>> {
        let start = Instant::now();
        let resumed = earlier.is_some();
        let mut known: Option<OrderId> = earlier.unwrap_or_default().order;
        let mut told = "";
        let mut doubt = false;
        let mut pause = self.poll.0;
        loop {
            let standing = self.standing((token, order), &mut known).await;
            crash::point(point);
            let waited = start.elapsed();
            match standing {
                Ok(Standing::Done(made)) => return Ok(made),
                Ok(Standing::Failed(word)) => {
                    let order = known.map(|order| order.to_string());
                    return Err(Box::new(Finish::NotDone(Problem::OrderFailed {
                        order,
                        word,
                    })));
                }
                Ok(Standing::Going(why)) => {
                    if waited >= self.limit {
                        let order = known.map(|order| order.to_string());
                        let problem = Problem::OrderSlow { order, waited };
                        return Err(Box::new(Finish::Unknown(problem)));
                    }
                    if why != told {
                        told = why;
                        self.progress(why.to_owned());
                    }
                }
                Err(error)
                    if error.outcome() == Outcome::NotDone
                        && known.is_none()
                        && !doubt
                        && !(resumed && error.is_transient()) =>
                {
                    return Err(Box::new(Finish::NotDone(Problem::Call(error))));
                }
                // It may have been placed: under its token, it is placed once.
                Err(error) if waited >= self.window => {
                    return Err(Box::new(Finish::Unknown(Problem::Unknown { error })));
                }
                Err(error) => {
                    doubt = true;
                    tracing::debug!(%error, "cannot tell how an order stands");
                }
            }
            tokio::time::sleep(pause).await;
            pause = self.longer(pause);
        }
    }

    /// Asks for the order, if it is known; otherwise, or where that tells nothing, the call is
    /// sent again with its token, which tells the same.
    async fn standing(
        &self,
        (token, order): (&ClientToken, &Order),
        known: &mut Option<OrderId>,
    ) -> Result<Standing, CallError> {
        if let Some(id) = known {
            match self.provider.order_state(id).await {
                Ok(OrderState::Going(status)) => return Ok(Standing::Going(status.meaning())),
                Ok(OrderState::Failed(status)) => {
                    return Ok(Standing::Failed(status.meaning().to_owned()));
                }
                Ok(OrderState::Done(_)) if !order.makes() => return Ok(Standing::Done(None)),
                Ok(OrderState::Done(ids)) => {
                    if let Some(id) = ids.into_iter().next() {
                        return Ok(Standing::Done(Some(id)));
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
            let _ = self.messages.send(Message::Ordered { task, order });
        }
        Ok(match placed {
            Placed::InProgress { .. } => Standing::Going("ordered"),
            Placed::Done { made: None, .. } if order.makes() => Standing::Going("ordered"),
            Placed::Done { made, .. } => Standing::Done(made),
            Placed::Failed { word, .. } => Standing::Failed(word),
        })
    }
}

fn failed(error: CallError) -> Finish {
    match error.outcome() {
        Outcome::NotDone => Finish::NotDone(Problem::Call(error)),
        Outcome::Unknown => Finish::Unknown(Problem::Call(error)),
    }
}
