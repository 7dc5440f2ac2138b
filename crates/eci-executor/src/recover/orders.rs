//! What an earlier run ordered: found by its order, by its token, or by its name.

use std::time::Duration;

use eci_api::CallError;
use eci_api::types::{OrderId, OrderState};
use eci_core::{Kind, Map, OperationTag, Value};
use eci_provider::{Cloud, Provider, RemoteId, RemoteObject, RemoteReport, is_made_by};
use eci_state::{IntentKind, OpenIntent, Snapshot};
use jiff::Timestamp;
use tokio::time::Instant;

use super::{RecoverError, wait_until_visible};
use crate::failpoints;
use crate::recognize::{CLOCKS, Create};
use crate::settings::{ApplyOptions, RunContext, next_delay};

/// How long the cloud knows a client token (vendor's page), with an hour to spare.
const TOKEN_LIFE: Duration = Duration::from_secs(23 * 60 * 60);

/// What a read tells of an order of unknown outcome.
pub(super) enum Found {
    /// It made this.
    Made(RemoteId),
    /// It made nothing.
    Nothing,
    /// It is not complete, or, as far as reads tell, was never placed: the plan goes on with it.
    Pending,
}

/// What the create of an open intent made, as far as reads tell: its order, or the label, or the
/// name, bandwidth and time of what it made. Where nothing is found until then, it was not
/// carried out.
pub(super) async fn found<A: Cloud>(
    provider: &Provider<A>,
    snapshot: &Snapshot,
    (intent, operation, asked): (&OpenIntent, &OperationTag, &Map),
    (settings, effects): (&ApplyOptions, &RunContext),
    until: Instant,
) -> Result<Found, RecoverError> {
    let kind = intent.address.kind();
    let made = |id: &str| RemoteId::new(kind, id).map_or(Found::Nothing, Found::Made);
    let is_young = is_young(intent, effects);
    let patience = if is_young {
        Duration::ZERO
    } else {
        settings.create_timeout
    };
    let known = intent.order.as_deref().map(OrderId::new);
    if let Some(Ok(order)) = known {
        match ended(provider, &order, (settings, patience)).await {
            Some(Ending::Made(id)) => {
                // What an order names may be something else; its label or its name may tell.
                let create = create_of(snapshot, (intent, operation, asked));
                if let Found::Made(id) = made(&id) {
                    let look = wait_until_visible(provider, &id, until, settings.poll).await?;
                    if look.is_some_and(|look| create.made(&look)) {
                        return Ok(Found::Made(id));
                    }
                }
            }
            Some(Ending::Failed) => return Ok(Found::Nothing),
            Some(Ending::InProgress) if is_young => return Ok(Found::Pending),
            // Its label or its name may tell.
            Some(Ending::InProgress) | None => {}
        }
    }
    if is_young && failpoints::tokens_are_others() {
        return Ok(Found::Pending);
    }
    // As long as the cloud knows its token, it can be sent again without harm: the plan goes on with it.
    let until = if is_young { Instant::now() } else { until };
    let what = (intent, operation, asked);
    let found = find_order_by_label(provider, snapshot, what, until, settings.poll).await?;
    Ok(match found {
        Some(id) => Found::Made(id),
        None if is_young => Found::Pending,
        None => Found::Nothing,
    })
}

/// Looks for what an order created until something is found or that time has come.
pub(crate) async fn find_order_by_label<A: Cloud>(
    provider: &Provider<A>,
    snapshot: &Snapshot,
    what: (&OpenIntent, &OperationTag, &Map),
    until: Instant,
    poll: (Duration, Duration),
) -> Result<Option<RemoteId>, RecoverError> {
    let mut pause = poll.0;
    loop {
        // What is answered is as old as the question.
        let asked_at = Instant::now();
        let found = by_name(provider, snapshot, what).await?;
        if found.is_some() || asked_at >= until {
            return Ok(found);
        }
        tokio::time::sleep_until(until.min(Instant::now() + pause)).await;
        pause = next_delay(pause, poll);
    }
}

enum Ending {
    Made(String),
    Failed,
    InProgress,
}

/// How an order ended; none if the cloud does not tell.
async fn ended<A: Cloud>(
    provider: &Provider<A>,
    order: &OrderId,
    (settings, patience): (&ApplyOptions, Duration),
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
        if start.elapsed() >= patience {
            return Some(Ending::InProgress);
        }
        tokio::time::sleep(pause).await;
        pause = next_delay(pause, settings.poll);
    }
}

/// Whether the cloud still knows the token of a call.
pub(crate) fn is_young(intent: &OpenIntent, effects: &RunContext) -> bool {
    let (Ok(then), Ok(now)) = (
        intent.started_at.parse::<Timestamp>(),
        (effects.clock)().parse::<Timestamp>(),
    ) else {
        return false;
    };
    let age = Duration::try_from(now.duration_since(then)).unwrap_or_default();
    age < TOKEN_LIFE
}

/// The create of an open intent.
fn create_of<'a>(
    snapshot: &'a Snapshot,
    (intent, operation, asked): (&'a OpenIntent, &'a OperationTag, &'a Map),
) -> Create<'a> {
    let listed: &[String] = match &intent.kind {
        IntentKind::Create { listed, .. } => listed,
        IntentKind::Update { .. } | IntentKind::Delete { .. } => &[],
    };
    Create {
        operation,
        asked,
        since: &intent.started_at,
        clocks: CLOCKS,
        listed,
        key: Some(&snapshot.digest_key),
    }
}

/// Looks for what can only have been made by this create.
async fn by_name<A: Cloud>(
    provider: &Provider<A>,
    snapshot: &Snapshot,
    (intent, operation, asked): (&OpenIntent, &OperationTag, &Map),
) -> Result<Option<RemoteId>, RecoverError> {
    let create = create_of(snapshot, (intent, operation, asked));
    let found = if intent.address.kind().properties().has_unique_names {
        disk_named(provider, snapshot, create).await?
    } else {
        eips_named(provider, snapshot, create).await?
    };
    match &found[..] {
        [] => Ok(None),
        [one] if !has_rival(snapshot, intent, asked) => {
            Ok(RemoteId::new(intent.address.kind(), &one.id).ok())
        }
        several => Err(RecoverError::Ambiguous {
            address: intent.address.to_string(),
            ids: several.iter().map(|look| look.id.clone()).collect(),
        }),
    }
}

/// An EIP carries nothing of ours: one of that name and bandwidth that was made since and that
/// nothing has, neither a group nor this state, can only be it. What this state deliberately
/// removed, or has yet to delete, is not.
async fn eips_named<A: Cloud>(
    provider: &Provider<A>,
    snapshot: &Snapshot,
    create: Create<'_>,
) -> Result<Vec<RemoteObject>, CallError> {
    let mut eips = provider.all_eips().await?;
    eips.retain(|look| create.made(look) && !is_known(snapshot, look.kind(), &look.id));
    Ok(eips)
}

/// A disk carries our label, where the region has labels.
async fn disk_named<A: Cloud>(
    provider: &Provider<A>,
    snapshot: &Snapshot,
    create: Create<'_>,
) -> Result<Vec<RemoteObject>, CallError> {
    let name = create.asked.get("disk").and_then(|disk| disk.get("name"));
    let Some(name) = name.and_then(Value::as_str) else {
        return Ok(Vec::new());
    };
    let found = provider.disk_named(name).await?;
    let ours = found.filter(|look| {
        let is_labelled = matches!(&look.report, RemoteReport::Disk(disk)
            if is_made_by(disk, create.operation).is_some());
        let is_known = is_known(snapshot, look.kind(), &look.id);
        create.made(look) && (is_labelled || !is_known)
    });
    Ok(ours.into_iter().collect())
}

/// Whether the state knows this as something else than what an open create made: it has it, has
/// deliberately removed it, or is about to delete it.
fn is_known(snapshot: &Snapshot, kind: Kind, id: &str) -> bool {
    let mut resources = snapshot.resources.iter();
    let mut open = snapshot.open_intents.iter();
    resources.any(|(address, state)| address.kind() == kind && state.id.as_deref() == Some(id))
        || snapshot.removed.contains_key(id)
        || open.any(|open| matches!(&open.kind, IntentKind::Delete { id: other } if other == id))
}

/// Whether another create is open that could have made the same EIPs.
fn has_rival(snapshot: &Snapshot, intent: &OpenIntent, asked: &Map) -> bool {
    let mut open = snapshot.open_intents.iter();
    open.any(|other| match &other.kind {
        IntentKind::Create { planned: its, .. } => {
            let same = |name: &str| its.applied.get(name) == asked.get(name);
            let is_other =
                other.intent != intent.intent && other.address.kind().properties().is_unmarked();
            is_other && other.order.is_none() && same("name") && same("bandwidth")
        }
        IntentKind::Update { .. } | IntentKind::Delete { .. } => false,
    })
}
