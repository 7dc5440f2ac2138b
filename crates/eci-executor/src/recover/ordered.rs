//! What an earlier run ordered: found by its order, by its token, or by its name.

use std::time::Duration;

use eci_api::CallError;
use eci_api::types::{ClientToken, OrderId, OrderState};
use eci_core::{Kind, Map, OperationTag, Value};
use eci_provider::{Cloud, Look, Order, Provider, ThingId, Told, is_made_by, token_of};
use eci_state::{OpenIntent, Record, Snapshot, Store};
use jiff::Timestamp;
use tokio::time::Instant;

use super::RecoverError;
use crate::problem::Problem;
use crate::rehearsal;
use crate::settings::{Effects, Settings, longer};
use crate::work::{Finish, Message, Work, followed};

/// How long the cloud knows a client token (vendor's page), with an hour to spare.
const TOKEN_LIFE: Duration = Duration::from_secs(23 * 60 * 60);

/// By so much the clocks of the cloud and of this machine may differ.
const CLOCKS: Duration = Duration::from_secs(5 * 60);

/// What the create of an open intent made, if it made something.
pub(super) async fn made<A: Cloud>(
    provider: &Provider<A>,
    store: &mut dyn Store,
    (intent, operation, asked): (&OpenIntent, &OperationTag, &Map),
    (settings, effects): (&Settings, &Effects),
) -> Result<Option<ThingId>, RecoverError> {
    let kind = intent.address.kind();
    let known = intent.order.as_deref().map(OrderId::new);
    if let Some(Ok(order)) = known {
        match ended(provider, &order, settings).await {
            Some(Ending::Made(id)) => return Ok(ThingId::new(kind, &id).ok()),
            Some(Ending::Failed) => return Ok(None),
            // It cannot be asked for: its token or its name may tell.
            None => {}
        }
    }
    let token = match rehearsal::tokens_are_others() {
        true => Some(ClientToken::random()),
        false => token_of(operation).ok(),
    };
    let order = Order::of(kind, asked, operation).ok();
    let mut refused = None;
    if let (true, Some(token), Some(order)) = (is_young(intent, effects), token, order) {
        match again(provider, store, intent, (token, order), settings).await? {
            Again::Made(id) => return Ok(ThingId::new(kind, &id).ok()),
            Again::Failed => return Ok(None),
            Again::Refused(error) => refused = Some(error),
        }
    }
    let found = by_name(provider, store.snapshot(), (intent, operation, asked)).await?;
    match refused {
        // That there are too many calls now says nothing about a call of then.
        Some(error) if found.is_none() && error.is_transient() => Err(RecoverError::Unsettled {
            address: intent.address.to_string(),
            problem: Box::new(Problem::Call(error)),
        }),
        _ => Ok(found),
    }
}

/// What comes of placing an order again.
enum Again {
    /// It made what has this id.
    Made(String),
    /// It came to nothing.
    Failed,
    /// The call was refused.
    Refused(CallError),
}

enum Ending {
    Made(String),
    Failed,
}

/// How an order ended; none if the cloud does not tell.
async fn ended<A: Cloud>(
    provider: &Provider<A>,
    order: &OrderId,
    settings: &Settings,
) -> Option<Ending> {
    let start = Instant::now();
    let mut pause = settings.poll.0;
    loop {
        match provider.order_state(order).await {
            Ok(OrderState::Failed(_)) => return Some(Ending::Failed),
            Ok(OrderState::Done(ids)) => {
                if let Some(id) = ids.into_iter().next() {
                    return Some(Ending::Made(id));
                }
            }
            Ok(OrderState::Going(_)) => {}
            Err(error) => {
                tracing::debug!(%error, "cannot ask for an order");
                return None;
            }
        }
        if start.elapsed() >= settings.create_timeout {
            return None;
        }
        tokio::time::sleep(pause).await;
        pause = longer(pause, settings.poll);
    }
}

/// Whether the cloud still knows the token of a call.
fn is_young(intent: &OpenIntent, effects: &Effects) -> bool {
    let (Ok(then), Ok(now)) = (
        intent.at.parse::<Timestamp>(),
        (effects.now)().parse::<Timestamp>(),
    ) else {
        return false;
    };
    let age = Duration::try_from(now.duration_since(then)).unwrap_or_default();
    age < TOKEN_LIFE
}

/// Places the same order under the same token: what is there is found, what is not is made.
async fn again<A: Cloud>(
    provider: &Provider<A>,
    store: &mut dyn Store,
    intent: &OpenIntent,
    (token, order): (ClientToken, Order),
    settings: &Settings,
) -> Result<Again, RecoverError> {
    let (work, heard) = Work::alone(provider, settings, settings.create_timeout);
    let working = work.placed(&token, &order, "create-answered");
    let hear = |message| match message {
        Message::Ordered { order, .. } => store.append(&[Record::Ordered {
            intent: intent.intent,
            address: intent.address.clone(),
            order,
        }]),
        Message::Progress { .. } | Message::Made { .. } => Ok(()),
    };
    let placed = followed(working, heard, hear).await?;
    match placed.map_err(|finish| *finish) {
        Ok(Some(id)) => Ok(Again::Made(id)),
        Err(Finish::NotDone(Problem::Call(error))) => Ok(Again::Refused(error)),
        Err(Finish::Unknown(problem) | Finish::Unseen(problem)) => Err(RecoverError::Unsettled {
            address: intent.address.to_string(),
            problem: Box::new(problem),
        }),
        Ok(None) | Err(_) => {
            tracing::debug!("an earlier order came to nothing");
            Ok(Again::Failed)
        }
    }
}

/// Looks for what can only have been made by this create.
async fn by_name<A: Cloud>(
    provider: &Provider<A>,
    snapshot: &Snapshot,
    (intent, operation, asked): (&OpenIntent, &OperationTag, &Map),
) -> Result<Option<ThingId>, RecoverError> {
    let found = match intent.address.kind() {
        Kind::Eip => eips_named(provider, snapshot, (intent, asked)).await?,
        _ => disk_named(provider, (intent, operation, asked)).await?,
    };
    match &found[..] {
        [] => Ok(None),
        [one] => Ok(ThingId::new(intent.address.kind(), &one.id).ok()),
        several => Err(RecoverError::Ambiguous {
            address: intent.address.to_string(),
            ids: several.iter().map(|look| look.id.clone()).collect(),
        }),
    }
}

/// An EIP carries nothing of ours: one of that name and bandwidth that was made since and that
/// nothing has, neither a group nor this state, can only be it.
async fn eips_named<A: Cloud>(
    provider: &Provider<A>,
    snapshot: &Snapshot,
    (intent, asked): (&OpenIntent, &Map),
) -> Result<Vec<Look>, CallError> {
    let known = |id: &str| {
        let mut resources = snapshot.resources.iter();
        resources
            .any(|(address, state)| address.kind() == Kind::Eip && state.id.as_deref() == Some(id))
    };
    let same = |look: &Look, name: &str| look.attributes.get(name) == asked.get(name);
    let mut eips = provider.all_eips().await?;
    eips.retain(|look| {
        let made = match &look.told {
            Told::Eip(eip) => eip.created_at.as_deref().and_then(|at| at.parse().ok()),
            Told::Group(..) | Told::Disk(_) => None,
        };
        let shared = asked.contains_key("bandwidth_id");
        same(look, "name")
            && (shared || same(look, "bandwidth"))
            && look.user().is_none()
            && !known(&look.id)
            && is_since(made, intent)
    });
    Ok(eips)
}

/// A disk carries our label, where the region has labels.
async fn disk_named<A: Cloud>(
    provider: &Provider<A>,
    (intent, operation, asked): (&OpenIntent, &OperationTag, &Map),
) -> Result<Vec<Look>, CallError> {
    let asked = asked.get("disk");
    let wanted = |name: &str| asked.and_then(|disk| disk.get(name));
    let Some(name) = wanted("name").and_then(Value::as_str) else {
        return Ok(Vec::new());
    };
    let found = provider.disk_named(name).await?;
    let ours = found.filter(|look| {
        let Told::Disk(disk) = &look.told else {
            return false;
        };
        let told = look.attributes.get("disk");
        let same = |name: &str| told.and_then(|told| told.get(name)) == wanted(name);
        let made = disk.create_time.map(Timestamp::from_millisecond);
        is_made_by(disk, operation).unwrap_or_else(|| {
            let made = made.and_then(Result::ok);
            same("size") && same("kind") && look.user().is_none() && is_since(made, intent)
        })
    });
    Ok(ours.into_iter().collect())
}

fn is_since(made: Option<Timestamp>, intent: &OpenIntent) -> bool {
    let begun: Option<Timestamp> = intent.at.parse().ok();
    match (made, begun) {
        (Some(made), Some(begun)) => made + CLOCKS >= begun,
        _ => false,
    }
}
