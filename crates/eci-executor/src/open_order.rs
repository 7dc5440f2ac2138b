//! An order of unknown outcome: a create of an EIP or a disk that an earlier run left open.

use std::time::Duration;

use eci_api::CallError;
use eci_core::{Kind, Map, OperationTag, Value};
use eci_provider::{Cloud, RemoteId, RemoteObject, ResourceProvider};
use eci_state::{IntentKind, OpenIntent, Snapshot};
use tokio::time::Instant;

use crate::ambiguous_create::AmbiguousCreate;
use crate::effects::Effects;
use crate::options::PollInterval;
use crate::recognize::{CLOCKS, Create};
use crate::recover_error::RecoverError;

/// The time for which the cloud knows a client token (API reference), with an hour to spare.
const TOKEN_LIFE: Duration = Duration::from_secs(23 * 60 * 60);

/// Returns whether the cloud still knows the token of a call.
pub(crate) fn is_young(intent: &OpenIntent, effects: &Effects) -> bool {
    let age = effects.since(&intent.started_at);
    age.is_some_and(|age| age < TOKEN_LIFE)
}

/// A create of an EIP or a disk whose outcome is unknown.
#[derive(Clone, Copy)]
pub(crate) struct OpenOrder<'a> {
    /// The state that it was left open in.
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) intent: &'a OpenIntent,
    pub(crate) operation: &'a OperationTag,
    /// The attributes that were requested.
    pub(crate) requested: &'a Map,
}

impl<'a> OpenOrder<'a> {
    /// Returns the create, by which what it created is recognized.
    pub(crate) fn create(&self) -> Create<'a> {
        let listed: &[String] = match &self.intent.kind {
            IntentKind::Create { listed, .. } => listed,
            IntentKind::Update { .. } | IntentKind::Delete { .. } => &[],
        };
        Create {
            operation: self.operation,
            requested: self.requested,
            since: &self.intent.started_at,
            clocks: CLOCKS,
            listed,
            key: Some(&self.snapshot.digest_key),
        }
    }

    /// Looks for what it created until an object is found or the time is over.
    ///
    /// # Errors
    /// If a call fails, or several objects could be what it created.
    pub(crate) async fn find<A: Cloud>(
        &self,
        provider: &ResourceProvider<A>,
        until: Instant,
        poll: PollInterval,
    ) -> Result<Option<RemoteId>, RecoverError> {
        let mut pause = poll.initial;
        loop {
            // What is answered is as old as the question.
            let called_at = Instant::now();
            let found = self.remote(provider).await?;
            if found.is_some() || called_at >= until {
                return Ok(found);
            }
            tokio::time::sleep_until(until.min(Instant::now() + pause)).await;
            pause = poll.after(pause);
        }
    }

    /// Looks once for what can only have been created by this.
    async fn remote<A: Cloud>(
        &self,
        provider: &ResourceProvider<A>,
    ) -> Result<Option<RemoteId>, RecoverError> {
        let kind = self.intent.address.kind();
        let found = if kind.properties().has_unique_names {
            self.disk(provider).await?
        } else {
            self.eips(provider).await?
        };
        match &found[..] {
            [] => Ok(None),
            [one] if !self.has_rival() => Ok(RemoteId::new(kind, &one.id).ok()),
            several => Err(RecoverError::Ambiguous(AmbiguousCreate {
                address: self.intent.address.to_string(),
                ids: several.iter().map(|remote| remote.id.clone()).collect(),
            })),
        }
    }

    /// Returns the EIPs that it may have created.
    ///
    /// An EIP carries nothing of ours: one of that name and bandwidth that was created since and that
    /// nothing has, neither a group nor this state, can only be it. What this state deliberately
    /// removed, or has yet to delete, is not.
    async fn eips<A: Cloud>(
        &self,
        provider: &ResourceProvider<A>,
    ) -> Result<Vec<RemoteObject>, CallError> {
        let create = self.create();
        let mut eips = provider.all_eips().await?;
        eips.retain(|remote| create.is_result(remote) && !self.is_known(remote.kind(), &remote.id));
        Ok(eips)
    }

    /// Returns the disk that it created.
    ///
    /// A disk carries our label, where the region has labels.
    async fn disk<A: Cloud>(
        &self,
        provider: &ResourceProvider<A>,
    ) -> Result<Vec<RemoteObject>, CallError> {
        let create = self.create();
        let name = self.requested.get("disk").and_then(|disk| disk.get("name"));
        let Some(name) = name.and_then(Value::as_str) else {
            return Ok(Vec::new());
        };
        let found = provider.disk_named(name).await?;
        let ours = found.filter(|remote| {
            let is_labeled = remote.is_created_by(create.operation).is_some();
            let is_known = self.is_known(remote.kind(), &remote.id);
            create.is_result(remote) && (is_labeled || !is_known)
        });
        Ok(ours.into_iter().collect())
    }

    /// Returns whether the state knows this as something other than the result of an open create:
    /// it has it, has deliberately removed it, or is about to delete it.
    fn is_known(&self, kind: Kind, id: &str) -> bool {
        let snapshot = self.snapshot;
        let mut resources = snapshot.resources.iter();
        let mut open = snapshot.open_intents.iter();
        resources.any(|(address, state)| address.kind() == kind && state.id.as_deref() == Some(id))
            || snapshot.removed.contains_key(id)
            || open
                .any(|open| matches!(&open.kind, IntentKind::Delete { id: other } if other == id))
    }

    /// Returns whether another create is open that could have created the same EIPs.
    fn has_rival(&self) -> bool {
        let mut open = self.snapshot.open_intents.iter();
        open.any(|other| match &other.kind {
            IntentKind::Create { planned: its, .. } => {
                let same = |name: &str| its.applied.get(name) == self.requested.get(name);
                let is_other = other.intent != self.intent.intent
                    && other.address.kind().properties().is_unmarked();
                is_other && other.order.is_none() && same("name") && same("bandwidth")
            }
            IntentKind::Update { .. } | IntentKind::Delete { .. } => false,
        })
    }
}
