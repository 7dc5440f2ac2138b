//! Bindings of EIPs and disks to container groups, as these report them themselves.

use std::collections::{HashMap, HashSet};

use eci_api::types::EipId;
use eci_core::Map;
use eci_planner::attachment::{attached, disks};
use eci_planner::{Attachable, Observations, changed_address, has_automatic_eip};
use eci_provider::{Cloud, RemoteId, ResourceProvider};
use eci_state::Snapshot;

use super::reads::{AdditionalReads, Reads, holder};

impl Reads<'_> {
    /// Notes which group has which EIP and disk.
    ///
    /// Existing EIPs that groups use are read too, all in one call, and the EIPs of addresses that
    /// groups have from an unknown source. Existing disks are not: each group reports the IDs of
    /// those that it has mounted. The EIPs in `additional` are read for their addresses, too.
    pub(super) async fn bind<A: Cloud + 'static>(
        &self,
        provider: &ResourceProvider<A>,
        snapshot: &Snapshot,
        additional: &[EipId],
        observed: &mut Observations,
    ) {
        let existing = self.existing_eips(snapshot, additional);
        let unexplained = self.unexplained();
        let held = self.results.values().any(|result| result.holder.is_some());
        if existing.is_empty() && unexplained.is_empty() && !held {
            return;
        }
        let groups = Groups::new(self);
        for (id, result) in &self.results {
            let object = match id {
                RemoteId::Group(_) => continue,
                RemoteId::Eip(id) => Attachable::Eip(id.to_string()),
                RemoteId::Disk(id) => Attachable::Disk(id.to_string()),
            };
            if let Some(holder) = &result.holder {
                let holder = groups.holder(&object, holder.as_deref(), &result.attributes);
                observed.hold(object, holder);
            }
        }
        // Using an existing EIP does not require the right to read it: then nothing is known of it.
        let remotes = provider.eips(&existing).await;
        let mut remotes = remotes.unwrap_or_else(|error| {
            tracing::info!(%error, "cannot find the groups of the existing EIPs");
            Vec::new()
        });
        for address in unexplained {
            match provider.eips_at(address).await {
                Ok(found) => remotes.extend(found),
                Err(error) => tracing::info!(%error, address, "cannot find the EIP of an address"),
            }
        }
        for remote in remotes {
            if let Some(address) = text(&remote.attributes, "address")
                && additional.iter().any(|id| id.as_str() == remote.id)
            {
                observed.insert_eip_address(&remote.id, address);
            }
            if let Some(bandwidth) = remote.bandwidth() {
                observed.insert_eip_bandwidth(&remote.id, bandwidth);
            }
            if let Some(holder) = holder(&remote) {
                let object = Attachable::Eip(remote.id.clone());
                let holder = groups.holder(&object, holder.as_deref(), &remote.attributes);
                observed.hold(object, holder);
            }
        }
    }

    /// Returns the public IP addresses that groups have got since the last run, or have when they are
    /// imported, and that no EIP of this state has.
    fn unexplained(&self) -> Vec<&str> {
        let eips = self.results.iter();
        let eips = eips.filter(|(id, _)| id.kind().properties().is_public_ip);
        let known: HashSet<&str> = eips
            .filter_map(|(_, result)| text(&result.attributes, "address"))
            .collect();
        let groups = self.results.iter();
        let groups = groups.filter(|(id, _)| id.kind().properties().holds_attachments);
        let changed =
            groups.filter_map(|(id, result)| match self.known.get(id).copied().flatten() {
                Some(state) => changed_address(state, &result.attributes)?,
                None => text(&result.attributes, "internet_ip"),
            });
        changed.filter(|address| !known.contains(address)).collect()
    }

    /// Returns the EIPs whose addresses the plan requires: those that their own groups refer to,
    /// and all existing ones where a group has an automatic EIP, which might be one of them and
    /// which only its address identifies.
    pub(super) fn eips_to_read(
        &self,
        snapshot: &Snapshot,
        additional: &AdditionalReads<'_>,
    ) -> Vec<EipId> {
        let mut read = additional.own_eips.clone();
        let mut states = snapshot.resources.values();
        if states.any(|state| has_automatic_eip(&state.applied)) {
            let is_new = |id: &&EipId| !self.known.contains_key(&RemoteId::from((*id).clone()));
            let existing = additional.existing_eips.iter().filter(is_new);
            let unread: Vec<EipId> = existing.filter(|id| !read.contains(id)).cloned().collect();
            read.extend(unread);
        }
        read
    }

    /// Returns the EIPs that groups use and that are not managed, and the `additional` ones.
    fn existing_eips(&self, snapshot: &Snapshot, additional: &[EipId]) -> Vec<EipId> {
        let resources = snapshot.resources.iter();
        let groups = resources.filter(|(address, _)| address.kind().properties().holds_attachments);
        let mut existing = additional.to_vec();
        let mut known: HashSet<EipId> = additional.iter().cloned().collect();
        for object in groups.flat_map(|(_, state)| attached(&state.applied)) {
            let Attachable::Eip(id) = object else {
                continue;
            };
            if let Ok(id) = EipId::new(&*id)
                && !self.known.contains_key(&RemoteId::from(id.clone()))
                && known.insert(id.clone())
            {
                existing.push(id);
            }
        }
        existing
    }
}

/// The observed groups, by what identifies them.
struct Groups<'a> {
    /// By their ids, and those of their network interfaces.
    by_id: HashMap<&'a str, &'a str>,
    by_address: HashMap<&'a str, &'a str>,
    by_disk: HashMap<&'a str, &'a str>,
}

impl<'a> Groups<'a> {
    fn new(reads: &'a Reads<'_>) -> Groups<'a> {
        let mut groups = Groups {
            by_id: HashMap::new(),
            by_address: HashMap::new(),
            by_disk: HashMap::new(),
        };
        for (id, result) in &reads.results {
            let RemoteId::Group(group) = id else {
                continue;
            };
            let group = group.as_str();
            let attributes = &*result.attributes;
            groups.by_id.insert(group, group);
            let interface = text(attributes, "eni_id");
            groups.by_id.extend(interface.map(|id| (id, group)));
            let address = text(attributes, "internet_ip");
            groups.by_address.extend(address.map(|ip| (ip, group)));
            let disks = disks(attributes).into_iter();
            groups.by_disk.extend(disks.map(|disk| (disk, group)));
        }
        groups
    }

    /// Returns the ID of the group that has an object, if it is one of these, or the ID that the
    /// object reports. By which ID an EIP or a disk reports a group is not confirmed: so the
    /// address and the volumes of the group count as well.
    fn holder(
        &self,
        object: &Attachable,
        reported: Option<&str>,
        attributes: &Map,
    ) -> Option<String> {
        let by_id = reported.and_then(|id| self.by_id.get(id));
        let group = by_id.or_else(|| match object {
            Attachable::Eip(_) => self.by_address.get(text(attributes, "address")?),
            Attachable::Disk(id) => self.by_disk.get(&**id),
        });
        group.copied().or(reported).map(str::to_owned)
    }
}

fn text<'a>(attributes: &'a Map, name: &str) -> Option<&'a str> {
    let text = attributes.get(name)?.as_str()?;
    (!text.is_empty()).then_some(text)
}
