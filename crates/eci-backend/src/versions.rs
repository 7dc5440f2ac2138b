//! Earlier versions of a state, and who wrote them.

use std::collections::BTreeMap;

use eci_core::Serial;
use eci_state::{RemoteError, Snapshot, StateError, Version};
use eci_text::Text;

use crate::device::{ObjectId, Series};
use crate::keys::Keys;
use crate::log::{FoundObject, Log};
use crate::snapshot_object::SnapshotObject;

impl Log {
    /// Returns earlier snapshots, the oldest first; unreadable ones are left out.
    pub(crate) async fn snapshots(&self) -> Result<Vec<Snapshot>, StateError> {
        let Some(mut keys) = self.keys().await? else {
            return Ok(Vec::new());
        };
        let mut snapshots = Vec::new();
        for number in self.list(Series::Snapshot, 0).await? {
            match self.snapshot_at(&mut keys, number).await {
                Ok(snapshot) => snapshots.extend(snapshot),
                Err(StateError::Remote(error @ RemoteError::Device { .. })) => {
                    return Err(error.into());
                }
                Err(error) => tracing::debug!(%error, number, "an earlier version is left out"),
            }
        }
        Ok(snapshots)
    }

    /// Returns the snapshot with this number; `None` if it does not exist.
    async fn snapshot_at(
        &self,
        keys: &mut Keys,
        number: u64,
    ) -> Result<Option<Snapshot>, StateError> {
        let object = ObjectId::new(Series::Snapshot, number);
        match self.get(object).await? {
            Some(stored) => Ok(Some(self.open_snapshot(keys, object, &stored)?.snapshot)),
            None => Ok(None),
        }
    }

    /// Returns the newest snapshot with this serial; `None` if none is kept.
    pub(crate) async fn version(&self, serial: Serial) -> Result<Option<Snapshot>, StateError> {
        let Some(mut keys) = self.keys().await? else {
            return Ok(None);
        };
        let authored = self.authored(&mut keys).await?;
        let newest = authored.iter().rev();
        let mut numbers = newest.filter(|(_, version)| version.serial == serial);
        let Some((&number, _)) = numbers.next() else {
            return Ok(None);
        };
        let is_earlier = authored.keys().next_back() != Some(&number);
        match self.snapshot_at(&mut keys, number).await {
            // The damage of the newest one is that of the state.
            Err(StateError::Remote(RemoteError::Damaged {
                location, damage, ..
            })) if is_earlier => Err(RemoteError::VersionDamaged {
                location,
                serial,
                damage,
            }
            .into()),
            found => found,
        }
    }

    /// Returns who wrote which version, the oldest first.
    pub(crate) async fn history(&self) -> Result<Vec<Version>, StateError> {
        match self.keys().await? {
            Some(mut keys) => Ok(self.authored(&mut keys).await?.into_values().collect()),
            None => Ok(Vec::new()),
        }
    }

    /// Returns who wrote which version, by the numbers of the snapshots that are kept.
    ///
    /// Versions of which nothing can be read are left out.
    async fn authored(&self, keys: &mut Keys) -> Result<BTreeMap<u64, Version>, StateError> {
        let numbers = self.list(Series::Snapshot, 0).await?;
        let mut authored = BTreeMap::new();
        for FoundObject { object, stored } in self.get_all(Series::History, &numbers).await? {
            let read = stored.map(|stored| {
                let opened = self.open_object(keys, object, &stored.bytes)?;
                self.parse(object, &opened.clear)
            });
            let damage = match read {
                Some(Ok(version)) => {
                    authored.insert(object.number, version);
                    continue;
                }
                Some(Err(error)) => Some(Text::of(&error)),
                None => None,
            };
            match self.author_of(keys, object.number, damage).await {
                Ok(version) => authored.extend(version),
                Err(error) if error.is_damage() => {
                    tracing::warn!(%error, "a version is left out");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(authored)
    }

    /// Returns what a snapshot itself says of its author: its run ended before it wrote the history, or that has
    /// this damage.
    async fn author_of(
        &self,
        keys: &mut Keys,
        number: u64,
        damage: Option<Text>,
    ) -> Result<Option<(u64, Version)>, StateError> {
        let object = ObjectId::new(Series::Snapshot, number);
        let Some(stored) = self.get(object).await? else {
            return Ok(None);
        };
        let SnapshotObject { held, snapshot, .. } = self.open_snapshot(keys, object, &stored)?;
        let mut version = match damage {
            // The time of the snapshot may be that of the damage.
            Some(damage) => Version::damaged(&snapshot, damage),
            None => Version::unattributed(&snapshot, format!("{:.0}", stored.created)),
        };
        if let Some(hold) = held {
            version.command = Some(hold.holder.command);
            version.host = Some(hold.holder.host);
        }
        Ok(Some((number, version)))
    }
}
