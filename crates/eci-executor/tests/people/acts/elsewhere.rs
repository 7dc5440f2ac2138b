//! Other regions, other states, what is taken over and what is lost.

use eci_planner::Mode;

use super::{Act, is_named};
use crate::config::{Group, ImportTable, Place, Secret};
use crate::history::History;
use crate::objects::{self, DISK_KINDS, DISKS, Disk, EIPS, Eip, LINES};
use crate::run::Region;
use crate::truth::{holds_attachments, password_of};

impl History {
    /// A run against another region, which has nothing of all this.
    pub(crate) fn go_elsewhere(&mut self, at: usize) -> Option<Act> {
        // A state without anything may go anywhere.
        if !self.states[at].snapshot().is_bound() {
            return None;
        }
        let mut act = Act::refusable("runs against another region");
        act.order.place = self.draws.one(&[
            Region::Elsewhere,
            Region::AnotherEndpoint,
            Region::AnotherAccount,
        ]);
        act.order.options.mode = self
            .draws
            .one(&[Mode::Apply, Mode::RefreshOnly, Mode::Destroy]);
        Some(act)
    }

    /// An existing object is imported, or one is removed from the state.
    pub(crate) fn import_resource(&mut self, at: usize) -> Option<Act> {
        if self.draws.percent(20) {
            self.config(at).imports.clear();
        }
        if self.draws.percent(30) {
            return self.release_resource(at);
        }
        if self.draws.percent(30) {
            return self.take_back(at);
        }
        let free = self.states[at].config.free();
        let free: Vec<Place> = free.into_iter().filter(|it| it.label().is_some()).collect();
        if free.is_empty() {
            return None;
        }
        let place = self.draws.one(&free);
        let name = format!("n{}", self.number());
        let image = format!("app:{}", self.draws.below(2));
        let id = self.cloud.create_by_hand(&name, &image, &self.draws);
        let group = Group {
            name: Some(name),
            image: format!("app:{}", self.draws.below(2)),
            restarts: true,
            ..Group::default()
        };
        let config = self.config(at);
        config.groups.insert(place, group);
        let import = ImportTable {
            id: id.clone(),
            take_over: false,
        };
        config.imports.insert(place.address(), import);
        Some(Act::plain(format!("imports {id} as {}", place.address())))
    }

    /// `[[removed]]`: removed from the state, and stays in the cloud.
    fn release_resource(&mut self, at: usize) -> Option<Act> {
        let place = self.some_group(at)?;
        let holds = {
            let address = place.address().parse().ok()?;
            let snapshot = self.states[at].snapshot();
            let id = snapshot
                .resources
                .get(&address)
                .and_then(|it| it.id.as_deref());
            let truth = self.cloud.truth();
            let live = id.and_then(|id| truth.get(id));
            live.is_some_and(holds_attachments)
        };
        // What it has could never be given to another group.
        if matches!(place, Place::Key(..))
            || holds
            || !self.states[at].snapshot().open_intents.is_empty()
        {
            return None;
        }
        let config = self.config(at);
        config.forget(&place.address());
        config.removed.insert(place.address(), false);
        Some(Act::plain(format!("lets {} go", place.address())))
    }

    /// A resource that was removed from the state is imported again.
    fn take_back(&mut self, at: usize) -> Option<Act> {
        let truth = self.cloud.truth();
        let released = self.states[at].released.iter();
        let released: Vec<String> = released
            .filter(|id| truth.contains_key(*id) && id.starts_with("eci-"))
            .cloned()
            .collect();
        if released.is_empty() {
            return None;
        }
        let id = released[self.draws.below(released.len())].clone();
        let mut act = self.import(at, &id, false)?;
        // It may have been handed over to another state since.
        act.may_be_refused |= self.states.iter().enumerate().any(|(other, state)| {
            let snapshot = state.snapshot();
            let mut resources = snapshot.resources.values();
            other != at && resources.any(|resource| resource.id.as_deref() == Some(&*id))
        });
        Some(act)
    }

    /// Declares and imports a group that is there.
    fn import(&mut self, at: usize, id: &str, take_over: bool) -> Option<Act> {
        let mut imports = self.states[at].config.imports.values();
        if imports.any(|import| import.id == id) {
            return None;
        }
        let place = self.declare_alike(at, id)?;
        let address = place.address();
        let import = ImportTable {
            id: id.to_owned(),
            take_over,
        };
        self.config(at).imports.insert(address.clone(), import);
        Some(Act::plain(format!("imports {id} as {address}")))
    }

    /// Declares a group like one that is there.
    fn declare_alike(&mut self, at: usize, id: &str) -> Option<Place> {
        let free = self.states[at].config.free();
        let free: Vec<Place> = free.into_iter().filter(|it| it.label().is_some()).collect();
        if free.is_empty() {
            return None;
        }
        let place = self.draws.one(&free);
        let truth = self.cloud.truth();
        let live = truth.get(id)?;
        if holds_attachments(live) {
            return None;
        }
        // It is unknown that a value that no manifest declares is a secret.
        let is_secret = |secret: &Secret| live.to_string().contains(&secret.value());
        if self
            .states
            .iter()
            .any(|state| state.hidden.iter().any(is_secret))
        {
            return None;
        }
        let text = |at: &str| {
            let text = live.pointer(at).and_then(serde_json::Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        let group = Group {
            name: Some(text("/containerGroupName")),
            image: text("/containers/0/image"),
            vpc: usize::from(text("/vpcId") == "vpc-1"),
            restarts: text("/restartPolicy") != "Never",
            // The cloud does not report it: only the manifest shows it.
            password: password_of(live),
            ..Group::default()
        };
        self.config(at).groups.insert(place, group);
        Some(place)
    }

    /// A state takes over a resource that the other one has, or has removed.
    pub(crate) fn take_from_the_other(&mut self, at: usize) -> Option<Act> {
        let other = 1 - at;
        let truth = self.cloud.truth();
        if self.draws.percent(30) {
            // First the other one removes a resource.
            return self.release_resource(at);
        }
        let released = self.states[other].released.iter();
        let released: Vec<String> = released
            .filter(|id| truth.contains_key(*id) && id.starts_with("eci-"))
            .cloned()
            .collect();
        let snapshot = self.states[other].snapshot();
        let owned = snapshot.resources.values().filter_map(|it| it.id.clone());
        let owned: Vec<String> = owned
            .filter(|id| id.starts_with("eci-") && truth.contains_key(id))
            .collect();
        let handed = !released.is_empty() && self.draws.percent(60);
        let from = if handed { &released } else { &owned };
        if from.is_empty() {
            return None;
        }
        let id = from[self.draws.below(from.len())].clone();
        let seized = !handed && self.draws.percent(50);
        let mut act = self.import(at, &id, handed || seized)?;
        act.may_be_refused = true;
        act.what += match (handed, seized) {
            (true, _) => ", handed over",
            (false, true) => ", though the other one has it",
            (false, false) => ", which the other one owns",
        };
        Some(act)
    }

    /// Adopts some of what the state lost, all at once.
    fn adopt(&mut self, at: usize, mut orphaned: Vec<String>) -> Option<Act> {
        let mut act = Act::refusable("adopts");
        for _ in 0..1 + self.draws.below(3) {
            if orphaned.is_empty() {
                break;
            }
            let id = orphaned.remove(self.draws.below(orphaned.len()));
            let address = if id.starts_with("eci-") {
                self.declare_alike(at, &id).map(Place::address)
            } else {
                self.declare_object_alike(at, &id)
            };
            if let Some(address) = address {
                act.what += &format!(" {id} as {address}");
                act.order.adopts.push((address, id));
            }
        }
        (!act.order.adopts.is_empty()).then_some(act)
    }

    /// Declares an EIP or a disk like one that is there.
    fn declare_object_alike(&mut self, at: usize, id: &str) -> Option<String> {
        let truth = self.cloud.truth();
        let live = truth.get(id)?;
        let text = |at: &str| live[at].as_str().unwrap_or_default().to_owned();
        let config = &mut self.states[at].config;
        let is_eip = live["lineType"].is_string();
        let labels = if is_eip { &EIPS[..] } else { &DISKS[..] };
        let is_free = |label: &&&str| {
            let address = if is_eip {
                objects::eip(label)
            } else {
                objects::volume(label)
            };
            let is_there = config.eips.contains_key(**label) || config.disks.contains_key(**label);
            !is_there && !is_named(config, &address)
        };
        let label = *labels.iter().find(is_free)?;
        if is_eip {
            let eip = Eip {
                name: text("name"),
                bandwidth: live["bandwidth"].as_u64()?,
                line: usize::from(text("lineType") == LINES[1]),
            };
            config.eips.insert(label, eip);
            return Some(objects::eip(label));
        }
        let has_name = |disk: &Disk| disk.name == text("diskName");
        if config.disks.values().any(has_name) {
            return None;
        }
        let disk = Disk {
            name: text("diskName"),
            size: live["diskSize"].as_u64()?,
            kind: usize::from(text("diskType") == DISK_KINDS[1]),
            description: None,
        };
        config.disks.insert(label, disk);
        Some(objects::volume(label))
    }

    /// The state comes back from a backup, or what it forgot is adopted or deleted.
    pub(crate) fn lose_resource(&mut self, at: usize) -> Option<Act> {
        let truth = self.cloud.truth();
        let orphaned = self.states[at].orphaned.iter();
        let orphaned: Vec<String> = orphaned
            .filter(|id| truth.contains_key(*id))
            .cloned()
            .collect();
        if !orphaned.is_empty() && self.draws.percent(20) {
            return Some(Act {
                deletes_orphans: true,
                ..Act::refusable("deletes the orphans")
            });
        }
        if !orphaned.is_empty() && self.draws.percent(70) {
            return self.adopt(at, orphaned);
        }
        let state = &mut self.states[at];
        let now = state.snapshot();
        let back = state.past.iter().rev().nth(2)?.clone();
        if !now.open_intents.is_empty() || !back.open_intents.is_empty() {
            return None;
        }
        let ids = |snapshot: &eci_state::Snapshot| -> Vec<String> {
            let resources = snapshot.resources.values();
            resources.filter_map(|it| it.id.clone()).collect()
        };
        let known = ids(&back);
        let lost = ids(&now).into_iter().filter(|id| !known.contains(id));
        state.orphaned.extend(lost);
        // What was removed or protected since, and what was sent that the cloud does not report, is
        // lost as well.
        let lost = |id: &String| !back.removed.contains_key(id);
        state.orphaned.extend(state.released.extract_if(.., lost));
        let is_protected = |id: &String| {
            let mut resources = back.resources.values();
            resources.any(|it| it.prevent_destroy == Some(true) && it.id.as_ref() == Some(id))
        };
        state.guarded.retain(is_protected);
        state.owed.clear();
        state.troubled = true;
        state.disk.restore(&back);
        // The manifest has what the state forgot no longer, so that it is not created again.
        let known: Vec<String> = back.resources.keys().map(ToString::to_string).collect();
        for address in state.config.addresses() {
            if !known.contains(&address) {
                state.config.forget(&address);
            }
        }
        state.config.moved.clear();
        Some(Act {
            stays: true,
            ..Act::refusable("restores the state from a backup")
        })
    }
}
