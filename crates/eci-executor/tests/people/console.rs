//! Changes that users make in the vendor's console, and what it shows.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::cloud::Cloud;
use crate::disk::Disk;
use crate::log::{Call, Truth};
use crate::rng::Draws;
use crate::world::tag;

impl Cloud {
    /// Returns this cloud, noting every writing call.
    pub(crate) fn noting_calls(self) -> Cloud {
        let mut world = self.lock();
        world.log = Some(Vec::new());
        world.late_addresses = true;
        drop(world);
        self
    }

    /// Returns this cloud for a process that works on another state.
    pub(crate) fn of_state(mut self, disk: &Disk) -> Cloud {
        self.disk = disk.clone();
        self
    }

    /// Returns this cloud for deletes of objects that are in no state.
    pub(crate) fn without_intents(mut self) -> Cloud {
        self.intends = false;
        self
    }

    /// From now on groups are reported with the image with which they were created.
    pub(crate) fn report_old_images(&self) {
        self.lock().stale_images = true;
    }

    /// The number of writing calls so far.
    pub(crate) fn calls(&self) -> usize {
        self.lock().log.as_ref().map_or(0, Vec::len)
    }

    /// Those from this one on.
    pub(crate) fn calls_from(&self, first: usize) -> Vec<Call> {
        let world = self.lock();
        let log = world.log.as_deref().unwrap_or_default();
        log.get(first..).unwrap_or_default().to_vec()
    }

    /// The numbers of the calls that were sent and are not received yet.
    pub(crate) fn in_progress(&self) -> Vec<usize> {
        let world = self.lock();
        let log = world.log.iter().flatten().enumerate();
        let sent = log.filter(|(_, call)| call.effect.is_none());
        sent.map(|(number, _)| number).collect()
    }

    /// The ids of what these calls have changed by now.
    pub(crate) fn changed_by(&self, calls: &[usize]) -> BTreeSet<String> {
        let world = self.lock();
        let log = world.log.as_deref().unwrap_or_default();
        let effects = calls.iter().filter_map(|at| log.get(*at)?.effect.as_ref());
        let changed = effects.flat_map(|effect| &effect.changed);
        changed
            .filter(|(_, before, after)| before.is_some() && after.is_some())
            .map(|(id, ..)| id.clone())
            .collect()
    }

    /// Everything that there is.
    pub(crate) fn truth(&self) -> Truth {
        let mut world = self.lock();
        world.advance();
        world.truth()
    }

    /// The public IP addresses of EIPs, by their ids.
    pub(crate) fn public_ips(&self) -> BTreeMap<String, String> {
        let world = self.lock();
        let eips = world.services.eips.iter();
        let address = |eip: &Value| eip["eipAddress"].as_str().unwrap_or_default().to_owned();
        eips.map(|(id, eip)| (id.clone(), address(eip))).collect()
    }

    /// The operation tags of groups, and the tokens of the orders of EIPs and disks, by id.
    pub(crate) fn tags(&self) -> BTreeMap<String, String> {
        let mut world = self.lock();
        world.advance();
        let groups = world.groups.iter();
        let groups = groups.filter(|(_, group)| group.deleted_at.is_none());
        let groups: Vec<_> = groups
            .map(|(id, group)| (id.clone(), tag(&group.report)))
            .collect();
        let ordered = world.services.makings().into_iter();
        let ordered = ordered.filter_map(|(id, token)| Some((id?, token)));
        groups.into_iter().chain(ordered).collect()
    }

    /// The tokens of the orders of all EIPs and disks that there ever were, by id.
    pub(crate) fn ever_created(&self) -> BTreeMap<String, String> {
        let world = self.lock();
        let created = world.services.ever_created();
        created
            .map(|(id, token)| (id.clone(), token.clone()))
            .collect()
    }

    /// Edits a group.
    pub(crate) fn edit_group(&self, id: &str, edit: impl FnOnce(&mut Value)) {
        let mut world = self.lock();
        if let Some(group) = world.groups.get_mut(id) {
            edit(&mut group.report);
        }
        world.advance();
    }

    /// Edits an EIP or a disk.
    pub(crate) fn edit_object(&self, id: &str, edit: impl FnOnce(&mut Value)) {
        let mut world = self.lock();
        let services = &mut world.services;
        if let Some(object) = services.eips.get_mut(id).or(services.disks.get_mut(id)) {
            edit(object);
        }
    }

    /// Deletes a group at once.
    pub(crate) fn delete_now(&self, id: &str) {
        let mut world = self.lock();
        world.groups.remove(id);
        world.advance();
    }

    /// Creates an EIP that eci knows nothing of, and gives its id.
    pub(crate) fn create_eip_by_hand(&self, number: usize) -> String {
        let id = format!("eip-foreign-{number}");
        let eip = json!({
            "ID": id, "name": id, "bandwidth": 1, "status": "DOWN", "lineType": "163", "projectID": "0",
            "createdAt": "2026-01-01T00:00:00Z", "eipAddress": format!("198.19.0.{number}"),
        });
        self.lock().services.eips.insert(id.clone(), eip);
        id
    }

    /// Creates a group that eci knows nothing of, and gives its id.
    pub(crate) fn create_by_hand(&self, name: &str, image: &str, draws: &Draws) -> String {
        let body = json!({
            "containerGroupName": name, "vpcId": "vpc-0", "vSwitchId": "subnet-1",
            "securityGroupId": "sg-1", "azInfo": [{ "azName": "zone-1" }],
            "restartPolicy": "Always", "tags": [],
            "containers": [{ "name": "main", "image": image }],
        });
        let mut world = self.lock();
        let created = world.create(body, false, draws).unwrap();
        let id = created.container_group_id.to_string();
        if let Some(group) = world.groups.get_mut(&id) {
            group.visible_from = Instant::now();
        }
        id
    }
}

/// Sets an entry of a list of keys and values; nothing removes it.
pub(crate) fn set_entry(list: &mut Value, key: &str, value: Option<&str>) {
    let mut entries = list.as_array().cloned().unwrap_or_default();
    entries.retain(|entry| entry["key"] != key);
    if let Some(value) = value {
        entries.push(json!({ "key": key, "value": value }));
    }
    *list = json!(entries);
}
