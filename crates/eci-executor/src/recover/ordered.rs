//! What an earlier run ordered: found by its order, by its token, or by its name.

use std::time::Duration;

use eci_api::CallError;
use eci_api::types::{OrderId, OrderState};
use eci_core::{Kind, Map, OperationTag, Value};
use eci_provider::{Cloud, Look, Provider, ThingId, Told, is_made_by};
use eci_state::{OpenIntent, Snapshot};
use jiff::Timestamp;
use tokio::time::Instant;

use super::RecoverError;
use crate::settings::{Effects, Settings, longer};

/// How long the cloud knows a client token (vendor's page), with an hour to spare.
const TOKEN_LIFE: Duration = Duration::from_secs(23 * 60 * 60);

/// By so much the clocks of the cloud and of this machine may differ.
const CLOCKS: Duration = Duration::from_secs(5 * 60);

/// What a read tells of an order of unknown outcome.
pub(super) enum Found {
    /// It made this.
    Made(ThingId),
    /// It made nothing.
    Nothing,
    /// Nobody can tell without placing it again.
    Pending,
}

/// What the create of an open intent made, as far as reads tell: its order, the label that a disk
/// carries, or, once the cloud does not know its token any more, its name.
pub(super) async fn found<A: Cloud>(
    provider: &Provider<A>,
    snapshot: &Snapshot,
    (intent, operation, asked): (&OpenIntent, &OperationTag, &Map),
    (settings, effects): (&Settings, &Effects),
) -> Result<Found, RecoverError> {
    let kind = intent.address.kind();
    let made = |id: &str| ThingId::new(kind, id).map_or(Found::Nothing, Found::Made);
    let is_young = is_young(intent, effects);
    let patience = if is_young {
        Duration::ZERO
    } else {
        settings.create_timeout
    };
    let known = intent.order.as_deref().map(OrderId::new);
    if let Some(Ok(order)) = known {
        match ended(provider, &order, (settings, patience)).await {
            Some(Ending::Made(id)) => return Ok(made(&id)),
            Some(Ending::Failed) => return Ok(Found::Nothing),
            // Its token or its name may tell.
            None => {}
        }
    }
    if !is_young {
        let found = by_name(provider, snapshot, (intent, operation, asked)).await?;
        return Ok(found.map_or(Found::Nothing, Found::Made));
    }
    Ok(
        match labelled(provider, (intent, operation, asked)).await? {
            Some(id) => made(&id),
            None => Found::Pending,
        },
    )
}

enum Ending {
    Made(String),
    Failed,
}

/// The id of the disk that carries the label of this create.
async fn labelled<A: Cloud>(
    provider: &Provider<A>,
    (intent, operation, asked): (&OpenIntent, &OperationTag, &Map),
) -> Result<Option<String>, CallError> {
    let name = asked.get("disk").and_then(|disk| disk.get("name"));
    let (Kind::Volume, Some(name)) = (intent.address.kind(), name.and_then(Value::as_str)) else {
        return Ok(None);
    };
    let found = provider.disk_named(name).await?;
    let is_ours = |look: &Look| match &look.told {
        Told::Disk(disk) => is_made_by(disk, operation) == Some(true),
        Told::Group(..) | Told::Eip(_) => false,
    };
    Ok(found.filter(is_ours).map(|look| look.id))
}

/// How an order ended; none if the cloud does not tell.
async fn ended<A: Cloud>(
    provider: &Provider<A>,
    order: &OrderId,
    (settings, patience): (&Settings, Duration),
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
            return None;
        }
        tokio::time::sleep(pause).await;
        pause = longer(pause, settings.poll);
    }
}

/// Whether the cloud still knows the token of a call.
pub(crate) fn is_young(intent: &OpenIntent, effects: &Effects) -> bool {
    let (Ok(then), Ok(now)) = (
        intent.at.parse::<Timestamp>(),
        (effects.now)().parse::<Timestamp>(),
    ) else {
        return false;
    };
    let age = Duration::try_from(now.duration_since(then)).unwrap_or_default();
    age < TOKEN_LIFE
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
