//! A snapshot in parts, which are written and read in parallel: for stores that notice damage themselves.

use eci_core::{Address, parallel};
use eci_text::text;

use super::Snapshot;
use crate::error::StateError;
use crate::resource::ResourceState;

/// The number of resources in a part: a part is far smaller than a state for which time matters.
const PART: usize = 1_000;

impl Snapshot {
    /// Returns the snapshot in parts: first everything but the resources, then these, in the order of their
    /// addresses.
    ///
    /// # Errors
    /// If anything in it may not be stored.
    pub fn to_parts(&self) -> Result<Vec<Vec<u8>>, StateError> {
        let resources: Vec<(&Address, &ResourceState)> = self.resources.iter().collect();
        let resources: Vec<_> = resources.chunks(PART).collect();
        let first = serde_json::to_vec(&self.without_resources());
        let others = parallel::each(&resources, 1, serde_json::to_vec);
        let parts = std::iter::once(first).chain(others).collect();
        let parts: Result<Vec<Vec<u8>>, serde_json::Error> = parts;
        parts.map_err(|cause| StateError::NotSerializable {
            what: text!(en: "the state snapshot", zh: "状态快照"),
            cause,
        })
    }

    /// Reads what [`Snapshot::to_parts`] returned.
    ///
    /// # Errors
    /// If it is not that.
    pub fn from_parts(parts: &[&[u8]]) -> Result<Snapshot, serde_json::Error> {
        let first = parts.first().copied().unwrap_or_default();
        let others = parts.get(1..).unwrap_or_default();
        let mut snapshot: Snapshot = serde_json::from_slice(first)?;
        let read = parallel::each(others, 1, |part| {
            serde_json::from_slice::<Vec<(Address, ResourceState)>>(part)
        });
        let read: Vec<_> = read.into_iter().collect::<Result<_, _>>()?;
        snapshot.resources = read.into_iter().flatten().collect();
        Ok(snapshot)
    }

    fn without_resources(&self) -> Snapshot {
        Snapshot {
            format: self.format,
            revision: self.revision,
            lineage: self.lineage.clone(),
            serial: self.serial,
            journal: self.journal.clone(),
            digest_key: self.digest_key.clone(),
            cloud: self.cloud.clone(),
            resources: std::collections::BTreeMap::new(),
            outputs: self.outputs.clone(),
            open_intents: self.open_intents.clone(),
            removed: self.removed.clone(),
            names: self.names.clone(),
            lost: self.lost.clone(),
            formerly_sensitive: self.formerly_sensitive.clone(),
            migrating_from: self.migrating_from.clone(),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use eci_core::{DigestKey, Lineage};

    use super::*;
    use crate::testing::{eip, resource};

    #[test]
    fn a_snapshot_comes_back_from_its_parts() {
        for count in [0, 1, PART, 2 * PART + 1] {
            let mut snapshot = Snapshot::new(Lineage::new("ours"), DigestKey::new([1; 32]));
            for number in 0..count {
                let (label, id) = (format!("r{number}"), format!("eip-{number}"));
                snapshot.resources.insert(eip(&label), resource(&id));
            }
            let parts = snapshot.to_parts().unwrap();
            assert_eq!(parts.len(), 1 + count.div_ceil(PART));
            let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
            assert_eq!(Snapshot::from_parts(&parts).unwrap(), snapshot);
            assert!(Snapshot::from_parts(&parts[1..]).is_err());
        }
    }
}
