//! Acts in the vendor's console, and manifests that follow them.

use eci_planner::Mode;
use serde_json::{Value, json};

use super::Act;
use crate::config::{Config, Place};
use crate::console::set_entry;
use crate::history::History;
use crate::objects::{self, DISKS, Disk};
use crate::truth::password_of;

impl History {
    /// An object is edited in the console; the manifest may follow.
    pub(crate) fn edit_in_the_console(&mut self, at: usize) -> Option<Act> {
        let config = &self.states[at].config;
        let objects = config.eips.len() + config.disks.len();
        let mut act = match self.draws.below(10) {
            0..=2 if objects > 0 => self.edit_an_object(at),
            _ => self.edit_a_group(at),
        }?;
        if self.draws.percent(20) {
            act.order.options.mode = Mode::RefreshOnly;
            act.what += ", then a refresh";
        }
        Some(act)
    }

    fn id_of(&self, at: usize, address: &str) -> Option<String> {
        let address = address.parse().ok()?;
        let snapshot = self.states[at].snapshot();
        let id = snapshot.resources.get(&address)?.id.clone()?;
        self.cloud.truth().contains_key(&id).then_some(id)
    }

    fn edit_a_group(&mut self, at: usize) -> Option<Act> {
        let place = self.some_group(at)?;
        let address = place.address();
        let id = self.id_of(at, &address)?;
        let follows = self.draws.percent(50) && !matches!(place, Place::Key(..));
        let number = self.draws.below(5);
        let choice = self.draws.below(7);
        let cloud = self.cloud.clone();
        let foreign = (choice == 4).then(|| self.number());
        let group = self.config(at).groups.get_mut(&place)?;
        let what = match choice {
            0 => {
                let image = format!("app:{number}");
                cloud.edit_group(&id, |it| it["containers"][0]["image"] = json!(image));
                if follows {
                    group.image = image;
                }
                "the image"
            }
            1 => {
                let value = number.to_string();
                cloud.edit_group(&id, |it| set_entry(&mut it["tags"], "owner", Some(&value)));
                if follows {
                    group.tags.insert("owner", number);
                }
                "a tag"
            }
            2 => {
                cloud.edit_group(&id, |it| set_entry(&mut it["tags"], "team", None));
                if follows {
                    group.tags.remove("team");
                }
                "a tag away from"
            }
            3 => {
                let restarts = !group.restarts;
                let policy = if restarts { "Always" } else { "Never" };
                cloud.edit_group(&id, |it| it["restartPolicy"] = json!(policy));
                if follows {
                    group.restarts = restarts;
                }
                "the restart policy"
            }
            4 if group.eip.is_some() => {
                cloud.edit_group(&id, |it| it["eip"] = Value::Null);
                if follows {
                    group.eip = None;
                }
                "the EIP away from"
            }
            4 => {
                let eip = cloud.create_eip_by_hand(foreign.unwrap_or_default());
                cloud.edit_group(&id, |it| it["eip"] = json!({ "eipInstanceId": eip }));
                "an EIP that is not known here to"
            }
            5 if !group.disks.is_empty() => {
                cloud.edit_group(&id, |it| {
                    it["volumes"] = json!([]);
                    it["containers"][0]["volumeMount"] = json!([]);
                });
                if follows {
                    group.disks.clear();
                }
                "the disks away from"
            }
            _ => {
                cloud.delete_now(&id);
                "the end of"
            }
        };
        Some(Act::plain(format!(
            "in the console: {what} {address}, followed: {follows}"
        )))
    }

    fn edit_an_object(&mut self, at: usize) -> Option<Act> {
        let config = &self.states[at].config;
        let eips: Vec<&'static str> = config.eips.keys().copied().collect();
        let disks: Vec<&'static str> = config.disks.keys().copied().collect();
        let follows = self.draws.percent(50);
        let number = self.number();
        let cloud = self.cloud.clone();
        if !eips.is_empty() && (disks.is_empty() || self.draws.percent(60)) {
            let label = self.draws.one(&eips);
            let id = self.id_of(at, &objects::eip(label))?;
            if self.draws.percent(50) {
                return self.bind_elsewhere(at, label, &id);
            }
            let name = format!("eip{number}");
            cloud.edit_object(&id, |it| it["name"] = json!(name));
            if follows {
                self.config(at).eips.get_mut(label)?.name = name;
            }
            return Some(Act::plain(format!("in the console: renames eip.{label}")));
        }
        if disks.is_empty() {
            return None;
        }
        let label = self.draws.one(&disks);
        let id = self.id_of(at, &objects::volume(label))?;
        let disk = self.config(at).disks.get_mut(label)?;
        // A disk that others grew can only be followed.
        disk.size += 10;
        let size = disk.size;
        cloud.edit_object(&id, |it| it["diskSize"] = json!(size));
        Some(Act {
            stays: true,
            ..Act::plain(format!("in the console: grows volume.{label}"))
        })
    }

    /// The EIP is bound to a group that has none.
    fn bind_elsewhere(&mut self, at: usize, label: &str, id: &str) -> Option<Act> {
        let holder = self.states[at].config.holder(label);
        let config = &self.states[at].config;
        let others = config.groups.iter();
        let others: Vec<Place> = others
            .filter(|(place, group)| group.eip.is_none() && Some(**place) != holder)
            .map(|(place, _)| *place)
            .collect();
        if others.is_empty() {
            return None;
        }
        let other = self.draws.one(&others).address();
        let target = self.id_of(at, &other)?;
        for held_by in self.cloud.truth().into_keys() {
            self.cloud.edit_group(&held_by, |it| {
                if it["eip"]["eipInstanceId"] == *id {
                    it["eip"] = Value::Null;
                }
            });
        }
        let bound = json!({ "eipInstanceId": id });
        self.cloud.edit_group(&target, |it| it["eip"] = bound);
        Some(Act::plain(format!(
            "in the console: binds eip.{label} to {other}"
        )))
    }

    /// A change that may or may not be done, and is taken back.
    pub(crate) fn change_and_revert(&mut self, at: usize) -> Option<Act> {
        if let Some(before) = self.states[at].to_revert.take() {
            let mut before = before;
            for (label, disk) in &mut before.disks {
                // A disk never shrinks.
                if let Some(now) = self.states[at].config.disks.get(label) {
                    disk.size = disk.size.max(now.size);
                }
            }
            self.copy_passwords(at, &mut before);
            std::mem::swap(&mut self.states[at].config, &mut before);
            return Some(Act::plain("takes the last change back"));
        }
        let before = self.states[at].config.clone();
        if self.draws.percent(40) {
            return Some(self.describe_a_disk(at, before));
        }
        let place = self.some_group(at)?;
        let number = self.number();
        let hidden = self.draws.percent(60) && !matches!(place, Place::Key(..));
        let what = match self.config(at).groups.get_mut(&place) {
            // The cloud does not report it.
            Some(group) if hidden => {
                group.password = Some(number);
                "the password"
            }
            _ => self.change_group(at, place),
        };
        self.states[at].to_revert = Some(before);
        let mut act = Act::plain(format!("changes {what} of {}", place.address()));
        act.unknown = true;
        Some(act)
    }

    /// A disk that has grown in the console never shrinks, whatever was taken back.
    pub(crate) fn keep_sizes(&mut self, at: usize) {
        let truth = self.cloud.truth();
        let labels: Vec<&'static str> = self.states[at].config.disks.keys().copied().collect();
        for label in labels {
            let id = self.id_of(at, &objects::volume(label));
            let size = id.and_then(|id| truth[&id]["diskSize"].as_u64());
            if let (Some(size), Some(disk)) = (size, self.config(at).disks.get_mut(label)) {
                disk.size = disk.size.max(size);
            }
        }
    }

    /// An imported group has the password that it has: only the manifest shows it.
    fn copy_passwords(&self, at: usize, config: &mut Config) {
        let known = self.states[at].snapshot().resources.into_values();
        let known: Vec<String> = known.filter_map(|it| it.id).collect();
        let mut truth = self.cloud.truth();
        truth.retain(|id, _| !known.contains(id));
        for (to, import) in &config.imports {
            let mut groups = config.groups.iter_mut();
            let group = groups.find(|(place, _)| place.address() == *to);
            if let (Some((_, group)), Some(live)) = (group, truth.get(&import.id)) {
                group.password = password_of(live);
            }
        }
    }

    /// Gives a disk another description, which the cloud does not report, and maybe another name.
    fn describe_a_disk(&mut self, at: usize, before: Config) -> Act {
        let number = self.number();
        let Some(label) = before.disks.keys().next() else {
            let disk = Disk {
                name: format!("disk{number}"),
                size: 20,
                kind: 0,
                description: None,
            };
            self.config(at).disks.insert(DISKS[0], disk);
            return Act::plain(format!("adds volume.{}", DISKS[0]));
        };
        let renamed = self.draws.percent(50);
        let described = self.draws.percent(70);
        if let Some(disk) = self.config(at).disks.get_mut(label) {
            disk.description = described.then_some(number);
            if renamed {
                disk.name = format!("disk{number}");
            }
        }
        let mut act = Act::plain(format!("changes the description of volume.{label}"));
        self.states[at].to_revert = Some(before);
        act.unknown = true;
        act
    }
}
